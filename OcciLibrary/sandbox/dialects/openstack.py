"""ooi in front of OpenStack Nova, and snf-occi, which is ooi in front of Synnefo, as they answered on the wire."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.contextualisation import OPENSTACK_FAMILY
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    OS_TPL_ID,
    RESOURCE_TPL_ID,
    standard_categories,
)
from OcciLibrary.occi.model import Category, Kind, Mixin
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST
from OcciLibrary.sandbox.dialects import json_forms
from OcciLibrary.sandbox.dialects.creating import Creating, Size, listed
from OcciLibrary.sandbox.dialects.dialect import (
    Actions,
    Attributes,
    Dialect,
    Front,
    Linked,
    Paths,
    Refusal,
    Updates,
    no_content,
    worded,
)
from OcciLibrary.sandbox.dialects.methods import any_method
from OcciLibrary.sandbox.dialects.negotiation import choosing, taking
from OcciLibrary.sandbox.dialects.text_form import ATTRIBUTE, CATEGORY, LINK, DialectWriter, TextForm
from OcciLibrary.sandbox.exchange import RefusedError, Why
from OcciLibrary.sandbox.transitions import Plan, boot, show, shut_down, wait, warm_up

_BASE = "/occi1.1"
_MOVED = {"/networkinterface/": "/networklink/"}
_IMAGE = Mixin(
    "155d900f-4e14-4e4c-a73d-069cbf4541e6",
    "http://schemas.openstack.org/template/os#",
    "cirros",
    location=f"{_BASE}/os_tpl/155d900f-4e14-4e4c-a73d-069cbf4541e6",
    depends=(OS_TPL_ID,),
    applies=(COMPUTE_ID,),
)
_FLAVOUR = Mixin(
    "1",
    "http://schemas.openstack.org/template/resource#",
    "Flavor: m1.tiny",
    location=f"{_BASE}/resource_tpl/1",
    depends=(RESOURCE_TPL_ID,),
    applies=(COMPUTE_ID,),
)


def _below(category: Category) -> Category:
    """Returns a category at its place below the root; entity, resource and link have one too."""
    location = category.location or (f"/{category.term}/" if isinstance(category, Kind) else "")
    location = _MOVED.get(location, location).removeprefix("/mixin")
    return replace(category, location=_BASE + location if location else "")


_STANDARD = tuple(_below(category) for category in standard_categories("1.1"))
_CATEGORIES = (
    *(category for category in _STANDARD if isinstance(category, (Kind, Mixin))),
    _FLAVOUR,
    _IMAGE,
    *(category for category in _STANDARD if not isinstance(category, (Kind, Mixin))),
)
_COMPUTE = next(one for one in _CATEGORIES if isinstance(one, Kind) and one.id == COMPUTE_ID)
_ACCEPTED = (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, URI_LIST)
# A restart shows inactive in the very next answer.
RESTART_AT_ONCE = Plan((show("inactive"), warm_up, wait(1 / 4), shut_down, wait(3 / 4), boot), "active")
_NOT_FOUND = Refusal(HTTPStatus.NOT_FOUND, "The resource could not be found.")
_NOT_THAT_TYPE = Refusal(HTTPStatus.NOT_ACCEPTABLE, "Invalid Content-type {content_type}.")

OOI = Dialect(
    name="ooi",
    likeness="ooi 1.2 before OpenStack: below /occi1.1, memory in MiB, all actions linked always, 204, updates 400",
    front=Front("ooi/1.2.0 OCCI/1.1 OCCI/1.2", "server", "HTTP/1.0", "; charset=utf8"),
    paths=Paths(
        base=_BASE,
        collections=("/network/", "/storage/", "/networklink/", "/storagelink/"),
        loose=True,
        root=False,
    ),
    accepts=choosing({name: name for name in _ACCEPTED}, without=TEXT_PLAIN, wild=TEXT_PLAIN),
    takes=taking((TEXT_PLAIN, TEXT_OCCI, OCCI_JSON), without=TEXT_PLAIN),
    entity_types=_ACCEPTED,
    discovery_types=_ACCEPTED,
    writer=DialectWriter(
        TextForm(
            ends=False,
            escapes=False,
            joined="",
            order=(CATEGORY, ATTRIBUTE, LINK),
            in_entity=("title", "rel", "location"),
            in_discovery=("title", "rel", "location"),
            absolute=True,
            headers_body=b"",
        ),
        json_forms.standard_with(listed=("kind", "id", "title", "actions"), absolute=True),
    ),
    categories=_CATEGORIES,
    kind=_COMPUTE,
    mixins=(_IMAGE, _FLAVOUR),
    attributes=Attributes(
        order=(
            "occi.core.title",
            "occi.compute.state",
            "occi.compute.memory",
            "occi.compute.cores",
            "occi.compute.hostname",
            "occi.core.id",
        ),
        memory_unit=1024,
    ),
    actions=Actions(
        linked=Linked.ALL,
        absolute=True,
        beyond=("save",),
        needs_class=True,
        method=any_method,
        answer=no_content,
    ),
    updates=Updates(
        post=Refusal(HTTPStatus.BAD_REQUEST, "Invalid action None provided."),
        put=Refusal(HTTPStatus.BAD_REQUEST, "Schema does not match."),
    ),
    plans={"restart": RESTART_AT_ONCE},
    refusals={
        Why.NOTHING_THERE: _NOT_FOUND,
        Why.WRONG_METHOD: _NOT_FOUND,
        Why.NO_ENTITY: Refusal(HTTPStatus.NOT_FOUND, "Instance {id} could not be found."),
        Why.NOT_ACCEPTABLE: Refusal(HTTPStatus.NOT_ACCEPTABLE, "Invalid Accept {accept}."),
        Why.MEDIA_TYPE: _NOT_THAT_TYPE,
        Why.UNREADABLE: Refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "The server has either erred or is incapable of performing the requested operation.",
        ),
        Why.NO_ACTION: Refusal(HTTPStatus.BAD_REQUEST, "No schema found"),
        Why.NO_CLASS: Refusal(HTTPStatus.BAD_REQUEST, "Schema does not match: found 'None'."),
        Why.OTHER_ACTION: Refusal(
            HTTPStatus.BAD_REQUEST, "Schema does not match. Expecting '{action}', but found '{named}'."
        ),
        Why.UNKNOWN_ACTION: Refusal(HTTPStatus.BAD_REQUEST, "Invalid action {action} provided."),
        Why.NOT_NOW: Refusal(
            HTTPStatus.CONFLICT, "Cannot '{term}' instance {id} while it is in vm_state {state}"
        ),
    },
    error=worded("; charset=UTF-8", silent_text_occi=True, json=True),
    filters=False,
    challenge='Keystone uri="{url}/v3"',
    creating=Creating(
        _IMAGE,
        (Size(_FLAVOUR, {"occi.compute.cores": 1, "occi.compute.memory": 0.5, "occi.compute.speed": 2.4}),),
        families=(OPENSTACK_FAMILY,),  # those of OCCI 1.2 it shows, and reads other attributes
        answer=listed,
        deleted=HTTPStatus.NO_CONTENT,
        defers=False,
        images_go=False,
        lists_instead=True,
    ),
)


def _no_plain_body(content_type: str) -> str:
    """Refuses every text/plain body, as ooi does on Python 3. Raises RefusedError."""
    chosen = OOI.takes(content_type)
    if chosen == TEXT_PLAIN:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "Malformed request: the body cannot be parsed.")
    return chosen


OOI_PYTHON3 = replace(
    OOI,
    name="ooi-python3",
    likeness="ooi 1.2 on Python 3: as ooi, but every text/plain body is answered 400, and text/plain with a charset 406",
    front=replace(OOI.front, version="HTTP/1.1"),
    accepts=choosing(
        {name: name for name in _ACCEPTED}, without=TEXT_PLAIN, wild=TEXT_PLAIN, parameters=False
    ),
    takes=_no_plain_body,
)

_SNF_TYPES = (TEXT_PLAIN, TEXT_OCCI, URI_LIST)
_SNF_PLACES = {category.location: category.location.removeprefix(_BASE) for category in _CATEGORIES}
_SNF_FLAVOUR = replace(
    _FLAVOUR,
    term="c1r1024d20drbd",
    scheme="http://schemas.ogf.org/occi/resource_tpl#",
    title="Flavor: C1R1024D20drbd",
    location="/resource_tpl/c1r1024d20drbd",
)
_SNF_IMAGE = replace(
    _IMAGE,
    term="debian_base",
    scheme="http://schemas.ogf.org/occi/os_tpl#",
    title="Debian Base",
    location="/os_tpl/debian_base",
)
_SNF_CATEGORIES = tuple(
    {_FLAVOUR.id: _SNF_FLAVOUR, _IMAGE.id: _SNF_IMAGE}.get(
        category.id, replace(category, location=_SNF_PLACES[category.location])
    )
    for category in _CATEGORIES
)
_NOT_DONE = Refusal(HTTPStatus.NOT_IMPLEMENTED, "Action is not implemented.")

SNF = replace(
    OOI,
    name="snf",
    likeness="snf-occi before Synnefo: as ooi, but whole numbers as ids, numbers quoted, no JSON, suspend 501, 400 in a wrong state",
    paths=replace(OOI.paths, base=""),
    accepts=choosing({name: name for name in _SNF_TYPES}, without=TEXT_PLAIN, wild=TEXT_PLAIN),
    takes=taking((TEXT_PLAIN, TEXT_OCCI), without=TEXT_PLAIN),
    writer=DialectWriter(
        TextForm(
            ends=False,
            quoted_numbers=True,
            escapes=False,
            joined="",
            order=(CATEGORY, ATTRIBUTE, LINK),
            in_entity=("title", "rel", "location"),
            in_discovery=("title", "rel", "location"),
            absolute=True,
            headers_body=b"",
        ),
        json_forms.STANDARD,
    ),
    categories=_SNF_CATEGORIES,
    kind=next(one for one in _SNF_CATEGORIES if isinstance(one, Kind) and one.id == COMPUTE_ID),
    mixins=(_SNF_IMAGE, _SNF_FLAVOUR),
    creating=None,
    actions=replace(OOI.actions, refused={"suspend": _NOT_DONE}),
    updates=replace(OOI.updates, put=_NOT_FOUND),
    refusals={
        **OOI.refusals,
        Why.NOT_NOW: Refusal(HTTPStatus.BAD_REQUEST, "Action not applicable for VM with status {state}"),
    },
    vm_id=lambda number, vm_id: str(42001 + number),
    challenge="Keystone uri='{url}/identity/v2.0'",
)
