"""Tells the process that started a run how it goes on: a listener that writes a line of JSON for each test."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any


class StepReporter:
    """Is a listener for `robot --listener 'OcciLibrary.keywords.step_reporter.StepReporter;FILE'`.

    The lines are `{"tests": 29}` at the beginning, `{"step": NAME}` when a test begins, and with `"verdict"` (the words of
    log.html, or Robot Framework's status where a test has no verdict) when it is over. They hold no messages. Where the
    file cannot be written, the run goes on.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("a", encoding="utf-8")  # noqa: SIM115 -- it is open for as long as the run lasts

    def start_suite(self, data: Any, result: Any) -> None:
        """Tells how many tests there are."""
        if data.parent is None:
            self._tell({"tests": data.test_count})

    def start_test(self, data: Any, result: Any) -> None:
        """Tells which test begins."""
        self._tell({"step": result.name})

    def end_test(self, data: Any, result: Any) -> None:
        """Tells a test's verdict."""
        self._tell({"step": result.name, "verdict": result.metadata.get("Verdict") or result.status})

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _tell(self, what: dict[str, object]) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.write(json.dumps(what) + "\n")
            self._file.flush()
