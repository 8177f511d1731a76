"""An ssh server whose commands really run: in this computer's own shell, with a home of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh

PASSWORD = "sandbox"


class _Server(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD


@contextmanager
def real_shell(
    home: Callable[[], Path], tools: Path, greeting: bytes = b"", path: str = "/usr/local/bin:/usr/bin:/bin"
) -> Iterator[int]:
    """Serves until it is left; gives the port. ``home`` is asked before each command, ``tools`` come first in the PATH.

    ``greeting`` is what the user's .bashrc prints before every command.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def run(process: asyncssh.SSHServerProcess[bytes]) -> None:
        place = home()
        place.mkdir(parents=True, exist_ok=True)
        environment = {"HOME": str(place), "PATH": f"{tools}:{path}"}
        child = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            process.command or "",
            cwd=place,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await child.communicate()
        process.stdout.write(greeting + output)
        process.stderr.write(errors)
        process.exit(child.returncode or 0)

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            _Server,
            "127.0.0.1",
            0,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            process_factory=run,
            encoding=None,
        )

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        yield acceptor.get_port()
    finally:
        loop.call_soon_threadsafe(acceptor.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
