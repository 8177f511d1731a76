"""`occi-matrix` as people type it: what it writes, what it says, what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from OcciLibrary.results import commands
from OcciLibrary.results.command_line import application
from OcciLibrary.results.notes import Note, NotesError, add_note, is_web_address, read_notes


def occi_matrix(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "OcciLibrary.results", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={**os.environ, **(environment or {})},
    )


def test_build_and_note(results: Path) -> None:
    (results / "theirs.xml").write_text("<testsuite/>")
    done = occi_matrix("build", results)
    assert (done.returncode, done.stdout) == (0, f"7 runs on 4 sites: {results / 'index.html'}\n")
    assert (
        done.stderr
        == "theirs.xml is left out: it is no output of Robot Framework, but a file of <testsuite>.\n"
    )
    assert not [path for path in results.rglob("index.html") if path.parent != results]
    noted = occi_matrix(
        "note", "Alpha", "4.4", 'They "know" it.', "--bug", "https://b.example/1", "--results", results
    )
    assert noted.returncode == 0, noted.stderr
    assert read_notes(results / "notes.toml") == (
        Note("Alpha", "4.4", 'They "know" it.', "https://b.example/1"),
    )
    occi_matrix("build", results)
    assert "They &#34;know&#34; it." in (results / "index.html").read_text("utf-8")
    told = json.loads((results / "matrix.json").read_text("utf-8"))
    noted_steps = [
        step for site in told["sites"] for case in site["cases"] for step in case["steps"] if step["notes"]
    ]
    assert [step["key"] for step in noted_steps] == ["4.4"]


def test_rehearsals_can_be_left_out(results: Path, tmp_path: Path) -> None:
    done = occi_matrix("build", results, "--no-rehearsals", "--output", tmp_path / "out")
    assert done.stdout.startswith("1 run on 1 site: ")
    assert not (results / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("build", "nowhere"), "There is no folder nowhere."),
        (("build", "{empty}"), "There is no run in "),
        (("build", "{results}", "--suites", "nowhere"), "There is no folder of suites nowhere."),
        (("build", "{results}", "--output", "{results}/alpha/1/log.html/x"), "The matrix cannot be built: "),
        (("note", "Omega", "4.4", "x", "--results", "{results}"), "There is no run on a site 'Omega' in "),
        (
            ("note", "Alpha", "7.1", "x", "--results", "{results}"),
            "has a step '7.1'; a step's number is like 4.4.",
        ),
        (
            ("note", "Alpha", "4.4", " ", "--results", "{results}"),
            "The note is not added: 'text' is missing.",
        ),
        (
            ("note", "Alpha", "4.4", "x", "--bug", "javascript:x", "--results", "{results}"),
            "is no web address",
        ),
        (("note", "Alpha", "4.4", "x", "--results", "nowhere"), "nowhere"),
    ],
    ids=str,
)
def test_slips_are_told_in_one_sentence(
    results: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "empty").mkdir()
    told = [argument.format(results=results, empty=tmp_path / "empty") for argument in arguments]
    done = CliRunner().invoke(application(told[:1]), told)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert words in done.output
    assert done.output.count("\n") == 1


def test_help_names_every_command() -> None:
    modules = {path.stem for path in Path(commands.__path__[0]).glob("[a-z]*.py")}
    told = CliRunner().invoke(application(), ["--help"]).output
    assert all(f"\n  {module} " in told for module in modules)
    assert "a step of a site" in occi_matrix("note", "--help").stdout  # as its own module alone


def test_without_the_extra_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "tomlkit.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'tomlkit'\", name='tomlkit')"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = occi_matrix("build", environment={"PYTHONPATH": path})
    assert done.returncode == 1
    assert done.stderr.startswith("occi-matrix needs the package tomlkit: install the kit's extra with")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[note]\n", "notes.toml cannot be read: "),
        ('site = "x"', "'site' is not known here; a note begins with [[note]]."),
        ('note = "x"', "a note begins with [[note]], in two pairs of brackets."),
        ('[note]\nsite = "x"', "a note begins with [[note]], in two pairs of brackets."),
        ('\n\n[[note]]\nsite = "A"\n', "the note in line 3: 'step' is missing; the note in line 3: 'text' is missing."),
        ('[[note]]\nsite = "A"\nstep = 4.4\ntext = "x"', "the note in line 1: 'step' is not text in quotes."),
        ('# a\n[[note]]\nside = "A"', "the note in line 2: 'side' is not known; known are site, step, text, bug."),
        ('[[note]]\nsite="A"\nstep="4.4"\ntext="x"\nbug="ftp://x"', "the note in line 1: the bug 'ftp://x' is no web address"),
        ('[[note]]\nsite="A"\nstep="4.4"\ntext="%s"' % ("x" * 3000), "'text' is longer than 2000 characters."),
        ("\x00", "notes.toml cannot be read: "),
    ],
    ids=range(10),
)  # fmt: skip
def test_slips_in_the_notes_are_told_by_their_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "notes.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(NotesError) as told:
        read_notes(path)
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_slips_in_the_notes_stop_a_build(results: Path) -> None:
    (results / "notes.toml").write_text('[[note]]\nsite = "Alpha"\n')
    done = occi_matrix("build", results)
    assert done.returncode == 1
    assert "the note in line 1: 'step' is missing" in done.stderr
    assert not (results / "index.html").exists()


def test_adding_a_note_leaves_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "notes.toml"
    mine = (
        '# My notes\n\n[[note]]   # the first\nsite = "A"\nstep="4.4"\ntext = """two\nlines"""  \n\n# the end'
    )
    path.write_text(mine, "utf-8")
    add_note(path, Note("Béta", "1.1", "x"))
    assert path.read_text("utf-8").startswith(mine)
    assert [note.site for note in read_notes(path)] == ["A", "Béta"]


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).map(str.strip).filter(bool)


@given(WORDS, WORDS, WORDS)
def test_any_words_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, site: str, step: str, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-notes.toml"
    path.unlink(missing_ok=True)
    add_note(path, Note(site, step, text))
    add_note(path, Note(text, site, step, "https://x.example/"))
    assert read_notes(path) == (Note(site, step, text), Note(text, site, step, "https://x.example/"))


@pytest.mark.parametrize(
    "text",
    ["", "x", "javascript:alert(1)", "HTTPS:", "https://", "http:///x", "//x.example", "https://x y", 'https://x/"', "https://x/<", "https://[x", "http://x\n", "data:,x", " https://x"],
)  # fmt: skip
def test_what_is_no_web_address(text: str) -> None:
    assert not is_web_address(text)


def test_what_is_a_web_address() -> None:
    assert all(
        map(is_web_address, ["https://x.example", "http://x:8080/a?b=c&d=(e)#f", "HTTPS://X.example/é"])
    )
