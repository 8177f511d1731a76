"""occi4java, whose text is not OCCI: as its sources and its answers on the wire show it."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from OcciLibrary.occi.model import Category, Resource
from OcciLibrary.occi.renderings import TEXT_OCCI, TEXT_PLAIN, Payload
from OcciLibrary.sandbox.dialects.dialect import (
    Actions,
    Dialect,
    Front,
    Paths,
    Refusal,
    Updates,
    no_answer,
    plain_error,
)
from OcciLibrary.sandbox.dialects.methods import needed_always
from OcciLibrary.sandbox.dialects.negotiation import choosing, taking
from OcciLibrary.sandbox.exchange import Why

_SHOWN = ("architecture", "cores", "hostname", "memory", "speed", "state")


class Occi4javaWriter:
    """Writes sentences that look like OCCI from afar."""

    def entity(self, resource: Resource, media_type: str, base_url: str) -> Payload:
        """Writes one entity: a line with the category, then words and values."""
        kind = resource.kind
        head = f' Category: {kind.term} scheme= {kind.scheme} class="kind";' if kind else " "
        told = [
            f"{name.capitalize()}: {resource.attributes[f'occi.compute.{name}']}"
            for name in _SHOWN
            if f"occi.compute.{name}" in resource.attributes
        ]
        return Payload(media_type, (), f"{head} {' '.join(told)}".encode())

    def listing(
        self, resources: Sequence[Resource], media_type: str, base_url: str, asked_path: str
    ) -> Payload:
        """Writes a collection: URLs with commas between them, without a field name."""
        urls = ",".join(base_url + one.location for one in resources)
        if media_type == TEXT_OCCI:
            return Payload(media_type, (("Location", urls),), b" ")
        return Payload(media_type, (), urls.encode())

    def discovery(self, categories: Sequence[Category], media_type: str, base_url: str) -> Payload:
        """Writes the categories, folded, with a misspelt name in the first line and bare locations."""
        names = ["Cagegory", *["Category"] * len(categories)]
        lines = [
            f'{name}: {one.term};\r\n\t\tscheme="{one.scheme}";\r\n\t\tclass="kind";\r\n\t\tlocation={one.location};'
            for name, one in zip(names, categories, strict=False)
        ]
        return Payload(TEXT_PLAIN, (), "\r\n".join(lines).encode())


OCCI4JAVA = Dialect(
    name="occi4java",
    likeness="occi4java: text that is not OCCI, nothing but text/plain and text/occi (415), actions need a method",
    front=Front("OCCI/1.1"),
    paths=Paths(collections=("/network/", "/storage/"), loose_entities=True),
    accepts=choosing(
        {TEXT_PLAIN: TEXT_PLAIN, TEXT_OCCI: TEXT_OCCI}, without=TEXT_PLAIN, wild=TEXT_PLAIN, parameters=False
    ),
    takes=taking((TEXT_PLAIN, TEXT_OCCI), without=TEXT_PLAIN),
    entity_types=(TEXT_PLAIN, TEXT_OCCI),
    discovery_types=(TEXT_PLAIN, TEXT_OCCI),
    writer=Occi4javaWriter(),
    actions=Actions(method=needed_always, answer=no_answer),
    updates=Updates(
        post=Refusal(HTTPStatus.BAD_REQUEST, "Action is not valid."),
        put=Refusal(HTTPStatus.BAD_REQUEST, "Resource cannot be updated."),
    ),
    refusals={
        Why.NOT_ACCEPTABLE: Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "{accept} is not supported"),
        Why.MEDIA_TYPE: Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "{content_type} is not supported"),
    },
    error=plain_error,
    filters=False,
    newest=None,
)
