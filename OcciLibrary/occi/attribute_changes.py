"""Choosing other values for attributes and judging what a site made of them (wiki, test case 2)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from OcciLibrary.occi.model import AttributeValue

_MIB = 1024  # MiB in a GiB
TOLERANCE = 0.01  # reference §8.3: sites print floats with few decimals
_CHANGED = "-changed"
_DEFAULT_LABEL = "reference-vm"
_LONGEST_LABEL = 63
_LONGEST_HOSTNAME = 253
_DOMAIN = re.compile(r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+")
# Beyond this no number describes a VM, and half a GHz would vanish in rounding.
_LARGEST = 1e9


def same_value(one: AttributeValue | None, other: AttributeValue | None) -> bool:
    """Tells whether two attribute values are the same; numbers within a hundredth, True is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return _same_number(one, other)
    return type(one) is type(other) and one == other


def _same_number(one: float, other: float) -> bool:
    if one == other:
        return True
    try:
        return abs(one - other) <= TOLERANCE or (math.isnan(one) and math.isnan(other))
    except OverflowError:  # an integer too large for a float, and a float
        return False


def other_value(name: str, current: AttributeValue | None, memory_in_mib: bool = False) -> AttributeValue:
    """Returns a sensible value that differs from the current one, rather smaller than larger (quotas are tight).

    cores: one less, or 2; memory (GiB, or whole MiB where `memory_in_mib`): half, or double below 2 GiB; speed (GHz): half
    a GHz less, or more; hostname: the first label gains or loses `-changed`, and what is illegal in a host name goes.
    Raises `ValueError` for an attribute that this cannot know.
    """
    if name == "occi.compute.cores":
        cores = int(_number(current, 1))
        return cores - 1 if cores > 1 else 2
    if name == "occi.compute.memory":
        if memory_in_mib:
            return int(_other_memory(_number(current, _MIB) / _MIB) * _MIB)
        return round(_other_memory(_number(current, 1.0)), 3)
    if name == "occi.compute.speed":
        speed = _number(current, 2.0)
        return round(speed - 0.5 if speed > 1 else speed + 0.5, 2)
    if name == "occi.compute.hostname":
        return _other_hostname(str(current or "reference-vm"))
    raise ValueError(f"No other value is known for {name}: give one")


def _other_memory(gib: float) -> float:
    return gib / 2 if gib >= 2 else max(gib * 2, gib + 0.125)


def _other_hostname(hostname: str) -> str:
    label, dot, domain = hostname.partition(".")
    tail = dot + domain if _DOMAIN.fullmatch(dot + domain) else ""
    if len(tail) > _LONGEST_HOSTNAME - len(_DEFAULT_LABEL + _CHANGED):
        tail = ""
    if label.endswith(_CHANGED):
        return _legal_label(label[: -len(_CHANGED)], _LONGEST_LABEL) + tail
    room = min(_LONGEST_LABEL, _LONGEST_HOSTNAME - len(tail)) - len(_CHANGED)
    return _legal_label(label, room) + _CHANGED + tail


def _legal_label(label: str, room: int) -> str:
    """Returns what RFC 1123 §2.1 allows of a label: letters, digits and hyphens, no hyphen at its ends."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", label)[:room].strip("-") or _DEFAULT_LABEL


def _number(value: AttributeValue | None, default: float) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= _LARGEST:
        return float(value)
    return default


@dataclass(frozen=True)
class Change:
    """Says what became of one attribute; a value of None means that the site gave none."""

    name: str
    before: AttributeValue | None
    after: AttributeValue | None
    asked: AttributeValue | None = None

    def __str__(self) -> str:
        return f"{self.name} from {_shown(self.before)} to {_shown(self.after)}"


@dataclass(frozen=True)
class Comparison:
    """Sorts attributes by what became of them.

    `changed`: as asked; `differently`: changed, but not to what was asked; `unchanged`: asked, yet as before or gone;
    `unasked`: changed though nobody asked.
    """

    changed: tuple[Change, ...]
    differently: tuple[Change, ...]
    unchanged: tuple[Change, ...]
    unasked: tuple[Change, ...]

    @property
    def harm(self) -> str:
        """Returns in one sentence what broke the wiki's condition of step 2.6, or '' when it held."""
        parts = []
        if self.unchanged:
            parts.append("the following did not change: " + "; ".join(_unchanged(c) for c in self.unchanged))
        if own := [c for c in self.unasked if c.name.startswith("occi.")]:
            parts.append("the following changed though nobody asked for it: " + "; ".join(map(str, own)))
        return " -- ".join(parts)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Returns what deviates without breaking the condition, a sentence each."""
        other = tuple(
            f"{c.name} was to become {_shown(c.asked)} and is now {_shown(c.after)}{_why(c)}."
            for c in self.differently
        )
        vendor = [c for c in self.unasked if not c.name.startswith("occi.")]
        return other + tuple(f"The site also changed {c}." for c in vendor)


def compare(
    before: Mapping[str, AttributeValue],
    after: Mapping[str, AttributeValue],
    asked: Mapping[str, AttributeValue],
) -> Comparison:
    """Returns what became of the attributes between two readings of one resource when `asked` was asked for."""
    changes = [Change(name, before.get(name), after.get(name), value) for name, value in asked.items()]
    unchanged = [c for c in changes if c.after is None or same_value(c.before, c.after)]
    moved = [c for c in changes if c not in unchanged]
    unasked = [
        Change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after} - set(asked))
        if not same_value(before.get(name), after.get(name))
    ]
    return Comparison(
        changed=tuple(c for c in moved if same_value(c.asked, c.after)),
        differently=tuple(c for c in moved if not same_value(c.asked, c.after)),
        unchanged=tuple(unchanged),
        unasked=tuple(unasked),
    )


# What an attribute is counted in by OCCI (GFD.184 §3.1), by sites, and how many of theirs are one of OCCI's.
_OTHER_UNITS = {
    "occi.compute.memory": (
        "GiB",
        (("MiB", 1024.0), ("MB", 1000.0), ("KiB", 1024.0**2), ("bytes", 1024.0**3)),
    ),
    "occi.compute.speed": ("GHz", (("MHz", 1000.0),)),
}


def _why(change: Change) -> str:
    """Says why a value may be another one than was asked for: another unit, or nothing that is known."""
    unit, others = _OTHER_UNITS.get(change.name, ("", ()))
    for other, factor in others:
        asked = change.asked
        if isinstance(asked, (int, float)) and same_value(change.after, asked * factor):
            return f": the site counts {other} where OCCI has {unit} (GFD.184 §3.1)"
    return " (GFD.185 §3.4.4: the given value is stored)"


def absent_by_document(name: str) -> str:
    """Returns in parentheses why a site may well lack an attribute that the wiki asks for, '' when nothing excuses it."""
    if name == "occi.compute.speed":
        return " (OCCI 1.2 has removed it, GFD.224 §3.1; the wiki still asks for it)"
    return ""


def _unchanged(change: Change) -> str:
    if change.after is None and change.before is None:
        return (
            f"{change.name} was to become {_shown(change.asked)} and is not shown at all, neither before nor "
            f"after{absent_by_document(change.name)}"
        )
    if change.after is None:
        return f"{change.name} was to become {_shown(change.asked)} and is no longer given at all"
    return f"{change.name} is still {_shown(change.after)}, asked for was {_shown(change.asked)}"


def _shown(value: AttributeValue | None) -> str:
    if value is None:
        return "(none)"
    return f"'{value}'" if isinstance(value, str) else str(value)
