"""Sites that answer with the wrong VM, or at the wrong address: nothing of anybody else's is deleted, nothing wrong passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from OcciLibrary.occi.model import Message
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from tests.runs.conftest import Robot
from tests.user_perspective.conftest import IMPATIENT, SUITES, OpenSite

CONTEXTUALISED = SUITES / "04__contextualisation_by_occi_mixins.robot"


@pytest.mark.parametrize("renames", [True, False])
def test_testers_own_vm_is_not_deleted_by_a_site_that_answers_with_it(
    robot: Robot, open_site: Callable[..., OpenSite], monkeypatch: pytest.MonkeyPatch, renames: bool
) -> None:
    site = open_site()
    own, provider = site.site.machines[0], site.site.provider
    deleted: list[str] = []
    title = own.snapshot().attributes["occi.core.title"]

    def create(message: Message) -> VirtualMachine:
        if renames:
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
