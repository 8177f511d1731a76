"""Checks of media types and versions: an answer comes as it was asked for, and says the same in every rendering."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from OcciLibrary.conformance.answers import (
    MEDIA_TYPE_CLAUSE,
    REFUSES_TYPE,
    media_type_is,
    refused,
    status_among,
    understood,
)
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError
from OcciLibrary.conformance.profile import Profile
from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.identity import path_of
from OcciLibrary.occi.model import AttributeValue, Message, Resource
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST

VERSION_CLAUSE = "GFD.185 §3.6.5; GFD.223 §5.3"
MUST_OFFER = "GFD.185 §3.6.6"
_OF_OCCI = (TEXT_PLAIN, TEXT_OCCI, URI_LIST, OCCI_JSON, "application/json", "text/occi+plain")
_DEFAULT = "text/plain where a client names no media type"
_TOKEN = re.compile(r"\bOCCI/(\d{1,3}\.\d{1,3})\b")


def given_as_asked(exchange: Exchange, media_type: str, profile: Profile) -> tuple[Message, Findings]:
    """Returns what an answer says, and a failure unless it is 200 in the media type that was asked for.

    Raises NotOfferedError where a site may do without that media type: OCCI 1.1 demands the text renderings, and no other.
    """
    optional = media_type not in (TEXT_PLAIN, TEXT_OCCI, URI_LIST) or profile.only_new
    other = exchange.succeeded and exchange.media_type in _OF_OCCI and exchange.media_type != media_type
    if optional and (exchange.status in REFUSES_TYPE or other):
        raise NotOfferedError(f"{media_type} ({exchange.told()})", "json" if media_type == OCCI_JSON else "")
    if findings := status_among(exchange, (200,), f"GET in {media_type}", MEDIA_TYPE_CLAUSE):
        return Message(), findings
    if findings := media_type_is(exchange, media_type):
        return Message(), findings
    return understood(exchange, MEDIA_TYPE_CLAUSE)


def default_type(exchange: Exchange, profile: Profile) -> Findings:
    """Returns a failure unless an answer to a client that takes anything is text/plain (1.1), or a rendering of OCCI (1.2).

    A site of both versions may take either for its default, and a remark tells which. Raises NotOfferedError for a page for
    people on a site of 1.2 alone, which names no default.
    """
    if findings := status_among(exchange, (200,), "GET without a choice of media type", MEDIA_TYPE_CLAUSE):
        return findings
    if exchange.media_type == TEXT_PLAIN:
        return understood(exchange, MEDIA_TYPE_CLAUSE)[1]
    if exchange.media_type not in _OF_OCCI and profile.only_new:
        raise NotOfferedError(
            f"a rendering of OCCI by default, which OCCI 1.2 does not demand ({exchange.told()})"
        )
    if exchange.media_type not in _OF_OCCI:
        seen = f"Content-Type {exchange.answer.content_type!r}"
        return (Finding(MUST_OFFER, _DEFAULT, seen, exchange.answer.content_type),)
    _, findings = understood(exchange, MEDIA_TYPE_CLAUSE)
    if findings or profile.only_new:
        return findings
    also = profile.speaks("1.2")
    return (
        Finding(
            MUST_OFFER,
            _DEFAULT,
            f"Content-Type {exchange.answer.content_type!r}",
            exchange.answer.content_type,
            harmless=also,
        ),
    )


def impossible_type(exchange: Exchange) -> Findings:
    """Returns a failure unless a request for a media type that no OCCI server has is refused, best with 406."""
    return refused(exchange, (406,), "a request for image/png", MEDIA_TYPE_CLAUSE)


def no_list_of_one(exchange: Exchange, profile: Profile) -> Findings:
    """Returns a failure unless one entity as text/uri-list is refused; 400 by the text, and 406 says the same.

    An answer is a remark where the site speaks OCCI 1.2 too, which does not forbid it. Raises CannotBeShownError for an answer of
    a site of OCCI 1.2 alone.
    """
    if profile.only_new and exchange.succeeded:
        raise CannotBeShownError(
            f"OCCI 1.2 alone says nothing of one entity as text/uri-list ({exchange.told()})"
        )
    found = refused(exchange, (400, 406), "one entity as text/uri-list", MUST_OFFER)
    is_list = exchange.succeeded and exchange.media_type == URI_LIST
    allowed = is_list and profile.speaks("1.2") and not understood(exchange, MUST_OFFER)[1]
    return tuple(replace(one, harmless=True) for one in found) if allowed else found


def same_entity(one: Message, other: Message, where: str, clause: str = MEDIA_TYPE_CLAUSE) -> Findings:
    """Returns what two renderings of one entity do not have in common: kind, mixins, actions, and the values of attributes."""
    try:
        first, second = one.resource(), other.resource()
    except RenderingError as problem:
        return (Finding(clause, f"the rendering of one entity {where}", str(problem)),)
    findings = [
        Finding(
            clause, f"the same {what} {where}", f"{_ids(there)} instead of {_ids(here)}", _ids(here ^ there)
        )
        for what, here, there in (
            ("kind", _kind(first), _kind(second)),
            ("mixins", {each.id for each in first.mixins}, {each.id for each in second.mixins}),
            (
                "actions",
                {each.action_id for each in first.actions},
                {each.action_id for each in second.actions},
            ),
            ("links", _targets(first), _targets(second)),
        )
        if here != there
    ]
    return (*findings, *same_attributes(first.attributes, second.attributes, where, clause))


def same_attributes(
    one: Mapping[str, AttributeValue], other: Mapping[str, AttributeValue], where: str, clause: str
) -> Findings:
    """Returns the attributes whose values differ. What one rendering lacks of the site's own attributes is a remark."""
    findings = []
    for name in sorted({*one, *other}):
        here, there = one.get(name), other.get(name)
        if same_value(here, there) or str(here) == str(there):
            continue
        seen = f"{_value(there)} instead of {_value(here)}"
        harmless = not name.startswith("occi.") and (here is None or there is None)
        findings.append(Finding(clause, f"the same {name} {where}", seen, name, harmless))
    return tuple(findings)


def _kind(resource: Resource) -> set[str]:
    return {resource.kind.id} if resource.kind else set()


def _targets(resource: Resource) -> set[str]:
    return {path_of(str(link.attributes.get("occi.core.target", link.target))) for link in resource.links}


def _ids(ids: set[str]) -> str:
    return ", ".join(sorted(ids)[:5]) or "none"


def _value(value: AttributeValue | None) -> str:
    return "nothing" if value is None else repr(value)


# ---- versions


def names_version(exchanges: Sequence[Exchange]) -> Findings:
    """Returns a failure unless the Server header of every answer names a version of OCCI."""
    return tuple(
        Finding(
            VERSION_CLAUSE,
            f"OCCI/1.1 or OCCI/1.2 in the Server header of {exchange.answer.method} {exchange.answer.url}",
            f"Server: {exchange.answer.header('Server') or 'nothing'}",
            exchange.answer.header("Server"),
        )
        for exchange in exchanges
        if not any(_TOKEN.search(value) for value in exchange.answer.all_headers("Server"))
    )


def claims_spoken(exchange: Exchange, profile: Profile) -> Findings:
    """Returns a failure for each version that the site file claims and the Server header does not name."""
    named = {token for value in exchange.answer.all_headers("Server") for token in _TOKEN.findall(value)}
    return tuple(
        Finding(
            VERSION_CLAUSE,
            f"OCCI/{version}, which the site file claims, in the Server header",
            f"Server: {exchange.answer.header('Server') or 'nothing'}",
            exchange.answer.header("Server"),
            harmless=bool(named),
        )
        for version in profile.versions
        if version not in named
    )


def refuses_newer(exchange: Exchange) -> Findings:
    """Returns a failure unless a client of a version that nobody speaks is answered 501."""
    return status_among(exchange, (501,), "a client of OCCI/9.9", VERSION_CLAUSE)
