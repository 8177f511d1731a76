"""A site on a real socket whose answers a test scripts, byte by byte where it has to, and which records requests."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMPUTE = 'compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"'
REASONS = {200: "OK", 204: "No Content", 401: "Unauthorized", 404: "Not Found", 503: "Service Unavailable"}


@dataclass(frozen=True)
class Request:
    """One request as it came; `connection` counts connections from 1, `raw` is every byte of it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int
    raw: bytes = b""

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Broken:
    """Ends the connection after some bytes: with a reset, or (`politely`) by closing it."""

    sent: bytes = b""
    politely: bool = False


@dataclass(frozen=True)
class Drip:
    """Sends bytes one by one for as long as the other side takes them, after some that are sent at once."""

    drops: bytes
    first: bytes = b""
    every: float = 0.02


@dataclass(frozen=True)
class Endless:
    """Sends a chunk again and again."""

    first: bytes
    chunk: bytes = b"X" * 65536


Reply = bytes | Broken | Drip | Endless
Script = Callable[[Request], Reply]


def answer(
    status: int = 200, body: str | bytes = "", content_type: str = "text/plain", *headers: str
) -> bytes:
    """Gives an answer with its length; `headers` are whole lines."""
    content = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}",
        f"Content-Length: {len(content)}",
        *headers,
    ]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


def listing(*urls: str) -> bytes:
    """Gives a text/plain listing."""
    return answer(200, "".join(f"X-OCCI-Location: {url}\n" for url in urls))


def kind(location: str, attributes: str = "") -> bytes:
    """Gives a discovery with the compute kind."""
    extra = f'; attributes="{attributes}"' if attributes else ""
    return answer(200, f'Category: {COMPUTE}; location="{location}"{extra}\n')


def vm(**attributes: object) -> bytes:
    """Gives the rendering of a VM; `cores` stands for occi.compute.cores."""
    lines = [f"Category: {COMPUTE}"]
    for name, value in attributes.items():
        shown = f'"{value}"' if isinstance(value, str) else str(value)
        full = name.replace("__", ".") if "__" in name else f"occi.compute.{name}"
        lines.append(f"X-OCCI-Attribute: {full}={shown}")
    return answer(200, "\n".join(lines) + "\n")


@dataclass
class ScriptedSite:
    """Answers by path (`"GET /compute/5"` or `"/compute/5"`); of several replies the last one stays."""

    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    routes: dict[str, list[Reply | Script]] = field(default_factory=dict)
    connections: int = 0
    shown: dict[str, Any] = field(default_factory=dict)  # the certificate that the latest client showed

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._closing = threading.Event()
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/"

    def on(self, route: str, *replies: Reply | Script) -> None:
        """Scripts the replies to a path, with or without a method before it."""
        self.routes[route] = list(replies)

    def asked(self, method: str = "") -> list[str]:
        """The targets asked for so far, with their method."""
        return [f"{r.method} {r.target}" for r in self.requests if method in ("", r.method)]

    @property
    def raw(self) -> list[bytes]:
        """The requests so far as bytes: names in their case, blanks where they stood."""
        return [request.raw for request in self.requests]

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            self._open.append(plain)
            if isinstance(plain, ssl.SSLSocket):
                self.shown = dict(plain.getpeercert() or {})
            if not self.tls and plain.recv(1, socket.MSG_PEEK) == b"\x16":  # a TLS client at a plain port
                plain.sendall(answer(400))
                return
            with plain, plain.makefile("rb") as source:
                while (request := _read(source, number)) is not None:
                    with self._lock:
                        self.requests.append(request)
                    if not self._reply(plain, self._scripted(request)(request)):
                        return

    def _scripted(self, request: Request) -> Script:
        path = request.target.partition("?")[0]
        for route in (f"{request.method} {request.target}", f"{request.method} {path}", path):
            if route in self.routes:
                replies = self.routes[route]
                return _as_script(replies.pop(0) if len(replies) > 1 else replies[0])
        return _as_script(answer(404, "nothing here"))

    def _reply(self, connection: socket.socket, reply: Reply) -> bool:
        """Sends a reply; tells whether the connection goes on."""
        if isinstance(reply, bytes):
            connection.sendall(reply)
            return b"connection: close" not in reply.lower().partition(b"\r\n\r\n")[0]
        if isinstance(reply, Broken):
            connection.sendall(reply.sent)
            if not reply.politely:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif isinstance(reply, Drip):
            connection.sendall(reply.first)
            for drop in reply.drops:
                connection.sendall(bytes([drop]))
                if self._closing.wait(reply.every):
                    break
        else:
            connection.sendall(reply.first)
            while not self._closing.is_set():
                connection.sendall(reply.chunk)
        return False


def _as_script(reply: Reply | Script) -> Script:
    return reply if callable(reply) else lambda _: reply


def _read(source: object, connection: int) -> Request | None:
    readline: Callable[[], bytes] = source.readline  # type: ignore[attr-defined]
    raw = readline()
    first = raw.split()
    if len(first) < 2:
        return None
    headers: dict[str, str] = {}
    while True:
        line = readline()
        raw += line
        if not line.strip():
            break
        name, _, value = line.strip().decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = source.read(int(headers.get("content-length", 0)))  # type: ignore[attr-defined]
    return Request(first[0].decode(), first[1].decode(), headers, body, connection, raw + body)


@contextlib.contextmanager
def scripted(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedSite]:
    """Runs a site for the length of a `with`."""
    site = ScriptedSite(tls)
    try:
        yield site
    finally:
        site.close()


def self_signed(folder: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """Makes a throw-away certificate; gives the server's TLS context and the CA file that trusts it."""
    import datetime as dt  # noqa: PLC0415
    import ipaddress  # noqa: PLC0415

    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "throw-away")])
    now = dt.datetime.now(dt.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca = folder / f"ca-{host}.pem"
    ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    both = folder / f"server-{host}.pem"
    both.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + ca.read_bytes()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, ca
