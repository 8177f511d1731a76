"""Says how alike entities are made of their values, as it was found by trial with marks (skeletons)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from OcciLibrary.occi.model import AttributeValue, Kind, Link, Mixin, Resource
from OcciLibrary.occi.model_making import new_action_link, new_link, new_resource

_WORD = "m4rk"
_NUMBER = 7360091000
_MARKED = re.compile(_WORD + "([0-9]+)x")
# What alike entities may share: nothing that can be changed.
_SCALARS = frozenset({str, int, float, bool})

Values = Sequence[Any]
_Take = Callable[[Values], tuple[Any, ...]]


def mark(place: int, is_number: bool) -> str:
    """Gives what stands for the value of a place while a recipe is found."""
    return str(_NUMBER + place) if is_number else f"{_WORD}{place}x"


def holds_marks(text: str) -> bool:
    """Tells whether a text holds what may be taken for a mark."""
    return _WORD in text or str(_NUMBER)[:-3] in text


class _LinkRecipe(NamedTuple):
    """How a link is made: ``ends`` takes its target, self_url and title, ``values`` those of its attributes."""

    ends: _Take
    values: _Take
    names: tuple[str, ...]
    rel: tuple[str, ...]
    categories: tuple[str, ...]


class _ActionRecipe(NamedTuple):
    url: int
    action_id: str
    term: str
    title: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an entity is made of the values of its slots.

    What it is made of stands in one row: the values, then what is ``composed`` of one (what stands before it, its place,
    what stands behind), and at the end, counted from there, the ``constants``. All places are places in this row.
    """

    kind: Kind | None
    mixins: tuple[Mixin, ...]
    numbers: tuple[int, ...]
    composed: tuple[tuple[str, int, str], ...]
    constants: tuple[AttributeValue, ...]
    names: tuple[str, ...]
    values: _Take
    links: tuple[_LinkRecipe, ...]
    actions: tuple[_ActionRecipe, ...]
    location: int

    def resource(self, found: Sequence[str]) -> Resource:
        """Makes the entity of what stood in its slots."""
        row: list[Any] = list(found)
        for place in self.numbers:
            digits = row[place]
            row[place] = float(digits) if "." in digits else int(digits)
        for before, place, behind in self.composed:
            row.append(before + row[place] + behind)
        row += self.constants
        links = []
        for ends, values, names, rel, categories in self.links:
            target, self_url, title = ends(row)
            attributes = dict(zip(names, values(row), strict=True))
            links.append(new_link(target, rel, self_url, categories, attributes, title))
        actions = [
            new_action_link(row[url], type_id, term, title) for url, type_id, term, title in self.actions
        ]
        attributes = dict(zip(self.names, self.values(row), strict=True))
        return new_resource(
            self.kind, self.mixins, attributes, tuple(links), tuple(actions), row[self.location]
        )


def recipe(marked: Resource, are_numbers: Sequence[bool]) -> Recipe | None:
    """Finds the recipe in what the long way made of marks; ``are_numbers`` tells which places hold a number.

    Gives None where a value is none that alike entities can share, such as a list, or is made of several marks.
    """
    row = _Row(len(are_numbers))
    try:
        links = [_link_recipe(link, row) for link in marked.links]
        actions = [
            _ActionRecipe(row.place(action.url), action.action_id, action.term, action.title)
            for action in marked.actions
        ]
        values = row.taking(marked.attributes.values())
        location = row.place(marked.location)
    except _NoPlaceError:
        return None
    return Recipe(
        marked.kind,
        marked.mixins,
        tuple(place for place, is_number in enumerate(are_numbers) if is_number),
        tuple(row.composed),
        tuple(reversed(row.constants)),
        tuple(marked.attributes),
        values,
        tuple(links),
        tuple(actions),
        location,
    )


def _link_recipe(link: Link, row: _Row) -> _LinkRecipe:
    ends = row.taking((link.target, link.self_url, link.title))
    values = row.taking(link.attributes.values())
    return _LinkRecipe(ends, values, tuple(link.attributes), link.rel, link.categories)


class _NoPlaceError(Exception):
    """Says that a value has no place in the row."""


class _Row:
    """Gives the values that the long way made their places."""

    def __init__(self, slots: int) -> None:
        self.composed: list[tuple[str, int, str]] = []
        # From the end of the row on.
        self.constants: list[AttributeValue] = []
        self._slots = slots

    def place(self, value: AttributeValue) -> int:
        if type(value) is int and 0 <= value - _NUMBER < self._slots:
            return value - _NUMBER
        if type(value) not in _SCALARS:
            raise _NoPlaceError
        marks = list(_MARKED.finditer(value)) if isinstance(value, str) else []
        if len(marks) > 1:
            raise _NoPlaceError
        if not marks:
            self.constants.append(value)
            return -len(self.constants)
        assert isinstance(value, str)
        begin, end = marks[0].span()
        place = int(marks[0][1])
        if (begin, end) == (0, len(value)):
            return place
        self.composed.append((value[:begin], place, value[end:]))
        return self._slots + len(self.composed) - 1

    def taking(self, values: Iterable[AttributeValue]) -> _Take:
        """Gives the function that takes such values out of a row."""
        places = [self.place(value) for value in values]
        if len(places) > 1:
            return itemgetter(*places)
        return lambda row: tuple([row[place] for place in places])
