"""Chooses the slots of skeletons in text/plain and text/occi: what differs between alike entities, and reads as it stands.

These are, in fields of the common form (text_shapes), the values of attributes, the targets of links and the URLs of
links themselves. All else is literal: terms, schemes, relations, names, titles, whatever departs from the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from OcciLibrary.occi.model import ActionLink, Link, Resource
from OcciLibrary.occi.skeletons import NUMBER, LongWay, Seen, Skeleton, Skeletons, Slot, skeleton_of
from OcciLibrary.occi.text_items import WORD
from OcciLibrary.occi.text_shapes import (
    ATTRIBUTE_LINE,
    CATEGORY_LINE,
    LINK_LINE,
    common_attributes,
    common_links,
)

# In a quoted value without escapes nothing but its end has a meaning. (Skeletons look for escapes and line ends.)
_TEXT = '[^"]*'
# No blank, which would be repaired, no bracket, and nothing that could be the query that names an action.
_URL = r"[!$%'-;=@-\[\]-~]*"
_LINK_SLOT = re.compile(rf'<({_URL})(?:\?action=[^<>]*)?>|([A-Za-z0-9_.-]+)="({_TEXT})"|<[^<>]*>')
_ATTRIBUTE_SLOT = re.compile(rf'{WORD}=(?:"({_TEXT})"|({NUMBER})(?![0-9.]))')
_NOT_A_SLOT = frozenset({"rel", "category", "title"})
_NEXT_CATEGORY = "\n" + CATEGORY_LINE

# From how many characters on a value is compared with earlier ones: that of an entity, not of one line.
_LONG = 400

Pieces = list[str | Slot]


def link_pieces(value: str) -> Pieces:
    """Takes the value of a Link field apart; what is not of the common form stays in one piece."""
    if not common_links(value):
        return [value]
    pieces = _Pieces(value)
    for match in _LINK_SLOT.finditer(value):
        if match[1] is not None:
            pieces.slot(_URL, match.span(1))
        elif match[2] == "self":
            pieces.slot(_URL, match.span(3))
        elif match[2] is None:
            return [value]
        elif match[2] not in _NOT_A_SLOT:
            pieces.slot(_TEXT, match.span(3))
    return pieces.all()


def attribute_pieces(value: str) -> Pieces:
    """Takes the value of an X-OCCI-Attribute field apart; what is not of the common form stays in one piece."""
    count = len(common_attributes(value))
    pieces = _Pieces(value)
    for match in _ATTRIBUTE_SLOT.finditer(value):
        if match[1] is not None:
            pieces.slot(_TEXT, match.span(1))
        else:
            pieces.slot(NUMBER, match.span(2))
    # A value that fits no slot would be a part of the skeleton.
    return pieces.all() if pieces.slots == count else [value]


def entity_pieces(text: str) -> Pieces:
    """Takes the lines of an entity apart."""
    pieces: Pieces = []
    for line in text.split("\n"):
        if line.startswith(LINK_LINE):
            pieces += [LINK_LINE, *link_pieces(line.removeprefix(LINK_LINE)), "\n"]
        elif line.startswith(ATTRIBUTE_LINE):
            pieces += [ATTRIBUTE_LINE, *attribute_pieces(line.removeprefix(ATTRIBUTE_LINE)), "\n"]
        else:
            pieces += [line, "\n"]
    return pieces[:-1]


def next_entity(text: str, begin: int) -> int:
    """Finds where the next entity of a listing begins: with a category that follows a line of another field.

    Gives the end of the text where there is none, or where a continued line makes it hard to tell.
    """
    position = begin
    while True:
        line_end = text.find(_NEXT_CATEGORY, position)
        if line_end < 0 or _is_continued(text, position, line_end):
            return len(text)
        line_begin = text.rfind("\n", begin, line_end) + 1 or begin
        if not text.startswith(CATEGORY_LINE, line_begin):
            return line_end + 1
        position = line_end + 1


def _is_continued(text: str, begin: int, line_end: int) -> bool:
    """Tells whether a backslash makes the next line a part of the last one that is not empty."""
    if text.find("\\", begin, line_end) < 0:
        return False
    return text[begin:line_end].rstrip(" \t\n").endswith("\\")


class _AlikeValues:
    """Reads the long values of a field like earlier ones, from answer to answer; keeps none of the values themselves."""

    def __init__(self, take_apart: Callable[[str], Pieces], long_way: LongWay) -> None:
        self._take_apart = take_apart
        self._long_way = long_way
        self.skeletons = Skeletons(self._learned)

    def __call__(self, value: str) -> Resource | None:
        if len(value) < _LONG:
            return None
        found = self.skeletons.match(value)
        if found is not None:
            skeleton, match = found
            return skeleton.resource(match.groups())
        if self.skeletons.is_lesson_due(len(value)):
            self.skeletons.learn(value)
        return None

    def _learned(self, value: str) -> Skeleton | None:
        pieces = self._take_apart(value)
        # What is in one piece is not understood, and might hold a secret.
        return skeleton_of(pieces, self._long_way, behind=r"\Z") if len(pieces) > 1 else None


def _links_the_long_way(value: str) -> Seen:
    links = common_links(value)
    actions = tuple([link for link in links if isinstance(link, ActionLink)])
    return Seen(
        Resource(None, links=tuple([link for link in links if isinstance(link, Link)]), actions=actions)
    )


def _attributes_the_long_way(value: str) -> Seen | None:
    pairs = common_attributes(value)
    attributes = dict(pairs)
    return Seen(Resource(None, attributes=attributes)) if len(attributes) == len(pairs) else None


alike_links = _AlikeValues(link_pieces, _links_the_long_way)
"""Gives the links and actions of a value of a Link field that is like earlier ones, None for others."""
alike_attributes = _AlikeValues(attribute_pieces, _attributes_the_long_way)
"""Gives the attributes of a value of an X-OCCI-Attribute field that is like earlier ones, None for others."""


def forget() -> None:
    """Empties what is kept from message to message, as if nothing had been read yet."""
    alike_links.skeletons.forget()
    alike_attributes.skeletons.forget()


class _Pieces:
    """Cuts a value where its slots are."""

    def __init__(self, value: str) -> None:
        self._value = value
        self._pieces: Pieces = []
        self._end = 0
        self.slots = 0

    def slot(self, pattern: str, span: tuple[int, int]) -> None:
        begin, end = span
        self._pieces += [self._value[self._end : begin], Slot(pattern, self._value[begin:end])]
        self._end = end
        self.slots += 1

    def all(self) -> Pieces:
        return [*self._pieces, self._value[self._end :]]
