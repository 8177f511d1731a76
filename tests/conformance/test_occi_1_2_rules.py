"""The rules about what OCCI 1.2 adds and changes, on exchanges and types that are made up."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from OcciLibrary.conformance import infrastructure_1_2 as infrastructure
from OcciLibrary.conformance import protocol_1_2 as protocol
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import (
    CannotBeShownError,
    Finding,
    Findings,
    NotOfferedError,
    failures,
    remarks,
)
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    IPNETWORKINTERFACE_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
    standard_categories,
)
from OcciLibrary.occi.model import Kind, Link, Mixin, Resource
from OcciLibrary.occi.transport import Answer
from OcciLibrary.sandbox.dialects.specification import SPEC12

URL = "http://127.0.0.1:1/compute/"
NEW = standard_categories("1.2")
CREATING = SPEC12.creating
assert CREATING is not None
SIZES = [size.mixin for size in CREATING.sizes]
OFFERED = (*NEW, *CREATING.mixins())
ENTITIES = [f"{URL}{number}" for number in range(5)]


def answered(status: int = 200, body: bytes = b"", **headers: str) -> Exchange:
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange((), b"", Answer("GET", URL, status, "Reason", fields, body, 0.0))


def words(findings: Findings) -> str:
    return "\n".join(finding.told() for finding in findings)


def test_what_a_site_says_has_an_end_and_does_nothing_in_any_part_of_a_finding() -> None:
    told = Finding(
        "GFD.185 §3.4.1", f"the action \x1b[2J{'x' * 100_000}", "y" * 100_000, "z" * 100_000
    ).told()
    assert len(told) < 2000
    assert "\x1b" not in told


# ---- protocol


def test_each_answer_without_the_token_is_named() -> None:
    good, other, none = answered(Server="x OCCI/1.1 OCCI/1.2"), answered(Server="OCCI/1.20"), answered()
    assert protocol.names_version([("discovery", good)]) == ()
    found = protocol.names_version([("discovery", good), ("the VM", other), ("an error", none)])
    assert len(failures(found)) == 2
    assert "Server field of the VM" in words(found)
    assert "no Server field" in words(found)


@pytest.mark.parametrize(
    ("field", "told", "failing", "remarked"),
    [
        ("text/plain, Text/Occi;q=1", ("text/plain", "text/occi"), 0, 0),
        ("", (), 0, 1),
        ("text/plain;text/occi", ("text/plain", "text/occi"), 0, 1),
        ("anything", ("anything",), 1, 0),
    ],
)
def test_the_accept_field_of_an_answer_is_read(
    field: str, told: tuple[str, ...], failing: int, remarked: int
) -> None:
    seen, found = protocol.told_media_types(answered(Accept=field) if field else answered())
    assert (seen, len(failures(found)), len(remarks(found))) == (told, failing, remarked)


def test_a_media_type_that_is_told_has_to_be_answered() -> None:
    good = answered(Content_Type="text/occi")
    assert protocol.offers_what_it_tells(["text/occi"], [("text/occi", good)]) == ()
    html = answered(Content_Type="text/html")
    refused = answered(406, Content_Type="text/plain")
    found = protocol.offers_what_it_tells(["text/occi"], [("text/occi", html), ("text/plain", refused)])
    assert len(failures(found)) == 2
    assert protocol.offers_what_it_tells([], []) == ()
    with pytest.raises(CannotBeShownError):
        protocol.offers_what_it_tells(["text/html"], [])


def test_pages_that_part_a_listing_pass_from_0_and_from_1() -> None:
    number = protocol.page_size(ENTITIES)
    assert number == 2
    pages = [ENTITIES[:2], ENTITIES[2:4], ENTITIES[4:]]
    assert protocol.parted(ENTITIES, number, pages, [], ENTITIES) == ()
    assert protocol.parted(ENTITIES, number, [*pages, []], [], ENTITIES) == ()


@pytest.mark.parametrize(
    ("pages", "past", "says"),
    [
        ([ENTITIES[:2], ENTITIES[:2], ENTITIES[:2]], [], "each entity on one page"),
        ([ENTITIES[:2], ENTITIES[2:4], []], [], "each entity on a page"),
        ([ENTITIES[:3], ENTITIES[3:], []], [], "at most 2 entities"),
        ([ENTITIES[:2], ENTITIES[2:4], [*ENTITIES[4:], URL + "x"]], [], "what the listing holds"),
        ([ENTITIES[:2], ENTITIES[2:4], ENTITIES[4:]], ENTITIES[:1], "past the end"),
    ],
)
def test_pages_that_do_not_part_a_listing_fail(pages: list[list[str]], past: list[str], says: str) -> None:
    found = protocol.parted(ENTITIES, 2, pages, past, ENTITIES)
    assert failures(found)
    assert says in words(found)


def test_a_huge_listing_is_parted_in_linear_time() -> None:
    huge = [f"{URL}{number}" for number in range(60_000)]
    started = time.process_time()
    assert protocol.parted(huge, 30_000, [huge[:30_000], huge[30_000:]], [], huge) == ()
    assert time.process_time() - started < 3.0


def test_what_pages_cannot_show_is_no_pass() -> None:
    with pytest.raises(NotOfferedError):
        protocol.parted(ENTITIES, 2, [ENTITIES, ENTITIES, ENTITIES], ENTITIES, ENTITIES)
    with pytest.raises(CannotBeShownError):
        protocol.parted(ENTITIES, 2, [ENTITIES[:2]], [], ENTITIES[1:])
    with pytest.raises(CannotBeShownError):
        protocol.page_size(ENTITIES[:1])


def test_a_page_without_end_is_refused_or_shows_nothing_about_bounds() -> None:
    listing = "".join(f"X-OCCI-Location: {url}\n" for url in ENTITIES).encode()
    assert protocol.bounded(answered(413), ENTITIES) == ()
    short = listing[: listing.index(b"\n") + 1]
    assert remarks(protocol.bounded(answered(200, short, Content_Type="text/plain"), ENTITIES))
    assert remarks(protocol.bounded(answered(400), ENTITIES))
    assert failures(protocol.bounded(answered(200, b"OK", Content_Type="text/plain"), ENTITIES))
    assert failures(protocol.bounded(answered(500), ENTITIES))
    assert failures(protocol.bounded(answered(200, b"<html>", Content_Type="text/html"), ENTITIES))
    in_json = b'{"resources": [{"kind": "http://schemas.ogf.org/occi/infrastructure#compute", "id": "1"}]}'
    for body, media_type in ((listing, "text/plain"), (in_json, "application/occi+json")):
        with pytest.raises(NotOfferedError):
            protocol.bounded(answered(200, body, Content_Type=media_type), ENTITIES)


# ---- infrastructure


def test_what_1_2_removed_is_a_remark_each() -> None:
    assert infrastructure.removed(NEW) == ()
    old = infrastructure.removed(standard_categories("1.1"))
    assert not failures(old)
    assert {finding.piece.rpartition("#")[2] for finding in old} == {
        "occi.compute.speed",
        "backup",
        "snapshot",
        "resize",
    }
    with pytest.raises(CannotBeShownError):
        infrastructure.removed([one for one in NEW if one.id != COMPUTE_ID])


@pytest.mark.parametrize(("state", "failing"), [("error", 0), ("active", 0), ("waiting", 1), (None, 1)])
def test_states_are_those_of_1_2(state: str | None, failing: int) -> None:
    vm = Resource(None, attributes={} if state is None else {"occi.compute.state": state})
    assert len(failures(infrastructure.state_is_known(vm))) == failing


def test_interfaces_show_addresses() -> None:
    attributes = {"occi.networkinterface.address": "10.0.0.1", "occi.networkinterface.allocation": "static"}
    ids = (NETWORKINTERFACE_ID, IPNETWORKINTERFACE_ID)
    good = Link("/network/1", (NETWORK_ID,), "/networkinterface/1", ids, attributes)
    assert infrastructure.addresses_are_shown(Resource(None, links=(good,))) == ()
    bare = replace(good, attributes={})
    assert len(failures(infrastructure.addresses_are_shown(Resource(None, links=(bare,))))) == 2
    with pytest.raises(CannotBeShownError):
        infrastructure.addresses_are_shown(Resource(None, links=(replace(good, categories=ids[:1]),)))


def test_contextualisation_has_the_names_of_the_document() -> None:
    assert infrastructure.contextualisation(OFFERED) == ()
    ooi = [
        replace(
            one,
            attributes=tuple(
                replace(each, name=each.name.replace("creden", "crenden")) for each in one.attributes
            ),
        )
        for one in OFFERED
    ]
    assert "occi.credentials.ssh.publickey" in words(failures(infrastructure.contextualisation(ooi)))
    elsewhere = [replace(one, applies=(NETWORK_ID,)) if isinstance(one, Mixin) else one for one in OFFERED]
    assert len(failures(infrastructure.contextualisation(elsewhere))) == 2
    with pytest.raises(NotOfferedError):
        infrastructure.contextualisation(NEW)


def test_sizes_whose_defaults_are_lists_break_nothing() -> None:
    lists = [replace(one, attributes=tuple(replace(a, default=[1]) for a in one.attributes)) for one in SIZES]
    with pytest.raises(CannotBeShownError):
        infrastructure.telling_sizes([*NEW, *lists])
    assert infrastructure.telling_sizes([*OFFERED, lists[0]])


def test_sizes_tell_and_new_vms_have_them() -> None:
    assert infrastructure.sizes_tell(OFFERED) == ()
    silent = [replace(one, attributes=()) if one in SIZES else one for one in OFFERED]
    assert len(remarks(infrastructure.sizes_tell(silent))) == 2 * len(SIZES)
    with pytest.raises(NotOfferedError):
        infrastructure.sizes_tell(NEW)
    with pytest.raises(CannotBeShownError):
        infrastructure.telling_sizes(silent)
    assert infrastructure.telling_sizes(OFFERED) == SIZES
    kind = next(one for one in NEW if isinstance(one, Kind) and one.id == COMPUTE_ID)
    medium = next(one for one in SIZES if one.term == "medium")
    vm = Resource(kind, (medium,), {"occi.compute.cores": 2, "occi.compute.memory": 2.0})
    assert infrastructure.has_size(vm, medium) == ()
    assert len(failures(infrastructure.has_size(replace(vm, mixins=()), medium))) == 1
    large = next(one for one in SIZES if one.term == "large")
    assert len(failures(infrastructure.has_size(vm, large))) == 3
