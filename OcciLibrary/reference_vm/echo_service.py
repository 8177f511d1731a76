"""Echo service of the reference VM: returns each line with the server's time and address in front.

One file, standard library only, Python 3.6 or newer, so that it can be copied into an image as it is:

    python3 echo_service.py [--host 0.0.0.0] [--port 7777] [--address IP-SHOWN] [--idle SECONDS]

Started by systemd with a socket (`LISTEN_FDS`), it serves that one instead of opening a port of its own.

A user telnets into the port. Each line comes back as ``<time, ISO 8601 UTC> <server IP> <message>``, with the line
ending that the user's client sent. The line ``EXIT``, exactly, ends the connection (wiki, execution plan, step 1).
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import os
import re
import signal
import socket
import sys

DEFAULT_PORT = 7777
LONGEST_LINE = 4096  # bytes, without the line ending
MOST_CLIENTS = 256
IDLE_SECONDS = 300.0  # without one answered line
LINGER_SECONDS = 1.0  # how long a refused client may still send before it is cut off
WRITE_BUFFER = 64 * 1024  # bytes that may wait for a client which does not read
FIRST_GIVEN = 3  # the file descriptor of the first socket that systemd hands over
WRITTEN_AT_ONCE = 16 * 1024  # bytes of answers that are collected before they are written

LINE_END = re.compile(b"\r?\n|\r\0")  # one search for all: a client may send a line end in every byte
IAC, DONT, WILL, SB, SE = 255, 254, 251, 250, 240  # telnet commands, RFC 854


class TelnetFilter:
    """Takes telnet negotiation out of what a client sends; remembers its place between two chunks."""

    def __init__(self) -> None:
        self._state = "data"

    def strip(self, chunk: bytes) -> bytes:
        """Returns the chunk without telnet commands; a doubled 255 is the data byte 255 (RFC 854)."""
        if self._state == "data" and IAC not in chunk:
            return chunk
        kept = bytearray()
        for byte in chunk:
            self._state = self._next(byte, kept)
        return bytes(kept)

    def _next(self, byte: int, kept: bytearray) -> str:
        if self._state == "data":
            if byte == IAC:
                return "command"
            kept.append(byte)
            return "data"
        if self._state == "command":
            return self._after_command(byte, kept)
        if self._state == "option":
            return "data"
        if self._state == "subnegotiation":
            return "subnegotiation-command" if byte == IAC else "subnegotiation"
        return "data" if byte == SE else "subnegotiation"

    @staticmethod
    def _after_command(byte: int, kept: bytearray) -> str:
        if byte == IAC:
            kept.append(IAC)
            return "data"
        if byte == SB:
            return "subnegotiation"
        return "option" if WILL <= byte <= DONT else "data"


def split_line(data: bytearray, start: int) -> "tuple[bytes, bytes, int] | None":
    """Finds the next whole line: (line, ending to answer with, where the next line starts), or None.

    A line ends with LF, CR LF, or CR NUL (the Enter key of a telnet client in character mode).
    """
    found = LINE_END.search(data, start)
    if found is None:
        return None
    return bytes(data[start : found.start()]), b"\n" if found.group() == b"\n" else b"\r\n", found.end()


def server_time() -> str:
    """Returns the current time as ISO 8601 in UTC with milliseconds."""
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class EchoConnection(asyncio.Protocol):
    """One client: bounded input, bounded output, and an end after a long silence."""

    def __init__(self, service: "EchoService") -> None:
        self._service = service
        self._filter = TelnetFilter()
        self._waiting = bytearray()
        self._answers = bytearray()
        self._paused = False  # the client does not read its answers: answer no more until it does
        self._ending = False
        self._at_end_of_input = False
        self._reading = True
        self._timer = None  # type: asyncio.TimerHandle | None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admits the client, or tells it that there are too many."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER)
        self._address = self._service.address or local_address(transport)
        self._loop = asyncio.get_event_loop()
        self._last_answer = self._loop.time()
        self._check_idle()
        if not self._service.admit(self):
            self._refuse("error: too many clients, try again later")

    def connection_lost(self, exc: "Exception | None") -> None:
        """Forgets the client."""
        self._ending = True
        if self._timer:
            self._timer.cancel()
        self._service.forget(self)

    def data_received(self, data: bytes) -> None:
        """Answers every whole line, as long as the client reads its answers."""
        if self._ending:
            return
        self._waiting += self._filter.strip(data)
        self._answer_lines()

    def eof_received(self) -> bool:
        """Answers a last line without ending, then closes (``printf hello | nc ...``)."""
        self._at_end_of_input = True
        self._answer_lines()
        return not self._ending  # a paused connection stays until the client has read, or the idle limit

    def pause_writing(self) -> None:
        """Stops reading from a client that does not read."""
        self._paused = True
        if self._reading:
            self._reading = False
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Goes on where the client had stopped reading."""
        self._paused = False
        self._answer_lines()
        if not self._paused and not self._transport.is_closing():
            self._reading = True
            self._transport.resume_reading()

    def abort(self) -> None:
        """Cuts the connection at once."""
        self._transport.abort()

    def _answer_lines(self) -> None:
        start = 0
        while not self._paused and not self._ending and not self._transport.is_closing():
            found = split_line(self._waiting, start)
            if found is None:
                break
            line, ending, start = found
            self._answer(line, ending)
        del self._waiting[:start]
        self._flush()
        if self._paused or self._ending or self._transport.is_closing():
            return
        if len(self._waiting) > LONGEST_LINE + self._waiting.endswith(
            b"\r"
        ):  # may be half of a line's ending
            self._refuse_long_line()
        elif self._at_end_of_input:
            self._answer_rest()

    def _answer_rest(self) -> None:
        if self._waiting:
            self._answer(bytes(self._waiting), b"\n")
        if not self._ending:
            self._end()

    def _answer(self, line: bytes, ending: bytes) -> None:
        self._last_answer = self._loop.time()
        if len(line) > LONGEST_LINE:
            self._refuse_long_line()
        elif line == b"EXIT":
            self._end()
        else:
            self._write(line + ending)

    def _write(self, message: bytes) -> None:
        self._answers += f"{server_time()} {self._address} ".encode("ascii") + message
        if len(self._answers) >= WRITTEN_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._answers:
            self._transport.write(bytes(self._answers))
            self._answers.clear()

    def _end(self) -> None:
        self._flush()
        self._ending = True
        self._waiting.clear()
        self._transport.close()

    def _refuse_long_line(self) -> None:
        self._refuse(f"error: a line may have {LONGEST_LINE} bytes at most")

    def _refuse(self, reason: str) -> None:
        """Says why and half-closes; closing with unread input would reset the reason away."""
        self._write(reason.encode("ascii") + b"\r\n")
        self._flush()
        self._ending = True
        self._waiting.clear()
        if self._transport.can_write_eof() and not self._at_end_of_input:
            self._transport.write_eof()
            self._end_after(LINGER_SECONDS)
        else:
            self._transport.close()

    def _check_idle(self) -> None:
        left = self._last_answer + self._service.idle_seconds - self._loop.time()
        if left <= 0:
            self.abort()
        else:
            self._timer = self._loop.call_later(left, self._check_idle)

    def _end_after(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self.abort)


def local_address(transport: asyncio.Transport) -> str:
    """Returns the address that the client reached; the IPv4 address when it came through an IPv6 socket."""
    address = str(transport.get_extra_info("sockname")[0])
    return address[7:] if address.startswith("::ffff:") else address


class EchoService:
    """The listening service; can be closed with all its connections and opened again on the same port.

    ``host`` and ``port`` say where to listen (port 0: one is picked at the first opening and kept), ``address``
    what to show as server IP (empty: the address that the client reached). A ``listener`` that is open already is served
    instead.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        address: str = "",
        most_clients: int = MOST_CLIENTS,
        idle_seconds: float = IDLE_SECONDS,
        listener: "socket.socket | None" = None,
    ) -> None:
        self.host = host
        self.port = port
        self.address = address
        self.idle_seconds = idle_seconds
        self._listener = listener
        self._most_clients = most_clients
        self._server = None  # type: asyncio.AbstractServer | None
        self._connections = set()  # type: set[EchoConnection]
        self._refused = set()  # type: set[EchoConnection]

    async def open(self) -> None:
        """Starts to listen. Raises OSError when the port is taken or not allowed."""
        loop = asyncio.get_event_loop()
        if self._listener is None:
            server = await loop.create_server(lambda: EchoConnection(self), self.host, self.port, backlog=128)
        else:
            server = await loop.create_server(lambda: EchoConnection(self), sock=self._listener, backlog=128)
        self._server = server
        self.host, self.port = server.sockets[0].getsockname()[:2]

    async def close(self) -> None:
        """Stops to listen and cuts every connection."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections | self._refused:
            connection.abort()
        if self._server is not None:
            await self._server.wait_closed()
        self._server = None

    def admit(self, connection: EchoConnection) -> bool:
        """Counts a new client in; False when there are too many."""
        if len(self._connections) >= self._most_clients:
            self._keep_refused(connection)
            return False
        self._connections.add(connection)
        return True

    def _keep_refused(self, connection: EchoConnection) -> None:
        """Lets a refused client read the reason, but keeps the number of those bounded too."""
        if len(self._refused) >= self._most_clients:
            self._refused.pop().abort()
        self._refused.add(connection)

    def forget(self, connection: EchoConnection) -> None:
        """Takes a client out of the count."""
        self._connections.discard(connection)
        self._refused.discard(connection)


def given_listener() -> "socket.socket | None":
    """Returns the listening socket that systemd opened for this process (sd_listen_fds(3)), None without one."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=FIRST_GIVEN)


def port_number(text: str) -> int:
    """Reads a port number for the command line. Raises ArgumentTypeError."""
    if not text or set(text) - set("0123456789") or int(text[:6]) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


async def serve(service: EchoService, stop: "asyncio.Event") -> None:
    """Runs the service until the event is set."""
    await service.open()
    sys.stdout.write(f"Echo service on {service.host}:{service.port}\n")
    sys.stdout.flush()
    await stop.wait()
    await service.close()


def idle_limit(text: str) -> int:
    """Reads a number of seconds for the command line. Raises ArgumentTypeError."""
    if not text or set(text) - set("0123456789") or not 1 <= int(text[:6]) <= 86400:
        raise argparse.ArgumentTypeError(
            f"an idle limit is a number of seconds from 1 to 86400, not {text!r}"
        )
    return int(text)


async def run(service: EchoService) -> None:
    """Serves until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for name in ("SIGINT", "SIGTERM"):
        with contextlib.suppress(NotImplementedError):  # Windows: KeyboardInterrupt ends the loop there
            asyncio.get_event_loop().add_signal_handler(getattr(signal, name), stop.set)
    await serve(service, stop)


def main() -> int:
    """Runs the command line; the result is the exit status."""
    parser = argparse.ArgumentParser(description="Echo service of the OCCI reference VM.")
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on (default: all)")
    parser.add_argument(
        "--port", type=port_number, default=DEFAULT_PORT, help="port (default: 7777, 0 = pick one)"
    )
    parser.add_argument(
        "--address", default="", help="server IP to show (default: the one the client reached)"
    )
    parser.add_argument(
        "--idle", type=idle_limit, default=IDLE_SECONDS, help="seconds until a silent client is cut off (300)"
    )
    options = parser.parse_args()
    if not options.address.isprintable() or not all(ord(letter) < 128 for letter in options.address):
        parser.error("--address takes an IP address or a name in plain ASCII")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        service = EchoService(
            options.host,
            options.port,
            options.address,
            idle_seconds=options.idle,
            listener=given_listener(),
        )
        loop.run_until_complete(run(service))
    except KeyboardInterrupt:
        pass
    except OSError as error:
        sys.stderr.write(f"Cannot listen on {options.host}:{options.port}: {error.strerror or error}\n")
        return 1
    finally:
        loop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
