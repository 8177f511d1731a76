"""Which image and size a new VM gets, and what is asked of the tester where nobody can tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runs.conftest import Robot
from tests.user_perspective.conftest import SUITES, OpenSite

OCCI = SUITES / "04__contextualisation_by_occi_mixins.robot"


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        (
            "OS_TPL:windows",
            "Name one in ${OS_TPL} of resources/sites/sandbox.resource; the site offers 1: reference_vm",
        ),
        (
            "RESOURCE_TPL:huge",
            "Name one in ${RESOURCE_TPL} of resources/sites/sandbox.resource; the site offers 2: small",
        ),
    ],
)
def test_name_that_the_site_does_not_offer_is_the_testers_to_correct(
    robot: Robot, open_site: Callable[..., OpenSite], variable: str, sentence: str
) -> None:
    site = open_site()
    finished = robot(*site.variables, "--variable", variable, "--test", "C1.1*", OCCI)
    assert finished.statuses() == {"C1.1": "SKIP"}
    assert sentence in finished.tests["C1.1"].message
    assert site.vms() == []
