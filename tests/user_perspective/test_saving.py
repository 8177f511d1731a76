"""Saving the VM: what passes, what fails and why, and that neither a VM nor an image is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from OcciLibrary.occi.model import Message, Mixin
from OcciLibrary.sandbox.provider import BLANK_IMAGE, KEEPS_IMAGES, KEEPS_VMS, SAVES_NOTHING
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from tests.runs.conftest import Robot
from tests.runs.test_what_cannot_be_told import wait_for_state_of_run
from tests.user_perspective.conftest import IMPATIENT, SUITES, OpenSite

HOT = SUITES / "02__save_the_vm_at_once.robot"
DEFERRED = SUITES / "03__save_the_vm_at_its_next_stop.robot"


def failed(statuses: dict[str, str]) -> set[str]:
    return {number for number, status in statuses.items() if status == "FAIL"}


def test_both_methods_pass_and_nothing_is_left(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site()
    before = site.state()
    finished = robot(*site.variables, *site.login, HOT, DEFERRED)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert len(finished.statuses()) == 15
    assert (site.vms(), site.images(), site.state()) == ([], [], before)
    assert not any(".occilibrary-" in line for line in site.home())


def test_save_that_saves_nothing_fails(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site(SAVES_NOTHING)
    finished = robot(*site.variables, *site.login, *IMPATIENT, HOT)
    assert failed(finished.statuses()) == {"S1.3"}
    assert "There is no new one." in finished.tests["S1.3"].message
    assert [finished.tests[number].status for number in ("S1.4", "S1.5", "S1.6", "S1.7")] == ["SKIP"] * 4


def test_image_without_the_vms_files_fails_and_so_does_what_is_not_deleted(
    robot: Robot, open_site: Callable[..., OpenSite]
) -> None:
    site = open_site(BLANK_IMAGE, KEEPS_IMAGES, KEEPS_VMS)
    finished = robot(*site.variables, *site.login, *IMPATIENT, DEFERRED)
    assert failed(finished.statuses()) == {"S2.6", "S2.7", "S2.8"}
    assert "Ask the site's admin what save keeps" in finished.tests["S2.6"].message
    assert "after the site accepted its deletion" in finished.tests["S2.7"].message
    assert "still offered" in finished.tests["S2.8"].message
    [vm], [image] = site.vms(), site.images()
    assert f"the VM '{vm}'" in finished.err, "what could not be deleted is said at the end"
    assert f"the image '{image}'" in finished.err
    assert len(list((robot.folder / "notes").glob("*.json"))) == 1, "the next run tries again"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_next_run_deletes_the_vm_and_the_image_of_a_killed_run(
    robot: Robot, open_site: Callable[..., OpenSite]
) -> None:
    site = open_site(seconds=0.5)
    process = robot.start(*site.variables, *site.login, HOT)
    wait_for_state_of_run(process, "S1.4 ")
    wait_for_state_of_run(process, "S1.5 ")
    process.kill()
    process.communicate()
    assert (len(site.vms()), len(site.images())) == (1, 1)
    finished = robot(*site.variables, "--test", "1.1*", SUITES.parent / "01__agreed_test_cases")
    assert finished.code == 0, finished.out
    assert (site.vms(), site.images(), site.state()) == ([], [], "inactive")
    assert not list((robot.folder / "notes").glob("*.json"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process alone")
def test_ctrl_c_deletes_what_was_created_and_removes_the_program(
    robot: Robot, open_site: Callable[..., OpenSite]
) -> None:
    site = open_site(seconds=0.5)
    process = robot.start(*site.variables, *site.login, HOT)
    wait_for_state_of_run(process, "S1.4 ")
    process.send_signal(signal.SIGINT)
    finished = robot.finish(process)
    assert "Traceback" not in finished.out + finished.err
    assert (site.vms(), site.images(), site.state()) == ([], [], "inactive")
    assert not any(".occilibrary-" in line for line in site.home())
    assert not list((robot.folder / "notes").glob("*.json"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process alone")
def test_image_that_is_made_by_the_stop_at_the_end_of_an_interrupted_run_is_deleted(
    robot: Robot, open_site: Callable[..., OpenSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site()
    provider = site.site.provider
    assert provider is not None
    usual = provider.save
    running: list[subprocess.Popen[str]] = []

    def save(machine: VirtualMachine, message: Message) -> Mixin:
        image = usual(machine, message)
        running[0].send_signal(signal.SIGINT)
        return image

    monkeypatch.setattr(provider, "save", save)
    running.append(robot.start(*site.variables, *site.login, DEFERRED))
    finished = robot.finish(running[0])
    assert "S2.3" in finished.statuses(), finished.out
    assert finished.statuses()["S2.3"] == "SKIP", "the VM was not stopped by a step"
    assert (site.images(), site.state()) == ([], "inactive")
    assert not list((robot.folder / "notes").glob("*.json"))
