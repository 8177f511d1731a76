"""Exchanges for tests of the checks, made of a status, a media type and a body."""

from __future__ import annotations

from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.occi.transport import Answer

ROOT = "http://occi.example.org/"


def got(
    body: str = "", media_type: str = "text/plain", status: int = 200, path: str = "-/", **fields: str
) -> Exchange:
    """Returns an exchange with an answer; ``fields`` are header fields of the answer, with ``_`` for ``-``."""
    headers = [("Content-Type", media_type)] if media_type else []
    headers += [(name.replace("_", "-"), value) for name, value in fields.items()]
    answer = Answer("GET", ROOT + path, status, "", tuple(headers), body.encode(), 0.0)
    return Exchange((("Accept", media_type),), b"", answer)
