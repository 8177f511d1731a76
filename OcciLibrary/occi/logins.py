"""Who the client is to a site: each login puts its proof into a request and keeps it out of every log."""

from __future__ import annotations

import base64
import re
import threading
from typing import Any

import requests
from requests.auth import AuthBase, HTTPDigestAuth

from OcciLibrary.occi.request_errors import LoginRefused

# The hand-over of reference §6: single or double quotes, `snf-auth` on Synnefo.
_KEYSTONE_HAND_OVER = re.compile(r"^\s*(?:Keystone|snf-auth)\s+uri=[\"']([^\"']+)[\"']", re.IGNORECASE)


class MaskedHeader(str):
    """Is a header value that shows itself as `<secret>` wherever it is logged by its representation."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'<secret>'"


class Login(AuthBase):
    """Is the base of the logins; `renew` returns True when a 401 may be mended by asking once more."""

    def renew(self, www_authenticate: str) -> bool:
        """Returns whether new proof was obtained after a 401; most logins have only what they were given."""
        return False


class BasicLogin(Login):
    """Sends a user name and password with every request (RFC 7617)."""

    def __init__(self, username: str, password: str) -> None:
        pair = f"{username}:{password}".encode()
        self._value = MaskedHeader("Basic " + base64.b64encode(pair).decode("ascii"))

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


class DigestLogin(HTTPDigestAuth, Login):
    """Answers the site's digest challenge (RFC 7616); the password itself is never sent."""


class TokenLogin(Login):
    """Sends a given token: `Authorization: Bearer` or, for Keystone sites, `X-Auth-Token`."""

    def __init__(self, token: str, header: str = "Authorization") -> None:
        self._header = header
        self._value = MaskedHeader(f"Bearer {token}" if header == "Authorization" else token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._header] = self._value
        return request


class KeystoneLogin(Login):
    """Gets a token from Keystone (v2 or v3) with a user name and password and sends it as `X-Auth-Token`.

    Without an `identity_url` the first 401's `WWW-Authenticate: Keystone uri='...'` says where Keystone is
    (reference §6). A token that the site no longer takes is renewed once per request. Needs the extra `keystone`.
    """

    def __init__(self, username: str, password: str, project: str = "", identity_url: str = "", verify: bool | str = True) -> None:
        self._username = username
        self._password = password
        self._project = project
        self._identity_url = identity_url
        self._verify = verify
        self._token = MaskedHeader("")
        self._lock = threading.Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if not self._token and self._identity_url:
            self.renew("")
        if self._token:
            request.headers["X-Auth-Token"] = self._token
        return request

    def renew(self, www_authenticate: str) -> bool:
        """Returns True after a new token was obtained. Raises `LoginRefused` when Keystone gives none."""
        with self._lock:
            hand_over = _KEYSTONE_HAND_OVER.match(www_authenticate)
            if not self._identity_url and hand_over:
                self._identity_url = hand_over.group(1)
            if not self._identity_url:
                return False
            self._token = MaskedHeader(self._new_token())
            return True

    def _new_token(self) -> str:
        try:
            from keystoneauth1 import exceptions, session  # noqa: PLC0415
            from keystoneauth1.identity import generic  # noqa: PLC0415
        except ImportError:
            raise LoginRefused(
                "The keystone login needs one more package: pip install 'robotframework-occilibrary[keystone]'"
            ) from None
        scope: dict[str, Any] = {"project_name": self._project, "project_domain_id": "default"} if self._project else {}
        plugin = generic.Password(
            self._identity_url, username=self._username, password=self._password, user_domain_id="default", **scope
        )
        try:
            token = plugin.get_token(session.Session(verify=self._verify, timeout=20))
        except exceptions.ClientException as problem:
            raise LoginRefused(_keystone_words(self._identity_url, problem)) from None
        return str(token or "")


def _keystone_words(url: str, problem: Exception) -> str:
    if type(problem).__name__ == "Unauthorized":
        return f"Keystone at {url} does not accept the user name and password (or the project)"
    return f"Keystone at {url} gave no token: {str(problem)[:160]}"

