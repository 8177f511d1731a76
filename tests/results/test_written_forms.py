"""MediaWiki markup, Markdown, CSV and JSON: text stays text, whatever runs and people wrote; the same results, the same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from OcciLibrary.results import markdown, mediawiki
from OcciLibrary.results.as_csv import HEAD, matrix_csv
from OcciLibrary.results.as_json import matrix_json, records_json
from OcciLibrary.results.matrix import build_matrix
from OcciLibrary.results.notes import Note
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.writing import write_matrix
from tests.results.made_up import results, run

EVIL = "=cmd|' /C calc'!A0 <script>alert(1)</script> [[Category:X]] {{delete}} | ~~~~ ''b'' __NOTOC__ [x](javascript:y) `c` http://z.example"
NOTES = (Note(EVIL, "1.2", EVIL, "https://bugs.example.org/1?a=b&c=(d)"),)
WORDS = st.text(
    st.sampled_from("aZ9 \n\t[]{}|<>&'\"=*#:;~_-+!\\`$@/().,%^é日\u202e")
    | st.characters(exclude_categories=["Cs"]),
    max_size=40,
)
MARKS = st.sampled_from(
    [
        "{{",
        "}}",
        "[[",
        "]]",
        "'''",
        "~~~~",
        "|-",
        "|}",
        "http://x.y",
        "www.x.y",
        "RFC 1",
        "__TOC__",
        "<ref>",
        "&lt;",
        "1. ",
        "- ",
        "# ",
    ]
)
TEXTS = st.lists(WORDS | MARKS, max_size=4).map("".join)
_PARSER = MarkdownIt("commonmark").enable("table")


def shown(text: str) -> str:
    return " ".join(text.split())


@given(TEXTS)
def test_mediawiki_has_no_markup_in_a_text(text: str) -> None:
    written = mediawiki.plain(text)
    numbered = re.sub(r"&#(\d+);", lambda number: chr(int(number[1])), written)
    assert numbered.replace("\u200b", "") == shown(text).replace("\u200b", "")
    assert not re.search(r"[\[\]{}|<>'=*#:;~_!\n\"]", re.sub(r"&#\d+;", "", written))
    assert not re.search(r"&(?!#\d+;)", written)
    assert not re.search(r"\b(RFC|PMID|ISBN) ", written)


def _leaves(tokens: list[Token]) -> list[Token]:
    return [leaf for token in tokens for leaf in (_leaves(token.children) if token.children else [token])]


@given(TEXTS)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    for around in ("| head |\n| --- |\n| {} |\n", "1. {} end\n", "{}\n"):
        tokens = _PARSER.parse(
            around.format(f"x {markdown.plain(text)}" if around == "{}\n" else markdown.plain(text))
        )
        kinds = {leaf.type for leaf in _leaves(tokens)}
        assert kinds <= {
            "text", "text_special", "inline", "paragraph_open", "paragraph_close", "ordered_list_open", "ordered_list_close",
            "list_item_open", "list_item_close", "table_open", "table_close", "thead_open", "thead_close", "tbody_open",
            "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close",
        }, kinds  # fmt: skip
        assert sum(token.type == "ordered_list_open" for token in tokens) == (around[0] == "1")
        assert sum(token.type == "td_open" for token in tokens) == ("head" in around)
    assert not re.search(r"https?://|www\.|(?<!&)@", markdown.plain(text), re.IGNORECASE)


def test_links_lead_to_the_web_only() -> None:
    assert mediawiki.link("https://x.example/a?b=c", "bug") == "[https://x.example/a?b=c bug]"
    assert markdown.link("https://x.example/a?b=(c)", "bug") == "[bug](<https://x.example/a?b=%28c%29>)"
    for bad in (
        "javascript:alert(1)",
        "https://",
        "data:text/html,x",
        "https://x.example/]]",
        "https://x y/",
        "//x.example",
    ):
        assert "[" not in mediawiki.link(bad, "bug")
        assert "[" not in markdown.link(bad, "bug")


def test_evil_words_are_words_in_every_form(tmp_path: Path) -> None:
    evil = run("PR PPPPPF PPPP PPPPP PPPPPPP PPPPP", site=EVIL, tester=EVIL, message=EVIL, remarks=(EVIL,))
    index = write_matrix(build_matrix(results(evil), NOTES), tmp_path, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*"):
        text = path.read_text("utf-8") if path.is_file() else ""
        if path.suffix == ".html":
            assert "<script>alert" not in text
            assert text.count("<script") == (path == index)
            assert "javascript:y" not in re.findall(r'href="([^"]*)"', text)
        if path.suffix in (".wiki", ".md"):
            assert "<script>" not in text
            assert "[[Category" not in text
            assert "{{delete" not in text
    rows = list(csv.reader(io.StringIO((tmp_path / "out/matrix.csv").read_text("utf-8"), newline="")))
    assert tuple(rows[0]) == HEAD
    assert len(rows) == 30
    assert rows[1][0] == f"'{EVIL}"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_csv_and_json_say_what_the_matrix_says(made: Path) -> None:
    matrix = build_matrix(read_results(made))
    told = json.loads(matrix_json(matrix))
    verdicts = {
        (site["name"], case["group"], step["key"]): step["verdict"] or "no record"
        for site in told["sites"]
        for case in site["cases"]
        for step in case["steps"]
    }
    rows = csv.DictReader(io.StringIO(matrix_csv(matrix), newline=""))
    assert {(row["site"], row["group"], row["step"]): row["verdict"] for row in rows} == verdicts
    assert len(verdicts) == 4 * 31
    records = json.loads(records_json(matrix))
    assert [one["run_id"] for one in records["runs"]] == [one["run_id"] for one in told["runs"]]
    assert all(step["key"] for one in records["runs"] for step in one["steps"])


def test_markdown_tables_are_tables(made: Path) -> None:
    matrix = build_matrix(read_results(made))
    tokens = _PARSER.parse(markdown.matrix_markdown(matrix))
    assert sum(token.type == "table_open" for token in tokens) == 2 * len(matrix.groups)
    rows = sum(token.type == "tr_open" for token in tokens)
    assert rows == 2 * len(matrix.groups) + len(matrix.groups) * len(matrix.sites) + len(matrix.steps)


def test_mediawiki_tables_have_a_cell_for_each_site(made: Path) -> None:
    matrix = build_matrix(read_results(made))
    text = mediawiki.matrix_mediawiki(matrix)
    assert text.count("{|") == text.count("\n|}") == 2 * len(matrix.groups)
    steps = text.count('! scope="row" style="text-align:left;font-weight:normal"')
    assert steps == len(matrix.steps)
    cases = sum(len(group.cases) for group in matrix.groups)
    assert len(re.findall(r"^\| style=", text, re.MULTILINE)) == len(matrix.sites) * (cases + steps)


def test_two_builds_of_the_same_results_are_the_same_bytes(results_elsewhere: list[Path]) -> None:
    first, second = (
        {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in results_elsewhere
    )
    assert sorted(first) == sorted(second)
    assert first == second
    assert len(first) > 35


def test_pages_of_sites_that_are_gone_go_too_and_links_are_not_followed(tmp_path: Path) -> None:
    write_matrix(build_matrix(results(run(), run(site="Beta"))), tmp_path, tmp_path)
    ours, mine = tmp_path / "matrix", tmp_path / "matrix" / "mine.html"
    mine.write_text("<p>mine</p>")
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "matrix.csv").unlink()
    (tmp_path / "matrix.csv").symlink_to("precious")
    assert len(list(ours.glob("site-*.html"))) == 2
    write_matrix(build_matrix(results(run())), tmp_path, tmp_path)
    assert [path.name[:10] for path in ours.glob("site-*.html")] == ["site-alpha"]
    assert mine.exists()
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "matrix.csv").read_text().startswith("site,")
    assert not list(tmp_path.rglob(".*"))


def _built(folder: Path) -> Path:
    write_matrix(build_matrix(read_results(folder), NOTES), folder, folder / "out")
    return folder / "out"


@pytest.fixture
def results_elsewhere(made: Path, tmp_path: Path) -> list[Path]:
    """The same results built in two places, in the second one twice: once fresh, once from what was kept."""
    places = [tmp_path / "one", tmp_path / "two" / "deeper"]
    for place in places:
        shutil.copytree(made, place)
        _built(place)
    shutil.rmtree(places[1] / "out")
    return [_built(place) for place in places]
