"""Choosing other values for attributes and judging what a site made of them (wiki, test case 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from OcciLibrary.occi.model import AttributeValue

TOLERANCE = 0.01  # reference §8.3: sites print floats with few decimals
_CHANGED = "-changed"
_LONGEST_LABEL = 63


def same_value(one: AttributeValue | None, other: AttributeValue | None) -> bool:
    """Tells whether two attribute values are the same; numbers within a hundredth, True is not 1."""
    if _is_number(one) and _is_number(other):
        return abs(float(one) - float(other)) <= TOLERANCE  # type: ignore[arg-type]
    return type(one) is type(other) and one == other


def other_value(name: str, current: AttributeValue | None) -> AttributeValue:
    """Returns a sensible value that differs from the current one, rather smaller than larger (quotas are tight).

    cores: one less, or 2; memory (GiB): half, or double below 2; speed (GHz): half a GHz less, or more;
    hostname: the first label gains or loses `-changed`. Raises `ValueError` for an attribute that this cannot know.
    """
    if name == "occi.compute.cores":
        cores = int(_number(current, 1))
        return cores - 1 if cores > 1 else 2
    if name == "occi.compute.memory":
        memory = _number(current, 1.0)
        return round(memory / 2 if memory >= 2 else memory * 2, 3)
    if name == "occi.compute.speed":
        speed = _number(current, 2.0)
        return round(speed - 0.5 if speed > 1 else speed + 0.5, 2)
    if name == "occi.compute.hostname":
        return _other_hostname(str(current or "reference-vm"))
    raise ValueError(f"No other value is known for {name}: give one")


def _other_hostname(hostname: str) -> str:
    label, dot, domain = hostname.partition(".")
    if label.endswith(_CHANGED):
        return (label[: -len(_CHANGED)] or "reference-vm") + dot + domain
    return label[: _LONGEST_LABEL - len(_CHANGED)] + _CHANGED + dot + domain


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: AttributeValue | None, default: float) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
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
            parts.append("did not change: " + "; ".join(_unchanged(c) for c in self.unchanged))
        if own := [c for c in self.unasked if c.name.startswith("occi.")]:
            parts.append("changed though nobody asked for it: " + "; ".join(map(str, own)))
        return " -- ".join(parts)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Returns what deviates without breaking the condition, a sentence each."""
        other = tuple(
            f"{c.name} was to become {_shown(c.asked)} and is now {_shown(c.after)} (GFD.185 §3.4.4: the given value is stored)."
            for c in self.differently
        )
        vendor = [c for c in self.unasked if not c.name.startswith("occi.")]
        return other + tuple(f"The site also changed {c}." for c in vendor)


def compare(
    before: Mapping[str, AttributeValue], after: Mapping[str, AttributeValue], asked: Mapping[str, AttributeValue]
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


def _unchanged(change: Change) -> str:
    if change.after is None:
        return f"{change.name} was to become {_shown(change.asked)} and is no longer given at all"
    return f"{change.name} is still {_shown(change.after)}, asked for was {_shown(change.asked)}"


def _shown(value: AttributeValue | None) -> str:
    if value is None:
        return "(none)"
    return f"'{value}'" if isinstance(value, str) else str(value)
