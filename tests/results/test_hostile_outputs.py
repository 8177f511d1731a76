"""Outputs that are broken, foreign or hostile: one sentence each, and the others are read all the same."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.results.output_tree import Output, UnreadableError
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.recognition import runs_in
from OcciLibrary.results.records import Verdict
from OcciLibrary.results.robot_json import read_json
from OcciLibrary.results.robot_xml import read_xml

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
LAUGHS = (
    HEAD
    + '<!DOCTYPE robot [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + ']><robot generator="Robot 7.5"><suite name="&i;"></suite></robot>'
)
WRONG = {
    "empty.xml": ("", "it is empty"),
    "words.xml": ("Dear tester,", "it is not well-formed XML (line 1)"),
    "xunit.xml": (
        HEAD + '<testsuite name="x"/>',
        "it is no output of Robot Framework, but a file of <testsuite>",
    ),
    "laughs.xml": (LAUGHS, "it has a document type"),
    "outside.xml": (HEAD + '<!DOCTYPE r SYSTEM "file:///etc/passwd"><robot/>', "it has a document type"),
    "anonymous.xml": (HEAD + "<robot><suite/></robot>", "it does not say that Robot Framework wrote it"),
    "crossed.xml": (
        HEAD + '<robot generator="Robot 7.5"><suite></robot>',
        "it is not well-formed XML (line 2)",
    ),
    "begun.xml": (HEAD + '<robot generator="Robot 7.5">', "it ends before anything was run"),
    "deep.xml": (
        HEAD + '<robot generator="Robot 7.5">' + "<suite>" * 60,
        "it has suites in more than 50 others",
    ),
    "nested.xml": (HEAD + '<robot generator="Robot 7.5"><suite>' + "<kw>" * 3000, "nested deeper than any"),
    "flood.xml": (
        HEAD + '<robot generator="Robot 7.5"><suite>' + "<test/>" * 30_000,
        "it has more than 20000 tests",
    ),
    "utf16.xml": ("\ud800", "it is not well-formed XML"),
    "cut.json": ('{"generator":"Robot 7.5","suite":{"name":', "it is not JSON, or its end is missing"),
    "list.json": (
        '{"generator":"Robot 7.5","suite":[1,2]}',
        "its 'suite' is not what Robot Framework writes there",
    ),
    "type.json": ('{"generator":"Robot 7.5","suite":{"tests":[3]}}', "its suites and tests are not what"),
    "number.json": ('{"generator":"Robot 7.5","suite":{"name":7}}', "its 'name' is not what"),
    "deep.json": (
        '{"generator":"Robot 7.5","suite":' + '{"suites":[' * 5000,
        "it is not JSON, or its end is missing",
    ),
}


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


@pytest.mark.parametrize("name", WRONG)
def test_each_is_told_in_one_sentence_and_the_others_are_read(results: Path, name: str) -> None:
    text, why = WRONG[name]
    written(results, name, text)
    read = read_results(results)
    (told,) = read.left_out
    assert told.path == name
    assert told.why.startswith(why) or why in told.why
    assert "\n" not in told.why
    assert "Traceback" not in told.why
    assert len(read.runs) == 7


def test_outputs_of_other_suites_and_older_versions_break_nothing(results: Path) -> None:
    theirs = Path(__file__).with_name("strangers")
    for output in theirs.glob("*.xml"):
        shutil.copy(output, results)
    read = read_results(results)
    assert {one.path: one.why for one in read.left_out} == {
        f"robot-{version}.xml": f"it is no run of this kit (written by Robot {version} (Python 3.11.7 on linux))"
        for version in ("3.2.2", "4.1.3", "5.0.1", "6.1.1", "7.0.1")
    }
    assert len(read.runs) == 7


def test_json_of_others_is_nobodys_business(results: Path) -> None:
    written(results, "package.json", '{"name": "robot"}')
    assert read_results(results).left_out == ()


def test_what_is_no_file_is_passed_by(results: Path) -> None:
    os.mkfifo(results / "pipe.xml")
    (results / "gone.xml").symlink_to("nowhere")
    (results / "folder.xml").mkdir()
    (results / "endless.xml").symlink_to("/dev/zero")
    assert len(read_results(results).runs) == 7


def test_a_run_of_real_suites_that_are_not_ours_is_left_out(tmp_path: Path) -> None:
    suite = tmp_path / "theirs.robot"
    suite.write_text("*** Test Cases ***\n4.4 Not ours\n    [Tags]    agreed    tc4\n    No Operation\n")
    command = [
        sys.executable,
        "-m",
        "robot",
        "--outputdir",
        tmp_path,
        "--log",
        "NONE",
        "--report",
        "NONE",
        suite,
    ]
    subprocess.run(command, capture_output=True, check=True)
    (told,) = read_results(tmp_path).left_out
    assert told.why == "it is a dry run of the kit's suites: nothing was tested"
    output = tmp_path / "output.xml"
    output.write_text(output.read_text("utf-8").replace("<tag>agreed</tag>", ""), "utf-8")
    (told,) = read_results(tmp_path).left_out
    assert told.why.startswith("it is no run of this kit (written by Robot 7")


def test_a_verdict_that_the_status_contradicts_is_none(results: Path) -> None:
    output = results / "alpha/2/output.xml"
    text = output.read_text("utf-8")
    assert text.count('name="Verdict">fail<') == 1
    output.write_text(text.replace('name="Verdict">fail<', 'name="Verdict">pass<'), "utf-8")
    run = next(run for run in read_results(results).runs if run.output == "alpha/2/output.xml")
    step = next(step for step in run.steps if step.key == "2.6")
    assert step.verdict is Verdict.CANNOT_TELL
    assert "contradicts itself" in step.message


def test_one_piece_without_end_is_refused_in_little_memory(results: Path) -> None:
    with (results / "piece.xml").open("w") as file:
        file.write(HEAD + '<robot generator="Robot 7.5"><suite name="')
        for _ in range(30):
            file.write("x" * 1_000_000)
    (told,) = read_results(results).left_out
    assert told.why == "one piece of it is larger than any that Robot Framework writes"


def test_endless_messages_are_read_in_little_memory(tmp_path: Path, made: Path) -> None:
    output = (made / "alpha/1/output.xml").read_text("utf-8")
    place = output.index("<msg ")
    with (tmp_path / "output.xml").open("w", encoding="utf-8") as file:
        file.write(output[:place])
        for _ in range(60):
            file.write(f'<msg time="2026-01-01T00:00:00" level="INFO">{"A listing. &amp;" * 70_000}</msg>\n')
        file.write(output[place:])
    script = (
        "import re, sys; from pathlib import Path; from OcciLibrary.results.reading import read_results;"
        "runs = read_results(Path(sys.argv[1])).runs;"
        "print(len(runs[0].steps), int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1024)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True
    )
    steps, megabytes = map(int, told.stdout.split())
    assert steps == 31
    assert megabytes < 60


def test_output_cut_anywhere_is_read_or_told(made: Path, tmp_path: Path) -> None:
    whole = (made / "alpha/2/output.xml").read_bytes()
    numbers = random.Random(5)
    for length in sorted(numbers.randrange(len(whole)) for _ in range(40)):
        path = tmp_path / "output.xml"
        path.write_bytes(whole[:length])
        try:
            (run,) = runs_in(read_xml(path))
        except UnreadableError as why:
            assert length < 15_000, why  # noqa: PT017 -- before the run has said who it is
        else:
            assert not run.complete
            assert run.site == "Alpha"
            assert all(step.verdict is Verdict.PASS for step in run.steps[:-1] if step.key != "2.6")


@pytest.mark.parametrize("beyond", [0, 1, 5, 12, 20])
def test_output_closed_in_the_middle_is_of_a_run_that_was_cut_off(
    made: Path, tmp_path: Path, beyond: int
) -> None:
    whole = (made / "alpha/2/output.xml").read_bytes()
    begun, closed = whole[: whole.index(b'name="4.3') + 400], b"<errors>\n</errors>\n</robot>\n"
    begun = begun[: begun.rindex(b"<")]
    path = tmp_path / "output.xml"
    # The file's end lies across the border of two pieces in which it is read.
    blanks = b" " * ((beyond - len(begun) - len(closed)) % 65_536)
    path.write_bytes(begun + blanks + closed)
    (run,) = runs_in(read_xml(path))
    assert not run.complete
    assert (run.steps[-1].key, run.steps[-1].verdict) == ("4.2", Verdict.PASS)
    path.write_bytes(begun + closed + b"<x/>")
    with pytest.raises(UnreadableError, match="mismatched tag"):
        read_xml(path)
    path.write_bytes(begun + b"</suite>" + closed)
    with pytest.raises(UnreadableError, match="mismatched tag"):
        read_xml(path)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    for head in (
        b"",
        b'<robot generator="Robot 7.5"><suite name="a">',
        b'{"generator":"Robot 7.5","suite":{',
    ):
        path.write_bytes(head + data)
        for reader in (read_xml, read_json):
            try:
                assert isinstance(reader(path), Output)
            except UnreadableError as why:
                assert str(why)  # noqa: PT017


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "suite",
                    "suites",
                    "tests",
                    "name",
                    "metadata",
                    "tags",
                    "status",
                    "setup",
                    "body",
                    "message",
                    "id",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(_ANY_JSON)
def test_any_json_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps({"generator": "Robot 7.5", "suite": data}))
    try:
        runs_in(read_json(path))
    except UnreadableError as why:
        assert re.match(r"[a-z]", str(why))  # noqa: PT017


def test_a_second_read_uses_what_was_kept_and_a_damaged_cache_does_no_harm(results: Path) -> None:
    first = read_results(results)
    cache = results / ".occi-matrix-cache.json"
    kept = cache.read_bytes()
    assert read_results(results) == first
    assert cache.read_bytes() == kept
    changed = json.loads(kept)
    changed["files"]["alpha/1/output.xml"][2][0]["site"] = "Kept"
    cache.write_text(json.dumps(changed))
    assert "Kept" in {run.site for run in read_results(results).runs}
    os.utime(results / "alpha/1/output.xml")
    assert "Kept" not in {run.site for run in read_results(results).runs}
    for damaged in (
        b"",
        b"{",
        b"[]",
        b'{"format": "0"}',
        kept[:-20],
        kept.replace(b'"verdict"', b'"verdikt"'),
        b"[" * 9999,
    ):
        cache.write_bytes(damaged)
        assert read_results(results) == first
