"""Reads bodies in text/plain (GFD.185 §3.5, GFD.229): lines, one field in each, of one entity or of many."""

from __future__ import annotations

import re
from collections.abc import Iterable

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import excerpt
from OcciLibrary.occi.model import AttributeValue, Message, Resource
from OcciLibrary.occi.skeletons import Seen, Skeleton, Skeletons, skeleton_of
from OcciLibrary.occi.text_fields import own_kinds
from OcciLibrary.occi.text_reading import FIELD_NAMES, RENAMED_FIELDS, FieldReader
from OcciLibrary.occi.text_shapes import (
    ATTRIBUTE_LINE,
    CATEGORY_LINE,
    LINE_NAMES,
    LINK_LINE,
    LOCATION_LINE,
    common_category_lines,
    common_link,
    common_number,
    is_common_location,
)
from OcciLibrary.occi.text_skeletons import entity_pieces, next_entity

_BLANKS = (" ", "\t", "\r", "\n")
_CANONICAL = frozenset(FIELD_NAMES.values())
_CONTINUED = re.compile(r"\\[ \t]*(?:\n|\Z)")


class BodyReader(FieldReader):
    """Gathers the content of a body; alike entities of a long listing are read in one step each (skeletons)."""

    def __init__(self, log: DeviationLog) -> None:
        super().__init__(log, several=True)
        self._alike = Skeletons(_learned)
        # The first line that is no field.
        self.unknown = ""
        self._has_other_fields = False

    @property
    def has_fields(self) -> bool:
        """Tells whether any line was a field."""
        return bool(self._has_other_fields or self._attributes or self._links or self._actions)

    def add_text(self, text: str) -> None:
        """Reads lines of a body, of which the last one is complete: alike entities in one step each."""
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        position = len(text) if self._add_category_lines(text) else 0
        while position < len(text):
            begin = self._add_alike(text, position)
            position = next_entity(text, begin) if self._alike.kept else len(text)
            if begin < position:
                self.add_lines(_lines(text[begin:position], self._log))
                if self._alike.is_lesson_due(position - begin):
                    self._learn(text, begin)

    def _add_category_lines(self, text: str) -> bool:
        """Reads a text that is part of a discovery; tells whether it is that."""
        if not text.startswith(CATEGORY_LINE) or ATTRIBUTE_LINE in text or self._next or self._has_content():
            return False
        categories = common_category_lines(text)
        self._categories += categories
        self._own_kinds += own_kinds(categories)
        self._has_other_fields |= bool(categories)
        return bool(categories)

    def _add_alike(self, text: str, position: int) -> int:
        """Reads the entities from a position on that match a skeleton; gives the position of the next one."""
        last: tuple[Skeleton, Resource] | None = None
        while last or self._is_between_entities():
            found = self._alike.match(text, position)
            if found is None:
                break
            skeleton, match = found
            if last:
                self._entities.append(last[1])
            elif self._has_content():
                self._end_entity()
            last = skeleton, skeleton.resource(match.groups())
            if skeleton.notes:
                self._log.repeat(skeleton.notes)
            position = match.end()
        if last:
            self._begin_with(*last)
        return position

    def _begin_with(self, skeleton: Skeleton, entity: Resource) -> None:
        """Takes an entity as if its lines had been read, for more of them may follow."""
        assert entity.kind is not None
        self._begin(list(skeleton.categories), [entity.kind])
        self._has_other_fields = True
        self._attributes.update(entity.attributes)
        self._links += entity.links
        self._actions += entity.actions

    def _is_between_entities(self) -> bool:
        """Tells whether a line with a kind can only be the first one of an entity, and whether that would be a new one."""
        if self._next:
            return False
        begun = self._categories or self._locations or self._has_content()
        return not begun or self._is_complete()

    def _learn(self, text: str, begin: int) -> None:
        """Learns from the first entity that lies between two others."""
        if not text.startswith(CATEGORY_LINE, begin):
            begin = next_entity(text, begin)
        end = next_entity(text, begin)
        if end < len(text):
            self._alike.learn(text[begin:end])

    def seen(self) -> Seen | None:
        """Gives what was read, if that is one complete entity, begun by its kind, and nothing else."""
        if self._entities or self._next or self._locations or self.unknown or not self._is_complete():
            return None
        if self._categories[0] is not self._own_kinds[0]:
            return None
        return Seen(self._entity(), tuple(self._categories), self._log.notes())

    def add_lines(self, lines: Iterable[str]) -> None:
        """Reads the lines of a body; those of the common form the short way, for they are most of a long listing."""
        for line in lines:
            if line.startswith(ATTRIBUTE_LINE):
                if self._add_attribute_line(line):
                    continue
            elif line.startswith(LINK_LINE):
                link = common_link(line[len(LINK_LINE) :])
                if link is not None:
                    if self._next:
                        self._end_entity()
                    self._add_link(link)
                    continue
            elif line.startswith(CATEGORY_LINE):
                self._has_other_fields = True
                self._add_categories(line[len(CATEGORY_LINE) :].strip(" \t"))
                continue
            elif line.startswith(LOCATION_LINE):
                location = line[len(LOCATION_LINE) :]
                if is_common_location(location) and not self._next:
                    self._has_other_fields = True
                    self._locations.append(location)
                    continue
            self._add_line(line)

    def _add_attribute_line(self, line: str) -> bool:
        """Reads a line of the common form; tells whether it is that."""
        parts = line.split('"')
        name = LINE_NAMES[parts[0]] if len(parts) == 3 and not parts[2] and "\\" not in line else None
        typed: AttributeValue
        if name is not None:
            typed = parts[1]
        else:
            number = common_number(line[len(ATTRIBUTE_LINE) :]) if len(parts) == 1 else None
            if number is None:
                return False
            name, typed = number
        if self._next:
            self._end_entity()
        if self._attributes.setdefault(name, typed) is not typed:
            self._set(name, typed)
        return True

    def _add_line(self, line: str) -> None:
        name, _, value = line.partition(":")
        field = name if name in _CANONICAL else _field(name, self._log)
        if field:
            self._has_other_fields = True
            self.add(field, value.strip(" \t"))
        elif not self.unknown:
            self.unknown = line.strip()


def _the_long_way(text: str) -> Seen | None:
    log = DeviationLog()
    reader = BodyReader(log)
    reader.add_lines(_lines(text, log))
    return reader.seen()


def _learned(text: str) -> Skeleton | None:
    # What stands behind an entity is another one, or else it is not all of it.
    behind = rf"(?={CATEGORY_LINE}|\Z)"
    return skeleton_of(entity_pieces(text), _the_long_way, behind)


def read_body(blocks: Iterable[str], log: DeviationLog) -> Message | None:
    """Reads the blocks of a text/plain body; None when they hold no OCCI field at all.

    Unknown lines among OCCI lines are recorded as deviations; field errors raise RenderingError.
    """
    reader = BodyReader(log)
    begins_blank = None
    for block in blocks:
        if begins_blank is None:
            begins_blank = block[:1] in _BLANKS and not re.split(r"[\r\n]", block, maxsplit=1)[0].strip()
        reader.add_text(block)
    message = reader.message()
    if not reader.has_fields:
        return None
    if begins_blank:
        log.note("blank-first-line", "body", "the body begins with an empty line")
    if reader.unknown:
        log.note("unknown-field", "body", f"the line {excerpt(reader.unknown)} is no OCCI field")
    return message


def _field(name: str, log: DeviationLog) -> str | None:
    lower = name.lower()
    if lower in RENAMED_FIELDS:
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


def _lines(text: str, log: DeviationLog) -> list[str]:
    """Splits a text into lines and puts those together that are continued; empty ones may be among them."""
    lines = text.removesuffix("\n").split("\n")
    # Looking for "\n " in the text would take longer than reading all fields in it.
    is_folded = min(lines) < "!" and any(line[:1] in _BLANKS[:2] for line in lines)
    if is_folded or ("\\" in text and _CONTINUED.search(text)):
        return _unfold(lines, log)
    return lines


def _unfold(lines: list[str], log: DeviationLog) -> list[str]:
    unfolded: list[list[str]] = []
    open_end = False
    for line in lines:
        if not line.strip(" \t"):
            continue
        begins_field = line.partition(":")[0].strip().strip('"').lower() in FIELD_NAMES
        folded = line[0] in " \t" and not begins_field
        ending = line.rstrip(" \t")
        part = ending[:-1] if ending.endswith("\\") else line
        if unfolded and (open_end or folded):
            unfolded[-1].append(part.strip())
        else:
            unfolded.append([part.rstrip(" \t")])
        open_end = ending.endswith("\\")
        if open_end:
            log.note("backslash-continuation", "body", "a line is continued with a backslash")
    return [" ".join(parts) for parts in unfolded]
