"""Reads a long listing in JSON entity by entity, so that memory never holds its data and what is made of it at once."""

from __future__ import annotations

import re
from functools import partial

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.json_entities import EntityReader
from OcciLibrary.occi.json_members import JsonObject, as_object
from OcciLibrary.occi.json_parsing import parse, parse_next
from OcciLibrary.occi.json_skeletons import entity_pieces
from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.skeletons import Seen, Skeleton, Skeletons, skeleton_of

LONG = 100_000
"""From how many characters on a listing is read so."""
_BEGIN = re.compile(r'[ \t\r\n]*\{[ \t\r\n]*"resources"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*(?=\{)')
_AFTER_ITEM = re.compile(r"[ \t\r\n]*([,\]])[ \t\r\n]*")
# The deviations that come from how an entity is written, not from what it says.
_OF_EVERY_ENTITY = frozenset({"location-in-entity", "end-as-string"})
_AFTER_LIST = re.compile(r"[ \t\r\n]*(,|\}[ \t\r\n]*\Z)")


def read_listing(text: str, log: DeviationLog) -> tuple[tuple[Resource, ...], JsonObject] | None:
    """Gives the entities of a long listing, and the members behind them; None for all other documents.

    Raises RenderingError as read_json does, but for the first thing that is wrong, whatever follows it.
    """
    begin = _BEGIN.match(text) if len(text) >= LONG else None
    if begin is None:
        return None
    reader = EntityReader(log, one_by_one=True)
    alike = Skeletons(partial(_learned, reader))
    found: list[Resource] = []
    position, mark = begin.end(), ","
    while mark == ",":
        same = alike.match(text, position)
        if same is not None:
            skeleton, match = same
            found.append(skeleton.resource(match.groups()))
            log.repeat(skeleton.notes)
            position = match.end()
        else:
            item, end = parse_next(text, position, log)
            try:
                found.append(reader.entity(as_object(item, "")))
            except RenderingError as error:
                raise error.within(f"resources[{len(found)}]") from None
            if alike.is_lesson_due(end - position):
                alike.learn(text[position:end])
            position = end
        position, mark = _step(_AFTER_ITEM, text, position, "a comma or ]")
    position, mark = _step(_AFTER_LIST, text, position, "a comma or }")
    rest: JsonObject = as_object(parse("{" + text[position:], log), "JSON") if mark == "," else {}
    if "resources" in rest:
        log.note("repeated-member", "JSON", "the member 'resources' stands twice; the first one was taken")
    return tuple(found), rest


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
    return match.end(), match[1][0]
