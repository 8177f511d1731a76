"""Reads kinds, mixins and actions from JSON (GFD.226 §3, §10) and from the drafts before it."""

from __future__ import annotations

import json
from typing import Any

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.json_members import JsonObject, as_list, as_object, as_text, check_finite, texts
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, CategoryClass, Kind, Mixin

_PROPERTIES = frozenset({"type", "required", "mutable", "pattern", "default", "description"})
_CLASSES = {"kinds": CategoryClass.KIND, "mixins": CategoryClass.MIXIN, "actions": CategoryClass.ACTION}


def discovery(data: JsonObject, log: DeviationLog) -> tuple[Category, ...]:
    """Reads the members kinds, mixins and actions, whose items are objects or, in the field, identifiers."""
    found: list[Category] = []
    for name, category_class in _CLASSES.items():
        for index, item in enumerate(as_list(data.get(name), name)):
            path = f"{name}[{index}]"
            if isinstance(item, str):
                found.append(category_of_id(item, path, category_class, log))
            else:
                found.append(category(as_object(item, path), path, category_class, log))
    return tuple(found)


def category_of_id(
    type_id: str, path: str, category_class: CategoryClass, log: DeviationLog
) -> Kind | Mixin | Action:
    """Splits a type identifier into scheme and term; raises RenderingError when it has no such parts."""
    scheme, mark, term = type_id.rpartition("#")
    if not mark:
        scheme, mark, term = type_id.rpartition("/")
        log.note("scheme-without-hash", "Category", f"the identifier {excerpt(type_id)} has no #")
    if not mark or not term or not scheme:
        raise RenderingError(
            f"{excerpt(type_id)} is no type identifier", path, expected="a scheme, #, and a term"
        )
    classes: dict[CategoryClass, type[Kind | Mixin | Action]] = {
        CategoryClass.KIND: Kind,
        CategoryClass.MIXIN: Mixin,
        CategoryClass.ACTION: Action,
    }
    return classes[category_class](term, scheme + mark)


def category(
    data: JsonObject, path: str, category_class: CategoryClass | None, log: DeviationLog
) -> Category:
    """Reads one category object; without a class given, its members tell which it is."""
    scheme, term = as_text(data.get("scheme"), path + ".scheme"), as_text(data.get("term"), path + ".term")
    if not scheme or not term:
        raise RenderingError("the category has no scheme or no term", path, expected="both, as strings")
    if scheme[-1] != "#":
        log.note(
            "scheme-without-hash",
            "Category",
            f"the scheme {excerpt(scheme)} of {excerpt(term)} does not end in #",
        )
    title = as_text(data.get("title"), path + ".title")
    location = as_text(data.get("location"), path + ".location")
    attributes = _definitions(data.get("attributes"), path + ".attributes", log)
    category_class = category_class or _class_by_members(data, scheme)
    if category_class is CategoryClass.ACTION:
        return Action(term, scheme, title, attributes, location)
    related = texts(data.get("related"), path + ".related")
    if related:
        log.note(
            "related-member",
            "related",
            "related is the word of the drafts; it is parent or depends since 1.2",
        )
    actions = texts(data.get("actions"), path + ".actions")
    if category_class is CategoryClass.KIND:
        parent = as_text(data.get("parent"), path + ".parent") or (related[0] if related else "")
        return Kind(term, scheme, title, attributes, location, parent, actions)
    depends = texts(data.get("depends"), path + ".depends") or related
    return Mixin(
        term,
        scheme,
        title,
        attributes,
        location,
        depends,
        texts(data.get("applies"), path + ".applies"),
        actions,
    )


def _class_by_members(data: JsonObject, scheme: str) -> CategoryClass:
    named = {word.value: word for word in CategoryClass}.get(str(data.get("class")))
    if named or "parent" in data:
        return named or CategoryClass.KIND
    return CategoryClass.ACTION if scheme.endswith("/action#") else CategoryClass.MIXIN


def _definitions(value: Any, path: str, log: DeviationLog) -> tuple[AttributeDefinition, ...]:
    if isinstance(value, list):
        log.note(
            "attributes-as-array", "attributes", "attribute definitions are an array, not an object by name"
        )
        return tuple(AttributeDefinition(name) for name in texts(value, path))
    found: list[AttributeDefinition] = []
    _collect("", as_object({} if value is None else value, path), path, found, log)
    return tuple(found)


def _collect(
    prefix: str, value: JsonObject, path: str, found: list[AttributeDefinition], log: DeviationLog
) -> None:
    for key, inner in value.items():
        name = prefix + key
        properties = as_object({} if inner is None else inner, f"{path}.{name}")
        if _is_definition(properties):
            found.append(_definition(name, properties, f"{path}.{name}", log))
        else:
            log.note(
                "nested-attributes",
                "attributes",
                "attribute names are nested objects, not flat names with dots",
            )
            _collect(name + ".", properties, path, found, log)


def _is_definition(properties: JsonObject) -> bool:
    # A nested name part may be called "type" or "default" as well; then its value is an object.
    words = {name.lower() for name, value in properties.items() if not isinstance(value, dict)}
    return not properties or bool(words & _PROPERTIES) or ("pattern" in properties and len(properties) == 1)


def _definition(name: str, properties: JsonObject, path: str, log: DeviationLog) -> AttributeDefinition:
    if not properties.keys() <= _PROPERTIES and any(
        key.lower() in _PROPERTIES and key != key.lower() for key in properties
    ):
        log.note(
            "capitalised-properties", "attributes", "the properties of attributes begin with capital letters"
        )
    lower = {key.lower(): value for key, value in properties.items()}
    # Absent mutable means false here, while text marks what is immutable (GFD.226 §3 against GFD.185 §3.5.1).
    check_finite(lower.get("default"), path + ".default")
    return AttributeDefinition(
        name,
        required=lower.get("required") is True,
        immutable=lower.get("mutable") is not True,
        type=as_text(lower.get("type"), path + ".type"),
        default=lower.get("default"),
        pattern=_pattern(lower.get("pattern"), log),
        description=as_text(lower.get("description"), path + ".description"),
    )


def _pattern(value: Any, log: DeviationLog) -> str:
    """Gives a regular expression: that of a JSON schema, or the bare string of the drafts."""
    if value is None:
        return ""
    if isinstance(value, str):
        log.note("pattern-as-string", "attributes", "a pattern is a string where a JSON schema is due")
        return value
    if isinstance(value, dict) and isinstance(value.get("pattern"), str):
        return str(value["pattern"])
    return json.dumps(value, sort_keys=True)
