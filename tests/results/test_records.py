"""Records are what real runs came to, whatever became of the run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
import robot.api
from robot.api import ExecutionResult

from OcciLibrary import __version__
from OcciLibrary.keywords import run_record
from OcciLibrary.results import output_tree
from OcciLibrary.results.agreed_steps import AGREED_CASES, AGREED_STEPS
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.recognition import runs_in
from OcciLibrary.results.record_json import run_from_json, run_to_json
from OcciLibrary.results.records import DOCUMENTS, GROUPS, Run, Verdict
from tests.results.real_runs import STRANGE
from tests.runs.conftest import AGREED, ROOT, SUITES

WIKI = ROOT.parent / "shared" / "scenario-1-wiki.txt"


@pytest.fixture(scope="module")
def runs(made: Path) -> dict[str, Run]:
    return {run.output.rpartition("/")[0]: run for run in read_results(made).runs}


def test_every_run_is_read(runs: dict[str, Run]) -> None:
    assert sorted(runs) == ["alpha/1", "alpha/2", "beta", "delta", "delta-killed", "gamma/1", "gamma/2"]


def test_a_record_says_what_the_run_said(runs: dict[str, Run], made: Path) -> None:
    run = runs["alpha/1"]
    told = ExecutionResult(made / "alpha/1/output.xml").suite.metadata
    assert (run.run_id, run.site, run.tester, run.library) == (told["Run"], "Alpha", "Oxford", __version__)
    assert (run.implementation, run.server) == (
        "OcciLibrary-sandbox",
        "OcciLibrary-sandbox OCCI/1.1",
    )
    assert run.rehearsal
    assert run.complete
    assert run.utc
    age = datetime.now(timezone.utc).replace(tzinfo=None) - run.started
    assert 0 <= age.total_seconds() < 3600
    assert run.own_tests == 1
    assert run.log == "alpha/1/log.html"


def test_steps_are_those_of_the_output(runs: dict[str, Run], made: Path) -> None:
    for name in ("alpha/1", "alpha/2", "beta", "gamma/1", "gamma/2"):
        tests = {test.name: test for test in ExecutionResult(made / name / "output.xml").suite.all_tests}
        for step in runs[name].steps:
            test = tests[step.name]
            verdict = "not run" if step.verdict is Verdict.NOT_OFFERED else step.verdict.value
            assert verdict == test.metadata["Verdict"]
            assert step.log_id == test.id
            assert step.seconds == pytest.approx(test.elapsed_time.total_seconds(), abs=0.001)
            assert all(remark in test.message for remark in step.remarks)
        assert len(runs[name].steps) + runs[name].own_tests == len(tests)


def test_verdicts_of_the_sites(runs: dict[str, Run]) -> None:
    def verdict(name: str, key: str) -> Verdict:
        return next(step.verdict for step in runs[name].steps if step.key == key)

    assert {step.verdict for step in runs["alpha/1"].steps if step.group == "agreed"} == {Verdict.PASS}
    assert verdict("alpha/1", "R1.2") is Verdict.NOT_OFFERED
    assert verdict("alpha/2", "2.6") is Verdict.FAIL
    assert verdict("gamma/1", "1.2") is Verdict.REMARK
    assert verdict("gamma/2", "1.1") is Verdict.CANNOT_TELL
    assert verdict("gamma/2", "1.2") is Verdict.NOT_RUN
    assert not runs["gamma/2"].told_something
    assert runs["beta"].site == STRANGE


def test_transitions_have_their_times(runs: dict[str, Run]) -> None:
    steps = {step.key: step.transition for step in runs["alpha/1"].steps}
    assert {key: one.action for key, one in steps.items() if one} == {
        "3.3": "start",
        "4.3": "restart",
        "4.4": "restart",
        "5.3": "suspend",
        "5.6": "start",
        "6.5": "stop",
    }
    restart = steps["4.3"]
    assert restart is not None
    assert [one.value for one in restart.changes if one.lane == "state"] == ["active", "inactive", "active"]
    assert 0.05 < (restart.arrival or 0) < 2
    assert {one.lane for one in restart.changes} == {"state", "echo"}


def test_a_killed_run_is_read_as_far_as_it_goes(runs: dict[str, Run]) -> None:
    run = runs["delta-killed"]
    assert not run.complete
    assert (run.site, run.tester, run.utc, run.log) == ("Delta", "Oxford", True, "")
    keys = [step.key for step in run.steps]
    assert keys[:12] == [step.key for step in AGREED_STEPS][:12]
    assert "6.5" not in keys
    assert [step.verdict for step in run.steps[:12]] == [Verdict.PASS] * 12
    assert set(run.fingerprints) < set(runs["beta"].fingerprints)


def test_json_output_gives_the_same_record(runs: dict[str, Run], made: Path, tmp_path: Path) -> None:
    ExecutionResult(made / "beta/output.xml").to_json(tmp_path / "output.json")
    (run,) = read_results(tmp_path).runs
    theirs = runs["beta"]
    same = replace(run, output=theirs.output, log=theirs.log, robot=theirs.robot, seconds=theirs.seconds)
    assert same == theirs
    assert run.seconds == pytest.approx(theirs.seconds, abs=0.01)


def test_a_merged_output_holds_its_runs_and_each_run_counts_once(
    runs: dict[str, Run], made: Path, tmp_path: Path
) -> None:
    outputs = [made / name / "output.xml" for name in ("alpha/1", "beta")]
    command = [
        sys.executable,
        "-m",
        "robot.rebot",
        "--output",
        "merged.xml",
        "--log",
        "NONE",
        "--report",
        "NONE",
    ]
    subprocess.run([*command, "--outputdir", tmp_path, *outputs], capture_output=True, check=False)
    assert {run.run_id for run in read_results(tmp_path).runs} == {
        runs["alpha/1"].run_id,
        runs["beta"].run_id,
    }
    for name, output in zip("ab", outputs, strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / "output.xml").write_bytes(output.read_bytes())
    assert len(read_results(tmp_path).runs) == 2


def test_records_survive_json(runs: dict[str, Run]) -> None:
    for run in runs.values():
        assert run_from_json(json.loads(json.dumps(run_to_json(run)))) == run


def test_steps_are_those_of_the_suites() -> None:
    suites = robot.api.TestSuite.from_file_system(AGREED).suites
    assert list(AGREED_CASES.values()) == [suite.name for suite in suites]
    tests = [test for suite in suites for test in suite.tests]
    assert [step.name for step in AGREED_STEPS] == [test.name for test in tests]
    wiki = [" ".join(test.doc.split("\n\n")[0].split()) for test in tests]
    assert [f"Wiki: {step.wiki}" for step in AGREED_STEPS] == wiki


def test_every_test_of_the_suites_has_its_place_in_the_matrix() -> None:
    suites = robot.api.TestSuite.from_file_system(SUITES)
    tests = list(suites.all_tests)
    places = [(group, test.name.split()[0]) for test in tests for group in GROUPS if group in test.tags]
    assert len(places) == len(set(places)) == len(tests)
    assert all(re.fullmatch(r"[A-Z]{0,3}\d+\.\d+", key) for _, key in places)
    conformance = next(suite for suite in suites.suites if suite.name == GROUPS["conformance"])
    documents = {
        test.name.split()[0].rstrip("0123456789."): suite.name
        for suite in conformance.suites
        for test in suite.all_tests
    }
    assert documents == DOCUMENTS, "records.DOCUMENTS names each document with the letters of its tests"


def test_conformance_tests_belong_to_their_document() -> None:
    tests = [
        output_tree.Test(name=name, tags=["conformance"], status="PASS", metadata={"Verdict": "pass"})
        for name in ("HP1.2 A filter", "NV1.1 Protocol", "QQ1.1 Of no document")
    ]
    suite = output_tree.Suite("A topic", metadata={"Library version": "0.1.0"}, tests=tests, ended=True)
    (run,) = runs_in(output_tree.Output("Robot 7.5", suite))
    assert [(step.case, step.case_title) for step in run.steps] == [
        ("HP", "HP HTTP protocol"),
        ("NV", "NV OCCI 1.2"),
        ("QQ1", "A topic"),
    ]


@pytest.mark.skipif(not WIKI.exists(), reason="the wiki's page does not lie beside the project")
def test_steps_are_in_the_words_of_the_wiki() -> None:
    wiki = " ".join(WIKI.read_text("utf-8").split())
    agreed = wiki[wiki.index("Agreed test cases The following") :]
    assert all(step.wiki.rstrip(".") in agreed and step.fails in agreed for step in AGREED_STEPS)
    assert agreed.count("Fail if") == sum(bool(step.fails) for step in AGREED_STEPS)


def test_reader_and_run_agree_on_how_a_run_introduces_itself() -> None:
    assert output_tree.INTRODUCTION == run_record.INTRODUCTION


def test_no_run_imports_what_reads_results() -> None:
    script = (
        "import sys, OcciLibrary.keywords.library;"
        "sys.exit(any(name.startswith(('OcciLibrary.results', 'typer', 'jinja2', 'tomlkit')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_reading_results_needs_no_robot_framework() -> None:
    script = (
        "import sys; from OcciLibrary.results.command_line import application;application(['build']); application(['note']);"
        "sys.exit(any(name == 'robot' or name.startswith('robot.') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
