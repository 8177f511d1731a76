"""Two servers by the book: OCCI 1.1 (GFD.183-185) and OCCI 1.2 (GFD.221-226) to the letter, where these differ.

They have everything that OCCI defines: networks, storages and links beside the VMs, filters, mixins of users (whole_model/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from OcciLibrary.occi import json_writing
from OcciLibrary.occi.contextualisation import OCCI_FAMILY, OPENSTACK_FAMILY
from OcciLibrary.occi.infrastructure import COMPUTE_ID, attributes_of, standard_categories
from OcciLibrary.occi.model import Kind, Resource
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, Payload
from OcciLibrary.sandbox.dialects.creating import OWN_CREATING, Creating, Size, size_of
from OcciLibrary.sandbox.dialects.dialect import (
    Actions,
    Attributes,
    Dialect,
    Front,
    OwnWriter,
    Refusal,
    no_content,
)
from OcciLibrary.sandbox.dialects.negotiation import choosing_by_range, taking
from OcciLibrary.sandbox.exchange import Why
from OcciLibrary.sandbox.whole_model.rules import OCCI_1_1, OCCI_1_2

_TEXTS = (TEXT_PLAIN, TEXT_OCCI, URI_LIST)
_ALL = (OCCI_JSON, *_TEXTS)
_NEW = standard_categories("1.2")
_NOT_NOW = Refusal(HTTPStatus.CONFLICT)
_SIZES = (size_of("small", 1, 1.0), size_of("medium", 2, 2.0), size_of("large", 4, 8.0))


class SchemaWriter(OwnWriter):
    """Writes as the kit does, and JSON by the schema of GFD.226 §11, which has no locations in entities and links."""

    def entity(self, resource: Resource, media_type: str, base_url: str) -> Payload:
        """Writes one entity."""
        if media_type != OCCI_JSON:
            return super().entity(resource, media_type, base_url)
        return Payload(media_type, (), json_writing.dump(_by_schema(resource)))

    def listing(
        self, resources: Sequence[Resource], media_type: str, base_url: str, asked_path: str
    ) -> Payload:
        """Writes a collection: whole entities in JSON, links apart from resources."""
        if media_type != OCCI_JSON:
            return super().listing(resources, media_type, base_url, asked_path)
        written = json_writing.collection_object([replace(one, location="") for one in resources])
        for one in (*written["resources"], *written.get("links", ())):
            _fit(one)
        return Payload(media_type, (), json_writing.dump(written))


def _by_schema(resource: Resource) -> dict[str, Any]:
    written = json_writing.entity_object(replace(resource, location=""))
    _fit(written)
    return written


def _fit(entity: dict[str, Any]) -> None:
    """Leaves out what the schema has no place for, and says nothing twice."""
    for link in entity.get("links", ()):
        link.pop("location", None)
        if title := link.get("attributes", {}).get("occi.core.title", ""):
            link["title"] = title
        _fit(link)
    for name in ("id", "title", "summary"):
        if name in entity:
            entity.get("attributes", {}).pop(f"occi.core.{name}", None)


def _with_defaults(size: Size) -> Size:
    """Returns a size whose attributes discovery shows, as OCCI 1.2 wants it (GFD.224 §3.5.1)."""
    defined = {one.name: one for one in attributes_of(COMPUTE_ID, "1.2")}
    shown = tuple(
        replace(defined[name], default=value) for name, value in size.attributes.items() if name in defined
    )
    return replace(size, mixin=replace(size.mixin, attributes=shown))


SPEC11 = Dialect(
    name="spec11",
    likeness="OCCI 1.1 to the letter (GFD.183-185): no JSON, ids that are URNs, 200 without a body, 400 in a wrong state",
    front=Front("OcciLibrary-sandbox OCCI/1.1"),
    accepts=choosing_by_range(_TEXTS, without=TEXT_PLAIN),
    takes=taking((TEXT_PLAIN, TEXT_OCCI)),
    attributes=Attributes(id_form=OCCI_1_1.id_form),
    refusals={Why.NO_UPDATE_NOW: Refusal(HTTPStatus.BAD_REQUEST)},
    newest=(1, 1),
    creating=Creating(
        OWN_CREATING.image, _SIZES, families=(OPENSTACK_FAMILY,), saves=False, by_the_book=True
    ),
    whole=OCCI_1_1,
)

SPEC12 = Dialect(
    name="spec12",
    likeness="OCCI 1.2 to the letter (GFD.221-226): JSON by default, no occi.compute.speed, 204, 409 in a wrong state",
    front=Front("OcciLibrary-sandbox OCCI/1.2", fields=(("Accept", ", ".join(_ALL)),)),
    accepts=choosing_by_range(_ALL, without=OCCI_JSON),
    takes=taking((OCCI_JSON, TEXT_PLAIN, TEXT_OCCI)),
    writer=SchemaWriter(),
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
            "occi.compute.memory",
            "occi.compute.state",
        ),
    ),
    vm_id=lambda number, vm_id: OCCI_1_2.id_form.format(id=vm_id),
    actions=Actions(answer=no_content),
    refusals={
        Why.NOT_NOW: _NOT_NOW,
        Why.NO_UPDATE_NOW: _NOT_NOW,
        Why.NO_ENTITY_RENDERING: Refusal(HTTPStatus.NOT_ACCEPTABLE),
        Why.NO_DISCOVERY_RENDERING: Refusal(HTTPStatus.NOT_ACCEPTABLE),
    },
    creating=Creating(
        OWN_CREATING.image,
        tuple(_with_defaults(size) for size in _SIZES),
        families=(OCCI_FAMILY,),
        by_the_book=True,
        id_form=OCCI_1_2.id_form,
    ),
    whole=OCCI_1_2,
)
