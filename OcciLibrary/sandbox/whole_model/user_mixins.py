"""Mixins of users: defined and removed at discovery, given to entities and taken from them (GFD.185 §3.4.1, §3.4.3)."""

from __future__ import annotations

import re
from http import HTTPStatus

from OcciLibrary.occi.model import Message, Mixin
from OcciLibrary.sandbox.exchange import RefusedError, Why
from OcciLibrary.sandbox.whole_model.asked import bad
from OcciLibrary.sandbox.whole_model.holdings import Holdings
from OcciLibrary.sandbox.whole_model.known import Known
from OcciLibrary.sandbox.whole_model.rules import Rules

_RESERVED = "http://schemas.ogf.org/occi/"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"<>\\]+#")
_LOCATION = re.compile(r"(/[A-Za-z0-9._~-]+)+/")
_LONGEST = 300


def define(message: Message, known: Known, holdings: Holdings, rules: Rules) -> None:
    """Adds the mixins of a request, all of them or none.

    Raises RefusedError: 400 for what is no mixin with a location, 403 for what the site provides or reserves, 409 for what another
    user has.
    """
    if not message.categories or message.attributes:
        raise bad("A mixin is expected: term, scheme, class and location.")
    new = [_checked(category, known, holdings, rules) for category in message.categories]
    if len({mixin.id for mixin in new}) < len(new) or len({mixin.location for mixin in new}) < len(new):
        raise bad("The same mixin, or the same location, stands twice in the request.")
    holdings.define(new)


def _checked(category: object, known: Known, holdings: Holdings, rules: Rules) -> Mixin:
    if not isinstance(category, Mixin):
        raise bad("Only mixins can be defined by users.")
    if not re.fullmatch(rules.term, category.term) or not _SCHEME.fullmatch(category.scheme):
        raise bad("The term or the scheme of the mixin is none by the grammar.")
    if len(category.id) > _LONGEST or len(category.location) > _LONGEST:
        raise bad("The identifier or the location is too long.")
    users = {mixin.id for mixin in holdings.user_mixins()}
    if category.scheme.startswith(_RESERVED) or (category.id in known and category.id not in users):
        raise RefusedError(HTTPStatus.FORBIDDEN, "This mixin is the site's own, or its scheme is OGF's.")
    if category.id in users:
        raise RefusedError(HTTPStatus.CONFLICT, "There is such a mixin already.")
    location = _path(category.location)
    if not _LOCATION.fullmatch(location):
        raise bad("A mixin needs a location: a path that begins and ends with a slash.")
    if any(
        getattr(one, "location", "").startswith(location)
        or location.startswith(getattr(one, "location", "") or "\0")
        for one in known.categories
    ):
        raise RefusedError(HTTPStatus.CONFLICT, f"The location {location} is taken.")
    for related in category.depends:
        if related not in known:
            raise RefusedError(
                HTTPStatus.NOT_FOUND, f"Not known here: {related[:300]!r}.", why=Why.UNKNOWN_CATEGORY
            )
    return Mixin(
        category.term,
        category.scheme,
        category.title[:_LONGEST],
        category.attributes,
        location,
        category.depends,
        category.applies,
    )


def of_user(message: Message, known: Known, holdings: Holdings) -> Mixin | None:
    """Returns the one mixin of a user that a request names, None for one of the site's.

    Raises RefusedError: 400 unless it names one mixin, 404 when there is none such.
    """
    if len(message.categories) != 1:
        raise bad("A deletion has to name one mixin.")
    found = known.checked(message.categories[0])
    return next((mixin for mixin in holdings.user_mixins() if mixin.id == found.id), None)


def paths_of(message: Message, own_bases: tuple[str, ...]) -> list[str]:
    """Returns the paths that a request names as members. Raises RefusedError 400 for what lies elsewhere, or none."""
    urls = [*message.locations, *(one.location for one in message.resources if one.location)]
    for url in urls:
        if not url.startswith(("/", *(f"{base}/" for base in own_bases))):
            raise bad(f"{url[:200]!r} is no entity of this site.")
    return [_path(url) for url in urls]


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2] if "://" in url else url
