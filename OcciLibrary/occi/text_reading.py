"""Reads the text/plain and text/occi renderings (GFD.185 §3.5, GFD.229): which field stands where, and what it adds up to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import excerpt
from OcciLibrary.occi.model import (
    ActionLink,
    AttributeValue,
    Category,
    Kind,
    Link,
    Message,
    Mixin,
    Resource,
)
from OcciLibrary.occi.text_fields import (
    LOCATION_SEPARATOR,
    read_attributes,
    read_categories,
    read_links,
    read_locations,
)
from OcciLibrary.occi.text_shapes import ATTRIBUTE_LINE, LINE_NAMES, common_link, common_number

FIELD_NAMES = {
    "category": "Category",
    "x-occi-category": "Category",
    "link": "Link",
    "x-occi-link": "Link",
    "x-occi-attribute": "X-OCCI-Attribute",
    "x-occi-location": "X-OCCI-Location",
    "location": "Location",
}
_BLANKS = (" ", "\t", "\r", "\n")
_CONTINUED = re.compile(r"\\[ \t]*(?:\n|\Z)")
_CATEGORY_LINE = "Category: "
_LINK_LINE = "Link: "
_CANONICAL = frozenset(FIELD_NAMES.values())
_RENAMED = frozenset({"x-occi-category", "x-occi-link"})


class FieldReader:
    """Gathers the content of OCCI fields, one call of ``add`` per field in the order of the message.

    With ``several`` it tells entities apart that stand one below the other: a kind that follows the links or
    attributes of an entity, and has links or attributes of its own, begins the next one.
    """

    def __init__(self, log: DeviationLog, several: bool = False) -> None:
        self._log = log
        self._several = several
        self._entities: list[Resource] = []
        self._begin([], [])
        # The first line that is no field.
        self.unknown = ""
        self._has_other_fields = False

    def add(self, field: str, value: str) -> None:
        """Reads one field; ``field`` is a canonical name. Raises RenderingError for what is malformed."""
        if field == "Category":
            self._add_categories(value)
        elif field == "X-OCCI-Attribute":
            self._add_attributes(value)
        elif field == "Link":
            self._add_links(value)
        else:
            self._add_locations(value)

    def message(self) -> Message:
        """Gives what was read so far, without the deviations: one message, or the entities it shows."""
        if self._entities:
            self._log.note(
                "several-entities", "body", f"{len(self._entities) + 1} entities stand in one body"
            )
        last = Message(
            tuple(self._categories + self._next),
            self._attributes,
            tuple(self._links),
            tuple(self._actions),
            tuple(self._locations),
        )
        return Message(resources=(*self._entities, last.resource())) if self._entities else last

    @property
    def has_fields(self) -> bool:
        """Tells whether any line was a field."""
        return bool(self._has_other_fields or self._attributes or self._links or self._actions)

    def add_lines(self, lines: Iterable[str]) -> None:
        """Reads the lines of a body; those of the common form the short way, for they are most of a long listing."""
        for line in lines:
            if line.startswith(ATTRIBUTE_LINE):
                if self._add_attribute_line(line):
                    continue
            elif line.startswith(_LINK_LINE):
                link = common_link(line[len(_LINK_LINE) :])
                if link is not None:
                    if self._next:
                        self._end_entity()
                    self._add_link(link)
                    continue
            elif line.startswith(_CATEGORY_LINE):
                self._has_other_fields = True
                self._add_categories(line[len(_CATEGORY_LINE) :].strip(" \t"))
                continue
            self._add_line(line)

    def _add_attribute_line(self, line: str) -> bool:
        """Reads a line of the common form; tells whether it is that."""
        parts = line.split('"')
        name = LINE_NAMES[parts[0]] if len(parts) == 3 and not parts[2] and "\\" not in line else None
        typed: AttributeValue
        if name is not None:
            typed = parts[1]
        else:
            number = common_number(line[len(ATTRIBUTE_LINE) :]) if len(parts) == 1 else None
            if number is None:
                return False
            name, typed = number
        if self._next:
            self._end_entity()
        if self._attributes.setdefault(name, typed) is not typed:
            self._set(name, typed)
        return True

    def _add_line(self, line: str) -> None:
        name, _, value = line.partition(":")
        field = name if name in _CANONICAL else _field(name, self._log)
        if field:
            self._has_other_fields = True
            self.add(field, value.strip(" \t"))
        elif not self.unknown:
            self.unknown = line.strip()

    def _begin(self, categories: list[Category], own_kinds: list[Kind]) -> None:
        self._categories = categories
        self._own_kinds = own_kinds
        self._attributes: dict[str, AttributeValue] = {}
        self._links: list[Link] = []
        self._actions: list[ActionLink] = []
        self._locations: list[str] = []
        # Categories that begin the next entity if links or attributes follow.
        self._next: list[Category] = []
        self._next_kinds: list[Kind] = []

    def _end_entity(self) -> None:
        location = self._locations[0] if len(self._locations) == 1 else ""
        mixins = tuple([category for category in self._categories if isinstance(category, Mixin)])
        links, actions = tuple(self._links), tuple(self._actions)
        self._entities.append(
            Resource(self._own_kinds[0], mixins, self._attributes, links, actions, location)
        )
        self._begin(self._next, self._next_kinds)

    def _add_categories(self, value: str) -> None:
        categories, own_kinds, _ = read_categories(value, self._log)
        if self._next or (own_kinds and self._is_complete()):
            self._next += categories
            self._next_kinds += own_kinds
        else:
            self._categories += categories
            self._own_kinds += own_kinds

    def _is_complete(self) -> bool:
        """Tells whether another kind can only be that of the next entity."""
        has_content = bool(self._attributes or self._links or self._actions)
        return self._several and has_content and len(self._own_kinds) == 1

    def _add_links(self, value: str) -> None:
        if self._next:
            self._end_entity()
        for link in read_links(value, self._log):
            self._add_link(link)

    def _add_link(self, link: Link | ActionLink) -> None:
        if isinstance(link, ActionLink):
            self._actions.append(link)
        else:
            self._links.append(link)

    def _add_attributes(self, value: str) -> None:
        if self._next:
            self._end_entity()
        for name, typed in read_attributes(value, self._log):
            if self._attributes.setdefault(name, typed) is not typed:
                self._set(name, typed)

    def _set(self, name: str, typed: AttributeValue) -> None:
        before = self._attributes.setdefault(name, typed)
        if before != typed:
            shown = f"{excerpt(str(before))} and {excerpt(str(typed))}"
            detail = f"{name} is given twice, as {shown}; the last one was taken"
            self._log.note("repeated-attribute", "X-OCCI-Attribute", detail)
            self._attributes[name] = typed

    def _add_locations(self, value: str) -> None:
        if self._next:
            self._end_entity()
        self._locations += read_locations(value, self._log)


def read_body(blocks: Iterable[str], log: DeviationLog) -> Message | None:
    """Reads the blocks of a text/plain body; None when they hold no OCCI field at all.

    Unknown lines among OCCI lines are recorded as deviations; field errors raise RenderingError.
    """
    reader = FieldReader(log, several=True)
    begins_blank = None
    for block in blocks:
        lines = _lines(block, log)
        if begins_blank is None:
            begins_blank = block[:1] in _BLANKS and not re.split(r"[\r\n]", block, maxsplit=1)[0].strip()
        reader.add_lines(lines)
    message = reader.message()
    if not reader.has_fields:
        return None
    if begins_blank:
        log.note("blank-first-line", "body", "the body begins with an empty line")
    if reader.unknown:
        log.note("unknown-field", "body", f"the line {excerpt(reader.unknown)} is no OCCI field")
    return message


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
    if len(moved) > 1 or any(len(LOCATION_SEPARATOR.split(value)) > 1 for value in moved):
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


def _field(name: str, log: DeviationLog) -> str | None:
    lower = name.lower()
    if lower in _RENAMED:
        log.note("renamed-field", FIELD_NAMES[lower], f"the field is called {name}")
    return FIELD_NAMES.get(lower) or _unusual_field(name, log)


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
    """Splits a text into lines and puts those together that are continued; empty ones may be among them."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.removesuffix("\n").split("\n")
    # Looking for "\n " in the text would take longer than reading all fields in it.
    is_folded = min(lines) < "!" and any(line[:1] in _BLANKS[:2] for line in lines)
    if is_folded or ("\\" in text and _CONTINUED.search(text)):
        return _unfold(lines, log)
    return lines


def _unfold(lines: list[str], log: DeviationLog) -> list[str]:
    unfolded: list[list[str]] = []
    open_end = False
    for line in lines:
        if not line.strip(" \t"):
            continue
        begins_field = line.partition(":")[0].strip().strip('"').lower() in FIELD_NAMES
        folded = line[0] in " \t" and not begins_field
        ending = line.rstrip(" \t")
        part = ending[:-1] if ending.endswith("\\") else line
        if unfolded and (open_end or folded):
            unfolded[-1].append(part.strip())
        else:
            unfolded.append([part.rstrip()])
        open_end = ending.endswith("\\")
        if open_end:
            log.note("backslash-continuation", "body", "a line is continued with a backslash")
    return [" ".join(parts) for parts in unfolded]
