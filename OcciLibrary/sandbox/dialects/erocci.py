"""erocci, as it answered on the wire."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import COMPUTE_ID, standard_categories
from OcciLibrary.occi.model import Category, Kind
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
    old_rendering_located,
    plain_error,
)
from OcciLibrary.sandbox.dialects.methods import none_for_start
from OcciLibrary.sandbox.dialects.negotiation import choosing, taking
from OcciLibrary.sandbox.dialects.text_form import HTML, DialectWriter, TextForm
from OcciLibrary.sandbox.exchange import Why


def _at_categories(category: Category) -> Category:
    """Returns a category at its place: /categories/TERM, without a slash at the end, for everything but actions."""
    is_action = not category.location and not isinstance(category, Kind)
    return category if is_action else replace(category, location=f"/categories/{category.term}")


_CATEGORIES = tuple(_at_categories(category) for category in standard_categories())
_COMPUTE = next(one for one in _CATEGORIES if isinstance(one, Kind) and one.id == COMPUTE_ID)


def _number(number: float) -> str:
    """Writes a float with five decimals."""
    return f"{number:.5f}" if isinstance(number, float) else str(number)


def _located(base_url: str, path: str) -> str:
    return base_url + path


EROCCI = Dialect(
    name="erocci",
    likeness="erocci: lower-case names, class=kind bare, floats with five decimals, no id, VMs at /UUID, kinds at /categories/",
    front=Front("erocci OCCI/1.2"),
    paths=Paths(
        listing="/categories/compute",
        entities="/",
        collections=tuple(
            one.location for one in _CATEGORIES if isinstance(one, Kind) and one is not _COMPUTE
        ),
    ),
    accepts=choosing(
        {
            **{name: name for name in (TEXT_PLAIN, TEXT_OCCI, URI_LIST, OCCI_JSON, HTML)},
            "application/json": OCCI_JSON,
        },
        without="",
        wild=HTML,
        parameters=False,
    ),
    takes=taking(
        (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON), parameters=False, others={"application/json": OCCI_JSON}
    ),
    entity_types=(TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, HTML),
    discovery_types=(TEXT_PLAIN, TEXT_OCCI, OCCI_JSON, HTML),
    writer=DialectWriter(
        TextForm(lower_case=True, bare_class=True, number=_number, absolute=True, headers_body=b"OK\n"),
        json_forms.standard_with(locate=_located, listed=("kind", "location"), absolute=True),
        page=b"OK",
    ),
    categories=_CATEGORIES,
    kind=_COMPUTE,
    attributes=Attributes(
        order=(
            "occi.compute.architecture",
            "occi.compute.cores",
            "occi.compute.hostname",
            "occi.compute.memory",
            "occi.compute.speed",
            "occi.compute.state",
            "occi.core.summary",
            "occi.core.title",
        )
    ),
    actions=Actions(
        linked=Linked.ALL,
        absolute=True,
        compares_query=False,
        linked_while_busy=True,
        method=none_for_start,
        answer=old_rendering_located,
    ),
    refusals={
        Why.NOTHING_THERE: Refusal(HTTPStatus.NOT_FOUND, ""),
        Why.NO_ENTITY: Refusal(HTTPStatus.NOT_FOUND, ""),
        Why.WRONG_METHOD: Refusal(HTTPStatus.METHOD_NOT_ALLOWED, ""),
        Why.NOT_ACCEPTABLE: Refusal(HTTPStatus.NOT_ACCEPTABLE, ""),
        Why.NO_ENTITY_RENDERING: Refusal(HTTPStatus.NOT_ACCEPTABLE, ""),
        Why.NO_DISCOVERY_RENDERING: Refusal(HTTPStatus.NOT_ACCEPTABLE, ""),
        Why.MEDIA_TYPE: Refusal(HTTPStatus.BAD_REQUEST, ""),
        Why.NOT_NOW: Refusal(HTTPStatus.BAD_REQUEST, "{said}"),
        Why.NO_UPDATE_NOW: Refusal(HTTPStatus.BAD_REQUEST, "{said}"),
    },
    error=plain_error,
    filters=False,
    newest=None,
    challenge='Basic realm="erocci"',
)
