"""Real runs of the test case under discussion, on sites that take an update of the active VM in one way or another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from robot import result as robot_result
from robot.api import ExecutionResult
from robot.result import Message

from OcciLibrary.sandbox.fault import DISCUSSION
from OcciLibrary.sandbox.faults import FAULTS
from tests.runs.conftest import ROOT, SUITES, Finished, Robot

SUITE = SUITES / "02__test_cases_under_discussion"
RESOURCE = ROOT / "resources" / "discussion.resource"
SANDBOX = "OCCI_ENDPOINT:sandbox:seconds=0.05,machines=1,fault={}"
ONE_ATTRIBUTE = f"""
*** Settings ***
Resource          {RESOURCE.as_posix()}
Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

*** Test Cases ***
1 Change
    Have The VM Active
    Change While The VM Is Active    occi.compute.cores    occi.compute.memory

2 Restart
    Restart The VM And Look Again

3 Cores
    Record What Became Of The Change    occi.compute.cores

4 Memory
    Record What Became Of The Change    occi.compute.memory
"""
# What each site deserves: verdicts of the four steps, then the record of the cores, then words of its failure.
SITES = {
    "hot-change-at-once": (
        "PASS PASS PASS PASS",
        {"Answer": "accepted: 200", "Shown": "as asked (2) at once", "In the machine": "as asked (2) at once",
         "After a restart": "shown as asked (2), in the machine as asked (2)", "Alive": "all the while, by .*boot id"},
        "",
    ),
    "hot-change-after-restart": (
        "PASS PASS PASS PASS",
        {"Answer": "accepted: 200", "Shown": "as asked (2) at once", "In the machine": "as before (1)",
         "After a restart": "shown as asked (2), in the machine as asked (2)", "Alive": "all the while, by .*boot id"},
        "",
    ),
    "hot-change-shown-only": (
        "PASS PASS FAIL FAIL",
        {"Answer": "accepted: 200", "Shown": "as asked (2) at once", "In the machine": "as before (1)",
         "After a restart": "shown as asked (2), in the machine as before (1); after stop and start: shown as asked (2), "
                            "in the machine as before (1)", "Alive": "all the while, by .*boot id"},
        "OCCI shows the new value, and the machine never got it: after stop and start",
    ),
    "hot-change-ignored": (
        "PASS PASS FAIL FAIL",
        {"Answer": "accepted: 200", "Shown": "as before (1)", "In the machine": "as before (1)", "Alive": "all the while, .*"},
        "not even OCCI shows it, and the machine never got it",
    ),
    "hot-change-refused-but-done": (
        "PASS PASS FAIL FAIL",
        {"Answer": "refused: 409 The VM is active: its attributes cannot be changed now", "Shown": "as asked (2) at once",
         "In the machine": "as asked (2) at once", "Alive": "all the while, .*"},
        "Expected that a change which the site refuses does not take place",
    ),
    "hot-change-changes-memory": (
        "PASS PASS FAIL PASS",
        {"Answer": "accepted: 200", "Shown": "as asked (2) at once", "Alive": "all the while, .*"},
        "OCCI shows another occi.compute.memory from 1.0 to 0.5",
    ),
    "hot-change-restarts-the-vm": (
        "PASS PASS FAIL FAIL",
        {"Answer": "accepted: 200", "Alive": "no: .*its machine was booted afresh, by its own account .*"},
        "Expected that the VM stays active and alive when occi.compute.cores was to become 2 instead of 1",
    ),
    "hot-change-kills-the-vm": (
        "PASS SKIP FAIL SKIP",
        {"Answer": "accepted: 200", "Alive": "no: its state was 'inactive' from .* it did not become active again"},
        "Expected that the VM stays active and alive",
    ),
}  # fmt: skip


def steps(finished: Finished) -> list[robot_result.TestCase]:
    return list(ExecutionResult(finished.folder / "output.xml").suite.all_tests)


def put_back(finished: Finished) -> str:
    return str(ExecutionResult(finished.folder / "output.xml").suite.metadata["VM"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finished]:
    """All sites at once: a run mostly waits."""
    running = {}
    for fault in SITES:
        robot = Robot(tmp_path_factory.mktemp(fault))
        suite = robot.folder / "cores.robot"
        suite.write_text(ONE_ATTRIBUTE, "utf-8")
        patience = "3 s" if "kills" in fault else "30 s"  # a machine that is dead is waited for so long
        variables = ("--variable", SANDBOX.format(fault), "--variable", f"TRANSITION_TIMEOUT:{patience}")
        running[fault] = robot, robot.start(*variables, suite)
    return {fault: robot.finish(process, 120) for fault, (robot, process) in running.items()}


def test_every_way_to_update_the_active_vm_has_a_run() -> None:
    assert list(SITES) == [fault.name for fault in FAULTS if fault.aimed_at == DISCUSSION]


@pytest.mark.parametrize("fault", SITES)
def test_verdict_record_and_words(fault: str, runs: dict[str, Finished]) -> None:
    verdicts, told, words = SITES[fault]
    tests = steps(runs[fault])
    assert [test.status for test in tests] == verdicts.split(), [test.message for test in tests]
    cores = tests[2]
    assert cores.metadata["Attribute"] == "occi.compute.cores"
    assert cores.metadata["Asked"] == "2 instead of 1"
    for name, expected in told.items():
        seen = cores.metadata[name]
        assert seen == expected or re.fullmatch(expected, seen), (name, seen)
    assert words in cores.message
    if cores.status == "PASS":
        assert cores.message.startswith("occi.compute.cores. Asked: 2 instead of 1. Answer: accepted: 200. ")
    assert not [tag for test in tests for tag in test.tags if tag == "tester-side"]


@pytest.mark.parametrize("fault", SITES)
def test_vm_is_left_as_it_was_found(fault: str, runs: dict[str, Finished]) -> None:
    assert "as it was found" in put_back(runs[fault])
    assert "NOT" not in put_back(runs[fault])


def test_change_that_kills_the_vm_leaves_the_others_unasked(runs: dict[str, Finished]) -> None:
    _, restart, _, memory = steps(runs["hot-change-kills-the-vm"])
    assert restart.message == "Not run: the VM cannot be restarted, for it is 'inactive'."
    assert (
        memory.message
        == "Not run: the VM is not active since the change of occi.compute.cores, but 'inactive'."
    )


def test_log_shows_what_was_seen_when_and_the_timeline(runs: dict[str, Finished]) -> None:
    cores = steps(runs["hot-change-after-restart"])[2]
    drawn = [item.message for item in cores.body if isinstance(item, Message) and item.html]
    log = (runs["hot-change-after-restart"].folder / "output.xml").read_text("utf-8")
    assert any("<svg" in str(text) for text in drawn)
    assert "after a restart" in log
    assert "in the machine" in log


def test_site_that_refuses_passes_in_every_step_and_says_that_nobody_looked(tmp_path: Path) -> None:
    embedded = ("--variable", "OCCI_ENDPOINT:sandbox:seconds=0.05,machines=1", "--variable", "SSH_USERNAME:")
    finished = Robot(tmp_path)(*embedded, SUITE)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    told = {test.name.split()[0]: dict(test.metadata) for test in steps(finished)}
    assert all(told[f"D1.{number}"]["Answer"].startswith("refused: 409 ") for number in range(3, 9))
    assert told["D1.3"]["In the machine"] == "not looked at: the site file gives no ssh login"
    assert told["D1.5"]["In the machine"] == "cannot be seen there"
    assert told["D1.3"]["Alive"] == "all the while, by OCCI's state and the echo service or ping"
    assert "as it was found" in put_back(finished)
