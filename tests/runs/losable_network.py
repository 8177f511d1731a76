"""A network between a run and its site that can be lost and comes back: a relay on 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")
_CHUNK = 64 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class LosableNetwork:
    """Relays some ports of a site, each through a port of its own, until it is lost in one of two ways."""

    def __init__(self, *targets: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._streams: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._servers: list[asyncio.Server] = []
        self._deaf: list[socket.socket] = []
        self._targets = targets
        self.ports = tuple(self._run(self._open(0, target)) for target in targets)
        self._flowing.set()

    def refuse(self) -> None:
        """Resets every connection and refuses new ones."""
        self._run(self._shut())

    def swallow(self) -> None:
        """Lets nothing through any more and says nothing: no answer on old connections, none to new ones."""
        self._run(self._hold())

    def restore(self) -> None:
        """Brings the network back; connections of before are gone."""
        self._run(self._reopen())

    def close(self) -> None:
        self._run(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, what: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _open(self, port: int, target: int) -> int:
        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._relay(target, reader, writer)

        server = await asyncio.start_server(relay, "127.0.0.1", port)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _relay(self, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._streams.add(writer)
        try:
            there_reader, there = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            self._reset(writer)
            return
        self._streams.add(there)
        await asyncio.gather(self._pump(reader, there), self._pump(there_reader, writer))
        self._reset(writer)
        self._reset(there)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while piece := await reader.read(_CHUNK):
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()
            await self._flowing.wait()
            writer.write_eof()

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        self._streams.discard(writer)
        writer.transport.abort()

    async def _shut(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
        for writer in list(self._streams):
            with contextlib.suppress(OSError):
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
                )
            self._reset(writer)
        for deaf in self._deaf:
            deaf.close()
        self._deaf.clear()
        await asyncio.sleep(0)

    async def _hold(self) -> None:
        self._flowing.clear()
        for server in self._servers:
            server.close()
        self._servers.clear()
        for port in self.ports:
            self._deaf += _full_queue(port)

    async def _reopen(self) -> None:
        await self._shut()
        self._flowing.set()
        for port, target in zip(self.ports, self._targets, strict=True):
            await self._open(port, target)


def _full_queue(port: int) -> list[socket.socket]:
    """Returns a listener whose queue is full: Linux drops what else wants to connect, as a dead network does."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(2)]
    for one in waiting:
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            one.connect(("127.0.0.1", port))
    return [listener, *waiting]
