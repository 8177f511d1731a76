"""One real machine of the sandbox as a process: ``python -m OcciLibrary.sandbox.qemu_machine``.

It speaks with the sandbox as the light machine does (machine.py), and has a QEMU process do what it is ordered: ``suspend`` and
``halt`` and ``reboot`` by their OCCI method, ``resume``, and ``arrive``, which waits until a rebooted machine's services answer.
Hibernated, the machine is a file and there is no QEMU. It ends with its standard input, and QEMU with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from OcciLibrary.sandbox.orders import listen, say
from OcciLibrary.sandbox.processes import standard_input_lines
from OcciLibrary.sandbox.qemu_process import Hardware, QemuError, QemuProcess

SHUTDOWN_SECONDS = 20.0
"""How long a guest may take to shut down or to restart by itself before it is done to it."""
NO_ECHO_FAULT = "The echo service of a real machine cannot be made to misbehave: use light machines."
_TRY_SECONDS = (
    0.3,
    0.5,
    1.0,
    2.0,
)  # of a service: a busy host's machine answers slowly, and a closed port swallows a try
_BETWEEN_TRIES = 0.05


class QemuMachine:
    """The machine between power-on and power-off."""

    def __init__(self, properties: dict[str, Any]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="occi-vm-"))
        self._state = self._folder / "memory"
        self._echo_fault = str(properties.get("echo_fault", ""))
        self._boot_seconds = float(properties["boot_seconds"])
        self._hardware = hardware_of(properties)
        self._qemu: QemuProcess | None = None
        self.gone = asyncio.Event()
        self._watchers: set[asyncio.Task[None]] = set()

    async def power_on(self) -> None:
        """Boots; returns when both services answer. Raises QemuError."""
        if self._echo_fault:
            raise QemuError(NO_ECHO_FAULT)
        await self._run_qemu()
        await self.arrive()

    async def _run_qemu(self, state: Path | None = None) -> None:
        self._qemu = await QemuProcess.started(self._hardware, self._folder, state)
        watcher = asyncio.create_task(self._watch(self._qemu))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    async def _watch(self, qemu: QemuProcess) -> None:
        """Notes that the machine ended by itself: its guest shut down, or QEMU broke."""
        await qemu.ended()
        if self._qemu is qemu:
            self.gone.set()

    async def obey(self, order: dict[str, Any]) -> None:
        """Does what an order says. Raises QemuError."""
        if order.get("echo_fault"):
            raise QemuError(NO_ECHO_FAULT)
        action, method = str(order.get("do")), str(order.get("method", ""))
        actions = {"suspend": self._suspend, "halt": self._halt, "reboot": self._reboot}
        if action in actions:
            await actions[action](method)
        elif action == "resume":
            await self._resume()
        elif action == "arrive":
            await self.arrive()
        else:
            raise QemuError(f"A machine knows no order {action!r}.")

    async def _suspend(self, method: str) -> None:
        qemu = self._running()
        if method != "hibernate":
            await qemu.pause()
            return
        self._qemu = None
        try:
            await qemu.save(self._state)
        except QemuError:
            await qemu.kill()
            raise

    async def _resume(self) -> None:
        if self._qemu is None:
            await self._run_qemu(self._state)
            self._state.unlink()
        else:
            await self._qemu.go_on()
        await self.arrive()

    async def _halt(self, method: str) -> None:
        """Shuts the guest down by its power button, or pulls the plug: when asked to, or when the guest does not react."""
        qemu = self._running()
        self._qemu = None
        if method != "poweroff":
            await qemu.press_power_button(SHUTDOWN_SECONDS)
        await qemu.kill()

    async def _reboot(self, method: str) -> None:
        """Restarts the machine; returns when it is down. ``cold`` takes the power away, ``warm`` is the reset button."""
        qemu = self._running()
        if method == "cold":
            self._qemu = None
            await qemu.kill()
        elif method == "warm" or not await qemu.restart_guest(SHUTDOWN_SECONDS):
            await qemu.reset()

    async def arrive(self) -> None:
        """Waits until both services answer; a machine without power is powered on first. Raises QemuError."""
        if self._qemu is None:
            await self._run_qemu()
        qemu = self._running()
        answers = asyncio.ensure_future(self._both_answer())
        ended = asyncio.ensure_future(qemu.ended())
        try:
            await asyncio.wait(
                (answers, ended), timeout=self._boot_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if not answers.done():
                why = f"was not up within {self._boot_seconds:g} s" if qemu.alive else "ended while it booted"
                raise QemuError(f"The machine {why}. {qemu.last_words()} {self._console()}".strip())
        finally:
            answers.cancel()
            ended.cancel()

    async def _both_answer(self) -> None:
        await _answers(self._hardware.echo_port, b"ready?\n", b"ready?")
        await _answers(self._hardware.ssh_port, b"", b"SSH-")

    def _console(self) -> str:
        with contextlib.suppress(OSError):
            lines = self._folder.joinpath("console").read_text(errors="replace").split("\n")
            return next(
                (f"Its console: {line.strip()[:200]}" for line in reversed(lines) if line.strip()), ""
            )
        return ""

    def _running(self) -> QemuProcess:
        if self._qemu is None or not self._qemu.alive:
            raise QemuError("The machine is off.")
        return self._qemu

    async def destroy(self) -> None:
        """Ends QEMU, whatever it does, and removes its files."""
        qemu, self._qemu = self._qemu, None
        if qemu is not None:
            await qemu.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def hardware_of(properties: dict[str, Any]) -> Hardware:
    """Returns the hardware for a VM's properties: memory comes in GiB."""
    told = {
        "hostname": str(properties["hostname"]).encode(),
        "username": str(properties["ssh_username"]).encode(),
    }
    if properties.get("ssh_password"):
        told["password"] = str(properties["ssh_password"]).encode()
    if properties.get("ssh_host_key"):
        told["host_key"] = dropbear_key(str(properties["ssh_host_key"]))
    return Hardware(
        cores=int(properties["cores"]),
        memory=round(float(properties["memory"]) * 1024),
        kernel=Path(properties["kernel"]),
        initrd=Path(properties["initrd"]),
        echo_port=int(properties["echo_port"]),
        ssh_port=int(properties["ssh_port"]),
        told=told,
        acceleration=str(properties["acceleration"]),
    )


def dropbear_key(openssh_key: str) -> bytes:
    """Returns an ed25519 private key as dropbear stores it: the key's name, then seed and public key, each with its length."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415

    key = form.load_ssh_private_key(openssh_key.encode(), None)
    seed = key.private_bytes(form.Encoding.Raw, form.PrivateFormat.Raw, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
    return b"".join(len(part).to_bytes(4, "big") + part for part in (b"ssh-ed25519", seed + public))


async def _answers(port: int, question: bytes, expected: bytes) -> None:
    """Returns when a service answers; QEMU accepts connections long before the guest does, so that only words count."""
    tries = 0
    while True:
        patience = _TRY_SECONDS[min(tries, len(_TRY_SECONDS) - 1)]
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            if expected in await asyncio.wait_for(_ask(port, question), patience):
                return
        tries += 1
        await asyncio.sleep(_BETWEEN_TRIES)


async def _ask(port: int, question: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(question)
        return await reader.read(200)
    finally:
        writer.close()


async def live(properties: dict[str, Any], lines: Iterator[bytes]) -> int:
    """Boots the machine and obeys until its input or the machine ends; the result is the exit status."""
    machine = QemuMachine(properties)
    task = asyncio.current_task()
    assert task is not None
    orders: asyncio.Queue[bytes] = asyncio.Queue()
    listen(lines, lambda line: task.cancel() if line is None else orders.put_nowait(line))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await machine.power_on()
        say({"ready": True, "pid": os.getpid()})
        await _obey_orders(machine, orders)
    except QemuError as error:
        say({"failed": str(error)})
        return 1
    except asyncio.CancelledError:
        pass
    finally:
        await machine.destroy()
    return 0


async def _obey_orders(machine: QemuMachine, orders: asyncio.Queue[bytes]) -> None:
    gone = asyncio.ensure_future(machine.gone.wait())
    while True:
        order = asyncio.ensure_future(orders.get())
        await asyncio.wait((order, gone), return_when=asyncio.FIRST_COMPLETED)
        if not order.done():
            order.cancel()
            return
        told = json.loads(order.result())
        await machine.obey(told)
        say({"done": told.get("do")})


def main() -> int:
    """Runs the process; the result is its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tester's Ctrl-C goes to the whole terminal group
    lines = standard_input_lines()
    first = next(lines, None)
    if first is None:
        return 0
    try:
        return asyncio.run(live(json.loads(first), lines))
    except BrokenPipeError:  # the sandbox is gone
        return 0
    except OSError as error:
        say({"failed": f"The VM could not boot: {error.strerror or error}."})
        return 1


if __name__ == "__main__":
    sys.exit(main())
