"""The pages in a real browser: filters, steps one click deeper, links to the very test, dark, narrow, without a network."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from OcciLibrary.results.matrix import build_matrix
from OcciLibrary.results.notes import Note
from OcciLibrary.results.reading import read_results
from OcciLibrary.results.suites_here import KIT, fingerprints_below
from OcciLibrary.results.writing import write_matrix
from tests.results.browser import CHROMIUM, Browser
from tests.results.made_up import results, run
from tests.results.real_runs import STRANGE

NOTES = (Note("Alpha", "4.4", "Known to them.", "https://bugs.example.org/42"),)
TAB, ENTER, SPACE = ("Tab", 9), ("Enter", 13, "\r"), (" ", 32, " ")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this computer")


@pytest.fixture(scope="module")
def pages(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the real runs, in a folder beside them."""
    output = tmp_path_factory.mktemp("pages") / "the pages"
    write_matrix(build_matrix(read_results(made), NOTES, fingerprints_below(KIT)), made, output)
    return output


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def index(chromium: Browser, pages: Path) -> Browser:
    chromium.show_as(1280)
    chromium.open(pages / "index.html")
    return chromium


def shown_sites(browser: Browser) -> list[str]:
    found: list[str] = browser.run(
        "[...document.querySelectorAll('#group-agreed tbody.site:not([hidden]) .name')].map(name => name.textContent)"
    )
    return found


def focused(browser: Browser) -> str:
    told: str = browser.run(
        "(e => e.name ? `${e.name} ${e.value}` : e.className || e.id || e.tagName)(document.activeElement)"
    )
    return told


def until(browser: Browser, script: str, wanted: Any) -> None:
    deadline = time.monotonic() + 10
    while (seen := browser.run(script)) != wanted:
        assert time.monotonic() < deadline, seen


def links(page: Path) -> list[str]:
    return re.findall(r'href="([^"]*)"', page.read_text("utf-8"))


def test_every_link_leads_to_what_is_there(pages: Path) -> None:
    texts = {path: path.read_text("utf-8") for path in pages.rglob("*.html")}
    assert len(texts) == 1 + 4 + 31
    leading_to_tests = 0
    for page in texts:
        for link in set(links(page)):
            parts = urlsplit(link.replace("&amp;", "&"))
            if parts.scheme:
                assert link == NOTES[0].bug
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.exists(), (page, link)
            if parts.fragment and target in texts:
                assert f'id="{parts.fragment}"' in texts[target], (page, link)
            elif parts.fragment:
                assert target.name == "log.html"
                assert re.fullmatch(r"s\d+(-s\d+)*-t\d+", parts.fragment)
                leading_to_tests += 1
    assert leading_to_tests > 100


def test_pages_ask_nothing_of_anybody(pages: Path) -> None:
    for page in pages.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "default-src 'none'" in text.replace("&#39;", "'")
        assert not re.search(r"<(link|img|iframe|object|form[^>]*action)\b|\bsrc=|url\(|@import|style=", text)


@needs_chromium
def test_every_page_is_quiet_and_loads_itself_alone(chromium: Browser, pages: Path) -> None:
    some = [
        pages / "index.html",
        *sorted(pages.glob("matrix/site-*.html")),
        pages / "matrix/step-agreed-4-4.html",
    ]
    for page in some:
        chromium.open(page)
        assert chromium.run("document.styleSheets[0].cssRules.length") > 50
        assert chromium.requests == [page.as_uri()]
        assert chromium.complaints == []


@needs_chromium
def test_steps_are_one_click_deeper_and_lead_to_the_very_test(index: Browser, made: Path) -> None:
    steps = "document.querySelectorAll('#group-agreed tr.steps:not([hidden]) li').length"
    assert index.run(steps) == 0
    index.run("document.querySelector('#group-agreed button.more').click()")
    assert index.run(steps) == 29
    link = index.run(
        "document.querySelectorAll('#group-agreed tr.steps:not([hidden]) li')[13].querySelector('a').href"
    )
    path, _, test = link.partition("#")
    assert unquote(urlsplit(path).path).startswith(f"{made}/alpha/")
    index.open(Path(unquote(urlsplit(path).path)), f"#{test}")
    until(
        index,
        f"document.getElementById('{test}')?.querySelector('.element-header .name')?.textContent.slice(0, 3)",
        "4.2",
    )
    until(index, f"getComputedStyle(document.querySelector('#{test} > .children')).display", "block")


@needs_chromium
def test_filters_work_by_keyboard_alone(index: Browser) -> None:
    assert shown_sites(index) == ["Alpha", STRANGE, "Delta", "Gamma"]
    order = []
    for _ in range(10):
        index.press(*TAB)
        order.append(focused(index))
    assert order[:2] == ["verdict pass", "verdict remark"]
    assert order[6:9] == ["site ", "tester ", "implementation "]
    index.open(Path(unquote(urlsplit(index.run("location.href")).path)))
    index.press(*TAB)
    index.press(*TAB)
    index.press(*SPACE)
    assert shown_sites(index) == [STRANGE, "Gamma"]
    assert index.run("document.getElementById('shown').textContent") == "2 of 4 sites shown"
    for _ in range(5):
        index.press(*TAB)
    assert focused(index) == "site "
    index.type("gam")
    assert shown_sites(index) == ["Gamma"]
    for _ in range(3):
        index.press(*TAB)
    assert index.run("document.activeElement.textContent") == "Show all"
    index.press(*ENTER)
    until(index, "document.getElementById('shown').textContent", "4 of 4 sites shown")
    index.press(*TAB)
    assert focused(index) == "more"
    index.press(*ENTER)
    assert index.run("document.querySelectorAll('#group-agreed tr.steps:not([hidden])').length") == 1
    assert index.run("document.activeElement.getAttribute('aria-expanded')") == "true"


@needs_chromium
@pytest.mark.parametrize(
    ("field", "wanted", "left"),
    [
        ("tester", "GRNET", [STRANGE]),
        ("tester", "FZJ", ["Alpha", "Delta"]),
        ("implementation", "ooi (or snf-occi, which is made from it)", [STRANGE]),
    ],
)
def test_filters_by_tester_and_implementation(
    index: Browser, field: str, wanted: str, left: list[str]
) -> None:
    index.run(
        f"(select => {{ select.value = [...select.options].find(one => one.textContent === {wanted!r}).value;"
        f" select.dispatchEvent(new Event('input', {{bubbles: true}})) }})(document.querySelector('[name={field}]'))"
    )
    assert shown_sites(index) == left


@needs_chromium
def test_other_groups_are_closed_until_a_verdict_is_looked_for(index: Browser) -> None:
    folded = "[...document.querySelectorAll('details.fold')].map(fold => `${fold.querySelector('h2').textContent} ${fold.open}`)"
    tally = "document.querySelector('.tally').textContent.replace(/\\s+/g, ' ').trim()"
    assert index.run(folded) == ["The reference VM false"]
    assert index.run(tally) == "∅not offered 2"
    index.run("document.querySelector('input[value=fail]').click()")
    assert index.run(folded) == ["The reference VM false"]
    index.run("document.querySelector('input[value=not-offered]').click()")
    assert index.run(folded) == ["The reference VM true"]
    index.run("document.querySelector('details.fold').open = false; dispatchEvent(new Event('beforeprint'))")
    assert index.run(folded) == ["The reference VM true"]


@needs_chromium
def test_focus_can_be_seen(index: Browser) -> None:
    for _ in range(12):
        index.press(*TAB)
        outline = index.run(
            "getComputedStyle(document.activeElement.closest('.chip') ?? document.activeElement).outlineWidth"
        )
        assert outline == "3px"


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signs_and_words_can_be_told_from_the_paper(index: Browser, scheme: str) -> None:
    index.show_as(1280, scheme=scheme)
    contrast = """
    (() => {
      const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
          const share = part / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
      };
      const behind = (element) => {
        const colour = getComputedStyle(element).backgroundColor;
        return colour === 'rgba(0, 0, 0, 0)' ? behind(element.parentElement) : colour;
      };
      return Math.min(...[...document.querySelectorAll('.sign, p, a, .day, .what, h2, dd')].filter((e) => e.offsetWidth).map((e) => {
        const [one, other] = [light(getComputedStyle(e).color), light(behind(e))].sort((a, b) => b - a);
        return (one + 0.05) / (other + 0.05);
      }));
    })()
    """
    assert index.run(contrast) >= 4.5
    paper = index.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(20, 25, 27)") == (scheme == "dark")


@needs_chromium
@pytest.mark.parametrize("name", ["index.html", "matrix/step-agreed-4-4.html", "site"])
def test_nothing_sticks_out_on_a_phone(chromium: Browser, pages: Path, name: str) -> None:
    page = next(pages.glob("matrix/site-alpha*.html")) if name == "site" else pages / name
    chromium.show_as(390, 844)
    chromium.open(page)
    assert chromium.run("document.documentElement.scrollWidth") == 390
    chromium.run("document.querySelectorAll('details.fold').forEach(fold => fold.open = true)")
    chromium.run("document.querySelectorAll('button.more').forEach(more => more.click())")
    assert chromium.run("document.documentElement.scrollWidth") == 390


@needs_chromium
def test_in_print_there_are_no_controls(index: Browser) -> None:
    index.show_as(1000, media="print")
    assert index.run("getComputedStyle(document.getElementById('filter')).display") == "none"
    assert index.run("getComputedStyle(document.querySelector('.matrix')).display") == "table"
    index.show_as(1280)


@needs_chromium
def test_history_is_drawn(chromium: Browser, tmp_path: Path) -> None:
    runs = [
        run(
            "PP PPPPPP PPFS SSSSS SSSSSSS SSSSS" if day % 3 == 1 else "PP PPPPPP PPPP PPPPP PPPPPPP PPPPP",
            day=day,
        )
        for day in range(70)
    ]
    write_matrix(build_matrix(results(*runs)), tmp_path, tmp_path)
    (page,) = tmp_path.glob("matrix/site-*.html")
    chromium.open(page)
    assert chromium.complaints == []
    assert chromium.run("document.querySelectorAll('svg use').length") == 60 * 29
    colours = chromium.run(
        "[...new Set([...document.querySelectorAll('svg defs rect')].map(rect => getComputedStyle(rect).fill))].length"
    )
    assert colours == 6
    assert "failed in" in chromium.run("document.getElementById('flaky').textContent")
