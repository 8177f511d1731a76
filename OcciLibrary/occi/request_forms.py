"""In which media type a change is written, and what a refusal was about: the form, the way, or the change itself.

The form that every known server takes is text/occi without a body; what is not safe in a header goes as text/plain, what
no line can hold as JSON.
"""

from __future__ import annotations

import re

from OcciLibrary.occi.model import AttributeValue, Message
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, write
from OcciLibrary.occi.request_errors import RequestRefused

# Outside these bytes a text/occi header is not read alike by all servers: pyssf and rOCCI-server 2 split at each comma,
# MartServer cuts a value off at its first =.
_HEADER_UNSAFE = frozenset(',;"\\=')
_LONGEST_IN_HEADERS = 4000  # many servers refuse 8 kB of header
_NOT_ACCEPTABLE = (406, 415)
_NO_PARTIAL_UPDATE = (405, 501)
# How servers refuse a whole entity for one attribute in it; occi-py ends in 500.
MAY_BE_ONE_ATTRIBUTE = (400, 403, 404, 422, 500)
# Servers that take each POST to an entity for an action say so by 400: "Missing action query parameter" and the like.
_TAKEN_FOR_ACTION = re.compile(r"\b(missing|invalid|no|unknown|without)\b.{0,20}\baction\b", re.IGNORECASE)
# What servers say with 400 of a request that they cannot read; of a value that they do not like they speak otherwise.
_CANNOT_READ = re.compile(
    r"\b(pars(e|er|ed|ing)|syntax|malformed|media.?type|mime|content.?type|json|render(ing|er))\b",
    re.IGNORECASE,
)


def forms(message: Message, first: str = "", prefers_json: bool = False) -> tuple[str, ...]:
    """Returns the media types in which a change can be written, best first.

    `first` is a media type that has proved good; `prefers_json` says that the site reads JSON more exactly than text.
    """
    bodies = (OCCI_JSON, TEXT_PLAIN) if prefers_json else (TEXT_PLAIN, OCCI_JSON)
    order = dict.fromkeys(one for one in (first, TEXT_OCCI, *bodies) if one)
    return tuple(media_type for media_type in order if _fits(message, media_type))


def _fits(message: Message, media_type: str) -> bool:
    values = message.attributes.values()
    if media_type == OCCI_JSON:
        return True
    if any(isinstance(value, (list, dict)) for value in values):
        return False
    return media_type != TEXT_OCCI or (all(map(_header_safe, values)) and _short(message))


def _header_safe(value: AttributeValue) -> bool:
    if isinstance(value, (int, float)):
        return True
    text = str(value)
    return text.isascii() and text.isprintable() and not _HEADER_UNSAFE & set(text)


def _short(message: Message) -> bool:
    return sum(len(value) for _, value in write(message, TEXT_OCCI).headers) <= _LONGEST_IN_HEADERS


def is_about_form(refusal: RequestRefused) -> bool:
    """Tells whether a site refused how a request was written, not what it wanted.

    It proves nothing about what the site did: rOCCI-server 1 acts and then answers 406, erocci acts and answers 415.
    """
    if refusal.status in _NOT_ACCEPTABLE:
        return True
    return refusal.status == 400 and bool(_CANNOT_READ.search(refusal.said))


def has_no_partial_update(refusal: RequestRefused) -> bool:
    """Tells whether a site refused a partial update because it has none, whatever the attribute and value."""
    if refusal.status in _NO_PARTIAL_UPDATE:
        return True
    return refusal.status == 400 and bool(_TAKEN_FOR_ACTION.search(refusal.said))


def refused_both(partial: RequestRefused, more: str) -> RequestRefused:
    """Returns the refusal of a partial update with what else was tried, or why nothing was."""
    words = f"{str(partial).rstrip('.')}; {more}"
    return RequestRefused(words, partial.status, partial.said, partial.retry_after)
