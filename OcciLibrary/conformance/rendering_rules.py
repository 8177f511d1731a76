"""Does an answer keep to the grammar of its rendering? The lint's findings about one topic, and evidence that there was something to judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from OcciLibrary.conformance.answers import status_among, understood
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, failures
from OcciLibrary.conformance.profile import Profile
from OcciLibrary.occi.model import Message

if TYPE_CHECKING:
    from OcciLibrary.lint import Edition
    from OcciLibrary.lint import Finding as LintFinding

GRAMMAR = "GFD.185 §3.5; GFD.229 §4"
_MEDIA_TYPE = "GFD.185 §3.6.6; GFD.229 §6-8"
# With these nothing else can be judged, so that they belong to every topic.
_UNUSABLE = frozenset(
    {
        "no-occi-rendering",
        "no-occi-field",
        "no-json",
        "unknown-document",
        "unreadable",
        "fields-in-body",
        "fields-in-headers",
        "missing-content-type",
    }
)
_QUOTING = frozenset(
    {
        "unclosed-quote",
        "needless-escape",
        "control-character",
        "unquoted-parameter",
        "quote-around-param",
        "misplaced-word",
        "quoted-field-name",
    }
)
_VALUES = frozenset(
    {"quoted-number", "unquoted-string", "number-format", "wrong-type", "quoted-attribute-name"}
)
_WORDS = frozenset({"unknown-value", "unknown-attribute"})
_DEFINITIONS = frozenset({"unknown-attribute-property", "illegal-attribute-name"})
_ACTIONS = frozenset({"action-link-without-query", "action-term-mismatch"})
_LINES = frozenset(
    {
        "unknown-field",
        "renamed-field",
        "leading-blank",
        "blank-first-line",
        "folded-line",
        "backslash-continuation",
        "missing-line-end",
        "several-entities",
        "empty-list-item",
    }
)
_CHARACTERS = frozenset(
    {"not-utf-8", "other-charset", "non-ascii-header", "media-type-list", "text-occi-body"}
)
# What the tests of the core and infrastructure documents judge; a rendering may be sound with it.
_OF_OTHER_DOCUMENTS = _WORDS | {
    "reserved-scheme",
    "duplicate-category",
    "location-without-slash",
    "kind-without-location",
    "entity-with-location",
    "server-without-version",
}
_LISTS = frozenset({"relative-location", "no-uri", "delimited-location"})


@dataclass(frozen=True, slots=True)
class Topic:
    """Says what belongs to a topic.

    ``fields`` are OCCI fields in which everything counts but the rules ``without``, ``rules`` those that count wherever they are
    broken. ``shown`` gives how much of it a message has, and ``nothing`` says that there is none.
    """

    shown: Callable[[Message], object]
    nothing: str
    fields: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


def _anything(message: Message) -> object:
    return message.categories or message.attributes or message.locations or message.resources


def _quoted(message: Message) -> object:
    return [value for value in message.attributes.values() if isinstance(value, str)] or message.categories


_ELSEWHERE = _OF_OTHER_DOCUMENTS | _QUOTING | _LINES | _CHARACTERS
TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        "categories": Topic(
            lambda message: message.categories,
            "it has no category",
            frozenset({"Category"}),
            without=_ELSEWHERE | _DEFINITIONS,
        ),
        "attribute definitions": Topic(
            lambda message: [
                each
                for one in message.categories
                for each in one.attributes
                if each.immutable or each.required
            ],
            "no category in it declares an attribute immutable or required",
            rules=frozenset({"unknown-attribute-property"}),
        ),
        "links": Topic(
            lambda message: message.links,
            "it has no link",
            frozenset({"Link"}),
            without=_ELSEWHERE | _ACTIONS,
        ),
        "actions": Topic(
            lambda message: message.actions, "it offers no action", frozenset({"Link"}), without=_ELSEWHERE
        ),
        "attributes": Topic(
            lambda message: message.attributes,
            "it has no attribute",
            frozenset({"X-OCCI-Attribute"}),
            without=_ELSEWHERE | _VALUES,
        ),
        "values": Topic(lambda message: message.attributes, "it has no attribute", rules=_VALUES),
        "locations": Topic(
            lambda message: message.locations,
            "nothing is listed",
            frozenset({"X-OCCI-Location", "Location"}),
            _LISTS,
            without=_ELSEWHERE,
        ),
        "quoting": Topic(_quoted, "nothing in it is quoted", rules=_QUOTING),
        "lines": Topic(_anything, "it is empty", rules=_LINES),
        "characters": Topic(_anything, "it is empty", rules=_CHARACTERS),
    }
)


def conforms(exchange: Exchange, profile: Profile) -> Findings:
    """Returns all that is wrong with the rendering of an answer; what goes beyond the documents and does no harm is a remark.

    Another status than 200 is a failure, for it is no rendering. Raises CannotBeShownError when the answer has nothing in it.
    """
    return _judged(exchange, profile, lambda one: True, _anything, "it is empty")


def keeps_grammar(exchange: Exchange, topic: str, profile: Profile) -> Findings:
    """Returns what is wrong with one topic (a name of TOPICS) of an answer's rendering.

    Raises CannotBeShownError when the answer has nothing of the topic.
    """
    chosen = TOPICS[topic]
    return _judged(exchange, profile, lambda one: _belongs(one, chosen), chosen.shown, chosen.nothing)


def _judged(
    exchange: Exchange,
    profile: Profile,
    counts: Callable[[LintFinding], bool],
    shown: Callable[[Message], object],
    nothing: str,
) -> Findings:
    if exchange.status == 204:
        raise CannotBeShownError(f"{exchange.told()}: {nothing}")
    if findings := status_among(exchange, (200,), "a request for a rendering", _MEDIA_TYPE):
        return findings
    found = told_once([one for one in _linted(exchange, profile) if counts(one)])
    if failures(found):
        return found
    message, unread = understood(exchange, GRAMMAR)
    if unread:
        return unread
    if not shown(message):
        raise CannotBeShownError(f"{exchange.told()}: {nothing}")
    return found


def _linted(exchange: Exchange, profile: Profile) -> tuple[LintFinding, ...]:
    from OcciLibrary.lint import EDITIONS, lint_answer  # noqa: PLC0415 - most runs lint nothing

    editions: tuple[Edition, ...] = tuple(edition for edition in EDITIONS if profile.speaks(edition))
    return lint_answer(exchange.answer, editions or EDITIONS)


def _belongs(finding: LintFinding, topic: Topic) -> bool:
    if finding.rule in _UNUSABLE or finding.rule in topic.rules:
        return True
    return finding.field in topic.fields and finding.rule not in topic.without


def told_once(linted: Sequence[LintFinding]) -> Findings:
    """Returns a finding for each rule of the lint that is broken: its first place, and how many others there are."""
    counts = Counter(one.rule for one in linted)
    first = {one.rule: one for one in reversed(linted)}
    return tuple(_finding(first[rule], count - 1) for rule, count in counts.items())


def _finding(one: LintFinding, others: int) -> Finding:
    clauses = "; ".join(dict.fromkeys(clause for _, clause in one.clauses))
    more = f", and {others} more of the kind" if others else ""
    return Finding(
        f"{clauses}; rule {one.rule}",
        one.expected or "nothing of the kind",
        f"{one.message} (line {one.place.line}, column {one.place.column} of the answer{more})",
        one.seen,
        harmless=one.level == "warning",
    )


def taken(exchange: Exchange, clause: str) -> Findings:
    """Returns a failure for a request in a form that the documents want understood, when the site refused it."""
    return status_among(exchange, (200, 201, 204), "an update in a form that the documents allow", clause)
