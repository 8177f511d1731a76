"""Reads long arrays in JSON item by item, so that memory never holds their data and what is made of it at once."""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.json_categories import SharedParts, discovered
from OcciLibrary.occi.json_entities import EntityReader
from OcciLibrary.occi.json_members import JsonObject, as_object
from OcciLibrary.occi.json_parsing import parse, parse_next
from OcciLibrary.occi.json_skeletons import entity_pieces
from OcciLibrary.occi.model import Category, Resource
from OcciLibrary.occi.skeletons import Seen, Skeleton, Skeletons, skeleton_of

LONG = 100_000
"""From how many characters on a document is read so."""
_ARRAY = r'"(resources|kinds|mixins|actions)"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*'
_BEGIN = re.compile(rf"[ \t\r\n]*\{{[ \t\r\n]*(?={_ARRAY}\{{)")
_MEMBER = re.compile(rf"{_ARRAY}(?=\{{)")
_BLANKS = " \t\r\n"
_PIECE = 1 << 16
_AFTER_ITEM = re.compile(r"[ \t\r\n]*([,\]])[ \t\r\n]*")
_AFTER_LIST = re.compile(r"[ \t\r\n]*(?:(,)[ \t\r\n]*|(\})[ \t\r\n]*\Z)")
# The deviations that come from how an entity is written, not from what it says.
_OF_EVERY_ENTITY = frozenset({"location-in-entity", "end-as-string"})


class Listing(NamedTuple):
    """What a long document holds: entities, categories by the names of their members, and the other members."""

    resources: tuple[Resource, ...]
    categories: dict[str, list[Category]]
    rest: JsonObject


def read_listing(text: str, log: DeviationLog) -> Listing | None:
    """Reads a long document of entities, or a long discovery; gives None for all others.

    Raises RenderingError as read_json does, but for the first thing that is wrong, whatever follows it.
    """
    begin = _BEGIN.match(text) if len(text) >= LONG else None
    if begin is None:
        return None
    reader = _ListingReader(text)
    position, mark = begin.end(), ","
    while mark == ",":
        member = _MEMBER.match(text, position)
        if member is None or reader.has_read(member[1]):
            break
        position = reader.read(member[1], member.end())
        position, mark = _step(_AFTER_LIST, text, position, "a comma or }")
    rest = _rest(text, position, reader.log) if mark == "," else {}
    if any(map(reader.has_read, rest)) or "kind" in rest or "action" in rest:
        return None  # It is something else, after all, or a member stands twice.
    log.repeat(reader.log.notes())
    return Listing(tuple(reader.resources), reader.categories, rest)


def _rest(text: str, position: int, log: DeviationLog) -> JsonObject:
    try:
        return as_object(parse("{" + text[position:], log), "JSON")
    except RenderingError as error:
        in_all = None if error.position is None else error.position + position - 1
        raise RenderingError(error.seen, error.field, in_all, error.expected) from None


class _ListingReader:
    """Reads the arrays of a document, each of them once."""

    def __init__(self, text: str) -> None:
        self.log = DeviationLog()
        self.resources: list[Resource] = []
        self.categories: dict[str, list[Category]] = {}
        self._text = text
        self._entities = EntityReader(self.log, one_by_one=True)
        self._alike = Skeletons(partial(_learned, self._entities))
        self._shared = SharedParts()

    def has_read(self, name: str) -> bool:
        """Tells whether the member of a name was read."""
        return name in self.categories or (name == "resources" and bool(self.resources))

    def read(self, name: str, position: int) -> int:
        """Reads the items of an array that is not empty; gives the position behind it."""
        items = self.resources if name == "resources" else self.categories.setdefault(name, [])
        mark = ","
        while mark == ",":
            try:
                position = self._entity(position) if name == "resources" else self._category(name, position)
            except RenderingError as error:
                raise error if error.field == "JSON" else error.within(f"{name}[{len(items)}]") from None
            position, mark = _step(_AFTER_ITEM, self._text, position, "a comma or ]")
        return position

    def _entity(self, begin: int) -> int:
        found = self._alike.match(self._text, begin)
        if found is not None:
            skeleton, match = found
            self.resources.append(skeleton.resource(match.groups()))
            self.log.repeat(skeleton.notes)
            return match.end()
        item, end = parse_next(self._text, begin, self.log)
        self.resources.append(self._entities.entity(as_object(item, "")))
        if self._alike.is_lesson_due(end - begin):
            self._alike.learn(self._text[begin:end])
        return end

    def _category(self, name: str, begin: int) -> int:
        item, end = parse_next(self._text, begin, self.log)
        self.categories[name].append(discovered(name, item, self.log, self._shared))
        return end


def read_locations(body: bytes) -> tuple[str, ...] | None:
    """Reads a long array of plain strings piece by piece; gives None for all else, even for what is no JSON."""
    if len(body) < LONG or b"\\" in body or not body.isascii():
        return None
    found: list[str] = []
    begin, before = 0, "["
    while begin < len(body):
        # Behind the end of a string, so that it ends in nothing; but for the last piece.
        end = body.find(b'",', begin + _PIECE) + 1 or len(body)
        first, *parts = body[begin:end].decode("ascii").split('"')
        strings, separators = parts[::2], parts[1::2]
        after = separators.pop() if len(parts) % 2 == 0 and parts else "missing"
        between = {separator.strip(_BLANKS) for separator in set(separators)}
        is_last = end == len(body)
        if first.strip(_BLANKS) != before or after.strip(_BLANKS) != ("]" if is_last else ""):
            return None
        if not between <= {","} or not "".join(strings).isprintable():
            return None
        found += strings
        begin, before = end, ","
    return tuple(found)


def _learned(reader: EntityReader, text: str) -> Skeleton | None:
    return skeleton_of(entity_pieces(text), partial(_the_long_way, reader))


def _the_long_way(reader: EntityReader, text: str) -> Seen | None:
    log = DeviationLog()
    item, _ = parse_next(text, 0, log)
    entity = reader.noting_in(log).entity(as_object(item, ""))
    seen = Seen(entity, notes=log.notes())
    return seen if {note[0] for note in seen.notes} <= _OF_EVERY_ENTITY else None


def _step(pattern: re.Pattern[str], text: str, position: int, expected: str) -> tuple[int, str]:
    match = pattern.match(text, position)
    if match is None:
        raise RenderingError("this is no JSON: something is missing", "JSON", position, expected)
    return match.end(), match[match.lastindex or 0]
