"""The matrix as CSV: a line for every step of every site."""

from __future__ import annotations

import csv
import io

from OcciLibrary.results.matrix import CaseCell, Matrix, Site, StepCell
from OcciLibrary.results.signs import moment

HEAD = (
    "site",
    "implementation",
    "group",
    "test case",
    "step",
    "name",
    "verdict",
    "message",
    "remarks",
    "notes",
    "tester",
    "run",
    "began",
    "log",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def matrix_csv(matrix: Matrix) -> str:
    """Returns the matrix as CSV (RFC 4180, lines end in CRLF); nothing in it is a formula to a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(HEAD)
    for site in matrix.sites:
        for case in site.cases:
            for cell in case.steps:
                writer.writerow(map(cell_text, _line(site, case, cell)))
    return written.getvalue()


def cell_text(text: str) -> str:
    """Returns a text as a cell that a spreadsheet shows and does not compute: an apostrophe stands before a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(site: Site, case: CaseCell, cell: StepCell) -> tuple[str, ...]:
    step, run = cell.step, case.run
    return (
        site.name,
        site.implementation,
        case.case.group,
        case.case.key,
        cell.title.key,
        cell.title.name,
        step.verdict.value if step else "no record",
        step.message if step else "",
        "\n".join(step.remarks) if step else "",
        "\n".join(f"{note.text} {note.bug}".strip() for note in cell.notes),
        run.tester if run and step else "",
        run.run_id if run and step else "",
        moment(run) if run and step else "",
        f"{run.log}#{step.log_id}" if run and step and run.log else "",
    )
