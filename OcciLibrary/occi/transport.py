"""One HTTP exchange with a site: bounded in size and time, on one connection, with nobody's secrets in its words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from OcciLibrary.occi.request_errors import AnswerUnusable, SiteUnreachable

# GFD.185 §3.6.5 wants the token; a token above 1.1 makes servers of that age answer 501 (reference §8.1).
USER_AGENT = "OcciLibrary OCCI/1.1"
CONNECT_TIMEOUT = 10.0
MAXIMUM_BODY = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_REASON_SHOWN = 160


@dataclass(frozen=True)
class Answer:
    """Holds one answer: status, header pairs in wire order, body bytes, and the seconds from sending to the end."""

    method: str
    url: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """Returns a header's value, or '' when the answer has none; the case of the name does not matter."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def content_type(self) -> str:
        """Returns the Content-Type as sent, parameters included."""
        return self.header("Content-Type")


class Transport:
    """Sends requests over one kept connection to a site.

    `verify` is True (the system's CAs), or the path of a CA file or folder; `certificate` is the path of a PEM file
    or a pair (certificate, key). Proxies and CA bundles of the environment are honoured, .netrc files are not.
    Redirects are not followed: credentials would go where nobody sent them.
    """

    def __init__(
        self,
        origin: str,
        login: AuthBase | None = None,
        verify: bool | str = True,
        certificate: str | tuple[str, str] | None = None,
        on_answer: Callable[[Answer], None] | None = None,
    ) -> None:
        self._origin = origin
        self._login = login
        self._certificate = certificate
        self._verify = verify
        self.on_answer = on_answer
        self._session = requests.Session()
        settings = self._session.merge_environment_settings(origin, {}, None, verify if verify is not True else None, None)
        self._settings: dict[str, Any] = {"proxies": settings["proxies"], "verify": settings["verify"], "cert": certificate}

    def clone(self) -> Transport:
        """Returns a transport to the same site with the same login on a connection of its own."""
        return Transport(self._origin, self._login, self._verify, self._certificate)

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes = b"", timeout: float = 20.0
    ) -> Answer:
        """Returns the answer to one request, whatever its status.

        `timeout` is the seconds that the whole answer may take. Raises `SiteUnreachable` when no answer came,
        `AnswerUnusable` when one came that is over the bounds or cut off.
        """
        request = requests.Request(method, url, headers={"User-Agent": USER_AGENT, **headers}, data=body or None)
        began = time.monotonic()
        try:
            prepared = request.prepare()
            if self._login is not None:
                prepared.prepare_auth(self._login)
            response = self._session.send(
                prepared,
                stream=True,
                allow_redirects=False,
                timeout=(min(CONNECT_TIMEOUT, timeout), timeout),
                **self._settings,
            )
            with response:
                content = b"".join(_chunks(response, began + timeout, url, timeout))
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as problem:
            raise SiteUnreachable(f"{_host(url)} gave no answer to {method}: {why(problem)}") from None
        answer = Answer(
            method,
            url,
            response.status_code,
            str(response.reason or "")[:_REASON_SHOWN],
            tuple((name, _decoded(value)) for name, value in response.raw.headers.items()),
            content,
            time.monotonic() - began,
        )
        if self.on_answer is not None:
            self.on_answer(answer)
        return answer


def _chunks(response: requests.Response, deadline: float, url: str, timeout: float) -> Iterator[bytes]:
    size = 0
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > MAXIMUM_BODY:
            raise AnswerUnusable(f"The answer of {url} is over {MAXIMUM_BODY // 2**20} MB and was cut off")
        yield chunk
        if time.monotonic() > deadline:
            raise AnswerUnusable(f"The answer of {url} was not complete after {timeout:g} seconds ({size} bytes had come)")


def _decoded(value: str) -> str:
    """Returns a header value as UTF-8 where it is UTF-8: http.client hands out Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def why(problem: Exception) -> str:
    """Returns why no answer came, in a tester's words, without addresses of memory or class names."""
    text = str(problem)
    for sign, words in _SIGNS:
        if sign in text:
            return words
    if isinstance(problem, requests.exceptions.SSLError):
        return f"the TLS connection failed ({_last_reason(text)})"
    if isinstance(problem, requests.exceptions.Timeout):
        return "no answer in time"
    return _last_reason(text)


def _last_reason(text: str) -> str:
    reason = text.rpartition("Caused by ")[2].rpartition(": ")[2].strip(" ()'\"")
    return reason[:_REASON_SHOWN] or "the connection broke"


_SIGNS = (
    ("CERTIFICATE_VERIFY_FAILED", "its certificate cannot be verified (an unknown CA? name it in ${OCCI_CA})"),
    ("Connection refused", "the connection was refused (nothing listens there)"),
    ("actively refused", "the connection was refused (nothing listens there)"),
    ("Name or service not known", "its name is not known to DNS"),
    ("nodename nor servname", "its name is not known to DNS"),
    ("getaddrinfo failed", "its name is not known to DNS"),
    ("Temporary failure in name resolution", "its name cannot be looked up now (DNS)"),
    ("Network is unreachable", "there is no network route to it"),
    ("No route to host", "there is no network route to it"),
    ("Connection reset", "the connection was reset"),
    ("forcibly closed", "the connection was reset"),
    ("without response", "the connection was closed before any answer"),
    ("timed out", "no answer in time"),
)


def pause(seconds: float) -> None:
    """Waits for some seconds; Ctrl-C ends it."""
    deadline = time.monotonic() + seconds
    idle = threading.Event()
    while (left := deadline - time.monotonic()) > 0:
        idle.wait(min(left, 0.2))
