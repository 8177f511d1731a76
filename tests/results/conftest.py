"""Real runs, made once for all tests here, and what is read and built of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from OcciLibrary.results.matrix import Matrix, build_matrix
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.suites_here import KIT, fingerprints_below
from tests.results.real_runs import make_runs


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with real runs; nobody writes to it."""
    folder = tmp_path_factory.mktemp("made")
    make_runs(folder)
    return folder


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    """A copy of the runs that a test may change."""
    return shutil.copytree(made, tmp_path / "results")


@pytest.fixture
def built(results: Path) -> Callable[[], Matrix]:
    return lambda: build_matrix(read_results(results), (), fingerprints_below(KIT))
