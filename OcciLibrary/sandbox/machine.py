"""One VM of the sandbox as a process: ``python -m OcciLibrary.sandbox.machine``.

It is told its properties as one JSON line on standard input, boots (echo service and SSH login answer), says so in one
JSON line on standard output, and then takes orders, one JSON line each: ``{"do": "suspend"}``, ``{"do": "resume"}``,
``{"do": "save", "to": path}`` (engine.py), ``{"do": "shutdown"}``. Suspended, it closes every socket and keeps its memory: boot id,
boot time, files. It ends with
its standard input, so that it cannot outlive the sandbox. ``echo_fault``, in properties and orders, names how its echo
service misbehaves from then on.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from OcciLibrary.sandbox.held_file import copy_file
from OcciLibrary.sandbox.machine_files import Files, MachineFacts
from OcciLibrary.sandbox.misbehaving_echo import MisbehavingEchoService
from OcciLibrary.sandbox.orders import listen, say
from OcciLibrary.sandbox.processes import standard_input_lines
from OcciLibrary.sandbox.shell import Shell
from OcciLibrary.sandbox.ssh_login import SshLogin


class Machine:
    """The running VM: its memory and its two services."""

    def __init__(self, properties: dict[str, Any]) -> None:
        self.facts = MachineFacts(
            hostname=str(properties["hostname"]),
            cores=int(properties["cores"]),
            memory=float(properties["memory"]),
            speed=float(properties["speed"]),
            architecture=str(properties["architecture"]),
            username=str(properties["ssh_username"]),
            boot_id=str(properties.get("boot_id") or uuid.uuid4()),
            boot_time=time.time(),
            ports=(int(properties["ssh_port"]), int(properties["echo_port"])),
        )
        self._echo = MisbehavingEchoService(
            "127.0.0.1", int(properties["echo_port"]), str(properties.get("echo_fault", ""))
        )
        self._disk = str(properties["disk"])
        self._files = Files(self.facts, Path(self._disk))
        self._login = SshLogin(
            self._files,
            int(properties["ssh_port"]),
            str(properties["ssh_password"]),
            str(properties["ssh_host_key"]),
            tuple(map(str, properties["public_keys"])),
            bool(properties["root_by_password"]),
        )
        self._run_user_data(str(properties["user_data"]))

    def _run_user_data(self, user_data: str) -> None:
        """Runs user data that are a script, as root does at the first boot of a machine, as far as this shell goes."""
        if user_data.startswith("#!"):
            Shell(self._files).run(user_data.partition("\n")[2])

    async def open(self) -> None:
        """Opens the services: at boot and at resume. Raises OSError when a port is taken."""
        await self._echo.open()
        await self._login.open()

    async def close(self) -> None:
        """Closes the services with all their connections."""
        await self._echo.close()
        await self._login.close()

    def description(self) -> dict[str, Any]:
        """Returns what the sandbox is told when the machine is up."""
        return {
            "ready": True,
            "echo_port": self._echo.port,
            "ssh_port": self._login.port,
            "boot_id": self.facts.boot_id,
            "boot_time": self.facts.boot_time,
            "pid": os.getpid(),
        }

    async def obey(self, order: str) -> bool:
        """Does what one order line says and answers it; False when the machine is to end."""
        told = json.loads(order)
        action = told.get("do")
        if action == "save":
            copy_file(self._disk, str(told["to"]))
            say({"done": action})
            return True
        if action == "alter":
            self._alter(told)
            say({"done": action})
            return True
        self._echo.way = str(told.get("echo_fault", ""))
        if action == "suspend":
            await self.close()
            if self._echo.way:
                await self._echo.open()
        elif action == "resume":
            await self._echo.close()
            await self.open()
        else:
            return False
        say({"done": action})
        return True

    def _alter(self, told: dict[str, Any]) -> None:
        """Changes what the running machine has, as cores and memory that are plugged in do."""
        self.facts = self._files.facts = replace(
            self.facts, hostname=str(told["hostname"]), cores=int(told["cores"]), memory=float(told["memory"]),
            speed=float(told["speed"]),
        )  # fmt: skip


async def live(properties: dict[str, Any], lines: Iterator[bytes]) -> None:
    """Boots the machine and obeys until it is shut down or its input ends."""
    orders: asyncio.Queue[bytes | None] = asyncio.Queue()
    machine = Machine(properties)
    await machine.open()
    listen(lines, orders.put_nowait)
    say(machine.description())
    while (order := await orders.get()) is not None:
        if not await machine.obey(order.decode()):
            break
    await machine.close()


def main() -> int:
    """Runs the process; the result is its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tester's Ctrl-C goes to the whole terminal group
    lines = standard_input_lines()
    first = next(lines, None)
    if first is None:
        return 0
    try:
        asyncio.run(live(json.loads(first), lines))
    except BrokenPipeError:  # the sandbox is gone
        return 0
    except OSError as error:
        say({"failed": f"The VM could not boot: {error.strerror or error}."})
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # everything is closed; an orderly end of the interpreter would only take 0.1 s
