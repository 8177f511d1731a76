"""Reads application/occi+json: which sort of document it is, and what it says (GFD.226 §3)."""

from __future__ import annotations

from typing import Any

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.json_categories import category, category_of_id, discovery
from OcciLibrary.occi.json_entities import EntityReader, refuse_dialects
from OcciLibrary.occi.json_listing import Listing, read_listing
from OcciLibrary.occi.json_members import JsonObject, as_object, numbered, texts
from OcciLibrary.occi.json_parsing import parse
from OcciLibrary.occi.model import Category, CategoryClass, Message

_DISCOVERY = {"kinds": CategoryClass.KIND, "mixins": CategoryClass.MIXIN, "actions": CategoryClass.ACTION}
_COLLECTIONS = ("resources", "links", "locations")


def read_json(text: str, log: DeviationLog) -> Message:
    """Reads one JSON document into a message, without its deviations.

    Raises RenderingError for broken JSON and nesting deeper than 64 levels (with the position), members of the
    wrong type, numbers without end, objects that hold nothing of OCCI, and the JSON that only one server speaks.
    """
    listing = read_listing(text, log)
    if listing is not None:
        del text
        return _collection(listing.rest, log, listing)
    data = parse(text, log)
    if not isinstance(data, (dict, list)):
        raise RenderingError(f"the document is {excerpt(text)}", "JSON", 0, "an object or an array")
    del text  # what is made of it takes its room
    if isinstance(data, list):
        return _array(data, log)
    model = data.get("model")
    if isinstance(model, list) and len(model) == 1 and "kind" not in data:
        log.note("model-wrapper", "model", "the discovery answer is wrapped in a member called model")
        data = as_object(model[0], "model")
    return _object(data, log)


def _array(data: list[Any], log: DeviationLog) -> Message:
    if all(isinstance(item, str) for item in data):
        return Message(locations=tuple(data))
    words = "objects stand in a bare array, not in a member such as resources or kinds"
    log.note("bare-array", "JSON", words)
    if all(isinstance(item, dict) and "term" in item and "kind" not in item for item in data):
        if any("class" not in item for item in data):
            raise RenderingError(
                "the categories name no class, as in pyssf's own JSON",
                "JSON",
                expected="members kinds, mixins and actions (GFD.226 §3); this server is better asked for text/plain",
            )
        found = numbered(data, "JSON", lambda item: category(item, None, log))
        return Message(categories=tuple(found))
    return Message(resources=EntityReader(log).each(data, "JSON"))


def _object(data: JsonObject, log: DeviationLog) -> Message:
    if "kind" in data:
        return _single(data, log)
    if isinstance(data.get("action"), str):
        return _invocation(data, log)
    if any(name in data for name in _COLLECTIONS) or any(_holds_objects(data, name) for name in _DISCOVERY):
        return _collection(data, log)
    if "term" in data and "scheme" in data:
        return Message(categories=(category(data, None, log),))
    refuse_dialects(data)
    if "attributes" in data or any(isinstance(data.get(name), list) for name in _DISCOVERY):
        return _partial(data, log)
    if data:
        names = ", ".join(sorted(data)[:8])
        raise RenderingError(
            f"the object holds only {excerpt(names)}", "JSON", expected="kind, resources, kinds or action"
        )
    return Message()


def _holds_objects(data: JsonObject, name: str) -> bool:
    value = data.get(name)
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _collection(data: JsonObject, log: DeviationLog, listing: Listing | None = None) -> Message:
    if "action" in data:
        words = "an action invocation stands among other members; it was passed over"
        log.note("action-in-collection", "action", words)
    reader = EntityReader(log)
    resources = listing.resources if listing else ()
    resources += reader.each(data.get("resources"), "resources")
    return Message(
        categories=discovery(data, log, listing.categories if listing else {}),
        locations=texts(data.get("locations"), "locations"),
        resources=resources + reader.each(data.get("links"), "links"),
    )


def _single(data: JsonObject, log: DeviationLog) -> Message:
    entity = EntityReader(log).entity(data)
    kinds: tuple[Category, ...] = (entity.kind,) if entity.kind else ()
    return Message(
        categories=(*kinds, *entity.mixins),
        attributes=entity.attributes,
        links=entity.links,
        actions=entity.actions,
        locations=(entity.location,) if entity.location else (),
    )


def _partial(data: JsonObject, log: DeviationLog) -> Message:
    """Reads what has no kind: a partial update, or a list of type identifiers."""
    categories = tuple(
        category_of_id(type_id, name, category_class, log)
        for name, category_class in _DISCOVERY.items()
        for type_id in texts(data.get(name), name)
    )
    return Message(categories=categories, attributes=EntityReader(log).entity_attributes(data))


def _invocation(data: JsonObject, log: DeviationLog) -> Message:
    action = category_of_id(data["action"], "action", CategoryClass.ACTION, log)
    return Message(categories=(action,), attributes=EntityReader(log).attributes(data.get("attributes")))
