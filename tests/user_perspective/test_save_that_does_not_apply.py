"""A site that has the action save, but not for a VM that runs: rOCCI-server 2 links it on stopped ones only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from robot.api import SkipExecution

from OcciLibrary.keywords.image_keywords import check_linked
from OcciLibrary.occi.model import ActionLink, Resource
from OcciLibrary.occi.saving import SAVE_ACTIONS

SAVE = SAVE_ACTIONS[0]
STOP = "http://schemas.ogf.org/occi/infrastructure/compute/action#stop"


def test_linked_actions_are_those_that_apply() -> None:
    vm = Resource(None, actions=(ActionLink("/compute/1?action=stop", STOP, "stop"),))
    with pytest.raises(SkipExecution, match=r"not for a VM that is active.*links stop"):
        check_linked(SAVE, vm)
    check_linked(SAVE, replace(vm, actions=(*vm.actions, ActionLink("", SAVE.action.id, "save"))))
    check_linked(SAVE, replace(vm, actions=()))
