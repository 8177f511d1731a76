"""Splits the values of Category and Link fields into items and parameters, each with its place, and says what is wrong in between."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from OcciLibrary.lint.findings import FindingLog, quoted
from OcciLibrary.lint.text_fields import Field
from OcciLibrary.occi.text_items import QUOTED, TOKEN, unquote

_PAIR = 'name="value"'
_ENDS_EARLY = re.compile(rf"=[ \t]*{QUOTED}(?=[^\s;,])")


@dataclass(frozen=True, slots=True)
class Word:
    """Holds a piece of a value as written, and where in the text it begins."""

    text: str
    begin: int

    @property
    def end(self) -> int:
        """Gives where it ends."""
        return self.begin + len(self.text)

    @property
    def is_quoted(self) -> bool:
        """Tells whether it stands in quotes."""
        return self.text[:1] == '"'

    @property
    def value(self) -> str:
        """Gives it without its quotes and escapes."""
        return unquote(self.text) if self.is_quoted else self.text


@dataclass(frozen=True, slots=True)
class Parameter:
    """Holds a parameter; ``name`` as written."""

    name: Word
    value: Word


@dataclass(slots=True)
class Item:
    """Holds one item of a list: its term or target (None when there is none) and its parameters."""

    begin: int
    end: int
    head: Word | None = None
    parameters: list[Parameter] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Tells whether there are parameters of all these names."""
        return {*names} <= {parameter.name.text.lower() for parameter in self.parameters}


def list_items(source: Field, log: FindingLog) -> list[Item]:
    """Gives the items of a Category or Link value; what cannot be read any further ends the value."""
    splitter = _Splitter(source, log)
    for match in TOKEN.finditer(source.value):
        if not splitter.take(match):
            break
    return splitter.items


class _Splitter:
    """Builds items from tokens; ``before`` is the separator before the current token, or empty."""

    def __init__(self, source: Field, log: FindingLog) -> None:
        self.items: list[Item] = []
        self._source = source
        self._log = log
        self._item: Item | None = None
        self._before = ","
        self._separator_at = source.begin

    def take(self, match: re.Match[str]) -> bool:
        """Takes a token; gives False when nothing can be read behind it."""
        name, _, uri, quoted_text, word, separator, lone, bad = match.groups(default="")
        offset = self._source.begin
        if bad:
            unreadable(self._source, match.start(8), self._log, f"{_PAIR} pairs separated by semicolons")
            return False
        if name:
            value = Word(match[2], offset + match.start(2))
            self._parameter(Parameter(Word(name, offset + match.start(1)), value))
        elif quoted_text:
            self._quoted_pair(Word(quoted_text, offset + match.start(4)))
        elif uri or word:
            group = 3 if uri else 5
            self._head(Word(match[group], offset + match.start(group)))
        else:
            self._gap(lone, offset + match.end())
        self._end_token(separator or lone, offset + match.end())
        return True

    def _begin(self, begin: int, end: int) -> Item:
        if self._item is None:
            self._item = Item(begin, end)
        self._item.end = end
        return self._item

    def _parameter(self, parameter: Parameter) -> None:
        if not self._before:
            words = f"no semicolon stands in front of {quoted(parameter.name.text)}"
            self._log.add("missing-semicolon", parameter.name.begin, parameter.name.end, words, "a semicolon")
        self._begin(parameter.name.begin, parameter.value.end).parameters.append(parameter)

    def _quoted_pair(self, whole: Word) -> None:
        name, equals, text = whole.value.partition("=")
        if not equals or not name.strip():
            words = f"{quoted(whole.text)} has no name"
            self._log.add("misplaced-word", whole.begin, whole.end, words, f"a parameter {_PAIR}")
            return
        words = f"the quotes enclose the whole parameter {quoted(whole.value)}"
        self._log.add("quote-around-param", whole.begin, whole.end, words, f'{name.strip()}="{text.strip()}"')
        inner = whole.begin + 1
        value = Word(f'"{text.strip()}"', inner + len(name) + 1)
        self._parameter(Parameter(Word(name.strip(), inner), value))

    def _head(self, word: Word) -> None:
        if self._item is not None and self._item.head is not None and self._is_complete_category():
            words = f"the category {quoted(word.text)} follows another one without a comma"
            self._log.add("semicolon-separated-categories", word.begin, word.end, words, "a comma before it")
            self._close()
        if self._item is not None:
            words = f"{quoted(word.text)} is out of place"
            self._log.add("misplaced-word", word.begin, word.end, words, f"a parameter {_PAIR}")
            return
        self._begin(word.begin, word.end).head = word

    def _gap(self, separator: str, end: int) -> None:
        """Takes a separator without anything in front of it, or the end of the value."""
        if self._before == ";":
            at = self._separator_at
            words = "a semicolon stands where no parameter follows"
            self._log.add("trailing-semicolon", at - 1, at, words, "a parameter, or nothing")
        elif self._before == ",":
            note_empty_item(self._source, max(self._separator_at - 1, self._source.begin), end, self._log)
        if not separator:
            self._close()

    def _end_token(self, separator: str, end: int) -> None:
        self._before, self._separator_at = separator, end
        if separator == ",":
            self._close()

    def _close(self) -> None:
        if self._item is not None:
            self.items.append(self._item)
        self._item = None

    def _is_complete_category(self) -> bool:
        return (
            self._source.name == "Category" and self._item is not None and self._item.has("scheme", "class")
        )


def note_empty_item(source: Field, begin: int, end: int, log: FindingLog) -> None:
    """Records that a list has an empty item, or that the whole value is empty."""
    if not source.value.strip():
        words = f"{source.name} has no value"
        log.add("missing-value", source.begin, source.end, words, f"a value of {source.name}")
    else:
        log.add(
            "empty-list-item",
            begin,
            end,
            f"the list of {source.name} has an empty item",
            "a value, or no comma",
        )


def unreadable(source: Field, position: int, log: FindingLog, expected: str) -> None:
    """Records that a value cannot be read from a position on, and why, as far as that can be told."""
    value = source.value
    rest = value[position:]
    begin = source.begin + position + len(rest) - len(rest.lstrip())
    lone = _lone_quote(value)
    if lone is not None:
        at = source.begin + lone
        words = "a quote is not closed, or a quote inside a value is not escaped"
        log.add("unclosed-quote", at, source.end, words, "a closing quote")
        return
    inner = _ENDS_EARLY.search(rest)
    if inner is not None:
        at = source.begin + position + inner.end() - 1
        words = "a quote inside a value is not escaped, so that the value ends there"
        log.add("unclosed-quote", at, at + 1, words, r"\"")
        return
    log.add("unreadable", begin, source.end, f"{quoted(rest.strip())} cannot be read", expected)


def _lone_quote(value: str) -> int | None:
    """Gives where the quote that opens a string without end stands, or None when all are closed."""
    opened: int | None = None
    for mark in re.finditer(r'\\.|"', value, re.DOTALL):
        if mark[0] == '"':
            opened = mark.start() if opened is None else None
    return opened
