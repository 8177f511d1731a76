"""Reads application/occi+json: OCCI 1.2 (GFD.226) and the nested drafts that rOCCI and older erocci serve."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from OcciLibrary.occi.attribute_values import json_value
from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.json_categories import category, category_of_id, discovery
from OcciLibrary.occi.json_members import JsonObject, as_list, as_object, as_text, texts
from OcciLibrary.occi.model import (
    ActionLink,
    AttributeValue,
    Category,
    CategoryClass,
    Kind,
    Link,
    Message,
    Mixin,
    Resource,
)

_MAX_DEPTH = 64
_DISCOVERY = ("kinds", "mixins", "actions")
_COLLECTIONS = ("resources", "links", "locations")
_T = TypeVar("_T")


def read_json(text: str, log: DeviationLog) -> Message:
    """Reads one JSON document into a message, without its deviations.

    Raises RenderingError for broken JSON (with the offset), nesting deeper than 64 levels, members of the
    wrong type, and objects that hold nothing of OCCI.
    """
    data = _parsed(text, log)
    if isinstance(data, list):
        return _array(data, log)
    if not isinstance(data, dict):
        raise RenderingError(f"the document is {excerpt(text)}", "JSON", 0, "an object or an array")
    model = data.get("model")
    if isinstance(model, list) and len(model) == 1 and "kind" not in data:
        log.note("model-wrapper", "model", "the discovery answer is wrapped in a member called model")
        data = as_object(model[0], "model")
    return _object(data, log)


def _parsed(text: str, log: DeviationLog) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> JsonObject:
        found = dict(pairs)
        if len(found) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            twice = counts.most_common(1)[0][0]
            log.note(
                "repeated-member", "JSON", f"the member {excerpt(twice)} stands twice; the last one was taken"
            )
        return found

    try:
        data = json.loads(text, object_pairs_hook=members, parse_constant=_refused, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise RenderingError(f"this is no JSON: {error.msg}", "JSON", error.pos, "a JSON document") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise RenderingError(
            f"a number cannot be read: {excerpt(str(error))}", "JSON", expected="finite numbers"
        ) from None
    _check_depth(data)
    return data


def _refused(constant: str) -> float:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _check_depth(data: Any) -> None:
    level = [data]
    for _ in range(_MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise _too_deep()


def _children(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in inside if isinstance(child, (dict, list))]


def _too_deep() -> RenderingError:
    return RenderingError(
        "objects and arrays are nested too deep", "JSON", expected=f"at most {_MAX_DEPTH} levels"
    )


def _array(data: list[Any], log: DeviationLog) -> Message:
    if all(isinstance(item, str) for item in data):
        return Message(locations=tuple(data))
    log.note(
        "bare-array", "JSON", "objects stand in a bare array, not in a member such as resources or kinds"
    )
    if all(isinstance(item, dict) and "term" in item and "kind" not in item for item in data):
        return Message(categories=tuple(category(item, "JSON", None, log) for item in data))
    return Message(resources=_each(data, "JSON", log, _entity))


def _object(data: JsonObject, log: DeviationLog) -> Message:
    if "kind" in data:
        return _single(data, log)
    if isinstance(data.get("action"), str):
        return _invocation(data, log)
    if any(name in data for name in _COLLECTIONS) or any(_holds_objects(data, name) for name in _DISCOVERY):
        return _collection(data, log)
    if "term" in data and "scheme" in data:
        return Message(categories=(category(data, "category", None, log),))
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


def _collection(data: JsonObject, log: DeviationLog) -> Message:
    resources = _each(data.get("resources", []), "resources", log, _entity)
    links = _each(data.get("links", []), "links", log, _entity)
    if "action" in data:
        log.note(
            "action-in-collection",
            "action",
            "an action invocation stands among other members; it was passed over",
        )
    return Message(
        categories=discovery(data, log),
        locations=texts(data.get("locations", []), "locations"),
        resources=(*resources, *links),
    )


def _single(data: JsonObject, log: DeviationLog) -> Message:
    entity = _entity(data, "", log)
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
    classes = {"kinds": CategoryClass.KIND, "mixins": CategoryClass.MIXIN, "actions": CategoryClass.ACTION}
    categories = tuple(
        category_of_id(type_id, name, category_class, log)
        for name, category_class in classes.items()
        for type_id in texts(data.get(name, []), name)
    )
    return Message(categories=categories, attributes=_entity_attributes(data, "", log))


def _invocation(data: JsonObject, log: DeviationLog) -> Message:
    action = category_of_id(data["action"], "action", CategoryClass.ACTION, log)
    return Message(
        categories=(action,), attributes=_attributes(data.get("attributes", {}), "attributes", log)
    )


def _each(
    value: Any, path: str, log: DeviationLog, read: Callable[[JsonObject, str, DeviationLog], _T]
) -> tuple[_T, ...]:
    items = enumerate(as_list(value, path))
    return tuple(read(as_object(item, f"{path}[{index}]"), f"{path}[{index}].", log) for index, item in items)


def _entity(data: JsonObject, path: str, log: DeviationLog) -> Resource:
    attributes = _entity_attributes(data, path, log)
    location = as_text(data.get("location", ""), path + "location")
    if location:
        log.note(
            "location-in-entity",
            "location",
            "the entity has a member location, which the schema does not know",
        )
    return Resource(
        kind=_kind(data.get("kind"), path + "kind", log),
        mixins=_mixins(data.get("mixins", []), path + "mixins", log),
        attributes=attributes,
        links=_links(data.get("links", []), path + "links", log),
        actions=_action_links(data.get("actions", []), path + "actions", location, log),
        location=location,
    )


def _kind(value: Any, path: str, log: DeviationLog) -> Kind | None:
    if value is None:
        return None
    found = _category_reference(value, path, CategoryClass.KIND, log)
    return found if isinstance(found, Kind) else None


def _mixins(value: Any, path: str, log: DeviationLog) -> tuple[Mixin, ...]:
    items = (_category_reference(item, path, CategoryClass.MIXIN, log) for item in as_list(value, path))
    return tuple(item for item in items if isinstance(item, Mixin))


def _category_reference(value: Any, path: str, category_class: CategoryClass, log: DeviationLog) -> Category:
    if isinstance(value, dict):
        log.note(
            "category-as-object",
            path.rpartition(".")[2],
            "a category is an object where its identifier is due",
        )
        return category(value, path, category_class, log)
    return category_of_id(as_text(value, path), path, category_class, log)


def _entity_attributes(data: JsonObject, path: str, log: DeviationLog) -> dict[str, AttributeValue]:
    """Merges id, title, summary, source and target of an entity with its attributes; the members win."""
    attributes = _attributes(data.get("attributes", {}), path + "attributes", log)
    members: dict[str, Any] = {
        name: data[name] for name in ("id", "title", "summary") if data.get(name) is not None
    }
    for end in ("source", "target"):
        members.update(_end_members(data, end, path, log))
    for name, member in members.items():
        full_name = f"occi.core.{name}"
        value = json_value(full_name, member, name, log)
        if attributes.get(full_name, value) != value:
            log.note("conflicting-member", name, f"{full_name} differs between the entity and its attributes")
        attributes[full_name] = as_text(value, path + name)
    return attributes


def _end_members(data: JsonObject, end: str, path: str, log: DeviationLog) -> dict[str, str]:
    value = data.get(end)
    if value is None:
        return {}
    if isinstance(value, str):
        log.note(
            "end-as-string", end, f"the {end} of a link is a string where an object with location is due"
        )
        return {end: value}
    value = as_object(value, path + end)
    found = {end: as_text(value.get("location", ""), f"{path}{end}.location")}
    if "kind" in value:
        found[f"{end}.kind"] = as_text(value["kind"], f"{path}{end}.kind")
    return found


def _attributes(value: Any, path: str, log: DeviationLog) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {}
    _flatten("", as_object(value, path), found, log)
    return found


def _flatten(
    prefix: str, value: Mapping[str, Any], found: dict[str, AttributeValue], log: DeviationLog
) -> None:
    for key, inner in value.items():
        name = prefix + key
        if isinstance(inner, dict) and "." not in key:
            log.note(
                "nested-attributes",
                "attributes",
                "attribute names are nested objects, not flat names with dots",
            )
            _flatten(name + ".", inner, found, log)
        elif inner is None:
            log.note("null-attribute", "attributes", f"{excerpt(name)} is null and was passed over")
        else:
            found[name] = json_value(name, inner, "attributes", log)


def _action_links(value: Any, path: str, location: str, log: DeviationLog) -> tuple[ActionLink, ...]:
    links = []
    for item in as_list(value, path):
        if isinstance(item, dict):
            log.note(
                "action-as-object",
                "actions",
                "an action of an entity is an object where its identifier is due",
            )
            action = category(item, path, CategoryClass.ACTION, log)
        else:
            action = category_of_id(as_text(item, path), path, CategoryClass.ACTION, log)
        # JSON shows no action URL; GFD.226 and GFD.223 §10.3.2 make it from the entity's own.
        links.append(
            ActionLink(f"{location}?action={action.term}" if location else "", action.id, action.term)
        )
    return tuple(links)


def _links(value: Any, path: str, log: DeviationLog) -> tuple[Link, ...]:
    links = []
    for index, item in enumerate(as_list(value, path)):
        if isinstance(item, str):
            log.note("link-as-string", "links", "a link is the URL of a link entity where an object is due")
            links.append(Link("", self_url=item))
        else:
            links.append(_link(as_object(item, f"{path}[{index}]"), f"{path}[{index}].", log))
    return tuple(links)


def _link(data: JsonObject, path: str, log: DeviationLog) -> Link:
    attributes = _attributes(data.get("attributes", {}), path + "attributes", log)
    ends = {**_end_members(data, "source", path, log), **_end_members(data, "target", path, log)}
    target = ends.pop("target", "") or str(attributes.get("occi.core.target", ""))
    rel = as_text(data.get("rel", ""), path + "rel") or ends.get("target.kind", "")
    ends.pop("target.kind", None)
    if data.get("id") is not None:
        ends["id"] = str(json_value("occi.core.id", data["id"], "links", log))
    attributes.update({f"occi.core.{name}": value for name, value in ends.items()})
    kind = data.get("kind")
    categories = ([] if kind is None else [kind], as_list(data.get("mixins", []), path + "mixins"))
    return Link(
        target,
        tuple(rel.split()),
        as_text(data.get("location", ""), path + "location"),
        tuple(as_text(type_id, path + "kind") for group in categories for type_id in group),
        attributes,
        as_text(data.get("title", ""), path + "title"),
    )
