"""Which run a cell is of, what it says, and what is new, flaky or edited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from OcciLibrary.results.history import transition_times
from OcciLibrary.results.matrix import (
    CaseCell,
    Matrix,
    Site,
    build_matrix,
    deciding_steps,
    natural,
    slug,
    verdict_of_run,
)
from OcciLibrary.results.notes import Note
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.records import Step, Verdict
from OcciLibrary.results.suites_here import KIT, fingerprints_below
from tests.results.made_up import results, run, step
from tests.results.real_runs import STRANGE

NOTHING = "TS SSSSSS SSSS SSSSS SSSSSSS SSSSS"
START_FAILS = "PP PPPPPP PPFS SSSSS SSSSSSS SSSSS"


def site(matrix: Matrix, name: str = "Alpha") -> Site:
    return next(site for site in matrix.sites if site.name == name)


def case(matrix: Matrix, key: str, name: str = "Alpha") -> CaseCell:
    return next(cell for cell in site(matrix, name).cases if cell.case.key == key)


def test_real_runs_give_the_matrix_that_they_deserve(made: Path) -> None:
    matrix = build_matrix(read_results(made), (), fingerprints_below(KIT))
    assert [one.name for one in matrix.sites] == ["Alpha", STRANGE, "Delta", "Gamma"]
    assert matrix.testers == ("FZJ", "GRNET", "Oxford")
    assert [group.tag for group in matrix.groups] == ["agreed", "reference-vm"]
    assert len(matrix.steps) == 31
    verdicts = {
        one.name: [
            cell.verdict.value if cell.verdict else "" for cell in one.cases if cell.case.group == "agreed"
        ]
        for one in matrix.sites
    }
    good = ["pass"] * 6
    assert verdicts["Gamma"] == [
        "pass with remark",
        *good[1:],
    ]  # the wrong password of the second run hides nothing
    assert verdicts["Alpha"] in (good, ["pass", "fail", *good[2:]])  # whichever of the two began last
    assert verdicts["Delta"] == ["pass", "pass", "pass", "pass", "", ""]
    assert case(matrix, "R1", "Gamma").verdict is Verdict.NOT_OFFERED
    marked = {one.site for one in matrix.runs if matrix.is_edited(one)}
    assert marked == {"Alpha", "Gamma"}  # these ran a suite more, which is not the kit's


def test_the_latest_run_that_tells_decides() -> None:
    matrix = build_matrix(results(run(day=0), run(START_FAILS, day=1), run(NOTHING, day=2)))
    assert case(matrix, "3").verdict is Verdict.FAIL
    assert case(matrix, "4").verdict is Verdict.NOT_RUN  # not the pass of the day before
    assert {cell.run.run_id for cell in site(matrix).cases if cell.run} == {"Alpha Oxford 1"}


def test_where_nothing_was_ever_told_the_matrix_says_so() -> None:
    matrix = build_matrix(results(run(NOTHING)))
    assert case(matrix, "1").verdict is Verdict.CANNOT_TELL
    assert case(matrix, "2").verdict is Verdict.NOT_RUN


def test_a_case_that_was_not_run_to_its_end_passes_in_no_way() -> None:
    cut_off = run("PP PPPPPP PP.. ..... ....... .....", day=1, complete=False)
    assert case(build_matrix(results(cut_off)), "3").verdict is Verdict.CANNOT_TELL
    assert case(build_matrix(results(cut_off)), "4").verdict is None
    both = build_matrix(results(run(day=0), cut_off))
    assert case(both, "3").run == run(day=0)
    assert case(both, "2").run == cut_off


@pytest.mark.parametrize("why", ["the run was interrupted in '3.2 Start'.", "see '3.2 Start'."])
def test_a_run_that_was_stopped_hides_no_verdict_of_what_it_did_not_reach(why: str) -> None:
    stopped = run("PP PPPPPP PTSS SSSSS SSSSSSS SSSSS", day=1, message=f"Not run: {why}")
    matrix = build_matrix(results(run(day=0), stopped))
    assert case(matrix, "2").run == stopped
    for key in ("3", "4", "5", "6"):
        assert (case(matrix, key).verdict, case(matrix, key).run) == (Verdict.PASS, run(day=0))
    assert case(build_matrix(results(stopped)), "5").verdict is Verdict.NOT_RUN
    between = run("PP PPPPPP PPPP PPSSS SSSSSSS SSSSS", day=1, message=f"Not run: {why}")
    assert case(build_matrix(results(run(day=0), between)), "4").verdict is Verdict.PASS
    failed = run("PP PPPPPP PPPP PFSSS SSSSSSS SSSSS", day=1, message=f"Not run: {why}")
    assert case(build_matrix(results(run(day=0), failed)), "4").verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("letters", "verdict"),
    [
        ("PPPP", Verdict.PASS),
        ("PRPP", Verdict.REMARK),
        ("PRNP", Verdict.NOT_OFFERED),
        ("PPFS", Verdict.FAIL),
        ("SSSS", Verdict.NOT_RUN),
        ("PTSS", Verdict.CANNOT_TELL),
        ("PFTS", Verdict.FAIL),
        ("PP.P", Verdict.CANNOT_TELL),
    ],
)
def test_a_case_is_as_bad_as_its_worst_step(letters: str, verdict: Verdict) -> None:
    matrix = build_matrix(results(run(f"PP PPPPPP {letters} PPPPP PPPPPPP PPPPP")))
    assert case(matrix, "3").verdict is verdict


def test_a_killed_run_as_a_whole_cannot_be_told() -> None:
    assert verdict_of_run(run(complete=False)) is Verdict.CANNOT_TELL
    assert verdict_of_run(run(START_FAILS, complete=False)) is Verdict.FAIL


def conformance(**verdicts: Verdict) -> tuple[Step, ...]:
    """Returns steps of conformance tests by their numbers, HP1_2 for HP1.2."""
    steps = [(key.replace("_", "."), verdict) for key, verdict in verdicts.items()]
    return tuple(
        replace(step(key, verdict), group="conformance", case=key.rstrip("0123456789."))
        for key, verdict in steps
    )


def test_conformance_has_a_column_for_each_document_and_skipped_tests_only_count() -> None:
    skipped = {
        "HP1_1": Verdict.PASS,
        "HP1_2": Verdict.NOT_OFFERED,
        "HP2_1": Verdict.NOT_RUN,
        "CO1_1": Verdict.FAIL,
    }
    none = {
        "CO1_2": Verdict.NOT_RUN,
        "TX1_1": Verdict.NOT_RUN,
        "NV1_1": Verdict.NOT_OFFERED,
        "NV1_2": Verdict.REMARK,
    }
    matrix = build_matrix(results(replace(run(), steps=conformance(**skipped, **none))))
    cells = [cell for cell in site(matrix).cases if cell.case.group == "conformance"]
    assert [(one.case.key, one.verdict, one.passed) for one in cells] == [
        ("CO", Verdict.FAIL, 0),
        ("HP", Verdict.PASS, 1),
        ("TX", Verdict.NOT_RUN, 0),
        ("NV", Verdict.REMARK, 1),
    ]


def test_a_run_is_judged_by_the_agreed_steps_where_it_has_some() -> None:
    more = conformance(HP1_1=Verdict.FAIL, HP1_2=Verdict.NOT_RUN)
    both = replace(run(), steps=(*run().steps, *more))
    assert (verdict_of_run(both), len(deciding_steps(both))) == (Verdict.PASS, 29)
    assert verdict_of_run(replace(run(), steps=more)) is Verdict.FAIL
    assert (
        verdict_of_run(replace(run(), steps=conformance(HP1_1=Verdict.PASS, HP1_2=Verdict.NOT_RUN)))
        is Verdict.PASS
    )
    assert verdict_of_run(run("PS SSSSSS SSSS SSSSS SSSSSSS SSSSS")) is Verdict.NOT_RUN


def test_new_since_the_last_run() -> None:
    matrix = build_matrix(results(run(day=0), run(START_FAILS, day=1), run(NOTHING, day=2)))
    changes = {one.step.key: (one.before, one.step.verdict) for one in site(matrix).changes}
    assert changes["3.3"] == (Verdict.PASS, Verdict.FAIL)
    assert "3.1" not in changes
    assert site(build_matrix(results(run()))).changes == ()


def test_flaky_is_what_turns_twice() -> None:
    def flaky(*letters: str) -> dict[str, tuple[int, int]]:
        runs = (
            run(f"P{letter} PPPPPP PPPP PPPPP PPPPPPP PPPPP", day=day) for day, letter in enumerate(letters)
        )
        return {one.step.key: (one.failed, one.of) for one in site(build_matrix(results(*runs))).flaky}

    assert flaky(*"PFP") == {"1.2": (1, 3)}
    assert flaky(*"PPFF") == {}  # broke, once
    assert flaky(*"PTPSR") == {}  # not told is not failed
    assert flaky(*"FP", *"P" * 10) == {}  # long ago


def test_since_when_a_verdict_stands() -> None:
    letters = ("P", "F", "F", "T", "F")
    runs = [run(f"P{letter} PPPPPP PPPP PPPPP PPPPPPP PPPPP", day=day) for day, letter in enumerate(letters)]
    runs[3] = run(NOTHING, day=3)
    alpha = site(build_matrix(results(*runs)))
    first = {cell.title.key: alpha.since_before(cell.title, runs[-1]) for cell in alpha.cases[0].steps}
    assert first == {"1.1": runs[0], "1.2": runs[1]}
    assert alpha.since_before(alpha.cases[0].steps[1].title, runs[1]) is None


def test_suites_that_differ_are_marked() -> None:
    known = {"a/b.robot": "0"}
    matrix = build_matrix(
        results(run(), run(day=1, fingerprints=(("a/b.robot", "1"),)), run(day=2, fingerprints=())), (), known
    )
    assert [matrix.is_edited(one) for one in matrix.runs] == [False, True, True]
    assert not any(map(build_matrix(results(run(fingerprints=()))).is_edited, matrix.runs))


def test_notes_stand_on_their_cell_and_those_without_one_are_told() -> None:
    notes = (Note("Alpha", "4.4", "Known"), Note("Nowhere", "4.4", "x"), Note("Alpha", "9.9", "y"))
    matrix = build_matrix(results(run(START_FAILS)), notes)
    noted = [cell.title.key for one in site(matrix).cases for cell in one.steps if cell.notes]
    assert noted == ["4.4"]
    assert [words.split("site ")[1] for words in matrix.notes_without_cell()] == [
        "'Nowhere', step '4.4'.",
        "'Alpha', step '9.9'.",
    ]


def test_transition_times_are_of_the_first_step_that_watched() -> None:
    first = replace(run(), steps=(step("3.3", Verdict.PASS, took=1.5), step("3.4", Verdict.PASS, took=9.0)))
    second = replace(run(day=1), steps=(step("3.3", Verdict.FAIL, took=7.0),))
    third = replace(run(day=2), steps=(step("3.3", Verdict.REMARK, took=2.5),))
    (times,) = transition_times([first, second, third])
    assert (times.step.key, times.action, times.points) == ("3.3", "start", ((0, 1.5), (2, 2.5)))


def test_names_sort_and_are_written_so_that_none_is_another() -> None:
    assert sorted(["2.10", "2.9", "R1", "10", "D2", "D10"], key=natural) == [
        "2.9",
        "2.10",
        "10",
        "D2",
        "D10",
        "R1",
    ]
    assert sorted(["³", "2", "٣", "x"], key=natural) == ["2", "٣", "x", "³"]
    names = [
        "³",
        "٣",
        "٤.٤",
        "Alpha",
        "alpha",
        "Älpha",
        "../alpha",
        "alpha/",
        "",
        "日本",
        "中国",
        "a" * 100,
        "a" * 101,
    ]
    assert len({slug(name) for name in names}) == len(names)
    assert all(set(slug(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)
    assert slug("alpha") == "alpha"
    assert slug("4.4") == "4-4"
