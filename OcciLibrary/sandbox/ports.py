"""Ports that a VM keeps over its whole life, also while it is switched off."""

from __future__ import annotations

import socket
import sys


class ReservedPort:
    """A TCP port of 127.0.0.1 that is nobody else's: it refuses connections until the VM listens on it.

    On Linux the port stays bound here, not listening, and the VM binds it as well (both with SO_REUSEADDR), so that
    no outgoing connection of anybody is given this port. Elsewhere the port is only picked, as two such bindings
    would exclude or hijack each other there.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]
        if sys.platform == "linux":
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            self._socket.close()

    def release(self) -> None:
        """Gives the port back."""
        self._socket.close()
