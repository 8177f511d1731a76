"""What there is to look at: a body alone, a header block, or a recorded message, recognised and taken apart with its offsets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST
from OcciLibrary.occi.text_reading import FIELD_NAMES
from OcciLibrary.occi.transport import Answer

Direction = Literal["", "request", "response"]
MEDIA_TYPES = (TEXT_PLAIN, TEXT_OCCI, URI_LIST, OCCI_JSON)
JSON_TYPES = (OCCI_JSON, "application/json")
PLAIN_TYPES = (TEXT_PLAIN, "text/occi+plain")

_START = re.compile(
    r"(?:HTTP/[0-9](?:\.[0-9])?[ \t]+(?P<status>[0-9]{3})\b|(?P<method>[A-Z]{2,10}) \S+ HTTP/)[^\r\n]*"
)
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*)", re.DOTALL)
_DRAFT_JSON = re.compile(r"application/occi-[a-z]+\+json")
_A_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BY_SUFFIX = {".json": OCCI_JSON, ".uri-list": URI_LIST, ".uris": URI_LIST}


@dataclass(frozen=True, slots=True)
class Header:
    """Holds one header field: its name as written, its value, and where in the text both begin."""

    name: str
    value: str
    begin: int
    value_begin: int

    @property
    def end(self) -> int:
        """Gives where the value ends."""
        return self.value_begin + len(self.value)


@dataclass(frozen=True, slots=True)
class Document:
    """Holds a text and how it is to be taken.

    ``media_type`` is in lower case and without parameters, '' when nothing tells it; ``headers`` are those of a recorded message
    or a header block; the body is the text from ``body`` on, None when there is none. ``status`` is 0 when it is not known.
    """

    text: str
    media_type: str
    headers: tuple[Header, ...] = ()
    body: int | None = 0
    direction: Direction = ""
    status: int = 0

    def header(self, name: str) -> Header | None:
        """Gives the first header field of a name, in any case of letters."""
        return next((header for header in self.headers if header.name.lower() == name.lower()), None)


def taken_apart(text: str, media_type: str = "", name: str = "", direction: Direction = "") -> Document:
    """Gives a text as a document.

    A recorded message is known by its first line. Else ``media_type`` decides, then the suffix of the file's ``name``, then what
    the text looks like. A media type that is given wins over a recorded Content-Type.
    """
    begin = len(text) - len(text.lstrip("\r\n"))
    start = _START.match(text, begin)
    if start is not None:
        return _recorded(text, start, media_type)
    chosen = media_type or _BY_SUFFIX.get(PurePath(name).suffix.lower(), "") or _looks_like(text)
    if chosen != TEXT_OCCI:
        return Document(text, chosen, direction=direction)
    headers, body = _headers(text, begin)
    return Document(text, TEXT_OCCI, headers, body, direction)


def answer_text(answer: Answer) -> tuple[str, bool]:
    """Gives an answer as a text, as ``curl -i`` prints it, and whether its body is UTF-8; else it is shown as Latin-1."""
    head = [f"HTTP/1.1 {answer.status} {answer.reason}".rstrip()]
    head += [f"{name}: {' '.join(value.splitlines())}" for name, value in answer.headers]
    body, is_utf_8 = decoded(answer.body)
    return "\n".join([*head, "", body]), is_utf_8


def decoded(data: bytes) -> tuple[str, bool]:
    """Gives bytes as text without a byte order mark, and whether they are UTF-8; else they are read as Latin-1."""
    try:
        return data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return data.decode("latin-1"), False


def media_type_of(content_type: str) -> str:
    """Gives the media type of a Content-Type: in lower case, the first one of a list; JSON for those of the drafts."""
    media_type = content_type.partition(",")[0].partition(";")[0].strip().lower()
    return OCCI_JSON if _DRAFT_JSON.fullmatch(media_type) else media_type


def is_draft(content_type: str) -> bool:
    """Tells whether a Content-Type is one of the drafts of the JSON rendering."""
    return _DRAFT_JSON.fullmatch(content_type.partition(";")[0].strip().lower()) is not None


def _recorded(text: str, start: re.Match[str], media_type: str) -> Document:
    headers, body = _headers(text, _next_line(text, start.end()))
    while start["status"] and start["status"].startswith("1") and body is not None:
        following = _START.match(text, body)  # 100 Continue comes with a head of its own
        if following is None:
            break
        start = following
        headers, body = _headers(text, _next_line(text, start.end()))
    content_type = next((header.value for header in headers if header.name.lower() == "content-type"), "")
    direction: Direction = "response" if start["status"] else "request"
    status = int(start["status"] or 0)
    chosen = media_type or media_type_of(content_type)
    if not chosen:
        rest = text[body:] if body is not None else ""
        chosen = TEXT_OCCI if rest.strip() in ("", "OK") and has_occi_fields(headers) else _looks_like(rest)
    return Document(text, chosen, headers, body, direction, status)


def has_occi_fields(headers: Iterable[Header]) -> bool:
    """Tells whether there is a field that only OCCI uses among headers; Link and Location have other uses."""
    return any(header.name.lower() in FIELD_NAMES.keys() - {"link", "location"} for header in headers)


def _next_line(text: str, position: int) -> int:
    if text.startswith("\r\n", position):
        return position + 2
    return min(position + 1, len(text))


def _headers(text: str, position: int) -> tuple[tuple[Header, ...], int | None]:
    """Gives the header fields from a position on, and where the body begins, if an empty line says that there is one.

    The value of a folded field reaches over its lines: its line ends are blanks, so that all offsets hold.
    """
    drafts: list[tuple[str, int, int, int]] = []
    body: int | None = None
    while position < len(text):
        line = _LINE.match(text, position)
        assert line is not None
        if not line[1].strip():
            body = line.end()
            break
        if line[1][0] in " \t" and drafts:
            drafts[-1] = (*drafts[-1][:3], line.end(1))
        elif field := _HEADER.fullmatch(line[1]):
            drafts.append((field[1], position, position + field.start(2), line.end(1)))
        position = line.end()
    return tuple(_header(text, *draft) for draft in drafts), body


def _header(text: str, name: str, begin: int, value_begin: int, end: int) -> Header:
    value = text[value_begin:end].rstrip()
    return Header(name, re.sub(r"[\r\n]", " ", value), begin, value_begin)


def _looks_like(text: str) -> str:
    """Gives the media type that a text looks like; text/plain for all that looks like nothing else."""
    stripped = text.lstrip()
    if stripped[:1] in ("{", "["):
        return OCCI_JSON
    lines = [line.strip() for line in stripped[:4000].splitlines()]
    first = next((line for line in lines if line and line[0] != "#"), "")
    if _A_URI.match(first):
        return URI_LIST
    names = [line.partition(":")[0].strip().lower() for line in lines if _HEADER.fullmatch(line)]
    is_block = any(name in FIELD_NAMES for name in names) and any(name in _HTTP_ONLY for name in names)
    return TEXT_OCCI if is_block else TEXT_PLAIN


# Fields that tell a header block from a body: no body has them.
_HTTP_ONLY = frozenset(
    {"content-type", "server", "date", "content-length", "host", "accept", "user-agent", "connection"}
)
