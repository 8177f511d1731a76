"""A site in this process, and what tests ask it with."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.renderings import read
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine

ACTION_SCHEME = "http://schemas.ogf.org/occi/infrastructure/compute/action#"
SECONDS = 0.05


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def resource(self) -> Resource:
        return read(self.headers["Content-Type"], list(self.headers.items()), self.body).resource()


class Client:
    """One kept connection to a site."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)

    def ask(self, method: str, path: str, body: bytes | str = b"", **headers: str) -> Reply:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body or None, fields)
        response = self._connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())

    def act(self, machine: VirtualMachine, term: str, method: str = "") -> Reply:
        body = f'Category: {term}; scheme="{ACTION_SCHEME}"; class="action"\n'
        body += f'X-OCCI-Attribute: method="{method}"\n' if method else ""
        return self.ask("POST", f"/compute/{machine.id}?action={term}", body, Content_Type="text/plain")

    def get(self, machine: VirtualMachine) -> Resource:
        return self.ask("GET", f"/compute/{machine.id}").resource()

    def close(self) -> None:
        self._connection.close()


def run_on(
    machine: VirtualMachine, *commands: str, password: str = "sandbox"
) -> list[asyncssh.SSHCompletedProcess]:
    """Logs in to a VM and runs commands, each as an exec request."""
    import asyncio  # noqa: PLC0415

    async def session() -> list[asyncssh.SSHCompletedProcess]:
        async with asyncssh.connect(
            "127.0.0.1",
            machine.ssh_port.number,
            username="tester",
            password=password,
            known_hosts=None,
            config=None,
            client_keys=None,
            agent_path=None,
        ) as connection:
            return [await connection.run(command) for command in commands]

    return asyncio.run(asyncio.wait_for(session(), 10))


def output_on(machine: VirtualMachine, *commands: str) -> list[str]:
    return [str(result.stdout) for result in run_on(machine, *commands)]


def reach(machine: VirtualMachine, state: str) -> None:
    """Brings a VM into a state by legal steps."""
    steps = {
        ("inactive", "active"): ["start"],
        ("active", "inactive"): ["stop"],
        ("active", "suspended"): ["suspend"],
    }
    steps |= {("suspended", "active"): ["start"], ("suspended", "inactive"): ["start", "stop"]}
    steps |= {("inactive", "suspended"): ["start", "suspend"]}
    assert machine.wait_until_settled(10)
    for action in steps.get((machine.snapshot().state, state), []):
        machine.invoke(action)
        assert machine.wait_until_settled(10)
    assert machine.snapshot().state == state


@pytest.fixture(scope="session")
def journal_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox") / "journal.jsonl"


@pytest.fixture(scope="session")
def site(journal_file: Path) -> Iterator[SandboxSite]:
    started = SandboxSite(SandboxOptions(seconds=SECONDS, machines=2, journal=journal_file))
    started.start()
    yield started
    started.stop()


@pytest.fixture
def client(site: SandboxSite) -> Iterator[Client]:
    connected = Client(int(site.description()["endpoint"].rstrip("/").rpartition(":")[2]))
    yield connected
    connected.close()


@pytest.fixture
def vm(site: SandboxSite) -> VirtualMachine:
    """The reference VM, inactive and as provisioned."""
    machine = site.machines[0]
    reach(machine, "inactive")
    machine.change({}, replace=True)
    return machine


@pytest.fixture
def active_vm(site: SandboxSite) -> VirtualMachine:
    """The second VM, active."""
    machine = site.machines[1]
    reach(machine, "active")
    return machine


def journal_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
