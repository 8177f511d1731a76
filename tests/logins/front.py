"""A front-end before a site, as Apache or nginx stand before OCCI servers: it asks for a login, by TLS where it is to."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_NOT_PASSED_ON = frozenset({"connection", "transfer-encoding", "keep-alive", "authorization", "x-auth-token"})


@dataclass(frozen=True)
class Asked:
    """What a front-end knows of a request: its method, target and headers, and the certificate shown by TLS."""

    method: str
    target: str
    headers: dict[str, str]
    certificate: dict[str, Any]

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


# Gives '' to let a request in, or the challenge of the 401.
Guard = Callable[[Asked], str]
Answered = tuple[int, list[tuple[str, str]], bytes]
# Gives what becomes of an answer (status, headers, body) on its way out.
Change = Callable[[Asked, Answered], Answered]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    tls: ssl.SSLContext | None = None

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        if self.tls is not None:  # the handshake is left to the connection's own thread
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: refused certificates and closed connections are what tests are about."""


@contextlib.contextmanager
def front(
    behind: str, guard: Guard, tls: ssl.SSLContext | None = None, change: Change = lambda asked, given: given
) -> Iterator[str]:
    """Runs a front-end of a site for the length of a `with`; gives its URL."""
    inner = urlsplit(behind)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.inner = http.client.HTTPConnection(inner.hostname or "", inner.port, timeout=30)

        def finish(self) -> None:
            self.inner.close()
            super().finish()

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            shown = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
            asked = Asked(self.command, self.path, headers, dict(shown or {}))
            challenge = guard(asked)
            if challenge:
                refusal = [("WWW-Authenticate", challenge), ("Content-Type", "text/plain")]
                self._give(*change(asked, (401, refusal, b"Who are you?")))
                return
            passed_on = {name: value for name, value in headers.items() if name not in _NOT_PASSED_ON}
            self.inner.request(self.command, self.path, body or None, passed_on)
            given = self.inner.getresponse()
            self._give(*change(asked, (given.status, given.getheaders(), given.read())))

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 - names of http.server

        def _give(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in (*_NOT_PASSED_ON, "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = _Server(("127.0.0.1", 0), Handler)
    server.tls = tls
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def digest_guard(username: str, password: str, uses: int = 20) -> Guard:
    """Lets a digest login in (RFC 7616 with SHA-256); a nonce is stale after some uses."""
    nonces: dict[str, int] = {}

    def guard(asked: Asked) -> str:
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', asked["authorization"]))
        nonce = given.get("nonce", "")
        if nonces.get(nonce, 0) > 0 and given.get("response") == proof(given, asked):
            nonces[nonce] -= 1
            return ""
        new = hashlib.sha256(f"{len(nonces)} {password}".encode()).hexdigest()
        nonces[new] = uses
        stale = ", stale=true" if nonce in nonces else ""
        return f'Digest realm="cloud", nonce="{new}", qop="auth", algorithm=SHA-256{stale}'

    def proof(given: dict[str, str], asked: Asked) -> str:
        def sign(text: str) -> str:
            return hashlib.sha256(text.encode()).hexdigest()

        who, what = sign(f"{username}:cloud:{password}"), sign(f"{asked.method}:{asked.target}")
        return sign(f"{who}:{given.get('nonce')}:{given.get('nc')}:{given.get('cnonce')}:auth:{what}")

    return guard


def bearer_guard(token: str) -> Guard:
    """Lets one access token in."""
    return lambda asked: "" if asked["authorization"] == f"Bearer {token}" else 'Bearer realm="cloud"'


def certificate_guard(common_name: str) -> Guard:
    """Lets in who showed a certificate, or a proxy of one, with a common name."""

    def guard(asked: Asked) -> str:
        names = [
            value
            for part in asked.certificate.get("subject", ())
            for key, value in part
            if key == "commonName"
        ]
        return "" if common_name in names else 'GRST realm="grid"'

    return guard


def keystone_guard(keystone: str, valid: Callable[[str], bool]) -> Guard:
    """Lets in the tokens that are valid, and says where they are to be had (reference §6)."""

    def guard(asked: Asked) -> str:
        token = asked["x-auth-token"]
        return "" if token and valid(token) else f"Keystone uri='{keystone}'"

    return guard
