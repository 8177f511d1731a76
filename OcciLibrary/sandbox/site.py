"""A whole sandbox site: a few VMs and the OCCI server in front of them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.dialects.dialect import OWN, Dialect
from OcciLibrary.sandbox.engine import LIGHT, Contextualisation, EngineError, engine_named
from OcciLibrary.sandbox.faults import conduct_of
from OcciLibrary.sandbox.held_file import HeldFile
from OcciLibrary.sandbox.journal import Journal
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.provider import ROOT_BY_PASSWORD, Provider
from OcciLibrary.sandbox.server import Application, BasicLogin, SandboxServer
from OcciLibrary.sandbox.virtual_machine import Login, VirtualMachine, new_host_key
from OcciLibrary.sandbox.weather import WeatherRelay

SSH_USERNAME = "tester"
_FIRST_START_SECONDS = 60.0
_OF_NEW_VMS: Mapping[str, AttributeValue] = {
    "occi.core.title": "New VM",
    "occi.core.summary": "A VM that a user made",
    "occi.compute.architecture": "x64",
    "occi.compute.hostname": "new-vm",
}
_SIZES = ((1, 1.0, 2.4), (2, 2.0, 2.4), (4, 8.0, 3.0))  # cores, GiB, GHz


class SandboxSite:
    """The site: the first VM is the reference VM for the tester, the second one runs, the others are inactive.

    ``conduct`` is how it conducts itself towards the tester; without one, as ``options.fault`` says. Raises ValueError
    for a fault or a dialect that is not known.
    """

    def __init__(self, options: SandboxOptions, conduct: Conduct | None = None) -> None:
        self._options = options
        self._machines: list[VirtualMachine] = []
        self._host_public_key = ""
        self._journal = Journal()
        self._server: SandboxServer | None = None
        self._relay: WeatherRelay | None = None
        self._provider: Provider | None = None
        self._engine = LIGHT
        self._conduct = conduct_of(options.fault) if conduct is None else conduct
        self._dialect = _dialect_of(options.dialect)

    def start(self) -> None:
        """Starts the server; the second VM boots meanwhile.

        Raises OSError for a taken port or a journal that cannot be written, EngineError where there can be no such machines.
        """
        self._engine = engine_named(self._options.engine, self._options.acceleration)
        if self._engine is not LIGHT and self._conduct.echo:
            raise EngineError(
                "The echo service of a real machine cannot be made to misbehave: use light machines."
            )
        if self._engine is not LIGHT and ROOT_BY_PASSWORD in self._conduct.creating:
            raise EngineError("A real machine never lets root in: use light machines.")
        self._journal = Journal(self._options.journal)
        login = self._new_login()
        self._provider = self._new_provider(login) if self._options.may_create else None
        self._machines = [self._machine(number, login) for number in range(self._options.machines)]
        try:
            self._start_server()
        except OSError:
            self.stop()
            raise
        self._start_machines()

    def _start_server(self) -> None:
        if self._conduct.weather is None:
            self._server = SandboxServer(self._application, self._options.port, self._dialect.front.version)
        else:
            self._server = SandboxServer(self._application, version=self._dialect.front.version)
            self._relay = WeatherRelay(
                self._server.port, self._conduct.weather(), self._options.port, self._dialect.paths.inner
            )

    def stop(self) -> None:
        """Ends the server and every VM."""
        if self._relay:
            self._relay.stop()
        if self._server:
            self._server.stop()
        if self._provider:
            self._provider.close()
        closings = [threading.Thread(target=machine.close) for machine in self._machines]
        for closing in closings:
            closing.start()
        for closing in closings:
            closing.join()
        self._journal.close()

    @property
    def machines(self) -> tuple[VirtualMachine, ...]:
        """The VMs, the reference VM first."""
        return tuple(self._machines)

    @property
    def provider(self) -> Provider | None:
        """What makes VMs for users, where the site lets them."""
        return self._provider

    def description(self) -> dict[str, Any]:
        """Returns what a tester needs: the endpoint, and for each VM its id, state, and where to reach it."""
        front = self._relay or self._server
        return {
            "endpoint": f"{front.url}{self._dialect.paths.base}/" if front else "",
            "machines": [self._described(machine) for machine in self._machines],
        }

    def _described(self, machine: VirtualMachine) -> dict[str, Any]:
        another = self._machines[1] if len(self._machines) > 1 else machine
        spoken = another if self._conduct.echo_of_another else machine
        entered = another if self._conduct.ssh_of_another else machine
        return {
            "id": machine.id,
            "state": machine.snapshot().state,
            "echo_host": "127.0.0.1",
            "echo_port": spoken.echo_port.number,
            "ssh_host": "127.0.0.1",
            "ssh_port": entered.ssh_port.number,
            "ssh_username": SSH_USERNAME,
            "ssh_host_key": self._host_public_key,
        }

    def _application(self, url: str) -> Application:
        options = self._options
        login = BasicLogin(options.username, options.password) if options.username else None
        return Application(self._machines, url, login, self._conduct, self._dialect, self._provider)

    def _new_provider(self, login: Login) -> Provider | None:
        """Returns what makes VMs for users, None where the server that the site speaks as offers nothing of the kind."""

        def make(
            vm_id: str,
            attributes: Mapping[str, AttributeValue],
            disk: HeldFile | None,
            contextualisation: Contextualisation,
            root_by_password: bool,
        ) -> VirtualMachine:
            own = replace(login, password="", root_by_password=root_by_password)
            conduct = Conduct(plans=self._dialect.plans)
            seconds, journal = self._options.seconds, self._journal
            return VirtualMachine(
                vm_id, attributes, own, seconds, journal, conduct, self._engine, disk, contextualisation
            )

        if self._dialect.creating is None:
            return None
        return Provider(self._dialect.creating, make, _OF_NEW_VMS, self._conduct.creating)

    def _machine(self, number: int, login: Login) -> VirtualMachine:
        cores, memory, speed = _SIZES[number % len(_SIZES)]
        attributes: dict[str, AttributeValue] = {
            "occi.core.title": "Reference VM" if number == 0 else f"Sandbox VM {number + 1}",
            "occi.core.summary": "A VM of the OcciLibrary sandbox",
            "occi.compute.architecture": "x64",
            "occi.compute.cores": cores,
            "occi.compute.hostname": "reference-vm" if number == 0 else f"vm-{number + 1}",
            "occi.compute.speed": speed,
            "occi.compute.memory": memory,
        }
        vm_id = str(
            uuid.uuid5(uuid.NAMESPACE_DNS, f"vm-{number + 1}.sandbox.example.org")
        )  # the same in every run
        usual = Conduct(plans=self._dialect.plans)
        conduct = usual if number else replace(self._conduct, plans={**usual.plans, **self._conduct.plans})
        vm_id = self._dialect.vm_id(number, vm_id)
        return VirtualMachine(
            vm_id, attributes, login, self._options.seconds, self._journal, conduct, self._engine
        )

    def _start_machines(self) -> None:
        if self._options.reference_state == "active":
            self._machines[0].invoke("start")
        for machine in self._machines[1:2]:
            machine.invoke("start")
        if self._options.reference_state == "active":
            self._machines[0].wait_until_settled(self._options.seconds + _FIRST_START_SECONDS)

    def _new_login(self) -> Login:
        private, self._host_public_key = new_host_key()
        return Login(SSH_USERNAME, self._options.ssh_password, private)


def _dialect_of(name: str) -> Dialect:
    if not name:
        return OWN
    from OcciLibrary.sandbox.dialects.catalogue import dialect_of  # noqa: PLC0415 - most sandboxes have no dialect

    return dialect_of(name)
