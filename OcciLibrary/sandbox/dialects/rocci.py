"""rOCCI-server 1.1 and 2.0, as they answered on the wire; the state words of their back-ends from their sources."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import (
    COMPUTE_ACTION_SCHEME,
    INFRASTRUCTURE_SCHEME,
    OS_TPL_ID,
    RESOURCE_ID,
    standard_categories,
)
from OcciLibrary.occi.model import AttributeDefinition, Category, Kind, Mixin
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST
from OcciLibrary.sandbox.dialects import json_forms
from OcciLibrary.sandbox.dialects.dialect import (
    Actions,
    Attributes,
    Dialect,
    Front,
    Linked,
    Paths,
    Refusal,
    Updates,
    empty_answer,
    worded,
)
from OcciLibrary.sandbox.dialects.methods import none_for_start
from OcciLibrary.sandbox.dialects.negotiation import choosing, taking
from OcciLibrary.sandbox.dialects.text_form import HTML, DialectWriter, TextForm
from OcciLibrary.sandbox.exchange import Why

_COMPUTE_ACTIONS = tuple(COMPUTE_ACTION_SCHEME + term for term in ("start", "stop", "restart", "suspend"))
_COMPUTE = Kind(
    "compute",
    INFRASTRUCTURE_SCHEME,
    "compute resource",
    (
        AttributeDefinition("occi.core.id", required=True, immutable=True),
        AttributeDefinition("occi.core.title"),
        AttributeDefinition("occi.core.summary"),
        AttributeDefinition("occi.compute.architecture"),
        AttributeDefinition("occi.compute.cores", type="number"),
        AttributeDefinition("occi.compute.hostname"),
        AttributeDefinition("occi.compute.memory", type="number"),
        AttributeDefinition("occi.compute.speed", type="number"),
        AttributeDefinition("occi.compute.state", immutable=True),
    ),
    "/compute/",
    RESOURCE_ID,
    _COMPUTE_ACTIONS,
)
_DEBIAN = Mixin(
    "debian6",
    "http://occi.example.org/occi/infrastructure/os_tpl#",
    "debian",
    (AttributeDefinition("eu.egi.fedcloud.appdb.uuid", required=True, immutable=True),),
    "/mixin/os_tpl/debian6/",
    depends=(OS_TPL_ID,),
)
_LINKS_BELOW = {"/networkinterface/": "/link/networkinterface/", "/storagelink/": "/link/storagelink/"}


def _rocci1_categories() -> tuple[Category, ...]:
    """Returns the kinds with the locations and the one template that rOCCI adds."""
    known: list[Category] = []
    for category in standard_categories():
        location = category.location or (f"/{category.term}/" if isinstance(category, Kind) else "")
        moved = replace(category, location=_LINKS_BELOW.get(location, location))
        known.append(_COMPUTE if category.term == "compute" else moved)
    last_mixin = max(place for place, category in enumerate(known) if isinstance(category, Mixin))
    return (*known[: last_mixin + 1], _DEBIAN, *known[last_mixin + 1 :])


_NAMES = {name: name for name in (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, URI_LIST, HTML)}
_NO_SUCH_PAGE = Refusal(HTTPStatus.NOT_FOUND, "<!DOCTYPE html>\n<html><title>(404)</title></html>\n", HTML)
_NOT_ACCEPTABLE = Refusal(HTTPStatus.NOT_ACCEPTABLE, "", f"{HTML}; charset=UTF-8")

ROCCI1 = Dialect(
    name="rocci1",
    likeness="rOCCI-server 1.1 behind Apache: no action links, PUT only, POST of an update 501, 409 in a wrong state",
    front=Front(server="Apache/2.2.22 (Debian)", charset="; charset=utf-8", fields=(("Vary", "Accept"),)),
    paths=Paths(
        collections=("/network/", "/storage/", "/link/networkinterface/", "/link/storagelink/"),
        loose=True,
        loose_entities=True,
    ),
    accepts=choosing({**_NAMES, "application/json": OCCI_JSON}, without=HTML, wild=TEXT_PLAIN, browser=HTML),
    takes=taking(
        (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON),
        without=TEXT_PLAIN,
        others={"text/plain,text/occi": TEXT_PLAIN, "application/json": OCCI_JSON},
    ),
    entity_types=(TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, HTML),
    discovery_types=(TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, HTML),
    writer=DialectWriter(
        TextForm(
            separator=";",
            ends=False,
            joined=",",
            in_entity=("location", "title"),
            listed_in="Location",
            headers_body=b"",
        ),
        json_forms.ROCCI1,
    ),
    categories=_rocci1_categories(),
    kind=_COMPUTE,
    mixins=(_DEBIAN,),
    attributes=Attributes(
        order=(
            "occi.core.id",
            "occi.core.title",
            "occi.compute.architecture",
            "occi.compute.cores",
            "occi.compute.hostname",
            "occi.compute.memory",
            "occi.compute.speed",
            "occi.compute.state",
        )
    ),
    actions=Actions(linked=Linked.NONE, needs_class=True, method=none_for_start, answer=empty_answer),
    updates=Updates(post=Refusal(HTTPStatus.NOT_IMPLEMENTED, "")),
    refusals={
        Why.NOTHING_THERE: _NO_SUCH_PAGE,
        Why.WRONG_METHOD: _NO_SUCH_PAGE,
        Why.NO_ENTITY: Refusal(HTTPStatus.NOT_FOUND, "Instance with ID {id} does not exist!"),
        Why.NOT_ACCEPTABLE: _NOT_ACCEPTABLE,
        Why.NO_ENTITY_RENDERING: _NOT_ACCEPTABLE,
        Why.NO_DISCOVERY_RENDERING: _NOT_ACCEPTABLE,
        Why.MEDIA_TYPE: Refusal(
            HTTPStatus.NOT_ACCEPTABLE, "Media type '{content_type}' is not supported by the RequestParser"
        ),
        Why.UNREADABLE: Refusal(HTTPStatus.BAD_REQUEST, "Could not match the request: {said}"),
        Why.NO_ACTION: Refusal(HTTPStatus.BAD_REQUEST, "Provided action does not have a term!"),
        Why.NO_CLASS: Refusal(HTTPStatus.BAD_REQUEST, 'Could not match "Category: {action}; ..."'),
        Why.OTHER_ACTION: Refusal(
            HTTPStatus.BAD_REQUEST,
            'Action terms in params and body do not match! "{action}" vs. "{term}"',
        ),
        Why.UNKNOWN_ACTION: Refusal(
            HTTPStatus.BAD_REQUEST,
            "Action not found for action instance Occi::Core::ActionInstance[{named}]!",
        ),
        Why.NOT_NOW: Refusal(HTTPStatus.CONFLICT, "Action {term} is not applicable in state {state}!"),
        Why.NO_KIND: Refusal(HTTPStatus.BAD_REQUEST, "'compute' is a mandatory argument"),
    },
    error=worded("; charset=utf-8", occi_in_header=True),
    filters=False,
    checks_version=False,
)
