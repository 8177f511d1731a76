"""Reads kinds, mixins and actions from JSON (GFD.226 §3, §10) and from the drafts before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.json_members import JsonObject, as_list, as_object, check_finite, text_of, texts
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, CategoryClass, Kind, Mixin
from OcciLibrary.occi.model_making import new_kind, new_mixin

_T = TypeVar("_T")

_PROPERTIES = frozenset({"type", "required", "mutable", "pattern", "default", "description"})
# The properties whose values, if they are texts or true or false, are taken as they stand.
_PLAIN = frozenset({"type", "required", "mutable", "description"})
_PLAIN_TYPES = frozenset({str, bool})
CLASSES = {"kinds": CategoryClass.KIND, "mixins": CategoryClass.MIXIN, "actions": CategoryClass.ACTION}


class SharedParts:
    """Keeps what the categories of one document have in common once, and makes it once."""

    def __init__(self) -> None:
        self.definitions: dict[tuple[Any, ...], AttributeDefinition] = {}
        self._seen: dict[Any, Any] = {}

    def once(self, part: _T) -> _T:
        """Gives the first of all equal parts; a part is a string or a tuple of them."""
        return cast(_T, self._seen.setdefault(part, part))


def discovery(
    data: JsonObject, log: DeviationLog, found: Mapping[str, list[Category]] = MappingProxyType({})
) -> tuple[Category, ...]:
    """Reads the members kinds, mixins and actions but for those found already.

    Their items are objects or, in the field, identifiers.
    """
    categories: list[Category] = []
    shared = SharedParts()
    for name in CLASSES:
        categories += found.get(name, ())
        for index, item in enumerate(as_list(data.get(name), name)):
            try:
                categories.append(discovered(name, item, log, shared))
            except RenderingError as error:
                raise error.within(f"{name}[{index}]") from None
    return tuple(categories)


def discovered(name: str, item: Any, log: DeviationLog, shared: SharedParts) -> Category:
    """Reads an item of the member kinds, mixins or actions."""
    if isinstance(item, str):
        return category_of_id(item, "", CLASSES[name], log)
    return category(as_object(item, ""), CLASSES[name], log, shared)


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
    data: JsonObject,
    category_class: CategoryClass | None,
    log: DeviationLog,
    shared: SharedParts | None = None,
) -> Category:
    """Reads one category object; without a class given, its members tell which it is."""
    shared = shared or SharedParts()
    scheme, term = text_of(data, "scheme"), text_of(data, "term")
    if not scheme or not term:
        raise RenderingError("the category has no scheme or no term", expected="both, as strings")
    if scheme[-1] != "#":
        words = f"the scheme {excerpt(scheme)} of {excerpt(term)} does not end in #"
        log.note("scheme-without-hash", "Category", words)
    scheme = shared.once(scheme)
    title, location = text_of(data, "title"), text_of(data, "location")
    attributes = _definitions(data.get("attributes"), log, shared)
    category_class = category_class or _class_by_members(data, scheme)
    if category_class is CategoryClass.ACTION:
        return Action(term, scheme, title, attributes, location)
    related = shared.once(texts(data.get("related"), "related"))
    if related:
        words = "related is the word of the drafts; it is parent or depends since 1.2"
        log.note("related-member", "related", words)
    actions = shared.once(texts(data.get("actions"), "actions"))
    if category_class is CategoryClass.KIND:
        parent = shared.once(text_of(data, "parent") or (related[0] if related else ""))
        return new_kind(term, scheme, title, attributes, location, parent, actions)
    depends = shared.once(texts(data.get("depends"), "depends") or related)
    applies = shared.once(texts(data.get("applies"), "applies"))
    return new_mixin(term, scheme, title, attributes, location, depends, applies, actions)


def _class_by_members(data: JsonObject, scheme: str) -> CategoryClass:
    named = {word.value: word for word in CategoryClass}.get(str(data.get("class")))
    if named or "parent" in data:
        return named or CategoryClass.KIND
    return CategoryClass.ACTION if scheme.endswith("/action#") else CategoryClass.MIXIN


def _definitions(value: Any, log: DeviationLog, shared: SharedParts) -> tuple[AttributeDefinition, ...]:
    if not value:
        return ()
    if isinstance(value, list):
        words = "attribute definitions are an array, not an object by name"
        log.note("attributes-as-array", "attributes", words)
        return tuple(AttributeDefinition(name) for name in texts(value, "attributes"))
    found: list[AttributeDefinition] = []
    _collect("", as_object(value, "attributes"), found, log, shared)
    return tuple(found)


def _collect(
    prefix: str, value: JsonObject, found: list[AttributeDefinition], log: DeviationLog, shared: SharedParts
) -> None:
    for key, inner in value.items():
        name = prefix + key
        properties = {} if inner is None else inner
        if not isinstance(properties, dict):
            as_object(properties, f"attributes.{name}")
        plain_key = _plain_key(name, properties)
        known = shared.definitions.get(plain_key)
        if known is not None:
            found.append(known)
        elif _is_definition(properties):
            found.append(_definition(name, properties, log))
            if plain_key:
                shared.definitions[plain_key] = found[-1]
        else:
            words = "attribute names are nested objects, not flat names with dots"
            log.note("nested-attributes", "attributes", words)
            _collect(name + ".", properties, found, log, shared)


def _plain_key(name: str, properties: JsonObject) -> tuple[Any, ...]:
    """Gives what tells a definition from others, if it holds nothing that is noted or refused; nothing for others."""
    values = properties.values()
    if not _PLAIN.issuperset(properties) or not _PLAIN_TYPES.issuperset(map(type, values)):
        return ()
    return (name, *properties, *values)


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
