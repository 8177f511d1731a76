"""The conformance suites' tags are whole, and docs/conformance.md is what they say."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.conformance.dialect_runs import read_table
from tests.conformance.print_pages import PAGE, page
from tests.conformance.suite_tests import ROOT, ConformanceTest, all_tests, peer_tests

TESTS = all_tests()
SHARED = ROOT.parent / "shared"


def test_page_is_built_from_the_tags() -> None:
    assert PAGE.read_text("utf-8") == page(TESTS, peer_tests(), read_table()), (
        "run: python -m tests.conformance.print_pages"
    )


@pytest.mark.parametrize("test", TESTS, ids=[test.number for test in TESTS])
def test_each_test_says_what_it_is_about(test: ConformanceTest) -> None:
    assert "conformance" in test.tags
    assert len(test.levels) == 1, f"exactly one of read, change and create: {test.levels}"
    assert test.clauses, "no clause"
    assert re.fullmatch(r"[A-Z]{1,2}\d{1,2}\.\d{1,2}", test.number)
    for word in ("Objective", "*Clauses*", "*Passes*", "*Fails*"):
        assert word in test.documentation, word


def test_no_two_tests_have_the_same_number() -> None:
    assert [number for number, count in Counter(test.number for test in TESTS).items() if count > 1] == []


def test_every_peer_test_is_covered_or_says_why_not() -> None:
    assert [row.id for row in peer_tests() if bool(row.covered_by(TESTS)) is bool(row.why_not)] == []


def test_every_peer_tag_is_that_of_a_known_test() -> None:
    known = {row.tag for row in peer_tests()}
    patterns = [re.compile(re.escape(tag).replace(r"\*", ".*")) for tag in known if tag]
    used = {tag for test in TESTS for tag in test.peers}
    assert [tag for tag in used if not any(pattern.fullmatch(tag) for pattern in patterns)] == []


@pytest.mark.skipif(not SHARED.exists(), reason="the list of the peers' tests lies beside the project")
def test_every_row_of_the_peers_is_known() -> None:
    text = (SHARED / "peer-tests.md").read_text("utf-8")
    ids = re.findall(r"^\| ((?:OCCI|TD)/[^ |]+|ctf_\w+)", text, re.MULTILINE)
    known = {row.id for row in peer_tests()}
    assert len(ids) >= 17 + 9 + 20
    assert [one.rstrip(",") for one in ids if one.rstrip(",") not in known and one not in known] == []


@pytest.mark.skipif(not SHARED.exists(), reason="the protocol facts lie beside the project")
def test_every_clause_is_attested() -> None:
    """Each clause in a tag is cited, itself or by a part of it, where the protocol's facts are written down."""
    text = (SHARED / "occi-reference.md").read_text("utf-8")
    unattested = {
        clause
        for test in TESTS
        for clause in test.clauses
        if not _is_cited(
            *clause.split("-"), text.replace("GFD.225/226", "GFD.226").replace("GFD.225", "GFD.226")
        )
    }
    assert unattested == set()


def _is_cited(document: str, section: str, text: str) -> bool:
    """Tells whether a section of a document is cited: ``[GFD.183 §4.4.1; GFD.185 §3.1, §3.4.2-4]``."""
    for found in re.finditer(rf"{re.escape(document)}((?: §[\d.]+(?:-[\d.]+)?,?)+)", text):
        if section in _sections(found[1]):
            return True
    return False


def _sections(cited: str) -> set[str]:
    sections = set()
    for first, last in re.findall(r"§([\d.]+\d|\d)(?:-([\d.]+))?", cited):
        sections.add(first)
        if last:
            stem, _, begin = first.rpartition(".")
            end = last.rpartition(".")[2]
            sections |= (
                {f"{stem}.{number}" for number in range(int(begin), int(end) + 1)}
                if begin.isdigit()
                else set()
            )
    return sections
