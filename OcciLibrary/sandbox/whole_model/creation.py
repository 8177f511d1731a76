"""Makes what users ask for: VMs with links, networks, storages, links (GFD.185 §3.4.4, §3.4.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
    STORAGE_ID,
    STORAGELINK_ID,
)
from OcciLibrary.occi.model import AttributeValue, Kind, Link, Message, Mixin
from OcciLibrary.sandbox.compute_update import CHANGEABLE
from OcciLibrary.sandbox.exchange import RefusedError
from OcciLibrary.sandbox.provider import Provider
from OcciLibrary.sandbox.whole_model.asked import Asked, asked, bad, check_required, checked_attributes
from OcciLibrary.sandbox.whole_model.holdings import SOURCE, TARGET, Additions, Holding, Holdings
from OcciLibrary.sandbox.whole_model.known import Known
from OcciLibrary.sandbox.whole_model.provisioned import COMPUTE_ADDITIONS, ends, interface, new_holding
from OcciLibrary.sandbox.whole_model.rules import Rules

# The documents' own examples give it though it is immutable (GFD.185 §3.4.5).
_FREE_AT_CREATION = ("occi.networkinterface.interface",)
_ID = "occi.core.id"
_TARGETS: Mapping[str, str] = {NETWORKINTERFACE_ID: NETWORK_ID, STORAGELINK_ID: STORAGE_ID}
_FIRST_STATES: Mapping[str, Mapping[str, AttributeValue]] = {
    NETWORK_ID: {"occi.network.state": "inactive"},
    STORAGE_ID: {"occi.storage.state": "offline"},
}
# What the server chooses where a client leaves it out, on links that come with their VM.
_CHOSEN: Mapping[str, Mapping[str, AttributeValue]] = {
    NETWORKINTERFACE_ID: {
        "occi.networkinterface.interface": "eth1",
        "occi.networkinterface.mac": "02:00:7f:00:00:02",
    },
    STORAGELINK_ID: {"occi.storagelink.deviceid": "/dev/vdb", "occi.storagelink.mountpoint": ""},
}


class Creation:
    """Makes entities, all of a request or nothing of it. ``kind_at`` tells the kind of the resource at a path, '' for none."""

    def __init__(
        self, rules: Rules, holdings: Holdings, provider: Provider, kind_at: Callable[[str], str]
    ) -> None:
        self._rules = rules
        self._holdings = holdings
        self._provider = provider
        self._kind_at = kind_at

    def create(self, kind: Kind, message: Message, known: Known) -> str:
        """Makes an entity of the kind whose collection was asked; returns its path. Raises RefusedError."""
        wanted = self._checked(kind, message, known)
        with self._holdings.lock:
            if kind.id == COMPUTE_ID:
                path = self._compute(wanted, known)
            elif known.is_link(kind.id):
                path = self._put(self._link(wanted, known))
            else:
                path = self._put(self._resource(wanted, known))
            for mixin in self._users(wanted.mixins):
                self._holdings.enrol(mixin.id, [path])
        return path

    def _checked(self, kind: Kind, message: Message, known: Known) -> Asked:
        wanted = asked(message, known)
        if wanted.kind is None or wanted.kind.id != kind.id:
            raise bad(f"A creation here has to name the kind {kind.id}.")
        for mixin in wanted.mixins:
            known.check_applies(mixin, kind.id)
        attributes = dict(wanted.attributes)
        if self._rules.edition == "1.2":  # its JSON has an id in every entity (GFD.226 §11)
            attributes.pop(_ID, None)
        return replace(wanted, attributes=attributes)

    def _users(self, mixins: tuple[Mixin, ...]) -> list[Mixin]:
        own = {mixin.id for mixin in self._holdings.user_mixins()}
        return [mixin for mixin in mixins if mixin.id in own]

    def _put(self, holding: Holding) -> str:
        self._holdings.put(holding)
        return holding.location

    # ---- VMs

    def _compute(self, wanted: Asked, known: Known) -> str:
        """Makes a VM, with the links that come inline, and its link to the local network."""
        users = {mixin.id for mixin in self._users(wanted.mixins)}
        told = self._contextualising(wanted.mixins)
        families = {name for names in told.values() for name in names}  # the provider looks at these
        handed = {name: value for name, value in wanted.attributes.items() if name in families}
        others = {name: value for name, value in wanted.attributes.items() if name not in families}
        definitions = known.definitions([COMPUTE_ID, *(mixin.id for mixin in wanted.mixins)])
        checked = checked_attributes(others, definitions, {})
        check_required(others, known.definitions(users))
        links = [self._inline(link, known) for link in wanted.links]
        self._holdings.check_quota(len(links) + 1)
        machine = self._provider.create(
            Message(
                categories=(
                    known.kind(COMPUTE_ID),
                    *(mixin for mixin in wanted.mixins if mixin.id not in users),
                ),
                attributes={
                    **{name: value for name, value in checked.items() if name in CHANGEABLE},
                    **handed,
                },
            )
        )
        path = known.kind(COMPUTE_ID).location + machine.id
        beyond = {name: value for name, value in checked.items() if name not in CHANGEABLE} | handed
        self._holdings.add_to(
            path, Additions(tuple(told), {**COMPUTE_ADDITIONS[self._rules.edition], **beyond})
        )
        self._holdings.put(interface(self._holdings, self._rules, path, machine))
        for kind_id, target, mixins, attributes in links:
            both = ends(self._rules, path, COMPUTE_ID, target, _TARGETS[kind_id])
            self._holdings.put(new_holding(self._rules, kind_id, {**both, **attributes}, mixins))
        return path

    def _contextualising(self, mixins: tuple[Mixin, ...]) -> dict[str, tuple[str, ...]]:
        """Returns the contextualisation mixins that a request names, each with its attributes."""
        ids = {mixin.id for mixin in mixins}
        found = {}
        for family in self._provider.creating.families:
            if family.key.id in ids:
                found[family.key.id] = tuple(filter(None, (family.key_name, family.key_attribute)))
            if family.user_data.id in ids:
                found[family.user_data.id] = (family.user_data_attribute,)
        return found

    def _inline(
        self, link: Link, known: Known
    ) -> tuple[str, str, tuple[str, ...], dict[str, AttributeValue]]:
        """Returns kind, target, mixins and attributes of a link that comes with its VM."""
        target_kind = self._kind_at(_path(link.target))
        kind_id = next((one for one, target in _TARGETS.items() if target == target_kind), "")
        if not kind_id:
            raise bad(f"There is no network or storage at {link.target[:200]!r} to link to.")
        named = link.categories or (kind_id,)
        if unknown := [one for one in named if one not in known]:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"Not known here: {unknown[0][:300]!r}.")
        mixins = known.mixins(named)
        if {*named} - {mixin.id for mixin in mixins} != {kind_id}:
            raise bad(f"A link to {link.target[:200]!r} is of the kind {kind_id}.")
        for mixin in mixins:
            known.check_applies(mixin, kind_id)
        definitions = known.definitions([kind_id, *(mixin.id for mixin in mixins)])
        given = {name: value for name, value in link.attributes.items() if name not in (_ID, SOURCE, TARGET)}
        checked = checked_attributes(given, definitions, {}, _FREE_AT_CREATION)
        return (
            kind_id,
            _path(link.target),
            tuple(mixin.id for mixin in mixins),
            {**_CHOSEN[kind_id], **checked},
        )

    # ---- networks, storages, links

    def _resource(self, wanted: Asked, known: Known) -> Holding:
        assert wanted.kind is not None
        if wanted.links:
            raise bad("Links begin at a compute.")
        attributes, mixins = self._attributes(wanted, known)
        return new_holding(
            self._rules, wanted.kind.id, {**attributes, **_FIRST_STATES[wanted.kind.id]}, mixins
        )

    def _link(self, wanted: Asked, known: Known) -> Holding:
        assert wanted.kind is not None
        attributes, mixins = self._attributes(wanted, known)
        source, target = _path(str(attributes[SOURCE])), _path(str(attributes[TARGET]))
        if self._kind_at(source) != COMPUTE_ID:
            raise bad(f"A link begins at a compute; there is none at {source[:200]!r}.")
        if self._kind_at(target) != _TARGETS[wanted.kind.id]:
            raise bad(f"There is no {_TARGETS[wanted.kind.id]} at {target[:200]!r} to link to.")
        both = ends(self._rules, source, COMPUTE_ID, target, _TARGETS[wanted.kind.id])
        chosen = {**_CHOSEN[wanted.kind.id], **attributes, **both}
        return new_holding(self._rules, wanted.kind.id, chosen, mixins)

    def _attributes(self, wanted: Asked, known: Known) -> tuple[dict[str, AttributeValue], tuple[str, ...]]:
        assert wanted.kind is not None
        users = {mixin.id for mixin in self._users(wanted.mixins)}
        definitions = known.definitions([wanted.kind.id, *(mixin.id for mixin in wanted.mixins)])
        check_required(wanted.attributes, definitions)
        checked = checked_attributes(wanted.attributes, definitions, {}, _FREE_AT_CREATION)
        return checked, tuple(mixin.id for mixin in wanted.mixins if mixin.id not in users)


def _path(url: str) -> str:
    """Returns the path of a URL on this site."""
    if "://" not in url:
        return url
    return "/" + url.partition("://")[2].partition("/")[2]
