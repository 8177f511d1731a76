"""The echo probe: talks to the echo service that runs inside the VM.

The service answers each line with ``<server time> <server ip> <message>`` and ends the connection
on ``EXIT`` (wiki, execution plan 1).
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .line_connection import Deadline, Ending, Line, LineConnection, NotConnectedError
from .quoting import escaped, quoted

MESSAGES = (
    "Hello from the tester",
    "0123456789",
    "punctuation !\"#$%&'()*+,-./:;<=>?@[]^_{|}~ and  two spaces",
    "UTF-8 Grüße, Ωμέγα, naïve, 日本語",
)
"""What is sent when the caller gives no messages of its own."""
MAX_MESSAGE = 4000
"""The longest message that is sent, in bytes; the answer with its prefix must fit into one line."""

# Telnet negotiation that a service may put before its text is no prefix.
_TELNET_COMMAND = re.compile(rb"\xff(?:[\xfb-\xfe].|[\xf0-\xfa])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class EchoExchange:
    """One message, what came back for it, and how many seconds that took."""

    message: str
    reply: str
    seconds: float


@dataclass(frozen=True, slots=True)
class EchoReport:
    """What came of a conversation with the echo service.

    ``answered`` is True only if every message came back right. ``ended_by_exit`` is None when EXIT was not
    sent. ``problem`` is '' when all is well, else one plain sentence.
    """

    connected: bool
    answered: bool
    exchanges: tuple[EchoExchange, ...]
    ended_by_exit: bool | None
    problem: str
    seconds: float


def converse(
    host: str,
    port: int,
    messages: Sequence[str] | None = None,
    timeout: float = 5.0,
    end_with_exit: bool = True,
) -> EchoReport:
    """Sends some messages to the echo service, checks every reply, and ends with EXIT.

    A random word is put behind each message, so that a reply to anything else cannot pass for its reply.
    ``timeout`` is for everything together, in seconds. Raises nothing for what the other side does.
    Source: wiki, execution plan 1 and steps 3.4, 4.5, 5.4, 5.7, 6.3.
    """
    deadline = Deadline(timeout)
    where = f"the echo service at {escaped(host, 80)} port {port}"
    texts = tuple(MESSAGES if messages is None else messages)
    problem = _unfit(texts)
    if problem:
        return EchoReport(False, False, (), None, problem, deadline.spent())
    try:
        connection = LineConnection(host, port, deadline)
    except NotConnectedError as error:
        return EchoReport(
            False, False, (), None, f"{_capital(where)} cannot be reached: {error}", deadline.spent()
        )
    with connection:
        exchanges, problem = _exchange_all(connection, texts, where)
        answered = not problem
        ended: bool | None = None
        if answered and end_with_exit:
            problem = _end(connection, where, deadline)
            ended = not problem
        return EchoReport(True, answered, exchanges, ended, problem, deadline.spent())


def glance(host: str, port: int, timeout: float = 1.0) -> tuple[str, str]:
    """Makes one short exchange, for the watch; returns a value and a detail.

    The value is 'answers' (a proper echo came), 'garbled' (a connection was made, but no proper echo came in
    time) or 'silent' (no connection).
    """
    deadline = Deadline(timeout)
    try:
        connection = LineConnection(host, port, deadline)
    except NotConnectedError as error:
        return "silent", str(error)
    with connection:
        message = f"glance {secrets.token_hex(6)}"
        exchange, line = _exchange(connection, message)
        problem = _wrong(line, exchange, ())
        if problem:
            return "garbled", f"Sent {quoted(message)}; {problem}."
        connection.send("EXIT")
        return "answers", f"prefix {quoted(_prefix(exchange))} in {exchange.seconds * 1000:.0f} ms"


def _unfit(texts: Sequence[str]) -> str:
    if not texts:
        return "No message was given to send to the echo service."
    for text in texts:
        if "\n" in text or "\r" in text:
            return (
                f"The message {quoted(text)} holds a line break, but the echo service answers line by line."
            )
        if len(text.encode("utf-8", "replace")) > MAX_MESSAGE:
            return f"The message {quoted(text, 40)} is longer than {MAX_MESSAGE} bytes."
    return ""


def _exchange_all(
    connection: LineConnection, texts: Sequence[str], where: str
) -> tuple[tuple[EchoExchange, ...], str]:
    exchanges: list[EchoExchange] = []
    for text in texts:
        exchange, line = _exchange(connection, f"{text} {secrets.token_hex(6)}")
        problem = _wrong(line, exchange, [earlier.message for earlier in exchanges])
        exchanges.append(exchange)
        if problem:
            # What follows would be out of step with what is sent: no use in going on.
            sentence = f"{_capital(where)} did not echo message {len(exchanges)} of {len(texts)}"
            return tuple(exchanges), f"{sentence}: sent {quoted(exchange.message)}, {problem}."
    return tuple(exchanges), ""


def _exchange(connection: LineConnection, message: str) -> tuple[EchoExchange, Line]:
    begun = time.perf_counter()
    connection.send(message)  # whether it went out shows in what comes back
    line = connection.read_line()
    content = _TELNET_COMMAND.sub(b"", line.content)
    reply = content.decode("utf-8", "backslashreplace")
    return EchoExchange(message, reply, time.perf_counter() - begun), line


def _wrong(line: Line, exchange: EchoExchange, earlier: Sequence[str]) -> str:
    """Says what is wrong with a reply; '' when it is right."""
    message, reply = exchange.message, exchange.reply
    if line.ending is not Ending.LINE:
        return _broken_off(line, exchange)
    if reply == message:
        return "and the very same came back, without the server's prefix (its time and address) before it"
    if reply.endswith(message):
        return (
            "" if _prefix(exchange) else f"and {quoted(reply)} came back, with nothing but blanks as prefix"
        )
    if any(reply.endswith(other) for other in earlier):
        return f"but the reply to an earlier message came back: {quoted(reply)}"
    kind = "an empty line " if not reply.strip() else "a line that does not end with the message "
    return f"but {kind}came back: {quoted(reply)}"


def _broken_off(line: Line, exchange: EchoExchange) -> str:
    got = f"only {quoted(line.content)} without a line end" if line.content else "nothing"
    if line.ending is Ending.TOO_LONG:
        shown = quoted(line.content, 60)
        return f"but an endless line came back and was cut off after {len(line.content)} bytes: {shown}"
    if line.ending is Ending.TIMEOUT:
        return f"but {got} came back within {exchange.seconds:.1f} s"
    how = "was reset" if line.ending is Ending.RESET else "was closed by the other side"
    return f"but {got} came back before the connection {how}"


def _prefix(exchange: EchoExchange) -> str:
    return exchange.reply.removesuffix(exchange.message).strip()


def _end(connection: LineConnection, where: str, deadline: Deadline) -> str:
    if connection.has_been_closed():
        return f"{_capital(where)} echoed well, but closed the connection before EXIT was sent."
    begun = deadline.left()
    connection.send("EXIT")
    line = connection.read_to_end()
    if line.ending in (Ending.CLOSED, Ending.RESET):
        return ""
    came = f" and sent {quoted(line.content, 60)} instead" if line.content else ""
    if line.ending is Ending.TOO_LONG:
        return f"{_capital(where)} echoed well, but did not end the connection after EXIT{came}."
    return f"{_capital(where)} echoed well, but did not end the connection within {begun:.1f} s after EXIT{came}."


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
