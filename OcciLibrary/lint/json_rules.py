"""The schema of application/occi+json (GFD.226 §3, §10, §11), rule by rule."""

from __future__ import annotations

import re
from collections import Counter

from OcciLibrary.lint.document import Direction
from OcciLibrary.lint.findings import FindingLog, quoted
from OcciLibrary.lint.json_attributes import check_attributes, check_definitions
from OcciLibrary.lint.json_positions import Node, NotJson, nodes, parse
from OcciLibrary.lint.json_shapes import (
    CATEGORY_OF,
    COLLECTIONS,
    DRAFT_MEMBERS,
    SHAPES,
    Shape,
    is_type,
    note_type,
)
from OcciLibrary.lint.names import check_scheme, check_term, check_type_id, is_core
from OcciLibrary.lint.text_items import Word

_ENTITY_ID = "http://schemas.ogf.org/occi/core#entity"
_SURROGATE = re.compile("[\ud800-\udfff]")
_MADE_BY_SERVER = frozenset({"id", "source"})


def check_json(text: str, begin: int, log: FindingLog, direction: Direction) -> None:
    """Records all that is wrong with a JSON document that begins at an offset."""
    try:
        document = parse(text, begin)
    except NotJson as problem:
        log.add("no-json", problem.begin, problem.end, f"this is no JSON: {problem.seen}", problem.expected)
        return
    _check_form(document, log)
    _Checker(log, direction).document(document)


def _check_form(document: Node, log: FindingLog) -> None:
    for node in nodes(document):
        if len(node.members) > 1:
            counts = Counter(key.value for key, _ in node.members)
            for key, _ in node.members if len(counts) < len(node.members) else ():
                if counts[key.value] > 1:
                    words = f"the member {quoted(key.value)} stands {counts[key.value]} times"
                    log.add("repeated-member", key.begin, key.end, words, "each member once")
        elif node.sort == "string" and _SURROGATE.search(node.value):
            log.add(
                "lone-surrogate",
                node.begin,
                node.end,
                "the string holds half a character",
                "whole characters",
            )


class _Checker:
    """Checks the objects of one document against their shapes."""

    def __init__(self, log: FindingLog, direction: Direction) -> None:
        self._log = log
        self._is_request = direction == "request"

    def document(self, node: Node) -> None:
        """Checks the whole document, whatever it is."""
        if node.sort == "array":
            self._array(node)
        elif node.sort != "object":
            self._log.add("unknown-document", node.begin, node.end, "the document is no object", "an object")
        elif "kind" in node.names():
            self._entity(node)
        elif node.names() & COLLECTIONS:
            self._collection(node)
        elif "action" in node.names():
            self._object(node, "invocation")
        elif {"term", "scheme"} & node.names():
            self._category(node, _category_sort(node))
        elif node.members and not self._is_update(node):
            self._unknown(node)

    def _is_update(self, node: Node) -> bool:
        """Checks a partial update, which has no kind; tells whether it is that."""
        if not node.names() & {"attributes", "mixins", "links"}:
            return False
        self._object(node, "update")
        return True

    def _unknown(self, node: Node) -> None:
        names = node.names()
        wrapper = next((pair for pair in node.members if pair[0].value == "model"), None)
        if wrapper is not None:
            key, inside = wrapper
            words = "the document wraps another one in model"
            self._log.add("model-wrapper", key.begin, key.end, words, "kinds, mixins and actions")
            for inner in inside.items:
                self.document(inner)
            return
        shown = ", ".join(sorted(names)[:8])
        expected = "kind, action, or a collection such as resources or kinds"
        self._log.add(
            "unknown-document", node.begin, node.end, f"the object holds only {quoted(shown)}", expected
        )

    def _array(self, node: Node) -> None:
        if all(item.sort == "string" for item in node.items):
            return  # the documents do not say what a list of locations looks like
        words = "the document is an array, not an object with a member such as resources or kinds"
        self._log.add("bare-array", node.begin, node.begin + 1, words, "an object")
        for item in node.items:
            if item.sort == "object":
                self.document(item)

    def _collection(self, node: Node) -> None:
        for key, value in node.members:
            name = key.value
            if name not in COLLECTIONS:
                rule = "action-in-collection" if name == "action" else "unknown-member"
                words = f"a collection has no member {quoted(name)}"
                self._log.add(rule, key.begin, key.end, words, ", ".join(sorted(COLLECTIONS)))
            elif value.sort != "array":
                note_type(value, name, "array", self._log)
            else:
                for item in value.items:
                    self._member_of(name, item)

    def _member_of(self, name: str, item: Node) -> None:
        if item.sort != "object":
            expected = "an object"
            rule = "link-as-string" if name == "links" and item.sort == "string" else "wrong-member-type"
            self._log.add(rule, item.begin, item.end, f"an item of {name} is no object", expected)
        elif name == "resources":
            self._entity(item)
        elif name == "links":
            self._object(item, "link")
        else:
            self._category(item, CATEGORY_OF[name])

    def _entity(self, node: Node) -> None:
        is_link = bool(node.names() & {"source", "target"})
        self._object(node, "link" if is_link else "resource")
        attributes = node.member("attributes")
        for name in ("id", "title", "summary"):
            outside = node.member(name)
            inside = attributes.member(f"occi.core.{name}") if attributes is not None else None
            if outside is not None and inside is not None and outside.value != inside.value:
                words = f"occi.core.{name} differs between the entity and its attributes"
                self._log.add("conflicting-member", inside.begin, inside.end, words, "the same value in both")

    def _category(self, node: Node, sort: str) -> None:
        self._object(node, sort)
        term, scheme = node.member("term"), node.member("scheme")
        names = [one.value for one in (scheme, term) if one is not None and one.sort == "string"]
        if term is not None and term.sort == "string":
            check_term(_inner(term), self._log)
        if scheme is not None and scheme.sort == "string":
            check_scheme(_inner(scheme), names[-1] if len(names) > 1 else "", self._log)
        if sort == "kind" and len(names) == 2 and node.member("location") is None and not is_core(names[0]):
            words = f"the kind {quoted(names[1])} has no location"
            self._log.add("kind-without-location", node.begin, node.begin + 1, words, "a member location")
        location = node.member("location")
        if location is not None and "".join(names) == _ENTITY_ID:
            words = "core#entity has a location, though nothing is of this kind alone"
            self._log.add("entity-with-location", location.begin, location.end, words, "no location")

    def _object(self, node: Node, sort: str) -> None:
        """Checks the members of an object against a shape."""
        shape = SHAPES[sort]
        for name in sorted(shape.required - node.names()):
            self._missing(node, name, sort)
        for key, value in node.members:
            expected = shape.members.get(key.value)
            if expected is None:
                self._strange(key, sort, shape)
            else:
                self._member(key.value, value, expected)

    def _missing(self, node: Node, name: str, sort: str) -> None:
        if self._is_request and name in _MADE_BY_SERVER:
            return  # the schema has one shape for both ways, but the server makes ids, and a link belongs to what it stands in
        words = f"the {sort} has no member {name}"
        self._log.add("missing-member", node.begin, node.begin + 1, words, f"a member {name}")

    def _strange(self, key: Node, sort: str, shape: Shape) -> None:
        rule, words = "unknown-member", f"a {sort} has no member {quoted(key.value)}"
        if key.value == "location" and sort in ("resource", "link"):
            rule = "location-in-entity"
        elif key.value in DRAFT_MEMBERS:
            rule, words = DRAFT_MEMBERS[key.value]
        self._log.add(rule, key.begin, key.end, words, f"one of {', '.join(sorted(shape.members))}")

    def _member(self, name: str, value: Node, expected: str) -> None:
        if expected == "attributes":
            check_attributes(value, self._log)
        elif expected == "definitions":
            check_definitions(value, self._log)
        elif expected in ("links", "ends"):
            self._inner_objects(name, value, expected)
        elif expected == "type-ids":
            self._type_ids(name, value)
        elif is_type(value, "string"):
            if expected == "type-id":
                check_type_id(_inner(value), self._log)
        else:
            self._no_string(name, value)

    def _no_string(self, name: str, value: Node) -> None:
        note_type(value, name, "string", self._log)

    def _inner_objects(self, name: str, value: Node, expected: str) -> None:
        if expected == "ends":
            if value.sort == "string":
                words = f"{name} is a string, not an object with a location"
                self._log.add("end-as-string", value.begin, value.end, words, '{"location": "..."}')
            elif not is_type(value, "object"):
                note_type(value, name, "object", self._log)
            else:
                self._object(value, "end")
        elif value.sort != "array":
            note_type(value, name, "array", self._log)
        else:
            for item in value.items:
                self._member_of(name, item)

    def _type_ids(self, name: str, value: Node) -> None:
        if value.sort != "array":
            note_type(value, name, "array", self._log)
            return
        for item in value.items:
            if item.sort == "string":
                check_type_id(_inner(item), self._log)
            elif item.sort == "object":
                rule = "action-as-object" if name == "actions" else "category-as-object"
                words = f"an item of {name} is an object"
                self._log.add(rule, item.begin, item.begin + 1, words, "a type identifier")
            else:
                note_type(item, name, "string", self._log)


def _category_sort(node: Node) -> str:
    names = node.names()
    if names & {"parent", "related"}:
        return "kind"
    scheme = node.member("scheme")
    is_action = scheme is not None and str(scheme.value).endswith("/action#")
    return "action" if is_action else "mixin"


def _inner(node: Node) -> Word:
    """Gives a string as a word that has the place of what stands between the quotes."""
    return (
        Word(node.value, node.begin + 1)
        if node.end - node.begin == len(node.value) + 2
        else Word(node.value, node.begin)
    )
