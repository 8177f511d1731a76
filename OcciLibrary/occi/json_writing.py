"""Writes application/occi+json in the shape of OCCI 1.2 (GFD.226 §3, §10, §11)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.model import (
    Action,
    AttributeDefinition,
    AttributeValue,
    Category,
    Kind,
    Link,
    Message,
    Mixin,
    Resource,
)

JsonObject = dict[str, Any]


def dump(data: Any) -> bytes:
    """Writes JSON as UTF-8; raises RenderingError for what JSON cannot say, such as NaN."""
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, TypeError, RecursionError) as error:
        raise RenderingError(
            f"the value cannot be written: {excerpt(str(error))}", "JSON", expected="JSON values"
        ) from None


def message_object(message: Message) -> Any:
    """Gives the JSON form of a message: entity, action, partial update, collection or locations."""
    if message.resources:
        return collection_object(message.resources)
    actions = [category for category in message.categories if isinstance(category, Action)]
    if actions:
        return _invocation(message, actions)
    if not message.categories and not message.attributes:
        return list(message.locations)
    return entity_object(message.resource())


def entity_object(resource: Resource) -> JsonObject:
    """Gives one entity; ``location`` is added when it is known, as erocci and MartServer do."""
    data: JsonObject = {"kind": resource.kind.id} if resource.kind else {}
    if resource.mixins:
        data["mixins"] = [mixin.id for mixin in resource.mixins]
    attributes = dict(resource.attributes)
    for end in ("source", "target"):
        if f"occi.core.{end}" in attributes:
            data[end] = _end(
                attributes.pop(f"occi.core.{end}"), attributes.pop(f"occi.core.{end}.kind", None)
            )
    # rOCCI 2 wants these both as members and as attributes.
    data.update(_core_members(attributes, ("id", "title", "summary")))
    if attributes or not resource.kind:
        data["attributes"] = attributes
    if resource.actions:
        data["actions"] = [action.action_id for action in resource.actions]
    if resource.links:
        data["links"] = [_link(link) for link in resource.links]
    if resource.location:
        data["location"] = resource.location
    return data


def collection_object(resources: Iterable[Resource]) -> JsonObject:
    """Gives a listing: entities with occi.core.source under links, all others under resources."""
    entities = list(resources)
    links = [entity_object(entity) for entity in entities if "occi.core.source" in entity.attributes]
    others = [entity_object(entity) for entity in entities if "occi.core.source" not in entity.attributes]
    return {"resources": others, "links": links} if links else {"resources": others}


def discovery_object(categories: Sequence[Category]) -> JsonObject:
    """Gives the discovery object; raises RenderingError for a category without class."""
    data: JsonObject = {"kinds": [], "mixins": [], "actions": []}
    for category in categories:
        if category.category_class is None:
            raise RenderingError(
                f"{excerpt(category.id)} has no class", "JSON", expected="a kind, mixin or action"
            )
        data[f"{category.category_class.value}s"].append(_category(category))
    return data


def _core_members(attributes: Mapping[str, AttributeValue], names: Iterable[str]) -> JsonObject:
    return {name: attributes[f"occi.core.{name}"] for name in names if f"occi.core.{name}" in attributes}


def _end(location: AttributeValue, kind: AttributeValue | None) -> JsonObject:
    return {"location": location} if kind is None else {"location": location, "kind": kind}


def _invocation(message: Message, actions: list[Action]) -> JsonObject:
    if len(message.categories) != 1:
        raise RenderingError("an action stands among other categories", "action", expected="one action alone")
    return {"action": actions[0].id, "attributes": dict(message.attributes)}


def _link(link: Link) -> JsonObject:
    data: JsonObject = {}
    if link.categories:
        data["kind"] = link.categories[0]
        data["mixins"] = list(link.categories[1:])
    attributes = dict(link.attributes)
    data.update(_core_members(attributes, ("id",)))
    if "occi.core.source" in attributes:
        data["source"] = _end(
            attributes.pop("occi.core.source"), attributes.pop("occi.core.source.kind", None)
        )
    data["target"] = _end(link.target, link.rel[0] if link.rel else None)
    if len(link.rel) > 1:
        data["rel"] = " ".join(link.rel)
    if attributes:
        data["attributes"] = attributes
    if link.title:
        data["title"] = link.title
    if link.self_url:
        data["location"] = link.self_url
    return data


def _category(category: Category) -> JsonObject:
    data: JsonObject = {"term": category.term, "scheme": category.scheme}
    if category.title:
        data["title"] = category.title
    data["attributes"] = {attribute.name: _definition(attribute) for attribute in category.attributes}
    if isinstance(category, Kind):
        data.update({"parent": category.parent} if category.parent else {})
        data["actions"] = list(category.actions)
    if isinstance(category, Mixin):
        data.update(
            depends=list(category.depends), applies=list(category.applies), actions=list(category.actions)
        )
    if category.location:
        data["location"] = category.location
    return data


def _definition(attribute: AttributeDefinition) -> JsonObject:
    data: JsonObject = {"mutable": not attribute.immutable, "required": attribute.required}
    if attribute.type:
        # JSON has no integers of its own; the documents write number (GFD.226 §10).
        data["type"] = "number" if attribute.type == "integer" else attribute.type
    if attribute.default is not None:
        data["default"] = attribute.default
    if attribute.pattern:
        data["pattern"] = {"type": "string", "pattern": attribute.pattern}
    if attribute.description:
        data["description"] = attribute.description
    return data
