"""cheroot, set up for the sandbox: 127.0.0.1 only, bounded, and with repeated OCCI header fields joined."""

from __future__ import annotations

from typing import Any

from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest
from cheroot.wsgi import Server

LARGEST_HEADER = 64 * 1024
THREADS = 10
IDLE_SECONDS = 30
BACKLOG = 128  # a connection that does not fit waits a whole second for its next try
MOST_KEPT_CONNECTIONS = 100
_REPEATABLE = frozenset({b"Category", b"Link", b"X-Occi-Attribute", b"X-Occi-Location"})


class _JoinedFields(dict[bytes, bytes]):
    """Joins the values of a repeated OCCI field with a comma, which means the same (GFD.185 §3.5)."""

    def __setitem__(self, name: bytes, value: bytes) -> None:
        if name in _REPEATABLE and name in self:
            value = self[name] + b", " + value
        super().__setitem__(name, value)


class _OcciHeaderReader(HeaderReader):
    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
        joined = _JoinedFields()
        super().__call__(rfile, joined)
        if hdict is None:
            return joined
        hdict.update(joined)
        return hdict

    def _allow_header(self, key_name: bytes) -> bool:
        return b"_" not in key_name  # WSGI could not tell it from the name with hyphens


class _OcciRequest(HTTPRequest):
    header_reader = _OcciHeaderReader()


class _OcciConnection(HTTPConnection):
    RequestHandlerClass = _OcciRequest


def _no_application(environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []


def listen(port: int, version: str = "HTTP/1.1") -> Any:
    """Returns a cheroot server that listens on 127.0.0.1; ``serve`` starts it. Raises OSError when the port is taken.

    With ``version`` HTTP/1.0 it closes every connection after its answer.
    """
    server = Server(
        ("127.0.0.1", port), _no_application, THREADS, timeout=IDLE_SECONDS, request_queue_size=BACKLOG
    )
    server.ConnectionClass = _OcciConnection
    server.protocol = version
    server.max_request_header_size = LARGEST_HEADER
    server.keep_alive_conn_limit = MOST_KEPT_CONNECTIONS
    server.expiration_interval = 0.1  # also how long stopping waits
    server.shutdown_timeout = 1
    server.prepare()
    return server
