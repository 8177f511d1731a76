"""What changed on the VM although this run did nothing: somebody else's work, or the site's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.model import AttributeValue

SETTLING = 10.0
_LONGEST_SHOWN = 80
_AT_REST = frozenset({"active", "inactive", "suspended"})


@dataclass
class LastSeen:
    """Remembers what this run saw of the VM last, and says what differs when it looks again.

    It would rather miss a change than lay the site's own slowness to somebody: for `settling` seconds after a change
    of this run (sites store late) nothing counts, nor an attribute that this run ever asked to change (sites round),
    nor a state after an action whose end was not seen. Times are seconds on any clock that does not go back; `clock` is
    the time of day, for the words.
    """

    settling: float = SETTLING
    _state: str = ""
    _attributes: dict[str, AttributeValue] = field(default_factory=dict)
    _clock: str = ""
    _settled_at: float = float("-inf")
    _moving: bool = False
    _ours: set[str] = field(default_factory=set)

    def changing(self, now: float) -> None:
        """Notes that this run sent a request that may change anything of the VM."""
        self._forget()
        self._settled_at = now + self.settling

    def asked(self, attributes: Iterable[str]) -> None:
        """Notes which attributes this run asks to change: from now on they are its own affair."""
        self._ours.update(attributes)

    def moving(self, now: float) -> None:
        """Notes that this run sends an action: until `arrived` nobody can say which state is right."""
        self.changing(now)
        self._moving = True

    def arrived(self, state: str, now: float, clock: str) -> None:
        """Notes that an action of this run ended in a state, as it should."""
        self._forget()
        self._moving = False
        self._state, self._clock = state, clock
        self._settled_at = now + self.settling

    def look(self, state: str, attributes: Mapping[str, AttributeValue], now: float, clock: str) -> str:
        """Returns one sentence on what changed since the last look, '' when nothing did or nobody can tell."""
        differences = self._differences(state, attributes) if now >= self._settled_at else []
        before = self._clock
        self._state, self._attributes, self._clock = state, dict(attributes), clock
        if not differences:
            return ""
        return (
            "Somebody else seems to be working on this VM, or the site changed it by itself: between "
            f"{before} and {clock} {' and '.join(differences)}, and this run did nothing meanwhile."
        )

    def _differences(self, state: str, attributes: Mapping[str, AttributeValue]) -> list[str]:
        if self._state != state:
            at_rest = self._state in _AT_REST and state in _AT_REST and not self._moving
            return [f"its state went from '{self._state}' to '{state}'"] if at_rest else []
        return [
            f"{name} went from {_shown(old)} to {_shown(attributes[name])}"
            for name, old in self._attributes.items()
            if name not in self._ours and name in attributes and not same_value(old, attributes[name])
        ]

    def _forget(self) -> None:
        self._state, self._attributes, self._clock = "", {}, ""


def _shown(value: AttributeValue) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…"
