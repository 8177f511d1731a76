"""A site on a real socket that answers what a real server was recorded to answer, and keeps each request as it came."""

from __future__ import annotations

import contextlib
import itertools
import re
import shlex
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.occi.common_ground import RawRequest, cut

RECORDINGS = Path(__file__).parents[3] / "shared" / "live-transcripts"
needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason=f"the recordings are not here: {RECORDINGS}"
)
_NOT_REPLAYED = ("transfer-encoding", "content-length", "connection", "keep-alive", "date")


@dataclass(frozen=True)
class Exchange:
    """One recorded request with its answer; `title` is what the recording calls it."""

    title: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    sent: str
    status: str
    answer_headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def action(self) -> str:
        return re.sub(r".*?\?action=(\w+).*|.*", r"\1", self.target)


def recorded(folder: Path) -> tuple[str, list[Exchange]]:
    """Reads a recording; gives the host and port that it was made at, and the exchanges in their order."""
    found: list[Exchange] = []
    host = ""
    for file in sorted(folder.glob("0*.txt")):
        for block in re.split(r"-{30,}\n", file.read_bytes().decode()):
            title, dollar, rest = block.partition("$ curl ")
            command, http, answer = rest.partition("\nHTTP/1.")
            if not dollar or not http:
                continue
            words = shlex.split(command)
            url = next(word for word in words if word.startswith("http://"))
            host, _, target = url.removeprefix("http://").partition("/")
            found.append(_exchange(title.strip().rpartition("#####")[2].strip(), words, f"/{target}", answer))
    return host, found


def _exchange(title: str, words: list[str], target: str, answer: str) -> Exchange:
    options = list(itertools.pairwise(words))
    method = next((value for option, value in options if option == "-X"), "GET")
    headers = tuple(_header(value) for option, value in options if option == "-H")
    sent = next((value for option, value in options if option == "--data-binary"), "")
    answer = re.sub(r"\n\[curl exit \d+\]\n.*", "", answer, flags=re.DOTALL)
    head, _, body = answer.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    status = first.partition(" ")[2]
    return Exchange(title, method, target, headers, sent, status, tuple(map(_header, lines)), body)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip()


class RecordedSite:
    """Plays one recording: the exchange that is most like the request; 404 where none is for its method and path."""

    def __init__(self, folder: Path) -> None:
        self.recorded_at, self.exchanges = recorded(folder)
        self.raw: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        root = min((one.target for one in self.exchanges if one.target.endswith("/-/")), key=len)
        return f"http://127.0.0.1:{self.port}{root.removesuffix('-/')}"

    @property
    def requests(self) -> list[RawRequest]:
        return [cut(raw) for raw in self.raw]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            waiting = b""
            while True:
                while b"\r\n\r\n" not in waiting:
                    if not (received := connection.recv(65536)):
                        return
                    waiting += received
                head = waiting.partition(b"\r\n\r\n")[0]
                length = re.search(rb"\r\nContent-Length: (\d+)", head, re.IGNORECASE)
                end = len(head) + 4 + (int(length[1]) if length else 0)
                while len(waiting) < end:
                    waiting += connection.recv(65536)
                raw, waiting = waiting[:end], waiting[end:]
                self.raw.append(raw)
                connection.sendall(self._answer(cut(raw)))

    def _answer(self, request: RawRequest) -> bytes:
        alike = [
            one for one in self.exchanges if (one.method, one.target) == (request.method, request.target)
        ]
        # Of equal ones the first: the recordings begin with the site as it was found.
        best = max(alike, key=lambda one: _likeness(one, request), default=None)
        if best is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        here = f"127.0.0.1:{self.port}"
        body = best.body.replace(self.recorded_at, here).encode()
        lines = [
            f"{name}: {value}" for name, value in best.answer_headers if name.lower() not in _NOT_REPLAYED
        ]
        length = [] if best.status.startswith("204") else [f"Content-Length: {len(body)}"]
        head = "\r\n".join([f"HTTP/1.1 {best.status}", *lines, *length]).replace(self.recorded_at, here)
        return head.encode() + b"\r\n\r\n" + body


def _likeness(one: Exchange, request: RawRequest) -> tuple[bool, bool, bool]:
    form = "".join(request.all("Content-Type"))
    accept = "".join(request.all("Accept"))
    plain = {name.lower() for name, _ in one.headers} <= {
        "accept",
        "content-type",
        "x-auth-token",
        "category",
        "x-occi-attribute",
    }
    login = ("x-auth-token" in {n.lower() for n, _ in one.headers}) == bool(request.all("X-Auth-Token"))
    return (login and plain, one.header("Accept") == accept, one.header("Content-Type") == form)


@contextlib.contextmanager
def played(server: str) -> Iterator[RecordedSite]:
    """Plays the recording of a server for the length of a `with`."""
    site = RecordedSite(RECORDINGS / server)
    try:
        yield site
    finally:
        site.close()
