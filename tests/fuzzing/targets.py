"""What the fuzzer feeds: one function per reader, which may raise nothing and must not take long.

A new reader is one more entry of TARGETS and a folder of that name under corpus/.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from OcciLibrary.lint import EDITIONS, RULES, lint_bytes
from OcciLibrary.lint.document import MEDIA_TYPES
from OcciLibrary.occi import (
    OCCI_JSON,
    TEXT_OCCI,
    TEXT_PLAIN,
    URI_LIST,
    Message,
    RenderingError,
    read,
    skeletons,
    write,
)
from OcciLibrary.occi.body_text import blocks
from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.json_listing import LONG, read_listing
from OcciLibrary.occi.text_body_reading import read_body

CORPUS = Path(__file__).parent / "corpus"
BASE_URL = "https://cloud.example.org:8787/compute/"


def read_text_plain(data: bytes) -> None:
    """Reads the input as the body of a text/plain answer."""
    _read_and_use(TEXT_PLAIN, [], data)


def read_text_occi(data: bytes) -> None:
    """Reads the input as the header lines of a text/occi answer."""
    lines = (line.partition(":") for line in data.decode("latin-1").split("\n"))
    _read_and_use(TEXT_OCCI, [(name, value) for name, _, value in lines], b"OK")


def read_uri_list(data: bytes) -> None:
    """Reads the input as a text/uri-list."""
    _read_and_use(URI_LIST, [], data)


def read_occi_json(data: bytes) -> None:
    """Reads the input as the body of an application/occi+json answer, and what is written of it again."""
    message = _read_and_use(OCCI_JSON, [], data)
    if message is None:
        return
    with contextlib.suppress(RenderingError):
        again = _read(OCCI_JSON, [], write(message, OCCI_JSON).body)
        # A scheme without # cannot be told from its term in an identifier: then there is nothing to compare.
        assert again is None or again.attributes == message.attributes


def read_repeated_json(data: bytes) -> None:
    """Reads JSON whose second line is repeated up to 100 kB: what is not linear takes seconds."""
    head, _, rest = data.partition(b"\n")
    piece, _, tail = rest.partition(b"\n")
    if piece:
        _read(OCCI_JSON, [], head + piece * (100_000 // len(piece)) + tail)


def read_repeated_text(data: bytes) -> None:
    """Reads a text/plain body whose second line is repeated up to 100 kB: what is not linear takes seconds."""
    head, _, rest = data.partition(b"\n")
    piece, _, tail = rest.partition(b"\n")
    if piece:
        _read(TEXT_PLAIN, [], head + piece * (100_000 // len(piece)) + tail)


def read_alike_text(data: bytes) -> None:
    """Reads several entities in text/plain like those before, and the long way: the outcome must be the same."""
    _read_both_ways(lambda log: read_body(blocks(data, log, size=200), log))


def read_alike_json(data: bytes) -> None:
    """Reads several entities in JSON like those before, and the long way: the outcome must be the same."""
    text = data.decode("latin-1") + " " * LONG
    _read_both_ways(lambda log: read_listing(text, log))


def lint_any(data: bytes) -> None:
    """Lints what follows the first line, which names the media type; what a reader refuses or notes is never clean."""
    head, _, rest = data.partition(b"\n")
    media_type = head.decode("latin-1")
    findings = lint_bytes(rest, media_type if media_type in MEDIA_TYPES else "", EDITIONS)
    for one in findings:
        place = one.place
        assert one.rule in RULES
        assert (1, 1) <= (place.line, place.column) <= (place.end_line, place.end_column)
    if media_type not in (TEXT_PLAIN, URI_LIST, OCCI_JSON) or rest.lstrip(b"\r\n").startswith(b"HTTP/"):
        return
    try:
        noted = {one.name for one in read(media_type, [], rest).deviations} - {"relative-location"}
    except RenderingError:
        assert any(one.level == "error" for one in findings)
    else:
        assert findings or not noted


def _read_both_ways(reader: Callable[[DeviationLog], object]) -> None:
    ways = []
    usual = skeletons.WORTH_IT, skeletons.GROWTH
    for worth_it in (0, 10**9):
        skeletons.WORTH_IT, skeletons.GROWTH = worth_it, 0
        log = DeviationLog()
        try:
            ways.append((repr(reader(log)), sorted(log.notes())))
        except RenderingError as error:
            ways.append((repr(vars(error)), []))
        finally:
            skeletons.WORTH_IT, skeletons.GROWTH = usual
    assert ways[0] == ways[1]


TARGETS: dict[str, Callable[[bytes], None]] = {
    "text_plain": read_text_plain,
    "text_occi": read_text_occi,
    "uri_list": read_uri_list,
    "occi_json": read_occi_json,
    "repeated_json": read_repeated_json,
    "repeated_text": read_repeated_text,
    "alike_text": read_alike_text,
    "alike_json": read_alike_json,
    "lint": lint_any,
}


def _read_and_use(content_type: str, headers: list[tuple[str, str]], body: bytes) -> Message | None:
    message = _read(content_type, headers, body)
    if message is None:
        return None
    for use in (message.resource, message.action_invocation):
        with contextlib.suppress(RenderingError):
            use()
    if any("-OCCI-Location" in location for location in message.locations):
        return (
            message  # a URI of that scheme cannot be told from a field that follows without the end of a line
        )
    with contextlib.suppress(RenderingError):
        payload = write(message, TEXT_PLAIN)
        again = _read(TEXT_PLAIN, payload.headers, payload.body)
        # What the library itself writes it must be able to read.
        assert again is not None
        assert again.attributes == message.attributes
    return message


def _read(content_type: str, headers: list[tuple[str, str]], body: bytes) -> Message | None:
    try:
        return read(content_type, headers, body, BASE_URL)
    except RenderingError as error:
        if len(str(error)) > 1000:
            raise ValueError("an error quotes too much of what a site sent") from error
        return None
