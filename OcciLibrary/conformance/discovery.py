"""Checks of the query interface: what it must show, that its filter filters, and that it says the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from OcciLibrary.conformance.answers import status_among, understood
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError
from OcciLibrary.conformance.profile import Profile
from OcciLibrary.occi.infrastructure import ENTITY_ID, LINK_ID, RESOURCE_ID
from OcciLibrary.occi.model import Action, Category, Kind, Message, Mixin, Resource

DISCOVERY = "GFD.185 §3.4.1; GFD.223 §9"
SAME_EVERYWHERE = "GFD.185 §3.6.7; GFD.223 §9"
FILTERING = "GFD.185 §3.4.1; GFD.223 §7"
_SHOWN = 5


def whole(exchange: Exchange) -> tuple[tuple[Category, ...], Findings]:
    """Returns the categories of a discovery answer, and what is wrong with it: 200, readable, with at least one kind."""
    if findings := status_among(exchange, (200,), "the query interface", DISCOVERY):
        return (), findings
    message, findings = understood(exchange, DISCOVERY)
    if findings:
        return (), findings
    if not any(isinstance(category, Kind) for category in message.categories):
        seen = f"{len(message.categories)} categories, none of them a kind"
        return message.categories, (
            Finding(DISCOVERY, "all kinds, mixins and actions", seen, exchange.beginning()),
        )
    missing = _missing((ENTITY_ID, RESOURCE_ID, LINK_ID), message.categories)
    if not missing:
        return message.categories, ()
    seen = f"no {', '.join(missing)}"
    remark = Finding(DISCOVERY, "all kinds, those of the core included", seen, harmless=True)
    return message.categories, (remark,)


def _missing(wanted: Iterable[str], categories: Sequence[Category]) -> list[str]:
    known = {category.id for category in categories}
    return [one for one in wanted if one not in known]


def offered(name: str, categories: Sequence[Category]) -> Category | None:
    """Returns the category that an id or a term names, None when discovery does not show it; a kind comes first."""
    fitting = [one for one in categories if name in (one.id, one.term)]
    return next((one for one in fitting if isinstance(one, Kind)), fitting[0] if fitting else None)


def offers(names: Sequence[str], categories: Sequence[Category]) -> Findings:
    """Returns a failure for each id or term that discovery does not show."""
    terms = ", ".join(category.term for category in categories[:40])
    return tuple(
        Finding(DISCOVERY, f"{name} in discovery", f"{len(categories)} categories without it", terms)
        for name in names
        if offered(name, categories) is None
    )


def has_types_of(resource: Resource, categories: Sequence[Category]) -> Findings:
    """Returns a failure for each kind, mixin and action of an entity that discovery does not show."""
    ids = [*([resource.kind.id] if resource.kind else []), *(mixin.id for mixin in resource.mixins)]
    ids += [link.action_id for link in resource.actions]
    return tuple(
        Finding(DISCOVERY, "every type and action of the VM in discovery", "not shown there", one)
        for one in dict.fromkeys(_missing(ids, categories))
    )


def filtered(
    exchange: Exchange, wanted: Category, everything: Sequence[Category], profile: Profile
) -> Findings:
    """Returns a failure unless a filtered answer shows the wanted category and leaves others out.

    What is related to the wanted category (its mixins, its actions, its parents) may stay (GFD.223 §7). Raises
    CannotBeShownError where everything is related to it, NotOfferedError where a site of 1.2 alone does not filter.
    """
    own = {wanted.id, *_named_by(wanted)}
    unrelated = {one.id for one in everything if one.id not in own and wanted.id not in _named_by(one)}
    if not unrelated:
        raise CannotBeShownError("discovery shows nothing that a filter for one category would leave out")
    findings = status_among(exchange, (200,), "a filtered query", FILTERING)
    if findings:
        return findings
    message, findings = understood(exchange, FILTERING)
    shown = {category.id for category in message.categories}
    if findings:
        return findings
    if wanted.id not in shown:
        return (
            Finding(
                FILTERING,
                f"that {wanted.id} stays",
                f"{len(shown)} categories without it",
                exchange.beginning(),
            ),
        )
    stayed = sorted(unrelated & shown)
    if not stayed:
        return ()
    if profile.only_new and unrelated <= shown:
        raise NotOfferedError(
            "the site ignores a filter on discovery, which OCCI 1.2 deprecates (GFD.223 §7)", "filters"
        )
    seen = f"{len(stayed)} of {len(unrelated)} others are still there"
    return (
        Finding(
            FILTERING,
            f"that a filter for {wanted.id} leaves other categories out",
            seen,
            ", ".join(stayed[:_SHOWN]),
        ),
    )


def _named_by(category: Category) -> set[str]:
    if isinstance(category, Kind):
        return {category.parent, *category.actions}
    if isinstance(category, Mixin):
        return {*category.depends, *category.applies, *category.actions}
    return set()


def filter_for_unknown(exchange: Exchange, everything: Sequence[Category], profile: Profile) -> Findings:
    """Returns a failure when a filter for a category that nobody has shows categories all the same.

    The documents do not say what the answer is; 404, another refusal and an empty answer show nothing that was not asked for.
    """
    if exchange.refused or exchange.status == 204:
        return ()
    if findings := status_among(exchange, (200, 204, 404), "a filter for an unknown category", FILTERING):
        return findings
    if not exchange.answer.body.strip() and exchange.media_type != "text/occi":
        return ()
    message, findings = understood(exchange, FILTERING)
    if findings or not message.categories:
        return findings
    shown = {category.id for category in message.categories}
    if profile.only_new and {category.id for category in everything} <= shown:
        raise NotOfferedError(
            "the site ignores a filter on discovery, which OCCI 1.2 deprecates (GFD.223 §7)", "filters"
        )
    piece = ", ".join(sorted(shown)[:_SHOWN])
    return (
        Finding(
            FILTERING,
            "nothing, or 404, for a category that the site does not have",
            f"{len(shown)} categories",
            piece,
        ),
    )


def finds_known(exchange: Exchange, wanted: Category) -> None:
    """Raises CannotBeShownError unless a filter for a category that the site has finds it.

    Where every filter is refused, or finds nothing, that an unknown category is not found shows nothing.
    """
    message, findings = understood(exchange, FILTERING)
    if exchange.status != 200 or findings or wanted.id not in {one.id for one in message.categories}:
        raise CannotBeShownError(f"a filter for {wanted.id} finds nothing either ({exchange.told()})")


def nothing_there(exchange: Exchange) -> bool:
    """Tells whether there is no discovery at an address: it is refused, or answered as an empty name space is (GFD.185 §3.4.2)."""
    if not exchange.succeeded:
        return exchange.refused or exchange.status == 501
    message, findings = understood(exchange, DISCOVERY)
    return not findings and message == Message()


def same(one: Sequence[Category], other: Sequence[Category], where: str, clause: str) -> Findings:
    """Returns what differs between two discovery answers: a category that one lacks fails, its content is told too.

    Compared are ids, classes, the names of attributes, relations and actions; titles and locations (which may be relative in one
    rendering) are not.
    """
    first, second = {each.id: each for each in one}, {each.id: each for each in other}
    findings = [
        Finding(
            clause,
            f"the same categories {where}",
            f"{what} {len(ids)} of {len(first)}",
            ", ".join(ids[:_SHOWN]),
        )
        for what, ids in (
            ("it lacks", [each for each in first if each not in second]),
            ("there are others, beside the", [each for each in second if each not in first]),
        )
        if ids
    ]
    for category_id in first.keys() & second.keys():
        if what := _difference(first[category_id], second[category_id]):
            findings.append(Finding(clause, f"the same content of each category {where}", what, category_id))
    return tuple(findings)


def _difference(one: Category, other: Category) -> str:
    if type(one) is not type(other):
        return f"{type(one).__name__.lower()} here, {type(other).__name__.lower()} there"
    here, there = {each.name for each in one.attributes}, {each.name for each in other.attributes}
    if here != there:
        return f"other attributes ({', '.join(sorted(here ^ there)[:_SHOWN])})"
    if not isinstance(one, Action) and set(_actions(one)) != set(_actions(other)):
        return f"other actions ({', '.join(sorted(set(_actions(one)) ^ set(_actions(other)))[:_SHOWN])})"
    return ""


def _actions(category: Category) -> tuple[str, ...]:
    return category.actions if isinstance(category, (Kind, Mixin)) else ()
