"""Options of the whole set of tests."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

# Both have a pool of site runs, which is as much as a small computer can do at once.
_TABLES = ("test_verdict_table.py", "test_dialect_table.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kill-moments",
        type=int,
        default=6,
        help="at how many random moments tests/runs/test_killed_runs.py cuts a run off (the whole test: 50)",
    )
    parser.addoption(
        "--sites-at-once",
        type=int,
        default=4,
        help="how many sites tests/matrix/test_running.py runs side by side (the whole test: 16)",
    )
    parser.addoption(
        "--every-dialect",
        action="store_true",
        help="run the conformance suites against the dialects too that are nearly the same as another one",
    )
    parser.addoption("--kill-seed", type=int, default=3, help="seed of these moments")


def pytest_configure() -> None:
    """Lets Ctrl-C interrupt the tests' processes where the gate runs in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the tests of a file in one process of `pytest -n`, for they share what the file sets up.

    First, for xdist looks at the marks in this hook, too.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group("tables" if item.path.name in _TABLES else _file(item.path)))


def _file(path: Path) -> str:
    return path.relative_to(Path(__file__).parent).as_posix()
