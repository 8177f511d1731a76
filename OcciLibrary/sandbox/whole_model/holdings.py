"""What a site holds beside its VMs: networks, storages, links, mixins of users and who belongs to these."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from OcciLibrary.occi.model import AttributeValue, Mixin
from OcciLibrary.sandbox.exchange import RefusedError

MOST_HOLDINGS = 60
MOST_USER_MIXINS = 20
_MOST_REMEMBERED = 1000
SOURCE, TARGET = "occi.core.source", "occi.core.target"


@dataclass(frozen=True, slots=True)
class Holding:
    """A network, a storage or a link. ``kind_id`` and ``mixins`` are type identifiers; ``own`` is False for what the site provided."""

    kind_id: str
    location: str
    attributes: Mapping[str, AttributeValue]
    mixins: tuple[str, ...] = ()
    own: bool = True


@dataclass(slots=True)
class Additions:
    """What a VM has beyond its machine: mixins, by type identifier, and attributes."""

    mixins: tuple[str, ...] = ()
    attributes: dict[str, AttributeValue] = field(default_factory=dict)


class Holdings:
    """Holds it all; ``lock`` keeps a change in one piece, for checks and deeds together."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._held: dict[str, Holding] = {}
        self._additions: dict[str, Additions] = {}
        self._user_mixins: dict[str, Mixin] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._gone: dict[str, None] = {}

    # ---- networks, storages, links

    def all(self) -> tuple[Holding, ...]:
        """Returns everything, in the order in which it came."""
        with self.lock:
            return tuple(self._held.values())

    def at(self, location: str) -> Holding | None:
        """Returns what lies at a path."""
        with self.lock:
            return self._held.get(location)

    def put(self, holding: Holding) -> None:
        """Adds something, or replaces what lies at its path. Raises RefusedError 409 when users hold too much."""
        with self.lock:
            if holding.location not in self._held:
                self.check_quota()
            self._held[holding.location] = holding

    def check_quota(self, more: int = 1) -> None:
        """Raises RefusedError 409 unless users may hold so much more."""
        if sum(one.own for one in self.all()) + more > MOST_HOLDINGS:
            raise RefusedError(
                HTTPStatus.CONFLICT, f"The quota of {MOST_HOLDINGS} networks, storages and links is used up."
            )

    def links_of(self, location: str) -> tuple[Holding, ...]:
        """Returns the links that begin at a resource."""
        return tuple(one for one in self.all() if one.attributes.get(SOURCE) == location)

    def remove(self, location: str) -> None:
        """Removes what is at a path, a VM too, with its links and its memberships (GFD.185 §3.4.4)."""
        with self.lock:
            bound = [one.location for one in self.all() if location in _ends(one)]
            for path in (location, *bound):
                self._held.pop(path, None)
                self._additions.pop(path, None)
                self._gone[path] = None
                for members in self._members.values():
                    members.pop(path, None)
            while len(self._gone) > _MOST_REMEMBERED:
                self._gone.pop(next(iter(self._gone)))

    def was_there(self, path: str) -> bool:
        """Tells whether something at this path was removed."""
        with self.lock:
            return path in self._gone

    # ---- what VMs have beyond their machines

    def additions(self, location: str) -> Additions:
        """Returns what a VM has beyond its machine, for reading."""
        with self.lock:
            found = self._additions.get(location, Additions())
            return Additions(found.mixins, dict(found.attributes))

    def add_to(self, location: str, additions: Additions) -> None:
        """Sets what a VM has beyond its machine."""
        with self.lock:
            self._additions[location] = additions

    # ---- mixins of users

    def user_mixins(self) -> tuple[Mixin, ...]:
        """Returns the mixins that users defined."""
        with self.lock:
            return tuple(self._user_mixins.values())

    def define(self, mixins: Iterable[Mixin]) -> None:
        """Adds mixins. Raises RefusedError 409 when there are too many."""
        with self.lock:
            new = {mixin.id: mixin for mixin in mixins}
            if len(self._user_mixins) + len(new) > MOST_USER_MIXINS:
                raise RefusedError(HTTPStatus.CONFLICT, f"The quota of {MOST_USER_MIXINS} mixins is used up.")
            self._user_mixins.update(new)
            self._members.update({mixin_id: {} for mixin_id in new})

    def undefine(self, mixin_id: str) -> None:
        """Removes a mixin of a user from all that have it, and then itself."""
        with self.lock:
            self._user_mixins.pop(mixin_id, None)
            self._members.pop(mixin_id, None)

    def tags_of(self, location: str) -> tuple[Mixin, ...]:
        """Returns the mixins of users that an entity has."""
        with self.lock:
            return tuple(
                self._user_mixins[mixin_id]
                for mixin_id, members in self._members.items()
                if location in members
            )

    def enrol(self, mixin_id: str, locations: Iterable[str]) -> None:
        """Gives a mixin of a user to entities."""
        with self.lock:
            self._members[mixin_id].update(dict.fromkeys(locations))

    def expel(self, mixin_id: str, locations: Iterable[str] | None = None) -> None:
        """Takes a mixin of a user from entities, None: from all."""
        with self.lock:
            members = self._members[mixin_id]
            for location in tuple(members) if locations is None else tuple(locations):
                members.pop(location, None)


def _ends(holding: Holding) -> tuple[AttributeValue | None, AttributeValue | None]:
    return holding.attributes.get(SOURCE), holding.attributes.get(TARGET)
