"""Reads and writes text/uri-list (RFC 2483 §5, GFD.185 §3.6.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from OcciLibrary.occi.errors import RenderingError, excerpt

_URI_REFERENCE = re.compile(r'(?:[A-Za-z][A-Za-z0-9+.-]*:|/)[^\s"<>\\\x00-\x20\x7f]*')


def read_uri_list(blocks: Iterable[str]) -> tuple[str, ...]:
    """Gives the URIs of a list, comments and empty lines left out, in their order; each block ends where a line ends.

    Raises RenderingError for a line that is no URI, with the offset of that line in the body.
    """
    found: list[str] = []
    begin = 0
    for block in blocks:
        text = block.replace("\r\n", "\n").replace("\r", "\n") if "\r" in block else block
        uris = [uri for uri in map(str.strip, text.split("\n")) if uri and uri[0] != "#"]
        for uri in uris:
            if not _URI_REFERENCE.fullmatch(uri):
                raise _refusal(uri, begin + _position(uri, block))
        found += uris
        begin += len(block)
    return tuple(found)


def write_uri_list(uris: Iterable[str]) -> bytes:
    """Writes one URI per line, ended by CRLF as RFC 2483 asks; raises RenderingError for what is no URI."""
    return "".join(_checked(uri) + "\r\n" for uri in uris).encode("utf-8")


def _checked(uri: str) -> str:
    if not _URI_REFERENCE.fullmatch(uri):
        raise _refusal(uri, None)
    return uri


def _position(uri: str, text: str) -> int:
    """Finds the first line that holds only this."""
    return next(line.start() for line in re.finditer(r"[^\r\n]+", text) if line[0].strip() == uri)


def _refusal(uri: str, position: int | None) -> RenderingError:
    return RenderingError(f"{excerpt(uri)} is no URI", "text/uri-list", position, "one URI in each line")
