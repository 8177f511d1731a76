"""Sites that answer with the wrong VM, or at the wrong address: nothing of anybody else's is deleted, nothing wrong passes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import asyncssh
import pytest

from OcciLibrary.occi.model import Message
from OcciLibrary.occi.networking import SSH_PORT_ATTRIBUTE
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from OcciLibrary.sandbox.whole_model import creation
from OcciLibrary.sandbox.whole_model.holdings import Holding
from tests.runs.conftest import Robot
from tests.user_perspective.conftest import IMPATIENT, SUITES, OpenSite

HOT = SUITES / "02__save_the_vm_at_once.robot"
CONTEXTUALISED = SUITES / "04__contextualisation_by_occi_mixins.robot"


def test_testers_own_vm_is_not_deleted_by_a_site_that_renames_it_and_answers_with_it(
    robot: Robot, open_site: Callable[..., OpenSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site()
    own, provider = site.site.machines[0], site.site.provider
    deleted: list[str] = []
    title = own.snapshot().attributes["occi.core.title"]

    def create(message: Message) -> VirtualMachine:
        own.change({"occi.core.title": message.attributes["occi.core.title"]})
        return own

    monkeypatch.setattr(provider, "create", create)
    monkeypatch.setattr(provider, "delete", deleted.append)
    finished = robot(*site.variables, *IMPATIENT, CONTEXTUALISED)
    assert finished.statuses()["C1.1"] == "FAIL"
    assert "the address of one that was there before" in finished.tests["C1.1"].message
    assert set(finished.statuses().values()) == {"FAIL", "SKIP"}
    assert deleted == []
    assert own.snapshot().attributes["occi.core.title"] == title, "the run puts the title back"


@dataclass
class Trap:
    """An ssh server that lets everybody in, and remembers the passwords that it was sent."""

    port: int = 0
    passwords: list[str] = field(default_factory=list)

    def server(self) -> asyncssh.SSHServer:
        trap = self

        class Server(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                trap.passwords.append(password)
                return True

        return Server()


@pytest.fixture
def trap() -> Iterator[Trap]:
    made, loop = Trap(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    key = asyncssh.generate_private_key("ssh-ed25519")

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(made.server, "127.0.0.1", 0, server_host_keys=[key])

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    made.port = acceptor.get_port()
    yield made
    loop.call_soon_threadsafe(acceptor.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def show_new_vms_at(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = creation.interface

    def interface(*of: Any) -> Holding:
        link = usual(*of)
        return replace(link, attributes={**link.attributes, SSH_PORT_ATTRIBUTE: port})

    monkeypatch.setattr(creation, "interface", interface)


def take_no_keys(site: OpenSite) -> None:
    provider = site.site.provider
    assert provider is not None
    provider.creating = replace(provider.creating, families=())


@pytest.mark.parametrize("pins", [True, False])
def test_testers_password_is_sent_to_no_host_that_the_site_names(
    robot: Robot, open_site: Callable[..., OpenSite], trap: Trap, monkeypatch: pytest.MonkeyPatch, pins: bool
) -> None:
    site = open_site()
    take_no_keys(site)
    show_new_vms_at(trap.port, monkeypatch)
    unpinned = [] if pins else ["--variable", "SSH_HOST_KEY:"]
    finished = robot(*site.variables, *site.login, *IMPATIENT, *unpinned, HOT)
    assert finished.statuses()["S1.4"] == "PASS", finished.out
    said = finished.tests["S1.5"].message
    assert finished.statuses()["S1.5"] == "SKIP"
    assert ("shows another host key" if pins else "your password is not sent") in said
    assert trap.passwords == []
    assert (site.vms(), site.images()) == ([], [])


def test_program_is_not_found_in_the_testers_own_vm_instead_of_the_new_one(
    robot: Robot, open_site: Callable[..., OpenSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site()
    take_no_keys(site)
    show_new_vms_at(site.site.description()["machines"][0]["ssh_port"], monkeypatch)
    finished = robot(*site.variables, *site.login, *IMPATIENT, HOT)
    assert finished.statuses()["S1.5"] == "SKIP", finished.out
    assert "leads into your own VM" in finished.tests["S1.5"].message


def test_server_that_takes_any_key_is_no_proof_of_the_users(
    robot: Robot, open_site: Callable[..., OpenSite], trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site()
    show_new_vms_at(trap.port, monkeypatch)
    finished = robot(*site.variables, *IMPATIENT, CONTEXTUALISED)
    assert finished.statuses()["C1.3"] == "FAIL", finished.out
    assert "given to nobody" in finished.tests["C1.3"].message
    assert finished.statuses()["C1.4"] != "PASS", finished.tests["C1.4"].message
    assert site.vms() == []
