"""The objects of the JSON schema: their members, which of them are required, and of what type they are (GFD.226 §11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from OcciLibrary.lint.findings import FindingLog
from OcciLibrary.lint.json_positions import Node

_WORDS = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """Describes one sort of object: what each member is, and which of them must be there; no others may be."""

    members: Mapping[str, str]
    required: frozenset[str] = frozenset()


def _shape(required: str, **members: str) -> Shape:
    return Shape(MappingProxyType(members), frozenset(required.split()))


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "resource": _shape(
            "kind id",
            kind="type-id",
            mixins="type-ids",
            attributes="attributes",
            actions="type-ids",
            id="string",
            links="links",
            summary="string",
            title="string",
        ),
        "link": _shape(
            "kind id source target",
            kind="type-id",
            mixins="type-ids",
            attributes="attributes",
            actions="type-ids",
            id="string",
            source="ends",
            target="ends",
            rel="string",
            title="string",
        ),
        "update": _shape(
            "",
            mixins="type-ids",
            attributes="attributes",
            links="links",
            summary="string",
            title="string",
        ),
        "end": _shape("location", location="string", kind="type-id"),
        "invocation": _shape("action", action="type-id", attributes="attributes"),
        "kind": _shape(
            "term scheme",
            term="string",
            scheme="string",
            title="string",
            attributes="definitions",
            actions="type-ids",
            parent="type-id",
            location="string",
        ),
        "mixin": _shape(
            "term scheme location",
            term="string",
            scheme="string",
            title="string",
            attributes="definitions",
            actions="type-ids",
            depends="type-ids",
            applies="type-ids",
            location="string",
        ),
        "action": _shape(
            "term scheme", term="string", scheme="string", title="string", attributes="definitions"
        ),
    }
)
CATEGORY_OF = {"kinds": "kind", "mixins": "mixin", "actions": "action"}
COLLECTIONS = frozenset({"resources", "links", "kinds", "mixins", "actions"})
# Members of the drafts, with the rule that they break and what it says.
DRAFT_MEMBERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"related": ("related-member", "related is the drafts' word; it is parent or depends since 1.2")}
)


def is_type(node: Node, sort: str) -> bool:
    """Tells whether a value is of a sort."""
    return node.sort == sort


def note_type(node: Node, name: str, expected: str, log: FindingLog) -> None:
    """Records that a member is of another type than the schema has it."""
    words = f"{name} is {_WORDS[node.sort]}"
    log.add("wrong-member-type", node.begin, node.end, words, _WORDS[expected])
