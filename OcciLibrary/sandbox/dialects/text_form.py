"""Writes text/plain, text/occi and text/uri-list with the quirks of known servers, which the kit's own writers never write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from OcciLibrary.occi import json_writing
from OcciLibrary.occi.model import (
    ActionLink,
    AttributeDefinition,
    AttributeValue,
    Category,
    Kind,
    Link,
    Mixin,
    Resource,
)
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, Payload

Field = tuple[str, str]

HTML = "text/html"
CATEGORY, LINK, ATTRIBUTE, LOCATION = "Category", "Link", "X-OCCI-Attribute", "X-OCCI-Location"


def plain_number(number: float) -> str:
    """Writes a number as Python does."""
    return repr(number)


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a server writes its fields.

    ``before`` stands at the start of a body, ``line_end`` between its lines (and after the last with ``ends``);
    ``separator`` stands between parameters. ``joined`` glues the values of one header field, '' gives each a field of
    its own. ``in_entity`` and ``in_discovery`` are the parameters of a category behind its class, in their order;
    ``order`` is that of an entity's fields. ``absolute`` makes URLs of the categories' locations. ``header_names`` rename
    fields in text/occi, ``listed_in`` is the field of its listings.
    """

    separator: str = "; "
    before: str = ""
    line_end: str = "\n"
    ends: bool = True
    lower_case: bool = False
    bare_class: bool = False
    quoted_numbers: bool = False
    escapes: bool = True
    number: Callable[[int | float], str] = plain_number
    joined: str = ", "
    order: tuple[str, ...] = (CATEGORY, LINK, ATTRIBUTE)
    in_entity: tuple[str, ...] = ()
    in_discovery: tuple[str, ...] = ("title", "rel", "location", "attributes", "actions")
    absolute: bool = False
    header_names: Mapping[str, str] = field(default_factory=dict)
    listed_in: str = LOCATION
    headers_body: bytes = b"OK"
    category_end: str = ""

    # ---- what is written

    def entity(self, resource: Resource, base_url: str) -> list[Field]:
        """Returns the fields of one entity, in this form's order."""
        kinds: tuple[Category, ...] = (resource.kind,) if resource.kind else ()
        written = {
            CATEGORY: self.categories((*kinds, *resource.mixins), self.in_entity, base_url),
            LINK: [
                *((LINK, self._link(link)) for link in resource.links),
                *((LINK, self._action_link(action)) for action in resource.actions),
            ],
            ATTRIBUTE: [(ATTRIBUTE, f"{name}={self._value(v)}") for name, v in resource.attributes.items()],
        }
        return [one for name in self.order for one in written[name]]

    def categories(
        self, categories: Iterable[Category], parameters: tuple[str, ...], base_url: str
    ) -> list[Field]:
        """Returns a Category field for each category, with these parameters."""
        return [(CATEGORY, self._category(category, parameters, base_url)) for category in categories]

    def body(self, fields: Sequence[Field]) -> bytes:
        """Returns fields as a text/plain body."""
        names = {name: name.lower() if self.lower_case else name for name, _ in fields}
        lines = [f"{names[name]}: {value}" for name, value in fields]
        text = self.before + self.line_end.join(lines) if lines else ""
        return (text + (self.line_end if lines and self.ends else "")).encode()

    def headers(self, fields: Sequence[Field]) -> tuple[Field, ...]:
        """Returns fields as text/occi header fields."""
        named = [(self.header_names.get(name, name), value) for name, value in fields]
        named = [(name.lower() if self.lower_case else name, value) for name, value in named]
        if not self.joined:
            return tuple(named)
        values: dict[str, list[str]] = {}
        for name, value in named:
            values.setdefault(name, []).append(value)
        return tuple((name, self.joined.join(together)) for name, together in values.items())

    # ---- its pieces

    def _category(self, category: Category, parameters: tuple[str, ...], base_url: str) -> str:
        category_class = category.category_class.value if category.category_class else ""
        quoted = category_class if self.bare_class else f'"{category_class}"'
        parts = [category.term, f'scheme="{category.scheme}"', f"class={quoted}"]
        parts += [
            f'{name}="{value}"' for name in parameters if (value := self._told(name, category, base_url))
        ]
        return self.separator.join(parts) + self.category_end

    def _told(self, parameter: str, category: Category, base_url: str) -> str:
        actions = category.actions if isinstance(category, (Kind, Mixin)) else ()
        texts = {
            "title": category.title,
            "rel": _rel(category),
            "location": _located(category.location, base_url if self.absolute else ""),
            "attributes": " ".join(_definition(definition) for definition in category.attributes),
            "actions": " ".join(actions),
        }
        return texts[parameter]

    def _link(self, link: Link) -> str:
        parts = [f"<{link.target}>", f'rel="{" ".join(link.rel)}"', f'self="{link.self_url}"']
        parts.append(f'category="{" ".join(link.categories)}"')
        parts += [f"{name}={self._value(value)}" for name, value in link.attributes.items()]
        return self.separator.join(parts)

    def _action_link(self, action: ActionLink) -> str:
        parts = [f"<{action.url}>", f'rel="{action.action_id}"']
        parts += [f'title="{action.title}"'] if action.title else []
        return self.separator.join(parts)

    def _value(self, value: AttributeValue) -> str:
        if isinstance(value, bool):
            return f'"{str(value).lower()}"'
        if isinstance(value, (int, float)):
            number = self.number(value)
            return f'"{number}"' if self.quoted_numbers else number
        text = str(value)
        if self.escapes:
            text = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'


def _rel(category: Category) -> str:
    if isinstance(category, Kind):
        return category.parent
    return " ".join(category.depends) if isinstance(category, Mixin) else ""


def _located(location: str, base_url: str) -> str:
    return base_url + location if location else ""


def _definition(attribute: AttributeDefinition) -> str:
    flags = [word for word in ("immutable", "required") if getattr(attribute, word)]
    return attribute.name + (f"{{{' '.join(flags)}}}" if flags else "")


@dataclass(frozen=True, slots=True)
class JsonForm:
    """How a server writes JSON: what becomes of an entity, of several and of the categories. All get the base URL."""

    entity: Callable[[Resource, str], Any]
    listing: Callable[[Sequence[Resource], str], Any]
    discovery: Callable[[Sequence[Category], str], Any]


@dataclass(frozen=True, slots=True)
class DialectWriter:
    """Writes as a known server does. ``comment`` stands above a text/uri-list, around ``{path}``; ``page`` is its HTML.

    Without ``tells_categories_as_uris`` discovery as text/uri-list is empty; with it, it is the text of text/plain.
    """

    text: TextForm
    json: JsonForm
    comment: str = ""
    uris_end: bool = False
    tells_categories_as_uris: bool = True
    page: bytes = b"<!DOCTYPE html>\n<html><head><title>OCCI</title></head><body></body></html>\n"

    def entity(self, resource: Resource, media_type: str, base_url: str) -> Payload:
        """Writes one entity."""
        if media_type == OCCI_JSON:
            return Payload(media_type, (), json_writing.dump(self.json.entity(resource, base_url)))
        if media_type in (TEXT_PLAIN, TEXT_OCCI):
            return self._text(self.text.entity(resource, base_url), media_type)
        return self._other([resource], media_type, base_url, "")

    def listing(
        self, resources: Sequence[Resource], media_type: str, base_url: str, asked_path: str
    ) -> Payload:
        """Writes a collection."""
        if media_type == OCCI_JSON:
            return Payload(media_type, (), json_writing.dump(self.json.listing(resources, base_url)))
        if media_type not in (TEXT_PLAIN, TEXT_OCCI):
            return self._other(resources, media_type, base_url, asked_path)
        name = LOCATION if media_type == TEXT_PLAIN else self.text.listed_in
        return self._text([(name, base_url + one.location) for one in resources], media_type)

    def discovery(self, categories: Sequence[Category], media_type: str, base_url: str) -> Payload:
        """Writes what the query interface shows; text/uri-list is what text/plain is, where a server has it."""
        if media_type == OCCI_JSON:
            return Payload(media_type, (), json_writing.dump(self.json.discovery(categories, base_url)))
        fields = self.text.categories(categories, self.text.in_discovery, base_url)
        if media_type == TEXT_OCCI:
            return self._text(fields, media_type)
        if media_type == URI_LIST and not self.tells_categories_as_uris:
            return Payload(media_type, (), b"")
        return Payload(media_type, (), self.page if media_type == HTML else self.text.body(fields))

    def _text(self, fields: Sequence[Field], media_type: str) -> Payload:
        if media_type == TEXT_PLAIN:
            return Payload(media_type, (), self.text.body(fields))
        return Payload(media_type, self.text.headers(fields), self.text.headers_body)

    def _other(
        self, resources: Sequence[Resource], media_type: str, base_url: str, asked_path: str
    ) -> Payload:
        if media_type == HTML:
            return Payload(media_type, (), self.page)
        lines = [self.comment.format(path=asked_path)] if self.comment else []
        lines += [base_url + one.location for one in resources]
        return Payload(media_type, (), ("\n".join(lines) + ("\n" if self.uris_end else "")).encode())
