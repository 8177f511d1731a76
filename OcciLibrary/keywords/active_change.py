"""What is seen of an attribute that is changed while the VM is active, in OCCI and in the machine: pure.

Source: wiki, "Test cases that need discussion".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.probes.guest import GuestAccount

CORES, HOSTNAME, MEMORY = "occi.compute.cores", "occi.compute.hostname", "occi.compute.memory"
RESTART, STOP_AND_START = "a restart", "stop and start"
_MIB = 1024.0  # MiB in a GiB
_LOST_SHARE = 0.15  # of the memory: what a kernel and its firmware keep for themselves
_LOST_LEAST = 0.15  # GiB
_SAME_SHARE = 0.03  # two readings of one memory
_LONGEST_VALUE = 100


class Answer(Enum):
    """How a site answered an update."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Fit(Enum):
    """How a value that was seen lies to the two that it may be."""

    AS_ASKED = "as asked"
    AS_BEFORE = "as before"
    OTHERWISE = "otherwise"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was seen of the attribute in one place: how it fits, and in words."""

    fit: Fit
    words: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What could be seen at one moment, ``seconds`` after the change was asked for.

    ``shown`` are the VM's attributes as OCCI gives them, None where the site could not be asked. ``account`` is what the machine
    says of itself, None where the site file gives no ssh login.
    """

    seconds: float
    shown: Mapping[str, AttributeValue] | None
    account: GuestAccount | None


@dataclass
class ActiveChange:
    """The record of one attribute; what has not been seen is None or ''.

    ``restarted`` and ``started`` are what was seen after a restart, and after a stop and a start; ``not_restarted`` says why
    there is neither. ``harm`` says what the change did to the VM, ``alive_by`` by what it is known to be well, ``doubts`` what else was odd. ``asked_so_far`` are the
    attributes that this run has asked to change by then.
    """

    name: str
    old: AttributeValue | None
    asked: AttributeValue
    before: Sight
    memory_in_mib: bool = False
    answer: Answer = Answer.UNKNOWN
    answer_words: str = ""
    at_once: Sight | None = None
    later: Sight | None = None
    restarted: Sight | None = None
    started: Sight | None = None
    not_restarted: str = ""
    harm: str = ""
    alive_by: tuple[str, ...] = ("OCCI's state",)
    doubts: tuple[str, ...] = ()
    asked_so_far: tuple[str, ...] = ()

    @property
    def moments(self) -> Iterator[tuple[str, Sight]]:
        """Yields what was seen since the change was asked for, with a few words on when."""
        if self.at_once is not None:
            yield f"at once ({self.at_once.seconds:.1f} s)", self.at_once
        if self.later is not None:
            yield f"after {self.later.seconds:.1f} s", self.later
        if self.restarted is not None:
            yield f"after {RESTART}", self.restarted
        if self.started is not None:
            yield f"after {STOP_AND_START}", self.started

    @property
    def sights(self) -> tuple[Sight, ...]:
        """Returns what was seen since the change was asked for, in order."""
        return tuple(sight for _, sight in self.moments)

    @property
    def is_done(self) -> bool:
        """Tells whether an accepted change is where it is to be by what was seen last: a further start would show nothing new."""
        if self.answer is not Answer.ACCEPTED or not self.sights:
            return True
        last = self.sights[-1]
        inside = in_machine(self, last)
        return in_occi(self, last).fit is not Fit.AS_BEFORE and inside.fit in (Fit.AS_ASKED, Fit.UNKNOWN)


def in_occi(change: ActiveChange, sight: Sight) -> Reading:
    """Returns what OCCI showed of the attribute at a moment."""
    if sight.shown is None:
        return Reading(Fit.UNKNOWN, "the site could not be asked")
    value = sight.shown.get(change.name)
    if value is None:
        if change.old is None:
            return Reading(Fit.UNKNOWN, "not shown, neither before nor now")
        return Reading(Fit.OTHERWISE, "not shown any more")
    return Reading(*_fit(same_value(value, change.asked), same_value(value, change.old), value))


def in_machine(change: ActiveChange, sight: Sight) -> Reading:
    """Returns what the machine itself had of the attribute at a moment, and where it cannot tell, why."""
    if change.name not in (CORES, HOSTNAME, MEMORY):
        return Reading(Fit.UNKNOWN, "cannot be seen there")
    if sight.account is None or change.before.account is None:
        return Reading(Fit.UNKNOWN, "not looked at: the site file gives no ssh login")
    if problem := sight.account.problem or change.before.account.problem:
        return Reading(Fit.UNKNOWN, f"not known: {problem}")
    value, before = told_by(change.name, sight.account), told_by(change.name, change.before.account)
    if value is None or before is None:
        return Reading(Fit.UNKNOWN, "not known: the machine does not tell it")
    if not _fits(change, before, change.old):
        return Reading(
            Fit.UNKNOWN,
            f"not comparable: it has {shown_value(value)}, and had {shown_value(before)} before, where OCCI said {shown_value(change.old)}",
        )
    unchanged = _same_inside(change.name, value, before)
    shown = sight.shown.get(change.name) if sight.shown is not None else None
    fits = _fits(change, value, change.asked) or (
        shown is not None and not same_value(shown, change.old) and _fits(change, value, shown)
    )
    return Reading(*_fit(fits and not unchanged, unchanged, value))


def _fit(as_asked: bool, as_before: bool, value: AttributeValue) -> tuple[Fit, str]:
    fit = Fit.AS_ASKED if as_asked else Fit.AS_BEFORE if as_before else Fit.OTHERWISE
    return fit, f"{fit.value} ({shown_value(value)})"


def _same_inside(name: str, one: AttributeValue, other: AttributeValue) -> bool:
    if name == MEMORY and isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= _SAME_SHARE * max(one, other)
    return one == other


def _fits(change: ActiveChange, inside: AttributeValue, occi: AttributeValue | None) -> bool:
    """Tells whether the machine's value is what OCCI's stands for: a kernel shows less memory, and a name without its domain."""
    if change.name == HOSTNAME:
        one, other = str(inside).lower(), str(occi).lower()
        return one == other or (
            one.partition(".")[0] == other.partition(".")[0] and ("." in one) != ("." in other)
        )
    if not isinstance(inside, (int, float)) or not isinstance(occi, (int, float)):
        return False
    if change.name == CORES:
        return inside == occi
    gib = occi / _MIB if change.memory_in_mib else float(occi)
    return gib - max(_LOST_LEAST, _LOST_SHARE * gib) <= inside <= gib * (1 + _SAME_SHARE)


def told_by(name: str, account: GuestAccount | None) -> AttributeValue | None:
    """Returns what a machine says of an attribute, None where it says nothing."""
    if account is None:
        return None
    told: dict[str, AttributeValue | None] = {
        CORES: account.cores,
        HOSTNAME: account.hostname or None,
        MEMORY: account.memory,
    }
    return told.get(name)


def shown_value(value: AttributeValue | None) -> str:
    """Returns a value for a sentence; what a stranger sent is cut."""
    if value is None:
        return "(none)"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
