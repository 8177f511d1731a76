"""Judges whether a VM stayed active while something else was done to it: pure functions over a timeline.

Source: wiki, "Change VM attributes while the VM is active", under discussion.
"""

from __future__ import annotations

from dataclasses import dataclass

from .reading import PROBES, STATE, answering_at, current, known_runs, outages, unknown_words
from .timeline import Timeline

ACTIVE = "active"
_GONE = "(not found)"
_SURE = 2  # samples in a row: a single one may be weather


@dataclass(frozen=True, slots=True)
class Stay:
    """What a timeline shows of a VM that was to stay active.

    ``left`` is '' or says how it left that state; ``silent`` is '' or names the probe that answered before and no longer does;
    ``away`` is '' or says when a probe was away for a while; ``words`` are the states that OCCI does not know; ``probed`` tells
    whether a probe answered when the change was made.
    """

    left: str = ""
    silent: str = ""
    away: str = ""
    words: tuple[str, ...] = ()
    probed: bool = False

    @property
    def is_up(self) -> bool:
        """Tells whether the VM is active at the end, or again, and answers as it did before."""
        return not self.silent and not self.left.endswith(_NOT_BACK)


_NOT_BACK = "it did not become active again"


def stay(timeline: Timeline, since: float) -> Stay:
    """Returns what became of a VM that was active at ``since`` (seconds since the watch began)."""
    lane = timeline.lane(STATE)
    return Stay(
        left=_left(timeline, since),
        silent=_silent(timeline, since),
        away=_away(timeline, since),
        words=unknown_words(lane, since),
        probed=answering_at(timeline, since),
    )


def _left(timeline: Timeline, since: float) -> str:
    lane = timeline.lane(STATE)
    last = lane.spans[-1] if lane and lane.spans else None
    if last is not None and last.value == _GONE and last.samples >= _SURE:
        return f"from {last.first - since:.1f} s on the site did not know the VM any more; {_NOT_BACK}"
    runs = [run for run in known_runs(lane) if run.last > since]
    others = [run for run in runs if run.value != ACTIVE]
    if not others:
        return ""
    told = ", ".join(
        f"'{run.value}' from {max(0.0, run.first - since):.1f} s to {run.last - since:.1f} s after the change"
        for run in others[:5]
    )
    now = current(lane)
    back = "then it was active again" if now is not None and now.value == ACTIVE else _NOT_BACK
    return f"its state was {told}; {back}"


def _silent(timeline: Timeline, since: float) -> str:
    """Names a probe that answered at the change, and at the end no longer does while no probe does."""
    if not answering_at(timeline, since):
        return ""
    last = {
        name: lane.spans[-1] for name in PROBES if (lane := timeline.lane(name)) is not None and lane.spans
    }
    if any(span.value == "answers" for span in last.values()):
        return ""
    name, span = next(iter(last.items()))
    return f"{PROBES[name]} has not answered since {span.first - since:.1f} s after the change"


def _away(timeline: Timeline, since: float) -> str:
    for outage in outages(timeline, since):
        if outage.back is not None:
            return f"{PROBES[outage.lane]} was away from {outage.gone - since:.1f} s to {outage.back - since:.1f} s after the change"
    return ""
