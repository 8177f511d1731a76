"""Two testers on the same VM at the same time: the second is told so, and nobody gets nonsense."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.runs.conftest import AGREED, ROOT, Robot, Site
from tests.runs.test_what_cannot_be_told import assert_plain, wait_for_state_of_run

# The other tester is played by a step: what it does goes to the site on a connection of its own.
SUITE = """
*** Settings ***
Resource          {resource}
Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

*** Test Cases ***
1 Look
    Get VM State    ==    inactive

2 Somebody else is at work
    VAR    ${{headers}}    Category: {action}; class="action"
    Evaluate    requests.post({url!r} + "?action=start", headers={headers}).raise_for_status()    modules=requests
    Wait For The Other Tester

3 Look again
    Get VM State    ==    active

4 Expect what no longer is
    Get VM State    ==    inactive

5 Look once more
    Get VM State    ==    active

*** Keywords ***
Wait For The Other Tester
    Wait Until Keyword Succeeds    10 s    0.05 s    Is Active

Is Active
    ${{answer}}    Evaluate    requests.get({url!r}).text    modules=requests
    Should Contain    ${{answer}}    state="active"
"""
START = 'start; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"'


def test_second_run_on_this_computer_is_told_and_changes_nothing(
    robot: Robot, site: Callable[..., Site], tmp_path: Path
) -> None:
    running = site("seconds=0.3")
    before = running.attributes()
    first = robot.start(*running.variables, AGREED)
    wait_for_state_of_run(first, "3.3 ")
    second = Robot(tmp_path / "second")
    second.environment["OCCI_NOTES"] = robot.environment["OCCI_NOTES"]
    told = second(*running.variables, AGREED)
    assert_plain(told)
    tests = told.tests
    assert tests["1.1"].message.startswith(f"Cannot tell: Another run (process {first.pid}, since ")
    assert "wait until it has ended" in tests["1.1"].message
    assert "tester-side" in tests["1.1"].tags
    assert {test.status for number, test in tests.items() if number != "1.1"} == {"SKIP"}
    assert told.out.count("Another run") == 1
    assert "put back" not in told.err
    finished = robot.finish(first)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert running.attributes() == before
    assert list((robot.folder / "notes").iterdir()) == []


def test_run_that_was_killed_keeps_nobody_away(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=0.2")
    process = robot.start(*running.variables, AGREED / "03__start_the_vm.robot")
    wait_for_state_of_run(process, "3.1 ")
    process.kill()
    process.communicate()
    assert list((robot.folder / "notes").glob("*.lock"))
    finished = robot(*running.variables, AGREED / "01__identify_and_query_the_vm.robot")
    assert set(finished.statuses().values()) == {"PASS"}, finished.out


def test_change_that_nobody_here_made_is_a_remark_and_stands_by_the_next_failure(
    robot: Robot, site: Callable[..., Site], tmp_path: Path
) -> None:
    running = site("seconds=0.1")
    suite = tmp_path / "two_testers.robot"
    headers = {"Content-Type": "text/occi", "Category": START}
    text = SUITE.format(
        resource=(ROOT / "resources" / "occi.resource").as_posix(),
        url=running.url(),
        headers=headers,
        action="start",
    )
    suite.write_text(text, "utf-8")
    finished = robot(*running.variables, suite)
    tests = finished.tests
    assert [tests[number].metadata["Verdict"] for number in "12345"] == [
        "pass",
        "pass",
        "pass with remark",
        "fail",
        "pass",
    ], finished.out
    words = "Somebody else seems to be working on this VM"
    assert tests["3"].message.startswith(f"Remark: {words}")
    assert "its state went from 'inactive' to 'active'" in tests["3"].message
    assert words in tests["4"].message
    assert words not in tests["5"].message
    assert running.attributes()["occi.compute.state"] == "inactive"  # found so, and put back
