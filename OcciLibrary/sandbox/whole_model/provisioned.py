"""What a site holds from the beginning: two networks, the disks of its VMs and a spare one, and the VMs' links to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from OcciLibrary.occi.infrastructure import (
    IPNETWORK_ID,
    IPNETWORKINTERFACE_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
    STORAGE_ID,
    STORAGELINK_ID,
)
from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.occi.networking import SSH_PORT_ATTRIBUTE
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from OcciLibrary.sandbox.whole_model.contents import SSH_PORT_MIXIN
from OcciLibrary.sandbox.whole_model.holdings import SOURCE, TARGET, Additions, Holding, Holdings
from OcciLibrary.sandbox.whole_model.rules import Rules

_DISK_GIB = 0.25
_COMPUTE = "http://schemas.ogf.org/occi/infrastructure#compute"
COMPUTE_ADDITIONS: Mapping[str, Mapping[str, AttributeValue]] = {
    "1.1": {},
    "1.2": {"occi.compute.share": 1024},
}


def new_holding(
    rules: Rules,
    kind_id: str,
    attributes: Mapping[str, AttributeValue],
    mixins: tuple[str, ...] = (),
    own: bool = True,
    name: str = "",
) -> Holding:
    """Returns something new with an id and a path of its own: of ``name``, the same in every run, or by chance."""
    number = uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.sandbox.example.org") if name else uuid.uuid4()
    own_id = rules.id_form.format(id=number)
    path = f"/{kind_id.rpartition('#')[2]}/{own_id if rules.ids_in_paths else number}"
    return Holding(kind_id, path, {"occi.core.id": own_id, **attributes}, mixins, own)


def provision(holdings: Holdings, rules: Rules, machines: Mapping[str, VirtualMachine]) -> None:
    """Fills the holdings of a new site; ``machines`` are its VMs by their paths."""
    for number, (path, machine) in enumerate(machines.items(), 1):
        if number == 1:
            _networks(holdings, rules)
        disk = new_holding(
            rules, STORAGE_ID, _storage(f"Disk of VM {number}", "online"), (), False, f"disk-{number}"
        )
        holdings.put(disk)
        holdings.put(interface(holdings, rules, path, machine, own=False))
        holdings.put(_storage_link(rules, path, disk.location, number))
        holdings.add_to(path, Additions((), dict(COMPUTE_ADDITIONS[rules.edition])))
    spare = _storage("Spare disk", "offline")
    holdings.put(new_holding(rules, STORAGE_ID, spare, (), False, "disk-spare"))


def interface(
    holdings: Holdings, rules: Rules, path: str, machine: VirtualMachine, own: bool = True
) -> Holding:
    """Returns the link of a VM to the network that all VMs are in."""
    network = next(one for one in holdings.all() if IPNETWORK_ID in one.mixins)
    attributes: dict[str, AttributeValue] = {
        **ends(rules, path, _COMPUTE, network.location, NETWORK_ID),
        "occi.networkinterface.interface": "eth0",
        "occi.networkinterface.mac": f"02:00:7f:00:{machine.ssh_port.number >> 8:02x}:{machine.ssh_port.number & 255:02x}",
        "occi.networkinterface.address": "127.0.0.1",
        "occi.networkinterface.gateway": "127.0.0.1",
        "occi.networkinterface.allocation": "static",
        SSH_PORT_ATTRIBUTE: machine.ssh_port.number,
    }
    mixins = (IPNETWORKINTERFACE_ID, SSH_PORT_MIXIN.id)
    return new_holding(
        rules, NETWORKINTERFACE_ID, attributes, mixins, own, "" if own else f"nic-{machine.id}"
    )


def ends(
    rules: Rules, source: str, source_kind: str, target: str, target_kind: str
) -> dict[str, AttributeValue]:
    """Returns where a link begins and ends; OCCI 1.2 tells the kinds of both too (GFD.221 §5.4)."""
    found: dict[str, AttributeValue] = {SOURCE: source, TARGET: target}
    if rules.edition == "1.2":
        found |= {"occi.core.source.kind": source_kind, "occi.core.target.kind": target_kind}
    return found


def _networks(holdings: Holdings, rules: Rules) -> None:
    local: dict[str, AttributeValue] = {
        "occi.core.title": "Local network",
        "occi.core.summary": "The network that all VMs are in",
        "occi.network.vlan": 1,
        "occi.network.label": "local",
        "occi.network.state": "active",
        "occi.network.address": "127.0.0.0/8",
        "occi.network.gateway": "127.0.0.1",
        "occi.network.allocation": "static",
    }
    spare: dict[str, AttributeValue] = {
        "occi.core.title": "Spare network",
        "occi.core.summary": "A network that nothing is in",
        "occi.network.vlan": 2,
        "occi.network.label": "spare",
        "occi.network.state": "inactive",
    }
    holdings.put(new_holding(rules, NETWORK_ID, local, (IPNETWORK_ID,), False, "network-local"))
    holdings.put(new_holding(rules, NETWORK_ID, spare, (), False, "network-spare"))


def _storage(title: str, state: str) -> dict[str, AttributeValue]:
    return {
        "occi.core.title": title,
        "occi.core.summary": "A disk of the OcciLibrary sandbox",
        "occi.storage.size": _DISK_GIB,
        "occi.storage.state": state,
    }


def _storage_link(rules: Rules, path: str, disk: str, number: int) -> Holding:
    attributes: dict[str, AttributeValue] = {
        **ends(rules, path, _COMPUTE, disk, STORAGE_ID),
        "occi.storagelink.deviceid": "/dev/vda",
        "occi.storagelink.mountpoint": "/home",
    }
    return new_holding(rules, STORAGELINK_ID, attributes, (), False, f"disk-link-{number}")
