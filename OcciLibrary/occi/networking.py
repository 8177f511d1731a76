"""The addresses at which a VM can be reached, as its links to networks show them (GFD.184 §3.4.1)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from OcciLibrary.occi.model import AttributeValue, Resource

ADDRESS_ATTRIBUTE = "occi.networkinterface.address"
# A site whose VMs share an address shows so at which port a VM's ssh server is; OCCI has no word for it.
SSH_PORT_ATTRIBUTE = "org.occilibrary.ssh.port"


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a VM; ``ssh_port`` is None where the site names none."""

    host: str
    ssh_port: int | None = None

    @property
    def is_public(self) -> bool:
        """Tells whether the address is reached from everywhere, as far as it can tell by itself."""
        return ipaddress.ip_address(self.host).is_global


def addresses(vm: Resource) -> tuple[Address, ...]:
    """Returns the addresses that a VM shows on its links or on itself, the public ones first, each once."""
    found = {address.host: address for address in _shown(vm)}
    return tuple(sorted(found.values(), key=lambda address: not address.is_public))


def _shown(vm: Resource) -> Iterator[Address]:
    for attributes in (vm.attributes, *(link.attributes for link in vm.links)):
        if (address := address_in(attributes)) is not None:
            yield address


def address_in(attributes: Mapping[str, AttributeValue]) -> Address | None:
    """Returns the address in the attributes of a link, or None where there is none that is an IP address."""
    text = str(attributes.get(ADDRESS_ATTRIBUTE, "")).strip().partition("/")[0]
    try:
        host = ipaddress.ip_address(text)
    except ValueError:
        return None
    if host.is_unspecified or host.is_multicast:
        return None
    return Address(str(host), _port(attributes.get(SSH_PORT_ATTRIBUTE)))


def _port(value: AttributeValue | None) -> int | None:
    """Returns a port, which some servers quote like all numbers; None for what is none."""
    text = "" if isinstance(value, bool) else str(value)
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535 else None
