"""The login by a token of OpenStack's Keystone, and the ways to prove oneself to it (reference §6)."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from OcciLibrary.occi import known_secrets
from OcciLibrary.occi.challenges import keystone_url
from OcciLibrary.occi.logins.login import Login, MaskedHeader, carried
from OcciLibrary.occi.request_errors import LoginRefused
from OcciLibrary.occi.tls import Tls
from OcciLibrary.occi.transport import shown_url

# After a refusal Keystone is left alone for a while: a watch asks the site many times a second, and accounts get locked.
_AFTER_REFUSAL = 10.0
# The last part of a token's life, in which a new one is got beside the requests: a watch must not go blind meanwhile.
_LAST_PART = 0.25


@dataclass(frozen=True)
class KeystonePassword:
    """Proves a user by name and password; `domain` is the name or id of the user's domain (version 3)."""

    username: str
    password: str = field(repr=False)
    domain: str = "default"


@dataclass(frozen=True)
class KeystoneVoms:
    """Proves a user by the VOMS proxy certificate of the TLS connection: version 2 by its voms extension, 3 by mapping."""

    identity_provider: str = "egi.eu"
    protocol: str = "mapped"


@dataclass(frozen=True)
class KeystoneOidc:
    """Proves a user by the access token of an OpenID provider (version 3). With no `protocol`, the usual two are tried."""

    token: str = field(repr=False)
    identity_provider: str = "egi.eu"
    protocol: str = ""


@dataclass(frozen=True)
class Scope:
    """Names the project (tenant) that a token is for, by name or id; `domain` is that of the project, by name or id.

    With no project, the only one that the user has is taken.
    """

    project: str = ""
    domain: str = "default"


class KeystoneLogin(Login):
    """Gets a token from Keystone (v2 or v3) and sends it as `X-Auth-Token`.

    Without an `identity_url` the first 401's `WWW-Authenticate: Keystone uri='...'` says where Keystone is
    (reference §6). A token is renewed before it expires, in a thread beside the requests; one that the site no longer
    takes is renewed once per request, and once for all connections.
    `tls` is for the connection to Keystone, `told` is called with a sentence about each token. Needs the extra
    `keystone`.
    """

    def __init__(
        self,
        method: KeystonePassword | KeystoneVoms | KeystoneOidc,
        scope: Scope | None = None,
        identity_url: str = "",
        tls: Tls | None = None,
        told: Callable[[str], None] | None = None,
    ) -> None:
        self._method = method
        self._scope = scope or Scope()
        self._identity_url = identity_url
        self._named_by_site = False
        self._tls = tls or Tls()
        self._told = told
        self._over_tls = False
        self._token = MaskedHeader("")
        self._sent = threading.local()
        self._lock = threading.Lock()
        self._refusal: LoginRefused | None = None
        self._ask_again = 0.0
        self._renew_from = math.inf
        for secret in (getattr(method, "password", ""), getattr(method, "token", "")):
            known_secrets.learn(secret)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self._over_tls = str(request.url).startswith("https:")
        token = self._token
        self._sent.token = token
        if token:
            request.headers["X-Auth-Token"] = token
        return request

    def ready(self) -> None:
        """Obtains the first token where it is known from whom, and has an old one renewed in the background.

        Raises `LoginRefused` when Keystone gives no first one.
        """
        if not self._token and self._identity_url:
            with self._lock:
                if not self._token:
                    self._obtain()
        elif time.monotonic() >= self._renew_from and self._lock.acquire(blocking=False):
            try:
                if time.monotonic() >= self._renew_from:
                    self._renew_from = math.inf
                    threading.Thread(target=self._obtain_ahead, name="occi-keystone", daemon=True).start()
            finally:
                self._lock.release()

    def _obtain_ahead(self) -> None:
        with self._lock:
            try:
                self._obtain()
            except LoginRefused:  # the present token may be good for a while
                self._renew_from = time.monotonic() + _AFTER_REFUSAL

    def renew(self, www_authenticate: str) -> bool:
        """Returns True when there is a token that the refused request did not have.

        Raises `LoginRefused` when Keystone gives none; for ten seconds after that it is not asked again.
        """
        with self._lock:
            if self._token != getattr(self._sent, "token", ""):
                return True  # another connection has renewed it meanwhile
            named = keystone_url(www_authenticate)
            if not self._identity_url and named:
                self._identity_url = self._trusted(named)
                self._named_by_site = True
            if not self._identity_url:
                return False
            self._obtain()
            return True

    def _obtain(self) -> None:
        if self._refusal is not None and time.monotonic() < self._ask_again:
            raise LoginRefused(str(self._refusal))
        try:
            from OcciLibrary.occi.logins.keystone_token import issue  # noqa: PLC0415
        except ImportError:
            raise LoginRefused(
                "The keystone login needs one more package: pip install 'robotframework-occilibrary[keystone]'"
            ) from None
        asked = time.monotonic()
        try:
            issued = issue(self._identity_url, self._method, self._scope, self._tls)
            self._token = carried(MaskedHeader(issued.token))
        except LoginRefused as refusal:
            self._refusal = refusal
            self._ask_again = time.monotonic() + _AFTER_REFUSAL
            raise
        self._refusal = None
        self._renew_from = asked + issued.seconds * (1 - _LAST_PART) if issued.seconds else math.inf
        if self._told is not None:
            whose = " (named by the site)" if self._named_by_site else ""
            project = f" for the project {issued.project}" if issued.project else ""
            self._told(f"Keystone at {shown_url(self._identity_url)}{whose} gave a token{project}.")

    def _trusted(self, url: str) -> str:
        """Returns where the site says Keystone is, unless the password would leave the encryption that it came by."""
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        except ValueError:
            usable = False
        if usable and (parts.scheme == "https" or not self._over_tls):
            return url
        if usable:
            raise LoginRefused(
                f"The site says that its Keystone is at {shown_url(url)}, where a password would be sent unencrypted; "
                "if that is right, write it into ${OCCI_IDENTITY_URL}"
            )
        raise LoginRefused(
            "The site says that its Keystone is at an address that is no URL of http or https: "
            "ask the site's admin for the right one and write it into ${OCCI_IDENTITY_URL}"
        )
