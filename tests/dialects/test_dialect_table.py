"""The real suites against every dialect in every media type: all 29 verdicts, and what their messages say."""

from __future__ import annotations

import pytest

from OcciLibrary.sandbox.dialects.catalogue import DIALECTS
from tests.dialects.dialect_rows import AUTO, DialectRow, read_dialect_rows
from tests.dialects.print_table import PAGE, page
from tests.verdicts.site_runs import SiteRuns, check

ROWS = read_dialect_rows()


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_every_step_has_the_verdict_that_this_server_deserves(row: DialectRow, site_runs: SiteRuns) -> None:
    check(row, site_runs.of(row))


def test_every_dialect_is_in_the_table_in_its_own_choice_of_media_type() -> None:
    assert {row.dialect for row in ROWS if row.media_type == AUTO and not row.fault} == set(DIALECTS)


def test_page_is_built_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == page(ROWS), "run: python -m tests.dialects.print_table"
