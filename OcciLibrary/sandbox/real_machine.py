"""One real machine of the sandbox, whatever hypervisor it runs under.

Its process speaks with the sandbox as the light machine does (machine.py), and has the hypervisor do what it is ordered: ``suspend``
and ``halt`` and ``reboot`` by their OCCI method, ``resume``, ``save``, and ``arrive``, which waits until a rebooted machine's services
answer. Hibernated, the machine is a file and nothing runs. It ends with its standard input, and what runs with it. None of its files
has a name, so that nothing is left even where it is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Protocol

from OcciLibrary.sandbox.blank_disk import FormatError, format_disk
from OcciLibrary.sandbox.hardware import Hardware, hardware_of
from OcciLibrary.sandbox.held_file import HeldFile, copy_file
from OcciLibrary.sandbox.orders import listen, say
from OcciLibrary.sandbox.processes import standard_input_lines

SHUTDOWN_SECONDS = 20.0
"""How long a guest may take to shut down or to restart by itself before it is done to it."""
NO_ECHO_FAULT = "The echo service of a real machine cannot be made to misbehave: use light machines."
_TRY_SECONDS = (*[0.25] * 10, 0.5, 1.0, 2.0)
"""How long a service is waited for, try by try: short at first, since a try before the guest is up is lost, and a busy host is slow."""
_BETWEEN_TRIES = 0.05


class MachineError(Exception):
    """A machine that did not do what was asked; the text holds what its hypervisor said last."""


class RefusedOrderError(Exception):
    """An order that no real machine can follow; the text says why. The machine stays as it was."""


class MachineFiles:
    """What a machine has beside its disk: a file for each thing that its guest is told, its console, its hypervisor's log.

    ``machine_id`` is a UUID of its own.
    """

    def __init__(self, told: Mapping[str, bytes]) -> None:
        self.machine_id = str(uuid.uuid4())
        self.told = {name: HeldFile(content) for name, content in told.items()}
        self.console = HeldFile()
        self.log = HeldFile()

    def close(self) -> None:
        """Lets go of them."""
        for file in (*self.told.values(), self.console, self.log):
            file.close()


class Running(Protocol):
    """A machine under its hypervisor, from power-on to power-off. What fails raises MachineError."""

    @property
    def alive(self) -> bool:
        """Whether it has power."""

    async def ended(self) -> None:
        """Waits until it has none."""

    async def pause(self) -> None:
        """Stops the processors: the machine keeps everything and does nothing."""

    async def go_on(self) -> None:
        """Lets a paused machine go on."""

    async def save(self, state: str) -> None:
        """Writes memory and devices to a file, and ends."""

    async def press_power_button(self, patience: float) -> bool:
        """Asks the guest to shut down; returns whether it did so in time."""

    async def restart_guest(self, patience: float) -> bool:
        """Asks the guest to restart in its own way; returns whether it did so in time."""

    async def reset(self) -> None:
        """Presses the reset button."""

    async def kill(self) -> None:
        """Takes the power away at once."""

    def last_words(self) -> str:
        """Returns the last line that the hypervisor wrote, '' when it wrote none."""


PowerOn = Callable[[Hardware, MachineFiles, "str | None"], Awaitable[Running]]
"""Starts a machine; with the path of a saved state it goes on where it was saved. Raises MachineError."""


class RealMachine:
    """The machine of one process: it has power, or is hibernated."""

    def __init__(self, properties: dict[str, Any], power_on: PowerOn) -> None:
        self._power_on = power_on
        self._echo_fault = str(properties.get("echo_fault", ""))
        self._boot_seconds = float(properties["boot_seconds"])
        self._hardware = hardware_of(properties)
        self._files = MachineFiles(self._hardware.told)
        self._state: HeldFile | None = None
        self._powered: Running | None = None
        self._paused = False
        self.gone = asyncio.Event()
        self._watchers: set[asyncio.Task[None]] = set()

    async def boot(self) -> None:
        """Boots; returns when both services answer. Raises MachineError."""
        if self._echo_fault:
            raise MachineError(NO_ECHO_FAULT)
        if os.stat(self._hardware.disk).st_size == 0:
            await self._format_disk()
        await self._run()
        await self.arrive()

    async def _format_disk(self) -> None:
        try:
            await asyncio.to_thread(format_disk, self._hardware.disk)
        except FormatError as problem:
            raise MachineError(str(problem)) from None

    async def _run(self, state: str | None = None) -> None:
        self._powered = await self._power_on(self._hardware, self._files, state)
        self._paused = False
        watcher = asyncio.create_task(self._watch(self._powered))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    async def _watch(self, running: Running) -> None:
        """Notes that the machine ended by itself: its guest shut down, or its hypervisor broke."""
        await running.ended()
        if self._powered is running:
            self.gone.set()

    async def obey(self, order: dict[str, Any]) -> None:
        """Does what an order says. Raises MachineError, and RefusedOrderError or OSError where the machine is none the worse for it."""
        if order.get("echo_fault"):
            raise RefusedOrderError(NO_ECHO_FAULT)
        action, method = str(order.get("do")), str(order.get("method", ""))
        actions = {"suspend": self._suspend, "halt": self._halt, "reboot": self._reboot}
        if action in actions:
            await actions[action](method)
        elif action == "resume":
            await self._resume()
        elif action == "arrive":
            await self.arrive()
        elif action == "save":
            await self._save(str(order["to"]))
        else:
            raise RefusedOrderError(f"A real machine knows no order {action!r}.")

    async def _suspend(self, method: str) -> None:
        running = self._running()
        if method != "hibernate":
            await running.pause()
            self._paused = True
            return
        self._powered = None
        self._state = HeldFile()
        try:
            await running.save(self._state.path)
        except MachineError:
            await running.kill()
            raise

    async def _resume(self) -> None:
        if self._state is not None:
            await self._run(self._state.path)
            self._state.close()
            self._state = None
        else:
            await self._running().go_on()
            self._paused = False
        await self.arrive()

    async def _save(self, image: str) -> None:
        """Copies the disk while nothing writes to it: the processors are stopped for that moment."""
        halted = self._powered is None or self._paused
        if not halted:
            await self._running().pause()
        try:
            await asyncio.to_thread(copy_file, self._hardware.disk, image)
        finally:
            if not halted:
                await self._running().go_on()

    async def _halt(self, method: str) -> None:
        """Shuts the guest down by its power button, or pulls the plug: when asked to, or when the guest does not react."""
        running = self._running()
        self._powered = None
        if method != "poweroff":
            await running.press_power_button(SHUTDOWN_SECONDS)
        await running.kill()

    async def _reboot(self, method: str) -> None:
        """Restarts the machine; returns when it is down. ``cold`` takes the power away, ``warm`` is the reset button."""
        running = self._running()
        if method == "cold":
            self._powered = None
            await running.kill()
        elif method == "warm" or not await running.restart_guest(SHUTDOWN_SECONDS):
            await running.reset()

    async def arrive(self) -> None:
        """Waits until both services answer; a machine without power is powered on first. Raises MachineError."""
        if self._powered is None:
            await self._run()
        running = self._running()
        answers = asyncio.ensure_future(self._both_answer())
        ended = asyncio.ensure_future(running.ended())
        try:
            await asyncio.wait(
                (answers, ended), timeout=self._boot_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if not answers.done():
                why = (
                    f"was not up within {self._boot_seconds:g} s"
                    if running.alive
                    else "ended while it booted"
                )
                raise MachineError(f"The machine {why}. {running.last_words()} {self._console()}".strip())
        finally:
            answers.cancel()
            ended.cancel()

    async def _both_answer(self) -> None:
        await _answers(self._hardware.echo_port, b"ready?\n", b"ready?")
        await _answers(self._hardware.ssh_port, b"", b"SSH-")

    def _console(self) -> str:
        last = last_line(self._files.console)
        return f"Its console: {last}" if last else ""

    def _running(self) -> Running:
        if self._powered is None or not self._powered.alive:
            raise MachineError("The machine is off.")
        return self._powered

    async def destroy(self) -> None:
        """Takes the power away, whatever the machine does, and lets go of its files."""
        running, self._powered = self._powered, None
        if running is not None:
            await running.kill()
        if self._state is not None:
            self._state.close()
        self._files.close()


def last_line(file: HeldFile) -> str:
    """Returns the last line in a file that is not blank, cut off at 300 characters; '' where there is none."""
    lines = file.read().decode(errors="replace").split("\n")
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


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


async def live(properties: dict[str, Any], power_on: PowerOn, lines: Iterator[bytes]) -> int:
    """Boots the machine and obeys until its input or the machine ends; the result is the exit status."""
    machine = RealMachine(properties, power_on)
    task = asyncio.current_task()
    assert task is not None
    orders: asyncio.Queue[bytes] = asyncio.Queue()
    listen(lines, lambda line: task.cancel() if line is None else orders.put_nowait(line))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await machine.boot()
        say({"ready": True, "pid": os.getpid()})
        await _obey_orders(machine, orders)
    except MachineError as error:
        say({"failed": str(error)})
        return 1
    except asyncio.CancelledError:
        pass
    finally:
        await machine.destroy()
    return 0


async def _obey_orders(machine: RealMachine, orders: asyncio.Queue[bytes]) -> None:
    gone = asyncio.ensure_future(machine.gone.wait())
    while True:
        order = asyncio.ensure_future(orders.get())
        await asyncio.wait((order, gone), return_when=asyncio.FIRST_COMPLETED)
        if not order.done():
            order.cancel()
            return
        told = json.loads(order.result())
        try:
            await machine.obey(told)
        except OSError as error:  # an image that finds no room is no reason to end the machine
            say({"failed": f"The machine's files: {error.strerror or error}."})
        except RefusedOrderError as refused:
            say({"failed": str(refused)})
        else:
            say({"done": told.get("do")})


def run(power_on: PowerOn) -> int:
    """Runs the process of one machine; the result is its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tester's Ctrl-C goes to the whole terminal group
    lines = standard_input_lines()
    first = next(lines, None)
    if first is None:
        return 0
    try:
        return asyncio.run(live(json.loads(first), power_on, lines))
    except BrokenPipeError:  # the sandbox is gone
        return 0
    except OSError as error:
        say({"failed": f"The VM could not boot: {error.strerror or error}."})
        return 1
