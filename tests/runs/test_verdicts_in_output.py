"""The five verdicts and what was tested can be read from output.xml alone, and from the console."""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from OcciLibrary import __version__
from OcciLibrary.keywords.run_record import INTRODUCTION
from tests.runs.conftest import AGREED, ROOT, SUITES, Finished, Robot, Site
from tests.runs.test_what_cannot_be_told import wait_for_state_of_run

SUITE = """
*** Settings ***
Library           OcciLibrary    site=sandbox    sites={sites}
Resource          {sites}/sandbox.resource

*** Test Cases ***
1 Pass
    VM Should Be Listed

2 Remark
    Evaluate    $occi.run.remark("It is blue.")    namespace={{"occi": $library}}

3 Fail
    Get VM State    ==    purple

4 Not run
    Skip    Not run: step 3 failed.

5 Not offered
    Skip    Not offered: the site has no action save.

6 Cannot tell
    Evaluate    $occi.run.stop("The moon is in the way.")    namespace={{"occi": $library}}
    Fail    The moon is in the way.

7 Later
    VM Should Be Listed

*** Keywords ***
Set The Library
    ${{library}}    Get Library Instance    OcciLibrary
    VAR    ${{library}}    ${{library}}    scope=SUITE
"""


def metadata(finished: Finished) -> dict[str, str]:
    return dict(ExecutionResult(finished.folder / "output.xml").suite.metadata)


@pytest.fixture(scope="module")
def own_suite(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("verdicts")
    text = SUITE.format(sites=(ROOT / "resources" / "sites").as_posix())
    text = text.replace("\n*** Test Cases", "Suite Setup       Set The Library\n\n*** Test Cases", 1)
    (folder / "own.robot").write_text(
        text.replace('    namespace={"occi": $library}', "").replace("$occi", "$library")
    )
    return Robot(folder)("--variable", "OCCI_ENDPOINT:sandbox:seconds=0.1", folder / "own.robot")


def test_each_verdict_is_in_status_tags_and_metadata_of_any_suite(own_suite: Finished) -> None:
    seen = {
        name: (test.status, test.metadata["Verdict"], sorted(test.tags))
        for name, test in own_suite.tests.items()
    }
    assert seen == {
        "1": ("PASS", "pass", []),
        "2": ("PASS", "pass with remark", ["remark"]),
        "3": ("FAIL", "fail", []),
        "4": ("SKIP", "not run", []),
        "5": ("SKIP", "not run", ["not-offered"]),
        "6": ("FAIL", "cannot tell", ["tester-side"]),
        "7": ("SKIP", "not run", []),
    }, own_suite.out


def test_console_says_what_status_alone_does_not(own_suite: Finished) -> None:
    for words in (
        "Remark: It is blue.",
        "Not offered: the site has no action save.",
        "Cannot tell: The moon is in the way.",
        "Not run: see '6 Cannot tell'.",
    ):
        assert own_suite.out.count(words) == 1, words


def test_dry_run_gives_no_verdict(robot: Robot) -> None:
    finished = robot("--dryrun", SUITES)
    assert all("Verdict" not in test.metadata for test in finished.tests.values())
    assert metadata(finished) == {}


@pytest.mark.parametrize("files", [[SUITES], sorted(AGREED.glob("0[12]*.robot")), [AGREED / "01__identify_and_query_the_vm.robot"]],
                         ids=["folder", "two files", "one file"])  # fmt: skip
def test_what_was_tested_stands_in_the_outermost_suite(
    files: list[Path], robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=0.1")
    finished = robot(
        *running.variables,
        "--variable",
        "TESTER:Ada",
        "--variable",
        "SITE_NAME:Château",
        "--test",
        "1.*",
        *files,
    )
    seen = metadata(finished)
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", seen.pop("Run"))
    if len(files) == 1 and files[0].is_file():
        assert re.fullmatch(r"[0-9a-f]{16}", seen.pop("Fingerprint"))
    assert seen == {
        "Site": "Château",
        "Endpoint": running.description["endpoint"],
        "Tester": "Ada",
        "Server": "OcciLibrary-sandbox OCCI/1.1",
        "VM": f"{running.vm['id']}, as it was found",
        "Library version": __version__,
        "Findings": "2 of 2 steps passed.",
    }


def test_a_run_introduces_itself_at_its_beginning(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=0.1")
    finished = robot(
        *running.variables, "--variable", "TESTER:Ada", AGREED / "01__identify_and_query_the_vm.robot"
    )
    written = (finished.folder / "output.xml").read_text("utf-8")
    told = re.search(f">{INTRODUCTION}(.*?)</msg>", written)
    assert told is not None
    assert written.index(told[0]) < written.index("<test ")
    said = json.loads(told[1])
    assert (said["Tester"], said["Library version"], said["Endpoint"]) == (
        "Ada",
        __version__,
        running.description["endpoint"],
    )
    assert said["Run"] in re.findall('<meta name="Run">(.*?)<', written)


def test_query_of_the_endpoint_is_left_out(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=0.1")
    endpoint = f"{running.description['endpoint']}?token=canary-1234"
    finished = robot(
        *running.variables,
        "--variable",
        f"OCCI_ENDPOINT:{endpoint}",
        AGREED / "01__identify_and_query_the_vm.robot",
    )
    assert metadata(finished)["Endpoint"] == running.description["endpoint"]


def test_site_file_that_cannot_be_used_is_cannot_tell(robot: Robot) -> None:
    finished = robot("--variable", "SITE:nosuch", SUITES)
    (test,) = finished.tests.values()
    assert test.metadata["Verdict"] == "cannot tell"
    assert test.message.startswith("Cannot tell: There is no site 'nosuch'")
    assert metadata(finished)["Site"] == "nosuch"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process alone")
def test_interrupted_step_is_cannot_tell_and_the_later_ones_not_run(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=1")
    process = robot.start(*running.variables, AGREED / "03__start_the_vm.robot")
    wait_for_state_of_run(process, "3.3 ")
    process.send_signal(signal.SIGINT)
    finished = robot.finish(process)
    verdicts = {number: (test.status, test.metadata["Verdict"]) for number, test in finished.tests.items()}
    assert verdicts == {
        "3.1": ("PASS", "pass"),
        "3.2": ("PASS", "pass"),
        "3.3": ("FAIL", "cannot tell"),
        "3.4": ("SKIP", "not run"),
    }
    assert finished.tests["3.4"].message.startswith("Not run: the run was interrupted in '3.3 ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process alone")
def test_run_interrupted_before_its_first_step_blames_nobody(robot: Robot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        values = {"OCCI_ENDPOINT": endpoint, "VM_ID": "5", "ECHO_HOST": "127.0.0.1"}
        variables = [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]
        process = robot.start(*variables, AGREED / "01__identify_and_query_the_vm.robot")
        silent.settimeout(20)
        connection, _ = silent.accept()
        with connection:
            connection.recv(1)  # the suite setup has asked for something
            process.send_signal(signal.SIGINT)
            finished = robot.finish(process)
    verdicts = {number: (test.status, test.metadata["Verdict"]) for number, test in finished.tests.items()}
    assert verdicts == {"1.1": ("FAIL", "cannot tell"), "1.2": ("SKIP", "not run")}, finished.out
    assert "Traceback" not in finished.out + finished.err


def test_exit_on_failure_leaves_the_rest_not_run(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=0.1")
    finished = robot(
        *running.variables,
        "--exitonfailure",
        "--variable",
        "VM_ID:nosuch",
        AGREED / "01__identify_and_query_the_vm.robot",
    )
    assert {number: test.metadata["Verdict"] for number, test in finished.tests.items()} == {
        "1.1": "fail",
        "1.2": "not run",
    }
    assert finished.tests["1.2"].message.startswith("Not run: Failure occurred")
