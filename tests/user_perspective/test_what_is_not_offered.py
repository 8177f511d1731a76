"""What a site or a machine does not offer is not judged."""

from __future__ import annotations

from collections.abc import Callable

from tests.runs.conftest import Robot
from tests.user_perspective.conftest import SUITES, OpenSite


def test_site_without_any_of_it_is_not_judged(robot: Robot, open_site: Callable[..., OpenSite]) -> None:
    site = open_site(may_create=False)
    suites = [next(SUITES.glob(f"{number}__*")) for number in ("01", "02", "04")]
    finished = robot(*site.variables, *site.login, *suites)
    tests = finished.tests
    assert {number for number, test in tests.items() if test.status != "SKIP"} == {"S1.1"}, finished.out
    assert "sandbox_qemu" in tests["U1.1"].message, "a light machine is not taken for a computer"
    assert tests["S1.2"].message.startswith("Not offered: the site does not advertise the action save")
    assert tests["C1.1"].message.startswith("Not offered: the site does not advertise")
    assert "not-offered" in tests["S1.2"].tags
    assert "not-offered" in tests["C1.1"].tags
