"""`occi-matrix build`: makes the matrix of all runs below a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.results.matrix_of_folder import Rehearsals, ResultsFolder, counted, matrix_of_folder, worded
from OcciLibrary.results.writing import write_matrix


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(build)


def build(
    results: ResultsFolder = Path("results"),
    output: Annotated[
        Path | None, typer.Option(help="Where the pages go; without it, into the folder of results.")
    ] = None,
    suites: Annotated[
        Path | None,
        typer.Option(
            help="The suites that runs should have run; runs of others are marked. Without it: the kit's own."
        ),
    ] = None,
    rehearsals: Rehearsals = True,
) -> None:
    """Makes the matrix of all runs: web pages, MediaWiki markup, Markdown, CSV and JSON."""
    matrix = matrix_of_folder(results, suites, rehearsals)
    try:
        written = write_matrix(matrix, results, output or results)
    except OSError as problem:
        sys.exit(f"The matrix cannot be built: {worded(problem)}")
    typer.echo(f"{counted(matrix)}: {written}")
