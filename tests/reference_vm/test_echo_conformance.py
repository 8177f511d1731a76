"""What the wiki and our own documents promise of the echo service, asked of every build of it over real sockets."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .echo_builds import BUILDS, Build

REPLY = re.compile(
    rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\d+\.\d+\.\d+\.\d+) (.*?)(\r?\n)(?=\d{4}-\d\d-|\Z)",
    re.DOTALL,
)
USUAL_IDLE = 300
TOO_LONG = b"error: a line may have 4096 bytes at most"
MOST_CLIENTS = 256


@pytest.fixture(scope="module", params=BUILDS)
def build(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Build:
    return BUILDS[request.param](tmp_path_factory.mktemp("echo"))


@pytest.fixture(scope="module")
def port(build: Build) -> Iterator[int]:
    with build(USUAL_IDLE) as number:
        yield number


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 5)


def all_of(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def talk(port: int, *pieces: bytes) -> bytes:
    with connect(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        return all_of(connection)


def messages(replies: bytes) -> list[tuple[bytes, bytes]]:
    return [(found[3], found[4]) for found in REPLY.finditer(replies)]


def test_prefix_is_the_server_time_and_the_server_address(port: int) -> None:
    before = dt.datetime.now(dt.timezone.utc) - dt.timedelta(milliseconds=1)
    found = REPLY.fullmatch(talk(port, b"hello world\nEXIT\n"))
    assert found
    shown = dt.datetime.fromisoformat(found[1].decode().replace("Z", "+00:00"))
    assert before <= shown <= dt.datetime.now(dt.timezone.utc)
    assert (found[2], found[3]) == (b"127.0.0.1", b"hello world")


@pytest.mark.parametrize("line", [b"exit", b"EXIT ", b" EXIT", b"EXITX", b"XEXIT", b"", b"EXIT\0"])
def test_only_the_exact_word_ends_the_connection(port: int, line: bytes) -> None:
    assert messages(talk(port, line + b"\nafter\nEXIT\nnever\n")) == [(line, b"\n"), (b"after", b"\n")]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r\0"], ids=["LF", "CRLF", "CR-NUL"])
def test_the_client_gets_its_own_line_ending(port: int, ending: bytes) -> None:
    answered = b"\n" if ending == b"\n" else b"\r\n"
    assert messages(talk(port, b"x" + ending + b"EXIT" + ending)) == [(b"x", answered)]


@pytest.mark.parametrize(
    "line",
    ["grüße \N{SNOWMAN} \N{GRINNING FACE}".encode(), b"a\0b", b"\xc3\x28\x80", b"a\rb", b"%s%n", b"x" * 4096],
    ids=["UTF-8", "NUL", "not UTF-8", "CR", "format", "longest"],
)
def test_a_message_comes_back_byte_for_byte(port: int, line: bytes) -> None:
    assert messages(talk(port, line + b"\nEXIT\n")) == [(line, b"\n")]


def test_telnet_negotiation_is_not_part_of_the_message(port: int) -> None:
    sent = b"\xff\xfb\x18\xff\xfd\x01he\xff\xfa\x18\x00vt\r\n100\xff\xf0llo\xff\xf1!\xff\xff\r\nEXIT\r\n"
    whole = messages(talk(port, sent))
    assert whole == [(b"hello!\xff", b"\r\n")]
    assert messages(talk(port, *(bytes([byte]) for byte in sent))) == whole


def test_a_last_line_without_ending_is_answered(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"one\ntwo")
        connection.shutdown(socket.SHUT_WR)
        assert messages(all_of(connection)) == [(b"one", b"\n"), (b"two", b"\n")]


@pytest.mark.parametrize(
    "rest", [b"", b"\n", b"\nEXIT\n", b"x" * 500_000], ids=["open", "ended", "exit", "huge"]
)
def test_a_line_that_is_too_long_is_refused_in_words(port: int, rest: bytes) -> None:
    replies = talk(port, b"fine\n" + b"x" * 4097 + rest)
    assert messages(replies) == [(b"fine", b"\n"), (TOO_LONG, b"\r\n")]


def test_many_clients_at_once_and_one_too_many(port: int) -> None:
    with contextlib.ExitStack() as open_ones:
        connections = [open_ones.enter_context(connect(port)) for _ in range(MOST_CLIENTS)]
        for number, connection in enumerate(connections):
            connection.sendall(b"client %d\n" % number)
        for number, connection in enumerate(connections):
            assert messages(connection.recv(200)) == [(b"client %d" % number, b"\n")]
        assert b"error: too many clients, try again later\r\n" in talk(port, b"")
        connections[0].sendall(b"EXIT\n")
        assert all_of(connections[0]) == b""
        assert messages(talk(port, b"me\nEXIT\n")) == [(b"me", b"\n")]


def test_a_slow_reader_gets_every_answer(port: int) -> None:
    count = 20_000
    with connect(port) as connection:
        sender = threading.Thread(target=connection.sendall, args=(b"line\n" * count + b"EXIT\n",))
        sender.start()
        received = all_of(connection)
        sender.join()
    assert received.count(b" line\n") == count


def test_a_silent_client_is_cut_off_and_a_speaking_one_is_not(build: Build) -> None:
    with build(1) as port, connect(port) as silent, connect(port) as speaking:
        begun = time.monotonic()
        silent.setblocking(False)
        while time.monotonic() < begun + 5:
            speaking.sendall(b"still here\n")
            assert b"still here" in speaking.recv(200)
            with contextlib.suppress(BlockingIOError):
                with contextlib.suppress(ConnectionResetError):
                    assert silent.recv(100) == b""
                break
        assert 0.9 <= time.monotonic() - begun < 4
        speaking.sendall(b"EXIT\n")
        assert all_of(speaking) == b""


_LINES = st.lists(st.tuples(st.binary(max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r\0"])), max_size=8)


@given(_LINES, st.lists(st.integers(0, 200), max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_in_any_pieces_are_answered_line_by_line(
    port: int, lines: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    lines = [(b">" + line.translate(None, b"\r\n\xff"), ending) for line, ending in lines]
    sent = b"".join(line + ending for line, ending in lines) + b"EXIT\n"
    places = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    pieces = [sent[start:end] for start, end in itertools.pairwise(places)]
    answered = [(line, ending.replace(b"\r\0", b"\r\n")) for line, ending in lines]
    assert messages(talk(port, *pieces)) == answered
