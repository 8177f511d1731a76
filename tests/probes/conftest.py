from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

Handler = Callable[[socket.socket], None]
Serve = Callable[[Handler], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers on 127.0.0.1, each with a handler that gets every connection; gives the port."""
    listeners: list[socket.socket] = []
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def handle(connection: socket.socket, handler: Handler) -> None:
        with connection, contextlib.suppress(OSError):
            handler(connection)

    def accept(listener: socket.socket, handler: Handler) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                start(lambda: handle(connection, handler))  # noqa: B023 - run before the next one is accepted

    def start(target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        threads.append(thread)
        thread.start()

    def start_server(handler: Handler) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        start(lambda: accept(listener, handler))
        port: int = listener.getsockname()[1]
        return port

    yield start_server
    for opened in [*listeners, *connections]:
        with contextlib.suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)
        opened.close()
    for thread in threads:
        thread.join(5)


@pytest.fixture
def free_port() -> int:
    """Gives a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
