"""The checks of the HTTP protocol: what passes, what is a remark, what fails, and what cannot be shown or is not offered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.conformance import action_rules, answers, collection_rules, discovery, negotiation
from OcciLibrary.conformance.collection_rules import Filtered
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import (
    CannotBeShownError,
    Finding,
    Findings,
    NotOfferedError,
    failures,
    remarks,
    told,
)
from OcciLibrary.conformance.profile import Profile, profile_of
from OcciLibrary.occi.infrastructure import COMPUTE_ID, standard_categories
from OcciLibrary.occi.model import Category, Kind, Message
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, read, write_discovery
from tests.conformance.exchanges import ROOT, got

OLD, NEW, BOTH = Profile(("1.1",)), Profile(("1.2",)), Profile(("1.1", "1.2"))
EVERY = standard_categories()
COMPUTE = next(one for one in EVERY if one.id == COMPUTE_ID)
PAGE = "<html><body>Welcome</body></html>"
VM, OTHER = "/compute/1", "/compute/2"


def rendered(*categories: Category) -> Exchange:
    return got(write_discovery(categories, TEXT_PLAIN).body.decode())


def listed(*paths: str, status: int = 200) -> Exchange:
    return got(
        "".join(f"X-OCCI-Location: {ROOT}{path[1:]}\n" for path in paths), status=status, path="compute/"
    )


# ---- discovery


def test_whole_discovery() -> None:
    categories, findings = discovery.whole(rendered(*EVERY))
    assert {one.id for one in categories} == {one.id for one in EVERY}
    assert findings == ()


@pytest.mark.parametrize(
    "exchange",
    [got(PAGE, "text/html"), got("OK"), got("", status=204), got("", status=404), rendered(*EVERY[-2:])],
)
def test_no_discovery(exchange: Exchange) -> None:
    assert failures(discovery.whole(exchange)[1])


def test_discovery_without_the_core_is_a_remark() -> None:
    _, findings = discovery.whole(rendered(COMPUTE))
    assert remarks(findings)
    assert not failures(findings)


def test_what_discovery_offers() -> None:
    assert discovery.offers(("compute", COMPUTE_ID, "start"), EVERY) == ()
    (missing,) = discovery.offers(("compute", "teapot"), EVERY)
    assert "teapot" in missing.told()
    assert "GFD.185 §3.4.1" in missing.told()


def test_types_of_an_entity() -> None:
    resource = Message(categories=(COMPUTE,), attributes={"occi.core.id": "1"}).resource()
    assert discovery.has_types_of(resource, EVERY) == ()
    assert discovery.has_types_of(resource, EVERY[:2])[0].piece == COMPUTE_ID


def test_filter_that_filters() -> None:
    related = [one for one in EVERY if one.id in COMPUTE.actions or one is COMPUTE]  # type: ignore[attr-defined]
    for answer in (rendered(COMPUTE), rendered(*related)):
        assert discovery.filtered(answer, COMPUTE, EVERY, OLD) == ()


@pytest.mark.parametrize(
    "answer", [rendered(*EVERY), rendered(*EVERY[:1]), got(PAGE, "text/html"), got(status=500)]
)
def test_filter_that_does_not(answer: Exchange) -> None:
    assert failures(discovery.filtered(answer, COMPUTE, EVERY, OLD))


def test_ignored_filter_where_it_is_deprecated() -> None:
    with pytest.raises(NotOfferedError) as why:
        discovery.filtered(rendered(*EVERY), COMPUTE, EVERY, NEW)
    assert why.value.feature == "filters"
    with pytest.raises(CannotBeShownError):
        discovery.filtered(rendered(COMPUTE), COMPUTE, (COMPUTE,), OLD)


@pytest.mark.parametrize("answer", [got(status=404), got(status=204), got(""), got(status=400)])
def test_filter_for_what_nobody_has(answer: Exchange) -> None:
    assert discovery.filter_for_unknown(answer, EVERY, OLD) == ()


@pytest.mark.parametrize("answer", [got(status=404), got(status=400), got(""), rendered(*EVERY[-1:])])
def test_filter_that_finds_nothing_ever_shows_nothing(answer: Exchange) -> None:
    discovery.finds_known(rendered(COMPUTE), COMPUTE)
    with pytest.raises(CannotBeShownError, match="finds nothing either"):
        discovery.finds_known(answer, COMPUTE)


def test_filter_for_what_nobody_has_finds_everything() -> None:
    assert failures(discovery.filter_for_unknown(rendered(*EVERY), EVERY, OLD))
    assert failures(discovery.filter_for_unknown(got(PAGE, "text/html"), EVERY, OLD))
    with pytest.raises(NotOfferedError):
        discovery.filter_for_unknown(rendered(*EVERY), EVERY, NEW)


@pytest.mark.parametrize(
    ("answer", "nothing"),
    [
        (got(status=404), True),
        (got(status=501), True),
        (got(""), True),
        (rendered(COMPUTE), False),
        (got(PAGE, "text/html"), False),
        (got(status=500), False),
    ],
)
def test_nothing_at_the_well_known_address(answer: Exchange, nothing: bool) -> None:
    assert discovery.nothing_there(answer) is nothing


@given(st.sets(st.sampled_from(EVERY)), st.sets(st.sampled_from(EVERY)))
def test_two_discoveries_are_the_same_only_where_they_are(one: set[Category], other: set[Category]) -> None:
    findings = discovery.same(tuple(one), tuple(other), "there", discovery.DISCOVERY)
    assert bool(findings) is ({each.id for each in one} != {each.id for each in other})


def test_same_category_with_other_content() -> None:
    bare = Kind(COMPUTE.term, COMPUTE.scheme)
    (finding,) = discovery.same((COMPUTE,), (bare,), "there", discovery.DISCOVERY)
    assert finding.piece == COMPUTE_ID


# ---- collections


def test_listing_and_what_is_none() -> None:
    seen, findings = collection_rules.listing(listed(VM, OTHER), "the collection")
    assert (seen.paths, findings) == ({VM, OTHER}, ())
    for answer in (got(PAGE, "text/html"), rendered(*EVERY), got(status=404)):
        assert failures(collection_rules.listing(answer, "the collection")[1])


def test_entity_without_an_address_is_known_by_its_id() -> None:
    body = f'{{"resources": [{{"kind": "{COMPUTE_ID}", "id": "urn:uuid:1"}}]}}'
    seen, _ = collection_rules.listing(got(body, OCCI_JSON, path=""), "the root")
    assert seen.has("/compute/urn:uuid:1")
    assert not seen.has("/compute/2")


def filtered(fitting: Exchange, strange: Exchange, plain: Exchange | None = None) -> Filtered:
    return Filtered(VM, plain or listed(VM, OTHER), fitting, strange)


@pytest.mark.parametrize("strange", [listed(), listed(OTHER), listed(status=204), got(status=404)])
def test_filter_of_a_collection_filters(strange: Exchange) -> None:
    assert collection_rules.filters(filtered(listed(VM), strange), "a kind", OLD)[1] == ()


@pytest.mark.parametrize(
    ("fitting", "strange"),
    [
        (listed(VM, OTHER), listed(VM, OTHER)),  # ignored
        (listed(), listed()),  # nothing ever fits
        (listed(OTHER), listed()),
        (got(PAGE, "text/html"), listed()),
        (listed(VM), got(status=500)),
    ],
)
def test_filter_of_a_collection_does_not_filter(fitting: Exchange, strange: Exchange) -> None:
    assert failures(collection_rules.filters(filtered(fitting, strange), "a kind", OLD)[1])


def test_a_filter_that_is_refused_leaves_out_what_does_not_fit() -> None:
    found = collection_rules.filters(filtered(listed(VM), got(status=400)), "a kind", OLD)[1]
    assert found
    assert not failures(found)
    assert failures(collection_rules.filters(filtered(got(status=400), got(status=400)), "a kind", OLD)[1])


def test_filter_that_cannot_be_shown() -> None:
    with pytest.raises(CannotBeShownError):
        collection_rules.filters(filtered(listed(VM), listed(), listed(OTHER)), "a kind", OLD)
    with pytest.raises(NotOfferedError):
        collection_rules.filters(filtered(listed(VM), listed(VM)), "a kind", NEW)


def test_what_stays_has_the_value() -> None:
    seen, _ = collection_rules.listing(listed(VM, OTHER), "the collection")
    name = "occi.compute.hostname"
    assert collection_rules.only_fitting(seen, VM, name, "vm", lambda path: {name: "vm"}) == ()
    assert collection_rules.only_fitting(seen, VM, name, "vm", lambda path: {name: "another"})


def test_two_forms_of_a_listing() -> None:
    one, _ = collection_rules.listing(listed(VM, OTHER), "the collection")
    same, _ = collection_rules.listing(
        got(f"{ROOT}compute/2\r\n{ROOT}compute/1\r\n", URI_LIST), "the collection"
    )
    less, _ = collection_rules.listing(listed(VM), "the collection")
    nothing, _ = collection_rules.listing(listed(), "the collection")
    clause = collection_rules.URI_LISTS
    assert collection_rules.same_listing(one, same, "there", clause) == ()
    assert OTHER in collection_rules.same_listing(one, less, "there", clause)[0].told()
    with pytest.raises(CannotBeShownError):
        collection_rules.same_listing(nothing, nothing, "there", clause)


# ---- media types and versions

ENTITY = (
    f'Category: compute; scheme="{COMPUTE.scheme}"; class="kind"\nX-OCCI-Attribute: occi.compute.cores=2\n'
)


def test_answer_in_the_type_asked_for() -> None:
    message, findings = negotiation.given_as_asked(got(ENTITY), TEXT_PLAIN, OLD)
    assert message.attributes == {"occi.compute.cores": 2}
    assert findings == ()


@pytest.mark.parametrize(
    "answer", [got(ENTITY, "text/html"), got(status=406), got(PAGE), got(PAGE, "text/html")]
)
def test_mandatory_type_is_missing(answer: Exchange) -> None:
    assert failures(negotiation.given_as_asked(answer, TEXT_PLAIN, OLD)[1])


@pytest.mark.parametrize(
    ("media_type", "profile"), [(OCCI_JSON, OLD), (OCCI_JSON, BOTH), (TEXT_OCCI, NEW), (TEXT_PLAIN, NEW)]
)
@pytest.mark.parametrize("status", [400, 406, 415, 501])
def test_optional_type_is_missing(media_type: str, profile: Profile, status: int) -> None:
    with pytest.raises(NotOfferedError):
        negotiation.given_as_asked(got(status=status), media_type, profile)


@pytest.mark.parametrize(
    ("answer", "profile", "letter"),
    [
        (got(ENTITY), OLD, "P"),
        (got(ENTITY), NEW, "P"),
        (got('{"kinds": []}', OCCI_JSON), NEW, "P"),
        (got('{"kinds": []}', OCCI_JSON), BOTH, "R"),
        (got('{"kinds": []}', OCCI_JSON), OLD, "F"),
        (got(PAGE, "text/html"), OLD, "F"),
        (got(PAGE, "text/html"), BOTH, "F"),
        (got(status=406), NEW, "F"),
    ],
)
def test_default_type(answer: Exchange, profile: Profile, letter: str) -> None:
    assert letter_of(negotiation.default_type(answer, profile)) == letter


def test_page_for_people_by_default_where_no_default_is_demanded() -> None:
    with pytest.raises(NotOfferedError):
        negotiation.default_type(got(PAGE, "text/html"), NEW)


def letter_of(findings: Findings) -> str:
    return "F" if failures(findings) else "R" if findings else "P"


@pytest.mark.parametrize(
    ("check", "status", "letter"),
    [
        (negotiation.impossible_type, 406, "P"),
        (negotiation.impossible_type, 415, "R"),
        (negotiation.impossible_type, 501, "R"),
        (negotiation.impossible_type, 200, "F"),
        (negotiation.impossible_type, 500, "F"),
        (negotiation.impossible_type, 302, "F"),
        (lambda answer: negotiation.no_list_of_one(answer, OLD), 400, "P"),
        (lambda answer: negotiation.no_list_of_one(answer, OLD), 406, "P"),
        (lambda answer: negotiation.no_list_of_one(answer, OLD), 405, "R"),
        (lambda answer: negotiation.no_list_of_one(answer, OLD), 200, "F"),
        (negotiation.refuses_newer, 501, "P"),
        (negotiation.refuses_newer, 400, "F"),
        (negotiation.refuses_newer, 200, "F"),
    ],
)
def test_refusals(check: Callable[[Exchange], Findings], status: int, letter: str) -> None:
    assert letter_of(check(got(status=status))) == letter


def test_an_entity_as_a_list_of_uris_where_no_document_forbids_it() -> None:
    with pytest.raises(CannotBeShownError, match=r"OCCI 1\.2"):
        negotiation.no_list_of_one(got("http://s/compute/1", "text/uri-list"), NEW)
    assert letter_of(negotiation.no_list_of_one(got("http://s/compute/1", "text/uri-list"), BOTH)) == "R"
    assert letter_of(negotiation.no_list_of_one(got(status=500), BOTH)) == "F"
    assert letter_of(negotiation.no_list_of_one(got(PAGE, "text/html"), BOTH)) == "F"
    assert letter_of(negotiation.no_list_of_one(got(status=400), NEW)) == "P"
    assert letter_of(negotiation.no_list_of_one(got(status=500), NEW)) == "F"


def test_two_renderings_of_an_entity() -> None:
    one = read(TEXT_PLAIN, [], ENTITY.encode())
    in_json = f'{{"kind": "{COMPUTE_ID}", "id": "1", "attributes": {{"occi.compute.cores": 2}}}}'
    other = read(OCCI_JSON, [], in_json.encode())
    assert [finding.piece for finding in negotiation.same_entity(one, other, "in JSON")] == ["occi.core.id"]
    swapped = read(TEXT_PLAIN, [], ENTITY.replace("cores=2", "cores=3").encode())
    (finding,) = negotiation.same_entity(one, swapped, "in text")
    assert "3 instead of 2" in finding.told()
    own = read(TEXT_PLAIN, [], (ENTITY + 'X-OCCI-Attribute: org.example.rack="7"\n').encode())
    assert letter_of(negotiation.same_entity(one, own, "in text")) == "R"
    assert letter_of(negotiation.same_entity(one, Message(), "in text")) == "F"


def test_version_in_every_answer() -> None:
    named, bare, silent = got(Server="x OCCI/1.1"), got(Server="Apache"), got()
    assert negotiation.names_version((named, named)) == ()
    assert len(negotiation.names_version((named, bare, silent))) == 2
    assert letter_of(negotiation.claims_spoken(named, OLD)) == "P"
    assert letter_of(negotiation.claims_spoken(named, BOTH)) == "R"


@pytest.mark.parametrize(
    ("claimed", "server", "versions"),
    [
        ((), "", ("1.1",)),
        ((), "Apache/2.2", ("1.1",)),
        ((), "erocci OCCI/1.2", ("1.2",)),
        ((), "rOCCI-server OCCI/1.1 OCCI-CRTP/1.0 OCCI/1.2 OCCI-CRTP/1.1", ("1.1", "1.2")),
        (("1.2", "1.1"), "erocci OCCI/1.2", ("1.1", "1.2")),
    ],
)
def test_profile(claimed: tuple[str, ...], server: str, versions: tuple[str, ...]) -> None:
    assert profile_of(claimed, (), server).versions == versions


# ---- entities and actions


def test_one_entity() -> None:
    clause = answers.STATUS_CLAUSE
    assert answers.one_entity(got(ENTITY), clause) == ()
    for body in ("", PAGE, ENTITY.splitlines()[0], ENTITY.splitlines()[1]):
        assert failures(answers.one_entity(got(body), clause))


def test_states_after_an_action() -> None:
    assert action_rules.reached(["inactive", "active"], "active", "start") == ()
    (finding,) = action_rules.reached(["inactive", "waiting"], "active", "start")
    assert "'inactive', then 'waiting'" in finding.told()
    assert failures(action_rules.reached([], "active", "start"))


def test_types_and_links_stay() -> None:
    link = f'Link: </network/1>; rel="{COMPUTE.scheme}network"; self="/l/1"; category="{COMPUTE.scheme}networkinterface"\n'
    before, after = (read(TEXT_PLAIN, [], text.encode()).resource() for text in (ENTITY + link, ENTITY))
    assert action_rules.same_types(before, before, "GFD.185 §3.4.4") == ()
    assert action_rules.same_types(before, after, "GFD.185 §3.4.4")[0].piece == "/l/1"


# ---- how findings are told


def test_a_failure_is_bounded_and_names_expected_seen_clause_and_piece() -> None:
    finding = Finding("GFD.185 §3.4.1", "this", "that " * 500, "piece " * 500)
    words = finding.told()
    assert words.startswith("Expected this (GFD.185 §3.4.1). Seen: that that")
    assert "The piece: piece" in words
    assert len(words) < 1000
    many = told([finding] * 7)
    assert many.splitlines()[-1] == "And 2 more of the kind."


def test_an_exchange_is_told_in_a_line() -> None:
    line = got(ENTITY, status=404).told()
    assert line == f"GET {ROOT}-/ (Accept: text/plain) → 404, text/plain"
