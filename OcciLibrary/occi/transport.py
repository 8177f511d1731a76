"""One HTTP exchange with a site: bounded in size and time, on one connection, with nobody's secrets in its words."""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import DecodeError, HTTPError

from OcciLibrary.occi.answer_header import CutOffAnswer, HeaderUnusable
from OcciLibrary.occi.deadline import Deadline, GuardedAdapter, NoConnectionInTime
from OcciLibrary.occi.errors import excerpt
from OcciLibrary.occi.request_errors import (
    AnswerOverBounds,
    AnswerUnusable,
    LoginRefused,
    NotSent,
    RequestError,
    SiteUnreachable,
    TlsFailed,
)
from OcciLibrary.occi.tls import Tls
from OcciLibrary.occi.tls_words import distrusted, failed, refused_certificate

# GFD.185 §3.6.5 wants the token; a token above 1.1 makes servers of that age answer 501 (reference §8.1).
USER_AGENT = "OcciLibrary OCCI/1.1"
CONNECT_TIMEOUT = 10.0
MAXIMUM_BODY = 10 * 1024 * 1024  # four times that as text, so that a run stays below 150 MB
# A connection idle for longer may be dead without a sign, and an action sent on it would be lost: Apache closes after 5 s.
_LONGEST_IDLE = 2.0
_CHUNK = 64 * 1024
_USER_INFO = re.compile(r"(?<=://)[^/?#]*@")
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_REASON_SHOWN = 160
_REFUSED = "the connection was refused (nothing listens there)"
_RESET = "the connection was reset"
_SLOW = "no answer in time"


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
        return next(iter(self.all_headers(name)), "")

    def all_headers(self, name: str) -> list[str]:
        """Returns the values of a header that may come several times."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    @property
    def content_type(self) -> str:
        """Returns the Content-Type as sent, parameters included."""
        return self.header("Content-Type")


class Transport:
    """Sends requests over one kept connection to a site.

    `maximum_body` is in bytes, after decompression. Proxies and CA bundles of the environment are honoured, .netrc
    files are not. Redirects are not followed: credentials would go where nobody sent them.
    """

    def __init__(
        self,
        origin: str,
        login: AuthBase | None = None,
        tls: Tls | None = None,
        on_answer: Callable[[Answer], None] | None = None,
        maximum_body: int = MAXIMUM_BODY,
    ) -> None:
        self._origin = origin
        self._login = login
        self._tls = tls or Tls()
        self._maximum_body = maximum_body
        self.on_answer = on_answer
        settings = requests.Session().merge_environment_settings(origin, {}, None, None, None)
        self._proxies: Any = settings["proxies"]
        self._deadline = Deadline()
        self._adapter = GuardedAdapter(self._deadline, self._tls)
        self._last_used = 0.0

    def clone(self) -> Transport:
        """Returns a transport to the same site with the same login on a connection of its own."""
        return Transport(self._origin, self._login, self._tls, maximum_body=self._maximum_body)

    def close(self) -> None:
        """Closes the connection."""
        self._adapter.close()
        self._deadline.close()

    def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes = b"", timeout: float = 20.0
    ) -> Answer:
        """Returns the answer to one request, whatever its status.

        `timeout` is the seconds that the whole answer may take. Raises `NotSent` when the request never left,
        `SiteUnreachable` when no answer or only a part of one came before the connection broke, `AnswerUnusable` when
        one came that is no HTTP, `AnswerOverBounds` when it is over the bounds of time or size, `LoginRefused` when the
        client's certificate is not accepted.
        """
        began = time.monotonic()
        if method != "GET" and began - self._last_used > _LONGEST_IDLE:
            self._adapter.close()
        self._deadline.arm(began + timeout)
        try:
            response, content = self._exchange(method, url, headers, body, timeout)
        except (
            requests.RequestException,
            HTTPError,
            OSError,
            ValueError,
            http.client.HTTPException,
        ) as problem:
            raise self._problem(method, url, problem) from None
        finally:
            self._deadline.disarm()
            self._last_used = time.monotonic()
        answer = Answer(
            method,
            url,
            response.status_code,
            printable(str(response.reason or ""), _REASON_SHOWN),
            tuple((name, _decoded(value)) for name, value in response.raw.headers.items()),
            content,
            self._last_used - began,
        )
        if learn_echo := getattr(self._login, "learn_echo", None):
            learn_echo(answer.headers, content)
        if self.on_answer is not None:
            self.on_answer(answer)
        return answer

    def _exchange(
        self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: float
    ) -> tuple[requests.Response, bytes]:
        request = requests.Request(
            method, url, headers={"User-Agent": USER_AGENT, **headers}, data=body or None
        )
        prepared = request.prepare()
        if self._login is not None:
            prepared.prepare_auth(self._login)
        limits = (min(CONNECT_TIMEOUT, timeout), timeout)
        # Not by Session.send: it looks up where a redirect leads, and reads the body of one without any bound.
        with self._adapter.send(prepared, stream=True, timeout=limits, proxies=self._proxies) as response:
            try:
                content = self._body(response, url)
            except (HTTPError, OSError) as problem:
                if not self._deadline.passed:
                    raise _broken_answer(url, problem) from None
        if self._deadline.passed:
            raise AnswerOverBounds(
                f"The answer of {shown_url(url)} was not complete after {timeout:g} seconds"
            )
        return response, content

    def _body(self, response: requests.Response, url: str) -> bytes:
        encoding = response.headers.get("Content-Encoding", "").lower()
        if strange := [word for word in encoding.split(",") if word.strip() not in _ENCODINGS]:
            raise AnswerUnusable(
                f"The answer of {shown_url(url)} is encoded as {excerpt(strange[0].strip())}, for which nobody asked"
            )
        body = io.BytesIO()  # unlike the pieces and their whole, it holds each byte once
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            if body.tell() + len(chunk) > self._maximum_body:
                limit = f"{self._maximum_body / 2**20:.3g} MB"
                raise AnswerOverBounds(f"The answer of {shown_url(url)} is over {limit} and was cut off")
            body.write(chunk)
        return body.getvalue()

    def _problem(self, method: str, url: str, problem: Exception) -> RequestError:
        """Returns what befell a request before the answer's body began."""
        roots = list(_roots(problem))
        if tls := next((root for root in roots if isinstance(root, ssl.SSLError)), None):
            own = self._tls.certificate
            if refusal := refused_certificate(tls, own is not None):
                lapsed = own.lapsed() if own is not None else ""
                return LoginRefused(f"{_host(url)} {refusal}{f' ({lapsed})' if lapsed else ''}")
            if not self._deadline.sent and not isinstance(tls, ssl.SSLEOFError):
                return TlsFailed(f"{_host(url)} cannot be reached by TLS: {why(problem)}")
        unusable = next((root for root in roots if isinstance(root, HeaderUnusable)), None)
        if unusable is not None:
            return AnswerUnusable(
                f"The answer of {shown_url(url)} to {method} cannot be used: its header {unusable}"
            )
        if self._deadline.sent and not self._deadline.passed and _is_no_http(roots):
            return AnswerUnusable(
                f"The answer of {shown_url(url)} to {method} is no HTTP that can be read: {why(problem)}"
            )
        never_there = any(isinstance(root, NoConnectionInTime) for root in roots)
        reason = _SLOW if self._deadline.passed and not never_there else why(problem)
        words = f"{_host(url)}{_usual_port(url)} gave no answer to {method}: {reason}"
        return SiteUnreachable(words) if self._deadline.sent else NotSent(words)


def is_transient(problem: SiteUnreachable) -> bool:
    """Tells whether the same request may well succeed a moment later: the connection was refused or broke."""
    return str(problem).endswith((_REFUSED, _RESET, _CLOSED, _BROKEN))


_CLOSED = "the connection was closed before any answer"
_BROKEN = "the connection broke in the middle of the answer"


def _broken_answer(url: str, problem: Exception) -> SiteUnreachable | AnswerUnusable:
    """Returns what befell an answer while its body was read."""
    roots = list(_roots(problem))
    if any(isinstance(root, DecodeError) for root in roots):
        return AnswerUnusable(f"The answer of {shown_url(url)} is compressed in a way that cannot be read")
    if any(isinstance(root, (TimeoutError, socket.timeout)) for root in roots):
        return AnswerOverBounds(f"The answer of {shown_url(url)} was not complete in time")
    if any(isinstance(root, (http.client.LineTooLong, ValueError)) for root in roots):
        return AnswerUnusable(f"The answer of {shown_url(url)} is cut into chunks that are none of HTTP")
    return SiteUnreachable(f"{_host(url)} gave no whole answer: {_BROKEN}")


def _roots(problem: BaseException) -> Iterator[BaseException]:
    """Yields an exception and all that it was raised for; types are asked, for words change with the language."""
    waiting: list[object] = [problem]
    seen: set[int] = set()
    while waiting:
        this = waiting.pop()
        if not isinstance(this, BaseException) or id(this) in seen:
            continue
        seen.add(id(this))
        yield this
        waiting += [this.__cause__, getattr(this, "reason", None), *this.args]


def _is_no_http(roots: list[BaseException]) -> bool:
    """Tells whether bytes came that are no HTTP; a connection that ended is not among that."""
    if any(isinstance(root, (ConnectionError, CutOffAnswer, http.client.IncompleteRead)) for root in roots):
        return False
    return any(isinstance(root, http.client.HTTPException) for root in roots)


def _decoded(value: str) -> str:
    """Returns a header value as UTF-8 where it is UTF-8: http.client hands out Latin-1."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def printable(text: str, limit: int) -> str:
    """Returns a foreign text as one line that does nothing to a terminal, shortened to `limit` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return line if len(line) <= limit else line[:limit] + "…"


def shown_url(url: str) -> str:
    """Returns a URL as a message shows it: what stands before the host's name may be somebody's password."""
    return printable(_USER_INFO.sub("<secret>@", url), 300)


def _host(url: str) -> str:
    try:
        return printable(urlsplit(url).netloc.rpartition("@")[2], 300) or shown_url(url)
    except ValueError:
        return shown_url(url)


def _usual_port(url: str) -> str:
    """Returns the port that is asked where the address names none, so that a forgotten one is seen."""
    try:
        parts = urlsplit(url)
        return "" if parts.port else {"http": " port 80", "https": " port 443"}.get(parts.scheme, "")
    except ValueError:
        return ""


def why(problem: Exception) -> str:
    """Returns why no answer came, in a tester's words, without addresses of memory, class names or header values."""
    roots = list(_roots(problem))
    for kind, words in _WORDS:
        for root in roots:
            if isinstance(root, kind):
                return words(root)
    return _os_words(roots)


def _name_words(problem: BaseException) -> str:
    if getattr(problem, "errno", None) == socket.EAI_AGAIN:
        return "its name cannot be looked up now (DNS)"
    return "its name is not known to DNS"


def _fixed(words: str) -> Callable[[BaseException], str]:
    return lambda problem: words


# The first that is among the causes says it; the order matters, for some are cases of others.
_WORDS: tuple[
    tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[BaseException], str]], ...
] = (
    (
        requests.exceptions.ProxyError,
        _fixed("the proxy of your environment (HTTP_PROXY, HTTPS_PROXY) does not let it through"),
    ),
    (
        NoConnectionInTime,
        _fixed("no connection came about in time (DNS does not answer, or something on the way swallows it)"),
    ),
    (
        requests.exceptions.InvalidSchema,
        _fixed(
            "the proxy of your environment (ALL_PROXY) speaks SOCKS, which needs the Python package PySocks"
        ),
    ),
    (ssl.SSLCertVerificationError, lambda problem: distrusted(cast(ssl.SSLCertVerificationError, problem))),
    (socket.gaierror, _name_words),
    (ConnectionRefusedError, _fixed(_REFUSED)),
    (http.client.RemoteDisconnected, _fixed(_CLOSED)),
    ((CutOffAnswer, http.client.IncompleteRead), _fixed(_BROKEN)),
    (ConnectionError, _fixed(_RESET)),
    (ssl.SSLEOFError, _fixed(_CLOSED)),
    (ssl.SSLError, lambda problem: failed(cast(ssl.SSLError, problem))),
    ((TimeoutError, socket.timeout, requests.exceptions.Timeout), _fixed(_SLOW)),
    (requests.exceptions.InvalidURL, _fixed("the URL cannot be used")),
    (
        http.client.BadStatusLine,
        lambda problem: f"its first line is {excerpt(str(problem))}",
    ),
    (
        http.client.HTTPException,
        lambda problem: printable(str(problem), _REASON_SHOWN) or "its first line is none of HTTP",
    ),
    (requests.exceptions.InvalidHeader, _fixed("a header holds characters that HTTP cannot carry")),
    (UnicodeError, _fixed("a header holds characters that HTTP cannot carry")),
)


def _os_words(roots: list[BaseException]) -> str:
    """Returns what the operating system (or requests, about a file) says; of other errors only that there was one."""
    for root in roots:
        if isinstance(root, OSError) and root.errno and root.strerror:
            return printable(root.strerror, _REASON_SHOWN)
    for root in roots:
        if type(root) is OSError and root.args:
            return printable(str(root.args[0]), _REASON_SHOWN)
    return "the request could not be sent"


def pause(seconds: float) -> None:
    """Waits for some seconds; Ctrl-C ends it."""
    deadline = time.monotonic() + seconds
    idle = threading.Event()
    while (left := deadline - time.monotonic()) > 0:
        idle.wait(min(left, 0.2))
