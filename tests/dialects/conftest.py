"""The pool of site runs, as the verdict table has it."""

from __future__ import annotations

from tests.verdicts.conftest import site_runs

__all__ = ["site_runs"]
