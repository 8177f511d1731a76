"""Reads the header of an HTTP answer, bounded in bytes, fields and interim answers.

http.client allows a hundred fields, which a discovery in text/occi passes, and interim answers without end.
"""

from __future__ import annotations

import http.client
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from OcciLibrary.occi.errors import excerpt

MAXIMUM_FIELDS = 10_000
MAXIMUM_BYTES = 4 * 1024 * 1024
_MAXIMUM_INTERIM = 20
_MAXIMUM_FRAMING = 20
_STATUS_LINE = re.compile(rb"HTTP/[0-9.]+[ \t]+([1-9][0-9][0-9])(?![0-9])")
_NAME = re.compile(r"[!-9;-~]+")
# What http.client decides by where an answer ends and whether the connection lives on.
_FRAMING = (b"transfer-encoding:", b"content-length:", b"connection:", b"keep-alive:", b"proxy-connection:")


class CutOffAnswer(http.client.HTTPException):
    """Says that a connection ended in the middle of an answer's header."""


class HeaderUnusable(http.client.HTTPException):
    """Says what is wrong with an answer's header, in words that follow "its header"."""


class WholeResponse(http.client.HTTPResponse):
    """Is an answer whose header is complete and within bounds, and in which each field stands as it came."""

    def begin(self) -> None:
        """Reads the header; the body is left to be read."""
        if self.headers is not None:
            return
        source = self.fp
        lines = _final_header(source)
        fields = list(_fields(lines[1:]))
        _check_lengths(value for name, value in fields if name.lower() == "content-length")
        framing = [line for line in lines[1:] if line.lower().startswith(_FRAMING)][:_MAXIMUM_FRAMING]
        self.fp = io.BytesIO(b"".join([lines[0], *framing, b"\r\n"]))
        try:
            super().begin()
        finally:
            self.fp = source
        self.headers = self.msg = http.client.HTTPMessage()
        for name, value in fields:
            self.headers[name] = value


def _final_header(source: Any) -> list[bytes]:
    """Returns the lines of the final answer's header; what interim answers say is passed over."""
    left = MAXIMUM_BYTES
    for _ in range(_MAXIMUM_INTERIM):
        lines = _header(source, left)
        left -= sum(map(len, lines))
        status = _STATUS_LINE.match(lines[0])
        if status is None or status[1][:1] != b"1" or status[1] == b"101":
            return lines
    raise HeaderUnusable(f"begins with more than {_MAXIMUM_INTERIM} interim answers (1xx)")


def _header(source: Any, left: int) -> list[bytes]:
    first: bytes = source.readline(left + 1)
    if not first:
        raise http.client.RemoteDisconnected("the connection was closed before any answer")
    if first.endswith(b"\n") and not _STATUS_LINE.match(first):
        # No further line is waited for: who speaks another protocol may well send none.
        raise http.client.BadStatusLine(first[:200].decode("latin-1"))
    lines: list[bytes] = []
    line = first
    while line not in (b"\r\n", b"\n"):
        left -= len(line)
        if left < 0:
            raise HeaderUnusable(f"is over {MAXIMUM_BYTES // 2**20} MB and was cut off")
        if not line.endswith(b"\n"):
            raise CutOffAnswer("the connection ended in the middle of the header")
        if len(lines) > MAXIMUM_FIELDS:
            raise HeaderUnusable(f"has more than {MAXIMUM_FIELDS} fields and was cut off")
        lines.append(line)
        line = source.readline(left + 1)
    return lines


def _check_lengths(lengths: Iterable[str]) -> None:
    """Raises HeaderUnusable where http.client would guess: it takes the first length, and one that is none for no end."""
    given = {part.strip() for value in lengths for part in value.split(",")}
    wrong = next((part for part in given if not (part.isascii() and part.isdigit() and len(part) < 20)), None)
    if wrong is not None:
        raise HeaderUnusable(f"has a Content-Length that is no length: {excerpt(wrong)}")
    if len({int(part) for part in given}) > 1:
        raise HeaderUnusable(f"has {len(given)} Content-Lengths that contradict each other")


def _fields(lines: list[bytes]) -> Iterator[tuple[str, str]]:
    """Yields names and values; folded lines are put together (RFC 7230 §3.2.4), what is no field is passed over."""
    name = ""
    parts: list[str] = []
    for line in lines:
        text = line.decode("latin-1").rstrip("\r\n")
        if text[:1] in (" ", "\t"):
            parts.append(text.strip())
            continue
        if name:
            yield name, " ".join(parts)
        before, colon, after = text.partition(":")
        name = before.strip()
        parts = [after.strip(" \t")]
        if not colon or not _NAME.fullmatch(name):
            name = ""
    if name:
        yield name, " ".join(parts)
