"""The rules of the core model for entities: one kind, known mixins and actions, declared attributes, ids (GFD.183 §4, GFD.221 §5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from OcciLibrary.conformance.category_rules import kinds_of
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings
from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.infrastructure import ENTITY_ID, LINK_ID, RESOURCE_ID
from OcciLibrary.occi.model import (
    Action,
    AttributeValue,
    Category,
    Kind,
    Link,
    Message,
    Mixin,
    Resource,
)

_ONE_KIND = "GFD.183 §4.4.2; GFD.221 §5.3.3"
_MIXINS = "GFD.185 §3.4.1; GFD.221 §5.3.4"
_ACTIONS = "GFD.183 §4.5.4; GFD.221 §5.3.5"
_ATTRIBUTES = "GFD.183 §4.4.1; GFD.221 §5.3.2"
_ID = "GFD.183 §4.5; GFD.185 §3.1; GFD.221 §5.4"
_ANCESTORS = (ENTITY_ID, RESOURCE_ID, LINK_ID)
# What RFC 3986 §2 lets stand in a URI; a percent sign begins an escape.
_URI_TEXT = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Entity:
    """Holds one entity as a site shows it: where, its kinds (there should be one), mixins, attributes, links and actions.

    `listed_in` is the id of the kind in whose collection it stands, '' where it was found otherwise; `in_json` tells whether
    it was read as JSON.
    """

    url: str
    kinds: tuple[str, ...] = ()
    mixins: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    actions: tuple[str, ...] = ()
    listed_in: str = ""
    in_json: bool = False

    @property
    def id(self) -> str:
        """Returns occi.core.id, '' when it is not shown."""
        return str(self.attributes.get("occi.core.id", ""))

    @property
    def kind(self) -> str:
        """Returns the kind: the only one, or the only one that is no ancestor of it; '' when that cannot be told."""
        own = [one for one in self.kinds if one not in _ANCESTORS] or list(self.kinds)
        return own[0] if len(set(own)) == 1 else ""


def entity_of(message: Message, url: str, listed_in: str = "", in_json: bool = False) -> Entity:
    """Returns the entity that an answer shows, with all the kinds that stand there.

    Raises RenderingError when it shows none, or several.
    """
    if message.resources or not (message.categories or message.attributes):
        one = message.resource()
        return replace(_entity_of_resource(one, url), listed_in=listed_in, in_json=in_json)
    return Entity(
        url,
        tuple(one.id for one in message.categories if isinstance(one, Kind)),
        tuple(one.id for one in message.categories if not isinstance(one, (Kind, Action))),
        message.attributes,
        message.links,
        tuple(action.action_id for action in message.actions),
        listed_in,
        in_json,
    )


def _entity_of_resource(resource: Resource, url: str) -> Entity:
    return Entity(
        url,
        (resource.kind.id,) if resource.kind else (),
        tuple(mixin.id for mixin in resource.mixins),
        resource.attributes,
        resource.links,
        tuple(action.action_id for action in resource.actions),
    )


class Model:
    """What discovery offers, made ready for questions about entities."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self.kinds = kinds_of(categories)
        self._known = {**{kind.id: kind for kind in infrastructure.standard_kinds()}, **self.kinds}
        self.mixins = {one.id: one for one in categories if isinstance(one, Mixin)}
        self.actions = {one.id: one for one in categories if isinstance(one, Action)}
        types: tuple[Kind | Mixin, ...] = (*self.kinds.values(), *self.mixins.values())
        self.names_actions = any(one.actions for one in types)

    def category(self, category_id: str) -> Kind | Mixin | None:
        """Returns an offered kind or mixin."""
        return self.kinds.get(category_id) or self.mixins.get(category_id)

    def line(self, kind_id: str) -> tuple[str, ...]:
        """Returns a kind and its ancestors, by what discovery says, or the documents where it says nothing."""
        known = self._known
        line: dict[str, None] = {}
        while kind_id and kind_id not in line:
            line[kind_id] = None
            kind_id = known[kind_id].parent if kind_id in known else ""
        return tuple(line)

    def with_dependencies(self, mixins: Iterable[str]) -> tuple[str, ...]:
        """Returns mixins and all that they depend on, which bring their attributes and actions too (GFD.221 §5.3.4)."""
        every: dict[str, None] = {}
        waiting = list(mixins)
        while waiting:
            one = waiting.pop()
            if one not in every:
                every[one] = None
                waiting += self.mixins[one].depends if one in self.mixins else ()
        return tuple(every)

    def categories_of(self, entity: Entity) -> tuple[str, ...]:
        """Returns all that gives an entity its attributes and actions: kind, ancestors, mixins and what these depend on."""
        return (*self.line(entity.kind), *self.with_dependencies(entity.mixins))


EntityRule = Callable[[Entity, Model], Findings]


def kind_problems(entity: Entity, model: Model) -> Findings:
    """Finds an entity without kind, of several, of one that discovery does not offer, or in another kind's listing."""
    where = f"the entity {entity.url}"
    if not entity.kinds:
        return (Finding(_ONE_KIND, f"{where} to have one kind", "it is shown without any"),)
    if not entity.kind:
        shown = ", ".join(dict.fromkeys(entity.kinds))
        return (
            Finding(_ONE_KIND, f"{where} to have one kind", f"it is shown with {shown}", entity.kinds[1]),
        )
    found = []
    if len(entity.kinds) > 1:
        others = [one for one in entity.kinds if one != entity.kind]
        if others:
            seen = f"it is shown with {entity.kind} and {', '.join(others)}, from which that one descends"
            found.append(Finding(_ONE_KIND, f"{where} to have one kind", seen, others[0], harmless=True))
    if entity.kind in _ANCESTORS[:1]:
        found.append(
            Finding(
                "GFD.183 §4.5; GFD.223 §4",
                f"{where} to be of a kind that has instances",
                "it is of the abstract kind entity",
                entity.kind,
            )
        )
    if entity.kind not in model.kinds:
        expected = f"the kind of {entity.url} to be among those that discovery offers"
        found.append(Finding(f"{_ONE_KIND}; GFD.185 §3.4.1", expected, f"{entity.kind} is not", entity.kind))
    if entity.listed_in and entity.listed_in not in model.line(entity.kind):
        expected = f"what is listed as {entity.listed_in} to be of that kind"
        found.append(
            Finding("GFD.185 §3.4.3; GFD.223 §11.1", expected, f"{entity.url} is {entity.kind}", entity.kind)
        )
    return tuple(found)


def mixin_problems(entity: Entity, model: Model) -> Findings:
    """Finds mixins of an entity that discovery does not offer, or that apply to other kinds."""
    found = []
    line = model.line(entity.kind)
    for one in entity.mixins:
        mixin = model.mixins.get(one)
        if mixin is None:
            expected = f"the mixins of {entity.url} to be among those that discovery offers"
            found.append(Finding(_MIXINS, expected, f"{one} is not", one))
        elif mixin.applies and not set(mixin.applies) & set(line):
            expected = f"the mixins of {entity.url} to apply to its kind {entity.kind}"
            found.append(
                Finding("GFD.221 §5.3.4", expected, f"{one} applies to {', '.join(mixin.applies)}", one)
            )
    return tuple(found)


def action_problems(entity: Entity, model: Model) -> Findings:
    """Finds actions of an entity that discovery does not offer, or that neither its kind nor one of its mixins names."""
    found = []
    named = {
        action_id
        for one in model.categories_of(entity)
        if (category := model.category(one)) is not None
        for action_id in category.actions
    }
    for one in entity.actions:
        if one not in model.actions:
            expected = f"the actions of {entity.url} to be among those that discovery offers"
            found.append(Finding(f"{_ACTIONS}; GFD.185 §3.4.1", expected, f"{one} is not", one))
        elif model.names_actions and one not in named:
            expected = f"the actions of {entity.url} to be those of its kind and mixins"
            found.append(Finding(_ACTIONS, expected, f"none of them names {one}", one))
    return tuple(found)


def attribute_problems(entity: Entity, model: Model) -> Findings:
    """Finds attributes of an entity that none of its categories declares.

    Of an attribute that the OCCI documents give to one of them it is a remark: there discovery is what lacks something,
    which the tests on the infrastructure model judge.
    """
    ids = model.categories_of(entity)
    declared = {
        definition.name
        for one in ids
        if (category := model.category(one)) is not None
        for definition in category.attributes
    }
    # occi.core.id and occi.core.title are entity's, which some sites do not offer.
    known = {
        fact.name for one in (*ids, ENTITY_ID) for fact in infrastructure.ATTRIBUTES_BY_CATEGORY.get(one, ())
    }
    return tuple(
        Finding(
            _ATTRIBUTES,
            f"the attributes of {entity.url} to be declared by its kind or mixins in discovery",
            f"{name} is declared by none of them{' (the OCCI documents do)' if name in known else ''}",
            name,
            harmless=name in known,
        )
        for name in entity.attributes
        if name not in declared
    )


def id_problems(entity: Entity) -> Findings:
    """Finds an entity without occi.core.id, or with one that no URI could hold."""
    if not entity.id:
        return (Finding(_ID, f"the entity {entity.url} to have occi.core.id", "it is not shown"),)
    if not _URI_TEXT.fullmatch(entity.id):
        expected = f"occi.core.id of {entity.url} to be a URI"
        return (Finding(_ID, expected, f"'{entity.id}' holds what no URI can", entity.id),)
    return ()


def repeated_ids(entities: Sequence[Entity]) -> Findings:
    """Finds ids that two entities have. Raises `CannotBeShownError` where fewer than two have ids."""
    by_id: dict[str, list[Entity]] = {}
    for one in {entity.url: entity for entity in entities if entity.id}.values():
        by_id.setdefault(one.id, []).append(one)
    if sum(map(len, by_id.values())) < 2:
        raise CannotBeShownError("this account sees fewer than two entities with ids")
    return tuple(
        Finding(
            _ID,
            "each occi.core.id to be one entity's",
            f"{' and '.join(one.url for one in same[:3])} have the same",
            same[0].id,
        )
        for same in by_id.values()
        if len(same) > 1
    )
