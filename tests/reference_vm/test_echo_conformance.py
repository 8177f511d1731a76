"""What the wiki and our own documents promise of the echo service, asked of every build of it over real sockets."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .echo_builds import BUILDS, Build, EchoServer

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
def server(build: Build) -> Iterator[EchoServer]:
    with build(USUAL_IDLE) as running:
        yield running


def all_of(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def talk(server: EchoServer, *pieces: bytes) -> bytes:
    with server.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        return all_of(connection)


def messages(replies: bytes) -> list[tuple[bytes, bytes]]:
    return [(found[3], found[4]) for found in REPLY.finditer(replies)]


def test_prefix_is_the_server_time_and_the_server_address(server: EchoServer) -> None:
    tolerance = dt.timedelta(seconds=server.clock)
    before = dt.datetime.now(dt.timezone.utc) - tolerance
    found = REPLY.fullmatch(talk(server, b"hello world\nEXIT\n"))
    assert found
    shown = dt.datetime.fromisoformat(found[1].decode().replace("Z", "+00:00"))
    assert before <= shown <= dt.datetime.now(dt.timezone.utc) + tolerance
    assert (found[2], found[3]) == (server.address.encode(), b"hello world")


def test_every_answer_has_the_time_at_which_its_line_came(server: EchoServer) -> None:
    times = []
    with server.connect() as connection:
        for _ in range(3):
            connection.sendall(b"now\n")
            found = REPLY.fullmatch(connection.recv(200))
            assert found
            times.append(found[1])
            time.sleep(0.005)
    assert times == sorted(set(times))


@pytest.mark.parametrize("line", [b"exit", b"EXIT ", b" EXIT", b"EXITX", b"XEXIT", b"", b"EXIT\0"])
def test_only_the_exact_word_ends_the_connection(server: EchoServer, line: bytes) -> None:
    assert messages(talk(server, line + b"\nafter\nEXIT\nnever\n")) == [(line, b"\n"), (b"after", b"\n")]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r\0"], ids=["LF", "CRLF", "CR-NUL"])
def test_the_client_gets_its_own_line_ending(server: EchoServer, ending: bytes) -> None:
    answered = b"\n" if ending == b"\n" else b"\r\n"
    assert messages(talk(server, b"x" + ending + b"EXIT" + ending)) == [(b"x", answered)]


@pytest.mark.parametrize(
    "line",
    ["grüße \N{SNOWMAN} \N{GRINNING FACE}".encode(), b"a\0b", b"\xc3\x28\x80", b"a\rb", b"%s%n", b"x" * 4096],
    ids=["UTF-8", "NUL", "not UTF-8", "CR", "format", "longest"],
)
def test_a_message_comes_back_byte_for_byte(server: EchoServer, line: bytes) -> None:
    assert messages(talk(server, line + b"\nEXIT\n")) == [(line, b"\n")]


def test_telnet_negotiation_is_not_part_of_the_message(server: EchoServer) -> None:
    sent = b"\xff\xfb\x18\xff\xfd\x01he\xff\xfa\x18\x00vt\r\n100\xff\xf0llo\xff\xf1!\xff\xff\r\nEXIT\r\n"
    whole = messages(talk(server, sent))
    assert whole == [(b"hello!\xff", b"\r\n")]
    assert messages(talk(server, *(bytes([byte]) for byte in sent))) == whole


def test_a_last_line_without_ending_is_answered(server: EchoServer) -> None:
    with server.connect() as connection:
        connection.sendall(b"one\ntwo")
        connection.shutdown(socket.SHUT_WR)
        assert messages(all_of(connection)) == [(b"one", b"\n"), (b"two", b"\n")]


@pytest.mark.parametrize(
    "rest", [b"", b"\n", b"\nEXIT\n", b"x" * 500_000], ids=["open", "ended", "exit", "huge"]
)
def test_a_line_that_is_too_long_is_refused_in_words(server: EchoServer, rest: bytes) -> None:
    replies = talk(server, b"fine\n" + b"x" * 4097 + rest)
    assert messages(replies) == [(b"fine", b"\n"), (TOO_LONG, b"\r\n")]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r\0"], ids=["LF", "CRLF", "CR-NUL"])
def test_the_longest_line_is_answered_however_its_ending_comes(server: EchoServer, ending: bytes) -> None:
    line = b"x" * 4096
    answered = b"\n" if ending == b"\n" else b"\r\n"
    with server.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"first\n" + line + ending[:-1])
        received = connection.recv(200)
        assert messages(received) == [(b"first", b"\n")]  # all that was sent has been looked at
        connection.sendall(ending[-1:] + b"EXIT" + ending)
        received += all_of(connection)
    assert messages(received)[1:] == [(line, answered)]


def test_a_users_telnet_program_is_served(server: EchoServer) -> None:
    if (program := shutil.which("telnet")) is None:
        pytest.skip("no telnet here (apt-get install telnet)")
    command = [program, server.host, str(server.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as telnet:
        try:
            assert telnet.stdin
            assert telnet.stdout
            telnet.stdin.write("grüße\n".encode())
            telnet.stdin.flush()
            said = [next(line for line in telnet.stdout if server.address.encode() + b" gr" in line)]
            telnet.stdin.write(b"EXIT\n")
            telnet.stdin.flush()
            said += telnet.stdout.readlines()
        finally:
            telnet.kill()
    assert said[0].decode().rstrip("\r\n").endswith(f"Z {server.address} grüße")
    assert not [line for line in said if b"EXIT" in line]


def test_many_clients_at_once_and_one_too_many(server: EchoServer) -> None:
    with contextlib.ExitStack() as open_ones:
        connections = [open_ones.enter_context(server.connect()) for _ in range(MOST_CLIENTS)]
        for number, connection in enumerate(connections):
            connection.sendall(b"client %d\n" % number)
        for number, connection in enumerate(connections):
            assert messages(connection.recv(200)) == [(b"client %d" % number, b"\n")]
        assert b"error: too many clients, try again later\r\n" in talk(server, b"")
        connections[0].sendall(b"EXIT\n")
        assert all_of(connections[0]) == b""
        assert messages(talk(server, b"me\nEXIT\n")) == [(b"me", b"\n")]


def test_a_slow_reader_gets_every_answer(server: EchoServer) -> None:
    count = 20_000
    with server.connect() as connection:
        sender = threading.Thread(target=connection.sendall, args=(b"line\n" * count + b"EXIT\n",))
        sender.start()
        received = all_of(connection)
        sender.join()
    assert received.count(b" line\n") == count


def test_a_silent_client_is_cut_off_and_a_speaking_one_is_not(build: Build) -> None:
    with build(1) as server, server.connect() as silent, server.connect() as speaking:
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
    server: EchoServer, lines: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    lines = [(b">" + line.translate(None, b"\r\n\xff"), ending) for line, ending in lines]
    sent = b"".join(line + ending for line, ending in lines) + b"EXIT\n"
    places = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    pieces = [sent[start:end] for start, end in itertools.pairwise(places)]
    answered = [(line, ending.replace(b"\r\0", b"\r\n")) for line, ending in lines]
    assert messages(talk(server, *pieces)) == answered
