"""Two servers by the book: OCCI 1.1 (GFD.183-185) and OCCI 1.2 (GFD.221-226) to the letter, where these differ."""

from __future__ import annotations

from http import HTTPStatus

from OcciLibrary.occi.infrastructure import COMPUTE_ID, standard_categories
from OcciLibrary.occi.model import Kind
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST
from OcciLibrary.sandbox.dialects import json_forms
from OcciLibrary.sandbox.dialects.dialect import (
    Actions,
    Attributes,
    Dialect,
    Front,
    Refusal,
    Updates,
    no_content,
)
from OcciLibrary.sandbox.dialects.negotiation import choosing, taking
from OcciLibrary.sandbox.dialects.text_form import DialectWriter, TextForm
from OcciLibrary.sandbox.exchange import Why

_TEXTS = (TEXT_PLAIN, TEXT_OCCI, URI_LIST)
_ALL = (OCCI_JSON, *_TEXTS)
_NEW = standard_categories("1.2")
_URN = "urn:uuid:{id}"
_NOT_NOW = Refusal(HTTPStatus.CONFLICT)

SPEC11 = Dialect(
    name="spec11",
    likeness="OCCI 1.1 to the letter (GFD.183-185): no JSON, ids that are URNs, 200 without a body, 400 in a wrong state",
    front=Front("OcciLibrary-sandbox OCCI/1.1"),
    accepts=choosing({name: name for name in _TEXTS}, without=TEXT_PLAIN, wild=TEXT_PLAIN),
    takes=taking((TEXT_PLAIN, TEXT_OCCI)),
    attributes=Attributes(id_form=_URN),
    refusals={Why.NO_UPDATE_NOW: Refusal(HTTPStatus.BAD_REQUEST)},
    newest=(1, 1),
)

SPEC12 = Dialect(
    name="spec12",
    likeness="OCCI 1.2 to the letter (GFD.221-226): JSON by default, no occi.compute.speed, 204, 409 in a wrong state",
    front=Front("OcciLibrary-sandbox OCCI/1.2", fields=(("Accept", ", ".join(_ALL)),)),
    accepts=choosing({name: name for name in _ALL}, without=OCCI_JSON, wild=OCCI_JSON),
    takes=taking((OCCI_JSON, TEXT_PLAIN, TEXT_OCCI)),
    writer=DialectWriter(TextForm(), json_forms.STANDARD),
    categories=_NEW,
    kind=next(one for one in _NEW if isinstance(one, Kind) and one.id == COMPUTE_ID),
    attributes=Attributes(
        order=(
            "occi.core.id",
            "occi.core.title",
            "occi.core.summary",
            "occi.compute.architecture",
            "occi.compute.cores",
            "occi.compute.hostname",
            "occi.compute.share",
            "occi.compute.memory",
            "occi.compute.state",
        ),
        added={"occi.compute.share": 1024},
    ),
    vm_id=lambda number, vm_id: _URN.format(id=vm_id),
    actions=Actions(answer=no_content),
    updates=Updates(unknown=("occi.compute.speed",)),
    refusals={
        Why.NOT_NOW: _NOT_NOW,
        Why.NO_UPDATE_NOW: _NOT_NOW,
        Why.NO_ENTITY_RENDERING: Refusal(HTTPStatus.NOT_ACCEPTABLE),
        Why.NO_DISCOVERY_RENDERING: Refusal(HTTPStatus.NOT_ACCEPTABLE),
    },
)
