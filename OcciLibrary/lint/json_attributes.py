"""Attributes in JSON: the values of entities, and the descriptions that discovery shows (GFD.226 §3, §10)."""

from __future__ import annotations

from OcciLibrary.lint.findings import FindingLog, quoted
from OcciLibrary.lint.json_positions import Node
from OcciLibrary.lint.json_shapes import note_type
from OcciLibrary.lint.names import check_attribute_name
from OcciLibrary.lint.text_items import Word
from OcciLibrary.lint.values import check_json_value

_TYPES = ("string", "number", "boolean", "array", "object")
_PROPERTIES = {
    "mutable": ("boolean",),
    "required": ("boolean",),
    "type": ("string",),
    "pattern": ("object",),
    "default": ("number", "string", "boolean"),
    "description": ("string",),
}


def check_attributes(node: Node, log: FindingLog) -> None:
    """Records what is wrong with the attributes of an entity or an action."""
    if node.sort != "object":
        note_type(node, "attributes", "object", log)
        return
    for key, value in node.members:
        if value.sort == "object" and "." not in key.value and _is_nested(value):
            _note_nested(key, log)
            _check_nested(key.value, value, log)
        else:
            _check_value(key.value, key, value, log)


def _check_nested(prefix: str, node: Node, log: FindingLog) -> None:
    for key, value in node.members:
        if value.sort == "object":
            _check_nested(f"{prefix}.{key.value}", value, log)
        else:
            _check_value(f"{prefix}.{key.value}", None, value, log)


def _check_value(name: str, key: Node | None, value: Node, log: FindingLog) -> None:
    if key is not None:
        check_attribute_name(Word(key.value, key.begin + 1), log)
    if value.sort == "null":
        log.add("null-attribute", value.begin, value.end, f"{quoted(name)} is null", "a value, or no member")
    elif value.sort in ("object", "array"):
        check_json_value(name, value.members, value.begin, value.end, log)
    else:
        check_json_value(name, value.value, value.begin, value.end, log)


def check_definitions(node: Node, log: FindingLog) -> None:
    """Records what is wrong with the attribute descriptions of a category."""
    if node.sort == "array":
        words = "attribute descriptions are an array, not an object by name"
        log.add("attributes-as-array", node.begin, node.begin + 1, words, "an object")
        return
    if node.sort != "object":
        note_type(node, "attributes", "object", log)
        return
    for key, value in node.members:
        if value.sort != "object":
            note_type(value, f"the description of {quoted(key.value)}", "object", log)
        elif _is_nested(value):
            _note_nested(key, log)
            _check_nested_definitions(value, log)
        else:
            check_attribute_name(Word(key.value, key.begin + 1), log)
            _check_definition(key.value, value, log)


def _check_nested_definitions(node: Node, log: FindingLog) -> None:
    for key, value in node.members:
        if value.sort != "object":
            note_type(value, f"the description of {quoted(key.value)}", "object", log)
        elif _is_nested(value):
            _check_nested_definitions(value, log)
        else:
            _check_definition(key.value, value, log)


def _is_nested(node: Node) -> bool:
    """Tells whether an object holds attributes by the parts of their names, not a value or description."""
    return (
        bool(node.members)
        and not any(
            key.value.lower() in _PROPERTIES and value.sort != "object" for key, value in node.members
        )
        and not (len(node.members) == 1 and node.members[0][0].value == "pattern")
    )


def _note_nested(key: Node, log: FindingLog) -> None:
    words = f"the attributes of {quoted(key.value)} are nested by the parts of their names"
    log.add("nested-attributes", key.begin, key.end, words, "flat names with dots")


def _check_definition(name: str, node: Node, log: FindingLog) -> None:
    for key, value in node.members:
        lower = key.value.lower()
        if lower not in _PROPERTIES:
            words = f"the description of {quoted(name)} has no member {quoted(key.value)}"
            log.add("unknown-member", key.begin, key.end, words, ", ".join(_PROPERTIES))
            continue
        if key.value != lower:
            words = f"the property {key.value} begins with a capital letter"
            log.add("capitalised-properties", key.begin, key.end, words, lower)
        if lower == "pattern" and value.sort == "string":
            words = f"the pattern of {quoted(name)} is a string"
            log.add("pattern-as-string", value.begin, value.end, words, "a JSON schema")
        elif value.sort not in _PROPERTIES[lower]:
            note_type(value, f"{lower} of {quoted(name)}", _PROPERTIES[lower][0], log)
        elif lower == "type" and value.value not in _TYPES:
            words = f"the type of {quoted(name)} is {quoted(value.value)}"
            log.add("unknown-attribute-type", value.begin, value.end, words, f"one of {', '.join(_TYPES)}")
