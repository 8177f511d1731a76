"""What carries the requests of a RequestsLibrary session: the library's own connection to the site, with its login.

The proof of the login is put in behind everything that requests and RequestsLibrary see. So no log shows it, and no
redirect takes it along: what is not on the site is refused.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.secrets_in_answers import learn_from_answer
from OcciLibrary.occi.transport import USER_AGENT, Answer

_LONGEST_UPLOAD = 16 * 1024 * 1024
_SEARCHED = 1024 * 1024


class SiteAdapter(BaseAdapter):
    """Sends prepared requests through a client of a site: bounded in size and time, renewed when a token got old."""

    def __init__(self, client: OcciClient, on_request: Callable[[str], None]) -> None:
        super().__init__()
        self._client = client
        self._on_request = on_request

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Returns the answer; of the settings only `timeout` (seconds for all of it) counts, the rest is the site file's.

        Raises `OcciError` with a sentence for a tester.
        """
        self._on_request(str(request.method))
        answer = self._client.exchange(
            str(request.method), str(request.url), _headers(request), _body(request), _seconds(timeout)
        )
        learn_from_answer(answer.headers, answer.body[:_SEARCHED].decode("utf-8", "replace"))
        return _response(answer, request)

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()


def site_session(session: requests.Session, client: OcciClient, on_request: Callable[[str], None]) -> None:
    """Makes a session of requests one with the site and with no other; `on_request` is told each request's method."""
    for prefix in list(session.adapters):
        session.adapters.pop(prefix).close()
    for prefix in ("https://", "http://"):
        session.mount(prefix, SiteAdapter(client, on_request))
    session.headers["User-Agent"] = USER_AGENT
    session.trust_env = False  # a .netrc file would put in a login of its own


def _headers(request: requests.PreparedRequest) -> dict[str, str]:
    # requests counts the body anew.
    return {
        str(name): _text(value) for name, value in request.headers.items() if name.lower() != "content-length"
    }


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    content = body.read(_LONGEST_UPLOAD) if hasattr(body, "read") else body
    return content.encode() if isinstance(content, str) else bytes(content)


def _seconds(timeout: Any) -> float | None:
    given = timeout[-1] if isinstance(timeout, tuple) else timeout
    return float(given) if given else None


def _response(answer: Answer, request: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = answer.reason
    response.url = answer.url
    response.request = request
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in answer.headers:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    response.headers = headers
    response.encoding = get_encoding_from_headers(headers)
    response.raw = io.BytesIO(answer.body)
    response._content = answer.body  # it is complete and unpacked already
    response._content_consumed = True  # type: ignore[attr-defined]
    return response
