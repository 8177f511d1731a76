"""How a new VM gets its user's public key and user data: the mixins of OCCI 1.2, and the older ones of OpenStack's bridges."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from OcciLibrary.occi.model import AttributeValue, Category, Mixin


@dataclass(frozen=True, slots=True)
class Family:
    """One family of contextualisation mixins.

    ``key`` and ``user_data`` are the mixins, ``key_attribute`` and ``user_data_attribute`` what they carry; ``key_name`` is the
    attribute for the key's name, '' where the family has none. User data go in base64. Sources: GFD.224 §3.5.2; occi-os and
    ooi, whose attribute names EGI's sites took over.
    """

    name: str
    key: Mixin
    key_attribute: str
    user_data: Mixin
    user_data_attribute: str
    key_name: str = ""


OCCI_FAMILY = Family(
    "OCCI 1.2",
    Mixin("ssh_key", "http://schemas.ogf.org/occi/infrastructure/credentials#"),
    "occi.credentials.ssh.publickey",
    Mixin("user_data", "http://schemas.ogf.org/occi/infrastructure/compute#"),
    "occi.compute.userdata",
)
OPENSTACK_FAMILY = Family(
    "OpenStack",
    Mixin("public_key", "http://schemas.openstack.org/instance/credentials#"),
    "org.openstack.credentials.publickey.data",
    Mixin("user_data", "http://schemas.openstack.org/compute/instance#"),
    "org.openstack.compute.user_data",
    "org.openstack.credentials.publickey.name",
)
FAMILIES: Mapping[str, Family] = {"occi": OCCI_FAMILY, "openstack": OPENSTACK_FAMILY}


@dataclass(frozen=True, slots=True)
class Context:
    """What a creation adds to its request: mixins, and the attributes that they carry."""

    mixins: tuple[Mixin, ...] = ()
    attributes: Mapping[str, AttributeValue] | None = None


def context(family: Family, name: str, public_key: str, user_data: str) -> Context:
    """Returns what a request needs to hand over a public key (one line, as OpenSSH writes it) and user data (text)."""
    attributes: dict[str, AttributeValue] = {
        family.key_attribute: public_key,
        family.user_data_attribute: encoded(user_data),
    }
    if family.key_name:
        attributes[family.key_name] = name
    return Context((family.key, family.user_data), attributes)


def encoded(user_data: str) -> str:
    """Returns user data in base64; lines are added to its end until no ``=`` is needed, which some servers cut a value at."""
    data = user_data.encode()
    data += b"\n" * (-len(data) % 3)
    return base64.b64encode(data).decode("ascii")


def missing(family: Family, categories: Iterable[Category]) -> tuple[str, ...]:
    """Returns the ids of a family's mixins that a site's discovery does not have."""
    known = {category.id for category in categories}
    return tuple(mixin.id for mixin in (family.key, family.user_data) if mixin.id not in known)
