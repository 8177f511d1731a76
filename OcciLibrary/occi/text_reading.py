"""Reads the text/plain and text/occi renderings (GFD.185 §3.5, GFD.229), tolerant and in linear time.

Every pattern here either advances or ends the value, so that a hostile value cannot make it slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from OcciLibrary.occi.attribute_values import bare_value, quoted_value
from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.model import (
    Action,
    ActionLink,
    AttributeDefinition,
    AttributeValue,
    Category,
    Kind,
    Link,
    Message,
    Mixin,
)
from OcciLibrary.occi.text_items import QUOTED, WORD, Parameters, items, malformed, note_empty_item, unquote

FIELD_NAMES = {
    "category": "Category",
    "x-occi-category": "Category",
    "link": "Link",
    "x-occi-link": "Link",
    "x-occi-attribute": "X-OCCI-Attribute",
    "x-occi-location": "X-OCCI-Location",
    "location": "Location",
}
_RENAMED = frozenset({"x-occi-category", "x-occi-link"})

_ATTRIBUTE = re.compile(
    rf'[ \t]*(?:("?)({WORD})\1[ \t]*=[ \t]*({QUOTED}|(?:[^\s;,"]+(?:[ \t]+[^\s;,"]+)*)?)'
    r"[ \t]*(?:(;)[ \t]*)?(?:(,)|\Z)"
    r"|(,)|\Z|(.+))",
    re.DOTALL,
)
_SIMPLE_ATTRIBUTE = re.compile(rf'[ \t]*({WORD})=(?:"([^"\\]*)"|([0-9]+))')
_BROKEN_URI = re.compile(r"(https?):[ \t]+//")
_ATTRIBUTE_DEFINITION = re.compile(r"\s*(?:([^\s{}]+)(?:\{([^{}]*)\})?|\Z|(.+))", re.DOTALL)
_LEGAL_TERM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# A comma starts a new URL only before something that looks like one: commas are legal inside URLs.
_LOCATION_SEPARATOR = re.compile(r",[ \t]*(?=[A-Za-z][A-Za-z0-9+.-]{0,30}:|/|,|\Z)")
_ACTION_QUERY = re.compile(r"[?&]action=([^&#]*)")

_CATEGORY_ORDER = {
    "scheme": 1,
    "class": 2,
    "title": 3,
    "rel": 4,
    "location": 5,
    "attributes": 6,
    "actions": 7,
}
_LINK_ORDER = {"rel": 1, "self": 2, "category": 3}
_LINKWORDS = frozenset({"rel", "self", "category", "title"})
_LISTS = frozenset({"rel", "category", "attributes", "actions"})
_ATTRIBUTE_FLAGS = frozenset({"immutable", "required"})


class FieldReader:
    """Gathers the content of OCCI fields, one call of ``add`` per field in the order of the message."""

    def __init__(self, log: DeviationLog) -> None:
        self._log = log
        self._categories: list[Category] = []
        self._attributes: dict[str, AttributeValue] = {}
        self._links: list[Link] = []
        self._actions: list[ActionLink] = []
        self._locations: list[str] = []
        self._readers: dict[str, Callable[[str], None]] = {
            "Category": self._add_categories,
            "Link": self._add_links,
            "X-OCCI-Attribute": self._add_attributes,
            "X-OCCI-Location": self._add_locations,
            "Location": self._add_locations,
        }

    def add(self, field: str, value: str) -> None:
        """Reads one field; ``field`` is a canonical name. Raises RenderingError for what is malformed."""
        self._readers[field](value)

    def message(self) -> Message:
        """Gives what was read so far, without the deviations."""
        return Message(
            tuple(self._categories),
            self._attributes,
            tuple(self._links),
            tuple(self._actions),
            tuple(self._locations),
        )

    def _add_categories(self, value: str) -> None:
        for head, parameters in items("Category", value, self._log):
            self._categories.append(_category(head, parameters, self._log))

    def _add_links(self, value: str) -> None:
        for head, parameters in items("Link", value, self._log):
            link = _link(head, parameters, self._log)
            if isinstance(link, ActionLink):
                self._actions.append(link)
            else:
                self._links.append(link)

    def _add_attributes(self, value: str) -> None:
        simple = _SIMPLE_ATTRIBUTE.fullmatch(value)
        if simple:
            name, quoted, number = simple.groups()
            self._set(name, quoted, number)
            return
        separator = ","
        for quote, name, text, semicolon, comma, lone_comma, bad in _ATTRIBUTE.findall(value):
            if bad:
                raise malformed(
                    "X-OCCI-Attribute", value, len(value) - len(bad), 'name="string" or name=number'
                )
            if semicolon:
                self._log.note(
                    "trailing-semicolon", "X-OCCI-Attribute", f"the value of {name} ends in a semicolon"
                )
            if quote:
                self._log.note("quoted-attribute-name", "X-OCCI-Attribute", f"the name {name} is in quotes")
            if name:
                self._set(name, unquote(text) if text[:1] == '"' else None, text)
            elif separator:
                note_empty_item("X-OCCI-Attribute", value, self._log)
            separator = comma or lone_comma
            if not separator:
                break

    def _set(self, name: str, quoted: str | None, bare: str) -> None:
        if quoted is not None:
            value = quoted_value(name, quoted, "X-OCCI-Attribute", self._log)
        else:
            value = bare_value(name, bare, "X-OCCI-Attribute", self._log)
        if self._attributes.setdefault(name, value) != value:
            before = excerpt(str(self._attributes[name]))
            detail = f"{name} is given twice, as {before} and {excerpt(str(value))}; the last one was taken"
            self._log.note("repeated-attribute", "X-OCCI-Attribute", detail)
            self._attributes[name] = value

    def _add_locations(self, value: str) -> None:
        for item in _LOCATION_SEPARATOR.split(value):
            location = _repair(item.strip(), "X-OCCI-Location", self._log)
            if not location:
                note_empty_item("X-OCCI-Location", value, self._log)
                continue
            if len(location) > 1 and location[0] + location[-1] in ("<>", '""'):
                self._log.note(
                    "delimited-location",
                    "X-OCCI-Location",
                    f"{excerpt(location)} stands in quotes or brackets",
                )
                location = location[1:-1]
            if re.search(r'[\s"<>]', location):
                raise RenderingError(
                    f"{excerpt(location)} is no URL", "X-OCCI-Location", 0, "a URL without blanks"
                )
            self._locations.append(location)


def read_body(text: str, log: DeviationLog) -> Message | None:
    """Reads a text/plain body; None when it is empty or holds no OCCI field at all.

    Unknown lines among OCCI lines are recorded as deviations; field errors raise RenderingError.
    """
    reader = FieldReader(log)
    found = False
    unknown = ""
    for line in _lines(text, log):
        name, _, value = line.partition(":")
        field = FIELD_NAMES.get(name.lower()) or _unusual_field(name, log)
        if field is None:
            unknown = unknown or line
            continue
        if name.lower() in _RENAMED:
            log.note("renamed-field", field, f"the field is called {name}")
        found = True
        reader.add(field, value.strip(" \t"))
    if not found:
        return None
    if unknown:
        log.note("unknown-field", "body", f"the line {excerpt(unknown)} is no OCCI field")
    return reader.message()


def read_headers(headers: Iterable[tuple[str, str]], log: DeviationLog) -> Message:
    """Reads the OCCI fields among HTTP headers and passes over all others."""
    reader = FieldReader(log)
    moved: list[str] = []
    for name, raw in headers:
        field = FIELD_NAMES.get(name.strip().lower())
        if field is None:
            continue
        value = _header_text(field, raw, log)
        if name.strip().lower() in _RENAMED:
            log.note("renamed-field", field, f"the header field is called {name.strip()}")
        if field == "Location":
            moved.append(value)
        reader.add(field, value)
    if len(moved) > 1 or any(len(_LOCATION_SEPARATOR.split(value)) > 1 for value in moved):
        log.note(
            "locations-in-location-field",
            "Location",
            "several locations stand in Location, not X-OCCI-Location",
        )
    return reader.message()


def _header_text(field: str, raw: str, log: DeviationLog) -> str:
    value = " ".join(part.strip() for part in raw.split("\n")) if "\n" in raw else raw.strip()
    if not value.isascii():
        log.note("non-ascii-header", field, "the header holds characters beyond ASCII")
        try:
            # HTTP libraries decode headers as Latin-1; sites that send such characters send UTF-8.
            return value.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return value
    return value


def _unusual_field(name: str, log: DeviationLog) -> str | None:
    stripped = name.strip()
    bare = stripped.strip('"').strip().lower()
    field = FIELD_NAMES.get(bare)
    if field and stripped[:1] == '"':
        log.note("quoted-field-name", field, "the field name is in quotes")
    elif field and name[:1] in (" ", "\t"):
        log.note("leading-blank", field, "the line begins with a blank")
    return field


def _lines(text: str, log: DeviationLog) -> list[str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[0].strip() == "" and len(lines) > 1 and text.strip():
        log.note("blank-first-line", "body", "the body begins with an empty line")
    if "\n " in text or "\n\t" in text or "\\\n" in text:
        lines = _unfold(lines, log)
    return [line for line in lines if line and not line.isspace()]


def _unfold(lines: list[str], log: DeviationLog) -> list[str]:
    unfolded: list[list[str]] = []
    open_end = False
    for line in lines:
        if not line.strip():
            continue
        begins_field = line.partition(":")[0].strip().strip('"').lower() in FIELD_NAMES
        folded = line[0] in " \t" and not begins_field
        ending = line.rstrip()
        part = ending[:-1] if ending.endswith("\\") else line
        if unfolded and (open_end or folded):
            unfolded[-1].append(part.strip())
        else:
            unfolded.append([part.rstrip()])
        open_end = ending.endswith("\\")
        if open_end:
            log.note("backslash-continuation", "body", "a line is continued with a backslash")
    return [" ".join(parts) for parts in unfolded]


def _parameters(
    field: str, parameters: Parameters, order: dict[str, int], log: DeviationLog
) -> dict[str, str]:
    """Takes the quotes off, merges repeated lists, and records what departs from the grammar."""
    found: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    highest = 0
    for name, text in parameters:
        key = name if name in order else name.lower()
        rank = order.get(key, 0)
        if rank and rank < highest:
            log.note("parameter-order", field, f"the parameter {key} comes late")
        highest = max(rank, highest)
        value = unquote(text) if text[:1] == '"' else text
        if value is text and (field, key) != ("Link", "category"):
            log.note(
                "unquoted-class" if key == "class" else "unquoted-parameter",
                field,
                f"the value of {key} is not quoted",
            )
        if key in found:
            log.note("repeated-parameter", field, f"the parameter {key} is given twice")
            more.setdefault(key, []).append(value)
        else:
            found[key] = value
    for key in more.keys() & _LISTS:
        found[key] = " ".join((found[key], *more[key]))
    return found


def _category(head: str, parameters: Parameters, log: DeviationLog) -> Category:
    if not head or head[0] == "<":
        raise RenderingError(
            f"{excerpt(head)} stands where the term is due", "Category", 0, "a term such as compute"
        )
    found = _parameters("Category", parameters, _CATEGORY_ORDER, log)
    scheme = _repair(found.pop("scheme", ""), "Category", log)
    if not scheme:
        raise RenderingError(
            f"the category {excerpt(head)} has no scheme", "Category", 0, 'scheme="..." after the term'
        )
    if scheme[-1] != "#":
        log.note(
            "scheme-without-hash", "Category", f"the scheme {excerpt(scheme)} of {head} does not end in #"
        )
    if not _LEGAL_TERM.fullmatch(head):
        log.note(
            "illegal-term", "Category", f"the term {excerpt(head)} holds characters that no term may have"
        )
    category_class = found.pop("class", "").strip().lower()
    title = found.pop("title", "")
    location = _repair(found.pop("location", ""), "Category", log)
    attributes = _attribute_definitions(found.pop("attributes", ""), log)
    rel = _repair(found.pop("rel", ""), "Category", log).split()
    actions = tuple(_repair(found.pop("actions", ""), "Category", log).split())
    for name in found:
        log.note("unknown-parameter", "Category", f"the parameter {excerpt(name)} is none that OCCI defines")
    if category_class == "kind":
        return Kind(head, scheme, title, attributes, location, rel[0] if rel else "", actions)
    if category_class == "mixin":
        return Mixin(head, scheme, title, attributes, location, tuple(rel), (), actions)
    if category_class == "action":
        return Action(head, scheme, title, attributes, location)
    if category_class:
        log.note("unknown-class", "Category", f"{head} has the class {excerpt(category_class)}")
    else:
        log.note("missing-class", "Category", f"{head} has no class")
    return Category(head, scheme, title, attributes, location)


def _attribute_definitions(text: str, log: DeviationLog) -> tuple[AttributeDefinition, ...]:
    if not text:
        return ()
    definitions = []
    for name, flags, bad in _ATTRIBUTE_DEFINITION.findall(text):
        if bad:
            raise RenderingError(
                f"the attributes hold {excerpt(bad)}", "Category", expected="names, each with {...} at most"
            )
        if not name:
            continue
        words = frozenset(flags.split())
        if not words <= _ATTRIBUTE_FLAGS:
            log.note("unknown-attribute-property", "Category", f"{name} has the properties {excerpt(flags)}")
        definitions.append(AttributeDefinition(name, "required" in words, "immutable" in words))
    return tuple(definitions)


def _link(head: str, parameters: Parameters, log: DeviationLog) -> Link | ActionLink:
    if head[:1] != "<":
        raise RenderingError(
            f"{excerpt(head)} stands where the target is due", "Link", 0, "a target in angle brackets"
        )
    target = _repair(head[1:-1].strip(), "Link", log)
    words = [pair for pair in parameters if pair[0].lower() in _LINKWORDS]
    if len(words) > 1 and words != parameters[: len(words)]:
        log.note("parameter-order", "Link", "link attributes stand in front of rel, self or category")
    found = _parameters("Link", words, _LINK_ORDER, log)
    rel = tuple(_repair(found.get("rel", ""), "Link", log).split())
    title = found.get("title", "")
    if not rel:
        log.note("link-without-rel", "Link", f"the link to {excerpt(target)} has no rel")
    query = _ACTION_QUERY.search(target)
    if query or any("/action#" in name for name in rel):
        return _action_link(target, rel, title, query.group(1) if query else "")
    attributes = _link_attributes(parameters, log)
    self_url = _repair(found.get("self", ""), "Link", log)
    return Link(target, rel, self_url, tuple(found.get("category", "").split()), attributes, title)


def _action_link(target: str, rel: tuple[str, ...], title: str, query_term: str) -> ActionLink:
    action_id = rel[0] if rel else ""
    return ActionLink(target, action_id, query_term or action_id.rpartition("#")[2], title)


def _link_attributes(parameters: Parameters, log: DeviationLog) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {}
    for name, text in parameters:
        if name.lower() in _LINKWORDS:
            continue
        if text[:1] == '"':
            attributes[name] = quoted_value(name, unquote(text), "Link", log)
        else:
            attributes[name] = bare_value(name, text, "Link", log)
    return attributes


def _repair(uri: str, field: str, log: DeviationLog) -> str:
    if ": " not in uri and ":\t" not in uri:
        return uri
    repaired = _BROKEN_URI.sub(r"\1://", uri)
    if repaired != uri:
        log.note("space-inside-uri", field, f"a blank stands inside the URI {excerpt(uri)}")
    return repaired
