"""Reads the value of one OCCI field (GFD.185 §3.5.1-3.5.5), tolerant and in linear time.

Values of the common form are read by their shape (text_shapes); all others by the patterns here, each of which
either advances or ends the value, so that a hostile value cannot make it slow.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from OcciLibrary.occi.attribute_values import bare_value, quoted_value
from OcciLibrary.occi.deviations import DeviationLog, Notes
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.infrastructure import CORE_SCHEME
from OcciLibrary.occi.model import (
    Action,
    ActionLink,
    AttributeDefinition,
    AttributeValue,
    Category,
    Kind,
    Link,
    Mixin,
)
from OcciLibrary.occi.text_items import (
    QUOTED,
    WORD,
    Item,
    Parameters,
    items,
    malformed,
    note_empty_item,
    unquote,
)
from OcciLibrary.occi.text_shapes import LEGAL_TERM, Memo, common_attributes, common_categories, common_links
from OcciLibrary.occi.text_skeletons import alike_attributes, alike_links

_ATTRIBUTE = re.compile(
    # The blanks behind a value belong to it: two runs of blanks with nothing between them could be split anywhere.
    rf'[ \t]*(?:("?)({WORD})\1[ \t]*=[ \t]*(?:({QUOTED}|[^\s;,"]+(?:[ \t]+[^\s;,"]+)*)[ \t]*)?'
    r"(?:(;)[ \t]*)?(?:(,)|\Z)"
    r"|(,)|\Z|(.+))",
    re.DOTALL,
)
_BROKEN_URI = re.compile(r"(https?):[ \t]+//")
_ATTRIBUTE_DEFINITION = re.compile(r"\s*(?:([^\s{}]+)(?:\{([^{}]*)\})?|\Z|(.+))", re.DOTALL)
# A comma starts a new URL only before something that looks like one: commas are legal inside URLs.
LOCATION_SEPARATOR = re.compile(r",[ \t]*(?=[A-Za-z][A-Za-z0-9+.-]{0,30}:|/|,|\Z)")
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
# The grammar itself has these with and without quotes (GFD.185 §3.5.1), or without them alone (§3.5.2).
_MAY_BE_BARE = frozenset({("Category", "class"), ("Link", "category")})
_LINKWORDS = frozenset({"rel", "self", "category", "title"})
_LISTS = frozenset({"rel", "category", "attributes", "actions"})
_ATTRIBUTE_FLAGS = frozenset({"immutable", "required"})
_COMMON_URL = re.compile(r'[^\s"<>]+')
# One server leaves out the ends of the lines between locations.
_FIELD_INSIDE = re.compile(r"[ \t]*X-OCCI-Location:[ \t]*", re.IGNORECASE)
_NOT_IN_A_URL = re.compile(r'[\s"<>]')


class Categories(NamedTuple):
    """What the value of a Category field says; ``own_kinds`` leaves out the ancestors of the kinds that entities have."""

    all: list[Category]
    own_kinds: list[Kind]
    notes: Notes


def read_categories(value: str, log: DeviationLog) -> Categories:
    """Reads the value of a Category field; what was read lately is remembered with its deviations."""
    found = _CATEGORIES[value] if len(value) <= _LONGEST_REMEMBERED else _categories(value)
    if found.notes:
        log.repeat(found.notes)
    return found


def _categories(value: str) -> Categories:
    log = DeviationLog()
    categories = common_categories(value) or tolerant_categories(value, log)
    return Categories(categories, own_kinds(categories), log.notes())


def own_kinds(categories: list[Category]) -> list[Kind]:
    """Gives the kinds among categories but for the ancestors that some servers show beside the kind of an entity."""
    return [kind for kind in categories if isinstance(kind, Kind) and kind.scheme != CORE_SCHEME]


_LONGEST_REMEMBERED = 4000
_CATEGORIES: Memo[str, Categories] = Memo(_categories)


def tolerant_categories(value: str, log: DeviationLog) -> list[Category]:
    """Reads a Category value of any form."""
    return [_category(item, log) for item in items("Category", value, log)]


def read_links(value: str, log: DeviationLog) -> list[Link | ActionLink]:
    """Reads the value of a Link field: links in their order, action links in theirs."""
    alike = alike_links(value)
    if alike is not None:
        return [*alike.actions, *alike.links]
    return common_links(value) or tolerant_links(value, log)


def tolerant_links(value: str, log: DeviationLog) -> list[Link | ActionLink]:
    """Reads a Link value of any form."""
    return [_link(item, log) for item in items("Link", value, log)]


def read_attributes(value: str, log: DeviationLog) -> list[tuple[str, AttributeValue]]:
    """Reads the value of an X-OCCI-Attribute field: names and typed values in their order."""
    alike = alike_attributes(value)
    if alike is not None:
        return list(alike.attributes.items())
    return common_attributes(value) or tolerant_attributes(value, log)


def tolerant_attributes(value: str, log: DeviationLog) -> list[tuple[str, AttributeValue]]:
    """Reads an X-OCCI-Attribute value of any form."""
    found: list[tuple[str, AttributeValue]] = []
    separator = ","
    for quote, name, text, semicolon, comma, lone_comma, bad in _ATTRIBUTE.findall(value):
        if bad:
            raise malformed("X-OCCI-Attribute", value, len(value) - len(bad), 'name="string" or name=number')
        if semicolon:
            log.note("trailing-semicolon", "X-OCCI-Attribute", f"the value of {name} ends in a semicolon")
        if quote:
            log.note("quoted-attribute-name", "X-OCCI-Attribute", f"the name {name} is in quotes")
        if name:
            found.append((name, _typed(name, text, "X-OCCI-Attribute", log)))
        elif separator:
            note_empty_item("X-OCCI-Attribute", value, log)
        separator = comma or lone_comma
        if not separator:
            break
    return found


def _typed(name: str, text: str, field: str, log: DeviationLog) -> AttributeValue:
    if text[:1] == '"':
        return quoted_value(name, unquote(text), field, log)
    return bare_value(name, text, field, log)


def read_locations(value: str, log: DeviationLog) -> list[str]:
    """Reads the value of an X-OCCI-Location or Location field: URLs, relative ones as they are."""
    locations = []
    if "-OCCI-Location" in value:
        value, count = _FIELD_INSIDE.subn(",", value)
        if count:
            log.note("missing-line-end", "X-OCCI-Location", "no line ends between two locations")
    for item in LOCATION_SEPARATOR.split(value) if "," in value else (value,):
        if _COMMON_URL.fullmatch(item):
            locations.append(item)
            continue
        location = _repair(item.strip(), "X-OCCI-Location", log)
        if not location:
            note_empty_item("X-OCCI-Location", value, log)
            continue
        if len(location) > 1 and location[0] + location[-1] in ("<>", '""'):
            detail = f"{excerpt(location)} stands in quotes or brackets"
            log.note("delimited-location", "X-OCCI-Location", detail)
            location = location[1:-1]
        if _NOT_IN_A_URL.search(location):
            raise RenderingError(
                f"{excerpt(location)} is no URL", "X-OCCI-Location", 0, "a URL without blanks"
            )
        locations.append(location)
    return locations


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
        if value is text and (field, key) not in _MAY_BE_BARE:
            log.note("unquoted-parameter", field, f"the value of {key} is not quoted")
        if key in found:
            log.note("repeated-parameter", field, f"the parameter {key} is given twice")
            more.setdefault(key, []).append(value)
        else:
            found[key] = value
    for key in more.keys() & _LISTS:
        found[key] = " ".join((found[key], *more[key]))
    return found


def _category(item: Item, log: DeviationLog) -> Category:
    head, parameters, position = item
    if not head or head[0] == "<":
        raise RenderingError(
            f"{excerpt(head)} stands where the term is due", "Category", position, "a term such as compute"
        )
    found = _parameters("Category", parameters, _CATEGORY_ORDER, log)
    scheme = _repair(found.pop("scheme", ""), "Category", log)
    if not scheme:
        raise RenderingError(
            f"the category {excerpt(head)} has no scheme",
            "Category",
            position,
            'scheme="..." after the term',
        )
    if scheme[-1] != "#":
        log.note(
            "scheme-without-hash", "Category", f"the scheme {excerpt(scheme)} of {head} does not end in #"
        )
    if not LEGAL_TERM.fullmatch(head):
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


def _link(item: Item, log: DeviationLog) -> Link | ActionLink:
    head, parameters, position = item
    if head[:1] != "<":
        raise RenderingError(
            f"{excerpt(head)} stands where the target is due", "Link", position, "a target in angle brackets"
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
    return Link(
        target,
        rel,
        self_url,
        tuple(_repair(found.get("category", ""), "Link", log).split()),
        attributes,
        title,
    )


def _action_link(target: str, rel: tuple[str, ...], title: str, query_term: str) -> ActionLink:
    action_id = rel[0] if rel else ""
    return ActionLink(target, action_id, query_term or action_id.rpartition("#")[2], title)


def _link_attributes(parameters: Parameters, log: DeviationLog) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {}
    typing = DeviationLog()
    for name, text in parameters:
        if name.lower() not in _LINKWORDS:
            attributes[name] = _typed(name, text, "Link", typing)
    # In a Link every value may be a token or quoted, so that only a value of another type is a departure.
    log.repeat(tuple(note for note in typing.notes() if note[0] == "wrong-type"))
    return attributes


def _repair(uri: str, field: str, log: DeviationLog) -> str:
    if ": " not in uri and ":\t" not in uri:
        return uri
    repaired = _BROKEN_URI.sub(r"\1://", uri)
    if repaired != uri:
        log.note("space-inside-uri", field, f"a blank stands inside the URI {excerpt(uri)}")
    return repaired
