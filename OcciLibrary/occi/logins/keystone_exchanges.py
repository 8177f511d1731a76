"""The way to Keystone: keystoneauth1 speaks through a transport of ours, and only with the Keystone that was named."""

from __future__ import annotations

import io
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import LoginRefused, SiteUnreachable
from OcciLibrary.occi.tls import Tls
from OcciLibrary.occi.transport import Answer, Transport, is_transient, pause, shown_url

_SECONDS = 20.0
_SECONDS_IN_ALL = 45.0
_LARGEST_ANSWER = 1024 * 1024
_WAITS = (0.2, 0.8, 2.0)
_BUSY = 503


class KeystoneExchanges:
    """Stands in for the session of requests: bounded in size and time, redirects not followed, no other host asked."""

    def __init__(self, url: str, tls: Tls) -> None:
        self._url = url
        self._transport = Transport(url, None, tls, maximum_body=_LARGEST_ANSWER)
        self._end = time.monotonic() + _SECONDS_IN_ALL

    def request(
        self, method: str, url: str, headers: Any = None, data: Any = None, **_: Any
    ) -> requests.Response:
        """Returns the answer in the shape that keystoneauth1 knows. Raises `LoginRefused` when there is none."""
        body = data.encode() if isinstance(data, str) else data or b""
        url = own_url(self._url, url)
        answer = self._answer(method, url, dict(headers or {}), body)
        if 300 < answer.status < 400:
            raise LoginRefused(
                f"Keystone at {shown_url(self._url)} points to {shown_url(answer.header('Location'))}, which is not "
                "followed; if that is right, write it into ${OCCI_IDENTITY_URL}"
            )
        response = requests.Response()
        response.status_code = answer.status
        response.reason = answer.reason
        response.url = url
        response.request = requests.Request(method, url).prepare()  # keystoneauth1 logs its method
        response.headers.update(dict(answer.headers))
        response.raw = io.BytesIO(answer.body)
        return response

    def _answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Returns the answer to a request; one that breaks off, or finds Keystone too busy, is made again a few times."""
        waits = iter(_WAITS)
        while True:
            left = max(0.1, min(_SECONDS, self._end - time.monotonic()))
            wait = None
            try:
                answer = self._transport.send(method, url, headers, body, left)
                if answer.status != _BUSY or (wait := next(waits, None)) is None:
                    return answer
            except OcciError as problem:
                if isinstance(problem, SiteUnreachable) and is_transient(problem):
                    wait = next(waits, None)
                if wait is None:
                    raise LoginRefused(f"Keystone gave no token: {problem}") from None
            pause(wait)

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()


def own_url(own: str, named: str) -> str:
    """Returns an address that Keystone names for itself, kept on the host that was meant, and on its encryption.

    Behind a proxy Keystone often names an inner host, or http where it is reached by https: the path is what counts
    then, put below the path of the own address. Raises `LoginRefused` for what is no URL.
    """
    here = urlsplit(own)
    try:
        there = urlsplit(named)
        host = there.hostname or ""
    except ValueError:
        host = ""
    if not host or there.scheme not in ("http", "https"):
        raise LoginRefused(f"Keystone names an address that cannot be used: {shown_url(named)}")
    if host == here.hostname and there.scheme in (here.scheme, "https") and "@" not in there.netloc:
        return named
    root = _root(here.path)
    path = there.path if there.path.startswith(root) else root + there.path.lstrip("/")
    return urlunsplit((here.scheme, here.netloc, path, there.query, ""))


def _root(path: str) -> str:
    """Returns the path that a Keystone lives below: without its version, with a slash at the end."""
    parts = [part for part in path.split("/") if part]
    if parts and parts[-1] in ("v2.0", "v3"):
        parts.pop()
    return "/" + "".join(f"{part}/" for part in parts)
