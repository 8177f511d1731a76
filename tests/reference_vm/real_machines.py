"""What the tests of real machines ask them, and how they look at their processes."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path

from OcciLibrary.probes.guest import GuestAccount, GuestLogin, ask_guest, open_login
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine

PATIENCE = 90.0


def reach(machine: VirtualMachine, state: str, term: str, method: str = "") -> None:
    machine.invoke(term, method)
    assert machine.wait_until_settled(PATIENCE)
    assert machine.snapshot().state == state


def login(site: SandboxSite) -> GuestLogin:
    told = site.description()["machines"][0]
    return GuestLogin("127.0.0.1", told["ssh_port"], "tester", "sandbox", host_key=told["ssh_host_key"])


def account(site: SandboxSite) -> GuestAccount:
    told = ask_guest(login(site), 30.0)
    assert told.problem == ""
    return told


def run(site: SandboxSite, command: str) -> str:
    transport, _ = open_login(login(site), 30.0)
    with contextlib.closing(transport):
        channel = transport.open_session(timeout=30)
        channel.settimeout(30)
        channel.exec_command(command)
        return str(channel.makefile().read().decode())


def qemu_processes(machine: VirtualMachine) -> list[int]:
    return [pid for pid in children_of(machine.pid or 0) if "qemu" in name_of(pid)]


def children_of(parent: int) -> list[int]:
    with contextlib.suppress(OSError):
        tasks = Path(f"/proc/{parent}/task").iterdir()
        return [int(pid) for task in tasks for pid in task.joinpath("children").read_text().split()]
    return []


def name_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text()
    return ""


def echo(machine: VirtualMachine, seconds: float) -> bytes:
    with socket.create_connection(("127.0.0.1", machine.echo_port.number), seconds) as connection:
        connection.sendall(b"hello\n")
        return connection.recv(200)


def wait_for(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def processes_under(parent: int) -> list[int]:
    return [pid for child in children_of(parent) for pid in (child, *processes_under(child))]
