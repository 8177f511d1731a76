"""Publishes the matrix in a wiki page: only the marked section changes, and only where there is something to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from enum import Enum

from OcciLibrary.results.wiki import EditConflict, Page, Wiki, WikiError
from OcciLibrary.results.wiki_section import with_section

_LONGEST_PAGE = 2 * 1024 * 1024  # what MediaWiki allows where nobody has set it otherwise


class Outcome(Enum):
    """Names what came of publishing."""

    SAVED = "saved"
    SAME = "same"
    SHOWN = "shown"


@dataclass(frozen=True)
class Order:
    """Says what to publish where: the page's title, the markup, the section for a page without marks."""

    title: str
    body: str
    summary: str
    section: str = ""
    create: bool = False


@dataclass(frozen=True)
class Published:
    """Holds what came of it: the page as it was before, the text that it has (or would have), the new revision (or 0)."""

    outcome: Outcome
    page: Page
    text: str
    revision: int = 0


def publish(wiki: Wiki, order: Order, dry_run: bool = False) -> Published:
    """Puts the matrix into the page. Raises `WikiError` and `SectionUnclear`; then nothing is written.

    When somebody saves the page in between, it is read again and tried once more.
    """
    try:
        return _publish(wiki, order, dry_run)
    except EditConflict:
        pass
    try:
        return _publish(wiki, order, dry_run)
    except EditConflict:
        raise WikiError(
            "Others save this page all the time (two edit conflicts); publish again in a minute"
        ) from None


def changes(published: Published) -> Iterator[str]:
    """Gives the lines of a diff between the page before and after, safe for a terminal."""
    before, after = published.page.text.splitlines(), published.text.splitlines()
    for line in unified_diff(before, after, "the page", "the page after publishing", lineterm=""):
        yield "".join(sign if sign.isprintable() else " " for sign in line)


def _publish(wiki: Wiki, order: Order, dry_run: bool) -> Published:
    page = wiki.page(order.title)
    if not page.revision and not order.create:
        raise WikiError(f"The wiki has no page '{page.title}'; with --create it is made")
    text = with_section(page.text, order.body, order.section)
    if text == page.text:
        return Published(Outcome.SAME, page, text)
    if len(text.encode()) > _LONGEST_PAGE:
        raise WikiError("The page would be larger than 2 MB; name a page of its own for the matrix")
    if dry_run:
        return Published(Outcome.SHOWN, page, text)
    new, before = wiki.save(page, text, order.summary)
    if new and before != page.revision:
        new, text = _put_between_back(wiki, order, before, new)
    if not new:
        return Published(Outcome.SAME, page, text)
    if wiki.page(order.title).text != text:
        raise WikiError(
            f"The wiki has not kept the text as it was sent (revision {new}); look at the page and its history: a filter or "
            "an extension of the wiki, or somebody at the same moment, has changed it"
        )
    return Published(Outcome.SAVED, page, text, new)


def _put_between_back(wiki: Wiki, order: Order, between: int, ours: int) -> tuple[int, str]:
    """Returns the last revision and its text after an edit that came between reading and saving is in the page.

    MediaWiki merges such an edit or reports a conflict, except where the same account made it: then it overwrites it.
    """
    wanted = with_section(wiki.text_of(between), order.body, order.section)
    page = wiki.page(order.title)
    if page.text == wanted or page.revision != ours:
        return ours, page.text
    new, _ = wiki.save(page, wanted, order.summary)
    return new or ours, wanted
