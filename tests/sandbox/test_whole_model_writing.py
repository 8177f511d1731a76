"""What a site by the book lets be done, and what it refuses without a change (GFD.185 §3.4, §3.6.8; GFD.223 §10-11)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI

from .conftest import ACTION_SCHEME, reach
from .whole_site import COMPUTE, EDITIONS, INFRASTRUCTURE, MEDIUM, Whole, category, whole

TAG = "http://tests.example.org/occi/tags#tag"
DEFINITION = f'Category: {category(TAG, "mixin")}; location="/mixin/tag/"; title="A tag"\n'


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Whole]]:
    started = {edition: Whole(edition, may_create=True) for edition in EDITIONS}
    yield started
    for site in started.values():
        site.close()


@pytest.fixture(params=EDITIONS)
def site(request: pytest.FixtureRequest, sites: dict[str, Whole]) -> Whole:
    found = sites[request.param]
    machine = found.site.machines[0]
    reach(machine, "inactive")
    machine.change({}, replace=True)
    return found


@pytest.fixture
def tag(site: Whole) -> Iterator[str]:
    assert site.ask("POST", "/-/", DEFINITION).status == 200
    yield "/mixin/tag/"
    site.ask("DELETE", "/-/", f"Category: {category(TAG, 'mixin')}\n")


def locations(*paths: str) -> str:
    return "".join(f"X-OCCI-Location: http://127.0.0.1:1{path}\n" for path in paths)


# ---- updates


def test_a_partial_update_changes_what_it_names(site: Whole) -> None:
    before = dict(site.get(site.vms[0]).attributes)
    reply = site.ask("POST", site.vms[0], 'X-OCCI-Attribute: occi.core.title="Mine, \\"quoted\\""\n')
    assert reply.status == 200
    assert dict(site.get(site.vms[0]).attributes) == {**before, "occi.core.title": 'Mine, "quoted"'}


def test_the_title_of_an_active_vm_can_be_changed_and_its_cores_cannot(site: Whole) -> None:
    reach(site.site.machines[0], "active")
    assert site.ask("POST", site.vms[0], 'X-OCCI-Attribute: occi.core.title="Mine"\n').status == 200
    assert site.get(site.vms[0]).title == "Mine"
    cores = "X-OCCI-Attribute: occi.compute.cores=2\n"
    assert site.ask("POST", site.vms[0], cores).status == (400 if site.edition == "spec11" else 409)


def test_a_full_update_replaces_attributes_and_leaves_links(site: Whole) -> None:
    before = site.get(site.vms[0])
    assert site.ask("POST", site.vms[0], 'X-OCCI-Attribute: occi.core.title="Mine"\n').status == 200
    body = f"Category: {COMPUTE}\nX-OCCI-Attribute: occi.compute.cores=2\n"
    assert site.ask("PUT", site.vms[0], body).status == 200
    after = site.get(site.vms[0])
    assert dict(after.attributes) == {**before.attributes, "occi.compute.cores": 2}
    assert after.links == before.links


def test_the_share_of_the_newer_edition_can_be_changed(sites: dict[str, Whole]) -> None:
    new = sites["spec12"]
    assert new.ask("POST", new.vms[0], "X-OCCI-Attribute: occi.compute.share=7\n").status == 200
    assert new.get(new.vms[0]).attributes["occi.compute.share"] == 7
    assert new.ask("PUT", new.vms[0], f"Category: {COMPUTE}\n").status == 200
    assert new.get(new.vms[0]).attributes["occi.compute.share"] == 1024


LINK = f'Link: </network/x>; rel="{INFRASTRUCTURE}network"; category="{INFRASTRUCTURE}networkinterface"\n'


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("POST", 'X-OCCI-Attribute: occi.compute.state="active"\n', 403),
        ("POST", 'X-OCCI-Attribute: occi.core.id="urn:uuid:1"\n', 403),
        ("POST", "X-OCCI-Attribute: occi.compute.flavour=1\n", 404),
        ("POST", "X-OCCI-Attribute: occi.network.vlan=1\n", 404),
        ("POST", "X-OCCI-Attribute: occi.compute.cores\n", 400),
        ("POST", "X-OCCI-Attribute: occi.core.title=bare\n", 400),
        ("POST", 'X-OCCI-Attribute: occi.compute.cores="2"\n', 400),
        ("POST", "X-OCCI-Attribute: occi.compute.cores=2.5\n", 400),
        ("POST", 'X-OCCI-Attribute: occi.compute.architecture="arm"\n', 400),
        ("POST", "something\n", 400),
        ("POST", 'X-OCCI-Attribute: occi.core.title="half\n', 400),
        ("POST", 'Category: compute scheme="http\n', 400),
        ("POST", "X-OCCI-Attribute: occi.compute.cores=2\nX-OCCI-Attribute: occi.compute.flavour=1\n", 404),
        ("POST", f"Category: {category('http://x.example.org/no#thing', 'mixin')}\n", 404),
        ("POST", f"Category: {category(INFRASTRUCTURE + 'compute', 'mixin')}\n", 400),
        (
            "POST",
            f"Category: {category(INFRASTRUCTURE + 'network')}\nX-OCCI-Attribute: occi.compute.cores=2\n",
            400,
        ),
        ("POST", f"Category: {category(ACTION_SCHEME + 'start', 'action')}\n", 400),
        ("POST", f"Category: {category(INFRASTRUCTURE + 'os_tpl', 'mixin')[:-7]}\n", 400),
        ("POST", LINK, 400),
        ("PUT", "X-OCCI-Attribute: occi.compute.cores=2\n", 400),
        ("PUT", f"Category: {COMPUTE}\n{LINK}", 400),
        ("PUT", f"Category: {COMPUTE}\n" + 'X-OCCI-Attribute: occi.compute.state="active"\n', 403),
    ],
)
def test_what_an_update_may_not_do_changes_nothing(site: Whole, method: str, body: str, status: int) -> None:
    before = site.get(site.vms[0])
    reply = site.ask(method, site.vms[0], body)
    assert reply.status == status, reply.text
    assert site.get(site.vms[0]) == before


def test_bodies_in_other_media_types_are_refused(site: Whole) -> None:
    before = site.get(site.vms[0])
    for content_type in ("application/x-www-form-urlencoded", "text/html", ""):
        reply = site.ask(
            "POST", site.vms[0], "X-OCCI-Attribute: occi.compute.cores=2\n", Content_Type=content_type
        )
        assert reply.status == 415
    assert site.ask("POST", site.vms[0], "x", Accept="image/png").status == 406
    assert site.get(site.vms[0]) == before


def test_header_fields_update_as_bodies_do(site: Whole) -> None:
    reply = site.ask(
        "POST", site.vms[0], Content_Type=TEXT_OCCI, Accept=TEXT_OCCI, X_OCCI_Attribute="occi.compute.cores=3"
    )
    assert (reply.status, reply.headers["Content-Type"]) == (200, TEXT_OCCI)
    assert site.get(site.vms[0]).attributes["occi.compute.cores"] == 3


def test_updates_and_creations_in_json(sites: dict[str, Whole]) -> None:
    new = sites["spec12"]
    reach(new.site.machines[0], "inactive")
    data = {"kind": INFRASTRUCTURE + "compute", "attributes": {"occi.compute.cores": 4}}
    assert new.ask("PUT", new.vms[0], json.dumps(data), Content_Type=OCCI_JSON).status == 200
    assert new.get(new.vms[0]).attributes["occi.compute.cores"] == 4
    storage = {
        "kind": INFRASTRUCTURE + "storage",
        "id": "urn:uuid:mine",
        "attributes": {"occi.storage.size": 3},
    }
    reply = new.ask("POST", "/storage/", json.dumps(storage), Content_Type=OCCI_JSON, Accept=OCCI_JSON)
    assert reply.status == 201
    assert json.loads(reply.body) == [reply.headers["Location"]]
    assert new.ask("POST", "/storage/", '{"kind": 7', Content_Type=OCCI_JSON).status == 400
    assert new.ask("DELETE", "/" + reply.headers["Location"].split("/", 3)[3]).status == 204


# ---- actions


def test_actions_start_the_vm_or_are_refused_without_a_change(site: Whole) -> None:
    machine, vm = site.site.machines[0], site.vms[0]
    conflict = 400 if site.edition == "spec11" else 409

    def act(term: str, asked: str = "", *lines: str) -> int:
        body = f"Category: {category(ACTION_SCHEME + term, 'action')}\n" + "".join(
            f"{line}\n" for line in lines
        )
        return site.ask("POST", f"{vm}?action={asked or term}", body).status

    assert act("frobnicate") == 404
    assert act("start", "stop") == 400
    assert act("stop") == conflict
    assert act("start", "start", 'X-OCCI-Attribute: method="graceful"') == 400
    assert machine.snapshot().state == "inactive"
    assert act("start") == (200 if site.edition == "spec11" else 204)
    assert machine.wait_until_settled(10)
    assert act("stop", "stop", 'X-OCCI-Attribute: method="gently"') == 400
    assert machine.snapshot().state == "active"
    assert site.get(site.get(vm).links[0].self_url).attributes["occi.networkinterface.state"] == "active"


def test_actions_of_networks_and_storages(site: Whole) -> None:
    network, storage = (
        site.create("network"),
        site.create("storage", "X-OCCI-Attribute: occi.storage.size=2.0"),
    )

    def act(path: str, term: str, *lines: str) -> int:
        scheme = f"http://schemas.ogf.org/occi/infrastructure/{path.split('/')[1]}/action#"
        body = f"Category: {category(scheme + term, 'action')}\n" + "".join(f"{line}\n" for line in lines)
        return site.ask("POST", f"{path}?action={term}", body).status

    assert act(network, "down") in (400, 409)
    assert act(network, "up") in (200, 204)
    assert site.get(network).attributes["occi.network.state"] == "active"
    assert [link.term for link in site.get(network).actions] == ["down"]
    assert act(storage, "online") in (200, 204)
    assert site.get(storage).attributes["occi.storage.state"] == "online"
    assert act(storage, "resize") == (400 if site.edition == "spec11" else 404)
    size = "X-OCCI-Attribute: size=5.0"
    assert act(storage, "resize", size) == (200 if site.edition == "spec11" else 404)
    assert site.get(storage).attributes["occi.storage.size"] == (5.0 if site.edition == "spec11" else 2.0)
    for path in (network, storage):
        assert site.ask("DELETE", path).status in (200, 204)


# ---- creation and deletion


def test_a_vm_with_links_is_created_shown_and_gone_with_them(site: Whole) -> None:
    network = site.paths("/network/")[1]
    before = site.paths("/networkinterface/")
    inline = (
        f'Link: <{network}>; rel="{INFRASTRUCTURE}network"; category="{INFRASTRUCTURE}networkinterface"; '
        'occi.networkinterface.interface="eth7"'
    )
    vm = site.create("compute", 'X-OCCI-Attribute: occi.core.title="New", occi.compute.cores=3', inline)
    entity = site.get(vm)
    assert (entity.title, entity.attributes["occi.compute.cores"]) == ("New", 3)
    link = next(one for one in entity.links if one.target == network)
    assert link.attributes["occi.networkinterface.interface"] == "eth7"
    assert vm in site.paths("/compute/")
    storage = site.create("storage", "X-OCCI-Attribute: occi.storage.size=1.5")
    ends = f'X-OCCI-Attribute: occi.core.source="{vm}", occi.core.target="{storage}"'
    storage_link = site.create("storagelink", ends, 'X-OCCI-Attribute: occi.storagelink.deviceid="/dev/vdc"')
    assert storage in [one.target for one in site.get(vm).links]
    assert site.get(storage_link).attributes["occi.core.source"] == vm
    assert site.ask("DELETE", vm).status == (200 if site.edition == "spec11" else 204)
    gone = 410 if site.edition == "spec11" else 404
    assert {site.ask("GET", path).status for path in (vm, link.self_url, storage_link)} == {gone}
    assert site.ask("DELETE", vm).status == gone
    assert site.paths("/networkinterface/") == before
    assert site.ask("DELETE", storage).status in (200, 204)


def test_a_size_and_mixins_of_users_at_creation(site: Whole, tag: str) -> None:
    vm = site.create(
        "compute", f"Category: {category(MEDIUM, 'mixin')}", f"Category: {category(TAG, 'mixin')}"
    )
    entity = site.get(vm)
    assert {MEDIUM, TAG} <= {mixin.id for mixin in entity.mixins}
    assert (entity.attributes["occi.compute.cores"], entity.attributes["occi.compute.memory"]) == (2, 2.0)
    assert site.paths(tag) == [vm]
    site.ask("DELETE", vm)
    assert site.paths(tag) == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/compute/", f"Category: {category(INFRASTRUCTURE + 'network')}\n", 400),
        ("/compute/", "Category: " + category("http://x.example.org/no#thing") + "\n", 404),
        ("/compute/", f"Category: {COMPUTE}\nX-OCCI-Attribute: occi.compute.flavour=1\n", 404),
        ("/compute/", f"Category: {COMPUTE}\n" + 'X-OCCI-Attribute: occi.compute.state="active"\n', 403),
        ("/compute/", f"Category: {COMPUTE}\n{LINK}", 400),
        ("/compute/", f"Category: {category(INFRASTRUCTURE + 'compute', 'action')}\n", 400),
        (
            "/network/",
            f"Category: {category(INFRASTRUCTURE + 'network')}\nX-OCCI-Attribute: occi.network.vlan=5000\n",
            400,
        ),
        (
            "/network/",
            f"Category: {category(INFRASTRUCTURE + 'network')}\nCategory: {category(MEDIUM, 'mixin')}\n",
            403,
        ),
        ("/storage/", f"Category: {category(INFRASTRUCTURE + 'storage')}\n", 400),
        ("/storagelink/", f"Category: {category(INFRASTRUCTURE + 'storagelink')}\n", 400),
        ("/compute/", "nonsense\n", 400),
    ],
)
def test_what_cannot_be_created_is_refused_without_a_change(
    site: Whole, path: str, body: str, status: int
) -> None:
    before = site.paths("/")
    reply = site.ask("POST", path, body)
    assert reply.status == status, reply.text
    assert site.paths("/") == before


def test_what_was_provisioned_and_whole_collections_cannot_be_deleted(site: Whole) -> None:
    before = site.paths("/")
    for path in (site.vms[0], *site.paths("/network/"), "/compute/", "/network/"):
        assert site.ask("DELETE", path).status == 403
    assert site.ask("PUT", "/compute/of-my-own", f"Category: {COMPUTE}\n").status == 400
    assert site.paths("/") == before


# ---- mixins of users


def test_members_of_a_mixin_come_are_replaced_and_go(site: Whole, tag: str) -> None:
    first, second, third = (f"{site.endpoint}{path}" for path in site.vms)
    assert site.ask("POST", tag, f"X-OCCI-Location: {first}\n").status == 200
    assert TAG in {mixin.id for mixin in site.get(site.vms[0]).mixins}
    assert site.paths("/compute/", Category=category(TAG, "mixin")) == site.vms[:1]
    assert site.ask("PUT", tag, f"X-OCCI-Location: {second}\nX-OCCI-Location: {third}\n").status == 200
    assert site.paths(tag) == site.vms[1:]
    assert TAG not in {mixin.id for mixin in site.get(site.vms[0]).mixins}
    assert (
        site.ask(
            "POST", tag, f"X-OCCI-Location: {first}\nX-OCCI-Location: {site.endpoint}/compute/no\n"
        ).status
        == 404
    )
    assert site.paths(tag) == site.vms[1:]
    assert site.ask("DELETE", tag, f"X-OCCI-Location: {second}\n").status == 200
    assert site.paths(tag) == site.vms[2:]
    assert site.ask("DELETE", tag).status == 200
    assert site.paths(tag) == []
    assert site.ask("POST", tag, locations(site.vms[0])).status == 400


def test_a_mixin_is_given_by_an_update_and_taken_by_a_full_one(site: Whole, tag: str) -> None:
    assert site.ask("POST", site.vms[0], f"Category: {category(TAG, 'mixin')}\n").status == 200
    assert site.paths(tag) == site.vms[:1]
    assert site.ask("PUT", site.vms[0], f"Category: {COMPUTE}\n").status == 200
    assert site.paths(tag) == []


def test_mixins_are_defined_and_removed_by_the_rules(site: Whole, tag: str) -> None:
    listed = site.ask("GET", "/-/", Category=category(TAG, "mixin")).text
    assert 'location="/mixin/tag/"' in listed
    assert site.ask("POST", "/-/", DEFINITION).status == 409
    own = f"Category: {category(INFRASTRUCTURE + 'os_tpl', 'mixin')}"
    other = category("http://x.example.org/o#other", "mixin")
    assert site.ask("POST", "/-/", own + '; location="/mixin/new/"\n').status == 403
    assert site.ask("POST", "/-/", f'Category: {other}; location="/mixin/tag/"\n').status == 409
    assert site.ask("POST", "/-/", f"Category: {other}\n").status == 400
    assert site.ask("POST", "/-/", f'Category: {COMPUTE}; location="/mixin/new/"\n').status == 400
    assert site.ask("DELETE", "/-/", f"{own}\n").status == 403
    assert site.ask("DELETE", "/-/", f"Category: {other}\n").status == 404
    assert (
        site.ask("POST", "/mixin/os_tpl/", f"X-OCCI-Location: {site.endpoint}{site.vms[0]}\n").status == 403
    )
    assert site.ask("GET", "/-/", Category=category(TAG, "mixin")).text == listed
    assert site.ask("DELETE", "/-/", f"Category: {category(TAG, 'mixin')}\n").status == 200
    assert site.ask("GET", tag).status == 404


# ---- a closed site


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_closed_site_refuses_to_create_and_says_so(edition: str) -> None:
    with whole(edition) as site:
        before = site.paths("/")
        for method, path, body in (
            ("POST", "/compute/", f"Category: {COMPUTE}\n"),
            ("POST", "/network/", f"Category: {category(INFRASTRUCTURE + 'network')}\n"),
            ("POST", "/-/", DEFINITION),
            ("PUT", "/compute/mine", f"Category: {COMPUTE}\n"),
            ("DELETE", site.vms[0], ""),
            ("DELETE", before[-1], ""),
        ):
            reply = site.ask(method, path, body)
            assert reply.status == 403
            assert "provisioned beforehand" in reply.text
        assert site.paths("/") == before
        assert site.ask("POST", site.vms[0], 'X-OCCI-Attribute: occi.core.title="x"\n').status == 200
        reach(site.site.machines[0], "active")
        offers = {link.term for link in site.get(site.vms[0]).actions}
        assert ("save" in offers) == (edition == "spec12"), "OCCI 1.2 wants it shown"
        body = f'Category: {category(ACTION_SCHEME + "save", "action")}\nX-OCCI-Attribute: name="mine"\n'
        reply = site.ask("POST", f"{site.vms[0]}?action=save", body)
        assert reply.status == (404 if edition == "spec11" else 403)
