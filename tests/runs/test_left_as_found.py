"""Whatever ends a run, the VM is left as it was found."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

import pytest

from tests.runs.conftest import AGREED, SUITES, Robot, Site
from tests.runs.test_what_cannot_be_told import wait_for_state_of_run

needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGINT for one process alone"
)


@needs_signals
def test_ctrl_c_while_the_vm_starts_puts_it_back(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=1")
    before = running.attributes()
    process = robot.start(*running.variables, SUITES)
    wait_for_state_of_run(process, "3.3 ")
    process.send_signal(signal.SIGINT)
    finished = robot.finish(process)
    assert running.attributes() == before
    assert finished.tests["2.6"].status == "PASS"
    assert finished.tests["3.3"].status == "FAIL"
    assert "Traceback" not in finished.out + finished.err
    said = (finished.folder / "output.xml").read_text("utf-8")
    assert "The VM is as it was found; put back: state from 'active' to 'inactive'" in said
    assert not list((robot.folder / "notes").glob("*.json"))


@needs_signals
def test_next_run_finishes_what_a_killed_run_left(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=0.5")
    before = running.attributes()
    process = robot.start(*running.variables, SUITES)
    wait_for_state_of_run(process, "4.2 ")
    process.kill()
    process.communicate()
    assert running.attributes() != before
    assert len(list((robot.folder / "notes").glob("*.json"))) == 1
    finished = robot(*running.variables, AGREED / "01__identify_and_query_the_vm.robot")
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert "An earlier run" in finished.err
    assert running.attributes() == before
    assert not list((robot.folder / "notes").glob("*.json"))


def test_restore_that_fails_is_reported_once_and_fails_no_step(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=1")
    process = robot.start(*running.variables, "--test", "3.[123]*", AGREED / "03__start_the_vm.robot")
    wait_for_state_of_run(process, "3.3 ")
    wait_for_state_of_run(process, "| PASS |")
    running.process.stop()  # while the VM is being stopped again
    finished = robot.finish(process)
    assert finished.code == 0, finished.out
    assert set(finished.statuses().values()) == {"PASS"}
    assert finished.err.count("could not be put back as it was found") == 1
    assert "It was in state 'inactive' with" in finished.err
    assert "Traceback" not in finished.out + finished.err
    assert len(list((robot.folder / "notes").glob("*.json"))) == 1
