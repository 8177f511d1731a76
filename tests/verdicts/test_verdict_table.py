"""The real suites against every fault of the sandbox: all 29 verdicts, and what their messages say."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from OcciLibrary.sandbox.fault import CONFORMANCE, DISCUSSION, MACHINE
from OcciLibrary.sandbox.faults import FAULTS
from tests.verdicts.print_table import PAGE, page
from tests.verdicts.rule_switch import switched_off
from tests.verdicts.site_runs import ROOT, Row, SiteRuns, check, read_table
from tests.verdicts.switch_off_rules import RULES

ROWS = read_table()
WIKI_FAILS = (
    "1.1",
    "1.2",
    "2.1",
    "2.6",
    "3.1",
    "3.3",
    "3.4",
    "4.3",
    "4.4",
    "4.5",
    "5.3",
    "5.4",
    "5.6",
    "5.7",
    "6.2",
    "6.5",
)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_every_step_has_the_verdict_that_the_site_deserves(row: Row, site_runs: SiteRuns) -> None:
    check(row, site_runs.of(row))


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_every_failure_says_what_was_expected_and_whom_to_ask(row: Row, site_runs: SiteRuns) -> None:
    for step, letter in site_runs.of(row).letters.items():
        message = site_runs.of(row).messages[step]
        if letter == "F":
            assert "xpected" in message, f"{row.name}, {step}: {message}"
        if letter == "S":
            assert re.match(r"Not run: |The VM must be in state", message), f"{row.name}, {step}: {message}"
        if letter == "F" and step in ("3.3", "4.3", "4.4", "5.3", "5.6", "6.5"):
            assert re.search(r"lease ask the site's admin|sk the site's admin|sk its admin", message), message


def test_every_fault_has_a_row_and_every_row_a_fault() -> None:
    single = Counter(row.fault for row in ROWS if row.fault and "+" not in row.fault and not row.variant)
    # No agreed step updates an active VM, and tests/sandbox/test_hot_change_faults.py shows that these do nothing else;
    # none looks into the machine, which tests/reference_vm_suites/ do; none filters, which tests/conformance/ do.
    assert single == Counter(
        fault.name for fault in FAULTS if fault.aimed_at not in (CONFORMANCE, DISCUSSION, MACHINE)
    )
    assert sum(not row.fault for row in ROWS) >= 1


def test_every_fail_if_of_the_wiki_fails_on_two_sites_at_least_and_passes_on_others() -> None:
    for step in WIKI_FAILS:
        assert sum(row.expected[step] == "F" for row in ROWS) >= 2, step
        assert sum(row.expected[step] == "P" for row in ROWS) >= 2, step


def test_each_fault_fails_the_step_that_it_is_aimed_at_unless_the_table_says_why_not() -> None:
    aimed = {fault.name: fault.aimed_at for fault in FAULTS}
    for row in ROWS:
        if row.fault not in aimed:
            continue
        step = aimed[row.fault]
        if step == "weather":
            assert set(row.expected.values()) <= {"P", "R"} or (row.variant and row.because), row.name
        elif row.expected[step] not in "FT":
            assert row.because, row.name


def test_page_is_built_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == page(ROWS), "run: python -m tests.verdicts.print_table"
    assert PAGE.parent == ROOT / "docs"


def test_every_rule_of_the_mutation_check_is_where_it_says_and_is_guarded_by_rows() -> None:
    names = {row.name for row in ROWS}
    for rule in RULES:
        function, code = switched_off(rule)
        assert code.co_code != function.__code__.co_code or code.co_consts != function.__code__.co_consts, (
            rule.name
        )
        assert set(rule.guards) <= names, rule.name
