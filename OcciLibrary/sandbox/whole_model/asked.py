"""What a request says of an entity: categories that are known, attributes that fit (GFD.185 §3.4.4, §3.6.8)."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.model import AttributeDefinition, AttributeValue, Kind, Link, Message, Mixin
from OcciLibrary.sandbox.compute_update import CHANGEABLE, checked_value
from OcciLibrary.sandbox.exchange import RefusedError, Why
from OcciLibrary.sandbox.whole_model.known import Known

_LONGEST_TEXT = 1000
_MOST_ATTRIBUTES = 100
_LARGEST: Mapping[str, float] = {"occi.network.vlan": 4095, "occi.storage.size": 65536.0}


@dataclass(frozen=True, slots=True)
class Asked:
    """An entity as a request describes it, in part or in full."""

    kind: Kind | None
    mixins: tuple[Mixin, ...]
    attributes: Mapping[str, AttributeValue]
    links: tuple[Link, ...]


def asked(message: Message, known: Known) -> Asked:
    """Returns what a request says. Raises RefusedError: 404 for unknown categories, 400 for what makes no entity."""
    for category in message.categories:
        known.checked_type(category)
    try:
        resource = message.resource()
    except RenderingError as error:
        raise bad(f"The request cannot be read: {error}", Why.UNREADABLE) from None
    kind = known.checked_type(resource.kind) if resource.kind else None
    mixins = [known.checked_type(mixin) for mixin in resource.mixins]
    return Asked(
        kind if isinstance(kind, Kind) else None,
        tuple({one.id: one for one in mixins if isinstance(one, Mixin)}.values()),
        resource.attributes,
        resource.links,
    )


def checked_attributes(
    given: Mapping[str, AttributeValue],
    definitions: Mapping[str, AttributeDefinition],
    present: Mapping[str, AttributeValue],
    free: Collection[str] = (),
) -> dict[str, AttributeValue]:
    """Returns the attributes to set; an immutable one passes unsaid when it is as it is ``present``, or is ``free``.

    Raises RefusedError: 404 for an unknown name, 403 for an immutable attribute, 400 for a value that does not fit.
    """
    if len(given) > _MOST_ATTRIBUTES:
        raise bad(f"At most {_MOST_ATTRIBUTES} attributes are taken.")
    for name, value in given.items():
        if name not in definitions:
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"There is no attribute {name[:200]!r} here.",
                why=Why.UNKNOWN_ATTRIBUTE,
                name=name[:200],
            )
        if definitions[name].immutable and name not in free and present.get(name) != value:
            raise RefusedError(
                HTTPStatus.FORBIDDEN, f"{name} cannot be changed by a client.", why=Why.IMMUTABLE, name=name
            )
    return {
        name: _fitting(definitions[name], value)
        for name, value in given.items()
        if not definitions[name].immutable or name in free
    }


def check_required(given: Iterable[str], definitions: Mapping[str, AttributeDefinition]) -> None:
    """Raises RefusedError 400 when a client leaves out what it has to give at creation."""
    missing = {one.name for one in definitions.values() if one.required and not one.immutable} - set(given)
    if missing:
        raise bad(f"Required and not given: {', '.join(sorted(missing))[:300]}.")


def bad(words: str, why: Why = Why.OTHER) -> RefusedError:
    """Returns the refusal of what makes no sense."""
    return RefusedError(HTTPStatus.BAD_REQUEST, words, why=why)


def _fitting(definition: AttributeDefinition, value: AttributeValue) -> AttributeValue:
    name = definition.name
    if name in CHANGEABLE:
        return checked_value(name, value)
    if definition.type in ("integer", "number"):
        return _number(definition, value)
    if definition.type == "boolean" and not isinstance(value, bool):
        raise bad(f"{name} has to be true or false.")
    if definition.type != "string":
        return value
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise bad(f"{name} has to be a quoted string of at most {_LONGEST_TEXT} printable characters.")
    if definition.pattern and not re.fullmatch(definition.pattern, value):
        raise bad(f"{name} has to match {definition.pattern}; {value[:100]!r} was sent.")
    return value


def _number(definition: AttributeDefinition, value: AttributeValue) -> AttributeValue:
    largest = _LARGEST.get(definition.name, 1e9)
    whole = definition.type == "integer"
    is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not is_number or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise bad(f"{definition.name} has to be a {'whole ' if whole else ''}number, without quotes.")
    if not 0 <= value <= largest or (not whole and value == 0):
        raise bad(f"{definition.name} has to be above 0 and up to {largest:g}.")
    return value if whole else float(value)
