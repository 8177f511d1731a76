"""The way to a site: name look-up, many addresses, proxies. Whatever hangs there ends with the time-out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from OcciLibrary.occi.request_errors import AnswerOverBounds, NotSent, SiteUnreachable
from OcciLibrary.occi.transport import Transport
from tests.occi.scripted_site import ScriptedSite, answer, scripted

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class DrippingProxy:
    """Takes what a client sends and answers with some bytes, one every tenth of a second, for as long as it may."""

    def __init__(self, first: bytes, drops: bytes) -> None:
        self._first, self._drops = first, drops
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(self._first)
                for drop in self._drops:
                    if self._closing.wait(0.1):
                        return
                    connection.sendall(bytes([drop]))
                self._closing.wait(20)
        except OSError:
            return

    def close(self) -> None:
        self._closing.set()
        self._listener.close()


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        running.on("/", answer(200, "x"))
        yield running


def test_look_up_that_hangs_ends_with_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = threading.Event()

    def hang(*_: Any, **__: Any) -> Any:
        resolved.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    transport = Transport("http://hanging.example.org/")
    began = time.monotonic()
    with pytest.raises(
        NotSent, match=r"hanging.example.org port 80 gave no answer to POST: no connection .*\(DNS"
    ):
        transport.send("POST", "http://hanging.example.org/", {}, timeout=0.3)
    assert time.monotonic() - began < 1
    resolved.set()
    transport.close()


def test_addresses_that_swallow_everything_share_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    filling = [socket.socket() for _ in range(4)]
    for one in filling:  # a queue that is full swallows what comes next
        one.setblocking(False)
        one.connect_ex(full.getsockname())
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", full.getsockname())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry] * 8)
    transport = Transport("http://many.example.org/")
    began = time.monotonic()
    with pytest.raises(NotSent, match=r"no connection came about in time|no answer in time"):
        transport.send("GET", "http://many.example.org/", {}, timeout=0.5)
    assert time.monotonic() - began < 1.2
    transport.close()
    for one in (*filling, full):
        one.close()


@pytest.mark.parametrize(
    ("variable", "scheme", "first", "drops"),
    [
        ("ALL_PROXY", "socks5", b"", b"\x05\x00" + b"\x05\x00\x00\x03\xff" + b"x" * 100),
        ("ALL_PROXY", "socks5h", b"\x05\x00", b"\x05\x00\x00\x03\xff" + b"x" * 100),
        ("HTTP_PROXY", "http", b"", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100),
        ("HTTP_PROXY", "http", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"x" * 100),
        ("HTTPS_PROXY", "http", b"", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100),
        ("HTTPS_PROXY", "http", b"HTTP/1.1 200 OK\r\n\r\n", b"\x16" * 100),
    ],
)
def test_proxy_that_drips_ends_with_the_time_out(
    monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str, first: bytes, drops: bytes
) -> None:
    proxy = DrippingProxy(first, drops)
    monkeypatch.setenv(variable, f"{scheme}://127.0.0.1:{proxy.port}")
    url = f"{'https' if variable == 'HTTPS_PROXY' else 'http'}://127.0.0.9:9/"
    transport = Transport(url)
    began = time.monotonic()
    with pytest.raises((SiteUnreachable, AnswerOverBounds), match=r"in time|not complete after"):
        transport.send("GET", url, {}, timeout=0.4)
    assert time.monotonic() - began < 1.2
    transport.close()
    proxy.close()


def test_proxy_that_is_not_there_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    transport = Transport("http://127.0.0.9:9/")
    with pytest.raises(NotSent, match=r"the proxy of your environment \(HTTP_PROXY"):
        transport.send("GET", "http://127.0.0.9:9/", {}, timeout=1)
    transport.close()


def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch, site: ScriptedSite) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.9:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    transport = Transport(site.url)
    assert transport.send("GET", site.url, {}).body == b"x"
    transport.close()
