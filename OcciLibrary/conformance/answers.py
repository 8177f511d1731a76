"""Checks that hold for the answer to any request: its status, its media type, and that it is OCCI at all."""

from __future__ import annotations

from collections.abc import Sequence

from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import Finding, Findings
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.model import Message
from OcciLibrary.occi.request_errors import AnswerUnusable

# GFD.185 §3.6.8 and GFD.223 §5.4 list what a status means; these say that the client was wrong.
STATUS_CLAUSE = "GFD.185 §3.6.8; GFD.223 §5.4"
# How servers refuse a media type that they do not have: with 406 by the text, and with these in the field.
REFUSES_TYPE = (400, 406, 415, 501)
MEDIA_TYPE_CLAUSE = "GFD.185 §3.6.6; GFD.223 §5.2"


def status_among(exchange: Exchange, allowed: Sequence[int], what: str, clause: str) -> Findings:
    """Returns a failure unless the answer has one of the statuses; `what` names what was asked for."""
    if exchange.status in allowed:
        return ()
    wanted = " or ".join(map(str, allowed))
    return (Finding(clause, f"that {what} is answered {wanted}", _status(exchange), exchange.beginning()),)


def refused(exchange: Exchange, best: Sequence[int], what: str, clause: str) -> Findings:
    """Returns nothing for a refusal with one of the statuses of the document, a remark for another 4xx (or 501), else a failure."""
    if exchange.status in best:
        return ()
    wanted = " or ".join(map(str, best))
    is_refusal = exchange.refused or exchange.status == 501
    expected = (
        f"that {what} is refused with {wanted}" if is_refusal else f"that {what} is refused (4xx, {wanted})"
    )
    return (Finding(clause, expected, _status(exchange), exchange.beginning(), harmless=is_refusal),)


def media_type_is(exchange: Exchange, wanted: str, clause: str = MEDIA_TYPE_CLAUSE) -> Findings:
    """Returns a failure unless the answer's Content-Type is the media type that was asked for."""
    if exchange.media_type == wanted or (not exchange.answer.body and exchange.status == 204):
        return ()
    seen = f"Content-Type {exchange.answer.content_type!r}" if exchange.media_type else "no Content-Type"
    return (
        Finding(clause, f"an answer in {wanted}, which was asked for", seen, exchange.answer.content_type),
    )


def understood(exchange: Exchange, clause: str) -> tuple[Message, Findings]:
    """Returns what an answer says, or an empty message and the failure that it cannot be read as OCCI."""
    try:
        return exchange.message(), ()
    except RenderingError as problem:
        finding = Finding(clause, "an answer that is OCCI", str(problem), exchange.beginning())
    except AnswerUnusable as problem:
        finding = Finding(clause, "an answer that can be read", str(problem))
    return Message(), (finding,)


def one_entity(exchange: Exchange, clause: str) -> Findings:
    """Returns a failure unless an answer is 200 and renders one entity, with its kind and at least one attribute."""
    if findings := status_among(exchange, (200,), "GET of an entity", clause):
        return findings
    message, findings = understood(exchange, clause)
    if findings:
        return findings
    try:
        entity = message.resource()
    except RenderingError as problem:
        return (Finding(clause, "the rendering of one entity", str(problem), exchange.beginning()),)
    if entity.kind is None:
        return (
            Finding(clause, "an entity with its kind", "no category of class kind", exchange.beginning()),
        )
    if not entity.attributes:
        return (Finding(clause, "an entity with its attributes", "none", exchange.beginning()),)
    return ()


def _status(exchange: Exchange) -> str:
    return f"{exchange.status} {exchange.answer.reason}".rstrip()
