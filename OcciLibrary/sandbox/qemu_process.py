"""One QEMU process: its command line, its control over QMP, and an end that is certain.

It serves one machine for one time between power-on and power-off. Its network is its own: nothing but the two services is
reached from outside, at 127.0.0.1, and it reaches nothing itself (restrict=on).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import socket
import sys
from collections.abc import Callable, Mapping

from qemu.qmp import QMPClient, QMPError
from qemu.qmp.events import EventListener

from OcciLibrary.sandbox import ending_with_parent
from OcciLibrary.sandbox.hardware import GUEST_ADDRESS, KERNEL_OPTIONS, Hardware
from OcciLibrary.sandbox.held_file import HeldFile
from OcciLibrary.sandbox.real_machine import MachineError, MachineFiles, last_line

QEMU = "qemu-system-x86_64"
_TICK = 0.02
_CONNECT_SECONDS = 20.0
_HIBERNATE_SECONDS = 60.0
_END_SECONDS = 5.0
_SAVED = ("completed", "failed", "cancelled")


def command_line(hardware: Hardware, files: MachineFiles, monitor: int, state: str | None) -> list[str]:
    """Returns the command; ``monitor`` is the open file descriptor for QMP, ``state`` a saved machine to go on with."""
    forwards = f"hostfwd=tcp:127.0.0.1:{hardware.ssh_port}-{GUEST_ADDRESS}:22"
    forwards += f",hostfwd=tcp:127.0.0.1:{hardware.echo_port}-{GUEST_ADDRESS}:7777"
    command = [QEMU, "-M", "q35", "-accel", hardware.acceleration, "-cpu", "max"]
    command += ["-smp", str(hardware.cores), "-m", str(hardware.memory)]
    command += [
        "-nodefaults",
        "-no-user-config",
        "-nographic",
        "-serial",
        f"file:{_escaped(files.console.path)}",
    ]
    command += ["-kernel", str(hardware.kernel), "-initrd", str(hardware.initrd), "-append", KERNEL_OPTIONS]
    command += ["-netdev", f"user,id=net,restrict=on,{forwards}"]
    command += ["-device", "virtio-net-pci,netdev=net,romfile="]
    command += ["-device", "virtio-rng-pci"]
    # The disk is gone with the sandbox, so that nothing has to be safe from a power cut of the host: no flush.
    disk = "driver=raw,node-name=disk,discard=unmap,cache.no-flush=on,file.driver=file"
    command += [
        "-blockdev",
        f"{disk},file.filename={_escaped(hardware.disk)}",
        "-device",
        "virtio-blk-pci,drive=disk",
    ]
    command += ["-chardev", f"socket,id=control,fd={monitor}", "-mon", "chardev=control,mode=control"]
    for name, file in files.told.items():
        command += ["-fw_cfg", f"name=opt/occi/{name},file={_escaped(file.path)}"]
    return [*command, *(["-incoming", f"exec:cat {shlex.quote(state)}"] if state else [])]


def _escaped(path: str) -> str:
    return path.replace(",", ",,")


class QemuProcess:
    """A running QEMU; made by `started`."""

    def __init__(self, process: asyncio.subprocess.Process, client: QMPClient, log: HeldFile) -> None:
        self._process = process
        self._client = client
        self._log = log

    @classmethod
    async def started(cls, hardware: Hardware, files: MachineFiles, state: str | None = None) -> QemuProcess:
        """Starts QEMU; with ``state`` the machine goes on where it was saved. Raises MachineError."""
        ours, theirs = socket.socketpair()
        with theirs, open(files.log.path, "wb") as errors:
            command = command_line(hardware, files, theirs.fileno(), state)
            launcher = [sys.executable, "-I", "-S", str(ending_with_parent.__file__), str(os.getpid())]
            process = await asyncio.create_subprocess_exec(
                *launcher,
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=errors,
                pass_fds=[theirs.fileno()],
            )
        machine = cls(process, QMPClient(), files.log)
        try:
            await machine._take_control(ours, resumed=state is not None)
        except BaseException:
            await machine.kill()
            raise
        return machine

    async def _take_control(self, ours: socket.socket, resumed: bool) -> None:
        logging.getLogger("qemu.qmp").setLevel(logging.CRITICAL)  # it tells of every hang-up at length
        try:
            await asyncio.wait_for(self._client.connect(ours), _CONNECT_SECONDS)
        except (QMPError, OSError, EOFError, asyncio.TimeoutError):
            ours.close()
            raise MachineError(f"QEMU did not start. {self.last_words()}".strip()) from None
        if resumed:
            await self._until("query-status", lambda status: status != "inmigrate", _HIBERNATE_SECONDS)
            await self.go_on()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.returncode is None

    async def ended(self) -> None:
        """Waits for the process's end."""
        await self._process.wait()

    async def pause(self) -> None:
        """Stops the processors: the machine keeps everything and does nothing."""
        await self.do("stop")

    async def go_on(self) -> None:
        """Lets a paused machine go on."""
        await self.do("cont")

    async def save(self, state: str) -> None:
        """Pauses the machine, writes its memory and devices to a file, and ends the process. Raises MachineError."""
        await self.pause()
        await self.do("migrate", {"uri": f"exec:cat > {shlex.quote(state)}"})
        reached = await self._until("query-migrate", lambda status: status in _SAVED, _HIBERNATE_SECONDS)
        if reached != "completed":
            raise MachineError(
                f"The machine's memory could not be saved ({reached}). {self.last_words()}".strip()
            )
        await self.kill()

    async def press_power_button(self, patience: float) -> bool:
        """Asks the guest to shut down; returns whether it did so in time."""
        await self.do("system_powerdown")
        try:
            await asyncio.wait_for(self._process.wait(), patience)
        except asyncio.TimeoutError:
            return False
        return True

    async def restart_guest(self, patience: float) -> bool:
        """Presses Ctrl-Alt-Del, on which the guest restarts in its own way; returns whether it did so in time."""
        keys = [{"type": "qcode", "data": name} for name in ("ctrl", "alt", "delete")]
        with self._client.listener("RESET") as resets:
            await self.do("send-key", {"keys": keys})
            return await _comes(resets, patience)

    async def reset(self) -> None:
        """Presses the reset button. Raises MachineError when nothing comes of it."""
        with self._client.listener("RESET") as resets:
            await self.do("system_reset")
            if not await _comes(resets, _END_SECONDS):
                raise MachineError("QEMU did not reset the machine.")

    async def kill(self) -> None:
        """Ends the process at once, whatever it does."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        with contextlib.suppress(Exception):  # the library tells here that QEMU hung up: it was meant to
            await asyncio.wait_for(self._client.disconnect(), _END_SECONDS)

    async def do(self, command: str, arguments: Mapping[str, object] | None = None) -> object:
        """Runs one QMP command and returns its answer. Raises MachineError."""
        try:
            return await asyncio.wait_for(self._client.execute(command, arguments), _HIBERNATE_SECONDS)
        except (QMPError, OSError, EOFError, asyncio.TimeoutError) as error:
            raise MachineError(f"QEMU did not do {command}: {error}. {self.last_words()}".strip()) from None

    async def _until(self, query: str, holds: Callable[[str], bool], patience: float) -> str:
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            answer = await self.do(query)
            status = str(answer.get("status", "")) if isinstance(answer, dict) else ""
            if holds(status):
                return status
            if asyncio.get_running_loop().time() > deadline:
                raise MachineError(f"QEMU was still at {status or query} after {patience:g} s.")
            await asyncio.sleep(_TICK)

    def last_words(self) -> str:
        """Returns the last line that QEMU wrote, '' when it wrote none."""
        return last_line(self._log)


async def _comes(events: EventListener, patience: float) -> bool:
    try:
        await asyncio.wait_for(events.get(), patience)
    except asyncio.TimeoutError:
        return False
    return True
