"""What mwclient speaks through, in the place of a requests session: answers are bounded in time and size, with the kit's TLS and words."""

from __future__ import annotations

from email.message import Message
from typing import Any
from urllib.parse import urljoin

import requests
from requests.cookies import MockRequest, MockResponse, RequestsCookieJar

from OcciLibrary.occi.request_errors import RequestRefused
from OcciLibrary.occi.transport import Answer, Transport, shown_url

SECONDS = 60.0
_USER_AGENT = "occi-matrix (OcciLibrary) mwclient"


class WikiConnection:
    """Sends what mwclient asks through a `Transport`: 60 s and 10 MB for an answer, TLS verified, no redirects.

    Raises what `Transport.send` raises, and `RequestRefused` for an answer that leads elsewhere: a login would be sent along.
    """

    def __init__(self, origin: str, seconds: float = SECONDS) -> None:
        self.cookies = RequestsCookieJar()
        self._transport = Transport(origin)
        self._seconds = seconds

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Returns the answer to one request."""
        asked = requests.Request(method, url, params=options.get("params"), data=options.get("data"))
        prepared = asked.prepare()
        prepared.prepare_cookies(self.cookies)
        headers = {name: str(value) for name, value in prepared.headers.items() if name != "Content-Length"}
        headers["User-Agent"] = _USER_AGENT
        body = prepared.body or b""
        told = self._transport.send(
            str(prepared.method),
            str(prepared.url),
            headers,
            body.encode() if isinstance(body, str) else body,
            self._seconds,
        )
        self._keep_cookies(prepared, told)
        if 300 <= told.status < 400:
            raise RequestRefused(_leads_elsewhere(told), told.status)
        return _response(told)

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()

    def _keep_cookies(self, asked: requests.PreparedRequest, told: Answer) -> None:
        headers = Message()
        for value in told.all_headers("Set-Cookie"):
            headers["Set-Cookie"] = value
        self.cookies.extract_cookies(MockResponse(headers), MockRequest(asked))  # type: ignore[arg-type]


def _leads_elsewhere(told: Answer) -> str:
    address = urljoin(told.url, told.header("Location")).partition("?")[0]
    return f"The address leads on to {shown_url(address)}; give --wiki the address there, if you trust it"


def _response(told: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code, response.reason, response.url = told.status, told.reason, told.url
    response.headers.update(told.headers)
    response.encoding = "utf-8"
    response._content = told.body
    return response
