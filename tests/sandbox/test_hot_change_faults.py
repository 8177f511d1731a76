"""Sites that take an update of the active VM: what they show, what their machine has, and that agreed steps see none of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh
import pytest

from OcciLibrary.sandbox.fault import DISCUSSION
from OcciLibrary.sandbox.faults import FAULTS, conduct_of
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite

from .conftest import Client

HOT = [fault.name for fault in FAULTS if fault.aimed_at == DISCUSSION]
CORES, MEMORY = "occi.compute.cores", "occi.compute.memory"


class Vm:
    """The tester's VM of a site in this process."""

    def __init__(self, site: SandboxSite, client: Client) -> None:
        self.machine = site.machines[0]
        self._client = client

    def put_cores(self, cores: int) -> int:
        body = f"X-OCCI-Attribute: {CORES}={cores}\n"
        return self._client.ask("POST", f"/compute/{self.machine.id}", body, Content_Type="text/plain").status

    def shown(self, name: str = CORES) -> object:
        return self._client.get(self.machine).attributes[name]

    def act(self, term: str) -> None:
        assert self._client.act(self.machine, term).status == 200
        assert self.machine.wait_until_settled(20)

    def inside(self) -> str:
        return asyncio.run(self._ask("nproc"))

    async def _ask(self, command: str) -> str:
        async with asyncssh.connect(
            "127.0.0.1", self.machine.ssh_port.number, username="tester", password="sandbox", known_hosts=None
        ) as connection:
            return str((await connection.run(command)).stdout).strip()


@contextmanager
def active_vm(fault: str, state: str = "active") -> Iterator[Vm]:
    site = SandboxSite(SandboxOptions(seconds=0.02, machines=1, fault=fault, reference_state=state))
    site.start()
    client = Client(int(site.description()["endpoint"].rstrip("/").rpartition(":")[2]))
    try:
        yield Vm(site, client)
    finally:
        client.close()
        site.stop()


def test_change_at_once_is_in_the_running_machine_and_stays() -> None:
    with active_vm("hot-change-at-once") as vm:
        pid = vm.machine.pid
        assert (vm.put_cores(2), vm.shown(), vm.inside()) == (200, 2, "2")
        assert vm.machine.pid == pid
        vm.act("restart")
        assert (vm.shown(), vm.inside()) == (2, "2")


def test_change_after_restart_is_shown_at_once_and_in_the_machine_later() -> None:
    with active_vm("hot-change-after-restart") as vm:
        assert (vm.put_cores(2), vm.shown(), vm.inside()) == (200, 2, "1")
        vm.act("restart")
        assert (vm.shown(), vm.inside()) == (2, "2")


def test_change_that_is_only_shown_reaches_the_machine_at_no_start_and_ends_with_an_ordinary_update() -> None:
    with active_vm("hot-change-shown-only") as vm:
        assert (vm.put_cores(2), vm.shown(), vm.inside()) == (200, 2, "1")
        vm.act("stop")
        assert vm.shown() == 2
        vm.act("start")
        assert (vm.shown(), vm.inside()) == (2, "1")
        vm.act("stop")
        assert (vm.put_cores(1), vm.shown()) == (200, 1)


def test_change_that_is_refused_is_done_all_the_same() -> None:
    with active_vm("hot-change-refused-but-done") as vm:
        assert (vm.put_cores(2), vm.shown(), vm.inside()) == (409, 2, "2")


def test_change_that_is_ignored_is_answered_200() -> None:
    with active_vm("hot-change-ignored") as vm:
        assert (vm.put_cores(2), vm.shown(), vm.inside()) == (200, 1, "1")


def test_change_of_the_cores_halves_the_memory() -> None:
    with active_vm("hot-change-changes-memory") as vm:
        assert (vm.put_cores(2), vm.shown(), vm.shown(MEMORY)) == (200, 2, 0.5)


def test_change_that_restarts_boots_a_new_machine() -> None:
    with active_vm("hot-change-restarts-the-vm") as vm:
        pid = vm.machine.pid
        assert vm.put_cores(2) == 200
        assert vm.machine.wait_until_settled(20)
        assert vm.machine.pid not in (None, pid)
        assert vm.shown("occi.compute.state") == "active"


def test_change_that_kills_leaves_the_vm_inactive() -> None:
    with active_vm("hot-change-kills-the-vm") as vm:
        assert vm.put_cores(2) == 200
        assert vm.machine.pid is None
        assert vm.shown("occi.compute.state") == "inactive"


@pytest.mark.parametrize("fault", HOT)
def test_update_of_the_inactive_vm_is_as_on_a_healthy_site(fault: str) -> None:
    with active_vm(fault, "inactive") as vm:
        assert (vm.put_cores(2), vm.shown(), vm.shown(MEMORY)) == (200, 2, 1.0)
        assert vm.shown("occi.compute.state") == "inactive"


def test_two_ways_to_update_the_active_vm_contradict_each_other() -> None:
    with pytest.raises(ValueError, match="both change what an update of the active VM does"):
        conduct_of("hot-change-at-once+hot-change-ignored")
    assert conduct_of("hot-change-at-once+stop-ignored").while_active is not None
