"""Echo services that misbehave, each in one way, for the machine of a sandbox VM."""

from __future__ import annotations

import asyncio

from OcciLibrary.reference_vm.echo_service import EchoConnection, EchoService, server_time


class _Mute(EchoConnection):
    """Accepts connections and never says a word."""

    def _answer(self, line: bytes, ending: bytes) -> None:
        self._last_answer = self._loop.time()


class _Garbage(EchoConnection):
    """Answers each line with bytes that have nothing to do with it."""

    def _answer(self, line: bytes, ending: bytes) -> None:
        self._answers += b"\x00\xff\xfe\x1b[2J<html>502 Bad Gateway</html>\r\n"


class _WithoutPrefix(EchoConnection):
    """Answers each line with the line alone."""

    def _answer(self, line: bytes, ending: bytes) -> None:
        if line == b"EXIT":
            self._end()
        else:
            self._answers += line + ending


class _Previous(EchoConnection):
    """Answers each line with the one before it; the first with the last one that any client sent."""

    _last = b"hello"

    def _answer(self, line: bytes, ending: bytes) -> None:
        if line == b"EXIT":
            self._end()
            return
        self._write(_Previous._last + ending)
        _Previous._last = line


class _ClosesEarly(EchoConnection):
    """Closes the connection after the first answer."""

    def _answer(self, line: bytes, ending: bytes) -> None:
        super()._answer(line, ending)
        if not self._ending:
            self._end()


class _IgnoresExit(EchoConnection):
    """Goes on after EXIT as if nothing had been said."""

    def _answer(self, line: bytes, ending: bytes) -> None:
        if line != b"EXIT":
            super()._answer(line, ending)


class _MuteAfterFirst(EchoConnection):
    """Answers the first line of a connection and none of the others."""

    _answered = False

    def _answer(self, line: bytes, ending: bytes) -> None:
        if not self._answered or line == b"EXIT":
            super()._answer(line, ending)
        self._answered = True


class _Endless(EchoConnection):
    """Answers with a line that never ends."""

    def _answer(self, line: bytes, ending: bytes) -> None:
        self._answers += b"x" * 20000


class _OtherAddress(EchoConnection):
    """Shows another server's address and a time of long ago in front of the line."""

    def _write(self, message: bytes) -> None:
        self._answers += b"1999-12-31T23:59:59.999Z 192.0.2.1 " + message


class _UpperCase(EchoConnection):
    """Changes what it echoes."""

    def _answer(self, line: bytes, ending: bytes) -> None:
        if line == b"EXIT":
            self._end()
        else:
            self._answers += server_time().encode() + b" 127.0.0.1 " + line.upper() + ending


CLOSED = "closed"  # nothing listens at all
_CONNECTIONS: dict[str, type[EchoConnection]] = {
    "mute": _Mute,
    "garbage": _Garbage,
    "no-prefix": _WithoutPrefix,
    "previous": _Previous,
    "closes-early": _ClosesEarly,
    "ignores-exit": _IgnoresExit,
    "mute-after-first": _MuteAfterFirst,
    "endless": _Endless,
    "other-address": _OtherAddress,
    "upper-case": _UpperCase,
}
WAYS = (CLOSED, *_CONNECTIONS)


class MisbehavingEchoService(EchoService):
    """An echo service that misbehaves in one of WAYS; '' is none of them."""

    def __init__(self, host: str, port: int, way: str = "") -> None:
        super().__init__(host, port)
        self.way = way

    async def open(self) -> None:
        """Starts to listen, unless it is ``closed``. Raises OSError when the port is taken."""
        if self.way == CLOSED:
            return
        connection = _CONNECTIONS.get(self.way, EchoConnection)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: connection(self), self.host, self.port, backlog=128)
        self.port = self._server.sockets[0].getsockname()[1]
