"""Where the matrix goes in a wiki page: between the marks, and not a character of the rest changes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from OcciLibrary.results import mediawiki
from OcciLibrary.results.wiki_section import BEGIN, END, SectionUnclear, normalised, with_section
from tests.results.test_written_forms import TEXTS

PIECES = st.sampled_from(
    [
        "== A ==",
        "=== B ===",
        "\n",
        "== OCCI test matrix ==\n",
        "<nowiki>",
        "</nowiki>",
        "<!--",
        "-->",
        "<pre>",
        "&#8203;",
        "\t",
    ]
)
HEADING = "== OCCI test matrix ==\n\n"
PAGES = st.lists(PIECES | st.text(max_size=20), max_size=10).map("".join)
BODIES = TEXTS.map(mediawiki.plain)


@given(PAGES, PAGES, BODIES, BODIES)
def test_the_rest_of_any_page_stays(before: str, after: str, old: str, new: str) -> None:
    page = f"{before}{BEGIN}\n{old}\n{END}{after}"
    assert with_section(page, new) == f"{before}{BEGIN}\n{normalised(new)}\n{END}{after}"


@given(PAGES, BODIES, BODIES)
@example("== OCCI test matrix ==\n", "", "")
@example("<!--\n== OCCI test matrix ==\n-->", "", "")
def test_a_page_without_marks_gets_a_section_and_keeps_its_text(page: str, first: str, second: str) -> None:
    try:
        published = with_section(page, first)
    except SectionUnclear:
        assert page.count("OCCI test matrix") > 1
        return
    begin, end = published.index(BEGIN), published.index(END) + len(END)
    before, after = published[:begin], published[end:].removeprefix("\n\n")
    # The heading is new where the page had none, or had it in a comment.
    kept = {one.replace("\n", "") for one in (before + after, before.removesuffix(HEADING) + after)}
    assert page.replace("\n", "") in kept
    assert with_section(published, first) == published
    assert (
        with_section(published, second) == before + f"{BEGIN}\n{normalised(second)}\n{END}" + published[end:]
    )


@pytest.mark.parametrize(
    "page",
    [
        BEGIN,
        END,
        f"{END}\nx\n{BEGIN}",
        f"{BEGIN}x{END}{BEGIN}y{END}",
        f"{BEGIN}x{END}{END}",
        f"{BEGIN}{BEGIN}x{END}",
        f"{BEGIN}x<!-- end OCCI-matrix -->",
        f"{BEGIN}x{END} <!-- begin  occi-matrix -->",
        "<!-- BEGIN occi-matrix -->x",
    ],
)
def test_marks_that_are_damaged_or_there_twice_are_refused(page: str) -> None:
    with pytest.raises(SectionUnclear, match="marks of the matrix"):
        with_section(f"a\n{page}\nb", "new")


def test_the_section_that_is_asked_for_gets_the_matrix_at_its_end() -> None:
    page = "= Top =\n<pre>\n== Results ==\n</pre>\n== Results ==\nours\n=== Old ===\nx\n\n== More ==\ny"
    block = f"{BEGIN}\nnew\n{END}"
    before, after = page.split("== More ==")
    assert with_section(page, "new", "Results") == f"{before}\n{block}\n\n== More =={after}"
    assert with_section("a", "new", "Results") == f"a\n\n== Results ==\n\n{block}"
    assert with_section("", "new") == f"== OCCI test matrix ==\n\n{block}"


def test_a_title_that_is_there_twice_or_is_markup_is_refused() -> None:
    with pytest.raises(SectionUnclear, match="2 sections 'A'"):
        with_section("== A ==\n== B ==\n=== A ===\n", "new", "A")
    with pytest.raises(SectionUnclear, match="markup"):
        with_section("", "new", "{{delete}}")


def test_a_site_that_is_named_like_a_mark_does_no_harm() -> None:
    published = with_section("a", mediawiki.plain(f"BEGIN occi-matrix {END}"))
    assert with_section(published, "new") == with_section("a", "new")
