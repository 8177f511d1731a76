"""Real runs of robot and real sandboxes, as the tests of whole runs have them."""

from __future__ import annotations

from tests.runs.conftest import robot, site

__all__ = ["robot", "site"]
