"""Serves a real Keystone on 127.0.0.1 by TLS; runs in the virtual environment that Keystone is installed in.

Arguments: the port, the server's PEM file, the CA file of its users, a file with the access tokens that are good. It stands
before Keystone as a front-end does: it puts into the environment who showed which certificate or access token.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from keystone.server.wsgi import initialize_public_application

ISSUER = "HTTP_OIDC_ISS"
_FEDERATION = "/v3/OS-FEDERATION/identity_providers/"


class FrontEnd:
    """Does what mod_ssl and mod_auth_openidc do for Keystone in Apache."""

    def __init__(self, application: Callable[..., Iterable[bytes]], tokens: Path) -> None:
        self._application = application
        self._tokens = tokens

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        if path.startswith(_FEDERATION) and path.endswith("/auth"):
            user = self._certificate(environ) if "/protocols/mapped/" in path else self._token(environ)
            if not user:
                start_response("401 Unauthorized", [("Content-Type", "text/plain")])
                return [b"Who are you?"]
            environ["REMOTE_USER"] = user
            environ[ISSUER] = "https://aai.example.org/"
        return self._application(environ, start_response)

    def _certificate(self, environ: dict[str, Any]) -> str:
        return (
            str(environ.get("SSL_CLIENT_S_DN", "")) if environ.get("SSL_CLIENT_VERIFY") == "SUCCESS" else ""
        )

    def _token(self, environ: dict[str, Any]) -> str:
        scheme, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        good = self._tokens.read_text().split()
        return "alice@aai.example.org" if scheme == "Bearer" and token in good else ""


def main() -> None:
    """Serves until it is killed."""
    port, identity, users, tokens = sys.argv[1:]
    del sys.argv[1:]  # Keystone reads them too
    server = Server(("127.0.0.1", int(port)), FrontEnd(initialize_public_application(), Path(tokens)))
    adapter = BuiltinSSLAdapter(identity, identity)
    adapter.context.load_verify_locations(users)
    adapter.context.verify_mode = ssl.CERT_OPTIONAL
    adapter.context.verify_flags |= ssl.VERIFY_ALLOW_PROXY_CERTS
    server.ssl_adapter = adapter
    server.start()


if __name__ == "__main__":
    main()
