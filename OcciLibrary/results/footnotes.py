"""Footnotes: what runs remarked and people noted on cells, each wording once and numbered in the order of the matrix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from OcciLibrary.results.matrix import CaseCell, Matrix, Site, StepCell

# Dates, times of day, and durations: in nearly every run others.
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z?)?"
    r"|(?<![\w:.])\d\d:\d\d:\d\d(?:\.\d{1,9})?"
    r"|(?<![\w.:-])\d{1,9}(?:\.\d{1,9})?(?= ?(?:ms|s|min|h|seconds?|minutes?|hours?|days?)\b)"
)


@dataclass(slots=True)
class Footnote:
    """Holds one remark or note, the bug's address where a person gave one, and the cells it is about: site and step.

    Remarks that differ in nothing but times are one: `times` has those of each.
    """

    number: int
    wording: tuple[str, ...]
    bug: str
    by_a_person: bool
    times: list[list[str]] = field(default_factory=list)
    cells: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Returns the text; where times differ, the least and the greatest stand in it."""
        spans = [_span(told) for told in zip(*self.times, strict=True)]
        return "".join(map("".join, zip(self.wording, [*spans, ""], strict=True)))

    @property
    def where(self) -> str:
        """Returns the cells in words."""
        return ", ".join(f"{site} {step}" for site, step in self.cells)


class Footnotes:
    """Numbers the remarks and notes of a matrix.

    What conformance tests remark is not among them: there can be dozens for a site, each about a piece of its own messages. They
    stand on the pages of the site and the step.
    """

    def __init__(self, matrix: Matrix) -> None:
        self._by_wording: dict[tuple[tuple[str, ...], str, bool], Footnote] = {}
        self._all: list[Footnote] = []
        self._of_cell: dict[tuple[str, str, str], list[int]] = {}
        for site in matrix.sites:
            for case in site.cases:
                for cell in case.steps:
                    self._number(site, cell)

    @property
    def all(self) -> list[Footnote]:
        """Returns the footnotes by number."""
        return self._all

    def of_step(self, site: Site, cell: StepCell) -> list[int]:
        """Returns the numbers on a step's cell."""
        return self._of_cell.get((site.name, cell.title.group, cell.title.key), [])

    def of_case(self, site: Site, case: CaseCell) -> list[int]:
        """Returns the numbers on a test case's cell: those of its steps."""
        return sorted({number for cell in case.steps for number in self.of_step(site, cell)})

    def _number(self, site: Site, cell: StepCell) -> None:
        remarks = cell.step.remarks if cell.step and cell.step.group != "conformance" else ()
        own = [self._remark(remark) for remark in remarks]
        own += [self._known((note.text,), note.bug, True) for note in cell.notes]
        numbers = list(dict.fromkeys(note.number for note in own))
        if numbers:
            self._of_cell[site.name, cell.title.group, cell.title.key] = numbers
        for number in numbers:
            self._all[number - 1].cells.append((site.name, cell.title.key))

    def _remark(self, remark: str) -> Footnote:
        known = self._known(tuple(_TIME.split(remark)), "", False)
        known.times.append(_TIME.findall(remark))
        return known

    def _known(self, wording: tuple[str, ...], bug: str, by_a_person: bool) -> Footnote:
        known = self._by_wording.get((wording, bug, by_a_person))
        if known is None:
            known = self._by_wording[wording, bug, by_a_person] = Footnote(
                len(self._all) + 1, wording, bug, by_a_person
            )
            self._all.append(known)
        return known


def _span(told: Sequence[str]) -> str:
    """Returns a time, or of several the first and the last, the shortest and the longest."""
    low, high = min(told, key=_weight), max(told, key=_weight)
    return low if low == high else f"{low} to {high}"


def _weight(told: str) -> tuple[float, str]:
    return (0.0, told) if "-" in told or ":" in told else (float(told), told)
