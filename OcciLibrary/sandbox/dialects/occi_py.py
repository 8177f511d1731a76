"""occi-py 0.6, as it answered on the wire."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import COMPUTE_ID, standard_categories
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, Kind
from OcciLibrary.occi.renderings import TEXT_OCCI, TEXT_PLAIN, URI_LIST
from OcciLibrary.sandbox.dialects import json_forms
from OcciLibrary.sandbox.dialects.dialect import (
    DISCOVERY,
    Actions,
    Attributes,
    Dialect,
    Front,
    Paths,
    Refusal,
    Updates,
    ok_answer,
    worded,
)
from OcciLibrary.sandbox.dialects.methods import any_method
from OcciLibrary.sandbox.dialects.negotiation import NOTHING, choosing, taking
from OcciLibrary.sandbox.dialects.text_form import HTML, DialectWriter, TextForm
from OcciLibrary.sandbox.exchange import Why

_TITLES = {term: f"{term.capitalize()} Compute Resource" for term in ("start", "stop", "restart", "suspend")}
_PLACES = {"/networkinterface/": "/link/networkinterface/", "/storagelink/": "/link/storage/"}
_METHOD = (AttributeDefinition("method"),)


def _own(category: Category) -> Category:
    """Returns a category with this server's titles and places; its core names attributes in short."""
    if isinstance(category, Action) and category.term in _TITLES:
        return replace(category, title=_TITLES[category.term], attributes=_METHOD)
    if category.id == COMPUTE_ID and isinstance(category, Kind):
        bare = tuple(AttributeDefinition(definition.name) for definition in category.attributes)
        return replace(category, title="Compute Resource", attributes=bare, actions=())
    place = _PLACES.get(category.location, category.location).removeprefix("/mixin")
    names = tuple(
        replace(one, name=one.name.removeprefix("occi.core."))
        for one in category.attributes
        if one.name != "occi.core.id"
    )
    return replace(category, location=place, attributes=names)


_CATEGORIES = tuple(_own(category) for category in standard_categories())
_TYPES = {name: name for name in (TEXT_PLAIN, TEXT_OCCI, URI_LIST)}
_NO_RENDERER = Refusal(HTTPStatus.BAD_REQUEST, "No renderer found for requested content types")
_NOT_THERE = Refusal(HTTPStatus.NOT_FOUND, '"{path}": Resource instance does not exist')
_NO_CATEGORY = Refusal(HTTPStatus.BAD_REQUEST, '"{named}": Category does not exist')


def _two_decimals(number: float) -> str:
    return f"{number:.2f}" if isinstance(number, float) else str(number)


OCCI_PY = Dialect(
    name="occi-py",
    likeness="occi-py 0.6: a title without its prefix, no id, actions answered OK, 400 for most errors, a PUT that merges",
    front=Front("occi-py/0.6 OCCI/1.1"),
    paths=Paths(
        discovery=(DISCOVERY,),
        collections=("/network/", "/storage/", "/link/networkinterface/", "/link/storage/"),
        lists_all=True,
    ),
    accepts=choosing(_TYPES, without=TEXT_PLAIN, wild=TEXT_PLAIN),
    accepts_for_listing=choosing(_TYPES, without=URI_LIST, wild=URI_LIST),
    takes=taking((TEXT_PLAIN, TEXT_OCCI), without=NOTHING),
    entity_types=(TEXT_PLAIN, TEXT_OCCI, URI_LIST),
    discovery_types=(TEXT_PLAIN, TEXT_OCCI, URI_LIST),
    writer=DialectWriter(
        TextForm(
            line_end="\r\n",
            number=_two_decimals,
            in_entity=("title",),
            in_discovery=("title", "rel", "attributes", "location"),
            headers_body=b"",
        ),
        json_forms.STANDARD,
        uris_end=True,
        tells_categories_as_uris=False,
    ),
    categories=_CATEGORIES,
    kind=next(one for one in _CATEGORIES if isinstance(one, Kind) and one.id == COMPUTE_ID),
    attributes=Attributes(
        order=(
            "occi.core.title",
            "occi.compute.architecture",
            "occi.compute.cores",
            "occi.compute.hostname",
            "occi.compute.speed",
            "occi.compute.memory",
            "occi.compute.state",
        ),
        renamed={"occi.core.title": "title"},
    ),
    actions=Actions(titles=_TITLES, method=any_method, answer=ok_answer),
    updates=Updates(
        post=Refusal(HTTPStatus.BAD_REQUEST, "Missing action query parameter"),
        put_merges=True,
        answer=ok_answer,
    ),
    refusals={
        Why.NOTHING_THERE: _NOT_THERE,
        Why.NO_ENTITY: _NOT_THERE,
        Why.WRONG_METHOD: Refusal(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "<html><title>405: Method Not Allowed</title></html>",
            f"{HTML}; charset=UTF-8",
        ),
        Why.NOT_ACCEPTABLE: _NO_RENDERER,
        Why.MEDIA_TYPE: Refusal(HTTPStatus.BAD_REQUEST, '"{content_type}": Content-Type not supported'),
        Why.NO_ACTION: Refusal(HTTPStatus.BAD_REQUEST, "Specify a single Category to identify an Action"),
        Why.OTHER_ACTION: Refusal(
            HTTPStatus.BAD_REQUEST, "{action}: query parameter mismatch action category"
        ),
        Why.UNKNOWN_ACTION: _NO_CATEGORY,
        Why.UNKNOWN_CATEGORY: _NO_CATEGORY,
        Why.NOT_NOW: Refusal(HTTPStatus.BAD_REQUEST, "{term}: action not applicable"),
    },
    error=lambda media_type, status, words: worded("; charset=utf-8")(TEXT_PLAIN, status, words),
    newest=None,
)
