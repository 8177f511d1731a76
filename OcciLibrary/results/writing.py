"""Writes the matrix in all its forms; the same results give the same bytes."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from pathlib import Path

from OcciLibrary.results.as_csv import matrix_csv
from OcciLibrary.results.as_json import matrix_json, records_json
from OcciLibrary.results.markdown import matrix_markdown
from OcciLibrary.results.matrix import Matrix
from OcciLibrary.results.mediawiki import matrix_mediawiki
from OcciLibrary.results.pages import BESIDE, MADE_BY, Pages


def write_matrix(matrix: Matrix, results: Path, output: Path) -> Path:
    """Writes pages and files into a folder and returns the path of the first page. Raises `OSError`.

    Paths in `matrix` are relative to `results`.
    """
    pages = set()
    for name, text in _files(matrix, results, output):
        write_file(output / name, text)
        pages.add(output / name)
    _remove_old_pages(output, pages)
    return output / "index.html"


def write_file(path: Path, text: str) -> None:
    """Writes a file as a whole or not at all, and never through a link that somebody put in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with new.open("xb") as file:
        file.write(text.encode("utf-8", "replace"))
    new.replace(path)


def _remove_old_pages(output: Path, pages: Container[Path]) -> None:
    """Removes the pages of sites and steps that an earlier build had and this one has not."""
    for path in (output / BESIDE).glob("*.html"):
        if path not in pages and MADE_BY.encode() in path.read_bytes():
            path.unlink()


def _files(matrix: Matrix, results: Path, output: Path) -> Iterator[tuple[str, str]]:
    yield from Pages(matrix, results, output).all()
    yield "matrix.wiki", matrix_mediawiki(matrix)
    yield "matrix.md", matrix_markdown(matrix)
    yield "matrix.csv", matrix_csv(matrix)
    yield "matrix.json", matrix_json(matrix)
    yield "records.json", records_json(matrix)
