"""The SSH login of a sandbox VM: a real SSH server on 127.0.0.1 in front of the VM's shell."""

from __future__ import annotations

import contextlib
import hmac
import logging
from collections.abc import Sequence

import asyncssh

from OcciLibrary.sandbox.machine_files import Files
from OcciLibrary.sandbox.shell import Outcome, Shell

MOST_CONNECTIONS = 64
MOST_LOGIN_ATTEMPTS = 6
LOGIN_SECONDS = 30.0
ROOT = "root"

logging.getLogger("asyncssh").setLevel(logging.CRITICAL)


class SshLogin:
    """The login; can be closed with all its connections and opened again on the same port.

    ``host_key`` is an OpenSSH private key (PEM text), ``port`` 0 picks a port at the first opening; ``public_keys`` let the user in,
    one line each. Without a password none lets in; with ``root_by_password`` any lets root in.
    """

    def __init__(
        self,
        files: Files,
        port: int,
        password: str,
        host_key: str,
        public_keys: Sequence[str] = (),
        root_by_password: bool = False,
    ) -> None:
        self.port = port
        self._files = files
        self._password = password.encode()
        self._host_key = asyncssh.import_private_key(host_key)
        self._keys = _readable(public_keys)
        self._root_by_password = root_by_password
        self._connections: set[_Connection] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def open(self) -> None:
        """Starts to listen on 127.0.0.1. Raises OSError when the port is taken."""
        self._acceptor = await asyncssh.create_server(
            lambda: _Connection(self),
            "127.0.0.1",
            self.port,
            server_host_keys=[self._host_key],
            process_factory=self._serve,
            encoding="utf-8",
            errors="replace",
            login_timeout=LOGIN_SECONDS,
            agent_forwarding=False,
            gss_host=None,
            server_version="OcciLibrary-sandbox",
        )
        self.port = self._acceptor.get_port()

    async def close(self) -> None:
        """Stops to listen and cuts every connection, as a machine does that is switched off or suspended."""
        if self._acceptor is None:
            return
        self._acceptor.close()
        for connection in tuple(self._connections):
            connection.cut()
        await self._acceptor.wait_closed()
        self._acceptor = None

    def admit(self, connection: _Connection) -> bool:
        """Counts a connection in; False when there are too many."""
        if len(self._connections) >= MOST_CONNECTIONS:
            return False
        self._connections.add(connection)
        return True

    def forget(self, connection: _Connection) -> None:
        """Takes a connection out of the count."""
        self._connections.discard(connection)

    def accepts(self, username: str, password: str) -> bool:
        """Tells whether a password lets somebody in; compares in constant time."""
        if username == ROOT:
            return self._root_by_password
        if not self._password:
            return False
        right_name = hmac.compare_digest(username.encode(), self._files.facts.username.encode())
        return hmac.compare_digest(password.encode(), self._password) and right_name

    def asks_for_password(self, username: str) -> bool:
        """Tells whether somebody may try a password."""
        return self._root_by_password if username == ROOT else bool(self._password)

    def accepts_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Tells whether a public key lets somebody in."""
        return username == self._files.facts.username and key.public_data in self._keys

    async def _serve(self, process: asyncssh.SSHServerProcess[str]) -> None:
        if process.subsystem:
            process.exit(1)
            return
        shell = Shell(self._files)
        if process.command is not None:
            outcome = shell.run(process.command)
            _show(outcome, process)
            process.exit(outcome.status)
            return
        process.exit(await _converse(shell, process))


async def _converse(shell: Shell, process: asyncssh.SSHServerProcess[str]) -> int:
    """Runs an interactive session until ``exit`` or the end of input; returns its exit status."""
    while True:
        process.stdout.write(shell.prompt if process.term_type else "")
        try:
            line = await process.stdin.readline()
        except asyncssh.BreakReceived:
            process.channel.clear_input()  # type: ignore[attr-defined]  # asyncssh's line editor adds it
            process.stdout.write("^C\n")
            continue
        except asyncssh.TerminalSizeChanged:
            continue
        if not line:
            return shell.status
        outcome = shell.run(line.rstrip("\r\n"))
        _show(outcome, process)
        await process.stdout.drain()
        if outcome.ended:
            return outcome.status


def _show(outcome: Outcome, process: asyncssh.SSHServerProcess[str]) -> None:
    if outcome.output:
        process.stdout.write(outcome.output.decode(errors="replace"))
    if outcome.errors:
        stream = process.stdout if process.term_type else process.stderr  # a terminal has one stream only
        stream.write(outcome.errors.decode(errors="replace"))


def _readable(public_keys: Sequence[str]) -> frozenset[bytes]:
    """Returns the keys that can be read; a line that is none lets nobody in, as in a machine's authorized_keys."""
    keys = set()
    for line in public_keys:
        with contextlib.suppress(asyncssh.KeyImportError):
            keys.add(asyncssh.import_public_key(line).public_data)
    return frozenset(keys)


class _Connection(asyncssh.SSHServer):
    def __init__(self, login: SshLogin) -> None:
        self._login = login
        self._attempts = 0
        self._username = ""
        self._transport: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._transport = conn
        if not self._login.admit(self):
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._login.forget(self)

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def begin_auth(self, username: str) -> bool:
        self._username = username
        return True

    def password_auth_supported(self) -> bool:
        return self._login.asks_for_password(self._username)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._login.accepts_key(username, key)

    def validate_password(self, username: str, password: str) -> bool:
        self._attempts += 1
        if self._attempts > MOST_LOGIN_ATTEMPTS and self._transport is not None:
            self._transport.disconnect(asyncssh.DISC_PROTOCOL_ERROR, "Too many authentication failures")
            return False
        return self._login.accepts(username, password)
