"""Tables, lines and the record of the inventory and the audit: nothing that a machine says acts on a log."""

from __future__ import annotations

import json

from OcciLibrary.keywords import machine_tables as tables
from OcciLibrary.probes.guest_audit import Account, Logins, Rights, Update, Updates
from OcciLibrary.probes.guest_inventory import Inventory
from OcciLibrary.probes.guest_software import Library, Packages, Tool
from OcciLibrary.probes.listening import ANY, OWN, Listener
from OcciLibrary.probes.virtualisation import Virtualisation

EVIL = "<script>alert(1)</script>"


def inventory(name: str = "Debian GNU/Linux 12") -> Inventory:
    return Inventory(
        machine="x86_64", kernel_bits=64, userland_bits=None, processor=name,
        virtualisation=Virtualisation("kvm", name if name == EVIL else "", (name,)),
        kernel="Linux", kernel_release="6.1.0", system="debian", system_version="12", system_name=name,
        c_library="glibc", c_library_version="2.36", tools=(Tool("gcc", "12.2.0"), Tool("python3", name)),
        packages=Packages("dpkg", 350, (Library("blas", "libblas3", name),)),
    )  # fmt: skip


def test_tables_escape_what_a_machine_says() -> None:
    drawn = (
        tables.inventory_table(inventory(EVIL), EVIL),
        tables.logins_table(Logins((Account(EVIL, 0, EVIL, None),), (("port", EVIL),))),
        tables.rights_table(Rights((EVIL,), (EVIL,), True)),
        tables.updates_table(Updates(EVIL, (Update(EVIL, EVIL, True),), None)),
        tables.listening_table([Listener(EVIL, 1, EVIL, EVIL)]),
    )
    for html in drawn:
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_record_has_a_fixed_order_and_is_json() -> None:
    text = tables.inventory_record(inventory(), "lab", "x64")
    told = json.loads(text)
    assert list(told) == [
        "schema", "site", "architecture", "processor", "virtualisation", "system", "kernel", "c_library", "tools",
        "package_manager", "libraries",
    ]  # fmt: skip
    assert told["schema"] == "occilibrary-inventory/1"
    assert told["architecture"] == {
        "occi": "x64",
        "kernel": "x86_64",
        "kernel_bits": 64,
        "userland_bits": None,
    }
    assert told["tools"] == {"gcc": "12.2.0", "python3": "Debian GNU/Linux 12"}
    assert told["libraries"] == [{"library": "blas", "package": "libblas3", "version": "Debian GNU/Linux 12"}]
    assert text == tables.inventory_record(inventory(), "lab", "x64")


def test_lines_for_a_message() -> None:
    assert tables.inventory_line(inventory()) == (
        "x86_64; virtualisation kvm; Debian GNU/Linux 12; Linux 6.1.0; glibc 2.36; gcc 12.2.0, python3 Debian GNU/Linux 12; "
        "350 packages"
    )
    found = (Listener("tcp", 22, ANY, "ssh"), Listener("tcp", 25, OWN, "smtp"), Listener("tcp", 7777, ANY))
    assert tables.listening_line(found) == "Listens on all addresses: tcp 22 (ssh), tcp 7777. Less widely: 1."
    assert tables.listening_line(()) == "Listens on all addresses: nothing. Less widely: 0."
    logins = Logins((Account("root", 0, "/bin/sh", None), Account("ada", 1000, "/bin/sh", 2)), ())
    assert tables.logins_line(logins) == (
        "Accounts with a shell: root, ada (public keys: 2). The ssh server's settings cannot be read."
    )
    assert (
        tables.rights_line(Rights(("sudo",), ("(ALL) ALL",), True))
        == "The user is in sudo. sudo says: (ALL) ALL."
    )
    assert (
        tables.rights_line(Rights((), (), False))
        == "The user is in no group that becomes root. There is no sudo."
    )
    updates = Updates("apt", (Update("a", "1", True), Update("b", "2", False)), 1.5)
    assert tables.updates_line(updates) == (
        "2 updates are pending, 1 of them for security, by apt's lists, which are 1.5 days old."
    )
    assert "what they are for is not told" in tables.updates_line(
        Updates("apk", (Update("a", "1", None),), None)
    )
