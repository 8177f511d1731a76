"""Reads OCCI fields (GFD.185 §3.5, GFD.229): what they add up to, and those among HTTP headers (text/occi)."""

from __future__ import annotations

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
from OcciLibrary.occi.model_making import new_resource
from OcciLibrary.occi.text_fields import (
    LOCATION_SEPARATOR,
    read_attributes,
    read_categories,
    read_links,
    read_locations,
)

FIELD_NAMES = {
    "category": "Category",
    "x-occi-category": "Category",
    "link": "Link",
    "x-occi-link": "Link",
    "x-occi-attribute": "X-OCCI-Attribute",
    "x-occi-location": "X-OCCI-Location",
    "location": "Location",
}
RENAMED_FIELDS = frozenset({"x-occi-category", "x-occi-link"})


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

    def _has_content(self) -> bool:
        return bool(self._attributes or self._links or self._actions)

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
        self._entities.append(self._entity())
        self._begin(self._next, self._next_kinds)

    def _entity(self) -> Resource:
        location = self._locations[0] if len(self._locations) == 1 else ""
        mixins = tuple([category for category in self._categories if isinstance(category, Mixin)])
        links, actions = tuple(self._links), tuple(self._actions)
        return new_resource(self._own_kinds[0], mixins, self._attributes, links, actions, location)

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
        return self._several and self._has_content() and len(self._own_kinds) == 1

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


def read_headers(headers: Iterable[tuple[str, str]], log: DeviationLog) -> Message:
    """Reads the OCCI fields among HTTP headers and passes over all others."""
    reader = FieldReader(log)
    moved: list[str] = []
    for name, raw in headers:
        lower = name.strip().lower()
        field = FIELD_NAMES.get(lower)
        if field is None:
            continue
        value = _header_text(field, raw, log)
        if lower in RENAMED_FIELDS:
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
