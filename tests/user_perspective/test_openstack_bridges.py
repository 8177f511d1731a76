"""The user's perspective on the bridges to OpenStack: creations, saved images and their ends, as these servers have them."""

from __future__ import annotations

from collections.abc import Callable

from tests.runs.conftest import Robot
from tests.user_perspective.conftest import SUITES, OpenSite

SAVED, CLEARED = (
    ["S1.1", "S1.2", "S1.3", "S1.4", "S1.5", "S1.6"],
    ["C2.1", "C2.2", "C2.3", "C2.4", "C2.5", "C2.6"],
)


def test_ooi_saves_at_once_whatever_the_method_and_keeps_images(
    robot: Robot, open_site: Callable[..., OpenSite]
) -> None:
    site = open_site(dialect="ooi")
    finished = robot(*site.variables, *site.login, "--include", "creates", SUITES)
    tests = finished.tests
    passed = [*SAVED, *CLEARED, "S2.2", "S2.3", "S2.4", "S2.5", "S2.6", "S2.7"]
    assert {tests[number].status for number in passed} == {"PASS"}, finished.out
    assert "method deferred" in tests["S2.2"].message, "a remark"
    for number in ("S1.7", "S2.8", "C1.1"):
        assert tests[number].message.startswith("Not offered: "), tests[number].message
    assert site.vms() == []
    assert len(site.images()) == 2
    assert all(name in finished.err for name in site.images()), "what is left is said at the end"
    assert not list((robot.folder / "notes").glob("*.json")), "no later run can delete them"


def test_occi_os_has_a_way_of_its_own_to_save(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site(dialect="occi-os")
    suites = [next(SUITES.glob(f"{number}__*")) for number in ("02", "03", "05")]
    finished = robot(*site.variables, *site.login, *suites)
    tests = finished.tests
    assert {tests[number].status for number in (*SAVED, *CLEARED)} == {"PASS"}, finished.out
    assert "has no method deferred" in tests["S2.2"].message
    assert (site.vms(), len(site.images())) == ([], 1)
