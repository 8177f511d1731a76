"""The agreed test cases as a tester runs them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from robot.api import ExecutionResult, ResultVisitor
from robot.result import Keyword, Message

from tests.runs.conftest import AGREED, ROOT, SUITES, Finished, Robot, Site

STEPS = [
    f"{case}.{step}"
    for case, last in zip(range(1, 7), (2, 6, 4, 5, 7, 5), strict=True)
    for step in range(1, last + 1)
]
WATCHED = ["3.3", "4.3", "4.4", "5.3", "5.6", "6.5"]
CHANGED = ("occi.compute.cores", "occi.compute.hostname", "occi.compute.speed", "occi.compute.memory")


class Rows(ResultVisitor):
    """Gathers what a reader of log.html sees as rows."""

    def __init__(self, finished: Finished) -> None:
        self.failed: list[str] = []
        self.messages: list[Message] = []
        ExecutionResult(finished.folder / "output.xml").visit(self)

    def start_keyword(self, keyword: Keyword) -> None:
        if keyword.status == "FAIL":
            self.failed.append(keyword.full_name)

    def visit_message(self, message: Message) -> None:
        self.messages.append(message)


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("whole")
    endpoint = f"OCCI_ENDPOINT:sandbox:seconds=0.3,journal={folder / 'journal'}"
    return Robot(folder)("--variable", endpoint, AGREED)


def test_there_are_29_steps_in_six_files() -> None:
    names = [
        line.split()[0]
        for file in sorted(AGREED.glob("0*.robot"))
        for line in file.read_text("utf-8").splitlines()
        if re.match(r"\d\.\d ", line)
    ]
    assert names == STEPS
    assert len(STEPS) == 29


def test_whole_run_passes_and_leaves_the_reports(whole_run: Finished) -> None:
    assert whole_run.statuses() == dict.fromkeys(STEPS, "PASS"), whole_run.out
    assert whole_run.code == 0
    assert whole_run.err == ""
    for file in ("log.html", "report.html", "output.xml"):
        assert (whole_run.folder / file).stat().st_size > 10_000
    assert (whole_run.folder / "log.html").stat().st_size < 1_000_000


def test_whole_run_does_each_transition_once_and_puts_the_attributes_back(whole_run: Finished) -> None:
    journal = (whole_run.folder.parent / "journal").read_text("utf-8").splitlines()
    lines = [json.loads(line) for line in journal]
    (vm,) = {line["vm"] for line in lines if line["transition"] == "restart"}
    assert [line["transition"] for line in lines if line["vm"] == vm] == [
        "start",
        "restart",
        "suspend",
        "start",
        "stop",
    ]
    said = [m.message for m in Rows(whole_run).messages if m.message.startswith("The VM is as it was found")]
    assert len(said) == 1
    assert all(name in said[0] for name in CHANGED)


def test_passing_run_has_no_failing_row_and_one_row_per_change(whole_run: Finished) -> None:
    rows = Rows(whole_run)
    assert rows.failed == []
    changes = [m.message for m in rows.messages if re.match(r"[+-]\d+\.\d+ s: (state|echo) ", m.message)]
    assert 10 <= len(changes) <= 40  # five transitions with a handful of changes each, not one row per poll


def test_timelines_are_drawn_right_under_the_watched_steps(whole_run: Finished) -> None:
    drawn = [
        number
        for number, test in whole_run.tests.items()
        if any(isinstance(item, Message) and "<svg" in item.message for item in test.body)
    ]
    assert drawn == WATCHED


def test_every_step_carries_its_verdict(whole_run: Finished) -> None:
    assert {test.metadata["Verdict"] for test in whole_run.tests.values()} == {"pass"}
    assert all(
        "agreed" in test.tags and f"tc{number[0]}" in test.tags for number, test in whole_run.tests.items()
    )


def test_restart_alone_is_skipped_while_the_vm_is_inactive(robot: Robot, site: Callable[..., Site]) -> None:
    finished = robot(*site().variables, AGREED / "04__restart_the_vm.robot")
    assert set(finished.statuses().values()) == {"SKIP"}
    assert finished.code == 0
    assert "must be in state 'active'" in finished.tests["4.1"].message
    assert "'inactive'" in finished.tests["4.1"].message
    assert finished.tests["4.5"].message == "Not run: the prerequisite in step 4.1 does not hold."


def test_restart_alone_passes_on_an_active_vm_and_leaves_it_active(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=0.2,reference-state=active")
    finished = robot(*running.variables, AGREED / "04__restart_the_vm.robot")
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert running.attributes()["occi.compute.state"] == "active"


def test_start_alone_puts_the_vm_back(robot: Robot, site: Callable[..., Site]) -> None:
    running = site()
    before = running.attributes()
    finished = robot(*running.variables, AGREED / "03__start_the_vm.robot")
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert running.attributes() == before


def test_files_named_one_by_one_share_the_vm_and_the_last_one_puts_it_back(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site()
    before = running.attributes()
    files = [
        AGREED / name
        for name in (
            "02__change_the_vm_attributes.robot",
            "03__start_the_vm.robot",
            "04__restart_the_vm.robot",
        )
    ]
    finished = robot(*running.variables, *files)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    assert running.attributes() == before


def test_active_vm_fails_test_case_2_and_3_and_skips_their_steps(
    robot: Robot, site: Callable[..., Site]
) -> None:
    running = site("seconds=0.2,reference-state=active")
    before = running.attributes()
    finished = robot(*running.variables, AGREED)
    assert finished.tests["2.1"].status == "FAIL"
    assert "Expected the VM in state 'inactive', but the site says 'active'." in finished.tests["2.1"].message
    assert finished.tests["2.2"].message == "Not run: step 2.1 failed."
    assert finished.tests["3.1"].status == "FAIL"
    assert {finished.tests[step].status for step in STEPS if step[0] in "456"} == {"PASS"}
    assert running.attributes() == before


def test_vm_that_is_not_listed_fails_by_name(robot: Robot, site: Callable[..., Site]) -> None:
    running = site()
    finished = robot(
        *running.variables, "--variable", "VM_ID:no-such-vm", AGREED / "01__identify_and_query_the_vm.robot"
    )
    assert finished.tests["1.1"].status == "FAIL"
    assert "Expected the VM 'no-such-vm' in the listing" in finished.tests["1.1"].message
    assert "3 listed" in finished.tests["1.1"].message
    assert finished.tests["1.2"].status == "SKIP"


@pytest.mark.parametrize(
    "file", sorted((ROOT / "resources" / "sites").glob("*.resource")), ids=lambda path: path.stem
)
def test_dry_run_is_clean_for_every_site_file(file: Path, robot: Robot) -> None:
    finished = robot("--dryrun", "--variable", f"SITE:{file.stem}", SUITES)
    assert finished.code == 0, finished.out
    assert finished.err == ""
    assert [number for number in finished.tests if number[0].isdigit()] == STEPS
