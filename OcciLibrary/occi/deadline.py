"""A moment by which an answer has to be complete: whatever drips in later is cut off at the socket."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager

from OcciLibrary.occi.answer_header import WholeResponse
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

    def left(self) -> float:
        """Returns the seconds until the exchange under way has to end; 0 when it is over."""
        with self._changed:
            return 0.0 if self._moment is None else max(0.0, self._moment - time.monotonic())

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


class NoConnectionInTime(TimeoutError):
    """Says that no connection came about before its time was up."""


def _in_time(connect: Callable[[], socket.socket], seconds: float) -> socket.socket:
    """Returns the connection that `connect` makes, or raises `NoConnectionInTime`.

    Looking up a name knows no time-out, each address of a name has its own, and a SOCKS proxy may drip: so all of it
    runs where it may be left behind, and closes what it gets too late.
    """
    made: list[socket.socket | Exception] = []
    late = threading.Event()
    done = threading.Event()

    def run() -> None:
        try:
            made.append(connect())
        except Exception as problem:
            made.append(problem)
        done.set()
        if late.is_set():
            let_go()

    def let_go() -> None:
        for outcome in made:
            if isinstance(outcome, socket.socket):
                outcome.close()

    threading.Thread(target=run, name="occi-connect", daemon=True).start()
    if not done.wait(seconds):
        late.set()
        let_go()
        raise NoConnectionInTime("no connection came about in time")
    if isinstance(made[0], Exception):
        raise made[0]
    return made[0]


def _guarded(pool: type[HTTPConnectionPool], deadline: Deadline) -> type[HTTPConnectionPool]:
    """Returns one of urllib3's pools with connections that stand under a deadline."""
    connection: type[Any] = pool.ConnectionCls

    class Guarded(connection):
        response_class = WholeResponse
        _handle: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            connected = _in_time(super()._new_conn, deadline.left())
            self._handle = deadline.watch(connected)
            return connected

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            deadline.sent = True
            try:
                super().send(data)
            except (ssl.SSLEOFError, ConnectionError):
                if isinstance(self.sock, ssl.SSLSocket):
                    self.sock.recv(1)  # raises what was said before the end: an alert about our certificate
                raise

        def close(self) -> None:
            super().close()
            handle, self._handle = self._handle, None
            if handle is not None:
                deadline.retire(handle)

    return type(pool.__name__, (pool,), {"ConnectionCls": Guarded})


class GuardedAdapter(HTTPAdapter):
    """Is the adapter of requests, with every connection under a deadline, those through a proxy too."""

    def __init__(self, deadline: Deadline, tls: Tls) -> None:
        self._deadline = deadline
        self._tls = tls
        super().__init__(pool_connections=2, pool_maxsize=1)

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        """Makes the pools of direct connections."""
        super().init_poolmanager(*arguments, **settings)
        self._guard(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
        """Returns the pools of connections through a proxy."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **settings)
        if not known:
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
        pools: dict[str, Any] = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {
            scheme: _guarded(pool, self._deadline) for scheme, pool in pools.items()
        }
