"""Reads and writes OCCI messages by media type (GFD.185 §3.6.6).

``write`` makes what a client sends; ``write_entity``, ``write_collection``, ``write_locations`` and
``write_discovery`` make what a server answers.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from OcciLibrary.occi import json_writing, text_writing
from OcciLibrary.occi.body_text import blocks, decoded, is_silent
from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.json_listing import read_locations
from OcciLibrary.occi.json_reading import read_json
from OcciLibrary.occi.model import Category, Message, Resource
from OcciLibrary.occi.text_body_reading import read_body
from OcciLibrary.occi.text_reading import FIELD_NAMES, read_headers
from OcciLibrary.occi.uri_list_rendering import read_uri_list, write_uri_list

TEXT_PLAIN = "text/plain"
TEXT_OCCI = "text/occi"
URI_LIST = "text/uri-list"
OCCI_JSON = "application/occi+json"

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Fields that only OCCI uses; Link and Location have other uses in HTTP.
_OCCI_ONLY = frozenset(FIELD_NAMES) - {"link", "location"}
_DRAFT_JSON = re.compile(r"application/occi-[a-z]+\+json")
_LONG_BODY = 1 << 18
_HEADERS_ANSWER = b"OK"
_LONGEST_URL = 8000  # RFC 9110 §4.1

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Payload:
    """Holds a written message: the Content-Type, the OCCI header fields (text/occi only), and the body."""

    content_type: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def read(content_type: str, headers: Iterable[tuple[str, str]], body: bytes, base_url: str = "") -> Message:
    """Reads an OCCI request or answer; an empty one gives an empty Message.

    ``content_type`` decides where to look; where that place holds nothing the other one is read too, with a
    deviation (fields-in-headers, fields-in-body). A Location header is looked at only when the body holds
    nothing. Relative locations are resolved against ``base_url`` when it is given.

    Raises RenderingError for what no tolerant reading explains, and for media types that are not OCCI's.
    """
    log = DeviationLog()
    pairs = list(headers)
    media_type = _media_type(content_type, body, log)
    with _collector_paused() if len(body) > _LONG_BODY else nullcontext():
        message = _message(media_type, pairs, body, log)
    _note_duplicates(message, log)
    locations = _absolute(message.locations, base_url, log)
    resources = _absolute_resources(message.resources, base_url, log)
    deviations = log.result()
    if not deviations and locations is message.locations and resources is message.resources:
        return message
    return replace(message, locations=locations, resources=resources, deviations=deviations)


def _message(media_type: str, headers: Headers, body: bytes, log: DeviationLog) -> Message:
    if is_silent(body) or (media_type == TEXT_OCCI and _has_occi_fields(headers)):
        return _from_headers(media_type, headers, body, log)
    if media_type not in _READERS:
        raise _no_such_rendering(media_type)
    return _READERS[media_type](body, headers, log)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keeps the garbage collector from going through all that was read, again and again, while it grows.

    Reading makes no cycles. Without this a listing of 100,000 takes half as long again for each of its entities.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def write(message: Message, media_type: str) -> Payload:
    """Writes a request: an entity, a partial update, an action invocation or locations.

    Categories are written with term, scheme and class only, the body of text/occi is empty, and JSON has the
    shape of OCCI 1.2. ``message.resources`` are written as a listing. Raises RenderingError when the media
    type cannot express the message or a value would break the line or header it stands in.
    """
    if media_type == OCCI_JSON:
        return Payload(media_type, (), json_writing.dump(json_writing.message_object(message)))
    locations = message.locations + _locations_of(message.resources)
    if media_type == URI_LIST:
        if message.categories or message.attributes or message.links:
            raise RenderingError(
                "an entity has no text/uri-list form", expected="text/plain, text/occi or JSON"
            )
        return Payload(media_type, (), write_uri_list(locations))
    fields = [
        *text_writing.category_fields(message.categories),
        *text_writing.link_fields(message.links, message.actions),
        *text_writing.attribute_fields(message.attributes),
        *text_writing.location_fields(locations),
    ]
    return _text_payload(fields, media_type, b"")


def write_entity(resource: Resource, media_type: str) -> Payload:
    """Writes the answer to GET of one entity, with links and actions; raises RenderingError as write does."""
    if media_type == OCCI_JSON:
        # The schema of GFD.226 §11 has no location on an entity, and who asks for one entity knows its URL.
        return Payload(
            media_type, (), json_writing.dump(json_writing.entity_object(replace(resource, location="")))
        )
    kinds: tuple[Category, ...] = (resource.kind,) if resource.kind else ()
    fields = [
        *text_writing.category_fields((*kinds, *resource.mixins)),
        *text_writing.link_fields(resource.links, resource.actions),
        *text_writing.attribute_fields(resource.attributes),
    ]
    return _text_payload(fields, media_type, _HEADERS_ANSWER)


def write_collection(resources: Sequence[Resource], media_type: str) -> Payload:
    """Writes a listing: locations in the text forms, entities in JSON; each resource needs its location."""
    if media_type == OCCI_JSON:
        return Payload(media_type, (), json_writing.dump(json_writing.collection_object(resources)))
    return write_locations(_locations_of(resources), media_type)


def write_locations(locations: Sequence[str], media_type: str) -> Payload:
    """Writes URLs, as a listing or as the answer to a creation; JSON is an array of strings."""
    if media_type == OCCI_JSON:
        return Payload(media_type, (), json_writing.dump(list(locations)))
    if media_type == URI_LIST:
        return Payload(media_type, (), write_uri_list(locations))
    return _text_payload(text_writing.location_fields(locations), media_type, _HEADERS_ANSWER)


def write_discovery(categories: Sequence[Category], media_type: str) -> Payload:
    """Writes categories in full, as discovery shows them and a user mixin is defined (GFD.185 §3.4.1)."""
    if media_type == OCCI_JSON:
        return Payload(media_type, (), json_writing.dump(json_writing.discovery_object(categories)))
    return _text_payload(text_writing.category_fields(categories, full=True), media_type, _HEADERS_ANSWER)


def _text_payload(fields: list[tuple[str, str]], media_type: str, headers_body: bytes) -> Payload:
    if media_type == TEXT_PLAIN:
        return Payload(media_type, (), text_writing.as_body(fields))
    if media_type == TEXT_OCCI:
        return Payload(media_type, text_writing.as_headers(fields), headers_body)
    raise _no_such_rendering(media_type)


def _locations_of(resources: Sequence[Resource]) -> tuple[str, ...]:
    for resource in resources:
        if not resource.location:
            raise RenderingError(
                f"{excerpt(resource.id)} has no location",
                "X-OCCI-Location",
                expected="the URL of each entity",
            )
    return tuple(resource.location for resource in resources)


def _media_type(content_type: str, body: bytes, log: DeviationLog) -> str:
    if content_type in _READERS:
        return content_type
    first, comma, _ = content_type.partition(",")
    if comma:
        log.note(
            "media-type-list", "Content-Type", f"{excerpt(content_type)} is a list; the first type was taken"
        )
    media_type = first.partition(";")[0].strip().lower()
    if _DRAFT_JSON.fullmatch(media_type):
        log.note("draft-media-type", "Content-Type", f"{excerpt(media_type)} is a type of the drafts")
        return OCCI_JSON
    if media_type or not body or body.isspace():
        return media_type or TEXT_PLAIN
    media_type = OCCI_JSON if body[:1000].lstrip()[:1] in (b"{", b"[") else TEXT_PLAIN
    detail = f"a body came without Content-Type; it was read as {media_type}"
    log.note("missing-content-type", "Content-Type", detail)
    return media_type


def _read_plain(body: bytes, headers: Headers, log: DeviationLog) -> Message:
    message = read_body(blocks(body, log), log)
    if message is not None:
        return message
    if _has_occi_fields(headers):
        log.note("fields-in-headers", "body", "the OCCI fields stand in the header of a text/plain message")
        return read_headers(headers, log)
    raise RenderingError(
        f"no line is an OCCI field, it begins {excerpt(decoded(body[:1000], log).lstrip())}",
        "body",
        0,
        "lines that begin with Category, Link, X-OCCI-Attribute or X-OCCI-Location",
    )


def _read_occi(body: bytes, headers: Headers, log: DeviationLog) -> Message:
    if any(name.strip().lower() == "location" for name, _ in headers):
        return read_headers(headers, log)
    message = _read_plain(body, [], log)
    log.note("fields-in-body", "body", "the OCCI fields stand in the body of a text/occi message")
    return message


def _read_uris(body: bytes, _headers: Headers, log: DeviationLog) -> Message:
    return Message(locations=read_uri_list(blocks(body, log)))


def _read_json(body: bytes, _headers: Headers, log: DeviationLog) -> Message:
    locations = read_locations(body)
    return Message(locations=locations) if locations else read_json(decoded(body, log), log)


_READERS: dict[str, Callable[[bytes, Headers, DeviationLog], Message]] = {
    TEXT_PLAIN: _read_plain,
    "text/occi+plain": _read_plain,
    TEXT_OCCI: _read_occi,
    URI_LIST: _read_uris,
    OCCI_JSON: _read_json,
    "application/json": _read_json,
}


def _from_headers(media_type: str, headers: Headers, body: bytes, log: DeviationLog) -> Message:
    """Reads a message whose body is empty or OK: text/occi, or another one with all in headers."""
    if media_type != TEXT_OCCI and _has_occi_fields(headers):
        log.note(
            "fields-in-headers", "body", f"the OCCI fields stand in the header of a {media_type} message"
        )
    elif media_type != TEXT_OCCI:
        # Foreign Link headers are common where OCCI is not expected in headers.
        headers = [(name, value) for name, value in headers if name.strip().lower() == "location"]
    if body.strip() and media_type in (OCCI_JSON, "application/json"):
        log.note("ok-body-in-json", "body", "the body is the word OK, which is no JSON")
    return read_headers(headers, log)


def _has_occi_fields(headers: Headers) -> bool:
    return any(name.strip().lower() in _OCCI_ONLY for name, _ in headers)


def _absolute(locations: tuple[str, ...], base_url: str, log: DeviationLog) -> tuple[str, ...]:
    if not locations:
        return locations
    if any(len(location) > _LONGEST_URL for location in locations):
        expected = f"a URL of at most {_LONGEST_URL} characters"
        raise RenderingError("a location has no end", "X-OCCI-Location", expected=expected)
    relative = [
        location
        for location in locations
        if not location.startswith(("https://", "http://")) and not _ABSOLUTE.match(location)
    ]
    for location in relative:
        log.note("relative-location", "X-OCCI-Location", f"the location {excerpt(location)} is relative")
    if not relative or not base_url:
        return locations
    try:
        return tuple(urljoin(base_url, location) for location in locations)
    except ValueError as error:
        raise RenderingError(f"a location is no URL: {error}", "X-OCCI-Location", expected="URLs") from None


def _absolute_resources(
    resources: tuple[Resource, ...], base_url: str, log: DeviationLog
) -> tuple[Resource, ...]:
    if not resources:
        return resources
    given = tuple([resource.location for resource in resources if resource.location])
    resolved = _absolute(given, base_url, log)
    if resolved is given:
        return resources
    urls = iter(resolved)
    return tuple(
        [replace(resource, location=next(urls)) if resource.location else resource for resource in resources]
    )


def _note_duplicates(message: Message, log: DeviationLog) -> None:
    if len({category.scheme + category.term for category in message.categories}) == len(message.categories):
        return
    found: dict[str, list[Category]] = {}
    for category in message.categories:
        found.setdefault(category.id, []).append(category)
    for category_id, same_id in found.items():
        if len(same_id) > 1:
            how = "the same content" if all(other == same_id[0] for other in same_id) else "different content"
            detail = f"{excerpt(category_id, 200)} stands {len(same_id)} times, with {how}"
            log.note("duplicate-category", "Category", detail)


def _no_such_rendering(media_type: str) -> RenderingError:
    known = f"{TEXT_PLAIN}, {TEXT_OCCI}, {URI_LIST} or {OCCI_JSON}"
    return RenderingError(
        f"{excerpt(media_type)} is no OCCI rendering that can be used here", "Content-Type", expected=known
    )
