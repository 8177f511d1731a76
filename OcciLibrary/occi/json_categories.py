"""Reads kinds, mixins and actions from JSON (GFD.226 §3, §10) and from the drafts before it."""

from __future__ import annotations

import json
from typing import Any

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.json_members import JsonObject, as_list, as_object, check_finite, text_of, texts
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, CategoryClass, Kind, Mixin

_PROPERTIES = frozenset({"type", "required", "mutable", "pattern", "default", "description"})
_CLASSES = {"kinds": CategoryClass.KIND, "mixins": CategoryClass.MIXIN, "actions": CategoryClass.ACTION}


def discovery(data: JsonObject, log: DeviationLog) -> tuple[Category, ...]:
    """Reads the members kinds, mixins and actions, whose items are objects or, in the field, identifiers."""
    found: list[Category] = []
    for name, category_class in _CLASSES.items():
        for index, item in enumerate(as_list(data.get(name), name)):
            try:
                if isinstance(item, str):
                    found.append(category_of_id(item, "", category_class, log))
                else:
                    found.append(category(as_object(item, ""), category_class, log))
            except RenderingError as error:
                raise error.within(f"{name}[{index}]") from None
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


def category(data: JsonObject, category_class: CategoryClass | None, log: DeviationLog) -> Category:
    """Reads one category object; without a class given, its members tell which it is."""
    scheme, term = text_of(data, "scheme"), text_of(data, "term")
    if not scheme or not term:
        raise RenderingError("the category has no scheme or no term", expected="both, as strings")
    if scheme[-1] != "#":
        words = f"the scheme {excerpt(scheme)} of {excerpt(term)} does not end in #"
        log.note("scheme-without-hash", "Category", words)
    title, location = text_of(data, "title"), text_of(data, "location")
    attributes = _definitions(data.get("attributes"), log)
    category_class = category_class or _class_by_members(data, scheme)
    if category_class is CategoryClass.ACTION:
        return Action(term, scheme, title, attributes, location)
    related = texts(data.get("related"), "related")
    if related:
        words = "related is the word of the drafts; it is parent or depends since 1.2"
        log.note("related-member", "related", words)
    actions = texts(data.get("actions"), "actions")
    if category_class is CategoryClass.KIND:
        parent = text_of(data, "parent") or (related[0] if related else "")
        return Kind(term, scheme, title, attributes, location, parent, actions)
    depends = texts(data.get("depends"), "depends") or related
    applies = texts(data.get("applies"), "applies")
    return Mixin(term, scheme, title, attributes, location, depends, applies, actions)


def _class_by_members(data: JsonObject, scheme: str) -> CategoryClass:
    named = {word.value: word for word in CategoryClass}.get(str(data.get("class")))
    if named or "parent" in data:
        return named or CategoryClass.KIND
    return CategoryClass.ACTION if scheme.endswith("/action#") else CategoryClass.MIXIN


def _definitions(value: Any, log: DeviationLog) -> tuple[AttributeDefinition, ...]:
    if not value:
        return ()
    if isinstance(value, list):
        words = "attribute definitions are an array, not an object by name"
        log.note("attributes-as-array", "attributes", words)
        return tuple(AttributeDefinition(name) for name in texts(value, "attributes"))
    found: list[AttributeDefinition] = []
    _collect("", as_object(value, "attributes"), found, log)
    return tuple(found)


def _collect(prefix: str, value: JsonObject, found: list[AttributeDefinition], log: DeviationLog) -> None:
    for key, inner in value.items():
        name = prefix + key
        properties = {} if inner is None else inner
        if not isinstance(properties, dict):
            as_object(properties, f"attributes.{name}")
        if _is_definition(properties):
            found.append(_definition(name, properties, log))
        else:
            words = "attribute names are nested objects, not flat names with dots"
            log.note("nested-attributes", "attributes", words)
            _collect(name + ".", properties, found, log)


def _is_definition(properties: JsonObject) -> bool:
    if not properties:
        return True
    if "pattern" in properties and len(properties) == 1:
        return True
    # A nested name part may be called "type" or "default" as well; then its value is an object.
    return any(
        not isinstance(value, dict) and (name in _PROPERTIES or name.lower() in _PROPERTIES)
        for name, value in properties.items()
    )


def _definition(name: str, properties: JsonObject, log: DeviationLog) -> AttributeDefinition:
    if not properties.keys() <= _PROPERTIES:
        lower = {key.lower(): value for key, value in properties.items()}
        if any(key in _PROPERTIES and key not in properties for key in lower):
            words = "the properties of attributes begin with capital letters"
            log.note("capitalised-properties", "attributes", words)
        properties = lower
    default, pattern = properties.get("default"), properties.get("pattern")
    try:
        check_finite(default, "default")
        # Absent mutable means false here, while text marks what is immutable (GFD.226 §3 against GFD.185 §3.5.1).
        return AttributeDefinition(
            name,
            properties.get("required") is True,
            properties.get("mutable") is not True,
            text_of(properties, "type"),
            default,
            _pattern(pattern, log) if pattern is not None else "",
            text_of(properties, "description"),
        )
    except RenderingError as error:
        raise error.within(f"attributes.{name}") from None


def _pattern(value: Any, log: DeviationLog) -> str:
    """Gives a regular expression: that of a JSON schema, or the bare string of the drafts."""
    if isinstance(value, str):
        log.note("pattern-as-string", "attributes", "a pattern is a string where a JSON schema is due")
        return value
    if isinstance(value, dict) and isinstance(value.get("pattern"), str):
        return str(value["pattern"])
    return json.dumps(value, sort_keys=True)
