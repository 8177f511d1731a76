"""Reads what a client wants a new VM to be (GFD.185 §3.4.4, GFD.224 §3.5): templates, attributes, key and user data."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from OcciLibrary.occi.contextualisation import Family
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.model import AttributeValue, Message, Mixin
from OcciLibrary.sandbox.compute_update import checked_value
from OcciLibrary.sandbox.dialects.creating import Creating, Size
from OcciLibrary.sandbox.engine import Contextualisation
from OcciLibrary.sandbox.exchange import RefusedError, Why

_LONGEST_USER_DATA = 64 * 1024


@dataclass(frozen=True, slots=True)
class NewVm:
    """What was asked for: the id of the image, the size (None: of no template), attributes, and what it is for its user."""

    image: str
    size: Size | None
    attributes: dict[str, AttributeValue]
    contextualisation: Contextualisation


def wanted(message: Message, creating: Creating, images: Sequence[Mixin]) -> NewVm:
    """Returns what a request asks for. Raises RefusedError: 400 for what is missing or makes no sense, 404 for what is unknown."""
    try:
        resource = message.resource()
    except RenderingError as error:
        raise _bad(f"The request cannot be read: {error}") from None
    if resource.kind is None or resource.kind.id != COMPUTE_ID:
        raise _bad(f"A creation has to name the kind {COMPUTE_ID}.")
    if resource.links:
        raise _bad("There are no networks and storages to link to here.")
    ids = {mixin.id for mixin in resource.mixins}
    chosen = _images_of(ids, creating, images)
    named = [size for size in creating.sizes if size.mixin.id in ids]
    sizes = named or [creating.sizes[0]]
    if len(sizes) > 1:
        raise _bad("A creation may name one size, a mixin that depends on resource_tpl.")
    known = {*chosen, sizes[0].mixin.id}
    for family in creating.families:
        known |= {family.key.id, family.user_data.id}
    if unknown := sorted(ids - known):
        raise RefusedError(
            HTTPStatus.NOT_FOUND,
            f"Not known here: {', '.join(unknown)[:300]}.",
            why=Why.UNKNOWN_CATEGORY,
            named=unknown[0][:200],
        )
    attributes, told = dict(resource.attributes), Contextualisation()
    for family in creating.families:
        told = _contextualised(told, family, ids, attributes)
    checked = {name: checked_value(name, value) for name, value in attributes.items()}
    if not named and creating.by_the_book:
        return NewVm(chosen[0], None, {**sizes[0].attributes, **checked}, told)
    return NewVm(chosen[0], sizes[0], {**checked, **sizes[0].attributes}, told)


def _images_of(ids: set[str], creating: Creating, images: Sequence[Mixin]) -> list[str]:
    """Returns the one image that is named, or the usual one where none needs to be."""
    chosen = [image.id for image in images if image.id in ids]
    if not chosen and creating.by_the_book:
        return [images[0].id]
    if len(chosen) != 1:
        raise _bad("A creation has to name one image, a mixin that depends on os_tpl.")
    return chosen


def _contextualised(
    told: Contextualisation, family: Family, ids: set[str], attributes: dict[str, AttributeValue]
) -> Contextualisation:
    """Adds what a family's mixins carry, and takes their attributes out of the others."""
    keys, user_data = told.public_keys, told.user_data
    if family.key.id in ids:
        attributes.pop(family.key_name, None)
        keys = (*keys, _public_key(attributes.pop(family.key_attribute, "")))
    if family.user_data.id in ids:
        user_data = _decoded(family.user_data_attribute, attributes.pop(family.user_data_attribute, ""))
    return Contextualisation(keys, user_data)


def _public_key(value: AttributeValue) -> str:
    text = str(value).strip()
    if not text.isprintable() or len(text.split()) < 2 or len(text) > 10_000:
        raise _bad("The public key has to be one line, as OpenSSH writes it.")
    return text


def _decoded(name: str, value: AttributeValue) -> str:
    try:
        text = base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, ValueError):
        raise _bad(f"{name} has to be text in base64.") from None
    if not text or len(text) > _LONGEST_USER_DATA:
        raise _bad(f"{name} has to hold 1 to {_LONGEST_USER_DATA} characters.")
    return text


def _bad(words: str) -> RefusedError:
    return RefusedError(HTTPStatus.BAD_REQUEST, words)


def attributes_of(new: NewVm, defaults: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    """Returns all the attributes of the new VM."""
    return {**defaults, **new.attributes}
