"""How known servers choose a media type by the Accept header, and which request types they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from OcciLibrary.sandbox.exchange import RefusedError, Why, quality

NOTHING = "nothing"
_ANY = "*/*"


def choosing(
    offered: Mapping[str, str],
    *,
    without: str,
    wild: str,
    weighs: bool = True,
    parameters: bool = True,
    browser: str = "",
    otherwise: str = "",
) -> Callable[[str], str]:
    """Returns a choice among ``offered``, which maps the names that are understood to what is answered.

    ``without`` answers a request without Accept ('' breaks with 500), ``wild`` one that takes anything, ``otherwise`` one
    with nothing that is understood ('' refuses). Without ``weighs`` the first name that is understood wins whatever its
    quality; without ``parameters`` a name with others than q is not understood. ``browser`` answers a list that ends in
    anything.
    """

    def choose(accept: str) -> str:
        if not accept.strip():
            return without or _break()
        items = accept.split(",")
        if browser and len(items) > 1 and any(_ANY in item for item in items):
            return browser
        ranked = [(_rank(item, place, weighs), _named(item)) for place, item in enumerate(items)]
        for _, name in sorted(ranked):
            chosen = wild if name == _ANY else offered.get(name, "")
            if chosen:
                return chosen
        return otherwise or _refuse(accept)

    def _named(item: str) -> str:
        name, *given = (part.strip().lower() for part in item.split(";"))
        others = [parameter for parameter in given if not parameter.startswith("q=")]
        return item.strip() if others and not parameters else name

    return choose


def choosing_by_range(offers: Sequence[str], *, without: str) -> Callable[[str], str]:
    """Returns the choice of RFC 9110 §12.5.1 among ``offers``: each has the quality of the most exact range that it is in.

    The best quality wins, then what was named exactly, then what was named first, then ``without`` and the order of the offers.
    ``without`` also answers a request without Accept.
    """

    def choose(accept: str) -> str:
        if not accept.strip():
            return without
        ranges = [_range(item) for item in accept.split(",") if item.strip()]
        ranked = []
        for order, offer in enumerate(offers):
            exactness, place, weight = max(
                (
                    (_exactness(name, offer), -place, weight)
                    for place, (name, weight) in enumerate(ranges)
                    if _exactness(name, offer)
                ),
                default=(0, 0, 0.0),
            )
            if weight > 0:
                ranked.append((weight, exactness, place, offer == without, -order, offer))
        return max(ranked)[-1] if ranked else _refuse(accept)

    return choose


def _range(item: str) -> tuple[str, float]:
    name, *given = (part.strip().lower() for part in item.split(";"))
    return name, next((quality(part[2:]) for part in given if part.startswith("q=")), 1.0)


def _exactness(name: str, offer: str) -> int:
    """Returns how exactly a range names a media type: 3 by its name, 0 not at all."""
    if name == offer:
        return 3
    if name == offer.partition("/")[0] + "/*":
        return 2
    return 1 if name == _ANY else 0


def _rank(item: str, place: int, weighs: bool) -> tuple[float, int]:
    given = [part.strip().lower() for part in item.split(";")[1:]]
    weight = next((quality(parameter[2:]) for parameter in given if parameter.startswith("q=")), 1.0)
    return (-weight if weighs else 0.0, place)


def _break() -> str:
    raise RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")


def _refuse(accept: str) -> str:
    raise RefusedError(
        HTTPStatus.NOT_ACCEPTABLE, f"{accept[:200]!r} cannot be answered.", why=Why.NOT_ACCEPTABLE
    )


def taking(
    known: Sequence[str],
    *,
    without: str = "",
    parameters: bool = True,
    others: Mapping[str, str] | None = None,
) -> Callable[[str], str]:
    """Returns the choice of the media type that a request is read in, among those ``known``.

    ``without`` reads one without Content-Type ('' refuses it, NOTHING reads nothing out of it); without ``parameters`` only
    the bare name is taken; ``others`` are further names with what they are read as.
    """
    names = {**{name: name for name in known}, **(others or {})}

    def take(content_type: str) -> str:
        given = content_type.strip().lower()
        name = given.partition(";")[0].strip() if parameters else given
        chosen = names.get(name, "") if name else without
        if chosen == NOTHING:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "No Content-Type.", why=Why.NO_ACTION)
        if not chosen:
            raise RefusedError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Content-Type {content_type[:200]!r} is not understood.",
                why=Why.MEDIA_TYPE,
            )
        return chosen

    return take
