"""Reads a timeline for the verdicts: what holds now, since when, and what could have been missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, takewhile

from .timeline import Lane, Span, Timeline

STATE = "state"
PROBES = {"echo": "the echo service", "ping": "the ping"}
KNOWN_STATES = frozenset({"active", "inactive", "suspended", "error"})
NO_ANSWER = "(no answer)"
SAMPLER_ERROR = "(error)"
LOGIN_REFUSED = "(login refused)"


def is_pseudo(value: str) -> bool:
    """Says whether a value stands for "nothing could be read", such as '(no answer)'."""
    return value.startswith("(")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch in which a lane kept its value, single unreadable samples not counted."""

    value: str
    first: float
    last: float
    samples: int

    def held(self, since: float) -> float:
        """Gives for how many seconds after ``since`` the value was seen to hold."""
        return self.last - max(self.first, since)


def runs(
    lane: Lane | None, keep: Callable[[str], bool] = lambda value: not is_pseudo(value)
) -> tuple[Run, ...]:
    """Gives the stretches of equal values of a lane, values that are not to be kept left out."""
    if lane is None:
        return ()
    kept = (span for span in lane.spans if keep(span.value))
    return tuple(_joined(list(spans)) for _, spans in groupby(kept, key=lambda span: span.value))


def _joined(spans: list[Span]) -> Run:
    return Run(spans[0].value, spans[0].first, spans[-1].last, sum(span.samples for span in spans))


def known_runs(lane: Lane | None) -> tuple[Run, ...]:
    """Gives the stretches of the four states that OCCI knows; other words are left out."""
    return runs(lane, lambda value: value in KNOWN_STATES)


def unknown_words(lane: Lane | None, since: float) -> tuple[str, ...]:
    """Gives the states seen after ``since`` that OCCI does not know, each once."""
    spans = lane.spans if lane else ()
    words = (span.value for span in spans if span.last >= since and not is_pseudo(span.value))
    return tuple(dict.fromkeys(word for word in words if word not in KNOWN_STATES))


def current(lane: Lane | None) -> Run | None:
    """Gives what a lane says now, and since when without interruption; None when that is not known.

    One unreadable sample is weather. Two or more in a row interrupt: what was before them is not counted, and
    at the end of the lane they leave open what holds now.
    """
    same: list[Span] = []
    unreadable = 0
    for span in reversed(lane.spans if lane else ()):
        if is_pseudo(span.value):
            unreadable += span.samples
        elif unreadable > 1 or (same and span.value != same[0].value):
            break
        else:
            same.insert(0, span)
            unreadable = 0
    return _joined(same) if same else None


def tail(lane: Lane | None, belongs: Callable[[str], bool]) -> tuple[Span, ...]:
    """Gives the spans at the end of a lane whose values all belong."""
    spans = lane.spans if lane else ()
    return tuple(takewhile(lambda span: belongs(span.value), reversed(spans)))[::-1]


def unreadable_tail(lane: Lane | None) -> int:
    """Counts the unreadable samples at the end of a lane."""
    return sum(span.samples for span in tail(lane, is_pseudo))


def is_unanswered(value: str) -> bool:
    """Says whether a value stands for a query that the site did not answer at all."""
    return value in (NO_ANSWER, SAMPLER_ERROR)


def informs(lane: Lane | None) -> bool:
    """Says whether a lane exists and has ever had a readable value."""
    return bool(runs(lane))


def queries(lane: Lane | None, since: float) -> int:
    """Counts the samples of a lane that were answered after ``since``."""
    if lane is None:
        return 0
    later = sum(gap.samples for gap in lane.gaps if gap.end > since)
    return later + (1 if lane.spans and lane.spans[0].first > since else 0)


def largest_gap(lane: Lane | None, since: float) -> tuple[float, float]:
    """Gives the largest gap between two samples of a lane that reaches beyond ``since``, and where it begins."""
    gaps = [gap for gap in lane.gaps if gap.end > since] if lane else []
    if not gaps:
        return 0.0, since
    largest = max(gaps, key=lambda gap: gap.end - max(gap.start, since))
    return largest.end - max(largest.start, since), max(largest.start, since)


def asked_since(lane: Lane | None, moment: float) -> bool:
    """Says whether a sample of a lane was sent after a moment and answered: an earlier one may tell of before."""
    return lane is not None and any(gap.start >= moment for gap in lane.gaps)


def blind_stretch(lane: Lane | None, since: float) -> tuple[float, float, int]:
    """Gives the longest stretch after ``since`` in which only '(no answer)' came: from, to, samples."""
    longest = (since, since, 0)
    if lane is None:
        return longest
    for unanswered, first, last, samples in _stretches(lane.spans):
        start = max(first, since)
        if unanswered and last - start > longest[1] - longest[0]:
            longest = (start, last, samples)
    return longest


def _stretches(spans: Iterable[Span]) -> Iterator[tuple[bool, float, float, int]]:
    for unanswered, group in groupby(spans, key=lambda span: is_unanswered(span.value)):
        same = list(group)
        yield unanswered, same[0].first, same[-1].last, sum(span.samples for span in same)


def answering_at(timeline: Timeline, moment: float) -> bool:
    """Says whether a probe answered when it was last asked before a moment; without any, there is no outage to be seen."""
    for name in PROBES:
        lane = timeline.lane(name)
        before = [span for span in (lane.spans if lane else ()) if span.first <= moment]
        if before and before[-1].value == "answers":
            return True
    return False


@dataclass(frozen=True, slots=True)
class Outage:
    """The time in which a probe that had answered did not; ``back`` is None while it lasts."""

    lane: str
    gone: float
    back: float | None


def outages(timeline: Timeline, since: float) -> tuple[Outage, ...]:
    """Gives the outages of the probes after ``since``; ``gone`` is the first sample without an answer."""
    found = []
    for name in PROBES:
        stretches = runs(timeline.lane(name))
        answered = _answers_of(stretches)
        for index in range(1, len(answered)):
            answers, gone, samples = answered[index]
            # One lost ping is weather.
            if not answers and gone >= since and samples >= (2 if name == "ping" else 1):
                back = answered[index + 1][1] if index + 1 < len(answered) else None
                found.append(Outage(name, gone, back))
    return tuple(found)


def _answers_of(stretches: Iterable[Run]) -> list[tuple[bool, float, int]]:
    """Merges 'silent' and 'garbled': (does it answer, since when, in how many samples)."""
    merged = []
    for answers, group in groupby(stretches, key=lambda run: run.value == "answers"):
        same = list(group)
        merged.append((answers, same[0].first, sum(run.samples for run in same)))
    return merged
