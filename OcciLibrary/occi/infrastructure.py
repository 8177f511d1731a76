"""What the OCCI infrastructure documents define: ids, kinds, mixins, actions, attribute types and states.

Sources: GFD.184 (OCCI 1.1) and GFD.224 (OCCI 1.2); core attributes from GFD.183 §4.5 and GFD.221 §5.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from OcciLibrary.occi.model import Action, AttributeDefinition, Category, Kind, Mixin

Edition = Literal["1.1", "1.2"]
AttributeType = Literal["string", "integer", "number"]

CORE_SCHEME = "http://schemas.ogf.org/occi/core#"
INFRASTRUCTURE_SCHEME = "http://schemas.ogf.org/occi/infrastructure#"
COMPUTE_ACTION_SCHEME = "http://schemas.ogf.org/occi/infrastructure/compute/action#"
NETWORK_ACTION_SCHEME = "http://schemas.ogf.org/occi/infrastructure/network/action#"
STORAGE_ACTION_SCHEME = "http://schemas.ogf.org/occi/infrastructure/storage/action#"
NETWORK_MIXIN_SCHEME = "http://schemas.ogf.org/occi/infrastructure/network#"
NETWORKINTERFACE_MIXIN_SCHEME = "http://schemas.ogf.org/occi/infrastructure/networkinterface#"

ENTITY_ID = CORE_SCHEME + "entity"
RESOURCE_ID = CORE_SCHEME + "resource"
LINK_ID = CORE_SCHEME + "link"
COMPUTE_ID = INFRASTRUCTURE_SCHEME + "compute"
NETWORK_ID = INFRASTRUCTURE_SCHEME + "network"
STORAGE_ID = INFRASTRUCTURE_SCHEME + "storage"
NETWORKINTERFACE_ID = INFRASTRUCTURE_SCHEME + "networkinterface"
STORAGELINK_ID = INFRASTRUCTURE_SCHEME + "storagelink"
OS_TPL_ID = INFRASTRUCTURE_SCHEME + "os_tpl"
RESOURCE_TPL_ID = INFRASTRUCTURE_SCHEME + "resource_tpl"
IPNETWORK_ID = NETWORK_MIXIN_SCHEME + "ipnetwork"
IPNETWORKINTERFACE_ID = NETWORKINTERFACE_MIXIN_SCHEME + "ipnetworkinterface"

# GFD.184 §3.1 knows the first three, GFD.224 §3.1 adds error. Sites show more: keep waiting then.
COMPUTE_STATES: Mapping[Edition, tuple[str, ...]] = MappingProxyType(
    {"1.1": ("active", "inactive", "suspended"), "1.2": ("active", "inactive", "suspended", "error")}
)

_BOTH: tuple[Edition, ...] = ("1.1", "1.2")
_OLD: tuple[Edition, ...] = ("1.1",)
_NEW: tuple[Edition, ...] = ("1.2",)


@dataclass(frozen=True, slots=True)
class AttributeFact:
    """Tells what the documents say of one attribute.

    ``immutable``: no client may set it; ``required``: a client must give it at creation; ``unit`` is GiB, GHz
    or empty; ``values`` lists the legal words of an enumeration; ``editions`` the OCCI versions with it.
    """

    name: str
    type: AttributeType = "string"
    unit: str = ""
    immutable: bool = False
    required: bool = False
    values: tuple[str, ...] = ()
    editions: tuple[Edition, ...] = _BOTH

    def definition(self, edition: Edition = "1.1") -> AttributeDefinition:
        """Gives the attribute as discovery shows it; in 1.2 the states include error."""
        values = self.values
        if edition == "1.2" and self.name.endswith(".state"):
            values = (*values, "error")
        pattern = f"^({'|'.join(values)})$" if values else ""
        return AttributeDefinition(self.name, self.required, self.immutable, self.type, pattern=pattern)


@dataclass(frozen=True, slots=True)
class ActionFact:
    """Tells what the documents say of one action.

    ``methods`` are the legal values of its method attribute (none: it has no such attribute), ``sources`` the
    states it starts from, ``target`` the state it ends in (GFD.184 §3.1-3.3, GFD.224 §3.1-3.3).
    """

    action: Action
    target: str
    sources: tuple[str, ...]
    methods: tuple[str, ...] = ()
    editions: tuple[Edition, ...] = _BOTH


def _state(prefix: str, values: tuple[str, ...]) -> tuple[AttributeFact, ...]:
    return (
        AttributeFact(f"{prefix}.state", immutable=True, values=values),
        AttributeFact(f"{prefix}.state.message", immutable=True, editions=_NEW),
    )


_ON_OFF = ("active", "inactive")
_ALLOCATION = ("dynamic", "static")

# The attributes that each kind or mixin adds, by type identifier (GFD.184 §3.1-3.4, GFD.224 §3.1-3.4).
ATTRIBUTES_BY_CATEGORY: Mapping[str, tuple[AttributeFact, ...]] = MappingProxyType(
    {
        ENTITY_ID: (AttributeFact("occi.core.id", immutable=True), AttributeFact("occi.core.title")),
        RESOURCE_ID: (AttributeFact("occi.core.summary"),),
        LINK_ID: (
            AttributeFact("occi.core.source", required=True),
            AttributeFact("occi.core.target", required=True),
            AttributeFact("occi.core.source.kind", editions=_NEW),
            AttributeFact("occi.core.target.kind", editions=_NEW),
        ),
        COMPUTE_ID: (
            AttributeFact("occi.compute.architecture", values=("x86", "x64")),
            AttributeFact("occi.compute.cores", "integer"),
            AttributeFact("occi.compute.hostname"),
            AttributeFact("occi.compute.speed", "number", "GHz", editions=_OLD),
            AttributeFact("occi.compute.share", "integer", editions=_NEW),
            AttributeFact("occi.compute.memory", "number", "GiB"),
            *_state("occi.compute", COMPUTE_STATES["1.1"]),
        ),
        NETWORK_ID: (
            AttributeFact("occi.network.vlan", "integer"),
            AttributeFact("occi.network.label"),
            *_state("occi.network", _ON_OFF),
        ),
        STORAGE_ID: (
            AttributeFact("occi.storage.size", "number", "GiB", required=True),
            AttributeFact(
                "occi.storage.state",
                immutable=True,
                values=("online", "offline", "backup", "snapshot", "resize", "degraded"),
                editions=_OLD,
            ),
            AttributeFact("occi.storage.state", immutable=True, values=("online", "offline"), editions=_NEW),
            AttributeFact("occi.storage.state.message", immutable=True, editions=_NEW),
        ),
        NETWORKINTERFACE_ID: (
            AttributeFact("occi.networkinterface.interface", immutable=True),
            AttributeFact("occi.networkinterface.mac", required=True),
            *_state("occi.networkinterface", _ON_OFF),
        ),
        STORAGELINK_ID: (
            AttributeFact("occi.storagelink.deviceid", required=True),
            AttributeFact("occi.storagelink.mountpoint"),
            *_state("occi.storagelink", _ON_OFF),
        ),
        IPNETWORK_ID: (
            AttributeFact("occi.network.address"),
            AttributeFact("occi.network.gateway"),
            AttributeFact("occi.network.allocation", values=_ALLOCATION),
        ),
        IPNETWORKINTERFACE_ID: (
            AttributeFact("occi.networkinterface.address", required=True),
            AttributeFact("occi.networkinterface.gateway"),
            AttributeFact("occi.networkinterface.allocation", required=True, values=_ALLOCATION),
        ),
        RESOURCE_TPL_ID: (),
        OS_TPL_ID: (),
    }
)

# By attribute name; where the editions differ (the states of storage) the later one stands here.
ATTRIBUTES: Mapping[str, AttributeFact] = MappingProxyType(
    {fact.name: fact for facts in ATTRIBUTES_BY_CATEGORY.values() for fact in facts}
)
# The type that wins over what a rendering's quotes suggest.
ATTRIBUTE_TYPES: Mapping[str, AttributeType] = MappingProxyType(
    {name: fact.type for name, fact in ATTRIBUTES.items()}
)
IMMUTABLE_COMPUTE_ATTRIBUTES: frozenset[str] = frozenset(
    {"occi.core.id", *(fact.name for fact in ATTRIBUTES_BY_CATEGORY[COMPUTE_ID] if fact.immutable)}
)


def _action(scheme: str, term: str, title: str, *attributes: AttributeDefinition) -> Action:
    return Action(term, scheme, title, attributes)


def _compute_action(
    term: str,
    target: str,
    sources: tuple[str, ...],
    methods: tuple[str, ...] = (),
    editions: tuple[Edition, ...] = _BOTH,
) -> ActionFact:
    attributes = []
    if methods:
        attributes.append(AttributeDefinition("method", type="string", pattern=f"^({'|'.join(methods)})$"))
    if term == "save":
        attributes.append(AttributeDefinition("name", type="string"))
    action = _action(COMPUTE_ACTION_SCHEME, term, f"{term.capitalize()} a compute", *attributes)
    return ActionFact(action, target, sources, methods, editions)


COMPUTE_ACTIONS: Mapping[str, ActionFact] = MappingProxyType(
    {
        "start": _compute_action("start", "active", ("inactive", "suspended")),
        "stop": _compute_action("stop", "inactive", ("active",), ("graceful", "acpioff", "poweroff")),
        "restart": _compute_action("restart", "active", ("active",), ("graceful", "warm", "cold")),
        "suspend": _compute_action("suspend", "suspended", ("active",), ("hibernate", "suspend")),
        "save": _compute_action("save", "active", ("active",), ("hot", "deferred"), _NEW),
    }
)
NETWORK_ACTIONS: Mapping[str, ActionFact] = MappingProxyType(
    {
        "up": ActionFact(_action(NETWORK_ACTION_SCHEME, "up", "Activate a network"), "active", ("inactive",)),
        "down": ActionFact(
            _action(NETWORK_ACTION_SCHEME, "down", "Deactivate a network"), "inactive", ("active",)
        ),
    }
)
_SIZE = AttributeDefinition("size", type="number")
STORAGE_ACTIONS: Mapping[str, ActionFact] = MappingProxyType(
    {
        "online": ActionFact(
            _action(STORAGE_ACTION_SCHEME, "online", "Set a storage online"), "online", ("offline",)
        ),
        "offline": ActionFact(
            _action(STORAGE_ACTION_SCHEME, "offline", "Set a storage offline"),
            "offline",
            ("online", "degraded"),
        ),
        "backup": ActionFact(
            _action(STORAGE_ACTION_SCHEME, "backup", "Back up a storage"),
            "online",
            ("online",),
            editions=_OLD,
        ),
        "snapshot": ActionFact(
            _action(STORAGE_ACTION_SCHEME, "snapshot", "Take a snapshot of a storage"),
            "online",
            ("online",),
            editions=_OLD,
        ),
        "resize": ActionFact(
            _action(STORAGE_ACTION_SCHEME, "resize", "Resize a storage", _SIZE),
            "online",
            ("online",),
            editions=_OLD,
        ),
    }
)
_ACTIONS_BY_KIND = {COMPUTE_ID: COMPUTE_ACTIONS, NETWORK_ID: NETWORK_ACTIONS, STORAGE_ID: STORAGE_ACTIONS}

_KINDS = (
    (CORE_SCHEME, "entity", "Entity", ""),
    (CORE_SCHEME, "resource", "Resource", ENTITY_ID),
    (CORE_SCHEME, "link", "Link", ENTITY_ID),
    (INFRASTRUCTURE_SCHEME, "compute", "Compute resource", RESOURCE_ID),
    (INFRASTRUCTURE_SCHEME, "network", "Network resource", RESOURCE_ID),
    (INFRASTRUCTURE_SCHEME, "storage", "Storage resource", RESOURCE_ID),
    (INFRASTRUCTURE_SCHEME, "networkinterface", "Network interface link", LINK_ID),
    (INFRASTRUCTURE_SCHEME, "storagelink", "Storage link", LINK_ID),
)
_MIXINS = (
    (INFRASTRUCTURE_SCHEME, "os_tpl", "Operating system template", COMPUTE_ID),
    (INFRASTRUCTURE_SCHEME, "resource_tpl", "Resource template", COMPUTE_ID),
    (NETWORK_MIXIN_SCHEME, "ipnetwork", "IP network", NETWORK_ID),
    (NETWORKINTERFACE_MIXIN_SCHEME, "ipnetworkinterface", "IP network interface", NETWORKINTERFACE_ID),
)


def actions_of(kind_id: str, edition: Edition = "1.1") -> tuple[Action, ...]:
    """Gives the actions that an edition defines for a kind, none for kinds without actions."""
    facts = _ACTIONS_BY_KIND.get(kind_id, {})
    return tuple(fact.action for fact in facts.values() if edition in fact.editions)


def attributes_of(category_id: str, edition: Edition = "1.1") -> tuple[AttributeDefinition, ...]:
    """Gives the attributes that an edition defines for a kind or mixin, without the inherited ones."""
    facts = ATTRIBUTES_BY_CATEGORY.get(category_id, ())
    return tuple(fact.definition(edition) for fact in facts if edition in fact.editions)


def standard_kinds(edition: Edition = "1.1") -> tuple[Kind, ...]:
    """Gives the kinds of core and infrastructure, with the customary locations (``/compute/`` and so on).

    Only what can be instantiated has a location: GFD.223 §4.
    """
    kinds = []
    for scheme, term, title, parent in _KINDS:
        kind_id = scheme + term
        location = "" if scheme == CORE_SCHEME else f"/{term}/"
        actions = tuple(action.id for action in actions_of(kind_id, edition))
        kinds.append(Kind(term, scheme, title, attributes_of(kind_id, edition), location, parent, actions))
    return tuple(kinds)


def standard_mixins(edition: Edition = "1.1") -> tuple[Mixin, ...]:
    """Gives the mixins os_tpl, resource_tpl, ipnetwork and ipnetworkinterface (GFD.184 §3)."""
    return tuple(
        Mixin(
            term, scheme, title, attributes_of(scheme + term, edition), f"/mixin/{term}/", applies=(applies,)
        )
        for scheme, term, title, applies in _MIXINS
    )


def standard_categories(edition: Edition = "1.1") -> tuple[Category, ...]:
    """Gives everything that discovery of a plain infrastructure site shows: kinds, mixins, then actions."""
    actions = tuple(action for kind_id in _ACTIONS_BY_KIND for action in actions_of(kind_id, edition))
    return (*standard_kinds(edition), *standard_mixins(edition), *actions)


COMPUTE: Kind = next(kind for kind in standard_kinds() if kind.id == COMPUTE_ID)
