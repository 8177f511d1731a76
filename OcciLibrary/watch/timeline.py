"""What a watch has seen: spans of equal values per lane, marks, and the gaps between samples."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

MAX_SPANS = 2000
"""Spans kept per lane; later changes replace the last one, which says so."""
MAX_GAPS = 4096
"""Gaps kept per lane; of more, the larger of two neighbours is kept."""
MAX_MARKS = 200
MAX_VALUE = 80
MAX_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of equal samples; times are when answers were received, in seconds since the watch began."""

    value: str
    first: float
    last: float
    samples: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """The time between two samples in which a change could go unseen.

    It reaches from the sending of one sample to the answer of the next, because a site may have looked at
    its VM at any moment in between. ``samples`` is how many samples the gap stands for.
    """

    start: float
    end: float
    samples: int = 1

    @property
    def seconds(self) -> float:
        """Gives the length of the gap."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Lane:
    """Everything seen of one thing: the OCCI state, the echo service, or the ping.

    ``largest_gap`` is in seconds and lies at ``largest_gap_at`` (0.0 and 0.0 with fewer than two samples).
    """

    name: str
    spans: tuple[Span, ...] = ()
    samples: int = 0
    largest_gap: float = 0.0
    largest_gap_at: float = 0.0
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment with a name, such as "action restart sent"."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A picture of a watch; all times are seconds since ``started`` (UTC), up to ``ended``."""

    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    started: datetime
    ended: float

    def lane(self, name: str) -> Lane | None:
        """Gives the lane of that name, None when the watch has none."""
        return next((lane for lane in self.lanes if lane.name == name), None)


@dataclass(slots=True)
class _Track:
    """What is known of one lane while it is being recorded."""

    spans: list[Span] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    samples: int = 0
    last_sent: float = 0.0
    last_received: float = 0.0
    largest: Gap = Gap(0.0, 0.0)
    left_out: int = 0

    def add(self, value: str, sent: float, received: float, detail: str) -> bool:
        received = max(received, self.last_received)
        sent = min(sent, received)
        if self.samples:
            self._add_gap(Gap(self.last_sent, received))
        changed = self._add_to_spans(value, received, detail)
        self.samples += 1
        self.last_sent, self.last_received = sent, received
        return changed

    def _add_gap(self, gap: Gap) -> None:
        if gap.seconds > self.largest.seconds:
            self.largest = gap
        self.gaps.append(gap)
        if len(self.gaps) > MAX_GAPS:
            pairs = zip(self.gaps[0::2], self.gaps[1::2], strict=False)
            odd = self.gaps[-1:] if len(self.gaps) % 2 else []
            self.gaps = [_larger(one, other) for one, other in pairs] + odd

    def _add_to_spans(self, value: str, received: float, detail: str) -> bool:
        if self.spans and self.spans[-1].value == value:
            known = self.spans[-1]
            self.spans[-1] = Span(value, known.first, received, known.samples + 1, known.detail)
            return False
        if len(self.spans) >= MAX_SPANS:
            self.spans.pop()
            self.left_out += 1
            detail = f"({self.left_out} changes before this are left out: only {MAX_SPANS} are kept) {detail}"
        self.spans.append(Span(value, received, received, 1, detail[:MAX_DETAIL]))
        return True

    def lane(self, name: str) -> Lane:
        gaps = tuple(self.gaps)
        return Lane(name, tuple(self.spans), self.samples, self.largest.seconds, self.largest.start, gaps)


def _larger(one: Gap, other: Gap) -> Gap:
    kept = one if one.seconds >= other.seconds else other
    return Gap(kept.start, kept.end, one.samples + other.samples)


class TimelineRecorder:
    """Collects samples and marks from several threads, in bounded memory."""

    def __init__(self, lanes: Iterable[str] = (), started: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._tracks = {name: _Track() for name in lanes}
        self._marks: list[Mark] = []
        self._started = started or datetime.now(timezone.utc)
        self._ended = 0.0

    def record(self, lane: str, value: str, sent: float, received: float, detail: str = "") -> bool:
        """Takes one sample; says whether its value differs from the one before it in this lane.

        ``sent`` and ``received`` are seconds since the watch began. Values and details are shortened to
        ``MAX_VALUE`` and ``MAX_DETAIL`` characters.
        """
        with self._lock:
            track = self._tracks.setdefault(lane, _Track())
            self._ended = max(self._ended, received)
            return track.add(value[:MAX_VALUE], sent, received, detail[:MAX_DETAIL])

    def mark(self, at: float, text: str) -> None:
        """Notes a moment; beyond ``MAX_MARKS`` the last one is replaced."""
        with self._lock:
            if len(self._marks) >= MAX_MARKS:
                self._marks.pop()
            self._marks.append(Mark(at, text[:MAX_DETAIL]))
            self._ended = max(self._ended, at)

    def changes(self, lane: str) -> int:
        """Counts the changes of value in a lane so far."""
        with self._lock:
            track = self._tracks.get(lane)
            return max(0, len(track.spans) + track.left_out - 1) if track else 0

    def samples(self, lane: str) -> int:
        """Counts the samples of a lane so far."""
        with self._lock:
            track = self._tracks.get(lane)
            return track.samples if track else 0

    def timeline(self, ended: float | None = None) -> Timeline:
        """Gives an immutable picture of what has been recorded; ``ended`` is the time of the picture."""
        with self._lock:
            lanes = tuple(track.lane(name) for name, track in self._tracks.items())
            until = self._ended if ended is None else max(ended, self._ended)
            return Timeline(lanes, tuple(self._marks), self._started, until)
