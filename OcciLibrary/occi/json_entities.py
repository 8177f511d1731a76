"""Reads resources and links from JSON: OCCI 1.2 (GFD.226), and the nested drafts of rOCCI and older erocci."""

from __future__ import annotations

from copy import copy
from math import isfinite
from typing import Any

from OcciLibrary.occi.attribute_values import json_value
from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.infrastructure import ATTRIBUTE_TYPES
from OcciLibrary.occi.json_categories import category, category_of_id
from OcciLibrary.occi.json_members import (
    JsonObject,
    as_list,
    as_object,
    as_text,
    check_finite,
    numbered,
    text_of,
)
from OcciLibrary.occi.model import (
    ActionLink,
    AttributeValue,
    CategoryClass,
    Kind,
    Link,
    Mixin,
    Resource,
)
from OcciLibrary.occi.model_making import new_action_link, new_link, new_resource

_TYPES = dict(ATTRIBUTE_TYPES)
_CORE_MEMBERS = (("id", "occi.core.id"), ("title", "occi.core.title"), ("summary", "occi.core.summary"))
# Members of the JSON that occi-py makes up (its versions differ).
_OCCI_PY = ("categories", "collection")
_MUST_BE_OCCI = "the JSON of OCCI 1.2 (GFD.226 §3); this server is better asked for text/plain"


class EntityReader:
    """Reads the entities of one document; types that come again and again are kept once.

    With `one_by_one` so are the names of attributes, which the parser keeps once only within what it parses in one go.
    """

    def __init__(self, log: DeviationLog, one_by_one: bool = False) -> None:
        self._log = log
        self._names: dict[str, str] | None = {} if one_by_one else None
        self._kinds: dict[str, Kind] = {}
        self._known_mixins: dict[str, Mixin] = {}
        self._actions: dict[str, str] = {}

    def noting_in(self, log: DeviationLog) -> EntityReader:
        """Gives a reader that keeps types in the same place, and notes deviations in another one."""
        other = copy(self)
        other._log = log
        return other

    def each(self, value: Any, field: str) -> tuple[Resource, ...]:
        """Reads an array of entities, which is used up, so that memory holds each of them once."""
        items = as_list(value, field)
        count = len(items)
        items.reverse()
        found = []
        while items:
            try:
                found.append(self.entity(as_object(items.pop(), "")))
            except RenderingError as error:
                raise error.within(f"{field}[{count - len(items) - 1}]") from None
        return tuple(found)

    def entity(self, data: JsonObject) -> Resource:
        """Reads one resource, or one link as an entity of its own."""
        refuse_dialects(data)
        attributes = self.entity_attributes(data)
        location = text_of(data, "location")
        if location:
            words = "the entity has a member location, which the schema does not know"
            self._log.note("location-in-entity", "location", words)
        kind = data.get("kind")
        if kind is None and not attributes and not location:
            raise RenderingError("the entity has neither kind nor attributes", expected="a kind, at least")
        return new_resource(
            kind=None if kind is None else self._kind(kind),
            mixins=self._mixins(data.get("mixins"), "mixins"),
            attributes=attributes,
            links=self._links(data.get("links")),
            actions=self._action_links(data.get("actions"), location),
            location=location,
        )

    def entity_attributes(self, data: JsonObject) -> dict[str, AttributeValue]:
        """Merges id, title, summary, source and target of an entity with its attributes; the members win."""
        attributes = self.attributes(data.get("attributes"))
        for name, full_name in _CORE_MEMBERS:
            value = data.get(name)
            if value is not None:
                if type(value) is not str:
                    value = as_text(json_value(full_name, value, name, self._log), name)
                self._merge(attributes, name, full_name, value)
        for end in ("source", "target"):
            if data.get(end) is not None:
                for name, value in self._end(data, end).items():
                    self._merge(attributes, name, f"occi.core.{name}", value)
        return attributes

    def _merge(self, attributes: dict[str, AttributeValue], name: str, full_name: str, value: str) -> None:
        if attributes.get(full_name, value) != value:
            words = f"{full_name} differs between the entity and its attributes"
            self._log.note("conflicting-member", name, words)
        attributes[full_name] = value

    def attributes(self, value: Any) -> dict[str, AttributeValue]:
        """Reads attributes, flat or nested by the parts of their names; what is flat and of its type is not copied."""
        if value is None:
            return {}
        data = as_object(value, "attributes")
        for name, inner in data.items():
            sort = type(inner)
            known = _TYPES.get(name)
            if sort is str:
                if known is None or known == "string":
                    continue
            elif (sort is int or (sort is float and isfinite(inner))) and known != "string":
                continue
            break
        else:
            known_name = self._names.setdefault if self._names is not None else None
            return {known_name(name, name): inner for name, inner in data.items()} if known_name else data
        found: dict[str, AttributeValue] = {}
        _flatten("", data, found, self._log)
        return found

    def _end(self, data: JsonObject, end: str) -> dict[str, str]:
        value = data[end]
        if isinstance(value, str):
            words = f"the {end} of a link is a string where an object with location is due"
            self._log.note("end-as-string", end, words)
            return {end: value}
        value = as_object(value, end)
        found = {end: as_text(value.get("location"), f"{end}.location")}
        if value.get("kind") is not None:
            found[f"{end}.kind"] = as_text(value["kind"], f"{end}.kind")
        return found

    def _kind(self, value: Any) -> Kind:
        type_id = as_text(value, "kind")
        found = self._kinds.get(type_id)
        if found is None:
            made = category_of_id(type_id, "kind", CategoryClass.KIND, self._log)
            assert isinstance(made, Kind)
            found = self._kinds[type_id] = made
        return found

    def _mixins(self, value: Any, field: str) -> tuple[Mixin, ...]:
        return tuple(numbered(as_list(value, field), field, self._mixin)) if value is not None else ()

    def _mixin(self, value: Any) -> Mixin:
        if isinstance(value, dict):
            words = "a category is an object where its identifier is due"
            self._log.note("category-as-object", "mixins", words)
            made = category(value, CategoryClass.MIXIN, self._log)
            assert isinstance(made, Mixin)
            return made
        type_id = as_text(value, "")
        found = self._known_mixins.get(type_id)
        if found is None:
            new = category_of_id(type_id, "", CategoryClass.MIXIN, self._log)
            assert isinstance(new, Mixin)
            found = self._known_mixins[type_id] = new
        return found

    def _action_links(self, value: Any, location: str) -> tuple[ActionLink, ...]:
        if value is None:
            return ()
        actions = numbered(as_list(value, "actions"), "actions", self._action)
        # JSON shows no action URL; GFD.226 and GFD.223 §10.3.2 make it from the entity's own.
        prefix = f"{location}?action=" if location else ""
        return tuple(
            [new_action_link(prefix + term if prefix else "", type_id, term, "") for type_id, term in actions]
        )

    def _action(self, value: Any) -> tuple[str, str]:
        """Gives the identifier and the term of an action."""
        if isinstance(value, dict):
            words = "an action of an entity is an object where its identifier is due"
            self._log.note("action-as-object", "actions", words)
            shown = category(value, CategoryClass.ACTION, self._log)
            return shown.id, shown.term
        type_id = as_text(value, "")
        found = self._actions.get(type_id)
        if found is None:
            found = self._actions[type_id] = category_of_id(type_id, "", CategoryClass.ACTION, self._log).term
        return type_id, found

    def _links(self, value: Any) -> tuple[Link, ...]:
        return tuple(numbered(as_list(value, "links"), "links", self._link)) if value is not None else ()

    def _link(self, value: Any) -> Link:
        if isinstance(value, str):
            words = "a link is the URL of a link entity where an object is due"
            self._log.note("link-as-string", "links", words)
            return Link("", self_url=value)
        data = as_object(value, "")
        attributes = self.attributes(data.get("attributes"))
        target = rel = ""
        if data.get("target") is not None:
            end = self._end(data, "target")
            target, rel = end["target"], end.get("target.kind", "")
        if data.get("source") is not None:
            for name, end_value in self._end(data, "source").items():
                attributes[f"occi.core.{name}"] = end_value
        link_id = data.get("id")
        if link_id is not None:
            if type(link_id) is not str:
                link_id = as_text(json_value("occi.core.id", link_id, "links", self._log), "id")
            attributes["occi.core.id"] = link_id
        categories = [] if data.get("kind") is None else [as_text(data["kind"], "kind")]
        if data.get("mixins") is not None:
            categories += numbered(as_list(data["mixins"], "mixins"), "mixins", _type_id)
        rel = text_of(data, "rel") or rel
        return new_link(
            target or str(attributes.get("occi.core.target", "")),
            tuple(rel.split()),
            text_of(data, "location"),
            tuple(categories),
            attributes,
            text_of(data, "title"),
        )


def _type_id(value: Any) -> str:
    return as_text(value, "")


def refuse_dialects(data: JsonObject) -> None:
    """Raises RenderingError for what is an entity in the JSON of one server only: a guess could be a wrong verdict."""
    if isinstance(data.get("kind"), dict):
        raise RenderingError("the kind is an object, as in pyssf's own JSON", "kind", expected=_MUST_BE_OCCI)
    for name in _OCCI_PY:
        if name in data:
            raise RenderingError("the member is one of occi-py's own JSON", name, expected=_MUST_BE_OCCI)


def _flatten(prefix: str, value: JsonObject, found: dict[str, AttributeValue], log: DeviationLog) -> None:
    for key, inner in value.items():
        name = prefix + key
        if isinstance(inner, dict) and "." not in key:
            words = "attribute names are nested objects, not flat names with dots"
            log.note("nested-attributes", "attributes", words)
            _flatten(name + ".", inner, found, log)
        elif inner is None:
            log.note("null-attribute", "attributes", f"{excerpt(name)} is null and was passed over")
        else:
            check_finite(inner, f"attributes.{name}")
            found[name] = json_value(name, inner, "attributes", log)
