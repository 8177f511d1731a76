"""Whatever ends a run, the VM is left as it was found."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from OcciLibrary.keywords.left_as_found import Note
from tests.runs.conftest import AGREED, Robot, Site
from tests.runs.test_what_cannot_be_told import wait_for_state_of_run

needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGINT for one process alone"
)


@needs_signals
def test_ctrl_c_while_the_vm_starts_puts_it_back(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=1")
    before = running.attributes()
    process = robot.start(*running.variables, AGREED)
    wait_for_state_of_run(process, "3.3 ")
    process.send_signal(signal.SIGINT)
    finished = robot.finish(process)
    assert running.attributes() == before
    assert finished.tests["2.6"].status == "PASS"
    assert finished.tests["3.3"].status == "FAIL"
    later = [finished.tests[step] for step in ("3.4", "4.1", "6.5")]
    assert {test.status for test in later} == {"SKIP"}, "what was not run has not failed"
    assert {test.metadata["Verdict"] for test in later} == {"not run"}
    assert all("the run was interrupted in '3.3" in test.message for test in later)
    assert "Traceback" not in finished.out + finished.err
    said = (finished.folder / "output.xml").read_text("utf-8")
    assert "The VM is as it was found; put back: state from 'active' to 'inactive'" in said
    assert not list((robot.folder / "notes").glob("*.json"))


@needs_signals
def test_next_run_finishes_what_a_killed_run_left(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=0.5")
    before = running.attributes()
    process = robot.start(*running.variables, AGREED)
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


def interrupted_while_the_vm_is_put_back(robot: Robot, running: Site) -> subprocess.Popen[str]:
    process = robot.start(*running.variables, AGREED / "03__start_the_vm.robot")
    wait_for_state_of_run(process, "3.4 ")
    wait_for_state_of_run(process, "putting the VM back: stop")
    process.send_signal(signal.SIGINT)
    return process


@needs_signals
def test_first_ctrl_c_while_the_vm_is_put_back_does_not_stop_that(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=1")
    before = running.attributes()
    process = interrupted_while_the_vm_is_put_back(robot, running)
    finished = robot.finish(process)
    assert running.attributes() == before
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert "put back: state from 'active' to 'inactive'" in (finished.folder / "output.xml").read_text(
        "utf-8"
    )
    assert list((robot.folder / "notes").iterdir()) == []


@needs_signals
def test_second_ctrl_c_ends_at_once_and_the_next_run_finishes_the_job(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=1")
    before = running.attributes()
    process = interrupted_while_the_vm_is_put_back(robot, running)
    assert process.stderr is not None
    assert "Second signal" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    finished = robot.finish(process)
    assert time.monotonic() - began < 5
    # Robot Framework raises in whatever runs at that moment: in a finaliser, Python says that it went on.
    said = re.sub(r"Exception ignored in: .*?\nSystemExit: *\n", "", finished.out + finished.err, flags=re.S)
    assert "Traceback" not in said
    assert len(list((robot.folder / "notes").glob("*.json"))) == 1
    finished = robot(*running.variables, AGREED / "01__identify_and_query_the_vm.robot")
    assert finished.code == 0, finished.out
    assert running.attributes() == before


def note_of(robot: Robot, site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCCI_NOTES", robot.environment["OCCI_NOTES"])
    path = Note(site.description["endpoint"], site.vm["id"]).path
    path.parent.mkdir()
    return path


def test_note_that_cannot_be_read_is_told_and_the_run_goes_on(
    robot: Robot, site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = site("seconds=0.1")
    path = note_of(robot, running, monkeypatch)
    path.write_text('{"vm": "http')
    finished = robot(*running.variables, AGREED / "01__identify_and_query_the_vm.robot")
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert finished.err.count("WARN") == 1
    assert f"what it wrote down in {path} cannot be read" in finished.err
    assert not path.exists()


def test_folder_that_takes_no_note_is_told_and_the_run_goes_on(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=0.1")
    before = running.attributes()
    (robot.folder / "file").write_text("")
    robot.environment["OCCI_NOTES"] = str(robot.folder / "file" / "notes")
    finished = robot(*running.variables, AGREED / "03__start_the_vm.robot")
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert finished.err.count("WARN") == 1
    assert "set the environment variable OCCI_NOTES to a folder that you can write to" in finished.err
    assert running.attributes() == before


def test_restart_under_way_when_a_run_was_killed_does_not_become_what_was_found(
    robot: Robot, site: Callable[..., Site]
) -> None:
    """The next run may meet the VM while it is inactive in the middle of its restart: it was active before."""
    running = site("seconds=1,reference-state=active")
    process = robot.start(*running.variables, AGREED / "04__restart_the_vm.robot")
    wait_for_state_of_run(process, "4.3 ")
    process.kill()
    process.communicate()
    finished = robot(*running.variables, AGREED / "06__stop_the_vm.robot")
    assert finished.tests["6.5"].status == "PASS", finished.out
    assert running.attributes()["occi.compute.state"] == "active"


def test_suite_that_puts_nothing_back_itself_is_put_back_when_the_run_ends(
    robot: Robot, site: Callable[..., Site], tmp_path: Path
) -> None:
    running = site("seconds=0.1")
    before = running.attributes()
    text = (AGREED / "03__start_the_vm.robot").read_text("utf-8")
    suite = tmp_path / "start.robot"
    resource = (AGREED.parents[1] / "resources" / "occi.resource").as_posix()
    suite.write_text(
        text.replace("../../resources/occi.resource", resource).replace(
            "Suite Teardown    Leave The VM As It Was Found\n", ""
        )
    )
    finished = robot(*running.variables, suite)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert running.attributes() == before
    assert "put back: state from 'active' to 'inactive'" in finished.err
    assert list((robot.folder / "notes").iterdir()) == []


def test_stopped_vm_that_the_site_shows_as_suspended_is_stopped_again(robot: Robot) -> None:
    """Behind rOCCI-server 1 on EC2 a stopped VM is shown as suspended, and there is no suspend."""
    suite = robot.folder / "start.robot"
    resource = (AGREED.parents[1] / "resources" / "occi.resource").as_posix()
    suite.write_text(
        f"*** Settings ***\nResource    {resource}\nSuite Setup    Prepare The Site\n"
        "Suite Teardown    Leave The VM As It Was Found\n\n*** Test Cases ***\n1 Start\n    Have The VM Active\n",
        "utf-8",
    )
    finished = robot("--variable", "OCCI_ENDPOINT:sandbox:seconds=0.1,machines=1,dialect=rocci1-ec2", suite)
    left = str(ExecutionResult(finished.folder / "output.xml").suite.metadata["VM"])
    assert finished.statuses() == {"1": "PASS"}, finished.out
    assert left.endswith(", as it was found; put back: state from 'active' to 'suspended'")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP], ids=str)
def test_embedded_site_of_a_killed_run_leaves_no_process(robot: Robot, number: signal.Signals) -> None:
    process = robot.start("--variable", "OCCI_ENDPOINT:sandbox:seconds=0.2", AGREED)
    wait_for_state_of_run(process, "3.4 ")
    children = descendants(process.pid)
    assert len(children) >= 2  # the site, and the VM that runs
    process.send_signal(number)
    process.communicate()
    deadline = time.monotonic() + 10
    while left := [pid for pid in children if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, left


def descendants(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parents = {int(child): int(parent) for child, parent in map(str.split, listed.splitlines())}
    found, at = [pid], 0
    while at < len(found):
        found += [child for child, parent in parents.items() if parent == found[at]]
        at += 1
    return [child for child in found[1:] if os.path.exists(f"/proc/{child}")]


def test_transition_slower_than_the_time_out_is_waited_for_before_the_vm_is_put_back(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=2")
    before = running.attributes()
    files = [AGREED / "02__change_the_vm_attributes.robot", AGREED / "03__start_the_vm.robot"]
    finished = robot(*running.variables, "--variable", "TRANSITION_TIMEOUT:1 s", *files)
    assert finished.tests["3.3"].status == "FAIL"
    assert running.attributes() == before
    assert "The VM is as it was found; put back:" in (finished.folder / "output.xml").read_text("utf-8")
    assert not list((robot.folder / "notes").glob("*.json"))
