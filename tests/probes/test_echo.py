from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.probes import converse, glance
from OcciLibrary.probes.echo import MESSAGES
from OcciLibrary.probes.line_connection import Deadline, Ending, Line, LineConnection
from OcciLibrary.probes.quoting import quoted

from .conftest import Serve

PREFIX = b"2011-11-14T18:05:00Z 10.0.0.7 "
HOST = "127.0.0.1"


def lines(connection: socket.socket) -> Iterator[bytes]:
    with connection.makefile("rb") as stream:
        yield from stream


def answering(reply: Callable[[bytes], bytes], ends: bool = True) -> Callable[[socket.socket], None]:
    """Makes an echo service whose reply to a message is what ``reply`` gives."""

    def handler(connection: socket.socket) -> None:
        for line in lines(connection):
            message = line.rstrip(b"\r\n")
            if message == b"EXIT" and ends:
                return
            connection.sendall(reply(message))

    return handler


right = answering(lambda message: PREFIX + message + b"\r\n")


def test_a_right_echo_passes_with_all_kinds_of_messages(serve: Serve) -> None:
    report = converse(HOST, serve(right))
    assert report.problem == ""
    assert report.connected
    assert report.answered
    assert report.ended_by_exit is True
    assert len(report.exchanges) == len(MESSAGES)
    for exchange, text in zip(report.exchanges, MESSAGES, strict=True):
        assert exchange.message.startswith(f"{text} ")
        assert exchange.reply == PREFIX.decode() + exchange.message
        assert 0 < exchange.seconds < report.seconds < 5


def test_no_two_conversations_send_the_same(serve: Serve) -> None:
    port = serve(right)
    sent = [exchange.message for _ in range(3) for exchange in converse(HOST, port, ["a", "a"]).exchanges]
    assert len(set(sent)) == 6


def test_lines_end_as_telnet_ends_them(serve: Serve) -> None:
    seen: list[bytes] = []

    def handler(connection: socket.socket) -> None:
        for line in lines(connection):
            seen.append(line)
            if line == b"EXIT\r\n":
                return
            connection.sendall(PREFIX + line)

    assert converse(HOST, serve(handler), ["hello"]).problem == ""
    assert seen[0].endswith(b"\r\n")
    assert seen[-1] == b"EXIT\r\n"


def test_a_reply_in_pieces_is_fine(serve: Serve) -> None:
    pause = threading.Event()

    def handler(connection: socket.socket) -> None:
        for line in lines(connection):
            if line == b"EXIT\r\n":
                return
            for byte in PREFIX + line:
                connection.sendall(bytes([byte]))
                pause.wait(0.0005)

    assert converse(HOST, serve(handler), ["Grüße"]).problem == ""


def test_telnet_negotiation_before_the_reply_is_no_prefix(serve: Serve) -> None:
    assert (
        converse(HOST, serve(answering(lambda m: b"\xff\xfd\x01" + PREFIX + m + b"\n")), ["a"]).problem == ""
    )
    report = converse(HOST, serve(answering(lambda m: b"\xff\xfd\x01\xff\xfb\x03" + m + b"\n")), ["a"])
    assert "without the server's prefix" in report.problem


def previous() -> Callable[[bytes], bytes]:
    earlier = [b"nothing yet"]

    def reply(message: bytes) -> bytes:
        earlier.append(message)
        return PREFIX + (message if len(earlier) == 2 else earlier[-2]) + b"\r\n"

    return reply


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (lambda message: message + b"\r\n", "without the server's prefix"),
        (lambda message: b"   " + message + b"\r\n", "nothing but blanks as prefix"),
        (previous(), "the reply to an earlier message came back"),
        (
            lambda message: PREFIX + message + b" and more\r\n",
            "a line that does not end with the message came back",
        ),
        (
            lambda message: PREFIX + message[:-1] + b"\r\n",
            "a line that does not end with the message came back",
        ),
        (
            lambda message: PREFIX + message.upper() + b"\r\n",
            "a line that does not end with the message came back",
        ),
        (lambda _: b"\r\n", "an empty line came back"),
        (lambda _: b"\x00\x80\xfa\x1b[31m\n", r"\x00\x80\xfa\x1b[31m"),
        (lambda _: b"HTTP/1.0 400 Bad Request\r\n\r\n", "'HTTP/1.0 400 Bad Request'"),
        (lambda _: b"y" * 9000, "an endless line came back and was cut off after 8192 bytes"),
    ],
)
def test_a_wrong_reply_is_told_with_what_was_sent_and_what_came_back(
    serve: Serve, reply: Callable[[bytes], bytes], told: str
) -> None:
    report = converse(HOST, serve(answering(reply)), ["hello \t there", "second", "third"], timeout=3.0)
    assert told in report.problem
    assert "hello \\t there" in report.problem or "second" in report.problem
    assert report.connected
    assert not report.answered
    assert report.ended_by_exit is None
    assert report.problem.isprintable()
    assert len(report.problem) < 600


def test_a_server_that_closes_early_is_told(serve: Serve) -> None:
    def hangs_up(connection: socket.socket) -> None:
        next(lines(connection))

    def hangs_up_amid(connection: socket.socket) -> None:
        connection.sendall(PREFIX + next(lines(connection))[:3])

    assert (
        "nothing came back before the connection was closed" in converse(HOST, serve(hangs_up), ["a"]).problem
    )
    assert "only '2011" in converse(HOST, serve(hangs_up_amid), ["a"]).problem


def test_a_connection_that_the_other_side_closed_is_known_as_such(serve: Serve) -> None:
    go = threading.Event()
    deadline = Deadline(5.0)

    def closes_when_told(_: socket.socket) -> None:
        go.wait(5)

    with LineConnection(HOST, serve(closes_when_told), deadline) as connection:
        assert not connection.has_been_closed()
        go.set()
        while not connection.has_been_closed() and not deadline.over():
            pass
        assert connection.has_been_closed()
        assert connection.read_line() == Line(b"", Ending.CLOSED)


def test_a_server_that_closes_before_exit_is_told(serve: Serve) -> None:
    def one_line_only(connection: socket.socket) -> None:
        # Reply and end go out together, so that the end has come when the reply is read.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        connection.sendall(PREFIX + next(lines(connection)))

    if not hasattr(socket, "TCP_CORK"):
        pytest.skip("only Linux can send a reply and the end in one packet")
    report = converse(HOST, serve(one_line_only), ["a"])
    assert report.answered
    assert report.ended_by_exit is False
    assert "closed the connection before EXIT was sent" in report.problem


@pytest.mark.parametrize("ends", ["echoes", "streams", "ignores"])
def test_a_server_that_does_not_end_on_exit_is_told_in_time(serve: Serve, ends: str) -> None:
    def handler(connection: socket.socket) -> None:
        for line in lines(connection):
            if line != b"EXIT\r\n" or ends == "echoes":
                connection.sendall(PREFIX + line)
            while line == b"EXIT\r\n" and ends == "streams":
                connection.sendall(b"no " * 1000)

    begun = time.perf_counter()
    report = converse(HOST, serve(handler), ["a"], timeout=0.5)
    assert time.perf_counter() - begun < 2
    assert report.answered
    assert report.ended_by_exit is False
    assert "EXIT" in report.problem
    assert converse(HOST, serve(handler), ["a"], end_with_exit=False).ended_by_exit is None


def silent(connection: socket.socket) -> None:
    for _ in lines(connection):
        pass


def endless(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x" * 65536)


def drip(connection: socket.socket) -> None:
    pause = threading.Event()
    while True:
        connection.sendall(b".")
        pause.wait(0.01)


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (silent, "nothing came back within"),
        (endless, "cut off after 8192 bytes"),
        (drip, "without a line end"),
    ],
)
def test_time_and_size_are_bounded(serve: Serve, handler: Callable[[socket.socket], None], told: str) -> None:
    port = serve(handler)
    begun = time.perf_counter()
    report = converse(HOST, port, timeout=0.4)
    value, detail = glance(HOST, port, timeout=0.3)
    assert time.perf_counter() - begun < 2.5
    assert told in report.problem
    assert value == "garbled"
    assert told in detail


def test_no_connection_is_told(free_port: int) -> None:
    report = converse(HOST, free_port)
    assert not report.connected
    assert report.ended_by_exit is None
    assert report.exchanges == ()
    assert f"127.0.0.1 port {free_port}" in report.problem
    assert "connection refused" in report.problem
    value, detail = glance(HOST, free_port)
    assert value == "silent"
    assert "connection refused" in detail


@pytest.mark.parametrize(
    ("host", "port", "told"),
    [
        ("no-such-host.invalid", 7777, "cannot be resolved"),
        ("", 7777, "the host is empty"),
        ("x" * 300, 7777, "xxx..."),
        ("127.0.0.1", 0, "a port is a number from 1 to 65535"),
        ("127.0.0.1", 70000, "a port is a number from 1 to 65535"),
        ("a\0b", 7777, "a\\x00b"),
    ],
)
def test_an_address_that_makes_no_sense_is_told(host: str, port: int, told: str) -> None:
    report = converse(host, port)
    assert not report.connected
    assert told in report.problem
    assert report.problem.isprintable()
    assert len(report.problem) < 400
    assert glance(host, port)[0] == "silent"


def test_a_name_and_ipv6_work() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError as error:
        pytest.skip(f"this machine has no ::1 ({error})")
    with listener:
        threading.Thread(target=lambda: right(listener.accept()[0]), daemon=True).start()
        assert converse("::1", listener.getsockname()[1], ["a"], end_with_exit=False).problem == ""


def test_a_name_with_several_addresses_is_tried_through(serve: Serve) -> None:
    assert glance("localhost", serve(right))[0] == "answers"


@pytest.mark.parametrize(
    ("messages", "told"),
    [([], "No message"), (["a\nb"], "line break"), (["ü" * 3000], "longer than 4000 bytes")],
)
def test_messages_that_cannot_be_sent_are_told(messages: list[str], told: str, free_port: int) -> None:
    report = converse(HOST, free_port, messages)
    assert told in report.problem
    assert not report.answered


def test_glance_tells_the_prefix_and_is_garbled_without(serve: Serve) -> None:
    value, detail = glance(HOST, serve(right))
    assert value == "answers"
    assert "10.0.0.7" in detail
    assert glance(HOST, serve(answering(lambda message: message + b"\n")))[0] == "garbled"
    assert glance(HOST, serve(answering(lambda _: PREFIX + b"glance 0123\n")))[0] == "garbled"


@given(st.one_of(st.text(max_size=300), st.binary(max_size=600)))
def test_quoted_text_is_printable_and_short(text: str | bytes) -> None:
    shown = quoted(text)
    assert shown.isprintable()
    assert len(shown) < 120 * 10 + 40
