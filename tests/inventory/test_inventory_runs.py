"""Real runs of the inventory and the audit on sandbox sites."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from tests.runs.conftest import ROOT, SUITES, Finished, Robot

FILES = (
    SUITES / "04__user_perspective" / "06__inventory.robot",
    SUITES / "04__user_perspective" / "07__audit.robot",
)
SANDBOX = "OCCI_ENDPOINT:sandbox:seconds=0.05,machines=1,reference-state=active"
PASSWORD = "canary-7f3a"
PAGE = ROOT / "docs" / "inventory.md"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    robot = Robot(tmp_path_factory.mktemp("inventory"))
    robot.environment["SANDBOX_SSH_PASSWORD"] = PASSWORD
    return robot("--loglevel", "TRACE", "--variable", SANDBOX, *FILES)


def messages(run: Finished) -> dict[str, str]:
    suite = ExecutionResult(run.folder / "output.xml").suite
    return {test.name.split()[0]: test.message for test in suite.all_tests}


def test_every_step_passes_or_says_what_the_machine_does_not_tell(finished: Finished) -> None:
    assert finished.statuses() == {
        "I1.1": "PASS", "I1.2": "PASS", "A1.1": "PASS", "A1.2": "PASS", "A1.3": "PASS", "A1.4": "SKIP",
    }, finished.out  # fmt: skip
    told = messages(finished)
    assert told["I1.1"] == (
        "x86_64 64 bits; virtualisation unknown; OcciLibrary sandbox VM; Linux 6.1.0-sandbox. Record: inventory-sandbox.json."
    )
    assert told["A1.1"] == "Listens on all addresses: nothing. Less widely: 2."
    assert told["A1.2"] == "Accounts with a shell: root, tester. The ssh server's settings cannot be read."
    assert told["A1.4"] == (
        "Not run: the machine does not tell its pending updates: it has neither apt, apk nor dnf, or they have never fetched "
        "their lists."
    )


def test_record_is_as_documented_and_holds_no_secret_and_no_address(finished: Finished) -> None:
    text = (finished.folder / "inventory-sandbox.json").read_text("utf-8")
    record = json.loads(text)
    assert record["schema"] == "occilibrary-inventory/1"
    assert record["architecture"] == {
        "occi": "x64",
        "kernel": "x86_64",
        "kernel_bits": 64,
        "userland_bits": 64,
    }
    documented = PAGE.read_text("utf-8")
    assert [name for name in record if not re.search(rf"^\| `{name}[`.]", documented, re.MULTILINE)] == []
    for secret in (PASSWORD, "127.0.0.1", "reference-vm"):
        assert secret not in text


def test_password_stands_in_no_file_of_the_run(finished: Finished) -> None:
    for file in finished.folder.iterdir():
        assert PASSWORD not in file.read_text("utf-8", errors="replace"), file.name


def test_without_a_login_nothing_is_run(tmp_path: Path) -> None:
    finished = Robot(tmp_path)("--variable", SANDBOX, "--variable", "SSH_USERNAME:", *FILES)
    assert set(finished.statuses().values()) == {"SKIP"}
    assert not list(finished.folder.glob("inventory*"))


def test_machine_of_another_architecture_than_occi_says_fails(tmp_path: Path) -> None:
    finished = Robot(tmp_path)("--variable", f"{SANDBOX},fault=machine-has-32-bits", *FILES[:1])
    assert finished.statuses() == {"I1.1": "PASS", "I1.2": "FAIL"}, finished.out
    assert "occi.compute.architecture='x64'" in messages(finished)["I1.2"]
