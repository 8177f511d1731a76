"""Servers are told by what they say of themselves, and nothing is claimed of one that is not known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from OcciLibrary.occi.known_servers import KNOWN_SERVERS, about_state, known_server, memory_is_in_mib
from OcciLibrary.occi.model import AttributeValue, Mixin, Resource
from OcciLibrary.occi.renderings import read

SAMPLES = Path(__file__).parents[3] / "shared" / "wire-samples"
LINK_ACTIONS = "http://schemas.ogf.org/occi/infrastructure/networkinterface/action#up"


@pytest.mark.parametrize(
    ("header", "ids", "name"),
    [
        ("rOCCI-server OCCI/1.1 OCCI-CRTP/1.0 OCCI/1.2 OCCI-CRTP/1.1", (LINK_ACTIONS,), "rOCCI-server 2"),
        ("Apache/2.2.22 (Debian)", (LINK_ACTIONS,), "rOCCI-server 1"),
        ("", ("http://opennebula.org/occi/infrastructure#compute",), "rOCCI-server 1"),
        ("", ("http://schemas.ec2.aws.amazon.com/occi/infrastructure/compute#x",), "rOCCI-server 1"),
        ("ooi/1.2.0 OCCI/1.1 OCCI/1.2", (), "ooi"),
        ("pyssf OCCI/1.1", ("http://schemas.openstack.org/template/os#debian",), "occi-os"),
        ("pyssf OCCI/1.1", ("http://schemas.openstack.org/compute/instance#os_vms",), "occi-os"),
        ("pyssf OCCI/1.1", ("http://schemas.ogf.org/occi/os_tpl#debian",), "snf-occi"),
        ("erocci OCCI/1.2", (), "erocci"),
        ("OCCIWare MART Server v1.0 OCCI/1.2", (), "MartServer"),
        ("pyssf OCCI/1.1", ("http://schemas.openstack.org/compute/instance#user_data",), ""),
        ("occi-py/0.6 OCCI/1.1", (LINK_ACTIONS,), ""),
        ("Apache/2.2.22 (Debian)", ("http://schemas.ogf.org/occi/infrastructure#compute",), ""),
        ("foooi/1 mooi/2", (), ""),
        ("SMARTER/1.0", (), ""),
        ("", (), ""),
    ],
)
def test_server_is_told_by_header_and_discovery(header: str, ids: tuple[str, ...], name: str) -> None:
    known = known_server(header, ids)
    assert (known.name if known else "").startswith(name)
    assert (known is None) == (name == "")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the wire samples are not here")
@pytest.mark.parametrize(
    ("file", "header", "name"),
    [
        ("rocci1-one-qi.txt", "Apache/2.2.22 (Debian)", "rOCCI-server 1"),
        ("rocci1-dummy-qi.txt", "", "rOCCI-server 1"),
        ("rocci1-ec2-compute.txt", "", "rOCCI-server 1"),
        ("occi-os-compute-recorded.txt", "pyssf OCCI/1.1", "occi-os"),
        ("erocci-qi.txt", "", ""),
    ],
)
def test_recorded_discovery_tells_the_server(file: str, header: str, name: str) -> None:
    message = read("text/plain", [], (SAMPLES / file).read_bytes())
    known = known_server(header, (category.id for category in message.categories))
    assert (known.name if known else "").startswith(name)


def vm(memory: AttributeValue | None, scheme: str = "http://example.org/os#") -> Resource:
    attributes: dict[str, AttributeValue] = {} if memory is None else {"occi.compute.memory": memory}
    return Resource(None, (Mixin("debian", scheme),), attributes)


@pytest.mark.parametrize(
    ("header", "resource", "mib"),
    [
        ("ooi/1.2.0", vm(512), True),
        ("ooi/1.2.0", vm(32), True),
        ("ooi/1.2.0", vm(4.0), False),  # a site that has mended it
        ("ooi/1.2.0", vm(None), False),
        ("ooi/1.2.0", vm("512"), False),
        ("ooi/1.2.0", vm(True), False),
        ("ooi/1.2.0", vm(float("nan")), False),
        ("nginx", vm(2048, "http://schemas.openstack.org/template/os#"), True),
        ("nginx", vm(2.0, "http://schemas.openstack.org/template/os#"), False),
        ("nginx", vm(64.0), False),  # a large VM
        ("rOCCI-server OCCI/1.2", vm(64.0), False),
    ],
)
def test_memory_in_mib(header: str, resource: Resource, mib: bool) -> None:
    assert memory_is_in_mib(known_server(header, ()), resource) is mib


def test_occi_os_counts_gib_whatever_its_templates_are_called() -> None:
    ids = ("http://schemas.openstack.org/template/os#debian",)
    known = known_server("pyssf OCCI/1.1", ids)
    assert not memory_is_in_mib(known, vm(64.0, "http://schemas.openstack.org/template/os#"))


@pytest.mark.parametrize(
    ("name", "wanted", "seen", "words"),
    [
        ("rOCCI-server 1", "inactive", "suspended", "a stopped VM as 'suspended'; the wiki wants 'inactive'"),
        ("rOCCI-server 1", "active", "waiting", "on its way"),
        (
            "rOCCI-server 2",
            "suspended",
            "inactive",
            "a suspended VM as 'inactive'; the wiki wants 'suspended'",
        ),
        ("occi-os", "suspended", "inactive", "occi-os"),
        ("occi-os", "inactive", "suspended", ""),
        ("ooi", "active", "inactive", "in error"),
        ("ooi", "suspended", "inactive", ""),
        ("erocci", "suspended", "inactive", ""),
        ("erocci", "suspended", "error", "OCCI 1.2"),
    ],
)
def test_what_is_known_of_a_servers_words(name: str, wanted: str, seen: str, words: str) -> None:
    server = next(one for one in KNOWN_SERVERS if one.name.startswith(name))
    said = about_state(server, wanted, seen)
    assert words in said
    assert bool(said) == bool(words)


@pytest.mark.parametrize(
    ("wanted", "seen", "names"),
    [
        ("inactive", "suspended", ["rOCCI-server 1"]),
        ("suspended", "inactive", ["rOCCI-server 2", "occi-os"]),
        ("suspended", "waiting", ["rOCCI-server 1", "rOCCI-server 2"]),
        ("active", "inactive", []),  # so many things look like that
        ("inactive", "active", []),
        ("active", "(no answer)", []),
    ],
)
def test_of_an_unknown_server_only_others_are_named(wanted: str, seen: str, names: list[str]) -> None:
    said = about_state(None, wanted, seen)
    assert all(name in said for name in names)
    assert bool(said) == bool(names)
    assert not re.search("this site|The site", said)


@pytest.mark.parametrize("word", ["pending", "Building", "frobnicated", "x" * 5000])
def test_word_that_occi_does_not_know_is_told_so_and_not_repeated(word: str) -> None:
    for server in (None, *KNOWN_SERVERS):
        assert "no state of OCCI (GFD.184 §3.1" in about_state(server, "active", word)
        assert word not in about_state(server, "active", word)


@pytest.mark.parametrize("word", ["", "(no answer)", "'(x)'", "\x1b[2J", "a b", "Active", "SUSPENDED"])
def test_of_what_is_no_word_nothing_is_said(word: str) -> None:
    assert about_state(None, "active", word) == ""


def test_page_about_servers_knows_each_of_them() -> None:
    page = (Path(__file__).parents[2] / "docs" / "servers.md").read_text("utf-8")
    rows = {
        line.split(" | ")[0].removeprefix("| "): line for line in page.splitlines() if line.startswith("| ")
    }
    for server in KNOWN_SERVERS:
        row = rows[server.name]
        assert all(f"`{shown.seen}`" in row for shown in server.shows), server.name
        assert ("**MiB**" in row) is server.memory_in_mib
        assert ("| no" in row) is bool(server.updates)
