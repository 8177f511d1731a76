"""A TCP connection that speaks in lines and is bounded in time and size, whatever the other side does."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from .quoting import escaped

if TYPE_CHECKING:
    from typing_extensions import Self

MAX_LINE = 8192
"""The longest line that is read, in bytes."""
MAX_ADDRESSES = 4
"""How many addresses of one name are tried."""

Address = tuple[int, Any]  # address family, what socket.connect takes


class Deadline:
    """Counts down from a number of seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(0.0, seconds)
        self._end = time.perf_counter() + self.seconds

    def left(self) -> float:
        """Gives the seconds that are left, never less than 0."""
        return max(0.0, self._end - time.perf_counter())

    def over(self) -> bool:
        """Says whether the time is up."""
        return self.left() <= 0.0

    def spent(self) -> float:
        """Gives the seconds since the countdown began."""
        return self.seconds - (self._end - time.perf_counter())


class NotConnectedError(Exception):
    """Raised when no connection came about; its text is one plain sentence."""


def resolve(host: str, port: int, deadline: Deadline) -> list[Address]:
    """Finds the addresses of a host, IPv4 or IPv6, at most ``MAX_ADDRESSES`` of them.

    A name server that does not answer cannot hold this up longer than the deadline.
    Raises NotConnectedError when there are none.
    """
    shown = escaped(host, 80)
    try:
        return _addresses(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass  # a name, not an address
    except (OSError, ValueError, OverflowError) as error:
        raise NotConnectedError(
            f"'{shown}' with port {port} is not an address to connect to ({error})."
        ) from None
    found: list[list[Address]] = []
    problems: list[str] = []

    def look_up() -> None:
        try:
            found.append(_addresses(host, port, 0))
        except (OSError, ValueError, OverflowError) as error:
            problems.append(getattr(error, "strerror", None) or str(error))

    # getaddrinfo knows no time-out, so it runs where it may be left behind.
    thread = threading.Thread(target=look_up, name="name lookup", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if found and found[0]:
        return found[0]
    reason = problems[0] if problems else f"the name server did not answer within {deadline.seconds:g} s"
    raise NotConnectedError(f"The name '{shown}' cannot be resolved to an address ({reason}).")


def _addresses(host: str, port: int, flags: int) -> list[Address]:
    if not host:
        raise ValueError("the host is empty")
    if not 0 < port < 65536:
        raise ValueError("a port is a number from 1 to 65535")
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    unique = dict.fromkeys((int(family), sockaddr) for family, _, _, _, sockaddr in entries)
    return list(unique)[:MAX_ADDRESSES]


def open_connection(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connects to the first address of a host that answers. Raises NotConnectedError when none does in time."""
    addresses = resolve(host, port, deadline)
    problem = ""
    for index, (family, address) in enumerate(addresses):
        share = deadline.left() / (len(addresses) - index)
        if share <= 0:
            break
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(share)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            problem = _why_not(error)
        else:
            return connection
    problem = problem or "no answer"
    if problem == "no answer":
        problem += f" within {deadline.seconds:g} s"
    raise NotConnectedError(f"No connection to {escaped(host, 80)} port {port}: {problem}.")


class Ending(Enum):
    """How the reading of a line ended."""

    LINE = "line"
    CLOSED = "closed"
    RESET = "reset"
    TIMEOUT = "time-out"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that was read, without its line end, or what had come of it when the reading ended."""

    content: bytes
    ending: Ending


class LineConnection:
    """Holds one TCP connection; every call ends with the deadline at the latest."""

    def __init__(self, host: str, port: int, deadline: Deadline) -> None:
        self._deadline = deadline
        self._buffer = bytearray()
        self._socket = open_connection(host, port, deadline)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, line: str) -> bool:
        """Sends a line with telnet's CRLF; says whether it went out."""
        try:
            self._socket.settimeout(max(0.001, self._deadline.left()))
            self._socket.sendall(line.encode("utf-8", "replace") + b"\r\n")
        except OSError:
            return False
        return True

    def read_line(self) -> Line:
        """Reads up to the next line feed, at most ``MAX_LINE`` bytes; pieces are put together."""
        while True:
            position = self._buffer.find(b"\n")
            if 0 <= position <= MAX_LINE:
                content = bytes(self._buffer[:position])
                del self._buffer[: position + 1]
                return Line(content.removesuffix(b"\r"), Ending.LINE)
            if len(self._buffer) > MAX_LINE:
                return Line(bytes(self._buffer[:MAX_LINE]), Ending.TOO_LONG)
            ending = self._receive()
            if ending is not None:
                return Line(bytes(self._buffer), ending)

    def read_to_end(self) -> Line:
        """Reads until the other side closes; what comes before is at most ``MAX_LINE`` bytes."""
        while len(self._buffer) <= MAX_LINE:
            ending = self._receive()
            if ending is not None:
                return Line(bytes(self._buffer), ending)
        return Line(bytes(self._buffer[:MAX_LINE]), Ending.TOO_LONG)

    def has_been_closed(self) -> bool:
        """Says whether the other side has closed the connection by now; does not wait."""
        try:
            self._socket.settimeout(0)
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True

    def _receive(self) -> Ending | None:
        left = self._deadline.left()
        if left <= 0:
            return Ending.TIMEOUT
        try:
            self._socket.settimeout(left)
            data = self._socket.recv(4096)
        except TimeoutError:
            return Ending.TIMEOUT
        except OSError:
            return Ending.RESET
        if not data:
            return Ending.CLOSED
        self._buffer += data
        return None


def _why_not(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused, nothing listens there"
    if isinstance(error, TimeoutError):
        return "no answer"
    return error.strerror or str(error) or type(error).__name__
