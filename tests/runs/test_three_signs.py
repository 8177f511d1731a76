"""The machine's own account in real runs: the three signs of a restart, and the proof that hibernation kept the memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from robot import result as robot_result
from robot.api import ExecutionResult, ResultVisitor
from robot.result import Message

from tests.runs.conftest import AGREED, Finished, Robot

RESTART = AGREED / "04__restart_the_vm.robot"
SUSPEND = AGREED / "05__suspend_and_resume_the_vm.robot"
SANDBOX = "OCCI_ENDPOINT:sandbox:seconds=0.2,machines=1,reference-state=active"
PASSWORD = "canary-52d1"

Run = Callable[..., Finished]


class Messages(ResultVisitor):
    """Gathers the messages of a run."""

    def __init__(self, finished: Finished) -> None:
        self.texts: list[str] = []
        ExecutionResult(finished.folder / "output.xml").visit(self)

    def visit_message(self, message: Message) -> None:
        self.texts.append(message.message)


def beside_the_timeline(test: robot_result.TestCase) -> str:
    """Gives what is drawn under a test, as a reader sees it."""
    (drawn,) = [item.message for item in test.body if isinstance(item, Message) and "<svg" in item.message]
    return " ".join(re.sub(r"<[^>]*>", " ", drawn.rpartition("<table")[2]).split())


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    robot = Robot(tmp_path_factory.mktemp("healthy"))
    robot.environment["SANDBOX_SSH_PASSWORD"] = PASSWORD
    return robot("--loglevel", "TRACE", "--variable", SANDBOX, RESTART, SUSPEND)


def test_healthy_run_shows_all_three_signs_beside_the_timeline(healthy: Finished) -> None:
    assert set(healthy.statuses().values()) == {"PASS"}, healthy.out
    for step in ("4.3", "4.4"):
        shown = beside_the_timeline(healthy.tests[step])
        assert "API yes went through active, inactive, active" in shown
        assert re.search(r"probes yes The echo service was away from \d", shown)
        assert re.search(r"machine yes new boot id [0-9a-f]{8} instead of [0-9a-f]{8}", shown)
        assert "All three signs show the restart." in shown


def test_healthy_run_proves_that_the_memory_was_kept(healthy: Finished) -> None:
    shown = beside_the_timeline(healthy.tests["5.6"])
    assert re.search(r"memory yes kept: same boot id [0-9a-f]{8}, up for \d+ s", shown)
    assert "memory" not in beside_the_timeline(healthy.tests["5.3"])


def test_account_is_told_four_times_with_the_host_key_and_without_the_password(healthy: Finished) -> None:
    told = [text for text in Messages(healthy).texts if text.startswith("The machine says ")]
    assert [text.split(":")[0] for text in told] == [
        "The machine says before the action",
        "The machine says after the restart",
        "The machine says before the action",
        "The machine says after the resume",
    ]
    assert all("reference-vm" in text and "host key SHA256:" in text and "as pinned" in text for text in told)
    assert "remark" not in {tag for test in healthy.tests.values() for tag in test.tags}
    for file in ("output.xml", "log.html", "report.html"):
        assert PASSWORD not in (healthy.folder / file).read_text("utf-8")


def test_login_that_fails_is_one_remark_and_no_fail(tmp_path: Path) -> None:
    robot = Robot(tmp_path)
    finished = robot("--variable", SANDBOX, "--variable", "SSH_USERNAME:nobody", RESTART, SUSPEND)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    remarked = {number: test.message for number, test in finished.tests.items() if "remark" in test.tags}
    assert list(remarked) == ["4.2"]
    assert (
        "The machine's own account could not be read before the action: The ssh login nobody@"
        in remarked["4.2"]
    )
    assert "refuses the password: check ${SSH_USERNAME} and ${SSH_PASSWORD}." in remarked["4.2"]
    assert "machine not known before the action: The ssh login nobody@" in beside_the_timeline(
        finished.tests["4.3"]
    )


def test_site_file_without_a_login_shows_no_signs(tmp_path: Path) -> None:
    finished = Robot(tmp_path)("--variable", SANDBOX, "--variable", "SSH_USERNAME:", RESTART)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert "signs" not in beside_the_timeline(finished.tests["4.3"])


def test_sites_whose_machines_disprove_them_fail_at_the_step_that_says_which_one_lies(tmp_path: Path) -> None:
    faults = {
        "restart-without-reboot": (
            RESTART,
            "4.3",
            "but the machine was not restarted: same boot id [0-9a-f]{8}, up for \\d+ s. So the API reports a restart",
        ),
        "restart-not-shown": (
            RESTART,
            "4.4",
            "the machine did restart, but the API did not show it.*The machine's own account: new boot id [0-9a-f]{8} instead of",
        ),
        "resume-fresh-boot": (SUSPEND, "5.6", "resumed into a fresh boot, so hibernate lost its memory"),
    }
    running = {}
    for fault, (suite, _, _) in faults.items():
        robot = Robot(tmp_path / fault)
        limit = ("--variable", "TRANSITION_TIMEOUT:3 s")
        running[fault] = robot, robot.start("--variable", f"{SANDBOX},fault={fault}", *limit, suite)
    for fault, (robot, process) in running.items():
        finished = robot.finish(process)
        _, step, words = faults[fault]
        failed = [number for number, test in finished.tests.items() if test.status == "FAIL"]
        assert failed == [step], (fault, finished.out)
        assert re.search(words, finished.tests[step].message), finished.tests[step].message
