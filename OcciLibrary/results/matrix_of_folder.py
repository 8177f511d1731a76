"""The matrix of a folder of results, as the commands of `occi-matrix` need it: their arguments, a progress bar, problems in words."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from OcciLibrary.results.matrix import Matrix, build_matrix
from OcciLibrary.results.notes import NAME as NOTES
from OcciLibrary.results.notes import NotesError, read_notes
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.suites_here import KIT, fingerprints_below

ResultsFolder = Annotated[Path, typer.Argument(help="The folder with the runs' outputs, at any depth.")]
Rehearsals = Annotated[bool, typer.Option(help="Show runs on the embedded sandbox, too.")]

_LONG_WORK = 50
_SHOWN = 20
_Item = TypeVar("_Item")


def matrix_of_folder(results: Path, suites: Path | None, rehearsals: bool) -> Matrix:
    """Returns the matrix of all runs below a folder; ends the program with a sentence where there are none, or it cannot."""
    try:
        matrix = _matrix(results, suites, rehearsals)
    except (NotesError, OSError) as problem:
        sys.exit(f"The matrix cannot be built: {worded(problem)}")
    _tell_left_out(matrix)
    if not matrix.runs:
        sys.exit(f"There is no run in {results}: run the suites with --outputdir {results / 'NAME'} first.")
    return matrix


def worded(problem: Exception) -> str:
    """Returns a problem in words: for one of the file system, the file and what is the matter with it."""
    if isinstance(problem, OSError) and problem.filename:
        return f"{problem.filename}: {problem.strerror}."
    return str(problem)


def counted(matrix: Matrix) -> str:
    """Returns how many runs on how many sites a matrix shows."""
    sites, runs = len(matrix.sites), len(matrix.runs)
    return f"{runs} run{'s' * (runs != 1)} on {sites} site{'s' * (sites != 1)}"


def _matrix(results: Path, suites: Path | None, rehearsals: bool) -> Matrix:
    if not results.is_dir():
        sys.exit(f"There is no folder {results}.")
    if suites is not None and not suites.is_dir():
        sys.exit(f"There is no folder of suites {suites}.")
    notes = read_notes(results / NOTES)
    found = read_results(results, with_progress)
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


def with_progress(files: Sequence[_Item]) -> Iterable[_Item]:
    """Returns what it is given, with a progress bar where that is long and somebody looks."""
    if len(files) < _LONG_WORK or not sys.stderr.isatty():
        return files
    return _bar(files)


def _bar(files: Sequence[_Item]) -> Iterator[_Item]:
    with typer.progressbar(files, label="Reading runs", file=sys.stderr) as bar:
        yield from bar
