"""Checks of application/occi+json: the schema by topics, and that a collection shows its entities whole (GFD.226 §3, §10, §11)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from OcciLibrary.conformance.answers import REFUSES_TYPE, status_among, understood
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError, failures
from OcciLibrary.conformance.rendering_rules import told_once
from OcciLibrary.occi.identity import below, path_of
from OcciLibrary.occi.infrastructure import ATTRIBUTE_TYPES
from OcciLibrary.occi.renderings import OCCI_JSON

if TYPE_CHECKING:
    from OcciLibrary.lint import Edition
    from OcciLibrary.lint import Finding as LintFinding

JSON = "GFD.226 §3"
_WHOLE = frozenset(
    {
        "no-json",
        "ok-body-in-json",
        "unknown-document",
        "bare-array",
        "model-wrapper",
        "no-occi-rendering",
        "unreadable",
    }
)
_DEFINITIONS = frozenset({"attributes-as-array", "capitalised-properties", "pattern-as-string"})
_VALUES = frozenset({"wrong-type", "number-as-string", "null-attribute", "nested-attributes"})
_TOPICS = {
    "definitions": _DEFINITIONS | {"nested-attributes", "wrong-member-type"} | _WHOLE,
    "values": _VALUES | _WHOLE,
}
TOPICS = ("members", *_TOPICS)
"""What the schema is judged by; what makes the whole document unusable belongs to each."""


def offered(exchange: Exchange) -> None:
    """Raises NotOfferedError where a site does not answer in JSON: it may do without (GFD.185 §3.6.6 does not know it)."""
    if exchange.status in REFUSES_TYPE or (exchange.succeeded and exchange.media_type != OCCI_JSON):
        raise NotOfferedError(f"{OCCI_JSON} ({exchange.told()})", "json")


def keeps_schema(exchange: Exchange, topic: str) -> Findings:
    """Returns what departs from the schema in one topic (a name of TOPICS) of an answer in JSON.

    Raises NotOfferedError where the answer is not in JSON, CannotBeShownError where it has nothing of the topic.
    """
    offered(exchange)
    if findings := status_among(exchange, (200,), f"GET in {OCCI_JSON}", JSON):
        return findings
    found = told_once([one for one in _linted(exchange) if _belongs(one, topic)])
    if failures(found):
        return found
    message, unread = understood(exchange, JSON)
    if unread:
        return unread
    if topic == "definitions" and not any(category.attributes for category in message.categories):
        raise CannotBeShownError("no category in the answer declares attributes")
    if topic == "values" and not _has_numbers(exchange):
        raise CannotBeShownError("no attribute in the answer is a number by the documents")
    if topic == "members" and not message.categories and not message.resources:
        return (Finding(JSON, "categories or entities", "neither", exchange.beginning()),)
    return found


def _linted(exchange: Exchange) -> Sequence[LintFinding]:
    from OcciLibrary.lint import lint_answer  # noqa: PLC0415 - most runs lint nothing

    editions: tuple[Edition, ...] = ("1.2",)  # with which JSON came
    return lint_answer(exchange.answer, editions)


def _belongs(finding: LintFinding, topic: str) -> bool:
    if topic != "members":
        return finding.rule in _TOPICS[topic]
    if finding.rule in _DEFINITIONS | _VALUES:
        return False
    return any(clause.startswith(("GFD.226", "RFC 8259")) for _, clause in finding.clauses)


def _has_numbers(exchange: Exchange) -> bool:
    message = exchange.message()
    entities = message.resources or (message.resource(),)
    return any(
        ATTRIBUTE_TYPES.get(name) in ("integer", "number") for one in entities for name in one.attributes
    )


def discovery_members(exchange: Exchange) -> Findings:
    """Returns a failure unless discovery is one object whose members kinds and actions are lists with something in them.

    Mixins may be missing: a site need not have any. Raises NotOfferedError where the answer is not in JSON.
    """
    offered(exchange)
    if findings := status_among(exchange, (200,), f"discovery in {OCCI_JSON}", JSON):
        return findings
    document = _parsed(exchange)
    found = []
    for name in ("kinds", "actions"):
        value = document.get(name) if isinstance(document, dict) else None
        if not isinstance(value, list) or not value:
            seen = f"{name} is {type(value).__name__}" if value is not None else f"no {name}"
            found.append(Finding(JSON, f"an object with a list of {name}", seen, exchange.beginning()))
    return tuple(found)


def shows_whole(exchange: Exchange, path: str, collection: str) -> Findings:
    """Returns a failure unless a collection in JSON shows the entity at a path, a remark where it shows its address or id alone.

    Raises NotOfferedError where the answer is not in JSON.
    """
    offered(exchange)
    if findings := status_among(exchange, (200,), f"a collection in {OCCI_JSON}", JSON):
        return findings
    message, findings = understood(exchange, JSON)
    if findings:
        return findings
    if path in map(path_of, message.locations):
        seen = "a list of addresses"
        return (
            Finding(
                JSON, "the entities themselves in a collection", seen, exchange.beginning(), harmless=True
            ),
        )
    for one in message.resources:
        if path_of(one.location or below(collection, one.id)) == path:
            if one.kind is not None and any(not name.startswith("occi.core.") for name in one.attributes):
                return ()
            expected = f"{path} with its kind and attributes"
            return (Finding(JSON, expected, "an entity without them", one.id, harmless=True),)
    seen = f"{len(message.resources)} entities, none of which is that"
    return (Finding(JSON, f"{path} in the collection", seen, exchange.beginning()),)


def _parsed(exchange: Exchange) -> Any:
    try:
        return json.loads(exchange.answer.body)
    except (ValueError, RecursionError):
        return None
