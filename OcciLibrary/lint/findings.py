"""Findings of the lint, with their places, gathered within bounds."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from OcciLibrary.lint.rules import EDITIONS, RULES, Edition, Level
from OcciLibrary.occi.errors import excerpt

_MOST_OF_A_RULE = 100
_SEEN = 80


@dataclass(frozen=True, slots=True)
class Place:
    """Says where something stands: offsets in characters from 0, lines and columns from 1; the end is behind it."""

    begin: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Holds one deviation.

    ``message`` is a plain sentence without its full stop, ``expected`` what is due there (may be empty), ``seen`` the smallest
    piece of the text that is wrong (shortened), ``clauses`` the places of the documents, by edition, and ``field`` the name of the
    OCCI field in which it stands ('' for what stands in none).
    """

    rule: str
    level: Level
    message: str
    expected: str
    seen: str
    place: Place
    clauses: tuple[tuple[Edition, str], ...]
    field: str = ""

    @property
    def clause(self) -> str:
        """Gives the clauses as messages show them: ``GFD.185 §3.5.1 (1.1), GFD.229 §4 (1.2)``."""
        if len(self.clauses) == len(EDITIONS) and len({clause for _, clause in self.clauses}) == 1:
            return self.clauses[0][1]
        return ", ".join(f"{clause} ({edition})" for edition, clause in self.clauses)


class FindingLog:
    """Gathers the findings of one text; of each rule so many are kept, and the others counted.

    ``editions`` are those that the text may follow: what one of them allows is no finding. ``field`` is the name of the OCCI
    field that is being looked at.
    """

    def __init__(self, text: str, editions: Collection[Edition] = EDITIONS) -> None:
        self.text = text
        self.field = ""
        self.editions = frozenset(editions)
        self._line_starts: list[int] | None = None
        self._counts: Counter[str] = Counter()
        self._found: list[Finding] = []

    def add(self, rule: str, begin: int, end: int, message: str, expected: str = "") -> None:
        """Records a deviation that stands from ``begin`` to ``end`` in the text."""
        known = RULES[rule]
        if not self.editions <= known.clauses.keys():
            return
        self._counts[rule] += 1
        if self._counts[rule] > _MOST_OF_A_RULE:
            return
        begin = min(max(begin, 0), len(self.text))
        end = min(max(begin, end), len(self.text))
        seen = self.text[begin:end]
        shown = seen if len(seen) <= _SEEN else seen[:_SEEN] + "…"
        clauses = tuple((edition, known.clauses[edition]) for edition in EDITIONS if edition in known.clauses)
        self._found.append(
            Finding(rule, known.level, message, expected, shown, self.place(begin, end), clauses, self.field)
        )

    def has(self, rule: str) -> bool:
        """Tells whether a rule was broken."""
        return self._counts[rule] > 0

    @property
    def has_errors(self) -> bool:
        """Tells whether there is a finding of the level error."""
        return any(finding.level == "error" for finding in self._found)

    def place(self, begin: int, end: int) -> Place:
        """Gives the lines and columns of two offsets."""
        return Place(begin, end, *self._line_and_column(begin), *self._line_and_column(end))

    def result(self) -> tuple[Finding, ...]:
        """Gives what was found, in the order of the text; the last kept one of a rule tells of those left out."""
        found = sorted(self._found, key=lambda finding: (finding.place.begin, finding.place.end))
        told: set[str] = set()
        for index in range(len(found) - 1, -1, -1):
            rule = found[index].rule
            if self._counts[rule] > _MOST_OF_A_RULE and rule not in told:
                more = f"{found[index].message} (and {self._counts[rule] - _MOST_OF_A_RULE} more of the kind)"
                found[index] = replace(found[index], message=more)
            told.add(rule)
        return tuple(found)

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        if self._line_starts is None:
            self._line_starts = _line_starts(self.text)
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


def _line_starts(text: str) -> list[int]:
    """Gives where lines begin: LF, CRLF and CR end one, and nothing else does."""
    starts, position = [0], 0
    is_mixed = "\r" in text
    for index, character in enumerate(text) if is_mixed else ():
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            starts.append(index + 1)
    while not is_mixed and (position := text.find("\n", position) + 1):
        starts.append(position)
    return starts


def quoted(text: str) -> str:
    """Gives a foreign text as messages show it."""
    return excerpt(text)
