"""Footnotes: one for each wording, whatever the times in it; the numbers on the cells lead to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.results.footnotes import Footnotes
from OcciLibrary.results.matrix import build_matrix
from OcciLibrary.results.notes import Note
from OcciLibrary.results.records import Verdict
from OcciLibrary.results.writing import write_matrix
from tests.results.made_up import results, run, step

_TIMES = st.sampled_from(
    ["0.4 s", "12 s", "3 ms", "2026-03-01 12:00:01 UTC", "23:59:59", "404", "occi.1", " "]
)


def footnotes(*remarks: tuple[str, ...], notes: tuple[Note, ...] = ()) -> Footnotes:
    """Returns the footnotes of sites each of which has these remarks in step 1.1."""
    runs = [
        replace(run(site=site), steps=(step("1.1", Verdict.REMARK, remarks=told),))
        for site, told in zip("ABCDEF", remarks, strict=False)
    ]
    return Footnotes(build_matrix(results(*runs), notes))


def test_remarks_that_differ_in_times_alone_are_one() -> None:
    notes = footnotes(
        ("It was late: 12.5 s.", "GiB."),
        ("It was late: 0.4 s.",),
        ("It was late: 9 s.", "It was late: 2.0 s."),
        ("GiB.",),
    )
    assert [(note.number, note.text, note.cells) for note in notes.all] == [
        (1, "It was late: 0.4 to 12.5 s.", [("A", "1.1"), ("B", "1.1"), ("C", "1.1")]),
        (2, "GiB.", [("A", "1.1"), ("D", "1.1")]),
    ]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("waited 1 s of 5 s", "waited 3 s of 5 s", "waited 1 to 3 s of 5 s"),
        ("at '2026-03-01 09:00:00 UTC'", "at '2026-03-01 10:00:00 UTC'", "at '2026-03-01 09:00:00 to 2026-03-01 10:00:00 UTC'"),
        ("the clock says 10:00:01", "the clock says 09:59:59", "the clock says 09:59:59 to 10:00:01"),
        ("answered 404", "answered 500", None),
        ("memory 1024, which would be 1", "memory 2048, which would be 2", None),
        ("http://127.0.0.1:80 s", "http://127.0.0.1:81 s", None),
        ("version 1.1.5 s", "version 1.1.6 s", None),
    ],
)  # fmt: skip
def test_only_times_are_taken_together(one: str, other: str, together: str | None) -> None:
    assert [note.text for note in footnotes((one,), (other,)).all] == (
        [together] if together else [one, other]
    )


def test_a_note_by_a_person_is_taken_as_it_is() -> None:
    notes = footnotes(("1 s",), ("2 s",), notes=(Note("A", "1.1", "1 s", ""), Note("B", "1.1", "2 s", "")))
    assert [(note.text, note.by_a_person) for note in notes.all] == [
        ("1 to 2 s", False),
        ("1 s", True),
        ("2 s", True),
    ]


def test_remarks_of_conformance_tests_stand_on_the_pages_of_site_and_step_alone(tmp_path: Path) -> None:
    remarked = replace(step("HP1.1", Verdict.REMARK, remarks=("No title.",)), group="conformance", case="HP")
    matrix = build_matrix(results(replace(run(), steps=(remarked,))), (Note("Alpha", "HP1.1", "Known."),))
    assert [note.text for note in Footnotes(matrix).all] == ["Known."]
    write_matrix(matrix, tmp_path, tmp_path)
    having = {
        path.stem.rpartition("-")[0]
        for path in tmp_path.rglob("*.html")
        if "No title." in path.read_text("utf-8")
    }
    assert having == {"site-alpha", "step-conformance-hp1"}


@given(st.lists(_TIMES | st.text(max_size=5), max_size=6).map("".join))
def test_a_remark_alone_is_told_in_its_own_words(remark: str) -> None:
    assert [note.text for note in footnotes((remark,)).all] == [remark]
