"""Reads entities that are alike, as most of a long listing are, in one step each.

A *skeleton* is the text of one entity without its values: a pattern in which all that says what the entity is made of
(categories, relations, the names of attributes) is literal, with a *slot* wherever the values of alike entities differ.
Behind it stands a *recipe* (skeleton_recipes): where each of these values belongs in the model. What does not match is
read the long way, by the reader of its rendering.

A skeleton must read as the long way does. To that end

- a slot takes only what the long way passes on as it stands; the modules that choose the slots see to that
  (text_skeletons, json_skeletons);
- the recipe is not worked out from the rules of the rendering but found by trial: the entity is read the long way with
  a mark in each slot, and the recipe says where the marks came out;
- of the entity that it was learned from a skeleton must give what the long way gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from OcciLibrary.occi.deviations import Notes
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.model import Category, Resource
from OcciLibrary.occi.skeleton_recipes import Recipe, holds_marks, mark, recipe

MOST = 8
"""How many skeletons are kept at once."""
LONGEST = 20_000
"""How long, in characters, an entity may be from which a skeleton is made."""
NUMBER = r"(?:0|[1-9][0-9]{0,16})(?:\.[0-9]{1,17})?"
WORTH_IT = 200_000
"""How many characters are read the long way before a lesson: making a skeleton takes as long as reading twice as many."""
GROWTH = 4
"""How many times longer it takes to the next lesson, each time that the last one did not pay."""
# To try a skeleton in vain costs a fifth of what it saves where it matches. One that costs more than it saves is dropped.
_FIRST_CREDIT = 20
_MOST_CREDIT = 200
_EARNED = 5


class Slot(NamedTuple):
    """Stands in a skeleton for what differs: its pattern, which is NUMBER for numbers, and what stood there.

    A slot with the ``name`` of an earlier one takes only what stands in that.
    """

    pattern: str
    seen: str
    name: str = ""


class Seen(NamedTuple):
    """What the long way makes of the text of an entity; ``categories`` are its kind, its mixins and what else it shows."""

    resource: Resource
    categories: tuple[Category, ...] = ()
    notes: Notes = ()


Pieces = Sequence[str | Slot]
LongWay = Callable[[str], Seen | None]
"""Reads a text; gives None, or raises RenderingError, where it is not that of one entity."""


class Skeleton:
    """The text of an entity without its values; ``notes`` are the deviations that each such entity has."""

    def __init__(self, pattern: str, how: Recipe, seen: Seen, line_ends: int) -> None:
        self.categories = seen.categories
        self.notes = seen.notes
        self.resource = how.resource
        self.credit = _FIRST_CREDIT
        self.pattern = pattern
        self._match = re.compile(pattern).match
        self._line_ends = line_ends

    def match(self, text: str, position: int) -> re.Match[str] | None:
        """Matches such an entity at a position."""
        match = self._match(text, position)
        if match is None:
            return None
        # What no value may hold but a slot for text takes is so rare that looking for it afterwards is the fastest:
        # escapes, and line ends.
        begin, end = match.span()
        if text.count("\n", begin, end) != self._line_ends or text.find("\\", begin, end) >= 0:
            return None
        return match


def skeleton_of(pieces: Pieces, long_way: LongWay, behind: str = "") -> Skeleton | None:
    """Makes the skeleton of the text that the pieces add up to; None where it would not read as the long way does.

    ``behind`` is a pattern of what must follow.
    """
    drawn = _Drawing(pieces)
    if drawn.is_contradictory or holds_marks(drawn.text) or "\\" in drawn.text:
        return None
    try:
        seen, with_marks = long_way(drawn.text), long_way(drawn.marked)
    except RenderingError:
        return None
    if seen is None or with_marks is None or seen.notes != with_marks.notes:
        return None
    how = recipe(with_marks.resource, drawn.are_numbers)
    if how is None:
        return None
    skeleton = Skeleton(drawn.pattern + behind, how, with_marks, drawn.text.count("\n"))
    return skeleton if _reads_as(skeleton, drawn.text, seen) else None


class _Drawing:
    """The pieces put together: as they stood, with marks in the slots, and as a pattern."""

    def __init__(self, pieces: Pieces) -> None:
        self.text = self.marked = self.pattern = ""
        self.are_numbers: list[bool] = []
        # Whether two slots of one name hold different values.
        self.is_contradictory = False
        self._named: dict[str, tuple[int, str]] = {}
        for piece in pieces:
            if isinstance(piece, Slot):
                self._add_slot(piece)
            else:
                self.text += piece
                self.marked += piece
                self.pattern += re.escape(piece)

    def _add_slot(self, slot: Slot) -> None:
        place, seen = self._named.get(slot.name, (len(self.are_numbers), slot.seen))
        if place == len(self.are_numbers):
            self.are_numbers.append(slot.pattern == NUMBER)
            self.pattern += f"(?P<slot{place}>{slot.pattern})"
            if slot.name:
                self._named[slot.name] = place, seen
        else:
            self.pattern += f"(?P=slot{place})"
            self.is_contradictory |= seen != slot.seen
        self.text += slot.seen
        self.marked += mark(place, self.are_numbers[place])


def _reads_as(skeleton: Skeleton, text: str, seen: Seen) -> bool:
    match = skeleton.match(text, 0)
    # Not ==, for which 1, 1.0 and true are the same.
    return (
        match is not None
        and repr(skeleton.resource(match.groups())) == repr(seen.resource)
        and repr(skeleton.categories) == repr(seen.categories)
    )


class Skeletons:
    """Keeps the skeletons that were matched last, a few, and learns new ones.

    ``learn`` makes the skeleton of the text of one entity, or gives None where it cannot.
    """

    def __init__(self, learn: Callable[[str], Skeleton | None]) -> None:
        self._learn = learn
        self.forget()

    def forget(self) -> None:
        """Begins anew, as if nothing had been read yet."""
        # Never changed but replaced, for several threads may read.
        self.kept: tuple[Skeleton, ...] = ()
        self.read_the_long_way = 0
        self._wait = WORTH_IT
        self._next_lesson = WORTH_IT
        self._last: Skeleton | None = None

    def match(self, text: str, position: int = 0) -> tuple[Skeleton, re.Match[str]] | None:
        """Finds the skeleton that an entity at a position matches."""
        kept = self.kept
        for skeleton in kept:
            match = skeleton.match(text, position)
            if match is not None:
                skeleton.credit = min(skeleton.credit + _EARNED, _MOST_CREDIT)
                if skeleton is not kept[0]:
                    self._keep(skeleton)
                return skeleton, match
            skeleton.credit -= 1
            if skeleton.credit < 0:
                self.kept = tuple([other for other in self.kept if other is not skeleton])
        return None

    def is_lesson_due(self, length: int) -> bool:
        """Takes how much was read the long way, and tells whether it is time to learn from it.

        Lessons that do not pay become rare, so that learning takes a small part of the time, whatever a site sends.
        """
        self.read_the_long_way += length
        if self.read_the_long_way < self._next_lesson:
            return False
        if self._last is not None:
            self._wait = WORTH_IT if self._last.credit > _FIRST_CREDIT else self._wait * GROWTH
        self._next_lesson = self.read_the_long_way + self._wait
        return True

    def learn(self, text: str) -> None:
        """Makes the skeleton of an entity that matched none."""
        self._last = self._learn(text) if len(text) <= LONGEST else None
        if self._last is not None:
            self._keep(self._last)

    def _keep(self, skeleton: Skeleton) -> None:
        others = [other for other in self.kept if other is not skeleton]
        self.kept = (skeleton, *others[: MOST - 1])
