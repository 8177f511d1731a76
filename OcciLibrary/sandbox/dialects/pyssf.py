"""pyssf and its two descendants, occi-os before OpenStack Nova and the elder snf-occi before Synnefo, as seen on the wire."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.contextualisation import OPENSTACK_FAMILY
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ACTION_SCHEME,
    COMPUTE_ID,
    INFRASTRUCTURE_SCHEME,
    OS_TPL_ID,
    RESOURCE_ID,
    RESOURCE_TPL_ID,
    standard_categories,
)
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, Kind, Mixin
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST
from OcciLibrary.occi.saving import SAVE_ACTIONS
from OcciLibrary.sandbox.dialects import json_forms
from OcciLibrary.sandbox.dialects.creating import Creating, Size, told_ok
from OcciLibrary.sandbox.dialects.dialect import (
    Actions,
    Attributes,
    Dialect,
    Front,
    Paths,
    Refusal,
    Updates,
    old_rendering,
    plain_error,
)
from OcciLibrary.sandbox.dialects.methods import any_method, needed_for_restart
from OcciLibrary.sandbox.dialects.negotiation import choosing, taking
from OcciLibrary.sandbox.dialects.openstack import RESTART_AT_ONCE
from OcciLibrary.sandbox.dialects.text_form import HTML, DialectWriter, TextForm
from OcciLibrary.sandbox.exchange import Why
from OcciLibrary.sandbox.transitions import Plan, boot, shut_down, wait, warm_up

_TERMS = ("start", "stop", "restart", "suspend")
_COMPUTE = Kind(
    "compute",
    INFRASTRUCTURE_SCHEME,
    "Compute Resource",
    (
        AttributeDefinition("occi.compute.architecture"),
        AttributeDefinition("occi.compute.state", immutable=True),
        AttributeDefinition("occi.compute.speed"),
        AttributeDefinition("occi.compute.memory"),
        AttributeDefinition("occi.compute.cores"),
        AttributeDefinition("occi.compute.hostname"),
    ),
    "/compute/",
    RESOURCE_ID,
    tuple(COMPUTE_ACTION_SCHEME + term for term in _TERMS),
)
_METHOD = (AttributeDefinition("method"),)
_ACTIONS = tuple(
    Action(
        term,
        COMPUTE_ACTION_SCHEME,
        f"{term.capitalize()} a compute resource",
        () if term == "start" else _METHOD,
    )
    for term in _TERMS
)
_PLACES = {
    "/networkinterface/": "/network/interface/",
    "/storagelink/": "/storage/link/",
    "/mixin/ipnetworkinterface/": "/network/interface/ip/",
}


def _categories(*templates: Mixin) -> tuple[Category, ...]:
    """Returns what the query interface shows; it has no kinds of the core."""
    others = [
        replace(category, location=_PLACES.get(category.location, category.location).removeprefix("/mixin"))
        for category in standard_categories()
        if not (isinstance(category, Kind) and not category.location)
        and category.id != COMPUTE_ID
        and category.scheme != COMPUTE_ACTION_SCHEME
    ]
    return (*templates, *others, _COMPUTE, *_ACTIONS)


def _template(term: str, scheme: str, title: str, location: str, rel: str, *names: str) -> Mixin:
    attributes = tuple(AttributeDefinition(name, immutable=True) for name in names)
    return Mixin(term, scheme, title, attributes, location, depends=(rel,))


_SMALL = _template(
    "small",
    "http://example.org/templates/resource#",
    "Small instance",
    "/template/resource/small/",
    RESOURCE_TPL_ID,
    "occi.compute.memory",
    "occi.compute.cores",
)
_DEBIAN = _template("debian", "http://example.org/templates/os#", "Debian", "/template/os/debian/", OS_TPL_ID)
_NO_SUCH_TYPE = "This service is unable to understand the  mime type: '{%s}'"
_CRASH = Refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR, "A server error occurred.  Please contact the administrator."
)
_NOT_SUPPORTED = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Method not supported.")
_NOT_THERE = Refusal(HTTPStatus.NOT_FOUND, "Resource not found: '{path}'")
_UNREGISTERED = Refusal(
    HTTPStatus.BAD_REQUEST,
    "The following category is not registered within this service (See Query interfaces): {named}",
)

PYSSF = Dialect(
    name="pyssf",
    likeness="pyssf 0.4: a blank first line, numbers quoted, ids that are paths, an old rendering as answer to an action",
    front=Front("pyssf OCCI/1.1", version="HTTP/1.0"),
    paths=Paths(
        collections=("/network/", "/storage/", "/network/interface/", "/storage/link/"), lists_all=True
    ),
    accepts=choosing(
        {name: name for name in (TEXT_PLAIN, TEXT_OCCI, URI_LIST, OCCI_JSON, HTML)},
        without=TEXT_PLAIN,
        wild=TEXT_PLAIN,
        weighs=False,
        parameters=False,
    ),
    # JSON is known and crashes it; read as text it holds nothing that can be understood.
    takes=taking(
        (TEXT_PLAIN, TEXT_OCCI), without=TEXT_PLAIN, parameters=False, others={OCCI_JSON: TEXT_PLAIN}
    ),
    entity_types=(TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, HTML),
    discovery_types=(TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, HTML),
    writer=DialectWriter(
        TextForm(
            before="\n",
            ends=False,
            quoted_numbers=True,
            escapes=False,
            in_entity=("title", "rel", "location", "attributes", "actions"),
            absolute=True,
        ),
        json_forms.PYSSF,
        comment="# uri:{path}",
    ),
    categories=_categories(_SMALL, _DEBIAN),
    kind=_COMPUTE,
    mixins=(_SMALL, _DEBIAN),
    attributes=Attributes(
        order=(
            "occi.core.title",
            "occi.compute.architecture",
            "occi.compute.state",
            "occi.compute.speed",
            "occi.compute.memory",
            "occi.compute.cores",
            "occi.compute.hostname",
            "occi.core.id",
        ),
        id_form="/compute/{id}",
    ),
    actions=Actions(compares_query=False, method=any_method, answer=old_rendering),
    refusals={
        Why.NOTHING_THERE: _NOT_THERE,
        Why.NO_ENTITY: _NOT_THERE,
        Why.WRONG_METHOD: _NOT_SUPPORTED,
        Why.NOT_ACCEPTABLE: Refusal(HTTPStatus.NOT_ACCEPTABLE, _NO_SUCH_TYPE % "accept"),
        Why.NO_ENTITY_RENDERING: _NOT_SUPPORTED,
        Why.NO_DISCOVERY_RENDERING: Refusal(
            HTTPStatus.BAD_REQUEST, "Unable to handle this request with the text/uri-list rendering."
        ),
        Why.MEDIA_TYPE: Refusal(HTTPStatus.NOT_ACCEPTABLE, _NO_SUCH_TYPE % "content_type"),
        Why.UNREADABLE: Refusal(HTTPStatus.BAD_REQUEST, "Mailformed Attribute description!"),
        Why.UNREADABLE_JSON: _CRASH,
        Why.NO_ACTION: _CRASH,
        Why.UNKNOWN_ACTION: _UNREGISTERED,
        Why.NOT_NOW: Refusal(HTTPStatus.BAD_REQUEST, "This action is currently not applicable."),
        Why.NO_KIND: Refusal(HTTPStatus.BAD_REQUEST, "Could not find a valid kind."),
        Why.UNKNOWN_CATEGORY: _UNREGISTERED,
        Why.IMMUTABLE: Refusal(HTTPStatus.BAD_REQUEST, "Immutable attribute: {name}"),
        Why.UNKNOWN_ATTRIBUTE: Refusal(HTTPStatus.BAD_REQUEST, "Unknown attribute: {name}"),
        Why.NO_UPDATE_NOW: Refusal(HTTPStatus.BAD_REQUEST, "Attributes may change while inactive only."),
    },
    error=plain_error,
    newest=None,
)

_OS_VMS = Mixin(
    "os_vms",
    "http://schemas.openstack.org/compute/instance#",
    "",
    (
        AttributeDefinition("org.openstack.compute.console.vnc", immutable=True),
        AttributeDefinition("org.openstack.compute.state", immutable=True),
    ),
    "/os_vms/",
)
# Nova reboots under the eyes of nobody: the state stays active from end to end.
_UNSEEN_RESTART = Plan((warm_up, wait(1 / 4), shut_down, wait(3 / 4), boot), "active")
_NO_MIXIN = Refusal(HTTPStatus.BAD_REQUEST, "Update needs exactly one mixin: a resource or an OS template.")

_TEMPLATE = "http://schemas.openstack.org/template"
_OS_CREATING = Creating(
    Mixin("cirros-0-3-0", f"{_TEMPLATE}/os#", "cirros", location="/cirros-0-3-0/", depends=(OS_TPL_ID,)),
    (
        Size(
            Mixin("m1-tiny", f"{_TEMPLATE}/resource#", location="/m1-tiny/", depends=(RESOURCE_TPL_ID,)),
            {"occi.compute.cores": 1, "occi.compute.memory": 0.5, "occi.compute.speed": 2.4},
        ),
    ),
    families=(OPENSTACK_FAMILY,),
    save=SAVE_ACTIONS[1],
    answer=told_ok,
    defers=False,
    shows_image=False,
    images_go=False,
)

OCCI_OS = replace(
    PYSSF,
    name="occi-os",
    likeness="occi-os before OpenStack Nova: suspend ends in inactive, a restart is not seen, updates 400",
    categories=_categories(_OS_VMS),
    mixins=(_OS_VMS,),
    attributes=Attributes(
        order=(
            "occi.compute.architecture",
            "occi.compute.state",
            "occi.compute.speed",
            "occi.compute.cores",
            "occi.compute.memory",
            "occi.compute.hostname",
            "occi.core.id",
        ),
        states={"suspended": "inactive"},
        added={"occi.compute.speed": 0.0},
    ),
    actions=replace(PYSSF.actions, method=needed_for_restart),
    updates=Updates(post=_NO_MIXIN, put=_NO_MIXIN),
    plans={"restart": _UNSEEN_RESTART},
    challenge="Keystone uri='{url}/v2.0'",
    creating=_OS_CREATING,
)

_FLAVOR = Mixin(
    "c1r1024d20drbd",
    "http://schemas.ogf.org/occi/resource_tpl#",
    "FLAVOR",
    tuple(
        AttributeDefinition(name)
        for name in ("occi.compute.memory", "occi.storage.size", "occi.core.id", "occi.compute.cores")
    ),
    "/c1r1024d20drbd/",
    depends=(RESOURCE_TPL_ID,),
)
_IMAGE = Mixin(
    "debian_base",
    "http://schemas.ogf.org/occi/os_tpl#",
    "IMAGE",
    (AttributeDefinition("occi.core.id"),),
    "/debian_base/",
    depends=(OS_TPL_ID,),
)
_NO_SUSPEND = Refusal(HTTPStatus.BAD_REQUEST, "Action not applicable for VM with status ACTIVE")

SNF_PYSSF = replace(
    PYSSF,
    name="snf-pyssf",
    likeness="the elder snf-occi before Synnefo: whole numbers as ids, memory in MiB, suspend linked but refused, updates 501",
    categories=_categories(_FLAVOR, _IMAGE),
    mixins=(_FLAVOR, _IMAGE),
    attributes=Attributes(
        order=(
            "occi.core.title",
            "occi.compute.architecture",
            "occi.compute.state",
            "occi.compute.memory",
            "occi.compute.cores",
            "occi.compute.hostname",
            "occi.core.id",
        ),
        memory_unit=1024,
    ),
    actions=replace(PYSSF.actions, refused={"suspend": _NO_SUSPEND}, linked_while_busy=True),
    updates=Updates(
        post=Refusal(HTTPStatus.NOT_IMPLEMENTED, "Update is currently no applicable"),
        put=Refusal(HTTPStatus.NOT_IMPLEMENTED, "Replace is currently no applicable"),
        kind_first=True,
    ),
    plans={"restart": RESTART_AT_ONCE},
    refusals={
        **PYSSF.refusals,
        Why.NOT_NOW: Refusal(HTTPStatus.BAD_REQUEST, "Action not applicable for VM with status {state}"),
    },
    vm_id=lambda number, vm_id: str(42001 + number),
    challenge="Keystone uri='{url}/identity/v2.0'",
)
