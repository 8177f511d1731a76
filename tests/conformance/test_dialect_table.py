"""The conformance suites against the sandbox's dialects: every verdict, and a clause for each complaint."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from OcciLibrary.sandbox.dialects.catalogue import DIALECTS
from tests.conformance.dialect_runs import Seen, SiteRow, SiteRuns, read_table
from tests.conformance.suite_tests import all_tests

ROWS = read_table()
TESTS = all_tests()
CLAUSE = re.compile(r"(GFD\.\d{3}|RFC \d{4}) §\d")
# Nearly the same as another dialect: run when the whole table is asked for.
TWINS = ("rocci1", "rocci1-ec2", "rocci2-one", "ooi-python3", "snf-pyssf")
BY_THE_BOOK = ("spec11", "spec12")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[SiteRuns]:
    every = request.config.getoption("--every-dialect")
    chosen = [row for row in ROWS if every or row.dialect not in TWINS]
    running = SiteRuns(chosen, tmp_path_factory.mktemp("sites"))
    yield running
    running.close()


@pytest.fixture
def seen(runs: SiteRuns, row: SiteRow, request: pytest.FixtureRequest) -> Seen:
    if row.dialect in TWINS and not request.config.getoption("--every-dialect"):
        pytest.skip("nearly the same as another dialect: --every-dialect runs it")
    return runs.of(row)


@pytest.mark.parametrize("row", ROWS, ids=[row.dialect for row in ROWS])
def test_every_verdict_is_the_one_in_the_table_and_every_complaint_cites_a_clause(
    row: SiteRow, seen: Seen
) -> None:
    wrong = {
        number: f"{letter}: {seen.messages[number]}"
        for number, letter in seen.by_test.items()
        if letter not in row.allowed(number)
    }
    assert not wrong, "\n".join(f"{number} {what}" for number, what in wrong.items())
    without = [
        f"{number}: {line}"
        for number, letter in seen.by_test.items()
        if letter in "FR"
        for line in _complaints(letter, seen.messages[number])
        if not CLAUSE.search(line)
    ]
    assert without == []
    assert "Traceback" not in seen.console
    assert "[ ERROR ]" not in seen.console


def _complaints(letter: str, message: str) -> list[str]:
    """Returns each remark of a message, and the whole of a failure, which may have several lines."""
    lines = [line for line in message.splitlines() if line.startswith("Remark: ")]
    remarks = [line for line in lines if not line.endswith("more of the kind.")]
    return remarks if letter == "R" else [message, *remarks]


def test_every_dialect_and_every_test_is_in_the_table() -> None:
    assert {row.dialect for row in ROWS} == set(DIALECTS)
    for row in ROWS:
        assert row.numbers() == sorted(test.number for test in TESTS), (
            f"{row.dialect}: run python -m tests.conformance.print_verdicts, and read what changed"
        )


def test_a_site_by_the_book_passes_all_that_its_version_has() -> None:
    for row in ROWS:
        if row.dialect in BY_THE_BOOK:
            assert set("".join(row.letters.values())) <= {"P", "N"}, row.dialect


def test_a_site_of_the_newest_version_passes_everything() -> None:
    newest = next(row for row in ROWS if row.dialect == "spec12")
    assert set("".join(newest.letters.values())) == {"P"}
