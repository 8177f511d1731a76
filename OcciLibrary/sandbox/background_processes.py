"""The processes that a user of a sandbox VM has in the background: they sleep, and live in the VM's memory as its RAM does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

TICKS = 100  # in a second, as Linux counts
MOST_PROCESSES = 100
_FIRST = 1001


@dataclass(frozen=True, slots=True)
class Process:
    """One that sleeps: when it began (seconds since 1970) and when it ends by itself."""

    number: int
    begun: float
    ends: float


@dataclass(slots=True)
class BackgroundProcesses:
    """The table of them; ``now`` gives the VM's clock, ``boot_time`` is when it booted (seconds since 1970)."""

    now: Callable[[], float]
    boot_time: float
    _running: dict[int, Process] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(_FIRST))

    def begin(self, seconds: float) -> int | None:
        """Starts one that ends after so many seconds; returns its number, None when there are too many."""
        if len(self.all()) >= MOST_PROCESSES:
            return None
        process = Process(next(self._numbers), self.now(), self.now() + seconds)
        self._running[process.number] = process
        return process.number

    def all(self) -> dict[int, Process]:
        """Returns those that have not ended, by number."""
        now = self.now()
        self._running = {number: one for number, one in self._running.items() if one.ends > now}
        return self._running

    def end(self, number: int) -> bool:
        """Ends one; False when there is none of that number."""
        return self.all().pop(number, None) is not None

    def status_line(self, process: Process) -> str:
        """Returns its line in /proc, in which field 22 is when it began, in ticks after the boot."""
        begun = round((process.begun - self.boot_time) * TICKS)
        return f"{process.number} (sleep) S 1 {process.number} " + "0 " * 16 + f"{begun} 0 0\n"
