"""rOCCI-server 1.1 and 2.0, as they answered on the wire; the state words of their back-ends from their sources."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import (
    COMPUTE_ACTION_SCHEME,
    INFRASTRUCTURE_SCHEME,
    OS_TPL_ID,
    RESOURCE_ID,
    RESOURCE_TPL_ID,
    standard_categories,
)
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, Kind, Mixin
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
    json_error,
    untyped_no_content,
    worded,
)
from OcciLibrary.sandbox.dialects.methods import none_for_start
from OcciLibrary.sandbox.dialects.negotiation import NOTHING, choosing, taking
from OcciLibrary.sandbox.dialects.text_form import ATTRIBUTE, CATEGORY, HTML, LINK, DialectWriter, TextForm
from OcciLibrary.sandbox.exchange import RefusedError, Why
from OcciLibrary.sandbox.transitions import Plan, boot, show, shut_down, wait, warm_up

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
_SIZES = tuple(
    AttributeDefinition(f"occi.compute.{name}", immutable=True) for name in ("cores", "speed", "memory")
)
_SMALL = Mixin(
    "small",
    "http://occi.example.org/occi/infrastructure/resource_tpl#",
    "Small Instance - 1 core and 2 GB RAM",
    (AttributeDefinition("occi.compute.architecture"), *_SIZES),
    "/mixin/resource_tpl/small/",
    depends=(RESOURCE_TPL_ID,),
)
# OCCI defines no actions of links; rOCCI does.
_LINK_ACTIONS = tuple(
    Action(term, f"http://schemas.ogf.org/occi/infrastructure/{link}/action#", f"{verb} {link}")
    for link, terms in (("networkinterface", ("up", "down")), ("storagelink", ("online", "offline")))
    for term, verb in zip(terms, ("activate", "deactivate"), strict=True)
)
_LINKS_BELOW = {"/networkinterface/": "/link/networkinterface/", "/storagelink/": "/link/storagelink/"}


def _rocci1_categories(*templates: Mixin) -> tuple[Category, ...]:
    """Returns the categories with the locations, the templates and the actions of links that rOCCI adds."""
    known: list[Category] = []
    for category in standard_categories():
        location = category.location or (f"/{category.term}/" if isinstance(category, Kind) else "")
        moved = replace(category, location=_LINKS_BELOW.get(location, location))
        known.append(_COMPUTE if category.term == "compute" else moved)
    last_mixin = max(place for place, category in enumerate(known) if isinstance(category, Mixin))
    return (*known[: last_mixin + 1], *templates, *known[last_mixin + 1 :], *_LINK_ACTIONS)


_NAMES = {name: name for name in (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, URI_LIST, HTML)}
_HTML_UTF8 = f"{HTML}; charset=UTF-8"
_NO_SUCH_PAGE = Refusal(
    HTTPStatus.NOT_FOUND, "<!DOCTYPE html>\n<html><title>(404)</title></html>\n", _HTML_UTF8
)
_NOT_ACCEPTABLE = Refusal(HTTPStatus.NOT_ACCEPTABLE, "", _HTML_UTF8)

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
        without=NOTHING,
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
    categories=_rocci1_categories(_DEBIAN, _SMALL),
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
    error=worded("; charset=utf-8", silent_text_occi=True),
    filters=False,
    newest=None,
)


# OpenNebula reboots a VM while it is RUNNING, EC2 likewise: nobody sees it in the state.
_UNSEEN_RESTART = Plan((warm_up, wait(1 / 4), shut_down, wait(3 / 4), boot), "active")
_PENDING_START = Plan((show("waiting"), warm_up, wait(), boot), "active")
_ONE_TEMPLATE = replace(
    _DEBIAN,
    term="uuid_debian_0",
    scheme="http://occi.example.org/occi/infrastructure/os_tpl#",
    location="/mixin/os_tpl/uuid_debian_0/",
)
_ONE_COMPUTE = Mixin(
    "compute",
    "http://opennebula.org/occi/infrastructure#",
    "OpenNebula compute mixin",
    (AttributeDefinition("org.opennebula.compute.id"),),
    "/mixin/compute/",
)
_EC2_INSTANCE = Mixin(
    "aws_ec2_instance",
    "http://schemas.ec2.aws.amazon.com/occi/infrastructure/compute#",
    "Amazon EC2 instance mixin",
    (AttributeDefinition("com.amazon.aws.ec2.instance_type"),),
    "/mixin/aws_ec2_instance/",
)

ROCCI1_ONE = replace(
    ROCCI1,
    name="rocci1-one",
    likeness="rOCCI-server 1.1 before OpenNebula: a stopped VM is called suspended, a starting one waiting, a restart is not seen",
    categories=_rocci1_categories(_ONE_TEMPLATE, _SMALL, _ONE_COMPUTE),
    mixins=(_ONE_TEMPLATE, _ONE_COMPUTE),
    actions=replace(ROCCI1.actions, linked=Linked.APPLICABLE),
    attributes=replace(ROCCI1.attributes, states={"inactive": "suspended"}),
    plans={"start": _PENDING_START, "restart": _UNSEEN_RESTART},
    vm_id=lambda number, vm_id: str(103 + number),
)
ROCCI1_EC2 = replace(
    ROCCI1,
    name="rocci1-ec2",
    likeness="rOCCI-server 1.1 before Amazon EC2: a stopped VM is called suspended, no suspend, no updates",
    categories=_rocci1_categories(_DEBIAN, _EC2_INSTANCE),
    mixins=(_DEBIAN, _EC2_INSTANCE),
    attributes=replace(ROCCI1.attributes, states={"inactive": "suspended"}),
    actions=replace(
        ROCCI1.actions,
        linked=Linked.APPLICABLE,
        unlinked=("suspend",),
        refused={"suspend": Refusal(HTTPStatus.NOT_IMPLEMENTED, "Not supported!")},
    ),
    updates=Updates(
        post=Refusal(HTTPStatus.NOT_IMPLEMENTED, ""), put=Refusal(HTTPStatus.NOT_IMPLEMENTED, "")
    ),
    plans={"start": _PENDING_START, "restart": _UNSEEN_RESTART},
    vm_id=lambda number, vm_id: f"i-375ab{99 + number}b",
)


def _rocci2_accepts(accept: str) -> str:
    """Chooses for rOCCI 2, which breaks on a list that takes anything."""
    if "," in accept and "*/*" in accept:
        raise RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
    return _ROCCI2_CHOICE(accept)


_ROCCI2_CHOICE = choosing(
    {TEXT_PLAIN: TEXT_PLAIN, TEXT_OCCI: TEXT_OCCI, URI_LIST: URI_LIST, "application/json": OCCI_JSON},
    without="",
    wild=OCCI_JSON,
    otherwise=OCCI_JSON,
)
_CORE = ("occi.core.id", "occi.core.title", "occi.core.summary")
_NO_TYPE = Refusal(HTTPStatus.NOT_ACCEPTABLE, "Requested format is not acceptable")

ROCCI2 = Dialect(
    name="rocci2",
    likeness="rOCCI-server 2: JSON by default, X-OCCI-Category in text/occi, 204, 409 in a wrong state, no updates",
    front=Front("rOCCI-server OCCI/1.1 OCCI-CRTP/1.0 OCCI/1.2 OCCI-CRTP/1.1"),
    paths=Paths(
        collections=("/network/", "/storage/", "/networkinterface/", "/storagelink/"),
        loose=True,
        loose_entities=True,
    ),
    accepts=_rocci2_accepts,
    takes=taking(
        (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON), without=TEXT_PLAIN, others={"application/json": OCCI_JSON}
    ),
    writer=DialectWriter(
        TextForm(
            separator=";",
            category_end=";",
            ends=False,
            joined="",
            order=(CATEGORY, ATTRIBUTE, LINK),
            header_names={CATEGORY: "X-OCCI-Category", LINK: "X-OCCI-Link"},
            listed_in="Location",
            headers_body=b"",
        ),
        json_forms.standard_with(repeated=_CORE),
    ),
    categories=(
        *(_COMPUTE if one.id == _COMPUTE.id else one for one in standard_categories()),
        *_LINK_ACTIONS,
    ),
    kind=_COMPUTE,
    attributes=Attributes(
        order=(
            *_CORE,
            "occi.compute.architecture",
            "occi.compute.cores",
            "occi.compute.hostname",
            "occi.compute.memory",
            "occi.compute.speed",
            "occi.compute.state",
        )
    ),
    actions=Actions(compares_query=False, method=none_for_start, answer=untyped_no_content),
    updates=Updates(
        post=Refusal(HTTPStatus.BAD_REQUEST, "Cannot update without mixins"),
        put=Refusal(HTTPStatus.NOT_IMPLEMENTED, "Requested functionality is not implemented"),
    ),
    refusals={
        Why.NO_ENTITY: Refusal(HTTPStatus.NOT_FOUND, "Entity {id} not found"),
        Why.NOT_ACCEPTABLE: _NO_TYPE,
        Why.NO_ENTITY_RENDERING: _NO_TYPE,
        Why.NO_DISCOVERY_RENDERING: _NO_TYPE,
        Why.MEDIA_TYPE: Refusal(HTTPStatus.NOT_ACCEPTABLE, "Content type {content_type} is not acceptable"),
        Why.NOT_NOW: Refusal(HTTPStatus.CONFLICT, "Action {term} cannot be performed in state {state}"),
        Why.UNKNOWN_ACTION: Refusal(HTTPStatus.BAD_REQUEST, "Action {named} is not defined"),
    },
    error=json_error,
    vm_id=lambda number, vm_id: str(103 + number),
    filters=False,
    newest=None,
    challenge="Keystone uri='{url}/v3'",
)

ROCCI2_ONE = replace(
    ROCCI2,
    name="rocci2-one",
    likeness="rOCCI-server 2 before OpenNebula: a suspended VM is called inactive, a starting one waiting, a restart is not seen",
    attributes=replace(ROCCI2.attributes, states={"suspended": "inactive"}),
    plans={"start": _PENDING_START, "restart": _UNSEEN_RESTART},
)
