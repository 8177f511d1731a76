"""Who the client is to a site: each login puts its proof into a request and keeps it out of every log."""

from __future__ import annotations

import base64
import io
import re
import threading
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPDigestAuth
from requests.utils import parse_dict_header

from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import LoginRefused
from OcciLibrary.occi.tls import Tls
from OcciLibrary.occi.transport import Transport, printable, shown_url

# The hand-over of reference §6: single or double quotes, `snf-auth` on Synnefo.
_KEYSTONE_HAND_OVER = re.compile(
    r"(?:^|,)\s*(?:Keystone|snf-auth)\s+uri\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE
)
# Where one challenge of a WWW-Authenticate list ends and the next begins (RFC 7235 §4.1).
_NEXT_CHALLENGE = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9-]*\s+[A-Za-z-]+\s*=)")
_DIGEST_ALGORITHMS = ("MD5", "MD5-SESS", "SHA", "SHA-256", "SHA-512")
_KEYSTONE_SECONDS = 20.0
_KEYSTONE_ANSWER = 1024 * 1024


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
    """Answers the site's digest challenge (RFC 7616); the password itself is never sent.

    The first request goes without proof; its 401 brings the challenge, and so does the 401 for a nonce that got old.
    """

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        base: Any = self
        base.init_per_thread_state()
        if base._thread_local.chal:
            header = base.build_digest_header(str(request.method), str(request.url))
            # As UTF-8 by way of Latin-1, which is how http.client writes headers.
            request.headers["Authorization"] = MaskedHeader(str(header).encode().decode("latin-1"))
        return request

    def renew(self, www_authenticate: str) -> bool:
        """Returns True when the 401 brought a challenge that can be answered."""
        base: Any = self
        base.init_per_thread_state()
        base._thread_local.chal = _digest_challenge(www_authenticate)
        return bool(base._thread_local.chal)


def _digest_challenge(www_authenticate: str) -> dict[str, str]:
    """Returns the first challenge that can be answered, or an empty one."""
    for challenge in _NEXT_CHALLENGE.split(www_authenticate):
        scheme, _, parameters = challenge.strip().partition(" ")
        if scheme.lower() != "digest":
            continue
        pairs: Mapping[str, str | None] = cast("Any", parse_dict_header)(parameters)
        given = {key.strip().lower(): value or "" for key, value in pairs.items()}
        offered = [word.strip() for word in given.get("qop", "").split(",")]
        if "auth" in offered:
            given["qop"] = "auth"
        usable = given.get("algorithm", "MD5").upper() in _DIGEST_ALGORITHMS and given.get("qop", "auth") in (
            "",
            "auth",
        )
        if usable and given.get("realm") is not None and given.get("nonce"):
            return given
    return {}


class TokenLogin(Login):
    """Sends a given token: `Authorization: Bearer` or, for Keystone sites, `X-Auth-Token`.

    Raises `LoginRefused` at the first request for a token that no header can carry.
    """

    def __init__(self, token: str, header: str = "Authorization") -> None:
        token = token.strip()  # a token read from a file or a command ends with a line end
        self._header = header
        self._value = MaskedHeader(f"Bearer {token}" if header == "Authorization" else token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._header] = _carried(self._value)
        return request


def _carried(value: MaskedHeader) -> MaskedHeader:
    """Returns a value that a header can carry; the error of http.client would show the token."""
    if not (value.isascii() and value.isprintable()):
        raise LoginRefused("The token holds line ends or other characters that no HTTP header can carry")
    return value


class KeystoneLogin(Login):
    """Gets a token from Keystone (v2 or v3) with a user name and password and sends it as `X-Auth-Token`.

    Without an `identity_url` the first 401's `WWW-Authenticate: Keystone uri='...'` says where Keystone is
    (reference §6). A token that the site no longer takes is renewed once per request. Needs the extra `keystone`.
    """

    def __init__(
        self,
        username: str,
        password: str,
        project: str = "",
        identity_url: str = "",
        tls: Tls | None = None,
    ) -> None:
        self._username = username
        self._password = password
        self._project = project
        self._identity_url = identity_url
        self._tls = tls or Tls()
        self._over_tls = False
        self._token = MaskedHeader("")
        self._lock = threading.Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self._over_tls = str(request.url).startswith("https:")
        if not self._token and self._identity_url:
            self.renew("")
        if self._token:
            request.headers["X-Auth-Token"] = self._token
        return request

    def renew(self, www_authenticate: str) -> bool:
        """Returns True after a new token was obtained. Raises `LoginRefused` when Keystone gives none."""
        with self._lock:
            hand_over = _KEYSTONE_HAND_OVER.search(www_authenticate)
            if not self._identity_url and hand_over:
                self._identity_url = self._trusted(hand_over.group(1))
            if not self._identity_url:
                return False
            self._token = _carried(MaskedHeader(self._new_token()))
            return True

    def _trusted(self, url: str) -> str:
        """Returns where the site says Keystone is, unless the password would leave the encryption that it came by."""
        scheme = url.partition("://")[0].lower()
        if scheme == "https" or (scheme == "http" and not self._over_tls):
            return url
        raise LoginRefused(
            f"The site says that its Keystone is at {shown_url(url)}, where a password would be sent unencrypted; "
            "if that is right, write it into ${OCCI_IDENTITY_URL}"
        )

    def _new_token(self) -> str:
        try:
            from keystoneauth1 import session  # noqa: PLC0415
            from keystoneauth1.identity import generic  # noqa: PLC0415
        except ImportError:
            raise LoginRefused(
                "The keystone login needs one more package: pip install 'robotframework-occilibrary[keystone]'"
            ) from None
        # The default domain is for v3 only; a user domain would rule out v2.
        plugin = generic.Password(
            self._identity_url,
            username=self._username,
            password=self._password,
            project_name=self._project or None,
            default_domain_id="default",
        )
        exchanges = _KeystoneExchanges(self._identity_url, self._tls)
        try:
            token = plugin.get_token(
                session.Session(session=cast("requests.Session", exchanges), redirect=False)
            )
        except LoginRefused:
            raise
        except Exception as problem:  # a hostile answer breaks keystoneauth1 in many ways
            words = _keystone_words(self._identity_url, problem)
            raise LoginRefused(
                words.replace(self._password, "<secret>") if self._password else words
            ) from None
        finally:
            exchanges.close()
        return str(token or "")


class _KeystoneExchanges:
    """Lets keystoneauth1 speak through a transport: bounded in size and time, redirects not followed."""

    def __init__(self, url: str, tls: Tls) -> None:
        self._transport = Transport(url, None, tls, maximum_body=_KEYSTONE_ANSWER)

    def request(
        self, method: str, url: str, headers: Any = None, data: Any = None, **_: Any
    ) -> requests.Response:
        """Returns the answer in the shape that keystoneauth1 knows."""
        body = data.encode() if isinstance(data, str) else data or b""
        if urlsplit(url).scheme not in ("http", "https"):
            raise LoginRefused(f"Keystone names an address that cannot be used: {shown_url(url)}")
        try:
            answer = self._transport.send(method, url, dict(headers or {}), body, _KEYSTONE_SECONDS)
        except OcciError as problem:
            raise LoginRefused(f"Keystone gave no token: {problem}") from None
        response = requests.Response()
        response.status_code = answer.status
        response.reason = answer.reason
        response.url = url
        response.headers.update(dict(answer.headers))
        response.raw = io.BytesIO(answer.body)
        return response

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()


def _keystone_words(url: str, problem: Exception) -> str:
    if type(problem).__name__ == "Unauthorized":
        return f"Keystone at {shown_url(url)} does not accept the user name and password (or the project)"
    if type(problem).__module__.startswith("keystoneauth1."):
        return f"Keystone at {shown_url(url)} gave no token: {printable(str(problem), 160)}"
    return f"The answer of Keystone at {shown_url(url)} cannot be read"
