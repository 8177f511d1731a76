"""Adds what the library's own readers noticed and the rules did not: the last word on what a client can read."""

from __future__ import annotations

from OcciLibrary.lint.document import Document
from OcciLibrary.lint.findings import FindingLog
from OcciLibrary.lint.rules import RULES
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.renderings import read

# The readers note what a client had better know, though the grammar allows it: a relative URI-reference in X-OCCI-Location
# (GFD.185 §3.5.5).
_LEGAL = frozenset({"relative-location"})
# What the readers call otherwise than the rules do.
_SAID_ALREADY = {
    "empty-list-item": "missing-value",
    "quoted-number": "number-as-string",
    "wrong-type": "wrong-member-type",
}


def add_reader_notes(document: Document, log: FindingLog) -> None:
    """Records, at the beginning of what was read, each deviation that the reader noted and no rule has found.

    A text that the reader refuses has an error at least, for no client can use it.
    """
    begin = document.body if document.body is not None else 0
    body = document.text[begin:] if document.body is not None else ""
    headers = [(header.name, header.value) for header in document.headers]
    try:
        message = read(document.media_type, headers, body.encode("utf-8", "surrogatepass"))
    except RenderingError as error:
        if not log.has_errors:
            at = begin + (error.position or 0) if error.field in ("body", "JSON", "text/uri-list") else begin
            log.add("unreadable", at, at + 1, f"no client can read this: {error.seen}", error.expected)
        return
    for deviation in message.deviations:
        name = deviation.name
        if (
            name in RULES
            and name not in _LEGAL
            and not log.has(name)
            and not log.has(_SAID_ALREADY.get(name, name))
        ):
            log.add(name, begin, begin + 1, deviation.detail.rstrip("."))
