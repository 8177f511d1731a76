"""Checks what a client wants to change on a compute: names, types, values (GFD.184 §3.1, GFD.185 §3.6.8)."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import ATTRIBUTES, COMPUTE_ID, IMMUTABLE_COMPUTE_ATTRIBUTES
from OcciLibrary.occi.model import AttributeValue, Message
from OcciLibrary.sandbox.exchange import RefusedError, Why

CHANGEABLE = (
    "occi.core.title",
    "occi.core.summary",
    "occi.compute.architecture",
    "occi.compute.cores",
    "occi.compute.hostname",
    "occi.compute.speed",
    "occi.compute.memory",
)
LIMITS = {"occi.compute.cores": 256, "occi.compute.speed": 100, "occi.compute.memory": 4096}
_LONGEST_TEXT = 1000
_HOSTNAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


def wanted_changes(
    message: Message,
    present: Mapping[str, AttributeValue],
    full: bool,
    mixins: Collection[str] = (),
    beyond: Collection[str] = (),
) -> dict[str, AttributeValue]:
    """Returns the attributes to set; ``full`` for a PUT, which has to name the kind and may name its ``mixins``.

    ``beyond`` are whole numbers that this site has besides.

    Raises RefusedError: 400 for links, a missing kind, an empty update, a wrong type or value; 403 for an attribute that no
    client may change; 404 for unknown categories and attributes.
    """
    if message.links:  # links to actions pass: they are part of the full rendering
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, "Links cannot be changed by an update of a compute (GFD.185 §3.4.4)."
        )
    _check_categories(message, full, {COMPUTE_ID, *mixins})
    attributes = message.resource().attributes
    if not attributes and not full:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The update names no attribute.")
    return {
        name: _whole(name, value) if name in beyond else checked_value(name, value)
        for name, value in attributes.items()
        if not _is_unchanged_immutable(name, value, present)
    }


def _whole(name: str, value: AttributeValue) -> AttributeValue:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _bad(name, "a whole number, without quotes", value)
    return value


def _check_categories(message: Message, full: bool, known: set[str]) -> None:
    resource = message.resource()
    named = {category.id for category in message.categories} | {mixin.id for mixin in resource.mixins}
    if resource.kind:
        named.add(resource.kind.id)
    if full and COMPUTE_ID not in named:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, f"A full update has to name the kind {COMPUTE_ID}.", why=Why.NO_KIND
        )
    if unknown := sorted(named - known):
        raise RefusedError(
            HTTPStatus.NOT_FOUND,
            f"Not known here, or not for a compute: {', '.join(unknown)[:300]}.",
            why=Why.UNKNOWN_CATEGORY,
            named=unknown[0][:200],
        )


def _is_unchanged_immutable(name: str, value: AttributeValue, present: Mapping[str, AttributeValue]) -> bool:
    """Lets an immutable attribute pass that is given as it is: a PUT holds the full rendering."""
    if name not in IMMUTABLE_COMPUTE_ATTRIBUTES:
        return False
    if name not in present or present[name] != value:
        raise RefusedError(
            HTTPStatus.FORBIDDEN, f"{name} cannot be changed by a client.", why=Why.IMMUTABLE, name=name
        )
    return True


def checked_value(name: str, value: AttributeValue) -> AttributeValue:
    """Returns the value to store. Raises RefusedError: 404 for an unknown name, 400 for a value that does not fit."""
    if name not in CHANGEABLE:
        raise RefusedError(
            HTTPStatus.NOT_FOUND,
            f"A compute has no attribute {name[:200]!r} here.",
            why=Why.UNKNOWN_ATTRIBUTE,
            name=name[:200],
        )
    fact = ATTRIBUTES[name]
    if fact.type in ("integer", "number"):
        return _checked_number(name, value, whole=fact.type == "integer")
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise _bad(name, f"a quoted string of at most {_LONGEST_TEXT} printable characters", value)
    if fact.values and value not in fact.values:
        raise _bad(name, f"one of {', '.join(fact.values)}", value)
    if name == "occi.compute.hostname" and not _HOSTNAME.fullmatch(value):
        raise _bad(name, "a host name (letters, digits, hyphens, dots)", value)
    return value


def _checked_number(name: str, value: AttributeValue, whole: bool) -> AttributeValue:
    expected = f"a {'whole ' if whole else ''}number above 0 and up to {LIMITS[name]}, without quotes"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise _bad(name, expected, value)
    number = value if whole else float(value)
    if not math.isfinite(number) or not 0 < number <= LIMITS[name]:
        raise _bad(name, expected, value)
    return number


def _bad(name: str, expected: str, value: AttributeValue) -> RefusedError:
    return RefusedError(
        HTTPStatus.BAD_REQUEST, f"{name} has to be {expected}; {str(value)[:100]!r} was sent."
    )
