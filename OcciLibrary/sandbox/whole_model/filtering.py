"""The filters of a GET: categories and attributes that tell what is wanted (GFD.185 §3.4, GFD.223 §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus

from OcciLibrary.occi.model import Category, Message, Resource
from OcciLibrary.occi.renderings import TEXT_OCCI, TEXT_PLAIN
from OcciLibrary.sandbox.exchange import RefusedError, Request, Why
from OcciLibrary.sandbox.whole_model.known import Known
from OcciLibrary.sandbox.whole_model.rules import Rules
from OcciLibrary.sandbox.whole_model.strictness import checked_grammar


def filter_of(request: Request, takes: Callable[[str], str], rules: Rules) -> Message | None:
    """Returns the filter of a request, from its header fields or its body; None where there is none.

    Raises RefusedError: 400 for what cannot be read, 415 for a body that is no filter.
    """
    found = request.filter()
    if found is None and rules.filters_in_bodies and request.body.strip():
        media_type = takes(request.content_type)
        if media_type != TEXT_PLAIN:
            raise RefusedError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"A filter comes as {TEXT_PLAIN} or {TEXT_OCCI}.",
                why=Why.MEDIA_TYPE,
            )
        found = request.message(media_type)
    return checked_grammar(found) if found else None


def of_discovery(wanted: Message | None, known: Known, rules: Rules) -> tuple[Category, ...]:
    """Returns the categories that a filter lets through. Raises RefusedError: 404 for an unknown one, 400 for attributes."""
    if wanted is None or not (wanted.categories or wanted.attributes):
        return known.categories
    if wanted.attributes:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, "Discovery is filtered by categories only.", why=Why.BAD_FILTER
        )
    ids = {known.checked(category).id for category in wanted.categories}
    if not rules.filters_by_relatives:
        return tuple(category for category in known.categories if category.id in ids)
    return tuple(
        category for category in known.categories if category.id in ids or ids & known.lineage(category.id)
    )


def check(wanted: Message | None, known: Known) -> None:
    """Raises RefusedError for categories of a filter: 404 for an unknown one, 400 for a wrong class or an action."""
    for category in wanted.categories if wanted else ():
        known.checked_type(category)


def passes(resource: Resource, wanted: Message, known: Known) -> bool:
    """Tells whether an entity has all the categories and all the attributes of a checked filter."""
    named: Iterable[str] = [mixin.id for mixin in resource.mixins]
    own = {*named, *([resource.kind.id] if resource.kind else [])}
    every = {one for category_id in own for one in known.lineage(category_id)}
    if not {category.id for category in wanted.categories} <= every:
        return False
    return all(resource.attributes.get(name) == value for name, value in wanted.attributes.items())
