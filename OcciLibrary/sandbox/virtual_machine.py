"""One VM as the sandbox's server sees it: the state machine of GFD.184 §3.1 that drives a real process.

``inactive --start--> active``, ``active --stop--> inactive``, ``active --suspend--> suspended``,
``suspended --start--> active``, ``active --restart--> active`` by way of inactive.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from OcciLibrary.occi.infrastructure import COMPUTE_ACTIONS
from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.sandbox.conduct import HEALTHY, Conduct
from OcciLibrary.sandbox.engine import LIGHT, NOT_CONTEXTUALISED, Contextualisation, Engine
from OcciLibrary.sandbox.held_file import HeldFile
from OcciLibrary.sandbox.journal import Journal
from OcciLibrary.sandbox.ports import ReservedPort
from OcciLibrary.sandbox.processes import ChildError, ChildProcess

ACTIONS = ("start", "stop", "restart", "suspend")
SERVICE_SECONDS = 10.0


class NotNowError(Exception):
    """What a VM's present state does not allow; the text is written for the tester."""


@dataclass(frozen=True, slots=True)
class Login:
    """The SSH login of the VMs; ``host_key`` is an OpenSSH private key as PEM text.

    Without a password none lets in. With ``root_by_password`` any lets root in, as no machine should have it.
    """

    username: str
    password: str
    host_key: str
    root_by_password: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A VM at one moment: all attributes, the state among them, and the actions that apply now."""

    attributes: Mapping[str, AttributeValue]
    actions: tuple[str, ...]

    @property
    def state(self) -> str:
        """The state shown."""
        return str(self.attributes["occi.compute.state"])


def new_host_key() -> tuple[str, str]:
    """Returns a new host key: the private one as PEM text, and the public one as a line."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
    return private.decode(), public.decode()


class VirtualMachine:
    """One VM. ``attributes`` hold title, summary and the compute attributes, by their OCCI names.

    A transition takes ``seconds`` at least. Until it is done the old state is shown and every action and change is
    refused. Changed attributes take effect at the next start. ``conduct`` says where it breaks a promise, ``engine`` what its
    machine is. ``disk`` is a copy of an image, which is the VM's from now on; without one its disk is blank.
    """

    def __init__(
        self,
        vm_id: str,
        attributes: Mapping[str, AttributeValue],
        login: Login,
        seconds: float = 1.0,
        journal: Journal | None = None,
        conduct: Conduct = HEALTHY,
        engine: Engine = LIGHT,
        disk: HeldFile | None = None,
        contextualisation: Contextualisation = NOT_CONTEXTUALISED,
    ) -> None:
        self.id = vm_id
        self.defaults = dict(attributes)
        self.echo_port = ReservedPort()
        self.ssh_port = ReservedPort()
        self._attributes = dict(attributes)
        self.login = login
        self._seconds = seconds
        self._journal = journal or Journal()
        self._conduct = conduct
        self._engine = engine
        self._disk = disk or HeldFile()
        self._contextualisation = contextualisation
        self._plans = {**engine.plans, **conduct.plans}
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._orders = threading.Lock()
        self._state = "inactive"
        self._states: list[tuple[str, float]] = []
        self._busy_with = ""
        self._method = ""
        self._thread: threading.Thread | None = None
        self._machine: ChildProcess | None = None
        self._next: ChildProcess | None = None
        self._has_machine = False
        self._deeds: list[tuple[str, float]] = []
        self._at_next_stop: list[Callable[[], None]] = []

    @property
    def pid(self) -> int | None:
        """The process id of the machine, None when it is off."""
        return self._machine.pid if self._machine and self._machine.alive else None

    def snapshot(self) -> Snapshot:
        """Returns state, attributes and applicable actions of one and the same moment."""
        with self._changed:
            self._notice_death()
            attributes = {"occi.core.id": self.id, **self._attributes, "occi.compute.state": self._state}
            return Snapshot(attributes, self._applicable())

    def invoke(self, term: str, method: str = "") -> None:
        """Begins a transition and returns at once. Raises NotNowError when the action does not apply now.

        ``method`` is the action's OCCI method; to a light machine all are the same.
        """
        with self._changed:
            self._notice_death()
            if term not in self._applicable():
                raise NotNowError(self._refusal(term))
            self._busy_with = term
            self._method = method
            self._states = []
            self._deeds = []
            self._thread = threading.Thread(target=self._run, args=(term, time.time()), daemon=True)
            self._thread.start()

    def change(self, attributes: Mapping[str, AttributeValue], replace: bool = False) -> None:
        """Changes attributes, or with ``replace`` sets all others to what they were at first.

        Raises NotNowError when the VM is not inactive, or no machine of this site can be like that.
        """
        with self._changed:
            self._check_idle()
            if self._state != "inactive":
                raise NotNowError(
                    f"The VM is {self._state}: its attributes can be changed only while it is inactive."
                )
            self._attributes = self._possible(
                {**(self.defaults if replace else self._attributes), **attributes}
            )

    def change_running(self, attributes: Mapping[str, AttributeValue], in_machine: bool = False) -> None:
        """Changes attributes whatever the state: in the running machine at once, or in force after the next start.

        Raises NotNowError while a transition is under way, and where no machine of this site can be like that.
        """
        with self._changed:
            self._check_idle()
            changed = self._possible({**self._attributes, **attributes})
            if in_machine and self._machine is not None:
                self._alter(self._machine, changed)
            self._attributes = changed

    def _alter(self, machine: ChildProcess, attributes: Mapping[str, AttributeValue]) -> None:
        try:
            told = {"do": "alter", **self._facts_of(attributes)}
            self._tell(machine, told, self._engine.order_seconds)
        except ChildError:
            raise NotNowError("The machines of this site cannot be changed while they run.") from None

    def _check_idle(self) -> None:
        self._notice_death()
        if self._busy_with:
            raise NotNowError(
                f"The VM is busy with {self._busy_with}: its attributes cannot be changed meanwhile."
            )

    def _possible(self, attributes: dict[str, AttributeValue]) -> dict[str, AttributeValue]:
        if refused := self._engine.refusal(attributes):
            raise NotNowError(refused)
        return attributes

    def at_next_stop(self, deed: Callable[[], None]) -> None:
        """Has something done when the VM is stopped the next time, between the machine's end and the state inactive."""
        with self._changed:
            self._at_next_stop.append(deed)

    def saved_disk(self) -> HeldFile:
        """Returns a copy of the disk as it is now, running or not: an image.

        For a step of a plan, or while no transition is under way. Raises ChildError or OSError.
        """
        if not self._has_machine or self._machine is None:
            return self._disk.copied()
        image = HeldFile()
        try:
            self._tell(self._machine, {"do": "save", "to": image.path}, self._engine.order_seconds)
        except (ChildError, OSError):
            image.close()
            raise
        return image

    def crash(self) -> None:
        """Ends the machine behind the site's back, which notices it the next time it looks."""
        if self._machine:
            self._machine.end()

    def wait_until_settled(self, timeout: float) -> bool:
        """Waits until no transition is under way; False when the time-out passes first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy_with, timeout)

    def close(self) -> None:
        """Ends the transition under way and the machine, whatever they do."""
        self._closing.set()
        self.end_machine()
        if self._thread:
            self._thread.join(self._engine.boot_seconds)
        self.end_machine()  # the one that a restart may have begun meanwhile
        if self._next:
            self._next.end()
        self.echo_port.release()
        self.ssh_port.release()
        self._disk.close()

    def _applicable(self) -> tuple[str, ...]:
        if self._busy_with:
            return ()
        return tuple(term for term in ACTIONS if self._state in COMPUTE_ACTIONS[term].sources)

    def _refusal(self, term: str) -> str:
        if self._busy_with:
            return f"The VM is {self._state} and busy with {self._busy_with}: {term} has to wait until that is done."
        allowed = ", ".join(self._applicable())
        return f"The action {term} does not apply to a VM that is {self._state}. Now possible: {allowed}."

    def _notice_death(self) -> None:
        """Shows inactive when the machine's process has died by itself, as a hypervisor would."""
        if not self._busy_with and self._has_machine and not (self._machine and self._machine.alive):
            self._state = "inactive"
            self._has_machine = False

    def _run(self, term: str, started: float) -> None:
        resuming = term == "start" and self._state == "suspended"
        plan = self._plans["resume" if resuming else term]
        failure = ""
        reached = plan.reached
        try:
            for step in plan.steps:
                step(self)
            if term == "stop":
                self._do_what_waited_for_the_stop()
        except (ChildError, OSError) as error:
            failure = str(error)
            self.end_machine()  # what a failed transition left of it is not to be trusted
            reached = "inactive"
        with self._changed:
            self._busy_with = ""  # together with the state: whoever sees the new state may act on it
            if reached:
                self.show(reached)
            self._changed.notify_all()
            self._journal.record(self.id, term, started, self._states, failure, self._deeds)

    def _do_what_waited_for_the_stop(self) -> None:
        with self._changed:
            deeds, self._at_next_stop = self._at_next_stop, []
        for deed in deeds:
            deed()

    # ---- the steps of a plan (transitions.Driven)

    def show(self, state: str) -> None:
        """Shows a state to whoever asks."""
        with self._changed:
            self._state = state
            self._states.append((state, time.time()))
            self._changed.notify_all()

    def let_pass(self, seconds: float) -> None:
        """Waits; ends at once when the site is stopped."""
        self._closing.wait(seconds)

    def transition_seconds(self) -> float:
        """Returns how long a transition takes."""
        return self._seconds

    def warm_up(self) -> None:
        """Begins the next machine process, which loads while the time passes."""
        self._next = ChildProcess(self._engine.module)

    def boot(self, echo: str = "") -> None:
        """Boots the machine. Raises ChildError or OSError when it does not come up."""
        if self._closing.is_set():
            raise ChildError("The sandbox is being stopped.")
        machine = self._next or ChildProcess(self._engine.module)
        self._machine, self._next = machine, None
        self._has_machine = True
        echo = echo or self._conduct.echo
        self._tell(machine, {**self._properties(), "echo_fault": echo}, self._engine.boot_seconds)
        self._check_services(echo)
        self._deeds.append(("booted", time.time()))

    def end_machine(self) -> None:
        """Ends the machine; does nothing when there is none."""
        self._has_machine = False
        if self._machine:
            if self._machine.alive:
                self._deeds.append(("ended", time.time()))
            self._machine.end()

    def order(self, action: str, echo: str = "") -> None:
        """Gives the machine an order, with the method of the action. Raises ChildError or OSError when it does not obey."""
        if self._machine is None:
            raise ChildError("The VM has no process.")
        echo = echo or (self._conduct.echo if action == "resume" else "")
        told = {"do": action, "method": self._method, "echo_fault": echo}
        self._tell(self._machine, told, self._engine.order_seconds)
        if action in ("resume", "arrive"):
            self._check_services(echo)
        self._deeds.append((f"{action}d" if action.endswith("e") else f"{action}ed", time.time()))

    def _tell(self, machine: ChildProcess, order: Mapping[str, Any], seconds: float) -> None:
        """Tells a machine something and waits for its answer; one at a time, so that nobody gets another's answer."""
        with self._orders:
            machine.tell(order)
            machine.answer(seconds)

    def _check_services(self, echo: str) -> None:
        """Speaks to both services; an echo service that is to misbehave is left out. Raises OSError when one does not answer."""
        services = [(self.ssh_port, b"")] if echo else [(self.echo_port, b"ready?\n"), (self.ssh_port, b"")]
        for port, question in services:
            with socket.create_connection(("127.0.0.1", port.number), SERVICE_SECONDS) as connection:
                connection.sendall(question)
                if not connection.recv(64):
                    raise ChildError(f"Port {port.number} of the VM {self.id} closed without an answer.")

    def _properties(self) -> dict[str, Any]:
        return {
            **self._engine.properties,
            **self._facts_of(self._attributes),
            "echo_port": self.echo_port.number,
            "ssh_port": self.ssh_port.number,
            "ssh_username": self.login.username,
            "ssh_password": self.login.password,
            "ssh_host_key": self.login.host_key,
            "root_by_password": self.login.root_by_password,
            "disk": self._disk.path,
            "instance": self.id,
            "public_keys": list(self._contextualisation.public_keys),
            "user_data": self._contextualisation.user_data,
        }

    def _facts_of(self, attributes: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        inside = self._conduct.inside(self, dict(attributes))
        names = ("hostname", "cores", "memory", "speed", "architecture")
        return {name: inside[f"occi.compute.{name}"] for name in names}
