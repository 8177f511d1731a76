"""JSON as known servers write it: OCCI 1.2 in three shapes, the nested draft of rOCCI 1, pyssf's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from OcciLibrary.occi import json_writing
from OcciLibrary.occi.infrastructure import COMPUTE_ACTIONS
from OcciLibrary.occi.model import AttributeDefinition, Category, Kind, Mixin, Resource
from OcciLibrary.sandbox.dialects.text_form import JsonForm

JsonObject = dict[str, Any]


# ---- OCCI 1.2 (GFD.226)


def _standard_entity(resource: Resource, base_url: str) -> JsonObject:
    data = json_writing.entity_object(resource)
    data.pop("location", None)
    return data


def _standard_listing(resources: Sequence[Resource], base_url: str) -> JsonObject:
    return {"resources": [_standard_entity(one, base_url) for one in resources]}


def _standard_discovery(categories: Sequence[Category], base_url: str) -> JsonObject:
    return json_writing.discovery_object(categories)


STANDARD = JsonForm(_standard_entity, _standard_listing, _standard_discovery)


def _absolute_discovery(categories: Sequence[Category], base_url: str) -> JsonObject:
    data = json_writing.discovery_object(categories)
    for one in (*data["kinds"], *data["mixins"]):
        if "location" in one:
            one["location"] = base_url + one["location"]
    return data


# ---- rOCCI 1: names are nested by their parts, and everything is a member of resources


def _nested(flat: Mapping[str, Any]) -> JsonObject:
    tree: JsonObject = {}
    for name, value in flat.items():
        *branches, leaf = name.split(".")
        at = tree
        for branch in branches:
            at = at.setdefault(branch, {})
        at[leaf] = value
    return tree


def _rocci1_entity(resource: Resource) -> JsonObject:
    data: JsonObject = {"kind": resource.kind.id} if resource.kind else {}
    if resource.mixins:
        data["mixins"] = [mixin.id for mixin in resource.mixins]
    return {**data, "attributes": _nested(resource.attributes), "id": resource.id}


def _rocci1_listing(resources: Sequence[Resource], base_url: str) -> JsonObject:
    return {"resources": [_rocci1_entity(one) for one in resources]} if resources else {}


def _rocci1_category(category: Category) -> JsonObject:
    data: JsonObject = {"location": category.location} if category.location else {}
    data.update(scheme=category.scheme, term=category.term, title=category.title)
    if category.attributes:
        data["attributes"] = _nested({one.name: _rocci1_definition(one) for one in category.attributes})
    if isinstance(category, Kind) and category.parent:
        data.update(parent=category.parent, related=[category.parent])
    if isinstance(category, (Kind, Mixin)) and category.actions:
        data["actions"] = list(category.actions)
    if isinstance(category, Mixin) and category.depends:
        data.update(depends=list(category.depends), related=list(category.depends))
    return data


def _rocci1_definition(attribute: AttributeDefinition) -> JsonObject:
    return {
        "type": attribute.type or "string",
        "required": attribute.required,
        "mutable": not attribute.immutable,
        "pattern": attribute.pattern or ".*",
    }


def _rocci1_discovery(categories: Sequence[Category], base_url: str) -> JsonObject:
    sorted_out: JsonObject = {"kinds": [], "mixins": [], "actions": []}
    for category in categories:
        if category.category_class:
            sorted_out[f"{category.category_class.value}s"].append(_rocci1_category(category))
    return sorted_out


ROCCI1 = JsonForm(lambda one, base_url: _rocci1_listing([one], base_url), _rocci1_listing, _rocci1_discovery)


# ---- pyssf: an array, categories as objects, every value a string, "muttable"


def _pyssf_category(category: Category) -> JsonObject:
    data: JsonObject = {"term": category.term, "scheme": category.scheme}
    if category.title:
        data["title"] = category.title
    if category.location:
        data["location"] = category.location
    if category.attributes:
        data["attributes"] = {
            one.name: "immutable" if one.immutable else "muttable" for one in category.attributes
        }
    if isinstance(category, Kind) and category.parent:
        data["related"] = [category.parent]
    if isinstance(category, Mixin) and category.depends:
        data["related"] = list(category.depends)
    if isinstance(category, (Kind, Mixin)) and category.actions:
        data["actions"] = list(category.actions)
    return data


def _pyssf_entity(resource: Resource, base_url: str) -> JsonObject:
    data: JsonObject = {
        "actions": [
            {"kind": _pyssf_category(COMPUTE_ACTIONS[one.term].action), "link": one.url}
            for one in resource.actions
        ],
        "attributes": {name: str(value) for name, value in resource.attributes.items()},
        "links": [],
        "mixins": [_pyssf_category(mixin) for mixin in resource.mixins],
    }
    return {**data, "kind": _pyssf_category(resource.kind)} if resource.kind else data


def _pyssf_listing(resources: Sequence[Resource], base_url: str) -> list[JsonObject]:
    return [_pyssf_entity(one, base_url) for one in resources]


def _pyssf_discovery(categories: Sequence[Category], base_url: str) -> list[JsonObject]:
    return [_pyssf_category(category) for category in categories]


PYSSF = JsonForm(_pyssf_entity, _pyssf_listing, _pyssf_discovery)


# ---- servers that depart from OCCI 1.2 in where an entity is, and in what they say twice


def standard_with(
    repeated: tuple[str, ...] = (),
    locate: Callable[[str, str], str] | None = None,
    listed: tuple[str, ...] = (),
    absolute: bool = False,
) -> JsonForm:
    """Returns OCCI 1.2 that stands ``repeated`` among the attributes too and has a location in each entity.

    ``locate`` makes the location of base URL and path, None leaves it out; ``listed`` are an entity's members in a
    listing (empty: all); ``absolute`` makes URLs of the categories' locations.
    """

    def entity(resource: Resource, base_url: str) -> JsonObject:
        data = _standard_entity(resource, base_url)
        again = {name: resource.attributes[name] for name in repeated if name in resource.attributes}
        data["attributes"] = {**again, **data.get("attributes", {})}
        return {**data, "location": locate(base_url, resource.location)} if locate else data

    def listing(resources: Sequence[Resource], base_url: str) -> JsonObject:
        entities = [entity(one, base_url) for one in resources]
        if not listed:
            return {"resources": entities}
        return {"resources": [{name: one[name] for name in listed if name in one} for one in entities]}

    return JsonForm(entity, listing, _absolute_discovery if absolute else _standard_discovery)
