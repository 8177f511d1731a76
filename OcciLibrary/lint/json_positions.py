"""Parses JSON by the letter of RFC 8259 and keeps where everything stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from OcciLibrary.occi.json_parsing import MAXIMUM_DEPTH, MAXIMUM_DIGITS

Sort = Literal["object", "array", "string", "number", "boolean", "null"]

_BLANKS = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*)*"')
_UNTIL_ERROR = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*)*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z.])")
_WORDS: dict[str, tuple[Sort, Any]] = {
    "true": ("boolean", True),
    "false": ("boolean", False),
    "null": ("null", None),
}
_WORD = re.compile(r"[A-Za-z]+")


class NotJson(Exception):
    """Says where a text is no JSON (offsets), what is there, and what is due."""

    def __init__(self, begin: int, end: int, seen: str, expected: str) -> None:
        super().__init__(seen)
        self.begin, self.end, self.seen, self.expected = begin, end, seen, expected


@dataclass(slots=True)
class Node:
    """Holds one value: ``value`` of what is no object and no array, ``members`` of an object, in their order, ``items`` of an array."""

    sort: Sort
    begin: int
    end: int = 0
    value: Any = None
    members: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def member(self, name: str) -> Node | None:
        """Gives the value of a member, the last one where several have the name."""
        return next((value for key, value in reversed(self.members) if key.value == name), None)

    def names(self) -> set[str]:
        """Gives the names of the members."""
        return {key.value for key, _ in self.members}


def parse(text: str, begin: int) -> Node:
    """Gives the document that a text holds from an offset on. Raises `NotJson`, also for what is nested too deep."""
    parser = _Parser(text)
    node, end = parser.value(parser.skip(begin), 0)
    end = parser.skip(end)
    if end != len(text):
        raise NotJson(end, len(text), "something follows the document", "the end")
    return node


def nodes(node: Node) -> Iterator[Node]:
    """Yields a node and all below it."""
    waiting = [node]
    while waiting:
        this = waiting.pop()
        yield this
        waiting += this.items
        for pair in this.members:
            waiting += pair


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text

    def skip(self, position: int) -> int:
        return _BLANKS.match(self._text, position).end()  # type: ignore[union-attr]

    def value(self, position: int, depth: int) -> tuple[Node, int]:
        if depth > MAXIMUM_DEPTH:
            raise NotJson(
                position,
                position + 1,
                "objects and arrays are nested too deep",
                f"at most {MAXIMUM_DEPTH} levels",
            )
        first = self._text[position : position + 1]
        if first == "{":
            return self._object(position, depth)
        if first == "[":
            return self._array(position, depth)
        if first == '"':
            return self._string(position)
        word = _WORD.match(self._text, position)
        if word is not None and word[0] in _WORDS:
            sort, value = _WORDS[word[0]]
            return Node(sort, position, word.end(), value), word.end()
        number = _NUMBER.match(self._text, position)
        if number is None:
            raise self._unexpected(position, "a value")
        return Node("number", position, number.end(), _number(number)), number.end()

    def _object(self, begin: int, depth: int) -> tuple[Node, int]:
        node = Node("object", begin)
        position = self.skip(begin + 1)
        while self._text[position : position + 1] != "}" or node.members:
            if self._text[position : position + 1] != '"':
                raise self._unexpected(position, "the name of a member, in double quotes")
            key, position = self._string(position)
            position = self.skip(position)
            if self._text[position : position + 1] != ":":
                raise self._unexpected(position, "a colon behind the name of the member")
            value, position = self.value(self.skip(position + 1), depth + 1)
            node.members.append((key, value))
            position, is_last = self._separator(position, "}")
            if is_last:
                break
        node.end = position + 1
        return node, position + 1

    def _array(self, begin: int, depth: int) -> tuple[Node, int]:
        node = Node("array", begin)
        position = self.skip(begin + 1)
        while self._text[position : position + 1] != "]" or node.items:
            item, position = self.value(position, depth + 1)
            node.items.append(item)
            position, is_last = self._separator(position, "]")
            if is_last:
                break
        node.end = position + 1
        return node, position + 1

    def _separator(self, position: int, closing: str) -> tuple[int, bool]:
        position = self.skip(position)
        mark = self._text[position : position + 1]
        if mark == closing:
            return position, True
        if mark != ",":
            raise self._unexpected(position, f"a comma or {closing}")
        return self.skip(position + 1), False

    def _string(self, position: int) -> tuple[Node, int]:
        match = _STRING.match(self._text, position)
        if match is None:
            broken = _UNTIL_ERROR.match(self._text, position)
            assert broken is not None
            at = broken.end()
            seen = self._text[at : at + 2]
            words = "a string without end" if not seen else f"{seen!a} cannot stand in a string like this"
            raise NotJson(at, at + len(seen), words, "a closing quote" if not seen else "an escape of JSON")
        text = match[0]
        value = json.loads(text) if "\\" in text else text[1:-1]
        return Node("string", position, match.end(), value), match.end()

    def _unexpected(self, position: int, expected: str) -> NotJson:
        seen = self._text[position : position + 20].split("\n")[0]
        words = f"{seen!a} stands there" if seen else "the text ends there"
        return NotJson(position, position + 1, words, expected)


def _number(match: re.Match[str]) -> int | float:
    text = match[0]
    if len(text) > MAXIMUM_DIGITS:
        raise NotJson(
            match.start(), match.end(), f"a number has {len(text)} characters", f"at most {MAXIMUM_DIGITS}"
        )
    return int(text) if text.lstrip("-").isdigit() else float(text)
