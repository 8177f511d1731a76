"""The search for canaries finds them where nobody masks: without that, finding none would prove nothing."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.runs.conftest import Robot
from tests.secrets.canaries import ProcessList, sang

_CANARY = "unm4sked/c4nary+1<&>9"
_SUITE = """\
*** Variables ***
${PW: Secret}    %{CANARY}

*** Test Cases ***
Spill
    Log    ${PW.value} ${{ 'filling ' * 200 }}
    Log To Console    ${PW.value}
    Fail    ${PW.value}
"""


def test_canaries_are_found_in_every_file_of_a_run_without_masking(robot: Robot, tmp_path: Path) -> None:
    robot.environment["CANARY"] = _CANARY
    suite = tmp_path / "spill.robot"
    suite.write_text(_SUITE, "utf-8")
    processes = ProcessList()
    finished = robot.finish(robot.start("--debugfile", "debug.txt", "--xunit", "xunit.xml", suite))
    processes.close()
    found = {
        place.split(":")[0].removeprefix("c in ")
        for place in sang({"c": _CANARY}, finished.folder, out=finished.out)
    }
    assert found == {"output.xml", "log.html", "report.html", "debug.txt", "xunit.xml", "out"}
    if Path("/proc/self/cmdline").exists():
        assert any("spill.robot" in line for line in processes.seen)


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_canaries_are_found_in_base64(tmp_path: Path, before: str) -> None:
    text = base64.b64encode(f"{before}{_CANARY}:and more".encode()).decode()
    assert sang({"c": _CANARY}, tmp_path, text=text) != []
