"""Verdicts: pure functions that judge a timeline. Nothing here waits, asks or prints.

The lane "state" holds OCCI states as the site sends them, or a value in parentheses when none could be
read; the lanes "echo" and "ping" hold the probes' values and may be absent. A single unreadable sample
never changes a verdict. Source: wiki, steps 3.3, 4.3, 4.4, 5.3, 5.6, 6.5; design §6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from . import wording
from .reading import (
    LOGIN_REFUSED,
    PROBES,
    SAMPLER_ERROR,
    STATE,
    Run,
    asked_since,
    blind_stretch,
    current,
    informs,
    is_unanswered,
    known_runs,
    outages,
    runs,
    tail,
    unknown_words,
    unreadable_tail,
)
from .timeline import Timeline

PATIENCE = 10.0
"""Seconds without an answer after which nothing can be told; also how long 'error' must last to end a wait.

Where less than 40 s are allowed for a transition it is a quarter of that.
"""


class Outcome(Enum):
    """What a verdict says."""

    PASS = "pass"
    FAIL = "fail"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, why, and what else is worth telling."""

    outcome: Outcome
    message: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settling:
    """How long something must hold before it counts: a share of the time since the action, within bounds."""

    share: float = 0.1
    least: float = 0.1
    most: float = 3.0

    def needed(self, after: float) -> float:
        """Gives the seconds that a thing must hold that came ``after`` seconds after the action."""
        return min(max(self.share * after, self.least), self.most)


SETTLING = Settling()


def came_up(
    timeline: Timeline,
    since: float,
    now: float | None = None,
    timeout: float = 300.0,
) -> Verdict:
    """Judges whether the VM is up: the API says active and the machine answers, both settled.

    An echo service that accepts connections but echoes nothing proper ('garbled') counts only after it did
    so for ``patience`` seconds: a machine that still boots behind a port forwarder looks the same. Where
    there is neither echo nor ping, the state alone decides, with a remark.
    Source: wiki 3.3.1, 4.3.1, 5.6.1; design §6.
    """
    now = timeline.ended if now is None else now
    patience = _patience(timeout)
    held = _up(timeline, since, patience)
    if held is not None and held.began - since <= timeout and held.settled:
        return Verdict(Outcome.PASS, wording.up(timeline, since, held.began), held.remarks)
    unknown = cannot_tell(timeline, since, now, timeout, patience)
    if unknown is not None:
        return unknown
    if _error_persists(timeline, since, patience):
        return Verdict(Outcome.FAIL, wording.in_error(timeline, since, "the VM starts up"))
    if now - since < timeout:
        return Verdict(Outcome.PENDING, wording.waiting(timeline, since, "the VM to start up"))
    if held is not None and held.began - since <= timeout and held.seen_twice:
        remarks = (*held.remarks, wording.NOT_SETTLED)
        return Verdict(Outcome.PASS, wording.up(timeline, since, held.began), remarks)
    return Verdict(Outcome.FAIL, wording.not_up(timeline, since, timeout, too_late=held is not None))


def restarted(
    timeline: Timeline,
    since: float,
    now: float | None = None,
    timeout: float = 300.0,
) -> Verdict:
    """Judges while a restart is monitored whether it is over and the VM is up again.

    PENDING until the API has left active and the VM has come up again, or the time is over; the order of
    the states is judged by went_through. Where only the probes went away and came back, it waits for the
    API's dip for the longer of 10 s and three times their outage. Source: wiki 4.3.1.
    """
    now = timeline.ended if now is None else now
    verdict = came_up(timeline, since, now, timeout)
    if verdict.outcome is not Outcome.PASS:
        return verdict
    ended = [outage for outage in outages(timeline, since) if outage.back is not None]
    dip = _last_dip(timeline, since)
    over = now - since >= timeout
    if dip is not None:
        # A probe that never went away may have been asked before the machine went down.
        probes = [name for name in PROBES if informs(timeline.lane(name))]
        needed = SETTLING.most if probes and not ended else 0.0
        return (
            verdict
            if over or _holding_since(timeline, dip) >= needed
            else _not_yet(timeline, since, "to settle")
        )
    if not ended:
        if over:
            return Verdict(Outcome.PASS, verdict.message, (*verdict.remarks, wording.NO_RESTART))
        return _not_yet(timeline, since, "to restart (neither the API nor a probe has shown it yet)")
    back = max(outage.back or 0.0 for outage in ended)
    longest = max((outage.back or 0.0) - outage.gone for outage in ended)
    if not over and now - back < max(10.0, 3 * longest):
        return _not_yet(timeline, since, "to be reported as restarted (the machine went away and is back)")
    remark = wording.restart_not_shown(ended[0], since, now - back)
    return Verdict(Outcome.PASS, verdict.message, (*verdict.remarks, remark))


def went_through(timeline: Timeline, since: float, wanted: Sequence[str]) -> Verdict:
    """Judges whether the API's states came in the wanted order since just before the action; never PENDING.

    Only the four states that OCCI knows count; other words are told in a remark. The order may repeat
    itself, with a remark. UNKNOWN when the order was not seen and the site gave no answer for a while.
    Source: wiki 4.4.
    """
    lane = timeline.lane(STATE)
    sequence = _sequence(timeline, since)
    values = [run.value for run in sequence]
    expected = list(wanted)
    words = unknown_words(lane, since)
    remarks = [wording.unknown_words(words)] if words else []
    if values == expected:
        return Verdict(Outcome.PASS, wording.in_order(timeline, since, sequence), tuple(remarks))
    if _repeats(values, expected):
        remarks.append(f"The VM went through it more than once: {wording.steps(sequence, since)}.")
        return Verdict(Outcome.PASS, wording.in_order(timeline, since, sequence), tuple(remarks))
    unknown = cannot_tell(timeline, since, timeline.ended, 0.0, PATIENCE)
    if unknown is not None:
        return Verdict(unknown.outcome, unknown.message, tuple(remarks))
    start, end, samples = blind_stretch(lane, since)
    if samples >= 3 and end - start >= 2.0:
        return Verdict(
            Outcome.UNKNOWN, wording.blind(start - since, end - since, samples, expected), tuple(remarks)
        )
    return Verdict(Outcome.FAIL, wording.not_in_order(timeline, since, sequence, expected), tuple(remarks))


def reached(
    wanted: str,
    timeline: Timeline,
    since: float,
    now: float | None = None,
    timeout: float = 300.0,
) -> Verdict:
    """Judges whether the API has reached a state and stayed in it for the settle time. Source: wiki 5.3.1."""
    now = timeline.ended if now is None else now
    patience = _patience(timeout)
    run = current(timeline.lane(STATE))
    there = run is not None and run.value == wanted
    if run is not None and there:
        began = max(run.first, since)
        # A probe's last answer may be from before the state was reached; whether it still answers is for a remark.
        probes = [timeline.lane(name) for name in PROBES if informs(timeline.lane(name))]
        told = all(asked_since(lane, began) for lane in probes) or run.held(since) >= SETTLING.most
        enough = told and run.held(since) >= SETTLING.needed(began - since) and run.samples >= 2
        at_end = now - since >= timeout and run.samples >= 2 and run.last > since
        if began - since <= timeout and (enough or at_end):
            late = () if enough else (wording.NOT_SETTLED,)
            return Verdict(
                Outcome.PASS,
                wording.state_reached(timeline, since, wanted, began),
                (*late, *wording.still_answering(timeline, began)),
            )
    unknown = cannot_tell(timeline, since, now, timeout, patience)
    if unknown is not None:
        return unknown
    if wanted != "error" and _error_persists(timeline, since, patience):
        return Verdict(Outcome.FAIL, wording.in_error(timeline, since, f"the API says '{wanted}'"))
    if now - since < timeout:
        return Verdict(Outcome.PENDING, wording.waiting(timeline, since, f"the API to say '{wanted}'"))
    return Verdict(Outcome.FAIL, wording.not_reached(timeline, since, wanted, timeout))


def went_down(
    timeline: Timeline,
    since: float,
    now: float | None = None,
    timeout: float = 300.0,
) -> Verdict:
    """Judges whether the VM is stopped: the API says inactive and the machine no longer answers, settled.

    A probe that never answered is silent from the beginning. Source: wiki 6.5.1; design §6.
    """
    now = timeline.ended if now is None else now
    patience = _patience(timeout)
    state = current(timeline.lane(STATE))
    sides = [state if state is not None and state.value == "inactive" else None]
    sides += [_quiet(timeline, name) for name in PROBES if informs(timeline.lane(name))]
    down = [run for run in sides if run is not None]
    if len(down) == len(sides):
        began = max(since, *(run.first for run in down))
        held = min(run.last for run in down) - began
        twice = all(run.samples >= 2 for run in down)
        enough = held >= SETTLING.needed(began - since) and twice
        at_end = now - since >= timeout and held > 0 and twice
        if began - since <= timeout and (enough or at_end):
            late = () if enough else (wording.NOT_SETTLED,)
            return Verdict(
                Outcome.PASS,
                wording.down(timeline, since, began),
                (*late, *wording.nothing_but_the_api(timeline)),
            )
    unknown = cannot_tell(timeline, since, now, timeout, patience)
    if unknown is not None:
        return unknown
    if _error_persists(timeline, since, patience):
        return Verdict(Outcome.FAIL, wording.in_error(timeline, since, "the VM stops"))
    if now - since < timeout:
        return Verdict(Outcome.PENDING, wording.waiting(timeline, since, "the VM to stop"))
    return Verdict(Outcome.FAIL, wording.not_down(timeline, since, timeout))


def cannot_tell(
    timeline: Timeline,
    since: float,
    now: float | None = None,
    timeout: float = 300.0,
    patience: float | None = None,
) -> Verdict | None:
    """Gives the verdict UNKNOWN when the site cannot be asked any more, else None.

    That is: no answer for ``patience`` seconds up to now (or up to the time-out), or a refused login in two
    samples that lie at least 1 s apart. It says nothing about the VM.
    """
    now = timeline.ended if now is None else now
    patience = _patience(timeout) if patience is None else patience
    lane = timeline.lane(STATE)
    over = now - since >= timeout
    if lane is None or not lane.spans:
        return Verdict(Outcome.UNKNOWN, wording.never_asked(now)) if over or lane is None else None
    last = lane.spans[-1]
    if last.value == LOGIN_REFUSED and last.samples >= 2 and last.last - last.first >= 1.0:
        return Verdict(Outcome.UNKNOWN, wording.login_refused(last, since))
    unreachable = tail(lane, is_unanswered)
    if not unreachable:
        return None
    tries = sum(span.samples for span in unreachable)
    first, detail = unreachable[0].first, unreachable[-1].detail
    if tries >= 2 and (now - first >= patience or over):
        return Verdict(
            Outcome.UNKNOWN, wording.unreachable(first - since, tries, detail, last.value == SAMPLER_ERROR)
        )
    return None


def lacks_only_the_machine(timeline: Timeline, since: float, timeout: float) -> bool:
    """Says whether the API has said active in time and settled, so that only the machine's answer is wanting."""
    run = current(timeline.lane(STATE))
    if run is None or run.value != "active" or run.samples < 2:
        return False
    began = max(since, run.first)
    return began - since <= timeout and run.held(since) >= SETTLING.needed(began - since)


def _patience(timeout: float) -> float:
    return min(PATIENCE, timeout / 4)


@dataclass(frozen=True, slots=True)
class _Up:
    """That state and machine both say "up" since ``began``."""

    began: float
    settled: bool
    seen_twice: bool
    remarks: tuple[str, ...]


def _up(timeline: Timeline, since: float, patience: float) -> _Up | None:
    state = current(timeline.lane(STATE))
    if state is None or state.value != "active":
        return None
    if not any(informs(timeline.lane(name)) for name in PROBES):
        return _together((state,), since, 0.0, wording.nothing_but_the_api(timeline))
    echo, ping = current(timeline.lane("echo")), current(timeline.lane("ping"))
    found: list[_Up] = []
    if echo is not None and echo.value == "answers":
        found.append(_together((state, echo), since, 0.0, wording.other_side(timeline, "echo")))
    if echo is not None and echo.value == "garbled":
        found.append(_together((state, echo), since, patience, (wording.GARBLED,)))
    if ping is not None and ping.value == "answers":
        least = 3 * patience if informs(timeline.lane("echo")) else 0.0
        found.append(_together((state, ping), since, least, wording.other_side(timeline, "ping")))
    settled = [up for up in found if up.settled]
    return next(iter(settled or found), None)


def _together(sides: tuple[Run, ...], since: float, least: float, remarks: tuple[str, ...]) -> _Up:
    began = max(since, *(run.first for run in sides))
    held = min(run.last for run in sides) - began
    twice = all(run.samples >= 2 for run in sides) and held > 0
    return _Up(began, twice and held >= max(least, SETTLING.needed(began - since)), twice, remarks)


def _error_persists(timeline: Timeline, since: float, patience: float) -> bool:
    # Servers of OCCI 1.1 may pass through it, so it does not end a wait at once.
    run = current(timeline.lane(STATE))
    return run is not None and run.value == "error" and run.held(since) >= patience


def _sequence(timeline: Timeline, since: float) -> list[Run]:
    known = known_runs(timeline.lane(STATE))
    before = [index for index, run in enumerate(known) if run.first <= since]
    return list(known[before[-1] if before else 0 :])


def _repeats(values: Sequence[str], wanted: Sequence[str]) -> bool:
    if len(wanted) < 2 or wanted[0] != wanted[-1]:
        return False
    rounds = (len(values) - 1) // (len(wanted) - 1)
    return rounds >= 1 and list(values) == [*wanted, *list(wanted[1:]) * (rounds - 1)]


def _last_dip(timeline: Timeline, since: float) -> float | None:
    dips = [
        run.last for run in known_runs(timeline.lane(STATE)) if run.value != "active" and run.last > since
    ]
    return dips[-1] if dips else None


def _holding_since(timeline: Timeline, dip: float) -> float:
    state = current(timeline.lane(STATE))
    return state.held(dip) if state is not None else 0.0


def _not_yet(timeline: Timeline, since: float, what: str) -> Verdict:
    return Verdict(Outcome.PENDING, wording.waiting(timeline, since, f"the VM {what}"))


def _quiet(timeline: Timeline, name: str) -> Run | None:
    """Gives the stretch up to now in which a probe did not answer, None when it answers."""
    lane = timeline.lane(name)
    stretches = runs(lane)
    if not stretches or unreadable_tail(lane) > 1:
        return None
    quiet: list[Run] = []
    for run in reversed(stretches):
        if run.value == "answers":
            break
        quiet.append(run)
    if not quiet:
        return None
    return Run("quiet", quiet[-1].first, quiet[0].last, sum(run.samples for run in quiet))
