"""The sentences of the verdicts: what was expected, what was seen since when, and what to ask the admin.

All times in them are seconds after the action. No message is longer than ``LONGEST`` characters.
"""

from __future__ import annotations

from collections.abc import Sequence

from .reading import (
    PROBES,
    STATE,
    Outage,
    Run,
    asked_since,
    current,
    informs,
    known_runs,
    largest_gap,
    outages,
    queries,
    runs,
)
from .timeline import Lane, Span, Timeline

LONGEST = 600
GARBLED = "The machine accepts connections, but its echo service gave no proper echo."
NOT_SETTLED = "The time was over before it was seen to stay so."
NO_RESTART = "The VM is up, but neither the API nor a probe has shown that it restarted."
_ONLY_API = "Neither echo nor ping could be asked: that the machine agrees with the API is not shown."


def up(timeline: Timeline, since: float, began: float) -> str:
    """Says that the VM is up."""
    return _fit(
        f"The VM is up {_after(began, since)}: {_all_say(timeline, since)} ({_asked(timeline, since)})"
    )


def down(timeline: Timeline, since: float, began: float) -> str:
    """Says that the VM is stopped."""
    return _fit(
        f"The VM is stopped {_after(began, since)}: {_all_say(timeline, since)} ({_asked(timeline, since)})"
    )


def state_reached(timeline: Timeline, since: float, wanted: str, began: float) -> str:
    """Says that the API has reached a state."""
    return _fit(f"The API says '{wanted}' {_after(began, since)} ({_asked(timeline, since)})")


def in_order(timeline: Timeline, since: float, sequence: Sequence[Run]) -> str:
    """Says that the states came in the wanted order."""
    return _fit(f"The API went through {steps(sequence, since)} ({_asked(timeline, since)})")


def waiting(timeline: Timeline, since: float, what: str) -> str:
    """Says what is being waited for, and what is seen meanwhile."""
    return _fit(f"Waiting for {what}: {_all_say(timeline, since)}")


def not_up(timeline: Timeline, since: float, timeout: float, *, too_late: bool) -> str:
    """Says why the VM does not count as up when the time is over."""
    run = current(timeline.lane(STATE))
    if too_late:
        ask = "It came up, but too late: please ask the site's admin whether it is always that slow."
    elif run is not None and run.value == "active":
        ask = "Please ask the site's admin why the machine does not answer though the API says 'active'."
    elif any(_answers(timeline, name) for name in PROBES):
        ask = "Please ask the site's admin why the API does not say 'active' though the machine answers."
    else:
        ask = "Please ask the site's admin why the VM does not start up."
    expected = f"Expected: the VM is up (the API says 'active' and the machine answers) within {timeout:g} s"
    return _fit(f"{expected}. Seen: {_all_say(timeline, since)} ({_asked(timeline, since)})", ask)


def not_down(timeline: Timeline, since: float, timeout: float) -> str:
    """Says why the VM does not count as stopped when the time is over."""
    run = current(timeline.lane(STATE))
    lie = run is not None and run.value == "inactive" and any(_answers(timeline, name) for name in PROBES)
    ask = "Please ask the site's admin why the VM does not stop."
    if lie:
        ask = "It is reported inactive while the machine still answers: please ask the site's admin why."
    expected = (
        f"Expected: the VM is stopped (the API says 'inactive', the machine is silent) within {timeout:g} s"
    )
    return _fit(f"{expected}. Seen: {_all_say(timeline, since)} ({_asked(timeline, since)})", ask)


def not_reached(timeline: Timeline, since: float, wanted: str, timeout: float) -> str:
    """Says which state the VM is in instead of the wanted one when the time is over."""
    expected = f"Expected: the API says '{wanted}' within {timeout:g} s of the action"
    run = current(timeline.lane(STATE))
    instead = f" (it says '{_plain(run.value)}')" if run is not None else ""
    ask = f"Please ask the site's admin why the VM did not become '{wanted}'{instead}."
    return _fit(f"{expected}. Seen: {_all_say(timeline, since)} ({_asked(timeline, since)})", ask)


def in_error(timeline: Timeline, since: float, what: str) -> str:
    """Says that the VM stays in state error."""
    ask = "Please ask the site's admin what went wrong with the VM."
    return _fit(f"Expected: {what}. Seen: {_all_say(timeline, since)} ({_asked(timeline, since)})", ask)


def not_in_order(timeline: Timeline, since: float, sequence: Sequence[Run], wanted: Sequence[str]) -> str:
    """Says how the states went instead of the wanted order, and what could have been missed."""
    parts = [f"Expected: the API goes through {', '.join(wanted)}"]
    parts.append(f"Seen: {steps(sequence, since)}" if sequence else "Seen: no state that OCCI knows")
    away = outages(timeline, since)
    parts.append(_what_may_be_missed(timeline, since, away))
    if "suspended" in [run.value for run in sequence] and "suspended" not in wanted:
        parts.append("It went through 'suspended', which a restart does not")
    if away:
        parts.append(outage_sentence(away[0], since).rstrip("."))
    elif any(informs(timeline.lane(name)) for name in PROBES):
        parts.append(f"Meanwhile {_probes_say(timeline, since)}")
    if away and away[0].back is not None and all(run.value == "active" for run in sequence):
        parts.append("So the machine did restart, but the API did not show it")
    ask = f"Please ask the site's admin why the OCCI state does not go {', '.join(wanted)}."
    return _fit(". ".join(parts), ask)


def _what_may_be_missed(timeline: Timeline, since: float, away: Sequence[Outage]) -> str:
    """Says how long a change may be and still go unseen: while the machine was away, where that is known."""
    lane = timeline.lane(STATE)
    count = queries(lane, since)
    asked = f"In {count} {_plural(count, 'query', 'queries')}"
    over = away[0].back if away else None
    if over is not None and lane is not None:
        within = [gap.seconds for gap in lane.gaps if gap.end > since and gap.start < over]
        if within:
            return f"{asked}, at most {_seconds(max(within))} apart until the machine was back"
    gap, at = largest_gap(lane, since)
    return (
        f"{asked}, at most {_seconds(gap)} apart (the longest from {_seconds(at - since)} on): "
        "a shorter change may have been missed"
    )


def blind(start: float, end: float, samples: int, wanted: Sequence[str]) -> str:
    """Says that the site gave no answer while the order could have been seen."""
    return _fit(
        f"Cannot tell: the states {', '.join(wanted)} were not seen, but the site could not be asked from "
        f"{_seconds(start)} to {_seconds(end)} after the action ({samples} tries without an answer)"
    )


def unreachable(first: float, tries: int, detail: str, own_error: bool) -> str:
    """Says that the site cannot be asked any more."""
    what = "its state could not be asked for" if own_error else "the site cannot be reached"
    last = f"; the last time: {_plain(detail, 120)}" if detail else ""
    when = f"since {_seconds(first)} after the action" if first > 0 else "since before the action"
    return _fit(f"Cannot tell about the VM: {what} {when} ({tries} tries{last})")


def login_refused(span: Span, since: float) -> str:
    """Says that the site refuses the credentials."""
    detail = f" ({_plain(span.detail, 120)})" if span.detail else ""
    return _fit(
        f"Cannot tell about the VM: the site refuses the credentials {_from(span.first, since)}, "
        f"{span.samples} times{detail}",
        "Please check the login in the site file.",
    )


def never_asked(now: float) -> str:
    """Says that no query about the VM ever came to an end."""
    return _fit(f"Cannot tell about the VM: no query for its state came to an end within {_seconds(now)}")


def unknown_words(words: Sequence[str]) -> str:
    """Says which states OCCI does not know."""
    shown = ", ".join(f"'{_plain(word)}'" for word in words[:5])
    return f"The API also said {shown}, which OCCI does not know; left out of the order."


def outage_sentence(outage: Outage, since: float) -> str:
    """Says from when to when a probe was away."""
    name = PROBES[outage.lane].capitalize()
    if outage.back is None:
        return f"{name} is away from {_seconds(outage.gone - since)} on."
    return f"{name} was away from {_seconds(outage.gone - since)} to {_seconds(outage.back - since)}."


def answered_all_along(probe: str, first: float, last: float) -> str:
    """Says that a probe answered while the API said inactive (seconds after the action)."""
    return (
        f"The API said 'inactive' from {_seconds(first)} to {_seconds(last)}, yet {PROBES[probe]} answered all along: "
        "that the machine restarted rests on the API's word alone. With an ssh login in the site file "
        "(${SSH_USERNAME}) the machine's boot id would tell."
    )


def up_by_own_account(timeline: Timeline, since: float, account: str) -> str:
    """Says that the VM is up by the API and the machine's own account."""
    return _fit(f"The VM is up: {_all_say(timeline, since)}; the machine itself answers over ssh: {account}")


def nothing_but_ssh(timeline: Timeline, since: float) -> str:
    """Gives the remark for a machine that only its ssh login shows to be up."""
    return f"Of the machine only its ssh login answers: {_probes_say(timeline, since)}."


def restart_not_shown(outage: Outage, since: float, waited: float) -> str:
    """Says that a probe saw the restart and the API did not show it."""
    return (
        f"{outage_sentence(outage, since)} The API said 'active' all the time; "
        f"it was given another {_seconds(waited)} to show the restart and did not."
    )


def steps(sequence: Sequence[Run], since: float) -> str:
    """Writes a sequence of states with the times when each was first seen."""
    if len(sequence) == 1 and sequence[0].first <= since:
        return f"only {sequence[0].value}, from before the action to the end"
    shown = [f"{run.value} ({_at(run.first, since)})" for run in sequence]
    if len(shown) > 7:
        shown = [*shown[:5], f"... {len(shown) - 6} more ...", shown[-1]]
    only = "only " if len(shown) == 1 else ""
    return only + ", ".join(shown)


def nothing_but_the_api(timeline: Timeline) -> tuple[str, ...]:
    """Gives a remark when no probe could be asked, else none."""
    return () if any(informs(timeline.lane(name)) for name in PROBES) else (_ONLY_API,)


def other_side(timeline: Timeline, answering: str) -> tuple[str, ...]:
    """Gives a remark for each other probe that does not answer while this one does."""
    silent = [name for name in PROBES if name != answering and informs(timeline.lane(name))]
    return tuple(
        f"{PROBES[name].capitalize()} does not answer, though {PROBES[answering]} does."
        for name in silent
        if not _answers(timeline, name)
    )


def still_answering(timeline: Timeline, began: float) -> tuple[str, ...]:
    """Gives a remark for each probe that was asked after ``began`` and still answers."""
    return tuple(
        f"{PROBES[name].capitalize()} still answers."
        for name in PROBES
        if _answers(timeline, name) and asked_since(timeline.lane(name), began)
    )


def _answers(timeline: Timeline, name: str) -> bool:
    run = current(timeline.lane(name))
    return run is not None and run.value == "answers"


def _all_say(timeline: Timeline, since: float) -> str:
    probes = _probes_say(timeline, since)
    return (
        f"{_api_says(timeline.lane(STATE), since)}; {probes}"
        if probes
        else _api_says(timeline.lane(STATE), since)
    )


def _api_says(lane: Lane | None, since: float) -> str:
    if lane is None or not lane.spans:
        return "the API has not answered yet"
    run, last = current(lane), lane.spans[-1]
    if run is None:
        detail = f" ({_plain(last.detail, 80)})" if last.detail else ""
        return f"the API gives no state, {_plain(last.value)}{detail}, {_from(last.first, since)}"
    before = [known for known in known_runs(lane) if known.last < run.first and known.last >= since]
    was = f" (before that '{before[-1].value}')" if before else ""
    return f"the API says '{_plain(run.value)}' {_from(run.first, since)}{was}"


def _probes_say(timeline: Timeline, since: float) -> str:
    return ", ".join(_probe_says(timeline.lane(name), since) for name in PROBES if timeline.lane(name))


def _probe_says(lane: Lane | None, since: float) -> str:
    stretches = runs(lane)
    name = PROBES[lane.name] if lane else ""
    if not stretches:
        return f"{name} could not be asked"
    last = stretches[-1]
    says = {"answers": "answers", "silent": "is silent", "garbled": "connects but echoes nothing proper"}
    what = says.get(last.value, f"gives '{_plain(last.value)}'")
    if len(stretches) == 1 and last.value == "silent":
        return f"{name} was silent all the time"
    return f"{name} {what} {_from(last.first, since)}"


def _asked(timeline: Timeline, since: float) -> str:
    lane = timeline.lane(STATE)
    count = queries(lane, since)
    gap, _ = largest_gap(lane, since)
    return f"{count} {_plural(count, 'query', 'queries')}, at most {_seconds(gap)} apart"


def _from(moment: float, since: float) -> str:
    return f"since {_seconds(moment - since)}" if moment > since else "since before the action"


def _after(moment: float, since: float) -> str:
    return f"since {_seconds(moment - since)} after the action"


def _at(moment: float, since: float) -> str:
    return f"at {_seconds(moment - since)}" if moment > since else "before the action"


def _seconds(seconds: float) -> str:
    seconds = max(0.0, seconds)
    digits = 3 if seconds < 0.1 else 2 if seconds < 10 else 1
    return f"{seconds:.{digits}f} s"


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _plain(text: str, limit: int = 40) -> str:
    """Makes a site's text fit to be shown within a sentence."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text[:limit]
    )
    return shown if len(text) <= limit else f"{shown}..."


def _fit(seen: str, ask: str = "") -> str:
    """Joins what was seen with what to ask; shortens the former, so that the latter is always there."""
    room = LONGEST - len(ask) - 2
    seen = seen.rstrip(".")
    if len(seen) > room:
        seen = f"{seen[: room - 3].rstrip()}..."
    return f"{seen}. {ask}" if ask else f"{seen}."
