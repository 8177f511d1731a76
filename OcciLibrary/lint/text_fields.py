"""Finds the OCCI fields of a body or a header, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from OcciLibrary.lint.document import Document, Header
from OcciLibrary.lint.findings import FindingLog, quoted
from OcciLibrary.occi.text_reading import FIELD_NAMES, RENAMED_FIELDS

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\n|\r|\Z)")
_FIELD = re.compile(r'(?P<blank>[ \t]*)(?P<quote>"?)(?P<name>[A-Za-z-]+)(?P=quote)[ \t]*:[ \t]*')
_FIELD_INSIDE = re.compile(r"X-OCCI-Location:", re.IGNORECASE)
_OCCI_LINES = "a line that begins with Category, Link, X-OCCI-Attribute or X-OCCI-Location"


@dataclass(frozen=True, slots=True)
class Field:
    """Holds one field: its canonical name, and its value, which begins at ``begin`` in the text.

    The value of a folded field reaches over its lines: what ends a line in it is blanks, so that all offsets hold.
    """

    name: str
    value: str
    begin: int
    in_header: bool = False

    @property
    def end(self) -> int:
        """Gives where the value ends in the text."""
        return self.begin + len(self.value)


@dataclass(slots=True)
class _Draft:
    """Holds where a field begins and ends while its lines are read, and where backslashes continue them."""

    name: str
    begin: int
    end: int
    marks: list[int] = field(default_factory=list)

    def field(self, text: str) -> Field:
        """Gives the field: what ends a line in it, and what continues one, is blanks."""
        pieces, position = [], self.begin
        for mark in self.marks:
            pieces += [text[position:mark], " "]
            position = mark + 1
        value = "".join([*pieces, text[position : self.end]])
        return Field(self.name, re.sub(r"[\r\n]", " ", value).rstrip(" \t"), self.begin)


def body_fields(text: str, begin: int, log: FindingLog) -> list[Field]:
    """Gives the fields of a text/plain body that begins at an offset, and records what is wrong with its lines."""
    found: list[_Draft] = []
    is_open = is_first = True
    continued = False
    for line in _lines(text, begin):
        content = line[1]
        if not content.strip():
            if is_first:
                log.add("blank-first-line", line.start(1), line.end(1), "the body begins with an empty line")
            is_first = continued = False
            continue
        is_first = False
        ends_open = content.rstrip().endswith("\\")
        name = _field_at(text, line.start(1), line.end(1))
        if found and is_open and (continued or (name is None and content[0] in " \t")):
            if not continued:
                words = "the line goes on with the field of the line before"
                log.add("folded-line", line.start(1), line.end(1), words, "one line for each field")
            found[-1].end = line.end(1)
        elif name is None:
            is_open = False
            log.add(
                "unknown-field", *_stripped(line), f"the line {quoted(content)} is no OCCI field", _OCCI_LINES
            )
        else:
            is_open = True
            _check_name(name, log)
            found.append(_Draft(FIELD_NAMES[name["name"].lower()], name.end(), line.end(1)))
        if ends_open:
            mark = line.start(1) + len(content.rstrip()) - 1
            log.add(
                "backslash-continuation",
                mark,
                mark + 1,
                "a backslash continues the line",
                "one line for each field",
            )
            if found and is_open:
                found[-1].marks.append(mark)
        continued = ends_open
    return [draft.field(text) for draft in found]


def header_fields(document: Document, log: FindingLog) -> list[Field]:
    """Gives the OCCI fields among the headers of a message, and records what is wrong with them as headers."""
    found = []
    for header in document.headers:
        name = FIELD_NAMES.get(header.name.lower())
        if name is None:
            continue
        if header.name.lower() in RENAMED_FIELDS:
            _renamed(header.name, name, header.begin, log)
        _check_header(header, document.text, log)
        found.append(Field(name, header.value, header.value_begin, in_header=True))
    return found


def _check_header(header: Header, text: str, log: FindingLog) -> None:
    odd = re.search(r"[^\x00-\x7f]+", header.value)
    if odd:
        begin = header.value_begin + odd.start()
        words = f"the header {header.name} holds characters beyond ASCII"
        log.add(
            "non-ascii-header",
            begin,
            begin + len(odd[0]),
            words,
            "ASCII, or text/plain or JSON for such a value",
        )
    fold = re.search(r"[\r\n]+[ \t]*", text[header.value_begin : header.end])
    if fold:
        begin = header.value_begin + fold.end()
        words = f"the header {header.name} goes on in the next line"
        log.add("folded-line", begin, header.end, words, "one line for each field")


def _lines(text: str, begin: int) -> Iterator[re.Match[str]]:
    while begin < len(text):
        line = _LINE.match(text, begin)
        assert line is not None
        yield line
        begin = line.end()


def _stripped(line: re.Match[str]) -> tuple[int, int]:
    content = line[1]
    return line.start(1) + len(content) - len(content.lstrip()), line.start(1) + len(content.rstrip())


def _field_at(text: str, begin: int, end: int) -> re.Match[str] | None:
    match = _FIELD.match(text, begin, end)
    return match if match is not None and match["name"].lower() in FIELD_NAMES else None


def _check_name(field: re.Match[str], log: FindingLog) -> None:
    if field["blank"]:
        log.add(
            "leading-blank",
            field.start(),
            field.end("blank"),
            "the line begins with a blank",
            "the field's name",
        )
    if field["quote"]:
        words = f"the name {field['name']} is in quotes"
        log.add("quoted-field-name", field.end("blank"), field.end("name") + 1, words, f"{field['name']}:")
    if field["name"].lower() in RENAMED_FIELDS:
        _renamed(field["name"], FIELD_NAMES[field["name"].lower()], field.start("name"), log)


def _renamed(seen: str, name: str, begin: int, log: FindingLog) -> None:
    log.add("renamed-field", begin, begin + len(seen), f"the field is called {seen}", f"{name}:")


def split_locations(field: Field, log: FindingLog) -> Field:
    """Gives a field of locations with commas for the field names that stand inside it where line ends should be."""
    if "-OCCI-Location" not in field.value:
        return field

    def parted(inside: re.Match[str]) -> str:
        begin = field.begin + inside.start()
        words = "no line ends between two locations"
        log.add("missing-line-end", begin, begin + len(inside[0]), words, "a line end")
        return "," + " " * (len(inside[0]) - 1)

    return Field(field.name, _FIELD_INSIDE.sub(parted, field.value), field.begin, field.in_header)
