"""The watch: samples several lanes side by side, each in a thread of its own, and waits for a verdict."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .pace import Pace
from .timeline import Timeline, TimelineRecorder
from .verdicts import Outcome, Verdict

if TYPE_CHECKING:
    from typing_extensions import Self

Sample = tuple[str, str] | tuple[str, str, float | None]
"""Value, detail, and optionally for how many seconds the site asks to be left alone (Retry-After)."""
Sampler = Callable[[], Sample]
Judge = Callable[[Timeline], Verdict]

_SLICE = 0.03  # how late a settled verdict or, on Windows, Ctrl-C may be noticed
_TICK = 0.5
_FIRST_SAMPLES = 5.0
_JOIN = 1.0


class Watch:
    """Watches some lanes until it is stopped.

    ``lanes`` maps a lane's name to its sampler, a callable that asks once and returns a value and a detail
    (and, if it likes, the seconds to leave the site alone). Every lane has a thread and should have a
    connection of its own; when a sampler has a method ``close``, the lane's thread calls it at the end. A
    sampler that raises gives the value '(error)', and the lane goes on.
    Source: design §6.
    """

    def __init__(self, lanes: Mapping[str, Sampler], pace: Pace | None = None) -> None:
        self._samplers = dict(lanes)
        self._pace = pace or Pace()
        self._recorder = TimelineRecorder(self._samplers)
        self._changed = threading.Condition()
        self._changes = 0
        self._stirred: float | None = None
        self._stirred_by_change = False
        self._asked: dict[str, int] = {}
        self._best_latency: dict[str, float] = {}
        self._stopped = False
        self._ended: float | None = None
        self._begun = time.perf_counter()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def now(self) -> float:
        """Gives the seconds since the watch began."""
        return time.perf_counter() - self._begun

    def start(self, patience: float = _FIRST_SAMPLES) -> Self:
        """Starts all lanes; returns when each has its first sample, or ``patience`` seconds are over."""
        if self._threads:
            return self
        self._begun = time.perf_counter()
        self._recorder = TimelineRecorder(self._samplers)
        for name, sampler in self._samplers.items():
            thread = threading.Thread(
                target=self._run, args=(name, sampler), name=f"watch {name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        with self._changed:
            while self.now() < patience and not self._all_sampled():
                self._changed.wait(_SLICE)
        return self

    def mark(self, text: str) -> float:
        """Notes a moment, such as "action restart sent", and makes all lanes quick; returns its time."""
        with self._changed:
            at = self.now()
            if not self._stopped:
                self._recorder.mark(at, text)
                self._stir(at, changed=False)
                self._changes += 1
                self._changed.notify_all()
        return at

    def wait(
        self,
        judge: Judge,
        timeout: float,
        on_change: Callable[[Timeline], None] | None = None,
    ) -> Verdict:
        """Waits until the judge's verdict is no longer PENDING, at most ``timeout`` seconds; returns the verdict.

        ``judge`` and ``on_change`` are called in the caller's thread: the judge at least every 0.03 s,
        ``on_change`` at every change of a value and about every 0.5 s. The last verdict is returned as it
        is, so it may be PENDING. Ctrl-C ends the wait at once.
        """
        deadline = time.perf_counter() + timeout
        seen = -1
        next_tick = 0.0
        while True:
            at_end = time.perf_counter() >= deadline
            changes = self._changes
            timeline = self.timeline()
            verdict = judge(timeline)
            decided = at_end or verdict.outcome is not Outcome.PENDING
            if on_change and (decided or changes != seen or time.perf_counter() >= next_tick):
                on_change(timeline)
                next_tick = time.perf_counter() + _TICK
            seen = changes
            if decided:
                return verdict
            with self._changed:
                if self._changes == seen:
                    self._changed.wait(max(0.0, min(_SLICE, deadline - time.perf_counter())))

    def timeline(self) -> Timeline:
        """Gives a picture of what has been seen so far."""
        return self._recorder.timeline(self.now() if self._ended is None else self._ended)

    def stop(self) -> Timeline:
        """Ends all lanes and returns the final timeline; harmless when called again.

        A lane that hangs in its sampler is left behind after a second; what it still brings is dropped.
        """
        with self._changed:
            if self._ended is None:
                self._ended = self.now()
            self._stopped = True
            self._changed.notify_all()
        give_up = time.perf_counter() + _JOIN
        for thread in self._threads:
            thread.join(max(0.0, give_up - time.perf_counter()))
        return self.timeline()

    def _stir(self, at: float, *, changed: bool) -> None:
        self._stirred = at
        self._stirred_by_change = changed
        self._asked = dict.fromkeys(self._samplers, 0)

    def _all_sampled(self) -> bool:
        return all(self._recorder.samples(name) for name in self._samplers)

    def _run(self, name: str, sampler: Sampler) -> None:
        try:
            while not self._stopped:
                sent = self.now()
                value, detail, retry_after = _sampled(sampler)
                self._take(name, value, detail, sent)
                self._pause(name, retry_after, sent)
        finally:
            _close(sampler)

    def _take(self, name: str, value: str, detail: str, sent: float) -> None:
        with self._changed:
            if self._stopped:
                return
            first = not self._recorder.samples(name)
            received = self.now()
            if not self._recorder.record(name, value, sent, received, detail):
                return
            self._changes += 1
            if not first and self._pace.quickens(self._recorder.changes(name)):
                self._stir(received, changed=True)
            self._changed.notify_all()

    def _pause(self, name: str, retry_after: float | None, sent: float) -> None:
        begun = self.now()
        latency = begun - sent
        best = self._best_latency[name] = min(latency, self._best_latency.get(name, latency))
        with self._changed:
            self._asked[name] = self._asked.get(name, 0) + 1
            while not self._stopped:
                # Asked anew after each wake-up, because a mark or a change elsewhere shortens the pause.
                since_stir = None if self._stirred is None else begun - self._stirred
                pause = self._pace.pause(
                    name, since_stir, retry_after, self._asked[name], latency, best, self._stirred_by_change
                )
                left = begun + pause - self.now()
                if left <= 0:
                    return
                self._changed.wait(left)


def _sampled(sampler: Sampler) -> tuple[str, str, float | None]:
    try:
        value, detail, *more = sampler()
        retry_after = more[0] if more else None
        return str(value), str(detail), None if retry_after is None else float(retry_after)
    except Exception as error:  # whatever it is, the watch goes on and shows it
        return "(error)", f"{type(error).__name__}: {error}", None


def _close(sampler: Sampler) -> None:
    close = getattr(sampler, "close", None)
    if close is None:
        return
    with contextlib.suppress(Exception):  # the watch is over, nobody is left to be told
        close()
