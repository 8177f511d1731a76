"""Publishing into a real MediaWiki: only the section changes, nothing is written twice, and refusals are told.

MediaWiki is large, so this is outside of the gate:

    OCCI_REAL_MEDIAWIKI=FOLDER pytest tests/results/test_real_mediawiki.py

downloads Debian's packages into that folder (once), and sets up a new wiki for each run. A picture of the page is kept there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from OcciLibrary.results.matrix import build_matrix
from OcciLibrary.results.mediawiki import matrix_mediawiki
from OcciLibrary.results.notes import Note
from OcciLibrary.results.publishing import Order, Outcome, Published, publish
from OcciLibrary.results.wiki import Login, Page, Wiki, WikiError
from OcciLibrary.results.wiki_section import BEGIN, END, SectionUnclear
from tests.results.browser import CHROMIUM, Browser
from tests.results.made_up import results as records
from tests.results.made_up import run
from tests.results.real_mediawiki import (
    ADMIN,
    ADMIN_PASSWORD,
    BOT_PASSWORD,
    MediaWiki,
    real_mediawiki,
    unpacked,
)
from tests.results.test_command_line import occi_matrix
from tests.results.test_written_forms import EVIL

FOLDER = os.environ.get("OCCI_REAL_MEDIAWIKI", "")
PAGE = "Fedcloud:Scenario 1"
MINE = "= Scenario 1 =\n\n== Über uns ==\nOur '''own''' words, {{PAGENAME}}, [[Main Page]] &amp; <!-- ours -->\n\n  * a\n\n== Last ==\nEnd."
BOT = Login(f"{ADMIN}@matrix", BOT_PASSWORD)

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="set OCCI_REAL_MEDIAWIKI to a folder to unpack MediaWiki into"
)


@pytest.fixture(scope="module")
def mediawiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaWiki]:
    root = unpacked(Path(FOLDER).resolve())
    # Hard links do not cross file systems, so the wiki lies beside what was unpacked.
    folder = Path(FOLDER).resolve() / f"wiki-{os.getpid()}"
    with real_mediawiki(root, folder) as running:
        running.maintenance("createAndPromote", "Bob", "b0b-pa55word")
        yield running
    shutil.rmtree(folder)


class Raced(Wiki):
    """Speaks with a wiki where others save the page at the worst moments."""

    between: tuple[Callable[[], None], ...] = ()

    def save(self, page: Page, text: str, summary: str) -> tuple[int, int]:
        first, self.between = self.between[:1], self.between[1:]
        for one in first:
            one()
        return super().save(page, text, summary)


def published(
    mediawiki: MediaWiki, order: Order, *between: Callable[[], None], login: Login = BOT
) -> Published:
    with closing(Raced(mediawiki.api, login)) as wiki:
        wiki.between = between
        return publish(wiki, order)


def command(
    mediawiki: MediaWiki, results: Path, *more: str, password: str = BOT_PASSWORD
) -> CompletedProcess[str]:
    login = {"OCCI_WIKI_USERNAME": BOT.username, "OCCI_WIKI_PASSWORD": password}
    return occi_matrix("publish", results, "--wiki", mediawiki.api, "--page", PAGE, *more, environment=login)


def test_publishing_changes_the_section_and_nothing_else(mediawiki: MediaWiki, results: Path) -> None:
    missing = command(mediawiki, results)
    assert (missing.returncode, missing.stderr) == (
        1,
        f"The wiki has no page '{PAGE}'; with --create it is made.\n",
    )
    mediawiki.write(PAGE, MINE)
    shown = command(mediawiki, results, "--dry-run")
    assert "+== OCCI test matrix ==" in shown.stdout
    assert not [line for line in shown.stdout.splitlines()[2:] if line.startswith("-")]
    assert mediawiki.text(PAGE) == MINE

    first = command(mediawiki, results)
    assert (first.returncode, first.stderr) == (0, "")
    assert "Published as revision " in first.stdout
    text = mediawiki.text(PAGE)
    assert text.startswith(f"{MINE}\n\n== OCCI test matrix ==\n\n{BEGIN}\n")
    assert text.endswith(END)

    mediawiki.write(PAGE, text.replace("End.", "End?") + "\n\n== After ==\nMore '''words'''")
    text, revisions = mediawiki.text(PAGE), len(mediawiki.history(PAGE))
    same = command(mediawiki, results)
    assert same.stdout.startswith("The page has this matrix already; nothing was written: http")
    assert len(mediawiki.history(PAGE)) == revisions

    occi_matrix("note", "Alpha", "4.4", "A note of ours", "--results", results)
    second = command(mediawiki, results)
    assert second.returncode == 0, second.stderr
    new = mediawiki.text(PAGE)
    assert "A note of ours" in new
    assert new.split(BEGIN)[0].encode() == text.split(BEGIN)[0].encode()
    assert new.split(END)[1].encode() == text.split(END)[1].encode() == b"\n\n== After ==\nMore '''words'''"
    history = mediawiki.history(PAGE)
    assert len(history) == revisions + 1
    assert (history[0]["user"], history[0]["comment"]) == (ADMIN, "OCCI test matrix: 7 runs on 4 sites")


def test_a_wrong_login_is_told_and_the_password_is_not(mediawiki: MediaWiki, results: Path) -> None:
    wrong = command(mediawiki, results, password="wr0ng-pa55word")
    assert wrong.returncode == 1
    assert "The wiki does not let 'Admin@matrix' in: Incorrect username or password entered." in wrong.stderr
    assert "wr0ng-pa55word" not in wrong.stdout + wrong.stderr
    assert published(
        mediawiki, Order("By name", "x", "s", create=True), login=Login(ADMIN, ADMIN_PASSWORD)
    ).revision


def test_what_others_save_in_between_stays(mediawiki: MediaWiki) -> None:
    mediawiki.write("Raced", "a")
    others = published(
        mediawiki, Order("Raced", "m1", "s"), lambda: mediawiki.write("Raced", "Bob was here", "Bob")
    )
    assert others.outcome is Outcome.SAVED
    assert mediawiki.text("Raced") == f"Bob was here\n\n== OCCI test matrix ==\n\n{BEGIN}\nm1\n{END}"
    assert [one["user"] for one in mediawiki.history("Raced")] == [ADMIN, "Bob", ADMIN]


def test_what_the_same_account_saves_in_between_stays(mediawiki: MediaWiki) -> None:
    mediawiki.write("Same", "a")
    published(mediawiki, Order("Same", "m1", "s"), lambda: mediawiki.write("Same", "By hand in a browser"))
    assert mediawiki.text("Same") == f"By hand in a browser\n\n== OCCI test matrix ==\n\n{BEGIN}\nm1\n{END}"


def test_a_second_conflict_is_told_and_nothing_written(mediawiki: MediaWiki) -> None:
    mediawiki.write("Busy", "a")
    edits = [lambda text=text: mediawiki.write("Busy", text, "Bob") for text in ("b", "c")]
    with pytest.raises(WikiError, match="two edit conflicts"):
        published(mediawiki, Order("Busy", "m1", "s"), *edits)
    assert mediawiki.text("Busy") == "c"


def test_a_page_that_comes_into_being_in_between(mediawiki: MediaWiki) -> None:
    order = Order("Born", "m1", "s", create=True)
    published(mediawiki, order, lambda: mediawiki.write("Born", "By Bob", "Bob"))
    assert mediawiki.text("Born").startswith("By Bob\n\n== OCCI test matrix ==")


def test_protected_pages_redirects_and_damaged_marks_are_told(mediawiki: MediaWiki) -> None:
    mediawiki.write("Shut", "a")
    mediawiki.maintenance("protect", "--user", ADMIN, "Shut")
    for login in (Login("Bob", "b0b-pa55word"), Login()):
        with pytest.raises(WikiError, match="The page is protected, and this account may not edit it"):
            published(mediawiki, Order("Shut", "m1", "s"), login=login)
    mediawiki.write("Elsewhere", "#REDIRECT [[Shut]]")
    with pytest.raises(WikiError, match="leads on to another"):
        published(mediawiki, Order("Elsewhere", "m1", "s"))
    mediawiki.write("Damaged", f"a {BEGIN} b")
    with pytest.raises(SectionUnclear, match="damaged"):
        published(mediawiki, Order("Damaged", "m1", "s"))
    assert [mediawiki.text(page) for page in ("Shut", "Damaged")] == ["a", f"a {BEGIN} b"]


def test_nobody_may_publish_where_the_wiki_lets_nobody_edit(mediawiki: MediaWiki) -> None:
    order = Order("Open", "m1", "s", create=True)
    assert published(mediawiki, order, login=Login()).outcome is Outcome.SAVED
    settings = mediawiki.folder / "www/LocalSettings.php"
    before = settings.read_text()
    for line, words in (
        ("$wgGroupPermissions['*']['edit'] = false;", "does not let this account edit"),
        ("$wgGroupPermissions['*']['read'] = false;", "to its members only"),
        ("$wgReadOnly = 'Moving house';", "can only be read at the moment"),
    ):
        mediawiki.set(line)
        login = BOT if "ReadOnly" in line else Login()
        try:
            with pytest.raises(WikiError, match=words):
                published(mediawiki, Order("Open", words, "s"), login=login)
        finally:
            settings.write_text(before)


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
def test_hostile_words_are_words_on_the_page(mediawiki: MediaWiki, tmp_path: Path) -> None:
    evil = run("PR PPPPPF PPPP PPPPP PPPPPPP PPPPP", site=EVIL, message=EVIL, remarks=(EVIL,))
    notes = (Note("Alpha", "4.4", EVIL, "https://bugs.example.org/1?a=b&c=(d)"),)
    matrix = build_matrix(records(evil, run(), run("PN PPPPPP TTTT PPPPS FPPPPPP .....", site="Beta")), notes)
    published(mediawiki, Order("Hostile", matrix_mediawiki(matrix), "s", create=True))
    browser = Browser(tmp_path)
    try:
        browser.open_address(f"{mediawiki.url}index.php?title=Hostile")
        content = "document.querySelector('#mw-content-text .mw-parser-output')"
        assert EVIL in browser.run(f"{content}.innerText")
        links = browser.run(f"[...{content}.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
        assert [
            link for link in links if not link.startswith(("#", "/index.php?title=Hostile&action=edit"))
        ] == ["https://bugs.example.org/1?a=b&c=(d)"]
        assert browser.run(f"{content}.querySelectorAll('script, table table, .error').length") == 0
        assert browser.run("document.querySelectorAll('#mw-normal-catlinks li, .catlinks li').length") == 0
        assert browser.run(f"{content}.querySelectorAll('table').length") == 2
        browser.picture(Path(FOLDER) / "page.png")
    finally:
        browser.close()
