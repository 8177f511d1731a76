"""A moment by which an answer has to be complete: whatever drips in later is cut off at the socket."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from OcciLibrary.occi.tls import Tls


class Deadline:
    """Cuts the connections of one transport when the exchange under way has not ended by its moment.

    A socket's own time-out begins anew with every byte, so that a drip of bytes would last for ever. One thread
    wakes at the moment armed first and then looks for the present one, so that arming costs next to nothing.
    """

    def __init__(self) -> None:
        self.passed = False
        self.sent = False
        self._changed = threading.Condition()
        self._moment: float | None = None
        self._thread: threading.Thread | None = None
        self._wakes = 0.0
        self._open: set[socket.socket] = set()
        self._retired: set[socket.socket] = set()

    def arm(self, moment: float) -> None:
        """Begins an exchange that has to end by a moment of `time.monotonic`."""
        with self._changed:
            self.passed = False
            self.sent = False
            self._moment = moment
            if self._thread is None:
                self._wakes = moment
                self._thread = threading.Thread(target=self._guard, name="occi-deadline", daemon=True)
                self._thread.start()
            elif moment < self._wakes:
                self._changed.notify()

    def disarm(self) -> None:
        """Ends the exchange: nothing is cut any more."""
        with self._changed:
            self._moment = None
            retired, self._retired = self._retired, set()
        for handle in retired:
            handle.close()

    def close(self) -> None:
        """Ends the thread and lets go of all sockets."""
        self.disarm()
        with self._changed:
            handles, self._open = self._open, set()
            thread = self._thread
            self._wakes = 0.0
            self._changed.notify()
        for handle in handles:
            handle.close()
        if thread is not None:
            thread.join()

    def watch(self, connected: socket.socket) -> socket.socket:
        """Returns a handle of a socket by which it can be cut from another thread, even below TLS."""
        handle = connected.dup()
        with self._changed:
            self._open.add(handle)
            if self.passed:
                _cut(handle)
        return handle

    def retire(self, handle: socket.socket) -> None:
        """Lets go of a closed connection; while its last answer is still being read it stays under guard."""
        with self._changed:
            self._open.discard(handle)
            under_way = self._moment is not None
            if under_way:
                self._retired.add(handle)
        if not under_way:
            handle.close()

    def _guard(self) -> None:
        with self._changed:
            while True:
                while (left := self._wakes - time.monotonic()) > 0:
                    self._changed.wait(left)
                    if self._moment is not None:
                        self._wakes = self._moment
                if self._moment is None:
                    self._thread = None
                    return
                if self._moment <= time.monotonic():
                    self.passed = True
                    self._moment = None
                    for handle in (*self._open, *self._retired):
                        _cut(handle)
                else:
                    self._wakes = self._moment


def _cut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed by the other side already
        handle.shutdown(socket.SHUT_RDWR)


class CutOffAnswer(http.client.HTTPException):
    """Says that a connection ended in the middle of an answer's header."""


class _HeaderReader:
    """Reads the lines of an answer's header; http.client alone would take the end of a connection for their end."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._begun = False
        self.close = source.close

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self._source.readline(limit)
        if not line.endswith(b"\n") and len(line) != limit and (line or self._begun):
            raise CutOffAnswer("the connection ended in the middle of the header")
        self._begun = True
        return line


class _WholeResponse(http.client.HTTPResponse):
    """Is an answer whose header is complete."""

    def begin(self) -> None:
        source = self.fp
        self.fp = _HeaderReader(source)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = source


def _guarded_pools(deadline: Deadline) -> dict[str, Callable[..., HTTPConnectionPool]]:
    """Returns urllib3's pools by URL scheme, with connections that stand under a deadline."""

    class Guarded(HTTPConnection):
        response_class = _WholeResponse
        _handle: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            self._handle = deadline.watch(connected)
            return connected

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            deadline.sent = True
            super().send(data)

        def close(self) -> None:
            super().close()
            handle, self._handle = self._handle, None
            if handle is not None:
                deadline.retire(handle)

    class GuardedTls(Guarded, HTTPSConnection):
        def send(self, data: Any) -> None:
            try:
                super().send(data)
            except (ssl.SSLEOFError, ConnectionError):
                if self.sock is not None:
                    self.sock.recv(1)  # raises what was said before the end: an alert about our certificate
                raise

    class Pool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTls

    return {"http": Pool, "https": TlsPool}


class GuardedAdapter(HTTPAdapter):
    """Is the adapter of requests, with every connection under a deadline (those through a SOCKS proxy excepted)."""

    def __init__(self, deadline: Deadline, tls: Tls) -> None:
        self._pools = _guarded_pools(deadline)
        self._tls = tls
        super().__init__(pool_connections=2, pool_maxsize=1)

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        """Makes the pools of direct connections."""
        super().init_poolmanager(*arguments, **settings)
        self._guard(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
        """Returns the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **settings)
        if isinstance(manager, ProxyManager):
            self._guard(manager)
        return manager

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Returns what a pool is made by: the TLS context stands for all that requests would look up in files."""
        host, _ = super().build_connection_pool_key_attributes(request, True, None)
        return host, {"ssl_context": self._tls.context()} if host["scheme"] == "https" else {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Does nothing: the TLS context says whom to trust."""

    def _guard(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = self._pools  # type: ignore[assignment]
