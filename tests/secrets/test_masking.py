"""Robot Framework's own keywords cannot spill a secret, and masking changes nothing but what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.conftest import Robot
from tests.secrets.canaries import sang

_SPILLING = Path(__file__).with_name("spilling.robot")
_CANARY = 'Spilt-c4nary"<7>'
_CANARIES = {"the secret": _CANARY, "the other": "0ther-canary-9&x", "its reverse": f"late-{_CANARY[::-1]}"}
_STATUSES = {
    "Name": "PASS",
    "What": "PASS",
    "A": "PASS",
    "Fails": "FAIL",
    "Crashes": "FAIL",
    "Literal": "FAIL",
    "Ends": "FAIL",
    "Is": "SKIP",
}


def _spill(robot: Robot, *options: str) -> tuple[str, str]:
    robot.environment |= {"CANARY": _CANARY, "OTHER_CANARY": _CANARIES["the other"]}
    robot.environment["ROBOT_SYSLOG_FILE"] = str(robot.folder / "results" / "syslog.txt")
    finished = robot("--loglevel", "TRACE", *options, _SPILLING)
    return finished.out, finished.err


def test_nothing_is_spilt_at_any_level_in_any_file(robot: Robot) -> None:
    out, err = _spill(robot, "--debugfile", "debug.txt", "--xunit", "xunit.xml")
    folder = robot.folder / "results"
    assert {path.name for path in folder.iterdir()} >= {
        "output.xml",
        "log.html",
        "report.html",
        "debug.txt",
        "xunit.xml",
    }
    assert sang(_CANARIES, folder, out=out, err=err) == []
    for name in ("output.xml", "debug.txt", "xunit.xml"):
        assert "secret&gt;" in (folder / name).read_text("utf-8").replace("<secret>", "&lt;secret&gt;"), name
    assert "<secret>" in out
    assert "<secret>" in err
    assert (
        "Warning" not in out + err
    )  # the results are asked for nothing that Robot Framework is about to drop


def test_verdicts_are_the_same_as_without_masking(robot: Robot) -> None:
    from robot.api import ExecutionResult  # noqa: PLC0415

    _spill(robot)
    tests = ExecutionResult(robot.folder / "results" / "output.xml").suite.all_tests
    assert {test.name.split()[0]: test.status for test in tests} == _STATUSES


@pytest.mark.parametrize(
    "options",
    [("--output", "o.json", "--console", "dotted"), ("--log", "NONE", "--legacyoutput"), ("--dryrun",)],
)
def test_other_kinds_of_output_are_clean_too(robot: Robot, options: tuple[str, ...]) -> None:
    out, err = _spill(robot, *options, "--exclude", "fatal")
    assert sang(_CANARIES, robot.folder / "results", out=out, err=err) == []


def test_judging_is_not_misled_by_a_secret_that_is_a_word_of_robot_framework(
    robot: Robot, tmp_path: Path
) -> None:
    """The words by which Robot Framework tells a signal are masked only after they were understood."""
    suite = tmp_path / "cut_off.robot"
    suite.write_text(
        "*** Settings ***\nLibrary    OcciLibrary\n\n*** Test Cases ***\n"
        "Cut Off\n    Fatal Error    Execution terminated by signal\n\nLater\n    No Operation\n",
        "utf-8",
    )
    robot.environment["MY_PASSWORD"] = "terminated by signal"
    finished = robot(suite)
    assert "The run was interrupted" in finished.tests["Cut"].message
    assert finished.tests["Later"].message == "Not run: the run was interrupted in 'Cut Off'."


def test_a_library_that_is_imported_in_mid_run_masks_from_then_on(robot: Robot, tmp_path: Path) -> None:
    suite = tmp_path / "late.robot"
    suite.write_text(
        "*** Variables ***\n${PW: Secret}    %{CANARY}\n\n*** Test Cases ***\n"
        "Late\n    Import Library    OcciLibrary\n    Log    ${PW.value}\n    Log To Console    ${PW.value}\n"
        "    Fatal Error    ${PW.value}\n\nLater\n    No Operation\n",
        "utf-8",
    )
    robot.environment["CANARY"] = _CANARY
    finished = robot("--loglevel", "TRACE", "--debugfile", "debug.txt", suite)
    assert sang(_CANARIES, finished.folder, out=finished.out, err=finished.err) == []
    assert {name: test.status for name, test in finished.tests.items()} == {"Late": "FAIL", "Later": "SKIP"}
