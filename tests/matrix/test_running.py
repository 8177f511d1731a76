"""`occi-matrix run`: many sites side by side, each in a process of its own."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from OcciLibrary.results.reading import read_results
from OcciLibrary.results.site_process import End, Limits, SiteProcess
from tests.matrix.conftest import Matrix, kill_run, until
from tests.matrix.many_sites import differences, letters, only, sandbox_variables, sixteen, write_site
from tests.runs.conftest import Site

posix_only = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no signals for one process alone"
)
QUICK = ("spec12", "vm-missing", "restart-refused")


@posix_only
def test_each_site_gets_its_own_verdicts_and_one_that_is_killed_costs_only_itself(
    matrix: Matrix, pytestconfig: pytest.Config
) -> None:
    rows = sixteen()
    if pytestconfig.getoption("--sites-at-once") < len(rows):
        rows = only(rows, QUICK)
    for name, row in rows.items():
        write_site(matrix.sites, name, sandbox_variables(row))
    matrix.add("victim", OCCI_ENDPOINT="sandbox:seconds=2,machines=1")
    process = matrix.start("run", "victim", *rows)
    victim = matrix.root / "results"
    until(lambda: any("3.2" in path.read_text("utf-8") for path in victim.glob("*/victim/console.txt")))
    kill_run("victim")
    out, _ = process.communicate(timeout=300)

    assert process.returncode == 3, out
    assert "victim: crashed: it was killed by signal 9; the next run on this site puts the VM back" in out
    assert "1 crashed" in out
    wrong = {
        name: found
        for name, row in rows.items()
        if (found := differences(row, letters(matrix.folder / name / "output.xml")))
    }
    assert not wrong
    merged = (matrix.folder / "log.html").read_text("utf-8")
    assert all(name in merged for name in rows)
    assert {path.name for path in matrix.folder.iterdir()} == {*rows, "victim", "log.html", "report.html"}
    for name in rows:
        kept = {path.name for path in (matrix.folder / name).iterdir()}
        assert kept == {"output.xml", "log.html", "report.html", "console.txt"}


def test_two_site_files_of_one_vm_run_one_after_the_other(matrix: Matrix, site: Callable[..., Site]) -> None:
    one, other = site(), site()
    matrix.add_site("first", one)
    matrix.add_site("again", one, OCCI_ENDPOINT=one.description["endpoint"].rstrip("/"), VM_ID=one.url())
    matrix.add_site("other", other)

    code, out = matrix("run", "first", "again", "other", "--include", "tc1", "--include", "tc3")

    assert code == 0, out
    spans = {}
    for name in ("first", "again", "other"):
        suite = ExecutionResult(matrix.folder / name / "output.xml").suite
        spans[name] = (suite.start_time, suite.end_time)
        assert {"1.1", "1.2", "3.1", "3.2", "3.3", "3.4"} == {
            test.name.split()[0] for test in suite.all_tests
        }
    assert spans["first"][1] <= spans["again"][0], "two runs on one VM side by side"
    assert one.attributes()["occi.compute.state"] == "inactive"


@posix_only
def test_a_site_that_hangs_is_ended_its_vm_put_back_and_no_step_fails(
    matrix: Matrix, site: Callable[..., Site]
) -> None:
    slow = site("seconds=3,machines=1")
    before = slow.attributes()
    matrix.add_site("slow", slow)
    quick = sixteen()["vm-missing"]
    write_site(matrix.sites, "quick", sandbox_variables(quick))
    agreed = (part for case in "13456" for part in ("--include", f"tc{case}"))

    code, out = matrix("run", "slow", "quick", *agreed, "--minutes", "0.2")

    assert code == 3, out
    assert "slow: cut off: it took more than 12 seconds; the log says what became of the VM" in out
    assert "quick: failed" in out
    assert slow.attributes() == before
    seen = letters(matrix.folder / "slow" / "output.xml")
    assert "F" not in seen.values()
    assert list(seen.values()).count("T") == 1, "the interruption is told once"
    seen = letters(matrix.folder / "quick" / "output.xml")
    assert not [step for step in differences(quick, seen) if not step.startswith("2.")], "it is not disturbed"


@posix_only
def test_an_interruption_puts_all_vms_back_and_begins_nothing_more(
    matrix: Matrix, site: Callable[..., Site]
) -> None:
    sites = {"a": site("seconds=1,machines=1"), "b": site("seconds=1,machines=1"), "c": site()}
    before = {name: one.attributes() for name, one in sites.items()}
    for name, one in sites.items():
        matrix.add_site(name, one)
    process = matrix.start("run", *sites, "--at-once", "2", "--include", "tc3", "--include", "tc4")
    until(lambda: all(sites[name].attributes()["occi.compute.state"] == "active" for name in "ab"))
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    assert process.returncode == 130, out
    assert {name: one.attributes() for name, one in sites.items()} == before
    assert "c: not begun: the runs were interrupted before" in out
    assert out.count("cut off: it was interrupted; the log says what became of the VM") == 2
    assert not (matrix.folder / "c").exists()


@posix_only
def test_a_second_interruption_ends_at_once_and_the_next_run_puts_the_vm_back(
    matrix: Matrix, site: Callable[..., Site]
) -> None:
    slow = site("seconds=3,machines=1")
    matrix.add_site("slow", slow)
    process = matrix.start("run", "slow", "--include", "tc3")
    until(
        lambda: any(
            "3.3" in path.read_text("utf-8") for path in matrix.root.glob("results/*/slow/console.txt")
        )
    )
    process.send_signal(signal.SIGTERM)
    until(
        lambda: any(
            "putting" in path.read_text("utf-8") for path in matrix.root.glob("results/*/slow/console.txt")
        )
    )
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130, out
    assert "slow: cut off: it was interrupted; the next run on this site puts the VM back" in out
    assert len(list((matrix.root / "notes").glob("*.json"))) == 1
    read = read_results(matrix.root / "results")
    assert [(run.site, run.complete) for run in read.runs] == [("slow", False)], read.left_out
    assert {step.key: step.verdict.value for step in read.runs[0].steps} == {
        "3.1": "pass", "3.2": "pass", "3.3": "cannot tell", "3.4": "not run",
    }  # fmt: skip


@posix_only
def test_a_run_that_cannot_be_ended_is_killed(tmp_path: Path) -> None:
    suite = tmp_path / "deaf.robot"
    deaf = "__import__('signal').pthread_sigmask(0, [15])"
    suite.write_text(f"*** Test Cases ***\nDeaf\n    Evaluate    {deaf}\n    Sleep    30\n")
    process = SiteProcess("lab", tmp_path / "lab", tmp_path, Limits(run=1.5, put_back=0.3))
    process.start((), (str(suite),), tmp_path)
    until(lambda: process.look() or process.end is not None)
    assert process.end is End.CUT_OFF
    assert process.words == (
        "it took more than 1.5 seconds, and it did not end in time; the next run on this site puts the VM back"
    )


def test_what_cannot_be_run_is_one_sentence_and_nothing_is_run(matrix: Matrix) -> None:
    matrix.add("lab", OCCI_ENDPOINT="sandbox")
    for arguments, words in (
        (["run", "nope"], "There is no site 'nope'"),
        (["run"], "Name the sites to run"),
        (["run", "lab", "--all"], "not both"),
        (["run", "--all"], "There is no site of your own"),
        (["run", "lab", "--suites", "nowhere"], "There are no suites nowhere"),
        (["run", "lab", "--variable", "OCCI_PASSWORD:open-sesame"], "is set in the command line"),
    ):
        code, out = matrix.at_once(*arguments)
        assert code == 2, out
        assert words in out
        assert "open-sesame" not in out
        assert "Traceback" not in out
    assert not (matrix.root / "results").exists()


def test_a_site_without_its_password_is_not_judged_and_says_why_in_its_log(matrix: Matrix) -> None:
    matrix.add(
        "lab",
        **{
            "OCCI_ENDPOINT": "http://127.0.0.1:9/",
            "OCCI_AUTH": "basic",
            "OCCI_USERNAME": "tester",
            "OCCI_PASSWORD: Secret": "%{LAB_PASSWORD=}",
            "VM_ID": "1",
            "ECHO_HOST": "127.0.0.1",
        },
    )
    matrix.add("slip", OCCI_ENDPOINT="http://127.0.0.1:9/", VM_ID="1", ECHO_HOST="127.0.0.1", ECHO_PROT="9")
    code, out = matrix("run", "--all")
    assert code == 3, out
    assert "lab: cannot tell" in out
    assert "slip: cannot tell" in out
    said = (matrix.folder / "slip" / "output.xml").read_text("utf-8")
    assert "line 6 sets ${ECHO_PROT}, which nothing reads: probably ${ECHO_PORT} is meant" in said
    assert "${OCCI_PASSWORD} is missing" in (matrix.folder / "lab" / "output.xml").read_text("utf-8")


def test_runs_in_which_nothing_was_judged_have_not_passed_and_lie_where_they_were_to(
    matrix: Matrix, tmp_path: Path
) -> None:
    matrix.add("lab", OCCI_ENDPOINT="sandbox:seconds=0.1,machines=1")
    before = {path.name for path in matrix.root.iterdir()}
    options = (
        "--include",
        "tc4",
        "--variable",
        "TRANSITION_TIMEOUT:3 s",
        "--results",
        tmp_path / "elsewhere",
    )
    code, out = matrix("run", "lab", *options)
    assert {path.name for path in matrix.root.iterdir()} - before <= {"notes"}
    assert len(list((tmp_path / "elsewhere").glob("*/lab/log.html"))) == 1
    assert code == 3, out
    assert "lab: cannot tell: no step was judged (5 not run" in out


def test_robot_that_does_not_start_is_told_with_its_words(matrix: Matrix) -> None:
    matrix.add("lab", OCCI_ENDPOINT="sandbox")
    code, out = matrix("run", "lab", "--include", "nosuchtag")
    assert code == 3, out
    assert "lab: crashed: robot ended with 252:" in out
    assert "nosuchtag" in out


@posix_only
def test_on_a_terminal_the_runs_are_shown_in_place(matrix: Matrix) -> None:
    import os  # noqa: PLC0415
    import pty  # noqa: PLC0415
    import subprocess  # noqa: PLC0415

    pyte = pytest.importorskip("pyte")
    matrix.add("lab", OCCI_ENDPOINT="sandbox:seconds=0.5,machines=1")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "OcciLibrary.results", "run", "lab", "--include", "tc1", "--include", "tc3"],
        cwd=matrix.root,
        env={
            **os.environ,
            "OCCI_NOTES": str(matrix.root / "notes"),
            "TERM": "xterm",
            "COLUMNS": "100",
            "LINES": "30",
        },
        stdout=theirs,
        stderr=theirs,
        stdin=theirs,
    )
    os.close(theirs)
    screen = pyte.Screen(100, 30)
    stream = pyte.ByteStream(screen)
    seen: list[str] = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        stream.feed(piece)
        seen.append("\n".join(line.rstrip() for line in screen.display))
    os.close(ours)
    assert process.wait(30) == 0, seen[-1]
    assert any("lab" in shot and "of 6, 3.3 Monitor the VM state while it starts" in shot for shot in seen)
    assert "lab: passed (6 pass" in seen[-1]
    assert "3.3 Monitor" not in seen[-1], "the table is gone at the end"
