"""`occi-matrix build`: makes the matrix of all runs below a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.results.matrix import Matrix, build_matrix
from OcciLibrary.results.notes import NAME as NOTES
from OcciLibrary.results.notes import NotesError, read_notes
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.suites_here import KIT, fingerprints_below
from OcciLibrary.results.writing import write_matrix

_LONG_WORK = 50
_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(build)


def build(
    results: Annotated[Path, typer.Argument(help="The folder with the runs' outputs, at any depth.")] = Path(
        "results"
    ),
    output: Annotated[
        Path | None, typer.Option(help="Where the pages go; without it, into the folder of results.")
    ] = None,
    suites: Annotated[
        Path | None,
        typer.Option(
            help="The suites that runs should have run; runs of others are marked. Without it: the kit's own."
        ),
    ] = None,
    rehearsals: Annotated[bool, typer.Option(help="Show runs on the embedded sandbox, too.")] = True,
) -> None:
    """Makes the matrix of all runs: web pages, MediaWiki markup, Markdown, CSV and JSON."""
    try:
        matrix = _matrix(results, suites, rehearsals)
        _tell_left_out(matrix)
        if not matrix.runs:
            sys.exit(
                f"There is no run in {results}: run the suites with --outputdir {results / 'NAME'} first."
            )
        written = write_matrix(matrix, results, output or results)
    except (NotesError, OSError) as problem:
        sys.exit(f"The matrix cannot be built: {_worded(problem)}")
    sites, runs = len(matrix.sites), len(matrix.runs)
    typer.echo(f"{runs} run{'s' * (runs != 1)} on {sites} site{'s' * (sites != 1)}: {written}")


def _matrix(results: Path, suites: Path | None, rehearsals: bool) -> Matrix:
    if not results.is_dir():
        sys.exit(f"There is no folder {results}.")
    if suites is not None and not suites.is_dir():
        sys.exit(f"There is no folder of suites {suites}.")
    notes = read_notes(results / NOTES)
    found = read_results(results, _with_progress)
    if not rehearsals:
        found = found.without_rehearsals()
    known = fingerprints_below(suites or KIT) if suites or KIT.is_dir() else {}
    matrix = build_matrix(found, notes, known)
    for words in matrix.notes_without_cell():
        typer.echo(f"{NOTES}: {words}", err=True)
    return matrix


def _tell_left_out(matrix: Matrix) -> None:
    for one in matrix.left_out[:_SHOWN]:
        typer.echo(f"{one.path} is left out: {one.why}.", err=True)
    if len(matrix.left_out) > _SHOWN:
        typer.echo(
            f"{len(matrix.left_out) - _SHOWN} more files are left out; index.html names them.", err=True
        )


def _with_progress(files: Sequence[Path]) -> Iterable[Path]:
    if len(files) < _LONG_WORK or not sys.stderr.isatty():
        return files
    return _bar(files)


def _bar(files: Sequence[Path]) -> Iterator[Path]:
    with typer.progressbar(files, label="Reading runs", file=sys.stderr) as bar:
        yield from bar


def _worded(problem: Exception) -> str:
    if isinstance(problem, OSError) and problem.filename:
        return f"{problem.filename}: {problem.strerror}."
    return str(problem)
