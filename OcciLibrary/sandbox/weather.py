"""Weather between the tester and the sandbox's server: a relay that can break, cut, slow down and hold up answers."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

LARGEST_HEADER = 256 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})", re.IGNORECASE)
_IDLE_SECONDS = 30.0
_ACCEPT_SECONDS = 0.05
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset


class Treatment(Enum):
    """What becomes of one request or its answer."""

    PASS = "pass"
    RESET = "reset"  # before the server sees the request
    LOSE = "lose"  # the server does it, and its answer is lost in a reset
    CUT = "cut"  # half of the answer's body
    DRIP = "drip"  # one byte a second
    HANG = "hang"  # no answer at all
    GARBLE = "garble"  # bytes that are no HTTP


@dataclass(frozen=True, slots=True)
class Weather:
    """``treat`` says by method and target what becomes of a request, ``away`` for how many seconds nobody can connect after it.

    ``connect_seconds`` delays a connection's first answer, ``answer_seconds`` every one.
    """

    treat: Callable[[str, str], Treatment] = lambda method, target: Treatment.PASS
    away: Callable[[str, str], float] = lambda method, target: 0.0
    connect_seconds: float = 0.0
    answer_seconds: float = 0.0


class WeatherRelay:
    """Listens on 127.0.0.1 in front of a server and lets its requests through, as the weather is.

    ``inner_path`` turns a path of the server into the one that the weather knows.
    Raises OSError when the port is taken.
    """

    def __init__(
        self,
        upstream: int,
        weather: Weather,
        port: int = 0,
        inner_path: Callable[[str], str] = lambda path: path,
    ) -> None:
        self._upstream = upstream
        self._inner_path = inner_path
        self._weather = weather
        self._stopping = threading.Event()
        self._listener = _listening(port)
        self.port: int = self._listener.getsockname()[1]
        self._away_until = 0.0
        self.url = f"http://127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the relay and its connections."""
        self._stopping.set()
        self._thread.join(5.0)
        self._close()

    def _close(self) -> None:
        self._listener.close()
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            if (left := self._away_until - time.monotonic()) > 0:
                self._close()
                self._stopping.wait(left)
                self._listener = _listening(self.port)
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._relay, args=(connection,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        self._open.add(client)
        try:
            client.settimeout(_IDLE_SECONDS)
            with client, socket.create_connection(("127.0.0.1", self._upstream), _IDLE_SECONDS) as server:
                for connection in (client, server):
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._stopping.wait(self._weather.connect_seconds)
                while (request := _message(client)) and self._pass_on(request, client, server):
                    pass
        except OSError:
            pass  # either side is gone
        finally:
            self._open.discard(client)

    def _pass_on(self, request: bytes, client: socket.socket, server: socket.socket) -> bool:
        """Handles one request; False when the connection is over."""
        method, asked, *_ = [*request.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "", ""]
        path, question, query = asked.partition("?")
        target = self._inner_path(path) + question + query
        treatment = self._weather.treat(method, target)
        if seconds := self._weather.away(method, target):
            self._away_until = time.monotonic() + seconds
        if treatment in (Treatment.RESET, Treatment.HANG, Treatment.GARBLE):
            return self._keep_back(treatment, client)
        self._stopping.wait(self._weather.answer_seconds)
        server.sendall(request)
        answer = _message(server)
        if treatment is Treatment.LOSE:
            return _reset(client)
        if treatment is Treatment.CUT:
            client.sendall(answer[: -max(1, (len(answer) - answer.find(b"\r\n\r\n")) // 2)])
            return False
        if treatment is Treatment.DRIP:
            return self._drip(client, answer)
        client.sendall(answer)
        return bool(answer)

    def _keep_back(self, treatment: Treatment, client: socket.socket) -> bool:
        """Treats a request that the server never sees."""
        if treatment is Treatment.RESET:
            return _reset(client)
        if treatment is Treatment.GARBLE:
            client.sendall(b"\x16\x03\x01\x02\x00 this is not HTTP \xff\xfe\r\n" * 40)
            return False
        return self._hang(client)

    def _hang(self, client: socket.socket) -> bool:
        while not self._stopping.is_set():
            ready, _, _ = select.select([client], [], [], 0.2)
            if ready:
                return False  # the client has given up
        return False

    def _drip(self, client: socket.socket, answer: bytes) -> bool:
        head = answer.find(b"\r\n\r\n") + 4
        client.sendall(answer[:head])
        for position in range(head, len(answer)):
            if self._stopping.wait(1.0):
                return False
            client.sendall(answer[position : position + 1])
        return True


def _listening(port: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    listener.settimeout(_ACCEPT_SECONDS)
    return listener


def _reset(client: socket.socket) -> bool:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    return False


def _message(source: socket.socket) -> bytes:
    """Reads one HTTP message with a Content-Length or no body; b'' at the end of the connection."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        chunk = source.recv(65536)
        if not chunk or len(data) > LARGEST_HEADER:
            return b""
        data += chunk
    found = _LENGTH.search(data[:end])
    whole = end + 4 + (int(found[1]) if found else 0)
    while len(data) < whole and (chunk := source.recv(65536)):
        data += chunk
    return data
