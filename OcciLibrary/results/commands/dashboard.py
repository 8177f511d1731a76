"""`occi-matrix dashboard`: robotframework-dashboard over the same runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.results.matrix_of_folder import (
    Rehearsals,
    ResultsFolder,
    matrix_of_folder,
    with_progress,
    worded,
)
from OcciLibrary.results.records import Run
from OcciLibrary.results.writing import write_file

_NAMED = 5


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(dashboard)


def dashboard(
    results: ResultsFolder = Path("results"),
    output: Annotated[
        Path | None, typer.Option(help="The page; without it dashboard.html in the folder of results.")
    ] = None,
    rehearsals: Rehearsals = True,
) -> None:
    """Makes a page with robotframework-dashboard's statistics of all runs; it asks nothing of any network.

    Returns 0: made; 1: not made, with the reason.
    """
    from OcciLibrary.results.dashboard import NoDashboard, dashboard_of  # noqa: PLC0415 -- loads Robot Framework

    matrix = matrix_of_folder(results, None, rehearsals)
    page = output or results / "dashboard.html"
    try:
        made = dashboard_of(matrix.runs, results, with_progress)
        write_file(page, made.page)
    except NoDashboard as problem:
        sys.exit(f"{problem}.")
    except OSError as problem:
        sys.exit(f"The dashboard cannot be written: {worded(problem)}")
    if made.without:
        typer.echo(f"Not in it: {_named(made.without)}.", err=True)
    typer.echo(f"{len(matrix.runs) - len(made.without)} of {len(matrix.runs)} runs: {page}")


def _named(without: Sequence[Run]) -> str:
    cut_off = [run.output for run in without if not run.complete]
    others = len(without) - len(cut_off)
    names = ", ".join([*cut_off[:_NAMED], *(["..."] if len(cut_off) > _NAMED else [])])
    parts = [
        f"{len(cut_off)} cut off ({names})" if cut_off else "",
        f"{others} too large or too old" if others else "",
    ]
    return ", ".join(filter(None, parts))
