"""The sandbox's journal: what really happened to its VMs, one JSON line for each transition."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Sequence
from pathlib import Path


def wall_clock(seconds: float) -> str:
    """Returns a time as ISO 8601 in UTC with microseconds."""
    return (
        dt.datetime.fromtimestamp(seconds, dt.timezone.utc)
        .isoformat(timespec="microseconds")
        .replace("+00:00", "Z")
    )


class Journal:
    """Appends transitions to a file. Raises OSError when the file cannot be opened; no path: keeps nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8", buffering=1) if path else None

    def record(
        self,
        vm_id: str,
        transition: str,
        started: float,
        states: Sequence[tuple[str, float]],
        failure: str = "",
        deeds: Sequence[tuple[str, float]] = (),
    ) -> None:
        """Appends one transition.

        ``states`` are the states shown since, each with the time it was shown first; ``deeds`` is what the machine
        really did: booted, ended, suspended, resumed. Where a fault makes a site lie, the two differ.
        """
        line = {
            "vm": vm_id,
            "transition": transition,
            "started": wall_clock(started),
            "ended": wall_clock(states[-1][1] if states else started),
            "states": [{"state": state, "since": wall_clock(since)} for state, since in states],
            "machine": [{"did": deed, "at": wall_clock(at)} for deed, at in deeds],
            "failure": failure,
        }
        with self._lock:
            if self._file and not self._file.closed:
                self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._file:
                self._file.close()
