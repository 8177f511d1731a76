"""MartServer of OCCIware, as its recorded answers and its sources show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi import json_writing
from OcciLibrary.occi.infrastructure import COMPUTE, standard_categories
from OcciLibrary.occi.model import Category, Kind, Resource
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, Payload
from OcciLibrary.sandbox.dialects import json_forms
from OcciLibrary.sandbox.dialects.dialect import (
    Actions,
    Attributes,
    Dialect,
    Front,
    Linked,
    Refusal,
    old_rendering,
)
from OcciLibrary.sandbox.dialects.methods import any_method
from OcciLibrary.sandbox.dialects.negotiation import choosing, taking
from OcciLibrary.sandbox.dialects.text_form import ATTRIBUTE, CATEGORY, LINK, LOCATION, Field, TextForm
from OcciLibrary.sandbox.exchange import Why

_PLAIN = TextForm(separator=";", category_end=";", line_end="\r\n")
_HEADERS = TextForm(separator=";  ", category_end=";")


def _path_only(base_url: str, path: str) -> str:
    return path


_JSON = json_forms.standard_with(locate=_path_only)


class MartWriter:
    """Writes a text of its own: categories joined by semicolons, links to the entity itself, actions without a query."""

    def entity(self, resource: Resource, media_type: str, base_url: str) -> Payload:
        """Writes one entity."""
        if media_type == OCCI_JSON:
            return Payload(media_type, (), json_writing.dump(_JSON.entity(resource, base_url)))
        if media_type == URI_LIST:
            return self._uris([resource], base_url)
        if media_type == TEXT_OCCI:
            return Payload(media_type, self._headers(resource, base_url), b"OK")
        fields = [
            *(field for field in _PLAIN.entity(resource, base_url) if field[0] != LINK),
            *self._links(resource, base_url),
            (LOCATION, base_url + resource.location),
        ]
        return Payload(media_type, (), _PLAIN.body(fields))

    def listing(
        self, resources: Sequence[Resource], media_type: str, base_url: str, asked_path: str
    ) -> Payload:
        """Writes a collection; in text/occi it is the first entity and no other."""
        if media_type == OCCI_JSON:
            return Payload(media_type, (), json_writing.dump(_JSON.listing(resources, base_url)))
        if media_type == URI_LIST:
            return self._uris(resources, base_url)
        if media_type == TEXT_OCCI and resources:
            return self.entity(resources[0], media_type, base_url)
        fields = [(LOCATION, base_url + one.location) for one in resources]
        return Payload(media_type, (), _PLAIN.body(fields))

    def discovery(self, categories: Sequence[Category], media_type: str, base_url: str) -> Payload:
        """Writes the categories; JSON has them one level deeper, in a model."""
        if media_type == OCCI_JSON:
            model = {"id": "urn:uuid:00000000-0000-0000-0000-000000000001", **_JSON.discovery(categories, "")}
            return Payload(media_type, (), json_writing.dump({"model": [model]}))
        if media_type == TEXT_OCCI:
            fields = _HEADERS.categories(categories, _HEADERS.in_discovery, base_url)
            return Payload(media_type, ((CATEGORY, "".join(value for _, value in fields)),), b"OK")
        return Payload(
            media_type, (), _PLAIN.body(_PLAIN.categories(categories, _PLAIN.in_discovery, base_url))
        )

    def _headers(self, resource: Resource, base_url: str) -> tuple[Field, ...]:
        fields = _HEADERS.entity(resource, base_url)
        together = {
            name: [value for field, value in fields if field == name] for name in (CATEGORY, ATTRIBUTE)
        }
        return (
            (CATEGORY, "".join(together[CATEGORY])),
            (ATTRIBUTE, ",  ".join(together[ATTRIBUTE]) + ","),
            (LOCATION, base_url + resource.location),
            *self._links(resource, base_url),
        )

    def _links(self, resource: Resource, base_url: str) -> list[Field]:
        url = base_url + resource.location
        links = [f'<{url}>; title="compute"']
        links += [f'<{url}>; rel="{one.action_id}"; title="{one.term}"' for one in resource.actions]
        return [(LINK, link) for link in links]

    def _uris(self, resources: Sequence[Resource], base_url: str) -> Payload:
        return Payload(URI_LIST, (), "".join(f"{base_url}{one.location}\r\n" for one in resources).encode())


# OCCI 1.2, and the speed that it dropped.
_COMPUTE = next(
    replace(
        one,
        attributes=(
            *one.attributes,
            *(each for each in COMPUTE.attributes if each.name == "occi.compute.speed"),
        ),
    )
    for one in standard_categories("1.2")
    if isinstance(one, Kind) and one.id == COMPUTE.id
)
_TYPES = (TEXT_OCCI, "application/json", OCCI_JSON, TEXT_PLAIN)

MART = Dialect(
    name="mart",
    likeness="MartServer: JSON by default, categories joined by semicolons, action links without a query, 501 for an unknown type",
    front=Front("OCCIWare MART Server v1.0 OCCI/1.2", fields=(("Accept", ";".join(_TYPES)),)),
    accepts=choosing(
        {
            **{name: name for name in (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, URI_LIST)},
            "text/occi+plain": TEXT_PLAIN,
            "application/json": OCCI_JSON,
        },
        without=OCCI_JSON,
        wild=OCCI_JSON,
    ),
    takes=taking(
        (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON),
        without=OCCI_JSON,
        others={"application/json": OCCI_JSON, "text/occi+plain": TEXT_PLAIN},
    ),
    entity_types=(TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, URI_LIST),
    writer=MartWriter(),
    categories=tuple(_COMPUTE if one.id == _COMPUTE.id else one for one in standard_categories("1.2")),
    kind=_COMPUTE,
    attributes=Attributes(id_form="urn:uuid:{id}", beyond={"occi.compute.share": 0}),
    actions=Actions(
        linked=Linked.ALL, beyond=("save",), linked_while_busy=True, method=any_method, answer=old_rendering
    ),
    refusals={
        Why.NOT_ACCEPTABLE: Refusal(HTTPStatus.NOT_IMPLEMENTED),
        Why.MEDIA_TYPE: Refusal(HTTPStatus.NOT_IMPLEMENTED),
    },
    filters=False,
    challenge='Basic realm="{url}"',
)
