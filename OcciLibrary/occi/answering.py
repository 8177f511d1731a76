"""What an answer's status means: done, refused with the site's own words, or to be asked again later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from OcciLibrary.occi.challenges import schemes
from OcciLibrary.occi.request_errors import LoginRefused, RequestRefused
from OcciLibrary.occi.transport import Answer, printable, shown_url

_SAID_SHOWN = 200


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
    if location:
        return f"it points to {location}, which is not followed"
    return "by this status nothing was done"


def site_words(answer: Answer) -> str:
    """Returns the site's own words about an error: printable, one line, shortened; an HTML page is only named."""
    text = answer.header("X-OCCI-Error") or answer.body[:4096].decode("utf-8", "replace")
    start = text[:1000].lower()
    if "<html" in start or "<!doctype" in start or answer.content_type.lower().startswith("text/html"):
        return "(an HTML page)" if text.strip() else ""
    return printable(text, _SAID_SHOWN)


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
