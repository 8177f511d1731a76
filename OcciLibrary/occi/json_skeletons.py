"""Chooses the slots of skeletons in JSON: what differs between alike entities, and reads as it stands.

These are the ids, titles, summaries and locations of entities and links, and the values of attributes whose names have
dots. All else is literal: kinds, mixins, relations, actions, the order of members, the blanks between them.
"""

from __future__ import annotations

import re

from OcciLibrary.occi.infrastructure import ATTRIBUTE_TYPES
from OcciLibrary.occi.skeletons import NUMBER, Slot

# Neither control characters, which JSON forbids, nor nothing at all: without location or target things read differently.
_TEXT = r'[^"\x00-\x1f]+'
_TOKEN = re.compile(rf'"([^"]*)"(?:[ \t\r\n]*:[ \t\r\n]*(?:"({_TEXT})"|({NUMBER})(?![0-9.eE]))?)?|[\[\]{{}}]')
# The members of an entity that stand, or may stand, among its attributes too; if they do, both say the same.
_CORE = {
    ("id",): "occi.core.id",
    ("title",): "occi.core.title",
    ("summary",): "occi.core.summary",
    ("source", "location"): "occi.core.source",
    ("target", "location"): "occi.core.target",
}
_VERBATIM = frozenset({"id", "title", "summary", "location"})


def entity_pieces(text: str) -> list[str | Slot]:
    """Takes the JSON of an entity, which is known to be sound, apart; one with escapes stays in one piece."""
    if "\\" in text:
        return [text]
    pieces: list[str | Slot] = []
    path: list[str] = []
    end = 0
    name = ""
    for match in _TOKEN.finditer(text):
        if match[0] in "[{":
            path.append(name)
        elif match[0] in "]}":
            path.pop()
        place = 3 if match[3] else 2
        name = match[1] or ""
        if match[place] and _is_slot(path, name, place == 3):
            begin = match.start(place)
            pieces += [text[end:begin], _slot(path, name, match[place], place == 3)]
            end = match.end(place)
    return [*pieces, text[end:]]


def _is_slot(path: list[str], name: str, is_number: bool) -> bool:
    if path[-1] != "attributes":
        return name in _VERBATIM and not is_number
    return "." in name and (ATTRIBUTE_TYPES.get(name, "string") == "string") is not is_number


def _slot(path: list[str], name: str, seen: str, is_number: bool) -> Slot:
    """Makes a slot; what the entity says of itself in two places has the same name in both."""
    inner = (*path[1:], name)
    same = name if inner[:-1] == ("attributes",) else _CORE.get(inner, "")
    return Slot(NUMBER if is_number else _TEXT, seen, same)
