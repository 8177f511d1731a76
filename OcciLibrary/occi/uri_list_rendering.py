"""Reads and writes text/uri-list (RFC 2483 §5, GFD.185 §3.6.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from OcciLibrary.occi.errors import RenderingError, excerpt

_URI_REFERENCE = re.compile(r'(?:[A-Za-z][A-Za-z0-9+.-]*:|/)[^\s"<>\\\x00-\x20\x7f]*')


def read_uri_list(text: str) -> tuple[str, ...]:
    """Gives the URIs of a list, comments and empty lines left out, in their order.

    Raises RenderingError for a line that is no URI, with the offset of that line in the body.
    """
    uris = []
    position = 0
    for line in re.split(r"\r\n|\n|\r", text):
        uri = line.strip()
        if uri and not uri.startswith("#"):
            uris.append(_checked(uri, position))
        position += len(line) + 1
    return tuple(uris)


def write_uri_list(uris: Iterable[str]) -> bytes:
    """Writes one URI per line, ended by CRLF as RFC 2483 asks; raises RenderingError for what is no URI."""
    return "".join(_checked(uri, None) + "\r\n" for uri in uris).encode("utf-8")


def _checked(uri: str, position: int | None) -> str:
    if not _URI_REFERENCE.fullmatch(uri):
        raise RenderingError(f"{excerpt(uri)} is no URI", "text/uri-list", position, "one URI in each line")
    return uri
