"""What an answer's status means: done, refused with the site's own words, or to be asked again later."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from OcciLibrary.occi.challenges import schemes
from OcciLibrary.occi.request_errors import AnswerOverBounds, LoginRefused, RequestRefused
from OcciLibrary.occi.transport import Answer, printable, shown_url

_SAID_SHOWN = 200
# Below both bounds a whole run stays below 150 MB.
MOST_PARTS = 320_000
MOST_TEXT = 12 * 1024 * 1024


def raise_for_status(answer: Answer) -> None:
    """Raises `LoginRefused` for 401 and `RequestRefused` for everything but 2xx.

    A 304 means that nothing was done (rOCCI v1, reference §4.7); other redirects are not followed.
    """
    if 200 <= answer.status < 300:
        return
    said = site_words(answer)
    sentence = (
        f"{answer.method} {shown_url(answer.url)} was answered {answer.status} {answer.reason}".rstrip()
    )
    if answer.status == 401:
        asked = ", ".join(schemes(", ".join(answer.all_headers("WWW-Authenticate"))))
        wish = f"; it asks for {asked}" if asked else ""
        raise LoginRefused(f"{sentence}: the site does not accept the credentials{wish}")
    if 300 <= answer.status < 400:
        raise RequestRefused(f"{sentence}: {_not_done(answer)}", answer.status, said)
    words = f"{sentence}: {said}" if said else sentence
    raise RequestRefused(words, answer.status, said, retry_after(answer))


def _not_done(answer: Answer) -> str:
    location = printable(answer.header("Location"), _SAID_SHOWN)
    if not location:
        return "by this status nothing was done"
    words = f"it points to {location}, which is not followed"
    if _host(answer.url, location) == _host(answer.url):
        return f"{words}: if the site's address has changed, ${{OCCI_ENDPOINT}} must say so"
    return f"{words}, for it is another host, and what proves who you are is for {_host(answer.url)} alone"


def _host(url: str, location: str = "") -> str:
    try:
        return urlsplit(urljoin(url, location)).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def raise_for_bulk(answer: Answer) -> None:
    """Raises `AnswerOverBounds` for an answer whose reading would take hundreds of megabytes, though it is none itself.

    Counted are the parts that the readers make something of: lines and what commas, semicolons, quotes, blanks and
    backslashes part, in JSON members and values. A listing of 100,000 VMs has 100,000 to 300,000 of them.
    """
    body = answer.body
    in_json = body[:100].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")
    parts = sum(body.count(mark) for mark in (b",{[" if in_json else b'\n,;" \\'))
    parts += sum(value.count(mark) for _, value in answer.headers for mark in ',;"')
    sentence = f"The answer of {shown_url(answer.url)} to {answer.method}"
    if parts > MOST_PARTS:
        raise AnswerOverBounds(
            f"{sentence} is of {parts} lines or values, more than the {MOST_PARTS} that are read"
        )
    if len(body) > MOST_TEXT // 4 and len(body) * _width(body) > MOST_TEXT:
        raise AnswerOverBounds(
            f"{sentence} takes more than {MOST_TEXT // 2**20} MB as text, for it has characters beyond ASCII"
        )


def _width(body: bytes) -> int:
    """Returns how many bytes each character takes as text: as many as the widest of them."""
    if body.isascii():
        return 1
    return 4 if re.search(rb"[\xf0-\xf4]", body) else 2 if re.search(rb"[\xc4-\xef]", body) else 1


def site_words(answer: Answer) -> str:
    """Returns the site's own words about an error: printable, one line, shortened; an HTML page is only named."""
    text = answer.header("X-OCCI-Error") or answer.body[:4096].decode("utf-8", "replace")
    start = text[:1000].lower()
    if "<html" in start or "<!doctype" in start or answer.content_type.lower().startswith("text/html"):
        return "(an HTML page)" if text.strip() else ""
    return printable(_said_in_json(text) or text, _SAID_SHOWN)


def _said_in_json(text: str) -> str:
    """Returns the message of an error that is written in JSON (reference §4.7), or ''."""
    try:
        said = json.loads(text) if text.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        return ""
    for _ in range(2):  # the message, or the object of one member that holds it
        if not isinstance(said, dict):
            break
        for name in ("message", "error", "reason"):
            if said.get(name):
                said = said[name]
                break
    return said if isinstance(said, str) else ""


def retry_after(answer: Answer) -> float | None:
    """Returns the seconds that a site asks to wait, from a number or a date (RFC 9110 §10.2.3), or None."""
    value = answer.header("Retry-After").strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 6 else None
    try:
        moment = parsedate_to_datetime(value)
        return max(
            0.0,
            (
                moment.replace(tzinfo=moment.tzinfo or timezone.utc) - datetime.now(timezone.utc)
            ).total_seconds(),
        )
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def comes_back(answer: Answer) -> bool:
    """Tells whether a site asks to come back later; a bare 503 may hide that a change was made all the same."""
    if answer.status == 503:
        return answer.method == "GET" or retry_after(answer) is not None
    return answer.status == 429


def waits(patience: float) -> Iterator[float]:
    """Yields growing pauses between repetitions until `patience` seconds have gone by."""
    end = time.monotonic() + patience
    wait = 0.1
    while (left := end - time.monotonic()) > 0:
        yield min(wait, left)
        wait = min(wait * 2, 1.0)
