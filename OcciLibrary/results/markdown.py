"""The matrix as Markdown (with GitHub's tables); what runs and people wrote is text in it and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from OcciLibrary.results.footnotes import Footnotes
from OcciLibrary.results.matrix import Case, Group, Matrix
from OcciLibrary.results.notes import is_web_address
from OcciLibrary.results.signs import NO_RECORD, SIGNS, day, sign_of

# What means something within a line gets a backslash, or its number where the raw text is looked at (addresses, mentions, cells).
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", ":": "&#58;", "@": "&#64;", "|": "&#124;"}
_ACTING = re.compile(r"[\\`*_{}\[\]#~^$=&<>:@|]")
_AT_THE_BEGINNING = re.compile(r"([-+]|\d{1,9}[.)])(?= |$)")
_WWW = re.compile(r"www\.", re.IGNORECASE)
_URL_SAFE = "%:/?#@!$&*+,;=~-._"


def matrix_markdown(matrix: Matrix) -> str:
    """Returns the matrix: for each group a table of sites and test cases, then one of all steps."""
    notes = Footnotes(matrix)
    parts = [
        "# OCCI test matrix",
        ", ".join(f"{one.sign} {one.word}" for one in (*SIGNS.values(), NO_RECORD)),
    ]
    for group in matrix.groups:
        parts += [f"## {plain(group.title)}", _cases(matrix, group, notes), _steps(matrix, group, notes)]
    if notes.all:
        parts += ["## Footnotes", "\n".join(_footnotes(notes))]
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Returns a text on one line that Markdown shows as it is, also in a cell of a table."""
    line = _ACTING.sub(lambda sign: _ENTITIES.get(sign[0], f"\\{sign[0]}"), " ".join(text.split()))
    line = _WWW.sub(lambda word: f"{word[0][:-1]}&#46;", line)
    return (
        _AT_THE_BEGINNING.sub(lambda mark: f"{mark[0][:-1]}&#{ord(mark[0][-1])};", line, count=1)
        if _AT_THE_BEGINNING.match(line)
        else line
    )


def link(url: str, words: str) -> str:
    """Returns a link, or the words alone where the address is no http(s) URL."""
    return f"[{plain(words)}](<{quote(url, safe=_URL_SAFE)}>)" if is_web_address(url) else plain(words)


def _table(head: list[str], rows: Iterator[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cases(matrix: Matrix, group: Group, notes: Footnotes) -> str:
    def rows() -> Iterator[list[str]]:
        for site in matrix.sites:
            cells = [
                f"{plain(site.name)} ({plain(site.implementation)}{', rehearsal' if site.rehearsal else ''})"
            ]
            for cell in site.cells_of(group):
                beside = (
                    f" {cell.passed}/{len(cell.steps)}{_marks(notes.of_case(site, cell))}" if cell.run else ""
                )
                cells.append(f"{sign_of(cell.verdict).sign}{beside}{f' {day(cell.run)}' if cell.run else ''}")
            yield cells

    return _table(["Site", *(plain(case.title) for case in group.cases)], rows())


def _steps(matrix: Matrix, group: Group, notes: Footnotes) -> str:
    rows = (row for case in group.cases for row in _steps_of(matrix, case, notes))
    return _table(["Step", *(plain(site.name) for site in matrix.sites)], rows)


def _steps_of(matrix: Matrix, case: Case, notes: Footnotes) -> Iterator[list[str]]:
    for title in case.steps:
        row = [plain(title.name)]
        for site in matrix.sites:
            cell, _ = site.cell(title)
            row.append(
                f"{sign_of(cell.step.verdict if cell.step else None).sign}{_marks(notes.of_step(site, cell))}"
            )
        yield row


def _marks(numbers: list[int]) -> str:
    return f" <sup>{', '.join(map(str, numbers))}</sup>" if numbers else ""


def _footnotes(notes: Footnotes) -> Iterator[str]:
    for note in notes.all:
        bug = f" {link(note.bug, 'bug report')}" if note.bug else ""
        cells = plain(note.where)
        yield f"{note.number}. {plain(note.text)}{bug} ({cells})"
