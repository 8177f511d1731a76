"""Pages of a collection, asked for by the query: ``?page=2&number=10`` (GFD.223 §6)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import TypeVar

from OcciLibrary.sandbox.exchange import RefusedError, Request

USUAL_NUMBER = 20
LARGEST_NUMBER = 100
Item = TypeVar("Item")


def page_of(request: Request, items: Sequence[Item]) -> Sequence[Item]:
    """Returns the page that a request asks for, all without one; past the end is an empty page.

    Raises RefusedError: 400 for what is no number above 0, 413 for a page that is too large.
    """
    query = request.query
    if not {"page", "number"} & set(query):
        return items
    page = _number(query.get("page", ["1"])[-1], "page")
    number = _number(query.get("number", [str(USUAL_NUMBER)])[-1], "number")
    if number > LARGEST_NUMBER:
        raise RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A page holds at most {LARGEST_NUMBER} entities."
        )
    return items[(page - 1) * number : page * number]


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{name} has to be a whole number above 0.")
    return int(text[:9])
