"""Saving the VM: what passes, what fails and why, and that neither a VM nor an image is left behind."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from OcciLibrary.sandbox.provider import BLANK_IMAGE, KEEPS_IMAGES, SAVES_NOTHING
from tests.runs.conftest import Robot
from tests.runs.test_what_cannot_be_told import wait_for_state_of_run
from tests.user_perspective.conftest import SUITES, OpenSite

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
    finished = robot(*site.variables, *site.login, HOT)
    assert failed(finished.statuses()) == {"S1.3"}
    assert "There is no new one." in finished.tests["S1.3"].message
    assert [finished.tests[number].status for number in ("S1.4", "S1.5", "S1.6", "S1.7")] == ["SKIP"] * 4


def test_image_without_the_vms_files_fails_and_so_does_one_that_stays(
    robot: Robot, open_site: Callable[..., OpenSite]
) -> None:
    site = open_site(BLANK_IMAGE, KEEPS_IMAGES)
    finished = robot(*site.variables, *site.login, DEFERRED)
    assert failed(finished.statuses()) == {"S2.6", "S2.8"}
    assert "Ask the site's admin what save keeps" in finished.tests["S2.6"].message
    assert "still offered" in finished.tests["S2.8"].message
    [name] = site.images()
    assert f"the image '{name}'" in finished.err, "what could not be deleted is said at the end"
    assert site.vms() == []


def test_site_without_save_is_not_judged(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site(may_create=False)
    finished = robot(*site.variables, *site.login, HOT)
    assert failed(finished.statuses()) == set()
    assert finished.tests["S1.2"].message.startswith(
        "Not offered: the site does not advertise the action save"
    )
    assert "not-offered" in finished.tests["S1.2"].tags


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
