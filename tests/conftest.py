"""Options of the whole set of tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kill-moments",
        type=int,
        default=6,
        help="at how many random moments tests/runs/test_killed_runs.py cuts a run off (the whole test: 50)",
    )
    parser.addoption("--kill-seed", type=int, default=3, help="seed of these moments")
