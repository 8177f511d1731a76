"""Writes the text/plain and text/occi renderings in the subset that every known server reads (GFD.185 §3.5).

Canonical field names, ``; `` between parameters, everything quoted but numbers and booleans, the kind first.
Values are checked, so that nothing from outside can add a line, a header or a list item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from OcciLibrary.occi.attribute_values import quote, to_text
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.model import (
    ActionLink,
    AttributeDefinition,
    AttributeValue,
    Category,
    CategoryClass,
    Kind,
    Link,
    Mixin,
)

Field = tuple[str, str]

_WORD = re.compile(r'[^\s;,="<>\\{}\x00-\x1f\x7f\ud800-\udfff]+')
_URI = re.compile(r'[^\s"<>\\\x00-\x1f\x7f\ud800-\udfff]+')
_CLASS_ORDER = {CategoryClass.KIND: 0, CategoryClass.MIXIN: 1, CategoryClass.ACTION: 2}


def category_fields(categories: Iterable[Category], full: bool = False) -> list[Field]:
    """Gives the Category fields, kinds first; ``full`` adds what discovery shows (GFD.185 §3.5.1)."""
    ordered = sorted(categories, key=lambda category: _CLASS_ORDER.get(_class_of(category), 3))
    return [("Category", _category(category, full)) for category in ordered]


def attribute_fields(attributes: Mapping[str, AttributeValue]) -> list[Field]:
    """Gives one X-OCCI-Attribute field per attribute (GFD.185 §3.5.4)."""
    return [("X-OCCI-Attribute", _attribute(name, value)) for name, value in attributes.items()]


def link_fields(links: Iterable[Link], actions: Iterable[ActionLink]) -> list[Field]:
    """Gives one Link field per link and per action link (GFD.185 §3.5.2, §3.5.3)."""
    return [("Link", _link(link)) for link in links] + [("Link", _action_link(action)) for action in actions]


def location_fields(locations: Iterable[str]) -> list[Field]:
    """Gives one X-OCCI-Location field per URL (GFD.185 §3.5.5)."""
    return [("X-OCCI-Location", _location(location)) for location in locations]


def as_body(fields: Iterable[Field]) -> bytes:
    """Gives a text/plain body: one field per line, LF at the end of each, nothing when there is no field."""
    return "".join(f"{name}: {value}\n" for name, value in fields).encode("utf-8")


def as_headers(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Gives text/occi header fields: the values of one field as a comma list.

    Raises RenderingError for characters beyond ASCII, which are uncertain in a header (RFC 7230 §3.2.4).
    """
    joined: dict[str, list[str]] = {}
    for name, value in fields:
        if not value.isascii():
            raise RenderingError(
                f"{excerpt(value)} holds characters beyond ASCII",
                name,
                expected="text/plain or JSON for such a value",
            )
        joined.setdefault(name, []).append(value)
    return tuple((name, ", ".join(values)) for name, values in joined.items())


def _class_of(category: Category) -> CategoryClass:
    category_class = category.category_class
    if category_class is None:
        raise RenderingError(
            f"{excerpt(category.id)} has no class", "Category", expected="a kind, mixin or action"
        )
    return category_class


def _category(category: Category, full: bool) -> str:
    parts = [
        _word(category.term, "Category"),
        f'scheme="{_uri(category.scheme, "Category")}"',
        f'class="{_class_of(category).value}"',
    ]
    if full:
        parts += _discovery_parts(category)
    return "; ".join(parts)


def _discovery_parts(category: Category) -> list[str]:
    parts = []
    if category.title:
        parts.append(f"title={quote(category.title, 'Category')}")
    rel = _rel(category)
    if rel:
        parts.append(f'rel="{_uris(rel, "Category")}"')
    if category.location:
        parts.append(f'location="{_uri(category.location, "Category")}"')
    if category.attributes:
        parts.append(f'attributes="{" ".join(_definition(attribute) for attribute in category.attributes)}"')
    actions = category.actions if isinstance(category, (Kind, Mixin)) else ()
    if actions:
        parts.append(f'actions="{_uris(actions, "Category")}"')
    return parts


def _rel(category: Category) -> tuple[str, ...]:
    if isinstance(category, Kind):
        return (category.parent,) if category.parent else ()
    # GFD.229 §5.5.2 shows the first dependency only; applies has no place in the text renderings.
    return category.depends[:1] if isinstance(category, Mixin) else ()


def _definition(attribute: AttributeDefinition) -> str:
    flags = [
        word
        for word, is_set in (("immutable", attribute.immutable), ("required", attribute.required))
        if is_set
    ]
    return _word(attribute.name, "Category") + (f"{{{' '.join(flags)}}}" if flags else "")


def _attribute(name: str, value: AttributeValue) -> str:
    return f"{_word(name, 'X-OCCI-Attribute')}={to_text(name, value)}"


def _link(link: Link) -> str:
    if not link.rel:
        raise RenderingError(
            f"the link to {excerpt(link.target)} has no rel", "Link", expected="the kind of the target"
        )
    parts = [f"<{_uri(link.target, 'Link')}>", f'rel="{_uris(link.rel, "Link")}"']
    if link.self_url:
        parts.append(f'self="{_uri(link.self_url, "Link")}"')
    if link.categories:
        parts.append(f'category="{_uris(link.categories, "Link")}"')
    if link.title:
        parts.append(f"title={quote(link.title, 'Link')}")
    parts += [_link_attribute(name, value) for name, value in link.attributes.items()]
    return "; ".join(parts)


def _link_attribute(name: str, value: AttributeValue) -> str:
    if name.lower() in ("rel", "self", "category", "title"):
        raise RenderingError(
            f"an attribute cannot be called {name}", "Link", expected="a name such as occi.core.id"
        )
    return _attribute(name, value)


def _action_link(action: ActionLink) -> str:
    if not action.url:
        raise RenderingError(
            f"the action {excerpt(action.term)} has no URL", "Link", expected="the URL to POST to"
        )
    parts = [f"<{_uri(action.url, 'Link')}>", f'rel="{_uri(action.action_id, "Link")}"']
    if action.title:
        parts.append(f"title={quote(action.title, 'Link')}")
    return "; ".join(parts)


def _word(text: str, field: str) -> str:
    if not _WORD.fullmatch(text):
        raise RenderingError(
            f"{excerpt(text)} cannot be a term or a name", field, expected="letters, digits, - _ and ."
        )
    return text


def _uri(text: str, field: str) -> str:
    if not _URI.fullmatch(text):
        raise RenderingError(f"{excerpt(text)} is no URI", field, expected="a URI without blanks and quotes")
    return text


def _location(text: str) -> str:
    if "," in text:
        # A comma separates two locations, so readers would see two URLs.
        raise RenderingError(
            f"{excerpt(text)} holds a comma", "X-OCCI-Location", expected="a URL with %2C instead"
        )
    return _uri(text, "X-OCCI-Location")


def _uris(texts: Iterable[str], field: str) -> str:
    return " ".join(_uri(text, field) for text in texts)
