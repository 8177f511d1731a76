"""Sites that lie to everybody: no conformance test believes them in what it claims to check. One run of all suites for each liar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from robot import result

from tests.conformance.suite_tests import SUITES, ConformanceTest, all_tests
from tests.runs.conftest import Robot

TESTS = {test.number: test for test in all_tests()}
# Each begins where the VM is found, or where the test before it left it: they look, and what they see is true.
_ONLY_LOOKS = re.compile(r"The (in)?active VM offers|The suspended VM offers")
# What a test says when it claims that a site refuses, does, filters or keeps what it was given apart.
_REFUSALS = re.compile(r"refused|not found|no list of")
_FILTERS = re.compile(r"filter")
_KEPT = re.compile(
    r"update .*(changes|takes effect)|A title with|several values|list of attributes|in fields of their own|"
    r"filter by attribute|has the size|is created|joins compute|source and target|values of each compute|"
    r"state of each network is"
)


@dataclass(frozen=True)
class Liar:
    """A liar as the runs know it: its fault, the edition as which it speaks, and what it does that no test may take."""

    fault: str
    dialect: str
    version: str


PORTAL = Liar("all-portal", "spec12", "1.2")
YES_MAN = Liar("all-ok", "spec12", "1.2")
DEAF = Liar("filters-ignored", "spec11", "1.1")
SWAPPER = Liar("attributes-swapped", "spec12", "1.2")
LIARS = (PORTAL, YES_MAN, DEAF, SWAPPER)


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[Liar, Future[dict[str, result.TestCase]]]]:
    with ThreadPoolExecutor(len(LIARS)) as pool:
        yield {liar: pool.submit(_run, liar, tmp_path_factory.mktemp(liar.fault)) for liar in LIARS}


def _run(liar: Liar, folder: Path) -> dict[str, result.TestCase]:
    options = f"dialect={liar.dialect},seconds=0.05,may-create=yes,fault={liar.fault}"
    variables = {
        "OCCI_ENDPOINT": f"sandbox:{options}",
        "OCCI_VERSIONS": liar.version,
        "MAY_CREATE": "True",
        "TRANSITION_TIMEOUT": "1 s",  # what is only said to be done is waited for in vain
    }
    given = [part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")]
    # The filters are asked for by GET alone; a run without changes is enough.
    level = ["--include", "read"] if liar is DEAF else []
    return Robot(folder)(*level, *given, "--log", "NONE", "--report", "NONE", SUITES).tests


def _passed(run: dict[str, result.TestCase]) -> set[str]:
    return {number for number, test in run.items() if test.status == "PASS"}


def _claiming(pattern: re.Pattern[str]) -> set[str]:
    return {number for number, test in TESTS.items() if pattern.search(test.sentence)}


def _changes(test: ConformanceTest) -> bool:
    return bool({"change", "create"} & test.tags) and not _ONLY_LOOKS.search(test.sentence)


def test_nothing_passes_on_a_portal(runs: dict[Liar, Future[dict[str, result.TestCase]]]) -> None:
    seen = runs[PORTAL].result(300)
    assert len(seen) == len(TESTS)
    assert _passed(seen) == set()


def test_no_change_and_no_refusal_passes_where_all_is_ok_and_nothing_is_done(
    runs: dict[Liar, Future[dict[str, result.TestCase]]],
) -> None:
    claims = {number for number, test in TESTS.items() if _changes(test)} | _claiming(_REFUSALS)
    assert len(claims) >= 40
    seen = runs[YES_MAN].result(300)
    assert _passed(seen) & claims == set()
    assert _passed(seen) - claims, "what it reads out is true"


def test_no_filter_passes_where_filters_are_ignored(
    runs: dict[Liar, Future[dict[str, result.TestCase]]],
) -> None:
    claims = _claiming(_FILTERS)
    assert {"HP1.3", "HP1.4", "HP2.3", "HP2.4"} <= claims
    seen = runs[DEAF].result(300)
    assert claims <= set(seen)
    assert _passed(seen) & claims == set()
    assert {"HP1.1", "HP2.1"} <= _passed(seen), "it lies about nothing else"


def test_nothing_that_is_read_back_passes_where_attributes_are_swapped(
    runs: dict[Liar, Future[dict[str, result.TestCase]]],
) -> None:
    claims = _claiming(_KEPT)
    assert {"HP2.4", "HP4.1", "HP4.2", "JS3.1", "NV4.1", "CO3.2", "IN2.1", "TX6.3"} <= claims
    seen = runs[SWAPPER].result(300)
    assert claims <= set(seen)
    assert _passed(seen) & claims == set()
    assert {"HP1.1", "HP2.1", "HP5.1"} <= _passed(seen), "it lies about nothing else"
