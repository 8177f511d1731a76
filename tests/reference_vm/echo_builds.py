"""Every build of the echo service, each listening on 127.0.0.1: what the conformance test runs against.

One that runs elsewhere, in a site's VM for instance, is tested when the environment variable OCCI_ECHO_SERVER names it, as
`HOST:PORT` or, where the VM knows itself by another address than you do, `HOST:PORT:ADDRESS`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from OcciLibrary.reference_vm import echo_service
from OcciLibrary.reference_vm.echo_build import build_echo_service
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite


@dataclass(frozen=True)
class EchoServer:
    """A service that runs: where it is, the address that it shows, and how far its clock may be from ours, in seconds."""

    port: int
    host: str = "127.0.0.1"
    address: str = "127.0.0.1"
    clock: float = 0.001

    def connect(self) -> socket.socket:
        """Opens a connection that waits 10 s for an answer at most."""
        return socket.create_connection((self.host, self.port), 10)


Build = Callable[[int], AbstractContextManager[EchoServer]]
"""Starts a build with an idle limit in seconds."""


_HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""
"""What systemd does with a service of a socket unit (sd_listen_fds(3))."""


@contextlib.contextmanager
def _process(command: Sequence[str]) -> Iterator[EchoServer]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield EchoServer(int(process.stdout.readline().rpartition(":")[2]))
        finally:
            process.kill()


def python_file(folder: Path) -> Build:
    """Gives the file by itself, as a site admin copies it into an image."""
    command = [sys.executable, "-I", "-S", str(echo_service.__file__), "--host", "127.0.0.1", "--port", "0"]
    return lambda idle: _process([*command, "--idle", str(idle)])


def socket_activated(folder: Path) -> Build:
    """Gives the file as systemd starts it: with a socket that is open already, as file descriptor 3."""

    @contextlib.contextmanager
    def started(idle: int) -> Iterator[EchoServer]:
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
            service = [sys.executable, "-I", "-S", str(echo_service.__file__), "--idle", str(idle)]
            command = [sys.executable, "-I", "-S", "-c", _HAND_OVER, str(listener.fileno()), *service]
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, pass_fds=[listener.fileno()], text=True
            ) as process:
                try:
                    yield EchoServer(listener.getsockname()[1])
                finally:
                    process.kill()

    return started


def c_program(folder: Path) -> Build:
    """Gives the program for images without Python, built as for the tiny image."""
    if shutil.which("gcc") is None and shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    program = build_echo_service(folder / "echo_service")
    command = [str(program), "--host", "127.0.0.1", "--port", "0"]
    return lambda idle: _process([*command, "--idle", str(idle)])


def sandbox_vm(folder: Path) -> Build:
    """Gives the echo service of a light machine of the sandbox."""

    @contextlib.contextmanager
    def started(idle: int) -> Iterator[EchoServer]:
        if idle < echo_service.IDLE_SECONDS:
            pytest.skip("the sandbox's machines keep the usual idle limit")
        site = SandboxSite(SandboxOptions(seconds=0.0, machines=1, reference_state="active"))
        site.start()
        try:
            yield EchoServer(site.machines[0].echo_port.number)
        finally:
            site.stop()

    return started


def elsewhere(folder: Path) -> Build:
    """Gives the service that OCCI_ECHO_SERVER names."""
    host, port, *address = os.environ["OCCI_ECHO_SERVER"].split(":")

    @contextlib.contextmanager
    def started(idle: int) -> Iterator[EchoServer]:
        if idle < echo_service.IDLE_SECONDS:
            pytest.skip("a service elsewhere keeps the usual idle limit")
        yield EchoServer(int(port), host, address[0] if address else host, 3.0)

    return started


BUILDS = {"python": python_file, "socket": socket_activated, "c": c_program, "sandbox": sandbox_vm}
if "OCCI_ECHO_SERVER" in os.environ:
    BUILDS = {"elsewhere": elsewhere}
