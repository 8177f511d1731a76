"""Reads the common form of Category, Link and X-OCCI-Attribute values, the one that departs from nothing.

A value without backslashes falls apart at its quotes. What stands outside of them (``;scheme=``, ``;class=``) is its
*shape*, which is the same from line to line while the texts inside differ. A shape is analysed once and kept, so that
a line costs one split and one look-up. What has no such shape gives None and is left to the tolerant readers
(text_fields), which give the same result wherever both read.

Kept are shapes, names and type identifiers, a bounded number of bounded length; never the value of an attribute,
which may be a secret.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from OcciLibrary.occi.infrastructure import ATTRIBUTE_TYPES
from OcciLibrary.occi.model import (
    Action,
    ActionLink,
    AttributeDefinition,
    AttributeValue,
    Category,
    Link,
)
from OcciLibrary.occi.model_making import new_action_link, new_kind, new_link, new_mixin
from OcciLibrary.occi.text_items import WORD

CATEGORY_LINE = "Category: "
LINK_LINE = "Link: "
ATTRIBUTE_LINE = "X-OCCI-Attribute: "
LOCATION_LINE = "X-OCCI-Location: "
LEGAL_TERM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

_K = TypeVar("_K")
_V = TypeVar("_V")

_LONGEST_NAME = 100
_LONGEST_SHAPE = 2000
_LONGEST_LIST = 4000
# Digits: longer numbers are the tolerant reader's to refuse.
_LONGEST_NUMBER = 300

_CATEGORY = rf'({LEGAL_TERM.pattern}); ?scheme="([^"]*#)"; ?class="(kind|mixin|action)"' + "".join(
    f'(?:; ?{name}="([^"]*)")?' for name in ("title", "rel", "location", "attributes", "actions")
)
_CATEGORY_IN_A_LIST = re.compile(_CATEGORY + r"(?:(,) *|\Z)")
_CATEGORY_LINES = re.compile(f"^{CATEGORY_LINE}{_CATEGORY}()$", re.MULTILINE)
_REL_FOLLOWS = frozenset({";rel=", "; rel="})
_NEXT_LINK = re.compile(r",[ \t]*(?=<)")
_PARAMETER = re.compile(r"[ \t]*;[ \t]*([a-z]+)=")
_LINK_ATTRIBUTE = re.compile(r"[ \t]*;[ \t]*([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)=")
# A comma might begin the next URL.
_ONE_URL = re.compile(r'[^\s"<>,]+')
_ATTRIBUTE_NAME = re.compile(WORD)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_DEFINITION = re.compile(r"\s*([^\s{}]+)(?:\{([^{}]*)\})?")

_LINK_PARAMETERS = ("self", "category")


_ALL_MEMOS: list[Memo[Any, Any]] = []


class Memo(dict[_K, _V]):
    """Keeps what a function found for the keys seen lately; None, the sign of nothing found, is not kept."""

    def __init__(self, find: Callable[[_K], _V], limit: int = 1000) -> None:
        super().__init__()
        self._find = find
        self._limit = limit
        _ALL_MEMOS.append(self)

    def __missing__(self, key: _K) -> _V:
        found = self._find(key)
        if found is not None:
            if len(self) >= self._limit:
                self.clear()
            self[key] = found
        return found


def memos() -> tuple[Memo[Any, Any], ...]:
    """Gives all that is kept."""
    return tuple(_ALL_MEMOS)


def forget() -> None:
    """Empties what is kept, as if nothing had been read yet."""
    for memo in _ALL_MEMOS:
        memo.clear()


class _LinkShape(NamedTuple):
    """Says at which part self, category and title stand, -1, the empty last part, for those that are missing; and which
    attributes stand at the end.
    """

    self_url: int
    category: int
    title: int
    attributes: int
    names: tuple[str, ...]


def _is_complete(pieces: tuple[str, ...]) -> bool:
    return bool(pieces) and not pieces[-1] and sum(map(len, pieces)) <= _LONGEST_SHAPE


def _link_shape(pieces: tuple[str, ...]) -> _LinkShape | None:
    if not _is_complete(pieces):
        return None
    places = {"self": -1, "category": -1, "title": -1}
    names: list[str] = []
    for index, piece in enumerate(pieces[:-1]):
        match = _PARAMETER.fullmatch(piece)
        if match is None:
            match = _LINK_ATTRIBUTE.fullmatch(piece)
            if match is None or ATTRIBUTE_TYPES.get(match[1], "string") != "string":
                return None
            names.append(match[1])
        elif names or places.get(match[1]) != -1 or (match[1] == "self" and places["category"] > 0):
            return None
        else:
            places[match[1]] = 2 * index + 3
    first = 2 * (len(pieces) - len(names)) + 1
    return _LinkShape(places["self"], places["category"], places["title"], first, tuple(names))


def _text_name(prefix: str) -> str | None:
    match = _ATTRIBUTE_NAME.fullmatch(prefix[:-1])
    is_text = match and prefix[-1] == "=" and ATTRIBUTE_TYPES.get(match[0], "string") == "string"
    return match[0] if match and is_text and len(prefix) <= _LONGEST_NAME else None


def _line_name(prefix: str) -> str | None:
    return _text_name(prefix[len(ATTRIBUTE_LINE) :]) if prefix.startswith(ATTRIBUTE_LINE) else None


def _next_name(prefix: str) -> str | None:
    comma, name = prefix[:1], prefix[1:].lstrip(" \t")
    return _text_name(name) if comma == "," else None


def _number_name(name: str) -> str | None:
    is_number = _ATTRIBUTE_NAME.fullmatch(name) and ATTRIBUTE_TYPES.get(name) != "string"
    return name if is_number and len(name) <= _LONGEST_NAME else None


def _type_ids(text: str) -> tuple[str, ...] | None:
    if len(text) > _LONGEST_LIST or ": " in text or ":\t" in text:
        return None
    return tuple(sys.intern(type_id) for type_id in text.split())


def _definitions(text: str) -> tuple[AttributeDefinition, ...] | None:
    position, found = 0, []
    text = text.rstrip()
    while position < len(text) <= _LONGEST_LIST:
        match = _DEFINITION.match(text, position)
        if match is None:
            return None
        words = (match[2] or "").split()
        if not set(words) <= {"required", "immutable"}:
            return None
        found.append(AttributeDefinition(match[1], "required" in words, "immutable" in words))
        position = match.end()
    return tuple(found) if position == len(text) else None


_LINK_SHAPES: Memo[tuple[str, ...], _LinkShape | None] = Memo(_link_shape)
_TEXT_NAMES: Memo[str, str | None] = Memo(_text_name)
# What stands before the quote in a line of a body: the name of an attribute that is text.
LINE_NAMES: Memo[str, str | None] = Memo(_line_name)
_NEXT_NAMES: Memo[str, str | None] = Memo(_next_name)
_NUMBER_NAMES: Memo[str, str | None] = Memo(_number_name)
_TYPE_IDS: Memo[str, tuple[str, ...] | None] = Memo(_type_ids)
_DEFINITION_LISTS: Memo[str, tuple[AttributeDefinition, ...] | None] = Memo(_definitions, 200)


def common_categories(value: str) -> list[Category]:
    """Reads categories with their parameters in the order of the grammar, all quoted, or gives nothing when one is not."""
    return [] if "\\" in value or "\t" in value else _categories(_list_items(value))


def common_category_lines(text: str) -> list[Category]:
    """Reads a text that is all lines of such categories, as that of a discovery is, or gives nothing."""
    if "\\" in text or "\t" in text:
        return []
    found = _CATEGORY_LINES.findall(text)
    # Each is a whole line, unless a value took in the end of its line; then there are fewer of them than lines.
    is_all = len(found) == text.count("\n") + (text[-1:] != "\n")
    return _categories(found) if is_all else []


# Term, scheme, class, title, rel, location, attributes, actions, and the comma that follows.
_CategoryParts = tuple[str, ...]


def _list_items(value: str) -> Iterator[_CategoryParts | None]:
    """Gives the parts of each category of a list; None in the place of one that is not of the common form."""
    comma, position = ",", 0
    while comma:
        match = _CATEGORY_IN_A_LIST.match(value, position)
        if match is None:
            yield None
            return
        parts = match.groups("")
        comma, position = parts[-1], match.end()
        yield parts


def _categories(items: Iterable[_CategoryParts | None]) -> list[Category]:
    found: list[Category] = []
    for item in items:
        if item is None:
            return []
        term, scheme, its_class, title, rel, location, attributes, actions, _ = item
        parents = _TYPE_IDS[rel] if rel else ()
        definitions = _DEFINITION_LISTS[attributes] if attributes else ()
        action_ids = _TYPE_IDS[actions] if actions else ()
        if parents is None or definitions is None or action_ids is None:
            return []
        if (
            " " in scheme or " " in location
        ):  # perhaps one that got into the URI, for the tolerant reader to repair
            return []
        if its_class == "mixin":
            found.append(new_mixin(term, scheme, title, definitions, location, parents, (), action_ids))
        elif its_class == "kind":
            parent = parents[0] if parents else ""
            found.append(new_kind(term, scheme, title, definitions, location, parent, action_ids))
        else:
            found.append(Action(term, scheme, title, definitions, location))
    return found


def common_link(value: str) -> Link | ActionLink | None:
    """Reads a link whose rel stands first, then self, category and title, then attributes, all quoted."""
    parts = value.split('"')
    shape = _LINK_SHAPES[tuple(parts[2::2])]
    target, _, rel_follows = parts[0].partition(">")
    if shape is None or rel_follows not in _REL_FOLLOWS or target.rfind("<") or "\\" in value:
        return None
    self_place, category_place, title_place, first, names = shape
    rel, categories, self_url = _TYPE_IDS[parts[1]], _TYPE_IDS[parts[category_place]], parts[self_place]
    if not rel or categories is None or not len(parts) % 2 or " " in target or "\t" in target:
        return None
    target = target[1:]
    if "action=" in target or "/action#" in parts[1]:
        _, mark, term = target.partition("?action=")
        if not mark or not term or "&" in target or "#" in target or target != target.strip():
            return None
        return new_action_link(target, rel[0], sys.intern(term), parts[title_place])
    if target != target.strip() or " " in self_url or "\t" in self_url:
        return None
    attributes = dict(zip(names, parts[first::2], strict=False))
    return new_link(target, rel, self_url, categories, attributes, parts[title_place])


def common_links(value: str) -> list[Link | ActionLink]:
    """Reads a list of such links, or gives nothing when one of them is not of the common form."""
    # A comma before < inside of quotes leaves an item with an open quote, which is no common link.
    links = [common_link(item.rstrip(" \t")) for item in _NEXT_LINK.split(value)]
    found = [link for link in links if link is not None]
    return found if len(found) == len(links) else []


def common_attribute(value: str) -> tuple[str, AttributeValue] | None:
    """Reads ``name="text"`` or ``name=number`` where name and form agree on the type."""
    parts = value.split('"')
    if len(parts) == 3:
        name = _TEXT_NAMES[parts[0]]
        return None if name is None or parts[2] or "\\" in value else (name, parts[1])
    return common_number(value)


def common_number(value: str) -> tuple[str, AttributeValue] | None:
    """Reads ``name=number`` where the name is not known to be that of a text."""
    prefix, _, number = value.partition("=")
    name = _NUMBER_NAMES[prefix]
    if name is None or len(number) > _LONGEST_NUMBER or not _NUMBER.fullmatch(number):
        return None
    return name, float(number) if "." in number else int(number)


def is_common_location(value: str) -> bool:
    """Tells whether a value is one URL, and not several without the ends of their lines."""
    return _ONE_URL.fullmatch(value) is not None and "-OCCI-Location" not in value


def common_attributes(value: str) -> list[tuple[str, AttributeValue]]:
    """Reads a list of such attributes, or gives nothing when one of them is not of the common form."""
    parts = ("," + value).split('"')
    if len(parts) % 2 == 0 or "\\" in value:
        return []
    found: list[tuple[str, AttributeValue]] = []
    for index in range(0, len(parts) - 1, 2):
        name = _NEXT_NAMES[parts[index]]
        if name is None:
            numbers, comma, prefix = parts[index].rpartition(",")
            name = _NEXT_NAMES[comma + prefix]
            if name is None or not _add_numbers(numbers, found):
                return []
        found.append((name, parts[index + 1]))
    return found if _add_numbers(parts[-1], found) else []


def _add_numbers(text: str, found: list[tuple[str, AttributeValue]]) -> bool:
    """Adds what stands outside of quotes, `` , name=1, name=2`` or nothing; tells whether it is that."""
    blank, *items = text.split(",")
    for item in items:
        pair = common_attribute(item.strip(" \t"))
        if pair is None:
            return False
        found.append(pair)
    return not blank.strip(" \t")
