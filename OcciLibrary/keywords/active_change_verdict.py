"""The verdict on an attribute that was changed while the VM was active: pure.

The task force wants to learn here: it is FAIL only where the site says one thing and does another, or harms the VM.
Source: wiki, "Test cases that need discussion"; design §5.
"""

from __future__ import annotations

from collections.abc import Iterator

from OcciLibrary.keywords.active_change import (
    MEMORY,
    STOP_AND_START,
    ActiveChange,
    Answer,
    Fit,
    in_machine,
    in_occi,
    shown_value,
)
from OcciLibrary.keywords.active_change_record import line
from OcciLibrary.occi.attribute_changes import compare
from OcciLibrary.watch import Outcome, Verdict

# A message about the state is no attribute of the VM (GFD.224 §3.1).
_OF_THE_MOMENT = ("occi.compute.state", "occi.compute.state.message")


def verdict(change: ActiveChange) -> Verdict:
    """Returns PASS with the record as one line, or FAIL: the site said one thing and did another, or harmed the VM."""
    if broken := _harmed(change) or _unasked(change) or _refused_but_done(change) or _not_done(change):
        return Verdict(Outcome.FAIL, broken, change.doubts)
    return Verdict(Outcome.PASS, line(change), (*change.doubts, *_remarks(change)))


def _harmed(change: ActiveChange) -> str:
    if not change.harm:
        return ""
    return (
        f"Expected that the VM stays active and alive when {_wish(change)} ({change.answer_words}), but {change.harm}. "
        "Ask the site's admin why an update does that to a running VM."
    )


def _unasked(change: ActiveChange) -> str:
    others = [text for name, text in _others(change) if name.startswith("occi.")]
    if not others:
        return ""
    return (
        f"Expected that nothing else changes when {_wish(change)} ({change.answer_words}), but OCCI shows another "
        f"{'; another '.join(others)}. Ask the site's admin why the update changed that too."
    )


def _others(change: ActiveChange) -> Iterator[tuple[str, str]]:
    """Yields the other attributes that OCCI showed changed a little after the change, with what became of each."""
    if change.before.shown is None or change.later is None or change.later.shown is None:
        return
    left_out = {*_OF_THE_MOMENT, *change.asked_so_far, change.name}
    before, after = (
        {name: value for name, value in sight.shown.items() if name not in left_out}
        for sight in (change.before, change.later)
        if sight.shown is not None
    )
    for other in compare(before, after, {}).unasked:
        yield other.name, str(other)


def _refused_but_done(change: ActiveChange) -> str:
    if change.answer is not Answer.REFUSED:
        return ""
    for when, sight in change.moments:
        for who, reading in (
            ("OCCI shows it", in_occi(change, sight)),
            ("the machine has it", in_machine(change, sight)),
        ):
            if reading.fit is Fit.AS_ASKED:
                return (
                    f"Expected that a change which the site refuses does not take place: {_wish(change)}, the answer was "
                    f"'{change.answer_words}', but {when} {who} {reading.words}. Ask the site's admin which of the two is meant."
                )
    return ""


def _not_done(change: ActiveChange) -> str:
    """Judges an accepted change that came to nothing: only after a stop and a start, for a site may wait for those."""
    if change.answer is not Answer.ACCEPTED or change.started is None:
        return ""
    seen = [(in_occi(change, sight).fit, in_machine(change, sight)) for sight in change.sights]
    if any(inside.fit is Fit.AS_ASKED for _, inside in seen):
        return ""
    was_shown = any(fit in (Fit.AS_ASKED, Fit.OTHERWISE) for fit, _ in seen)
    inside = seen[-1][1]
    if inside.fit is Fit.AS_BEFORE or (inside.fit is Fit.OTHERWISE and change.name != MEMORY):
        shown = "OCCI shows the new value" if was_shown else "not even OCCI shows it"
        return _but(
            change,
            f"{shown}, and the machine never got it: after {STOP_AND_START} it has it {inside.words}",
        )
    if (
        inside.fit is Fit.UNKNOWN
        and not was_shown
        and change.old is not None
        and seen[-1][0] is Fit.AS_BEFORE
    ):
        return _but(
            change, f"OCCI never showed it: after {STOP_AND_START} it is still {shown_value(change.old)}"
        )
    return ""


def _but(change: ActiveChange, what: str) -> str:
    return (
        f"Expected that a change which the site accepts takes place, at the latest when the VM is started again: {_wish(change)}, "
        f"the answer was '{change.answer_words}', but {what}. Ask the site's admin what becomes of such a change."
    )


def _wish(change: ActiveChange) -> str:
    return f"{change.name} was to become {shown_value(change.asked)} instead of {shown_value(change.old)}"


def _remarks(change: ActiveChange) -> Iterator[str]:
    if change.answer is Answer.UNKNOWN:
        yield f"Whether the site took the change is not known ({change.answer_words})."
    for _, text in _others(change):
        yield f"The site also changed {text}."
    if change.answer is Answer.ACCEPTED:
        yield from _accepted_remarks(change)


def _accepted_remarks(change: ActiveChange) -> Iterator[str]:
    if change.restarted is None and change.started is None and not change.is_done:
        yield f"Whether the change is in force after a restart is not known: {change.not_restarted}"
    if not change.sights:
        return
    last = change.sights[-1]
    shown, inside = in_occi(change, last), in_machine(change, last)
    ever_shown = any(in_occi(change, sight).fit is Fit.AS_ASKED for sight in change.sights)
    if shown.fit is Fit.OTHERWISE:
        yield f"OCCI shows {change.name} {shown.words}; asked for was {shown_value(change.asked)}."
    if shown.fit is Fit.AS_BEFORE and ever_shown:
        yield f"The change did not outlive {list(change.moments)[-1][0].removeprefix('after ')}: OCCI shows {change.name} as before again."
    elif shown.fit is Fit.AS_BEFORE and inside.fit is Fit.AS_ASKED:
        yield f"OCCI still shows {change.name} as before, though the machine has it {inside.words}."
    if inside.fit is Fit.OTHERWISE:
        yield f"The machine has {change.name} {inside.words}; asked for was {shown_value(change.asked)}."
    if inside.fit is Fit.AS_ASKED and change.started is last and change.restarted is not None:
        yield f"A restart did not bring the new {change.name} into the machine; {STOP_AND_START} did."
