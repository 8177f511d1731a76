"""One HTTP exchange of the sandbox: what was asked, in bounds, and what is refused in words."""

from __future__ import annotations

import base64
import binascii
import functools
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.model import Message
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, read

LARGEST_BODY = 1024 * 1024
_DRAINED = 8 * LARGEST_BODY  # so much of a refused body is read, for the client to get to the answer
OFFERED = (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, URI_LIST)
READABLE = (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON)
OCCI_FIELDS = {
    "HTTP_CATEGORY": "Category",
    "HTTP_LINK": "Link",
    "HTTP_X_OCCI_ATTRIBUTE": "X-OCCI-Attribute",
    "HTTP_X_OCCI_LOCATION": "X-OCCI-Location",
}
_MOST_FIELDS = 20
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_SPOKEN = re.compile(r"\bOCCI/(\d{1,4})\.(\d{1,4})")
NEWEST_OCCI = (1, 2)


class Why(Enum):
    """What a request is refused for, where servers differ in status and words."""

    OTHER = auto()
    NOTHING_THERE = auto()
    NO_ENTITY = auto()
    WRONG_METHOD = auto()
    NOT_ACCEPTABLE = auto()
    NO_ENTITY_RENDERING = auto()  # the media type is known, but not for this
    NO_DISCOVERY_RENDERING = auto()
    MEDIA_TYPE = auto()
    UNREADABLE = auto()
    UNREADABLE_JSON = auto()  # where a dialect does not name it, it is the one above
    BAD_FILTER = auto()
    NO_ACTION = auto()
    NO_CLASS = auto()
    OTHER_ACTION = auto()  # the query and the body differ
    UNKNOWN_ACTION = auto()
    NOT_NOW = auto()
    NO_KIND = auto()
    UNKNOWN_CATEGORY = auto()
    IMMUTABLE = auto()
    UNKNOWN_ATTRIBUTE = auto()
    NO_UPDATE_NOW = auto()
    LOGIN = auto()


class RefusedError(Exception):
    """A request that is answered with an error: status, words for the client, extra header fields.

    ``why`` lets a dialect answer in its own way; ``facts`` are what its words may name.
    """

    def __init__(
        self,
        status: HTTPStatus,
        words: str,
        headers: Mapping[str, str] | None = None,
        why: Why = Why.OTHER,
        **facts: str,
    ) -> None:
        super().__init__(words)
        self.status = status
        self.headers = dict(headers or {})
        self.why = why
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: the header fields hold native strings, without Content-Length and Server.

    An ``anonymous`` one does not tell whose it is.
    """

    status: HTTPStatus = HTTPStatus.OK
    content_type: str = TEXT_PLAIN
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    anonymous: bool = False


def _same(path: str) -> str:
    return path


@dataclass(slots=True)
class Request:
    """One request, read from a WSGI environment (PEP 3333).

    ``asked_path`` is the path on the wire; ``path`` what it means on a site without a dialect, by ``inner_path``.
    """

    environ: Mapping[str, Any]
    own_url: str
    inner_path: Callable[[str], str] = _same
    method: str = field(init=False)
    asked_path: str = field(init=False)
    path: str = field(init=False)
    body: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        self.method = str(self.environ["REQUEST_METHOD"])
        self.asked_path = str(self.environ.get("PATH_INFO", ""))
        self.path = self.inner_path(self.asked_path)

    @property
    def base_url(self) -> str:
        """The root URL as the client called it, without a final slash."""
        host = self.environ.get("HTTP_HOST", "")
        return f"http://{host}" if _HOST.fullmatch(host) else self.own_url

    @property
    def action(self) -> str | None:
        """The term asked for with ``?action=``; None when the query has no action."""
        terms = self.query.get("action")
        return terms[-1] if terms else None

    @property
    def query(self) -> dict[str, list[str]]:
        """The query's fields; none when there are more than anybody has use for."""
        query = str(self.environ.get("QUERY_STRING", ""))
        if not query or query.count("&") >= _MOST_FIELDS:
            return {}
        return parse_qs(query, keep_blank_values=True)

    @property
    def accept(self) -> str:
        """The Accept header, '' when there is none."""
        return str(self.environ.get("HTTP_ACCEPT", ""))

    @property
    def content_type(self) -> str:
        """The Content-Type header, '' when there is none."""
        return str(self.environ.get("CONTENT_TYPE", ""))

    def message(self, media_type: str) -> Message:
        """Reads the body, or the OCCI header fields of text/occi. Raises RefusedError 400 for what cannot be read."""
        try:
            return read(media_type, self.occi_headers(), self.body, self.base_url)
        except RenderingError as error:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, f"The request cannot be read: {error}", why=Why.UNREADABLE
            ) from None

    def filter(self) -> Message | None:
        """Reads the filter of a GET, given as OCCI header fields (GFD.185 §3.4); None when there is none."""
        headers = self.occi_headers()
        if not headers:
            return None
        try:
            return read(TEXT_OCCI, headers, b"", self.base_url)
        except RenderingError as error:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, f"The filter cannot be read: {error}", why=Why.BAD_FILTER
            ) from None

    def occi_headers(self) -> list[tuple[str, str]]:
        """Returns the OCCI header fields."""
        return [
            (name, _from_wire(self.environ[key])) for key, name in OCCI_FIELDS.items() if key in self.environ
        ]

    def read_body(self) -> None:
        """Reads the body, always and first: what is left of it would be taken for the next request.

        Raises RefusedError: 413 for more than 1 MB, 400 for broken chunks.
        """
        stream = self.environ["wsgi.input"]
        announced = int(self.environ.get("CONTENT_LENGTH") or 0)
        if announced > LARGEST_BODY:
            _drain(stream, announced)
            raise _too_large()
        if not announced and not self.environ.get("wsgi.input_terminated"):
            return
        try:
            self.body = stream.read(announced or LARGEST_BODY + 1)
        except ValueError:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, "The chunked body is malformed.", {"Connection": "close"}
            ) from None
        if len(self.body) > LARGEST_BODY:
            raise _too_large()

    def check_version(self, newest: tuple[int, int]) -> None:
        """Raises RefusedError 501 when the client speaks a newer OCCI than that (GFD.185 §3.6.5)."""
        spoken = _SPOKEN.findall(str(self.environ.get("HTTP_USER_AGENT", "")))
        if any((int(major), int(minor)) > newest for major, minor in spoken):
            words = f"This server speaks OCCI/{newest[0]}.{newest[1]}, nothing newer."
            raise RefusedError(HTTPStatus.NOT_IMPLEMENTED, words)

    def check_login(self, username: str, password: str) -> None:
        """Raises RefusedError 401 unless the request carries this name and password (RFC 7617)."""
        given = str(self.environ.get("HTTP_AUTHORIZATION", ""))
        if not hmac.compare_digest(_basic_credentials(given), f"{username}:{password}".encode()):
            raise RefusedError(
                HTTPStatus.UNAUTHORIZED,
                "User name and password are needed, and they have to be right.",
                {"WWW-Authenticate": 'Basic realm="OcciLibrary sandbox", charset="UTF-8"'},
                Why.LOGIN,
            )


def _too_large() -> RefusedError:
    words = f"The body is too large: {LARGEST_BODY} bytes are allowed."
    return RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words, {"Connection": "close"})


def _drain(stream: Any, announced: int) -> None:
    left = min(announced, _DRAINED)
    while left > 0 and (chunk := stream.read(min(left, 65536))):
        left -= len(chunk)


def _basic_credentials(header: str) -> bytes:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _from_wire(value: str) -> str:
    """Reads a header value as UTF-8, if it is; WSGI hands it over as Latin-1."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def to_wire(value: str) -> str:
    """Writes a header value as UTF-8 in the Latin-1 clothes of WSGI."""
    return value.encode().decode("latin-1")


def answer_type(accept: str) -> str:
    """Returns the media type to answer in. Raises RefusedError 406 (GFD.185 §3.6.6)."""
    chosen = choose_media_type(accept)
    if not chosen:
        raise RefusedError(
            HTTPStatus.NOT_ACCEPTABLE,
            f"None of {accept[:200]!r} can be answered. Offered are: {', '.join(OFFERED)}.",
            why=Why.NOT_ACCEPTABLE,
        )
    return chosen


def request_type(content_type: str) -> str:
    """Returns the media type that a request is read in. Raises RefusedError 415."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in READABLE:
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Content-Type {content_type[:200]!r} is not understood. Send one of: {', '.join(READABLE)}.",
            why=Why.MEDIA_TYPE,
        )
    return media_type


@functools.lru_cache(maxsize=256)
def choose_media_type(accept: str) -> str:
    """Chooses among what is offered by quality, then by how exactly it was named, then by place; '' when nothing fits.

    No Accept header, or one that takes anything, gets text/plain (GFD.185 §3.6.6).
    """
    if not accept.strip():
        return TEXT_PLAIN
    ranked = [_ranked(item, place) for place, item in enumerate(accept.split(","))]
    fitting = [(rank, offer) for rank, offer in ranked if offer and rank[0] > 0]
    return max(fitting)[1] if fitting else ""


def _ranked(item: str, place: int) -> tuple[tuple[float, int, int], str]:
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    weight = next((quality(parameter[2:]) for parameter in parameters if parameter.startswith("q=")), 1.0)
    offer = next((offer for offer in OFFERED if name in (offer, "*/*", offer.partition("/")[0] + "/*")), "")
    return (weight, -name.count("*"), -place), offer


def quality(text: str) -> float:
    """Returns a quality value, 0 for what is none (RFC 9110 §12.4.2)."""
    return float(text) if re.fullmatch(r"[01](\.\d{0,3})?", text) else 0.0
