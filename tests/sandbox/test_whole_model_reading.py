"""What a site by the book shows: discovery, collections, filters, negotiation, pages (GFD.185 §3.4, §3.6; GFD.223 §6)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, read
from OcciLibrary.sandbox.dialects.negotiation import choosing_by_range
from OcciLibrary.sandbox.exchange import RefusedError

from .whole_site import COMPUTE, EDITIONS, INFRASTRUCTURE, MEDIUM, Whole, category

WELL_KNOWN = "/.well-known/org/ogf/occi/-/"


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Whole]]:
    started = {edition: Whole(edition, may_create=False) for edition in EDITIONS}
    yield started
    for site in started.values():
        site.close()


@pytest.fixture(params=EDITIONS)
def site(request: pytest.FixtureRequest, sites: dict[str, Whole]) -> Whole:
    return sites[request.param]


def test_discovery_is_the_same_at_both_places_and_in_every_rendering(site: Whole) -> None:
    plain = site.ask("GET", "/-/")
    assert site.ask("GET", WELL_KNOWN).body == plain.body
    ids = {one.id for one in read(TEXT_PLAIN, [], plain.body).categories}
    assert {INFRASTRUCTURE + "storagelink", INFRASTRUCTURE + "os_tpl", MEDIUM} <= ids
    headers = site.ask("GET", "/-/", Accept=TEXT_OCCI)
    assert {one.id for one in read(TEXT_OCCI, list(headers.headers.items()), headers.body).categories} == ids


def test_discovery_is_filtered_by_category(site: Whole) -> None:
    def terms(wanted: str) -> list[str]:
        reply = site.ask("GET", "/-/", Category=wanted)
        return [one.term for one in read(TEXT_PLAIN, [], reply.body).categories]

    assert terms(COMPUTE) == ["compute"]
    related = terms(category("http://schemas.ogf.org/occi/core#resource"))
    assert related == (
        ["resource"] if site.edition == "spec11" else ["resource", "compute", "network", "storage"]
    )
    assert site.ask("GET", "/-/", Category=category("http://x.example.org/no#thing")).status == 404
    assert site.ask("GET", "/-/", Category=category(INFRASTRUCTURE + "compute", "mixin")).status == 400
    assert site.ask("GET", "/-/", Category="compute scheme=").status == 400


def test_bodies_of_a_get_filter_in_the_older_edition_only(site: Whole) -> None:
    older = site.edition == "spec11"
    reply = site.ask("GET", "/-/", f"Category: {COMPUTE}\n")
    assert (len(read(TEXT_PLAIN, [], reply.body).categories) == 1) == older
    found = site.paths("/compute/", "X-OCCI-Attribute: occi.compute.cores=2\n")
    assert found == (site.vms[1:2] if older else site.vms)


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/compute/", 3),
        ("/network/", 2),
        ("/storage/", 4),
        ("/networkinterface/", 3),
        ("/storagelink/", 3),
        ("/mixin/os_tpl/", 3),
        ("/mixin/resource_tpl/medium/", 1),
        ("/mixin/ipnetwork/", 1),
        ("/mixin/resource_tpl/", 3),
        ("/", 15),
    ],
)
def test_each_collection_lists_what_belongs_to_it(site: Whole, path: str, count: int) -> None:
    assert len(site.paths(path)) == count
    uris = site.ask("GET", path, Accept=URI_LIST)
    assert uris.headers["Content-Type"] == URI_LIST
    assert [line.removeprefix(site.endpoint) for line in uris.text.split()] == site.paths(path)
    headers = site.ask("GET", path, Accept=TEXT_OCCI)
    assert [
        one.strip().removeprefix(site.endpoint) for one in headers.headers["X-OCCI-Location"].split(",")
    ] == (site.paths(path))


@pytest.mark.parametrize("path", ["/compute", "/nothing/", "/compute/none", "/network/none"])
def test_what_is_not_there_is_404(site: Whole, path: str) -> None:
    assert site.ask("GET", path).status == 404


def test_collections_are_filtered_by_category_and_by_attribute(site: Whole) -> None:
    medium = category(MEDIUM, "mixin")
    assert site.paths("/compute/", Category=medium) == site.vms[1:2]
    assert site.paths("/", Category=medium) == site.vms[1:2]
    assert len(site.paths("/", Category=category("http://schemas.ogf.org/occi/core#link"))) == 6
    assert site.paths("/compute/", X_OCCI_Attribute='occi.compute.hostname="vm-2"') == site.vms[1:2]
    assert (
        site.paths("/compute/", X_OCCI_Attribute='occi.compute.hostname="vm-2"', Category=COMPUTE)
        == (site.vms[1:2])
    )
    assert site.paths("/compute/", X_OCCI_Attribute='occi.compute.hostname="vm"') == []
    assert site.paths("/network/", X_OCCI_Attribute="occi.network.vlan=2") == site.paths("/network/")[1:]
    assert site.paths("/compute/", Category=category(INFRASTRUCTURE + "network")) == []
    assert site.ask("GET", "/compute/", Category=category("http://x.example.org/no#thing")).status == 404
    assert site.ask("GET", "/compute/", X_OCCI_Attribute="occi.compute.cores").status == 400


def test_links_are_shown_on_the_vm_and_by_themselves(site: Whole) -> None:
    vm = site.get(site.vms[0])
    assert [link.rel for link in vm.links] == [(INFRASTRUCTURE + "network",), (INFRASTRUCTURE + "storage",)]
    for link in vm.links:
        entity = site.get(link.self_url)
        assert entity.attributes["occi.core.source"] == site.vms[0]
        assert entity.attributes["occi.core.target"] == link.target
        assert entity.kind is not None
        assert entity.kind.id == link.categories[0]
        assert site.get(link.target).kind is not None


def test_versions_of_clients_and_of_the_server(site: Whole) -> None:
    own = "OCCI/1.1" if site.edition == "spec11" else "OCCI/1.2"
    for path in ("/-/", "/compute/", "/nothing/"):
        assert own in site.ask("GET", path).headers["Server"]
    assert site.ask("GET", "/-/", User_Agent="test OCCI/1.1").status == 200
    assert site.ask("GET", "/-/", User_Agent="test OCCI/1.2").status == (
        501 if site.edition == "spec11" else 200
    )
    assert site.ask("GET", "/-/", User_Agent="test OCCI/9.9").status == 501
    assert ("Accept" in site.ask("GET", "/-/").headers) == (site.edition == "spec12")


def test_head_is_a_get_without_a_body(site: Whole) -> None:
    for path in ("/-/", "/compute/", site.vms[0]):
        head, get = site.ask("HEAD", path), site.ask("GET", path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Length"] == get.headers["Content-Length"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", TEXT_PLAIN),
        ("*/*", TEXT_PLAIN),
        ("text/*", TEXT_PLAIN),
        ("text/occi", TEXT_OCCI),
        ("text/plain;q=0.2, text/occi;q=0.7", TEXT_OCCI),
        ("text/occi;q=0.7, text/plain;q=0.7", TEXT_OCCI),
        ("text/plain;q=0, */*", TEXT_OCCI),
        ("image/png, text/occi;q=0.1", TEXT_OCCI),
        ("TEXT/OCCI; q=1.0", TEXT_OCCI),
        ("text/plain; charset=utf-8", TEXT_PLAIN),
        ("image/png, */*;q=0.1", TEXT_PLAIN),
        ("text/*;q=0.3, text/occi;q=0.1", TEXT_PLAIN),
    ],
)
def test_the_media_type_is_chosen_by_ranges_and_qualities(accept: str, chosen: str) -> None:
    assert choosing_by_range((TEXT_PLAIN, TEXT_OCCI, URI_LIST), without=TEXT_PLAIN)(accept) == chosen


@pytest.mark.parametrize(
    "accept", ["image/png", "text/occi;q=0", "application/json", "text/plain;q=0, text/x"]
)
def test_what_cannot_be_answered_is_406(site: Whole, accept: str) -> None:
    with pytest.raises(RefusedError):
        choosing_by_range((TEXT_PLAIN, TEXT_OCCI), without=TEXT_PLAIN)(accept)
    for path in ("/-/", "/compute/", site.vms[0]):
        assert site.ask("GET", path, Accept=accept).status == 406


def test_one_entity_is_never_a_list_of_uris(site: Whole) -> None:
    assert site.ask("GET", site.vms[0], Accept=URI_LIST).status == (400 if site.edition == "spec11" else 406)


def test_pages_part_a_collection_in_the_newer_edition(sites: dict[str, Whole]) -> None:
    new = sites["spec12"]
    pages = [new.paths(f"/compute/?page={page}&number=2") for page in (1, 2, 3)]
    assert pages == [new.vms[:2], new.vms[2:], []]
    assert new.ask("GET", "/compute/?page=1&number=100000").status == 413
    assert new.ask("GET", "/compute/?page=x&number=1").status == 400
    assert new.ask("GET", "/compute/?" + "a=1&" * 30).status == 200
    assert len(sites["spec11"].paths("/compute/?page=1&number=1")) == 3


def test_json_holds_what_the_schema_names_and_nothing_else(sites: dict[str, Whole]) -> None:
    new = sites["spec12"]
    resource = {"kind", "id", "mixins", "attributes", "actions", "links", "summary", "title"}
    link = {"kind", "id", "mixins", "attributes", "actions", "source", "target", "title", "rel"}
    listed = json.loads(new.ask("GET", "/", Accept=OCCI_JSON).body)
    assert set(listed) == {"resources", "links"}
    assert (len(listed["resources"]), len(listed["links"])) == (9, 6)
    for one in listed["resources"]:
        assert set(one) <= resource
        assert not {name for name in one["attributes"] if name.startswith("occi.core.")}
    for one in [
        *listed["links"],
        *(inner for outer in listed["resources"] for inner in outer.get("links", ())),
    ]:
        assert {"kind", "id", "source", "target"} <= set(one) <= link
        assert set(one["source"]) == set(one["target"]) == {"location", "kind"}
    assert json.loads(new.ask("GET", new.vms[0], Accept=OCCI_JSON).body) == listed["resources"][0]
    assert new.ask("GET", new.vms[0], Accept="").headers["Content-Type"] == OCCI_JSON
    mixins = {one["term"]: one for one in json.loads(new.ask("GET", "/-/", Accept=OCCI_JSON).body)["mixins"]}
    assert mixins["medium"]["attributes"]["occi.compute.cores"]["default"] == 2
    assert mixins["ssh_key"]["applies"] == [INFRASTRUCTURE + "compute"]
