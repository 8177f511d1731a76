"""Contextualisation: what passes, what fails and why, and that nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from OcciLibrary.keywords.new_vm_keywords import root_needs_a_key
from OcciLibrary.sandbox.provider import NO_KEY, NO_USER_DATA, ROOT_BY_PASSWORD
from tests.runs.conftest import Robot
from tests.user_perspective.conftest import IMPATIENT, SUITES, OpenSite

OCCI = SUITES / "04__contextualisation_by_occi_mixins.robot"
OPENSTACK = SUITES / "05__contextualisation_by_openstack_mixins.robot"


def test_both_families_pass_and_nothing_is_left(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site()
    finished = robot(*site.variables, "--loglevel", "TRACE", OCCI, OPENSTACK)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert len(finished.statuses()) == 12
    assert site.vms() == []
    assert not list((robot.folder / "notes").glob("*.json"))
    said = (finished.folder / "output.xml").read_text("utf-8")
    assert "PRIVATE KEY" not in said
    assert "b3BlbnNzaC1rZXktdjE" not in said, "the beginning of every private key in OpenSSH's form"


def test_key_that_is_not_in_force_fails(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site(NO_KEY)
    finished = robot(*site.variables, *IMPATIENT, OCCI)
    statuses = finished.statuses()
    assert statuses == {
        "C1.1": "PASS",
        "C1.2": "PASS",
        "C1.3": "FAIL",
        "C1.4": "SKIP",
        "C1.5": "SKIP",
        "C1.6": "PASS",
    }
    assert (
        "Expected the key that the VM was created with to let 'tester' in" in finished.tests["C1.3"].message
    )
    assert site.vms() == []


def test_what_else_a_site_may_do_wrong_fails(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site(NO_USER_DATA, ROOT_BY_PASSWORD)
    finished = robot(*site.variables, *IMPATIENT, OPENSTACK)
    assert {number for number, status in finished.statuses().items() if status == "FAIL"} == {"C2.4", "C2.5"}
    messages = {number: test.message for number, test in finished.tests.items()}
    assert (
        "Expected the user data of http://schemas.openstack.org/compute/instance#user_data"
        in messages["C2.4"]
    )
    assert "let root in with an empty password" in messages["C2.5"]
    assert site.vms() == []


def test_without_permission_nothing_is_asked_for(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site()
    finished = robot(*site.variables, "--variable", "MAY_CREATE:False", OCCI)
    assert set(finished.statuses().values()) == {"SKIP"}
    assert "${MAY_CREATE}" in finished.tests["C1.1"].message
    assert "POST" not in (finished.folder / "output.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("configuration", "needs_a_key"),
    [
        ("PermitRootLogin no\n", True),
        ("#PermitRootLogin yes\npermitrootlogin prohibit-password\n", True),
        ('PermitRootLogin="without-password"', True),
        ("PermitRootLogin no\nMatch Address 10.0.0.0/8\n  PermitRootLogin yes\n", False),
        ("PermitRootLogin yes\nPasswordAuthentication no\n", False),
        ("PasswordAuthentication no\nKbdInteractiveAuthentication yes\n", False),
        ("", False),
    ],
)
def test_configuration_that_lets_root_in_by_no_password_is_told(
    configuration: str, needs_a_key: bool
) -> None:
    assert root_needs_a_key(configuration) == needs_a_key
