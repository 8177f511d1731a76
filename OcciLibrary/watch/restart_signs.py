"""The three signs of a restart, and the proof that a suspended machine kept its memory: pure functions.

The API's states are one sign, an outage of the probes another, and the machine's own account (its boot id, its boot time)
the third. Where they disagree, the conclusion says which one lies. Source: wiki 4.3, 4.4, 5.6; design §6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from .reading import PROBES, STATE, Outage, known_runs, outages
from .timeline import Lane, Timeline
from .verdicts import Outcome, Verdict
from .wording import answered_all_along, outage_sentence

TOLERANCE = 2.0
"""Seconds by which two readings of one boot time may differ: it is told in whole seconds, and clocks are adjusted."""
_DRIFT = 0.02


@dataclass(frozen=True, slots=True)
class Boot:
    """What a machine told of its boot at one moment; '' and None stand for what is not known.

    ``time`` is when it booted and ``clock`` what its clock showed when it was asked (seconds since 1970), ``first`` is when
    its first process began (ticks), ``asked`` is the tester's clock at that moment.
    """

    id: str = ""
    time: float | None = None
    clock: float | None = None
    first: int | None = None
    asked: float | None = None

    @property
    def uptime(self) -> float | None:
        """Gives for how many seconds the machine had been up; a clock that is set meanwhile does not change it."""
        return None if self.time is None or self.clock is None else self.clock - self.time


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: does it show what was to be shown (None: it could not be had), and in which words."""

    name: str
    shown: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Signs:
    """What the signs say together.

    ``broken`` is '' or the sentence that fails the step that is about the machine; ``own_account`` is what the machine itself
    adds when the API's states fail, or ''.
    """

    signs: tuple[Sign, ...]
    conclusion: str
    broken: str = ""
    own_account: str = ""


def fresh_boot(before: Boot | None, after: Boot | None, *, slept: bool = False) -> bool | None:
    """Tells whether a machine has booted between two readings; None when that cannot be told for certain.

    Different boot ids or first processes prove a boot. The same boot id proves that there was none, unless the uptime
    says otherwise. Without boot ids the uptime decides, which no setting of the clock changes. With ``slept`` the machine was
    suspended meanwhile: its uptime may lag, so that only an uptime that went back proves a boot.
    """
    if before is None or after is None:
        return None
    if None not in (before.first, after.first) and before.first != after.first:
        return True  # in a container the boot id is the host's, the first process is its own
    counted = _fresh_by_uptime(before, after, slept)
    if not (before.id and after.id):
        return counted
    if before.id != after.id:
        return True
    return None if counted and not slept else False


def _fresh_by_uptime(before: Boot, after: Boot, slept: bool) -> bool | None:
    """Compares how long the machine has been up with the time that went by between the readings."""
    earlier, later = before.uptime, after.uptime
    if earlier is None or later is None or before.asked is None or after.asked is None:
        return None
    passed = max(0.0, after.asked - before.asked)
    margin = TOLERANCE + _DRIFT * passed
    if later > passed + margin:  # it was up already at the first reading
        return False if later >= earlier - margin else None
    if later < earlier - margin:
        return True
    return True if not slept and later < passed - margin else None


def restart_signs(
    order: Verdict,
    away: Sequence[Outage],
    before: Boot | None,
    after: Boot | None,
    *,
    since: float = 0.0,
    unprobed: str = "",
    problem: str = "",
) -> Signs:
    """Puts the three signs of a restart side by side.

    ``order`` is the verdict on the API's states, ``away`` the probes' outages after ``since`` (the time of the action in the
    timeline), ``unprobed`` says why no probe could show an outage, ``problem`` why the machine's account is missing.
    ``broken`` is set when the API shows a restart that the machine proves not to have made.
    """
    signs = (_order_sign(order), _outage_sign(away, since, unprobed), _boot_sign(before, after, problem))
    api, machine = signs[0].shown, signs[2].shown
    if api and machine is False:
        lie = (
            "The API went through active, inactive, active, but the machine was not restarted: "
            f"{signs[2].words}. So the API reports a restart that did not take place"
        )
        broken = f"Expected: the machine restarts. Seen: {lie}. Please ask the site's admin why restart does not restart the VM."
        return Signs(signs, f"{lie}.", broken)
    return Signs(signs, _restart_conclusion(signs), own_account=_own_account(signs[1], signs[2]))


def _own_account(probes: Sign, machine: Sign) -> str:
    if machine.shown is None:
        return ""
    account = f"The machine's own account: {machine.words}."
    if not machine.shown:
        return f"{account} So it was not restarted at all."
    # Where the probes saw the outage, the verdict on the order has said it already.
    return (
        account
        if probes.shown
        else f"{account} So it did restart, and the API did not show it in that order."
    )


def _restart_conclusion(signs: Sequence[Sign]) -> str:
    api, gap, machine = (sign.shown for sign in signs)
    if api is False and machine:
        return f"The machine did restart ({signs[2].words}), but the API did not show it."
    if api is False and machine is False:
        return f"The machine was not restarted, and the API did not show a restart either: {signs[2].words}."
    if api and machine:
        also = {
            True: "All three signs show the restart.",
            None: "Both signs that could be had show the restart.",
        }
        return also.get(gap, "The API and the machine show the restart; the probes were too slow to see it.")
    shown, not_shown, unknown = (
        ", ".join(sign.name for sign in signs if sign.shown is said) for said in (True, False, None)
    )
    told = [f"The restart is shown by: {shown}." if shown else "No sign shows the restart."]
    told += [f"Not shown by: {not_shown}."] if shown and not_shown else []
    told += [f"Not known: {unknown}."] if unknown else []
    return " ".join(told)


def word_of_the_api_alone(timeline: Timeline, since: float) -> str:
    """Gives a remark where the API shows a dip while a probe answers all along: then nothing else shows a restart, else ''.

    The probe must have been asked and have answered twice within the dip, and never have been away.
    """
    if outages(timeline, since):
        return ""
    dips = [run for run in known_runs(timeline.lane(STATE)) if run.value == "inactive" and run.last > since]
    for name in PROBES:
        lane = timeline.lane(name)
        for dip in dips:
            if lane is not None and _answered_within(lane, dip.first, dip.last):
                return answered_all_along(name, dip.first - since, dip.last - since)
    return ""


def _answered_within(lane: Lane, first: float, last: float) -> bool:
    # A gap reaches from the sending of one sample to the answer of the next: two samples lie in it.
    asked = any(first <= gap.start and gap.end <= last for gap in lane.gaps)
    return asked and any(
        span.value == "answers" and span.first <= first and span.last >= last for span in lane.spans
    )


def resume_signs(
    before: Boot | None, after: Boot | None, *, method: str = "hibernate", problem: str = ""
) -> Signs:
    """Says whether a machine that was suspended with a method and resumed kept its memory.

    ``broken`` is set when it was booted afresh: then what was in its memory is lost (GFD.184 §3.1: suspend keeps it).
    """
    booted = fresh_boot(before, after, slept=True)
    if booted is None:
        sign = Sign("memory", None, problem or _unclear(before, after))
        return Signs((sign,), f"Whether the machine kept its memory is not known: {sign.words.rstrip('.')}.")
    if booted:
        sign = Sign("memory", False, f"it resumed into a fresh boot: {_difference(before, after)}")
        lost = f"The VM resumed into a fresh boot, so {method} lost its memory: {_difference(before, after)}"
        ask = "Please ask the site's admin why suspend does not keep the machine's memory."
        broken = f"Expected: the machine keeps its memory. Seen: {lost}. {ask}"
        return Signs((sign,), f"{lost}.", broken)
    sign = Sign("memory", True, f"kept: {_sameness(before, after)}")
    return Signs((sign,), f"The machine kept its memory while it was suspended: {_sameness(before, after)}.")


def _order_sign(order: Verdict) -> Sign:
    shown = {Outcome.PASS: True, Outcome.FAIL: False}.get(order.outcome)
    words = {
        True: "went through active, inactive, active",
        False: "did not go through active, inactive, active",
        None: "could not be asked all the time",
    }
    return Sign("API", shown, words[shown])


def _outage_sign(away: Sequence[Outage], since: float, unprobed: str) -> Sign:
    if unprobed:
        return Sign("probes", None, unprobed)
    if not away:
        return Sign("probes", False, "no outage of echo or ping was seen")
    ended = next((outage for outage in away if outage.back is not None), away[0])
    return Sign("probes", True, outage_sentence(ended, since).rstrip("."))


def _boot_sign(before: Boot | None, after: Boot | None, problem: str) -> Sign:
    booted = fresh_boot(before, after)
    if booted is None:
        return Sign("machine", None, problem.rstrip(".") or _unclear(before, after))
    return Sign("machine", booted, _difference(before, after) if booted else _sameness(before, after))


def _difference(before: Boot | None, after: Boot | None) -> str:
    if before and after and before.id and after.id and before.id != after.id:
        return f"new boot id {after.id[:8]} instead of {before.id[:8]}"
    if before and after and before.first != after.first:
        return "its first process is another one"
    return (
        f"it has been up for only {after.uptime:.0f} s"
        if after and after.uptime is not None
        else "new boot time"
    )


def _sameness(before: Boot | None, after: Boot | None) -> str:
    same = f"same boot id {after.id[:8]}" if before and after and before.id and after.id else "same boot"
    return f"{same}, up for {after.uptime:.0f} s" if after and after.uptime is not None else same


def _unclear(before: Boot | None, after: Boot | None) -> str:
    if before is None or after is None:
        return "the machine's own account is missing"
    return "the machine's boot id and boot time do not tell"


def signs_table(signs: Signs, title: str) -> str:
    """Draws the signs as a small HTML table under a title, the conclusion below it; everything is escaped."""
    table = ET.Element("table", {"style": "border-collapse:collapse;font-size:90%;color:inherit"})
    head = ET.SubElement(ET.SubElement(table, "tr"), "th", {"colspan": "3", "style": "text-align:left"})
    head.text = _plain(title)
    for sign in signs.signs:
        row = ET.SubElement(table, "tr")
        for text in (sign.name, {True: "yes", False: "no", None: "not known"}[sign.shown], sign.words):
            style = "text-align:left;vertical-align:top;padding:1px 8px 1px 0;word-break:normal"
            ET.SubElement(row, "td", {"style": style}).text = _plain(text)
    last = ET.SubElement(ET.SubElement(table, "tr"), "td", {"colspan": "3"})
    last.text = _plain(signs.conclusion)
    return ET.tostring(table, encoding="unicode", method="html")


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
