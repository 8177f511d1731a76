"""The echo service of the reference VM, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.reference_vm import echo_service
from OcciLibrary.reference_vm.echo_service import EchoService, TelnetFilter, split_line

REPLY = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) 127\.0\.0\.1 (.*?)(\r?\n)", re.DOTALL)
FILE = Path(echo_service.__file__)


class RunningService:
    """An echo service in a loop of its own thread."""

    def __init__(self, service: EchoService) -> None:
        self.service = service
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.do(service.open)

    def do(self, step: Callable[[], object]) -> None:
        asyncio.run_coroutine_threadsafe(step(), self.loop).result(5)  # type: ignore[arg-type]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.service.port), 5)

    def end(self) -> None:
        self.do(self.service.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


@contextlib.contextmanager
def running(**limits: float) -> Iterator[RunningService]:
    started = RunningService(EchoService("127.0.0.1", 0, **limits))  # type: ignore[arg-type]
    try:
        yield started
    finally:
        started.end()


@pytest.fixture(scope="module")
def echo() -> Iterator[RunningService]:
    with running() as started:
        yield started


def all_of(connection: socket.socket) -> bytes:
    """Reads until the service ends the connection."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def talk(echo: RunningService, sent: bytes) -> bytes:
    with echo.connect() as connection:
        connection.sendall(sent)
        return all_of(connection)


def messages(replies: bytes) -> list[tuple[bytes, bytes]]:
    return [(found[2], found[3]) for found in REPLY.finditer(replies)]


def test_each_line_comes_back_with_time_and_address(echo: RunningService) -> None:
    before = dt.datetime.now(dt.timezone.utc) - dt.timedelta(milliseconds=1)
    replies = talk(echo, b"hello world\nEXIT\n")
    found = REPLY.fullmatch(replies)
    assert found
    assert found[2] == b"hello world"
    shown = dt.datetime.fromisoformat(found[1].decode().replace("Z", "+00:00"))
    assert before <= shown <= dt.datetime.now(dt.timezone.utc)


@pytest.mark.parametrize(
    ("sent", "ending"),
    [(b"x\n", b"\n"), (b"x\r\n", b"\r\n"), (b"x\r\0", b"\r\n")],
    ids=["LF", "CRLF", "CR-NUL"],
)
def test_answers_with_the_line_ending_of_the_client(echo: RunningService, sent: bytes, ending: bytes) -> None:
    assert messages(talk(echo, sent + b"EXIT" + sent[1:])) == [(b"x", ending)]


@pytest.mark.parametrize("line", [b"exit", b"EXIT ", b" EXIT", b"EXITX", b""])
def test_only_the_exact_word_ends_the_connection(echo: RunningService, line: bytes) -> None:
    assert messages(talk(echo, line + b"\nafter\nEXIT\nnever\n")) == [(line, b"\n"), (b"after", b"\n")]


@pytest.mark.parametrize(
    "line", [b"a\0b", b"\xc3\x28\x80", "grüße \N{SNOWMAN}".encode(), b"a\rb", b"\x1b[31m", b"x" * 4096]
)
def test_garbage_comes_back_as_it_was(echo: RunningService, line: bytes) -> None:
    assert messages(talk(echo, line + b"\nEXIT\n")) == [(line, b"\n")]


def test_telnet_negotiation_is_not_part_of_the_message(echo: RunningService) -> None:
    sent = b"\xff\xfb\x18\xff\xfd\x01he\xff\xfa\x18\x00vt100\xff\xf0llo\xff\xf1!\r\n"
    assert messages(talk(echo, sent + b"EXIT\r\n")) == [(b"hello!", b"\r\n")]


def test_last_line_without_ending_is_answered(echo: RunningService) -> None:
    with echo.connect() as connection:
        connection.sendall(b"one\ntwo")
        connection.shutdown(socket.SHUT_WR)
        assert messages(all_of(connection)) == [(b"one", b"\n"), (b"two", b"\n")]


def test_lines_come_in_any_pieces(echo: RunningService) -> None:
    with echo.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (b"on", b"e\r", b"\n", b"two\nEX", b"IT\n"):
            connection.sendall(piece)
        assert messages(all_of(connection)) == [(b"one", b"\r\n"), (b"two", b"\n")]


@pytest.mark.parametrize(
    "rest", [b"", b"\n", b"\nEXIT\n", b"x" * 500_000], ids=["open", "ended", "exit", "huge"]
)
def test_a_line_that_is_too_long_is_refused_in_words(echo: RunningService, rest: bytes) -> None:
    replies = talk(echo, b"fine\n" + b"x" * 4097 + rest)
    assert messages(replies) == [(b"fine", b"\n"), (b"error: a line may have 4096 bytes at most", b"\r\n")]


def test_many_clients_at_once(echo: RunningService) -> None:
    connections = [echo.connect() for _ in range(100)]
    for number, connection in enumerate(connections):
        connection.sendall(b"client %d\nEXIT\n" % number)
    answers = [messages(all_of(connection)) for connection in connections]
    for connection in connections:
        connection.close()
    assert answers == [[(b"client %d" % number, b"\n")] for number in range(100)]


def test_too_many_clients_are_told_so_and_places_become_free() -> None:
    with running(most_clients=2) as echo, echo.connect() as first, echo.connect() as second:
        for connection in (first, second):
            connection.sendall(b"here\n")
            assert connection.recv(100)
        assert b"error: too many clients" in talk(echo, b"")
        first.sendall(b"EXIT\n")
        assert all_of(first) == b""
        assert messages(talk(echo, b"me\nEXIT\n")) == [(b"me", b"\n")]
        second.sendall(b"still\nEXIT\n")
        assert messages(all_of(second)) == [(b"still", b"\n")]


def test_a_silent_client_is_cut_off() -> None:
    with running(idle_seconds=0.05) as echo, echo.connect() as connection:
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""
        assert connection.fileno() >= 0


def test_a_client_that_never_reads_costs_bounded_memory_and_harms_nobody() -> None:
    with running(idle_seconds=0.3) as echo, socket.socket() as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.connect(("127.0.0.1", echo.service.port))
        greedy.settimeout(1.0)
        sent = 0
        with contextlib.suppress(OSError):  # the service stops reading, then cuts the connection
            while sent < 64 * 1024 * 1024:
                sent += greedy.send(b"\n" * 65536)
        assert sent < 64 * 1024 * 1024
        assert messages(talk(echo, b"me\nEXIT\n")) == [(b"me", b"\n")]


def test_a_slow_reader_gets_every_answer(echo: RunningService) -> None:
    count = 20_000
    with echo.connect() as connection:
        sender = threading.Thread(target=connection.sendall, args=(b"line\n" * count + b"EXIT\n",))
        sender.start()
        received = all_of(connection)
        sender.join()
    assert received.count(b" line\n") == count


def test_closing_cuts_connections_and_the_port_opens_again() -> None:
    with running() as echo, echo.connect() as connection:
        connection.sendall(b"x\n")
        connection.recv(100)
        port = echo.service.port
        echo.do(echo.service.close)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""
        with pytest.raises(ConnectionRefusedError):
            echo.connect()
        echo.do(echo.service.open)
        assert echo.service.port == port
        assert messages(talk(echo, b"again\nEXIT\n")) == [(b"again", b"\n")]


@given(st.lists(st.binary(max_size=30)), st.integers(0, 3))
def test_filter_gives_the_same_for_any_pieces(pieces: list[bytes], times: int) -> None:
    pieces = [piece.replace(b"a", b"\xff" * times) for piece in pieces]
    whole, parts = TelnetFilter(), TelnetFilter()
    assert whole.strip(b"".join(pieces)) == b"".join(parts.strip(piece) for piece in pieces)


@given(st.lists(st.tuples(st.binary(max_size=20), st.sampled_from([b"\n", b"\r\n", b"\r\0"]))))
def test_lines_are_split_as_they_were_joined(lines: list[tuple[bytes, bytes]]) -> None:
    lines = [(line.translate(None, b"\r\n\0"), ending) for line, ending in lines]
    data, start, found = bytearray(b"".join(line + ending for line, ending in lines)), 0, []
    while (split := split_line(data, start)) is not None:
        line, ending, start = split
        found.append((line, ending))
    assert found == [(line, ending.replace(b"\r\0", b"\r\n")) for line, ending in lines]
    assert start == len(data)


# ---- the file by itself, as a site admin starts it


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-I", "-S", "-W", "error", str(FILE), "--host", "127.0.0.1", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process, int(process.stdout.readline().rpartition(":")[2] or 0)
        finally:
            process.kill()


def test_runs_by_itself_and_shows_the_address_it_is_told() -> None:
    with started("--port", "0", "--address", "192.0.2.7") as (process, port):
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"hi\nEXIT\n")
            assert re.fullmatch(rb"\S+Z 192\.0\.2\.7 hi\n", all_of(connection))
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert process.stderr
        assert process.stderr.read() == ""


def test_a_taken_port_is_said_in_one_sentence() -> None:
    with running() as echo, started("--port", str(echo.service.port)) as (process, _):
        assert process.wait(5) == 1
        assert process.stderr
        assert re.fullmatch(r"Cannot listen on 127\.0\.0\.1:\d+: .+\n", process.stderr.read())


@pytest.mark.parametrize("port", ["-1", "65536", "http", "²"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with started(f"--port={port}") as (process, _):
        assert process.wait(5) == 2
        assert process.stderr
        assert "a port is a number from 0 to 65535" in process.stderr.read()


def test_the_file_parses_on_python_3_6() -> None:
    compile(FILE.read_text(), str(FILE), "exec")
    import ast  # noqa: PLC0415

    tree = ast.parse(FILE.read_text(), feature_version=(3, 6))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= {
        "argparse",
        "asyncio",
        "contextlib",
        "datetime",
        "os",
        "re",
        "signal",
        "socket",
        "sys",
    }
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_time_has_milliseconds_and_zone() -> None:
    shown = dt.datetime.fromisoformat(echo_service.server_time().replace("Z", "+00:00"))
    assert abs(shown.timestamp() - time.time()) < 1
