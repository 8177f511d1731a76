"""One machine as a transient domain of libvirt: nothing of it is configured, and nothing stays when it ends.

libvirt is reached by the session connection of an ordinary user, which starts the daemon where none runs. The daemon, not this process,
is the parent of the machine's QEMU, so that a guard ends the domain where this process is killed (libvirt_guard.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import subprocess
from collections.abc import Callable
from typing import Any

import libvirt
import libvirtaio

from OcciLibrary.sandbox import libvirt_guard
from OcciLibrary.sandbox.hardware import Hardware
from OcciLibrary.sandbox.libvirt_description import description
from OcciLibrary.sandbox.real_machine import MachineError, MachineFiles

_ORDER_SECONDS = 60.0
_END_SECONDS = 10.0
_CTRL_ALT_DELETE = (29, 56, 111)  # Linux key codes
_HOLD_MILLISECONDS = 50


class LibvirtDomain:
    """A running domain; made by `started`."""

    def __init__(self, connection: Any, domain_id: str) -> None:
        self._connection = connection
        self._id = domain_id
        self._over = asyncio.Event()
        self._reset = asyncio.Event()
        self._callbacks: list[int] = []
        self._guard: subprocess.Popen[bytes] | None = None

    @classmethod
    async def started(
        cls, hardware: Hardware, files: MachineFiles, state: str | None = None
    ) -> LibvirtDomain:
        """Creates the domain; with ``state`` it goes on where it was saved. Raises MachineError."""
        connection = await _connected()
        machine = cls(connection, files.machine_id)
        text = description(machine._id, hardware, files)
        machine._guard = libvirt_guard.started(machine._id)
        try:
            machine._listen()
            if state is None:
                await machine._ask(lambda: connection.createXML(text))
            else:
                await machine._ask(
                    lambda: connection.restoreFlags(state, text, libvirt.VIR_DOMAIN_SAVE_RUNNING)
                )
        except BaseException:
            await machine.kill()
            raise
        return machine

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()

        def changed(_: object, domain: Any, event: int, *__: object) -> None:
            if domain.UUIDString() == self._id and event == libvirt.VIR_DOMAIN_EVENT_STOPPED:
                loop.call_soon_threadsafe(self._over.set)

        def restarted(_: object, domain: Any, *__: object) -> None:
            if domain.UUIDString() == self._id:
                loop.call_soon_threadsafe(self._reset.set)

        watch = self._connection.domainEventRegisterAny
        self._callbacks = [
            watch(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, changed, None),
            watch(None, libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, restarted, None),
        ]
        self._connection.registerCloseCallback(lambda *_: loop.call_soon_threadsafe(self._over.set), None)

    @property
    def alive(self) -> bool:
        """Whether the domain runs, or is paused."""
        return not self._over.is_set()

    async def ended(self) -> None:
        """Waits for the domain's end."""
        await self._over.wait()

    async def pause(self) -> None:
        """Stops the processors."""
        await self._ask(lambda: self._domain().suspend())

    async def go_on(self) -> None:
        """Lets a paused domain go on."""
        await self._ask(lambda: self._domain().resume())

    async def save(self, state: str) -> None:
        """Writes memory and devices to a file, and ends the domain. Raises MachineError."""
        await self._ask(lambda: self._domain().save(state))
        await self.kill()

    async def press_power_button(self, patience: float) -> bool:
        """Asks the guest to shut down; returns whether it did so in time."""
        await self._ask(lambda: self._domain().shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN))
        return await _comes(self._over, patience)

    async def restart_guest(self, patience: float) -> bool:
        """Presses Ctrl-Alt-Del, on which the guest restarts in its own way; returns whether it did so in time."""
        self._reset.clear()
        keys = list(_CTRL_ALT_DELETE)
        await self._ask(
            lambda: self._domain().sendKey(
                libvirt.VIR_KEYCODE_SET_LINUX, _HOLD_MILLISECONDS, keys, len(keys), 0
            )
        )
        return await _comes(self._reset, patience)

    async def reset(self) -> None:
        """Presses the reset button. Raises MachineError when nothing comes of it."""
        self._reset.clear()
        await self._ask(lambda: self._domain().reset(0))
        if not await _comes(self._reset, _END_SECONDS):
            raise MachineError("libvirt did not reset the machine.")

    async def kill(self) -> None:
        """Ends the domain at once, whatever it does, and what libvirt keeps of it."""
        await asyncio.to_thread(libvirt_guard.end_domain, self._connection, self._id)
        self._over.set()
        with contextlib.suppress(libvirt.libvirtError):
            for callback in self._callbacks:
                self._connection.domainEventDeregisterAny(callback)
            self._connection.unregisterCloseCallback()
            self._connection.close()
        if self._guard is not None:
            await asyncio.to_thread(libvirt_guard.dismissed, self._guard)

    def last_words(self) -> str:
        """Returns '': what libvirt has to say is in its errors."""
        return ""

    def _domain(self) -> Any:
        return self._connection.lookupByUUIDString(self._id)

    async def _ask(self, call: Callable[[], object]) -> None:
        try:
            await asyncio.wait_for(asyncio.to_thread(call), _ORDER_SECONDS)
        except libvirt.libvirtError as error:
            raise MachineError(f"libvirt did not do it: {error}") from None
        except asyncio.TimeoutError:
            raise MachineError(f"libvirt did not answer within {_ORDER_SECONDS:g} s.") from None


@functools.cache
def _listen_to_libvirt() -> None:
    """Lets this process's loop run libvirt's events; libvirt takes one loop in the life of a process."""
    libvirtaio.virEventRegisterAsyncIOImpl()
    libvirt.registerErrorHandler(lambda *_: None, None)  # it writes to standard error what it also raises


async def _connected() -> Any:
    _listen_to_libvirt()
    try:
        return await asyncio.to_thread(libvirt.open, libvirt_guard.CONNECTION)
    except libvirt.libvirtError as error:
        raise MachineError(f"libvirt cannot be reached at {libvirt_guard.CONNECTION}: {error}") from None


async def _comes(event: asyncio.Event, patience: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), patience)
    except asyncio.TimeoutError:
        return False
    return True
