"""Logins whose proof is at hand: basic, digest, a given token, a client certificate."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import requests
from requests.auth import HTTPDigestAuth

from OcciLibrary.occi import known_secrets
from OcciLibrary.occi.challenges import digest_challenge
from OcciLibrary.occi.client_certificate import ClientCertificate
from OcciLibrary.occi.logins.login import Login, MaskedHeader, carried
from OcciLibrary.occi.logins.token_expiry import expired
from OcciLibrary.occi.request_errors import LoginRefused


class BasicLogin(Login):
    """Sends a user name and password with every request (RFC 7617)."""

    def __init__(self, username: str, password: str) -> None:
        pair = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        known_secrets.learn(password)
        known_secrets.learn(pair)
        self._value = MaskedHeader("Basic " + pair)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


class DigestLogin(HTTPDigestAuth, Login):
    """Answers the site's digest challenge (RFC 7616); the password itself is never sent.

    The first request goes without proof; its 401 brings the challenge, and so does the 401 for a nonce that got old.
    Each thread answers the challenges that it got itself.
    """

    def __init__(self, username: str, password: str) -> None:
        super().__init__(username, password)
        known_secrets.learn(password)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        base: Any = self
        base.init_per_thread_state()
        if base._thread_local.chal:
            header = str(base.build_digest_header(str(request.method), str(request.url)))
            base._thread_local.proof = header.partition('response="')[2].partition('"')[0]
            # As UTF-8 by way of Latin-1, which is how http.client writes headers.
            request.headers["Authorization"] = MaskedHeader(header.encode().decode("latin-1"))
        return request

    def renew(self, www_authenticate: str) -> bool:
        """Returns True when the 401 brought a challenge that can be answered."""
        base: Any = self
        base.init_per_thread_state()
        base._thread_local.chal = digest_challenge(www_authenticate)
        return bool(base._thread_local.chal)

    def learn_echo(self, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Learns the proof of this thread's last request, by which a password can be guessed, where it came back."""
        base: Any = self
        proof: str = getattr(base._thread_local, "proof", "")
        if proof and (proof.encode() in body or any(proof in value for _, value in headers)):
            known_secrets.learn(proof, passing=True)


class TokenLogin(Login):
    """Sends a given token: `Authorization: Bearer` or, for Keystone sites, `X-Auth-Token`.

    Raises `LoginRefused` at the first request for a token that no header can carry, and after a 401 for one that says
    itself that it has expired.
    """

    def __init__(self, token: str, header: str = "Authorization") -> None:
        self._token = token.strip()  # a token read from a file or a command ends with a line end
        known_secrets.learn(self._token)
        self._header = header
        self._value = MaskedHeader(f"Bearer {self._token}" if header == "Authorization" else self._token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._header] = carried(self._value)
        return request

    def renew(self, www_authenticate: str) -> bool:
        """Returns False: there is no other token. Raises `LoginRefused` when this one has expired by its own words."""
        if words := expired(self._token):
            raise LoginRefused(words)
        return False


class CertificateLogin(Login):
    """Sends nothing in a request, for the certificate went ahead by TLS; after a 401 it looks whether that has expired."""

    def __init__(self, certificate: ClientCertificate) -> None:
        self._certificate = certificate

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request

    def renew(self, www_authenticate: str) -> bool:
        """Returns False: there is no other certificate. Raises `LoginRefused` when this one is not valid now."""
        if words := self._certificate.lapsed():
            raise LoginRefused(words)
        return False
