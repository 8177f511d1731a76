"""Splits the values of Category and Link fields into items and parameters (GFD.185 §3.5, RFC 7230 §3.2.6).

Every pattern here either advances or ends the value, so that a hostile value cannot make it slow.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt

QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
WORD = r'[^\s;,="<>\\]+'
# One step through a Category or Link value: name=value | <uri> | "quoted" | word, then a separator; or a
# separator alone; or the end; or the rest, which is malformed.
TOKEN = re.compile(
    rf'[ \t]*(?:(?:({WORD})[ \t]*=[ \t]*({QUOTED}|[^\s;,"]*)|(<[^<>]*>)|({QUOTED})|({WORD}))[ \t]*([;,]?)'
    r"|([;,])|\Z|(.+))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

Parameters = list[tuple[str, str]]


class Item(NamedTuple):
    """One item of a list: ``head`` is a term or <uri>, ``position`` its offset in the value."""

    head: str
    parameters: Parameters
    position: int


def items(field: str, value: str, log: DeviationLog) -> list[Item]:
    """Splits a Category or Link value into its list items."""
    splitter = _ItemSplitter(field, value, log)
    for match in TOKEN.finditer(value):
        name, text, uri, quoted, word, separator, lone, bad = match.groups(default="")
        if bad:
            raise malformed(field, value, len(value) - len(bad), 'name="value" pairs separated by semicolons')
        if name:
            splitter.parameter(name, text, separator, match.start(1))
        elif quoted:
            splitter.parameter(*_quoted_pair(field, quoted, log), separator, match.start(4))
        elif uri or word:
            splitter.head(uri or word, separator, max(match.start(3), match.start(5)))
        else:
            splitter.gap(lone)
    return splitter.items


class _ItemSplitter:
    """Builds list items from tokens; ``before`` is the separator before the current token, or empty."""

    def __init__(self, field: str, value: str, log: DeviationLog) -> None:
        self.items: list[Item] = []
        self._field = field
        self._value = value
        self._log = log
        self._head = ""
        self._parameters: Parameters = []
        self._position = -1
        self._before = ","

    def parameter(self, name: str, text: str, separator: str, position: int) -> None:
        if not self._before:
            self._note_missing_semicolon(name)
        self._begin(position)
        self._parameters.append((name, text))
        self._end_token(separator)

    def head(self, text: str, separator: str, position: int) -> None:
        if self._head and self._is_complete_category():
            detail = f"the category {excerpt(text)} follows another one without a comma"
            self._log.note("semicolon-separated-categories", self._field, detail)
            self._close()
        if self._head or self._parameters:
            raise RenderingError(
                f"{excerpt(text)} is out of place", self._field, position, 'a parameter name="value"'
            )
        self._begin(position)
        self._head = text
        self._end_token(separator)

    def gap(self, separator: str) -> None:
        """Takes a separator without anything in front of it, or the end of the value."""
        if self._before == ";":
            self._log.note("trailing-semicolon", self._field, "a semicolon stands where no parameter follows")
        elif self._before == ",":
            note_empty_item(self._field, self._value, self._log)
        self._end_token(separator)
        if not separator:
            self._close()

    def _begin(self, position: int) -> None:
        if self._position < 0:
            self._position = position

    def _end_token(self, separator: str) -> None:
        self._before = separator
        if separator == ",":
            self._close()

    def _close(self) -> None:
        if self._head or self._parameters:
            self.items.append(Item(self._head, self._parameters, self._position))
        self._head, self._parameters, self._position = "", [], -1

    def _note_missing_semicolon(self, name: str) -> None:
        self._log.note("missing-semicolon", self._field, f"no semicolon stands in front of {excerpt(name)}")

    def _is_complete_category(self) -> bool:
        return self._field == "Category" and {"scheme", "class"} <= {
            name.lower() for name, _ in self._parameters
        }


def _quoted_pair(field: str, quoted: str, log: DeviationLog) -> tuple[str, str]:
    name, equals, text = unquote(quoted).partition("=")
    if not equals or not name.strip():
        raise RenderingError(
            f"{excerpt(quoted)} has no name", field, expected='parameters of the form name="value"'
        )
    log.note(
        "quote-around-param", field, f"the quotes enclose the whole parameter {excerpt(unquote(quoted))}"
    )
    return name.strip(), f'"{text.strip()}"'


def unquote(text: str) -> str:
    """Takes the quotes and the escapes off a quoted-string."""
    inner = text[1:-1]
    return _ESCAPE.sub(r"\1", inner) if "\\" in inner else inner


def note_empty_item(field: str, value: str, log: DeviationLog) -> None:
    log.note("empty-list-item", field, f"the list {excerpt(value)} has an empty item")


def malformed(field: str, value: str, position: int, expected: str) -> RenderingError:
    rest = value[position:].lstrip()
    if rest[:1] == '"' or value.count('"') % 2 or rest.count('"') > 2:
        return RenderingError(
            f"a quote is not closed, or a quote inside a value is not escaped, near {excerpt(rest)}",
            field,
            position,
            expected,
        )
    return RenderingError(f"{excerpt(rest)} cannot be read", field, position, expected)
