"""Writes the matrix in all its forms; the same results give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from OcciLibrary.results.as_csv import matrix_csv
from OcciLibrary.results.as_json import matrix_json, records_json
from OcciLibrary.results.markdown import matrix_markdown
from OcciLibrary.results.matrix import Matrix
from OcciLibrary.results.mediawiki import matrix_mediawiki
from OcciLibrary.results.pages import Pages


def write_matrix(matrix: Matrix, results: Path, output: Path) -> Path:
    """Writes pages and files into a folder and returns the path of the first page. Raises `OSError`.

    Paths in `matrix` are relative to `results`.
    """
    for name, text in _files(matrix, results, output):
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "replace"))
    return output / "index.html"


def _files(matrix: Matrix, results: Path, output: Path) -> Iterator[tuple[str, str]]:
    yield from Pages(matrix, results, output).all()
    yield "matrix.wiki", matrix_mediawiki(matrix)
    yield "matrix.md", matrix_markdown(matrix)
    yield "matrix.csv", matrix_csv(matrix)
    yield "matrix.json", matrix_json(matrix)
    yield "records.json", records_json(matrix)
