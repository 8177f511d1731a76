"""Real runs, made once for all tests here, and what is read and built of them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from OcciLibrary.results.matrix import Matrix, build_matrix
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.suites_here import KIT, fingerprints_below
from tests.results.real_runs import make_runs

_PATIENCE = 180.0


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder with real runs; nobody writes to it. The processes of `pytest -n` have one together: it costs its time."""
    base = tmp_path_factory.getbasetemp()
    together = base.parent if hasattr(request.config, "workerinput") else base
    folder, being_made = together / "made", together / "being-made"
    try:
        (together / "taken-on").mkdir()  # one process alone can
    except FileExistsError:
        _wait_for(folder)
    else:
        being_made.mkdir()
        make_runs(being_made)
        being_made.rename(folder)
    return folder


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    """A copy of the runs that a test may change."""
    return shutil.copytree(made, tmp_path / "results")


@pytest.fixture
def built(results: Path) -> Callable[[], Matrix]:
    return lambda: build_matrix(read_results(results), (), fingerprints_below(KIT))


def _wait_for(folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not folder.exists():
        assert time.monotonic() < deadline, "Another process has not made the runs."
        time.sleep(0.1)
