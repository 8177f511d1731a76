"""What the tests of level `create` judge, and that what they create is gone afterwards, by this run or the next one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest

from OcciLibrary.conformance import creation_rules, membership_rules
from OcciLibrary.conformance.instance_rules import Entity
from OcciLibrary.conformance.link_rules import SOURCE, TARGET
from OcciLibrary.keywords.created import (
    IMAGE,
    LINK,
    MIXIN,
    NETWORK,
    OWN_SCHEME,
    STORAGE,
    VM,
    Created,
    Remover,
    new_name,
    read_created,
)
from OcciLibrary.keywords.creating import Wanted
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.identity import path_of, same_place
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    NETWORK_ID,
    OS_TPL_ID,
    STORAGE_ID,
    STORAGELINK_ID,
    attributes_of,
)
from OcciLibrary.occi.model import AttributeValue, Kind, Link, Mixin, Resource
from OcciLibrary.occi.provisioning import Provisioning
from OcciLibrary.occi.request_errors import RequestError
from OcciLibrary.occi.templates import images, sizes
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite

TITLE = "occi.core.title"
STORE = Entity("/storage/1", (STORAGE_ID,), attributes={TITLE: "mine", "occi.storage.size": 1})


def test_what_is_as_it_was_asked_for() -> None:
    assert creation_rules.created_problems(STORE, {TITLE: "mine", "occi.storage.size": 1.0}, ()) == ()
    link = Entity("/l/1", attributes={SOURCE: "/compute/1", TARGET: "http://s/storage/1"})
    asked: dict[str, AttributeValue] = {SOURCE: "http://s/compute/1", TARGET: "/storage/1"}
    assert creation_rules.created_problems(link, asked, ()) == ()


@pytest.mark.parametrize(
    ("asked", "mixins", "words", "harmless"),
    [
        ({"occi.storage.size": 2.0}, (), "2.0", False),
        ({TITLE: "another"}, (), "another", False),
        ({TITLE: "min"}, (), "'mine'", True),
        ({"occi.core.summary": "x"}, (), "not shown", False),
        ({}, (OS_TPL_ID,), OS_TPL_ID, False),
        ({SOURCE: "/compute/1"}, (), SOURCE, False),
    ],
)
def test_each_departure_from_what_was_asked_for(
    asked: dict[str, AttributeValue], mixins: tuple[str, ...], words: str, harmless: bool
) -> None:
    found = creation_rules.created_problems(STORE, asked, mixins)
    assert [one.harmless for one in found] == [harmless]
    assert words in found[0].told()


def test_only_what_discovery_demands_is_given() -> None:
    assert creation_rules.demanded(attributes_of(STORAGE_ID)) == {"occi.storage.size": 1.0}
    assert creation_rules.demanded(attributes_of(STORAGELINK_ID)) == {"occi.storagelink.deviceid": "/dev/vdb"}
    optional = [replace(one, required=False) for one in attributes_of(STORAGE_ID)]
    assert creation_rules.demanded(optional) == {}


def test_links_come_and_go_with_what_they_belong_to() -> None:
    compute = Entity("/c/1", links=(Link("/storage/1", self_url="/l/1"),))
    assert creation_rules.missing_links(compute, ["http://s/storage/1"]) == ()
    assert "/network/1" in creation_rules.missing_links(compute, ["/network/1"])[0].told()
    assert creation_rules.left_links(compute, "http://s/l/1")
    assert not creation_rules.left_links(compute, "/l/2")
    assert not creation_rules.outlived("/l/1", "/c/1", 410)
    assert creation_rules.outlived("/l/1", "/c/1", 200)
    assert creation_rules.not_left("/storage/1", "/c/1", 404)
    assert not creation_rules.not_left("/storage/1", "/c/1", 200)
    assert creation_rules.unlisted_problems("/c/1", COMPUTE_ID, listed=False)


def test_a_link_is_known_by_its_ends() -> None:
    wanted = Wanted(LINK, STORAGELINK_ID, attributes={SOURCE: "http://s/c/1", TARGET: "http://s/s/1"})
    assert wanted.joins(Resource(None, attributes={SOURCE: "/c/1", TARGET: "/s/1"}))
    assert not wanted.joins(Resource(None, attributes={SOURCE: "/s/1", TARGET: "/c/1"}))
    assert not wanted.joins(Resource(None, attributes={SOURCE: "/c/1"}))
    assert not replace(wanted, what=STORAGE).joins(
        Resource(None, attributes={SOURCE: "/c/1", TARGET: "/s/1"})
    )


def test_places_are_compared_by_paths_and_ids() -> None:
    for one, other in [
        ("/c/1", "http://s/c/1"),
        ("http://s:80/c/1/", "/c/1"),
        ("urn:uuid:1", "/c/1"),
        ("1", "http://s/c/1"),
    ]:
        assert same_place(one, other)
        assert same_place(other, one)
    for one, other in [("/c/1", "/c/11"), ("/c/1", "/n/1"), ("", "/c/1"), ("", "")]:
        assert not same_place(one, other)


TAG = Mixin("tag", OWN_SCHEME, location="/tag/")


def test_a_mixin_is_defined_where_discovery_shows_it_so() -> None:
    assert membership_rules.defined_problems([TAG], TAG.id) == ()
    for offered in ([], [Kind("tag", OWN_SCHEME)], [replace(TAG, location="")]):
        assert len(membership_rules.defined_problems(offered, TAG.id)) == 1
    assert membership_rules.removed_problems([TAG], TAG.id)
    assert not membership_rules.removed_problems([], TAG.id)


def test_a_member_is_known_by_itself_and_by_the_collection() -> None:
    tagged, bare = Entity("http://s/n/1", mixins=(TAG.id,)), Entity("http://s/n/1")
    check = membership_rules.member_problems
    assert check(tagged, TAG.id, ["/n/1"], member=True) == ()
    assert check(bare, TAG.id, ["/n/2"], member=False) == ()
    assert len(check(bare, TAG.id, [], member=True)) == 2
    assert len(check(tagged, TAG.id, ["/n/1"], member=False)) == 2
    assert len(check(tagged, TAG.id, [], member=True)) == 1
    assert membership_rules.stranger_problems(TAG.id, ["/n/1", "/n/2"], ["http://s/n/1"])[0].piece == "/n/2"


# ---- at a site


@pytest.fixture(scope="module", params=["spec11", "spec12"])
def client(request: pytest.FixtureRequest) -> Iterator[OcciClient]:
    site = SandboxSite(SandboxOptions(seconds=0.1, machines=2, may_create=True, dialect=request.param))
    site.start()
    client = OcciClient(site.description()["endpoint"])
    yield client
    client.close()
    site.stop()


def create_everything(client: OcciClient) -> list[Created]:
    """A network, a storage, a VM and a link, as a run notes them, the link last."""

    def made(what: str, kind_id: str, *templates: object, **more: AttributeValue) -> Created:
        provisioning = Provisioning(client, 10.0, kind_id)
        before = set(provisioning.listed().values())
        one = Created(what, new_name(), kind=kind_id, spared=sorted(before))
        attributes = {name.replace("__", "."): value for name, value in more.items()}
        one.url = provisioning.create(one.name, templates, attributes, before)  # type: ignore[arg-type]
        one.marked = True
        return one

    offered = client.discover().categories
    network = made(NETWORK, NETWORK_ID)
    storage = made(STORAGE, STORAGE_ID, occi__storage__size=1.0)
    vm = made(VM, COMPUTE_ID, images(offered)[0], sizes(offered)[0])
    ends = {"occi__core__source": vm.url, "occi__core__target": storage.url}
    link = made(LINK, STORAGELINK_ID, occi__storagelink__deviceid="/dev/vdb", **ends)
    return [network, storage, vm, link]


def everything(client: OcciClient) -> set[str]:
    kinds = (COMPUTE_ID, NETWORK_ID, STORAGE_ID, STORAGELINK_ID)
    return {path_of(url) for kind in kinds for url in client.list_at(client.location_of(kind))}


@pytest.mark.parametrize(
    "location", ["/", "/compute/", "/compute", "http://s.example/network/", "/compute/1/"]
)
def test_a_mixin_at_another_place_than_its_own_is_not_used(location: str) -> None:
    offered = [
        Kind("compute", "http://s#", location="/compute/"),
        Kind("network", "http://s#", location="/network/"),
        replace(TAG, location=location),
    ]
    found = membership_rules.location_problems(offered, TAG.id, "http://s.example/compute/1")
    assert len(found) == 1
    assert "a location of its own" in found[0].told()


def test_a_mixin_at_its_own_place_is_used() -> None:
    offered = [Kind("compute", "http://s#", location="/compute/"), replace(TAG, location="/compute2/")]
    assert membership_rules.location_problems(offered, TAG.id, "http://s.example/compute/1") == ()


def test_what_a_killed_run_noted_is_deleted_by_the_next_one_and_nothing_else(client: OcciClient) -> None:
    before = everything(client)
    noted = read_created(json.loads(json.dumps([asdict(one) for one in create_everything(client)])))
    assert len(everything(client) - before) >= 4
    said: list[str] = []
    remover = Remover(client, 10.0, said.append)
    done = remover.remove(noted)
    assert everything(client) == before
    assert (remover.problems, remover.owed) == ([], [])
    assert [words.split()[0] for words in done][:2] == ["link", "VM"]


def test_what_was_asked_for_and_never_seen_is_found_by_its_title(client: OcciClient) -> None:
    before = everything(client)
    storage = next(one for one in create_everything(client) if one.what == STORAGE)
    unseen = replace(storage, url="", marked=False)
    Remover(client, 10.0, print).remove([unseen])
    assert path_of(storage.url) not in everything(client)
    for kind_id in (COMPUTE_ID, NETWORK_ID):
        for url in client.list_at(client.location_of(kind_id)):
            if path_of(url) not in before:
                Provisioning(client, 10.0, kind_id).delete(url)
    assert everything(client) == before


def test_a_mixin_of_a_killed_run_is_dropped_and_no_other_one(client: OcciClient) -> None:
    before = {one.id for one in client.discover_anew().categories}
    noted = [Created(MIXIN, new_name()) for _ in range(2)]
    for one in noted:
        line = f'{one.name}; scheme="{OWN_SCHEME}"; class="mixin"; location="/{one.name}/"'
        answer = client.exchange(
            "POST", client.discovery_location(), {"Content-Type": "text/occi", "Category": line}
        )
        assert answer.status == 200
    offered = next(one for one in client.discover_anew().categories if one.id == OWN_SCHEME + noted[1].name)
    assert Remover(client, 10.0, print).remove([noted[0]]) == [f"mixin {noted[0].name} deleted"]
    assert {one.id for one in client.discover_anew().categories} == {*before, offered.id}
    assert Remover(client, 10.0, print).remove(noted) == [f"mixin {noted[1].name} deleted"]
    assert {one.id for one in client.discover_anew().categories} == before


def test_what_was_there_before_is_never_deleted(client: OcciClient) -> None:
    provisioning = Provisioning(client, 10.0, NETWORK_ID)
    url, path = next(iter(provisioning.listed().items()))
    remover = Remover(client, 10.0, print)
    remover.remove([Created(NETWORK, new_name(), url, kind=NETWORK_ID, spared=[path])])
    assert path in everything(client)
    assert "was there before" in remover.problems[0]
    with pytest.raises(RequestError):
        provisioning.delete(client.location_of(NETWORK_ID))


@pytest.mark.parametrize(
    "broken", [{"what": "house"}, {"kind": 7}, {"name": "somebody's"}, {"spared": "all"}, {"kind": None}]
)
def test_a_note_that_no_run_wrote_is_not_acted_on(broken: dict[str, object]) -> None:
    good = asdict(Created(STORAGE, new_name(), kind=STORAGE_ID))
    assert read_created([good])[0].kind == STORAGE_ID
    with pytest.raises(TypeError):
        read_created([{**good, **broken}])


def test_a_note_of_an_earlier_version_is_understood() -> None:
    old = {name: value for name, value in asdict(Created(IMAGE, new_name())).items() if name != "kind"}
    assert read_created([old])[0].kind == ""
