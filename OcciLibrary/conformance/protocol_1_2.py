"""Checks of what OCCI 1.2 adds to the protocol: its token in every answer, the Accept field of an answer, pages (GFD.223 §5, §6)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from OcciLibrary.conformance.answers import status_among, understood
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST

VERSION = "GFD.223 §5.3"
MEDIA_TYPES = "GFD.223 §5.2"
PAGES = "GFD.223 §6"
OF_LISTINGS = (OCCI_JSON, TEXT_PLAIN, TEXT_OCCI, URI_LIST)
_TOKEN = re.compile(r"\bOCCI/1\.2\b")
_SHOWN = 5


def header(exchange: Exchange, name: str) -> str:
    """Returns a header field of an answer, several of the name joined by commas; '' when there is none."""
    return ", ".join(exchange.answer.all_headers(name))


def names_version(exchanges: Sequence[tuple[str, Exchange]]) -> Findings:
    """Returns a failure for each answer whose Server field lacks the token OCCI/1.2; each comes with what was asked for."""
    return tuple(
        Finding(
            VERSION, f"the token OCCI/1.2 in the Server field of {what}", server or "no Server field", server
        )
        for what, exchange in exchanges
        if not _TOKEN.search(server := header(exchange, "Server"))
    )


def told_media_types(exchange: Exchange) -> tuple[tuple[str, ...], Findings]:
    """Returns the media types that the Accept field of an answer lists, in lower case.

    A missing one is a remark (SHOULD), a list that is parted by semicolons too; a list of what is no media type is a failure.
    """
    field = header(exchange, "Accept")
    if not field.strip():
        missing = Finding(
            MEDIA_TYPES, "an Accept field in the answer, with the media types", "none", harmless=True
        )
        return (), (missing,)
    items = [item.strip().lower() for item in re.split(r",", field) if item.strip()]
    findings: list[Finding] = []
    if len(items) == 1 and field.count("/") > 1:
        items = [item.strip().lower() for item in field.split(";") if "/" in item]
        findings.append(
            Finding(MEDIA_TYPES, "a list with commas", "a list with semicolons", field, harmless=True)
        )
    wrong = [item for item in items if not re.fullmatch(r"[\w.+*-]+/[\w.+*-]+(\s*;.*)?", item)]
    if wrong:
        findings.append(Finding(MEDIA_TYPES, "media types in the Accept field", "something else", wrong[0]))
    return tuple(item.partition(";")[0].strip() for item in items), tuple(findings)


def offers_what_it_tells(told: Sequence[str], answers: Sequence[tuple[str, Exchange]]) -> Findings:
    """Returns a failure for each media type that a site tells and does not answer in; `answers` are listings asked for in each."""
    if told and not answers:
        raise CannotBeShownError(
            f"the site's Accept field names no media type of a listing: {', '.join(told)[:200]}"
        )
    return tuple(
        Finding(
            MEDIA_TYPES,
            f"a listing in {wanted}, which the site's Accept field names",
            f"{exchange.status} in {exchange.media_type or 'no media type'}",
            exchange.answer.content_type,
        )
        for wanted, exchange in answers
        if exchange.status not in (200, 204) or (exchange.status == 200 and exchange.media_type != wanted)
    )


# ---- pages


def listed(exchange: Exchange, what: str) -> tuple[tuple[str, ...], Findings]:
    """Returns the URLs of a listing, or the ids where it tells none, and what is wrong with it; `what` names the listing."""
    if findings := status_among(exchange, (200,), what, PAGES):
        return (), findings
    if not exchange.answer.body.strip() and exchange.media_type != TEXT_OCCI:
        return (), ()
    message, findings = understood(exchange, PAGES)
    # JSON by the schema has no addresses (GFD.226 §11), and ids tell entities apart as well.
    return tuple(message.locations) or tuple(one.location or one.id for one in message.resources), findings


def page_size(listing: Sequence[str]) -> int:
    """Returns how many entities a page is to have for a listing to be three pages, or two. Raises CannotBeShownError for fewer than two."""
    if len(listing) < 2:
        raise CannotBeShownError(f"pages need a listing of two at least, and {len(listing)} can be seen")
    return -(-len(listing) // 3)


def parted(
    before: Sequence[str],
    number: int,
    pages: Sequence[Sequence[str]],
    past: Sequence[str],
    after: Sequence[str],
) -> Findings:
    """Returns a failure unless pages of a number of entities part a listing; `past` is a page beyond its end.

    Raises CannotBeShownError for a listing that changed meanwhile, NotOfferedError where the site does not part it at all.
    """
    if set(before) != set(after):
        raise CannotBeShownError("the listing changed while its pages were asked for")
    if all(set(page) == set(before) for page in pages):
        raise NotOfferedError("the site lists everything, whatever page is asked for (GFD.223 §6)", "pages")
    every = Counter(one for page in pages for one in page)
    held = set(before)
    wrong = (
        (f"at most {number} entities on a page", [one for page in pages for one in page[number:]]),
        ("what the listing holds", [one for one in every if one not in held]),
        ("each entity on one page", sorted(one for one, count in every.items() if count > 1)),
        ("each entity on a page", [one for one in before if one not in every]),
        ("nothing on a page past the end", past),
    )
    return tuple(
        Finding(PAGES, expected, f"{len(urls)} that differ", ", ".join(urls[:_SHOWN]))
        for expected, urls in wrong
        if urls
    )


def bounded(exchange: Exchange, everything: Sequence[str]) -> Findings:
    """Returns a failure unless a page that is far too large is refused 413; a shorter listing without a word is a remark, none at all is not.

    Raises NotOfferedError where the site sets no bound, for the document leaves the bound to it.
    """
    expected = "that a page that is too large is refused with 413"
    if exchange.status == 200:
        urls, findings = listed(exchange, "a page of any size")
        if findings:
            return findings
        if not set(urls) < set(everything):
            raise NotOfferedError("the site sets no bound on a page, or has no pages (GFD.223 §6)")
        seen = f"a page of {len(urls)}, without a word that there are {len(everything)}"
        return (Finding(PAGES, expected, seen, exchange.beginning(), harmless=bool(urls)),)
    if exchange.status == 413:
        return ()
    seen = f"{exchange.status} {exchange.answer.reason}".rstrip()
    return (Finding(PAGES, expected, seen, exchange.beginning(), harmless=exchange.refused),)
