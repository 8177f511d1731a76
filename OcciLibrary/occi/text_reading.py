"""Reads the text/plain and text/occi renderings (GFD.185 §3.5, GFD.229): which field stands where, and what it adds up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import excerpt
from OcciLibrary.occi.model import (
    ANCESTORS,
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
from OcciLibrary.occi.text_shapes import common_attribute, common_link

FIELD_NAMES = {
    "category": "Category",
    "x-occi-category": "Category",
    "link": "Link",
    "x-occi-link": "Link",
    "x-occi-attribute": "X-OCCI-Attribute",
    "x-occi-location": "X-OCCI-Location",
    "location": "Location",
}
_CANONICAL = frozenset(FIELD_NAMES.values())
_RENAMED = frozenset({"x-occi-category", "x-occi-link"})


class FieldReader:
    """Gathers the content of OCCI fields, one call of ``add[field]`` per field in the order of the message.

    With ``several`` it tells entities apart that stand one below the other: a kind that follows the links or
    attributes of an entity, and has links or attributes of its own, begins the next one.
    """

    def __init__(self, log: DeviationLog, several: bool = False) -> None:
        self._log = log
        self._several = several
        self._entities: list[Resource] = []
        self._begin([])
        # By canonical name of the field; each raises RenderingError for a malformed value.
        self.add: dict[str, Callable[[str], None]] = {
            "Category": self._add_categories,
            "Link": self._add_links,
            "X-OCCI-Attribute": self._add_attributes,
            "X-OCCI-Location": self._add_locations,
            "Location": self._add_locations,
        }

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

    def _begin(self, categories: list[Category]) -> None:
        self._categories = categories
        self._attributes: dict[str, AttributeValue] = {}
        self._links: list[Link] = []
        self._actions: list[ActionLink] = []
        self._locations: list[str] = []
        # Categories that begin the next entity if links or attributes follow.
        self._next: list[Category] = []

    def _end_entity(self) -> None:
        location = self._locations[0] if len(self._locations) == 1 else ""
        kind = next((one for one in self._categories if isinstance(one, Kind) and _is_own_kind(one)), None)
        mixins = tuple([category for category in self._categories if isinstance(category, Mixin)])
        self._entities.append(
            Resource(kind, mixins, self._attributes, tuple(self._links), tuple(self._actions), location)
        )
        self._begin(self._next)

    def _add_categories(self, value: str) -> None:
        categories = read_categories(value, self._log)
        if self._next or (self._several and self._begins_entity(categories)):
            self._next += categories
        else:
            self._categories += categories

    def _begins_entity(self, categories: list[Category]) -> bool:
        if not (self._attributes or self._links or self._actions) or not any(map(_is_own_kind, categories)):
            return False
        return sum(map(_is_own_kind, self._categories)) == 1

    def _add_links(self, value: str) -> None:
        if self._next:
            self._end_entity()
        link = common_link(value)
        for one in read_links(value, self._log) if link is None else (link,):
            if isinstance(one, ActionLink):
                self._actions.append(one)
            else:
                self._links.append(one)

    def _add_attributes(self, value: str) -> None:
        if self._next:
            self._end_entity()
        pair = common_attribute(value)
        if pair is None:
            for name, typed in read_attributes(value, self._log):
                self._set(name, typed)
        elif self._attributes.setdefault(*pair) is not pair[1]:
            self._set(*pair)

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


def _is_own_kind(category: Category) -> bool:
    return isinstance(category, Kind) and category.id not in ANCESTORS


def read_body(blocks: Iterable[str], log: DeviationLog) -> Message | None:
    """Reads the blocks of a text/plain body; None when they hold no OCCI field at all.

    Unknown lines among OCCI lines are recorded as deviations; field errors raise RenderingError.
    """
    reader = FieldReader(log, several=True)
    add = reader.add
    found = False
    unknown = ""
    for number, block in enumerate(blocks):
        if number == 0:
            _note_blank_first_line(block, log)
        for name, colon, value in _fields(block, log):
            field = name if name in add else _field(name, log)
            if field:
                found = True
                add[field](value.strip(" \t"))
            elif not unknown:
                unknown = (name + colon + value).strip()
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
        reader.add[field](value)
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


def _note_blank_first_line(text: str, log: DeviationLog) -> None:
    if text[:1] in ("\r", "\n", " ", "\t"):
        before, end, after = text.replace("\r", "\n").partition("\n")
        if end and after.strip() and not before.strip():
            log.note("blank-first-line", "body", "the body begins with an empty line")


def _fields(text: str, log: DeviationLog) -> list[tuple[str, str, str]]:
    """Splits each line at its colon, after lines that are continued were put together."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    fields = [line.partition(":") for line in lines]
    # Looking for "\n " in the text takes longer than all the rest of reading.
    odd = {name for name, _, _ in fields} - _CANONICAL
    if any(name[:1] in (" ", "\t") for name in odd) or ("\\" in text and "\\\n" in text):
        return [line.partition(":") for line in _unfold(lines, log)]
    return fields


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
