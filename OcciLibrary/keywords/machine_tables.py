"""The inventory and the audit of a machine: tables for log.html, one line for a message, and the comparable record."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from OcciLibrary.keywords.attribute_tables import table
from OcciLibrary.probes.guest_audit import Logins, Rights, Updates
from OcciLibrary.probes.guest_inventory import Inventory
from OcciLibrary.probes.listening import ANY, Listener

SCHEMA = "occilibrary-inventory/1"
_NOT_TOLD = "(not told)"
_LISTED = 12


def inventory_record(inventory: Inventory, site: str, occi_architecture: str) -> str:
    """Returns the record as JSON: names and lists in a fixed order, and nothing in it that changes from day to day."""
    packages = inventory.packages
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "site": site,
        "architecture": {
            "occi": occi_architecture,
            "kernel": inventory.machine,
            "kernel_bits": inventory.kernel_bits,
            "userland_bits": inventory.userland_bits,
        },
        "processor": inventory.processor,
        "virtualisation": {
            "kind": inventory.virtualisation.kind,
            "container": inventory.virtualisation.container,
            "signs": list(inventory.virtualisation.signs),
        },
        "system": {
            "id": inventory.system,
            "version": inventory.system_version,
            "name": inventory.system_name,
        },
        "kernel": {"name": inventory.kernel, "release": inventory.kernel_release},
        "c_library": {"name": inventory.c_library, "version": inventory.c_library_version},
        "tools": {tool.name: tool.version for tool in inventory.tools},
        "package_manager": {"name": packages.manager, "packages": packages.installed},
        "libraries": [
            {"library": one.library, "package": one.package, "version": one.version}
            for one in packages.libraries
        ],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def inventory_table(inventory: Inventory, occi_architecture: str) -> str:
    """Returns the inventory as an HTML table; everything is escaped and cut."""
    virtual, packages = inventory.virtualisation, inventory.packages
    rows = [
        ("architecture by OCCI", occi_architecture),
        ("architecture of the kernel", _joined((inventory.machine, _bits(inventory.kernel_bits)))),
        ("programs", _bits(inventory.userland_bits)),
        ("processor", inventory.processor),
        ("virtualisation", _joined((virtual.kind, f"({'; '.join(virtual.signs)})" if virtual.signs else ""))),
        *([("container", virtual.container)] if virtual.container else []),
        ("system", inventory.system_name),
        ("kernel", _joined((inventory.kernel, inventory.kernel_release))),
        ("C library", _joined((inventory.c_library, inventory.c_library_version))),
        *((tool.name, tool.version or "(there, without a version)") for tool in inventory.tools),
        ("packages", f"{packages.installed} ({packages.manager})" if packages.manager else ""),
        *((one.library, f"{one.package} {one.version}") for one in packages.libraries),
    ]
    return table(("What", "In the machine"), [((what, told or _NOT_TOLD), "") for what, told in rows])


def inventory_line(inventory: Inventory) -> str:
    """Returns the inventory in one line."""
    parts = (
        _joined((inventory.machine, _bits(inventory.userland_bits))),
        f"virtualisation {inventory.virtualisation.kind}",
        inventory.system_name,
        _joined((inventory.kernel, inventory.kernel_release)),
        _joined((inventory.c_library, inventory.c_library_version)),
        ", ".join(_joined((tool.name, tool.version)) for tool in inventory.tools),
        f"{inventory.packages.installed} packages" if inventory.packages.manager else "",
    )
    return "; ".join(part for part in parts if part)


def listening_table(found: Iterable[Listener]) -> str:
    """Returns what listens as an HTML table."""
    rows = [((one.protocol, str(one.port), one.reach, one.service), "") for one in found]
    return table(("Protocol", "Port", "Can be reached from", "Usually"), rows)


def listening_line(found: tuple[Listener, ...]) -> str:
    """Returns what listens for others in one line; what only the machine itself can reach is counted."""
    others = [
        f"{one.protocol} {one.port}" + (f" ({one.service})" if one.service else "")
        for one in found
        if one.reach == ANY
    ]
    rest = len(found) - len(others)
    return f"Listens on all addresses: {_some(others)}. Less widely: {rest}."


def logins_table(logins: Logins) -> str:
    """Returns the accounts and the ssh server's settings as an HTML table."""
    rows = [
        (("account", f"{one.name} ({one.uid})", f"{one.shell}, public keys: {_count(one.keys)}"), "")
        for one in logins.accounts
    ]
    rows += [(("ssh server", name, value), "") for name, value in logins.settings]
    return table(("What", "Name", "Says"), rows)


def logins_line(logins: Logins) -> str:
    """Returns who may log in, in one line."""
    names = [
        f"{one.name} (public keys: {one.keys})" if one.keys is not None else one.name
        for one in logins.accounts
    ]
    settings = [f"{name} {value}" for name, value in logins.settings]
    told = (
        f"The ssh server's settings: {_some(settings)}."
        if settings
        else "The ssh server's settings cannot be read."
    )
    return f"Accounts with a shell: {_some(names)}. {told}"


def rights_line(rights: Rights) -> str:
    """Returns what the user may do as root, in one line."""
    groups = (
        f"The user is in {', '.join(rights.groups)}."
        if rights.groups
        else "The user is in no group that becomes root."
    )
    if not rights.has_sudo:
        return f"{groups} There is no sudo." if not rights.sudo else f"{groups} {_some(rights.sudo)}."
    return f"{groups} sudo says: {_some(rights.sudo)}."


def rights_table(rights: Rights) -> str:
    """Returns what sudo says as an HTML table."""
    rows = [(("group", group), "") for group in rights.groups] + [
        (("sudo", line), "") for line in rights.sudo
    ]
    return table(("What", "Says"), rows)


def updates_table(updates: Updates) -> str:
    """Returns the pending updates as an HTML table, those for security first."""
    words = {True: "security", False: "", None: "not told"}
    rows = [
        ((one.package, one.version, words[one.security]), "")
        for one in sorted(updates.pending, key=lambda one: (not one.security, one.package))
    ]
    return table(("Package", "Newer version", "For"), rows)


def updates_line(updates: Updates) -> str:
    """Returns how many updates are pending, in one line."""
    security = sum(one.security is True for one in updates.pending)
    unknown = sum(one.security is None for one in updates.pending)
    for_security = f"{security} of them for security" if not unknown else "what they are for is not told"
    age = f"{updates.age:g} days old" if updates.age is not None else "of unknown age"
    return f"{len(updates.pending)} updates are pending, {for_security}, by {updates.manager}'s lists, which are {age}."


def _joined(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)


def _bits(bits: int | None) -> str:
    return f"{bits} bits" if bits else ""


def _count(keys: int | None) -> str:
    return "not readable, or none" if keys is None else str(keys)


def _some(words: Iterable[str]) -> str:
    listed = list(words)
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return (", ".join(listed[:_LISTED]) or "nothing") + more
