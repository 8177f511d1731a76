"""What the entities of the infrastructure documents show: types, values, units, states, actions (GFD.184 §3, GFD.224 §3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings
from OcciLibrary.conformance.instance_rules import Entity
from OcciLibrary.conformance.model_completeness import clause
from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    IPNETWORKINTERFACE_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
    STORAGE_ID,
    STORAGELINK_ID,
    AttributeFact,
    Edition,
)
from OcciLibrary.occi.model import AttributeValue

ValueRule = Callable[[Entity, Edition], Findings]
STATES: Mapping[str, str] = {
    COMPUTE_ID: "occi.compute.state",
    NETWORK_ID: "occi.network.state",
    STORAGE_ID: "occi.storage.state",
    NETWORKINTERFACE_ID: "occi.networkinterface.state",
    STORAGELINK_ID: "occi.storagelink.state",
}
# Multiplicity 1 in the documents' tables: an instance always shows them.
_ALWAYS = {
    COMPUTE_ID: ("occi.compute.state",),
    NETWORK_ID: ("occi.network.state",),
    STORAGE_ID: ("occi.storage.size", "occi.storage.state"),
    NETWORKINTERFACE_ID: (
        "occi.networkinterface.interface",
        "occi.networkinterface.mac",
        "occi.networkinterface.state",
    ),
    STORAGELINK_ID: ("occi.storagelink.deviceid", "occi.storagelink.state"),
    IPNETWORKINTERFACE_ID: ("occi.networkinterface.address", "occi.networkinterface.allocation"),
}
_LARGEST_VLAN = 4095
_ABOVE_ZERO = frozenset(
    {"occi.compute.cores", "occi.compute.memory", "occi.compute.speed", "occi.storage.size"}
)
_ACTION_FACTS = {
    COMPUTE_ID: infrastructure.COMPUTE_ACTIONS,
    NETWORK_ID: infrastructure.NETWORK_ACTIONS,
    STORAGE_ID: infrastructure.STORAGE_ACTIONS,
}


def facts_of(entity: Entity, edition: Edition) -> dict[str, tuple[str, AttributeFact]]:
    """Returns what a document says of the attributes of an entity's kind and mixins: its category and the fact, by name."""
    return {
        fact.name: (one, fact)
        for one in (entity.kind, *entity.mixins)
        for fact in infrastructure.ATTRIBUTES_BY_CATEGORY.get(one, ())
        if edition in fact.editions
    }


def value_problems(entity: Entity, edition: Edition) -> Findings:
    """Finds attributes with a value of another type, outside of an enumeration or of what makes sense."""
    found: list[Finding] = []
    for name, (owner, fact) in facts_of(entity, edition).items():
        value = entity.attributes.get(name)
        if value is None or name == STATES.get(owner):
            continue
        problem = _type_problem(fact, value) or _range_problem(fact, value)
        if problem:
            expected = f"{name} of {entity.url} to be {problem}"
            is_nothing = value == 0 and not isinstance(value, bool)  # no size, though no document forbids it
            found.append(
                Finding(clause(owner, edition), expected, f"{value!r}", f"{name}={value!r}", is_nothing)
            )
        elif fact.values and value not in fact.values:
            known = ", ".join(fact.values)
            folded = str(value).lower() in fact.values
            expected = f"{name} of {entity.url} to be one of {known}"
            found.append(
                Finding(clause(owner, edition), expected, f"'{value}'", f"{name}={value!r}", harmless=folded)
            )
    return tuple(found)


def _type_problem(fact: AttributeFact, value: AttributeValue) -> str:
    if fact.type == "string":
        return "" if isinstance(value, str) else "a string"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number that is finite"
    if fact.type == "integer" and value != int(value):
        return "a whole number"
    return ""


def _range_problem(fact: AttributeFact, value: AttributeValue) -> str:
    if not isinstance(value, (int, float)):
        return ""
    if fact.name in _ABOVE_ZERO and not value > 0:
        return f"above 0{f' {fact.unit}' if fact.unit else ''}"
    if fact.name == "occi.network.vlan" and not 0 <= value <= _LARGEST_VLAN:
        return f"a VLAN from 0 to {_LARGEST_VLAN}"
    return ""


def exposed_problems(entity: Entity, edition: Edition) -> Findings:
    """Finds attributes that an instance does not show.

    Those of multiplicity 1 are always shown. OCCI 1.1 says of the others too that they must be exposed, and gives them the
    multiplicity 0..1 all the same: their absence is a remark there, and allowed by 1.2.
    """
    found: list[Finding] = []
    for name, (owner, fact) in facts_of(entity, edition).items():
        if name in entity.attributes:
            continue
        always = name in _ALWAYS.get(owner, ())
        if always or (edition == "1.1" and fact.name.startswith("occi.compute.")):
            expected = f"{entity.url} to show {name}"
            found.append(Finding(clause(owner, edition), expected, "it is not shown", harmless=not always))
    return tuple(found)


def states_of(kind_id: str, edition: Edition) -> tuple[str, ...]:
    """Returns the states that a document gives a kind."""
    name = STATES.get(kind_id, "")
    for fact in infrastructure.ATTRIBUTES_BY_CATEGORY.get(kind_id, ()):
        if fact.name == name and edition in fact.editions:
            return (*fact.values, "error") if edition == "1.2" else fact.values
    return ()


def state_problems(entity: Entity, edition: Edition) -> Findings:
    """Finds a state that is none of the document's. Raises `CannotBeShownError` for a kind that has no states."""
    legal = states_of(entity.kind, edition)
    if not legal:
        raise CannotBeShownError(f"{entity.url} is of a kind without states")
    name = STATES[entity.kind]
    state = entity.attributes.get(name)
    if state in legal:
        return ()
    place, expected = clause(entity.kind, edition), f"{name} of {entity.url} to be one of {', '.join(legal)}"
    if state is None:
        return (Finding(place, expected, "it is not shown"),)
    folded = str(state).lower() in legal
    return (Finding(place, expected, f"'{state}'", f'{name}="{state}"', harmless=folded),)


def offered_action_problems(entity: Entity, edition: Edition) -> Findings:
    """Finds actions that the state machine has in an entity's state and that the entity does not offer.

    One that it offers and that does not apply is a remark: GFD.184 §3 has all actions exposed, GFD.185 §3.5.3 those that
    apply. Raises `CannotBeShownError` for a state that the document does not know, or a kind without actions.
    """
    facts = _ACTION_FACTS.get(entity.kind)
    state = str(entity.attributes.get(STATES.get(entity.kind, ""), "")).lower()
    if facts is None:
        raise CannotBeShownError(f"{entity.url} is of a kind without actions")
    if state not in states_of(entity.kind, edition) or state == "error":
        raise CannotBeShownError(
            f"no document says which actions apply in the state '{state}' of {entity.url}"
        )
    own = {fact.action.id: fact for fact in facts.values() if edition in fact.editions}
    place = f"{clause(entity.kind, edition)}; {'GFD.185 §3.5.3' if edition == '1.1' else 'GFD.229 §5.1'}"
    shown = ", ".join(entity.actions) or "none"
    found = [
        Finding(place, f"{entity.url} to offer {action_id} in the state '{state}'", f"it offers {shown}")
        for action_id, fact in own.items()
        if state in fact.sources and action_id not in entity.actions
    ]
    found += [
        Finding(
            place,
            f"{entity.url} to offer in the state '{state}' what applies there",
            f"it offers {action_id} too",
            action_id,
            harmless=True,
        )
        for action_id in entity.actions
        if action_id in own and state not in own[action_id].sources
    ]
    return tuple(found)


def unit_problems(entity: Entity, in_mib: bool) -> Findings:
    """Finds a memory that counts MiB where OCCI counts GiB; `in_mib` tells that this server is known to do so."""
    memory = entity.attributes.get("occi.compute.memory")
    if not in_mib or memory is None:
        return ()
    expected = f"occi.compute.memory of {entity.url} in GiB"
    seen = f"{memory}, which this server is known to count in MiB"
    return (
        Finding("GFD.184 §3.1; GFD.224 §3.1", expected, seen, f"occi.compute.memory={memory}", harmless=True),
    )
