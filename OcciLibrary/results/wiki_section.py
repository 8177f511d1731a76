"""Puts the matrix between two marks in a wiki page's text, and leaves every other character of the page alone."""

from __future__ import annotations

import re
import unicodedata

BEGIN = "<!-- BEGIN occi-matrix: the next publish replaces what stands between this line and END -->"
END = "<!-- END occi-matrix -->"
TITLE = "OCCI test matrix"

# What is left of a mark that somebody has edited.
_DAMAGED = re.compile(r"\b(?:BEGIN|END)\s+occi-matrix\b", re.IGNORECASE)
_HEADING = re.compile(r"^(={1,6})(?P<title>.+?)\1[ \t]*$", re.MULTILINE)
# Here a heading is none.
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(nowiki|pre|syntaxhighlight|source)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_NOT_IN_A_TITLE = re.compile(r"[\[\]{}|<>#\n=~&']")


class SectionUnclear(Exception):
    """Says in a sentence why it is not clear where in a page the matrix goes."""


def with_section(page: str, body: str, title: str = "") -> str:
    """Returns a page's text with `body` between the marks.

    A page without marks gets them at the end of the section `title` ('OCCI test matrix' where it is ''); without such a
    section, that becomes a new one at the end. Raises `SectionUnclear` where the marks are damaged or there more than once,
    where two sections have that title, and for a title that is no plain text.
    """
    section = f"{BEGIN}\n{normalised(body)}\n{END}"
    place = _marked(page)
    if place is None:
        return _with_new_section(page, section, title.strip() or TITLE)
    begin, end = place
    return page[:begin] + section + page[end:]


def normalised(text: str) -> str:
    """Returns a text as MediaWiki keeps it: NFC, line feeds, no blanks at its ends."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _marked(page: str) -> tuple[int, int] | None:
    """Returns where the marks and what is between them begin and end."""
    begins, ends = page.count(BEGIN), page.count(END)
    begin, end = page.find(BEGIN), page.rfind(END) + len(END)
    if begins > 1 or ends > 1:
        raise SectionUnclear(
            "The page has the marks of the matrix more than once; edit the page and leave one BEGIN and one END occi-matrix"
        )
    whole = begins == ends == 1 and begin < end - len(END)
    rest = page[:begin] + "\n" + page[end:] if whole else page
    if begins != ends or (begins and not whole) or _DAMAGED.search(rest):
        raise SectionUnclear(
            "The marks of the matrix in the page are damaged (BEGIN and END occi-matrix, each in a comment of its own, in "
            "this order); put them right, or remove what is left of them and the old matrix, and publish again"
        )
    return (begin, end) if whole else None


def _with_new_section(page: str, section: str, title: str) -> str:
    if _NOT_IN_A_TITLE.search(title):
        raise SectionUnclear(
            f"The title '{title}' of a section has signs that are markup in a wiki; choose plain words"
        )
    shown = _HIDDEN.sub(lambda hidden: re.sub(r"[^\n]", " ", hidden[0]), page)
    headings = list(_HEADING.finditer(shown))
    found = [number for number, one in enumerate(headings) if one["title"].strip() == title]
    if len(found) > 1:
        raise SectionUnclear(
            f"The page has {len(found)} sections '{title}'; give another title with --section"
        )
    if not found:
        return f"{page}\n\n== {title} ==\n\n{section}" if page else f"== {title} ==\n\n{section}"
    level = len(headings[found[0]][1])
    later = (one.start() for one in headings[found[0] + 1 :] if len(one[1]) <= level)
    end = next(later, len(page))
    before, after = page[:end], page[end:]
    gap = "\n" if before.endswith("\n") else "\n\n"
    return f"{before}{gap}{section}" + (f"\n\n{after}" if after else "")
