"""An independent server as a process: told how to run in one JSON line, it answers where it is in another."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from OcciLibrary.reference_vm import echo_service
from tests.independent_servers.nova_environment import nova_python
from tests.independent_servers.python2 import demonstration, find_python2, install
from tests.logins.real_keystone import ADMIN_PASSWORD, installed, real_keystone

HERE = Path(__file__).parent
NAMES = ("pyssf", "pyssf-demo", "occi-py", "occi-py-demo", "ooi", "ooi-keystone")


@dataclass(frozen=True)
class Address:
    """Where a server and its VM are, as a site file says it."""

    endpoint: str
    vm_id: str
    echo_port: int
    attributes: dict[str, str | int | float]  # as the machine behind it has them, whatever the server renders
    login: dict[str, str] = field(default_factory=dict)  # lines of the site file
    secrets: dict[str, str] = field(default_factory=dict)  # what is in the environment of a run


class ServerProcess:
    """One server with one VM; it ends with the `with` block, or with this process."""

    def __init__(
        self, command: list[str], environment: dict[str, str], log: Path, patience: float, **order: Any
    ) -> None:
        self._echo_port = _free_port()
        echo = [
            sys.executable,
            "-I",
            str(echo_service.__file__),
            "--host",
            "127.0.0.1",
            "--port",
            str(self._echo_port),
        ]
        self._order = {"echo_command": echo, **order}
        self._command = command
        self._environment = {**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": "1"}
        self._environment.pop("PYTHONSAFEPATH", None)
        self._log = log
        self._patience = patience

    def __enter__(self) -> Address:
        """Starts the server. Raises RuntimeError with its last words when it does not come up."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment,
                cwd=self._log.parent,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(self._order).encode() + b"\n")
        self._process.stdin.flush()
        try:
            said = json.loads(self._first_line())
        except ValueError:
            self._end()
            words = self._log.read_text("utf-8", "replace").strip()[-2000:]
            raise RuntimeError(f"The server did not come up. {words}") from None
        return Address(echo_port=self._echo_port, **said)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _first_line(self) -> bytes:
        assert self._process.stdout is not None
        line, end = b"", time.monotonic() + self._patience
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n") and selector.select(max(0.0, end - time.monotonic())):
                read = os.read(self._process.stdout.fileno(), 65536)
                if not read:
                    break
                line += read
        return line

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        for force in (None, self._process.terminate, self._process.kill):
            if force:
                force()
            try:
                self._process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue
        if self._process.stdout is not None:
            self._process.stdout.close()


def server(
    name: str, cache: Path, work: Path, seconds: float, token_seconds: int
) -> contextlib.AbstractContextManager[Address]:
    """Returns the server of a name in `NAMES`. Raises RuntimeError where what it needs cannot be had."""
    if name == "ooi":
        return on_nova(cache, work, seconds)
    if name == "ooi-keystone":
        return on_nova_with_keystone(cache, work, seconds, token_seconds)
    return on_python2(name, cache, work, seconds)


def on_nova(cache: Path, work: Path, seconds: float, **order: Any) -> ServerProcess:
    """Returns ooi before a Nova of its own. Raises RuntimeError where they cannot be installed."""
    command = [str(nova_python(cache)), str(HERE / "on_nova" / "serve_nova.py")]
    return ServerProcess(command, {"PYTHONPATH": ""}, work / "server.log", 600.0, seconds=seconds, **order)


@contextlib.contextmanager
def on_nova_with_keystone(cache: Path, work: Path, seconds: float, token_seconds: int) -> Iterator[Address]:
    """Runs ooi before a Nova that asks a real Keystone about each token."""
    programs = installed(cache / "keystone")
    folder = work / "keystone"
    folder.mkdir()
    with real_keystone(programs, folder, token_seconds) as keystone:
        people = {"admin": ["admin", ADMIN_PASSWORD, "admin"], "tester": ["alice", "alice-pa55", "fedcloud"]}
        where = {"url": keystone.url, "ca": keystone.ca, "admin_password": ADMIN_PASSWORD}
        with on_nova(cache, work, seconds, keystone=where, people=people) as address:
            login = {"OCCI_AUTH": "keystone", "OCCI_USERNAME": "alice", "OCCI_PROJECT": "fedcloud"}
            login["OCCI_CA"] = keystone.ca
            yield replace(address, login=login, secrets={"OCCI_PASSWORD": "alice-pa55"})


def on_python2(name: str, cache: Path, work: Path, seconds: float) -> ServerProcess:
    """Returns pyssf or occi-py on a CPython 2.7, before our machine or (`-demo`) with their own demonstration.

    Raises RuntimeError where Python 2.7 or the packages cannot be had.
    """
    python2 = find_python2()
    if not python2:
        raise RuntimeError("there is no CPython 2.7 here")
    library = name.removesuffix("-demo")
    environment = {"PYTHONPATH": str(install(python2, library, cache))}
    order: dict[str, Any] = {"seconds": seconds}
    if name != library:
        order = {"demonstration": str(demonstration(python2, library, cache))}
    script = HERE / "on_python2" / f"serve_{name.replace('-', '_')}.py"
    return ServerProcess([python2, str(script)], environment, work / "server.log", 20.0, **order)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
