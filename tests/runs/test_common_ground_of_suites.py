"""What the suites beyond the agreed test cases begin with: the VM in a state, and a login that may be missing."""

from __future__ import annotations

from collections.abc import Callable

from tests.runs.conftest import ROOT, SUITES, Finished, Robot, Site

SUITE = """
*** Settings ***
Library           SSHLibrary
Resource          {resource}
Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

*** Test Cases ***
"""
REFERENCE_VM = SUITES / "03__reference_vm"


def run(robot: Robot, site: list[str], tests: str) -> Finished:
    suite = robot.folder / "suite.robot"
    resource = (ROOT / "resources" / "occi.resource").as_posix()
    suite.write_text(SUITE.format(resource=resource) + tests, "utf-8")
    return robot(*site, suite)


def logins(running: Site, **changes: str | int) -> list[str]:
    """What a site file would say of the VM's ssh login."""
    vm = running.vm
    values = {"SSH_HOST": vm["ssh_host"], "SSH_PORT": vm["ssh_port"], "SSH_USERNAME": "tester", **changes}
    return [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]


def test_vm_is_brought_into_each_state_and_back(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=0.1")
    before = running.attributes()
    states = ("active", "suspended", "inactive", "suspended", "active", "inactive")
    steps = [f"    Have The VM In State    {state}\n    Get VM State    ==    {state}\n" for state in states]
    finished = run(robot, running.variables, "1 All\n" + "".join(steps))
    assert finished.statuses() == {"1": "PASS"}, finished.out
    assert running.attributes() == before


def embedded(options: str) -> list[str]:
    return ["--variable", f"OCCI_ENDPOINT:sandbox:{options}", "--variable", "TRANSITION_TIMEOUT:1 s"]


def test_vm_that_does_not_get_there_skips_and_is_not_waited_for_again(robot: Robot) -> None:
    tests = "1 Once\n    Have The VM In State    active\n2 Again\n    Have The VM In State    active\n"
    finished = run(robot, embedded("seconds=0.1,fault=start-ignored"), tests)
    once, again = finished.tests["1"], finished.tests["2"]
    assert (once.status, again.status) == ("SKIP", "SKIP")
    assert "start did not lead there from 'inactive'" in once.message
    assert "(It was tried before in this run.)" in again.message
    assert again.elapsed_time.total_seconds() < 1


def test_action_that_the_site_refuses_skips_with_its_words(robot: Robot) -> None:
    finished = run(
        robot, embedded("seconds=0.1,fault=start-refused"), "1 Once\n    Have The VM In State    active\n"
    )
    assert finished.tests["1"].status == "SKIP"
    assert "the site refused" in finished.tests["1"].message


def test_without_a_login_in_the_site_file_the_group_is_skipped(
    robot: Robot, site: Callable[..., Site]
) -> None:
    finished = robot(*site().variables, "--variable", "SSH_USERNAME:${EMPTY}", REFERENCE_VM)
    assert set(finished.statuses().values()) == {"SKIP"}
    messages = {number: test.message for number, test in finished.tests.items()}
    for number, message in messages.items():
        first = (
            "R4.1" if number.startswith("R4.") else number
        )  # what follows in that file needs its first step
        assert "give ${SSH_HOST}, ${SSH_USERNAME}" in messages[first], message
    assert finished.code == 0


def test_login_that_is_refused_cannot_tell_once_and_the_run_goes_on(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=0.1")
    tests = (
        "1 In\n    Have The VM In State    active\n    Log In To The VM\n"
        "2 Again\n    Skip Without A Login To The VM\n    Fail    never\n"
        "3 Not about it\n    Query The VM\n"
    )
    finished = run(robot, [*running.variables, *logins(running, SSH_USERNAME="nobody")], tests)
    assert finished.statuses() == {"1": "FAIL", "2": "SKIP", "3": "PASS"}, finished.out
    assert finished.tests["1"].metadata["Verdict"] == "cannot tell"
    assert "refuses the password" in finished.tests["1"].message
    assert "refuses the password" in finished.tests["2"].message


def test_login_that_is_refused_as_expected_is_no_verdict(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=0.1,reference-state=active")
    tests = "1 Out\n    Run Keyword And Expect Error    *refuses*    Log In To The VM\n    Fail    for another reason\n"
    finished = run(robot, [*running.variables, *logins(running, SSH_USERNAME="nobody")], tests)
    assert finished.tests["1"].metadata["Verdict"] == "fail"


def test_suites_of_a_group_are_files_with_a_number() -> None:
    groups = [path for path in SUITES.iterdir() if path.is_dir()]
    assert all((group / "__init__.robot").exists() for group in groups)
    names = [file.name for group in groups for file in group.glob("*.robot") if file.name != "__init__.robot"]
    assert all(name[:2].isdigit() and name[2:4] == "__" for name in names), names
