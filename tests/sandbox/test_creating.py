"""A site that lets its users make VMs and images: what its server offers, takes and refuses."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator

import asyncssh
import pytest

from OcciLibrary.occi.contextualisation import OCCI_FAMILY, OPENSTACK_FAMILY, Family
from OcciLibrary.occi.infrastructure import OS_TPL_ID, RESOURCE_TPL_ID, standard_categories
from OcciLibrary.occi.model import Mixin
from OcciLibrary.occi.networking import addresses
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, read
from OcciLibrary.occi.templates import images, sizes
from OcciLibrary.sandbox.options import SandboxOptions, parse_options
from OcciLibrary.sandbox.site import SandboxSite

from .conftest import SECONDS, Client, Reply

KIND = 'Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"\n'
IMAGE = "http://sandbox.example.org/occi/infrastructure/os_tpl#reference_vm"
MEDIUM = "http://sandbox.example.org/occi/infrastructure/resource_tpl#medium"
SAVE = 'Category: save; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"\n'


@pytest.fixture(scope="module")
def open_site() -> Iterator[SandboxSite]:
    started = SandboxSite(SandboxOptions(seconds=SECONDS, machines=1, may_create=True))
    started.start()
    yield started
    started.stop()


@pytest.fixture
def client(open_site: SandboxSite) -> Iterator[Client]:
    connected = Client(int(open_site.description()["endpoint"].rstrip("/").rpartition(":")[2]))
    yield connected
    for url in listed(connected):
        connected.ask("DELETE", url)
    for image in saved_images(connected):
        connected.ask("DELETE", "/-/", category(image), Content_Type=TEXT_PLAIN)
    connected.close()


def category(category_id: str, category_class: str = "mixin") -> str:
    scheme, _, term = category_id.partition("#")
    return f'Category: {term}; scheme="{scheme}#"; class="{category_class}"\n'


def attribute(name: str, value: str) -> str:
    return f'X-OCCI-Attribute: {name}="{value}"\n'


def create(client: Client, *lines: str, image: str = IMAGE) -> Reply:
    return client.ask("POST", "/compute/", KIND + category(image) + "".join(lines), Content_Type=TEXT_PLAIN)


def path_of(reply: Reply) -> str:
    assert reply.status == 201, reply.text
    return "/" + reply.headers["Location"].split("/", 3)[3]


def listed(client: Client) -> list[str]:
    return ["/" + line.split("/", 3)[3] for line in client.ask("GET", "/compute/").text.splitlines()]


def saved_images(client: Client) -> list[str]:
    answer = client.ask("GET", "/-/", Accept=TEXT_PLAIN)
    found = images(read(TEXT_PLAIN, [], answer.body).categories)
    return [mixin.id for mixin in found if mixin.id != IMAGE]


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def state_of(client: Client, path: str) -> object:
    return client.ask("GET", path).resource().attributes["occi.compute.state"]


def await_state(client: Client, path: str, state: str) -> None:
    wait_for(lambda: state_of(client, path) == state)


def key_pair() -> tuple[asyncssh.SSHKey, str]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    return key, key.export_public_key().decode().strip()


def run_by_key(
    client: Client, path: str, key: asyncssh.SSHKey, command: str, username: str = "tester"
) -> str:
    [address] = addresses(client.ask("GET", path).resource())

    async def session() -> str:
        async with asyncssh.connect(
            address.host,
            address.ssh_port,
            username=username,
            client_keys=[key],
            known_hosts=None,
            config=None,
            agent_path=None,
        ) as connection:
            return str((await connection.run(command)).stdout)

    return asyncio.run(asyncio.wait_for(session(), 10))


def for_key(family: Family, public_key: str) -> str:
    named = attribute(family.key_name, "mine") if family.key_name else ""
    return category(family.key.id) + named + attribute(family.key_attribute, public_key)


def for_user_data(family: Family, text: str) -> str:
    encoded = b64encode(text.encode()).decode()
    return category(family.user_data.id) + attribute(family.user_data_attribute, encoded)


@pytest.mark.parametrize("media_type", [TEXT_PLAIN, TEXT_OCCI, OCCI_JSON])
def test_discovery_shows_templates_contextualisation_and_save(client: Client, media_type: str) -> None:
    answer = client.ask("GET", "/-/", Accept=media_type)
    message = read(media_type, list(answer.headers.items()), answer.body)
    assert not message.deviations
    known = {one.id: one for one in message.categories}
    assert {one.id for one in standard_categories("1.1")} < set(known)
    assert [one.id for one in images(message.categories)] == [IMAGE]
    assert [one.term for one in sizes(message.categories)] == ["small", "medium"]
    for family in (OCCI_FAMILY, OPENSTACK_FAMILY):
        names = {one.name for mixin in (family.key, family.user_data) for one in known[mixin.id].attributes}
        assert names - {family.key_name} == {family.key_attribute, family.user_data_attribute}
    assert "http://schemas.ogf.org/occi/infrastructure/compute/action#save" in known


def test_without_the_option_nothing_of_it_is_there() -> None:
    site = SandboxSite(SandboxOptions(seconds=SECONDS, machines=1))
    site.start()
    try:
        client = Client(int(site.description()["endpoint"].rstrip("/").rpartition(":")[2]))
        answer = client.ask("GET", "/-/", Accept=TEXT_PLAIN)
        assert IMAGE.partition("#")[0] not in answer.text
        refused = create(client)
        assert (refused.status, "Nothing can be created" in refused.text) == (403, True)
        deleted = client.ask("DELETE", f"/compute/{site.machines[0].id}")
        assert (deleted.status, "Nothing can be deleted" in deleted.text) == (405, True)
        assert not client.ask("GET", f"/compute/{site.machines[0].id}").resource().links
        client.close()
    finally:
        site.stop()


@pytest.mark.parametrize("family", [OCCI_FAMILY, OPENSTACK_FAMILY], ids=["occi", "openstack"])
def test_new_vm_has_its_size_its_key_and_its_user_data(client: Client, family: Family) -> None:
    key, public_key = key_pair()
    told = for_key(family, public_key) + for_user_data(family, "#!/bin/sh\necho marked > /tmp/mark\n")
    path = path_of(create(client, category(MEDIUM), attribute("occi.core.title", "mine"), told))
    await_state(client, path, "active")
    resource = client.ask("GET", path).resource()
    assert (resource.title, resource.attributes["occi.compute.cores"]) == ("mine", 2)
    shown = {mixin.id for mixin in resource.mixins}
    assert {IMAGE, MEDIUM, family.key.id, family.user_data.id} == shown
    assert run_by_key(client, path, key, "cat /tmp/mark; whoami") == "marked\ntester\n"
    with pytest.raises(asyncssh.PermissionDenied):
        run_by_key(client, path, key_pair()[0], "true")
    with pytest.raises(asyncssh.PermissionDenied):
        run_by_key(client, path, key, "true", username="root")


@pytest.mark.parametrize("media_type", [TEXT_OCCI, OCCI_JSON])
def test_creation_in_the_other_media_types(client: Client, media_type: str) -> None:
    if media_type == TEXT_OCCI:
        categories = ", ".join(line.partition(": ")[2].strip() for line in (KIND, category(IMAGE)))
        answer = client.ask(
            "POST", "/compute/", Content_Type=TEXT_OCCI, Accept=TEXT_OCCI, Category=categories,
            X_OCCI_Attribute='occi.core.title="mine"',
        )  # fmt: skip
    else:
        wanted = {
            "kind": "http://schemas.ogf.org/occi/infrastructure#compute",
            "mixins": [IMAGE],
            "title": "mine",
        }
        body = json.dumps(wanted)
        answer = client.ask("POST", "/compute/", body, Content_Type=OCCI_JSON, Accept=OCCI_JSON)
    told = read(media_type, list(answer.headers.items()), answer.body).locations
    assert told == (answer.headers["Location"],)
    assert client.ask("GET", path_of(answer)).resource().title == "mine"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (category(MEDIUM) + category(MEDIUM.replace("medium", "small")), 400),
        (category("http://nobody.example.org/os_tpl#none"), 404),
        (attribute("occi.compute.userdata", "aGk="), 404),
        (category(OCCI_FAMILY.user_data.id) + attribute(OCCI_FAMILY.user_data_attribute, "not base64!"), 400),
        (category(OCCI_FAMILY.key.id) + attribute(OCCI_FAMILY.key_attribute, "nonsense"), 400),
        ('X-OCCI-Attribute: occi.compute.cores="many"\n', 400),
    ],
)
def test_what_makes_no_sense_makes_nothing(client: Client, lines: str, status: int) -> None:
    assert create(client, lines).status == status
    assert len(listed(client)) == 1


def test_creation_needs_the_kind_and_an_image(client: Client) -> None:
    without_image = client.ask("POST", "/compute/", KIND, Content_Type=TEXT_PLAIN)
    assert (without_image.status, "os_tpl" in without_image.text) == (400, True)
    assert client.ask("POST", "/compute/", category(IMAGE), Content_Type=TEXT_PLAIN).status == 400
    assert client.ask("POST", "/compute/?action=start", KIND, Content_Type=TEXT_PLAIN).status == 501


def test_deleted_vm_is_gone_and_the_provisioned_one_stays(client: Client, open_site: SandboxSite) -> None:
    path = path_of(create(client))
    assert client.ask("DELETE", path).status == 200
    assert client.ask("GET", path).status == 404
    assert client.ask("DELETE", path).status == 404
    own = f"/compute/{open_site.machines[0].id}"
    assert client.ask("DELETE", own).status == 403
    assert listed(client) == [own]


def test_number_of_new_vms_is_bounded(client: Client) -> None:
    statuses = [create(client).status for _ in range(11)]
    assert statuses == [201] * 10 + [409]


def save(client: Client, path: str, method: str) -> Reply:
    told = SAVE + attribute("name", "mine") + attribute("method", method)
    return client.ask("POST", f"{path}?action=save", told, Content_Type=TEXT_PLAIN, Accept=TEXT_PLAIN)


@pytest.mark.parametrize("method", ["hot", "deferred"])
def test_vm_of_a_saved_image_has_its_files(client: Client, method: str) -> None:
    key, public_key = key_pair()
    path = path_of(create(client, for_key(OCCI_FAMILY, public_key)))
    await_state(client, path, "active")
    run_by_key(client, path, key, "echo first > tool")
    answer = save(client, path, method)
    assert answer.status == 200
    [image] = images(read(TEXT_PLAIN, [], answer.body).categories)
    assert (image.title, image.depends) == ("mine", (OS_TPL_ID,))
    run_by_key(client, path, key, "echo second > tool")
    if method == "deferred":
        assert saved_images(client) == []
        stop = SAVE.replace("save", "stop", 1)
        assert client.ask("POST", f"{path}?action=stop", stop, Content_Type=TEXT_PLAIN).status == 200
        await_state(client, path, "inactive")
    assert saved_images(client) == [image.id]
    another = path_of(create(client, for_key(OCCI_FAMILY, public_key), image=image.id))
    await_state(client, another, "active")
    assert run_by_key(client, another, key, "cat tool") == ("first\n" if method == "hot" else "second\n")
    assert client.ask("DELETE", "/-/", category(image.id), Content_Type=TEXT_PLAIN).status == 200
    assert saved_images(client) == []
    assert run_by_key(client, another, key, "cat tool"), "a VM outlives the image that it was made of"


def test_what_cannot_be_saved_or_deleted_is_refused(client: Client, open_site: SandboxSite) -> None:
    inactive = f"/compute/{open_site.machines[0].id}"
    assert save(client, inactive, "hot").status == 400
    assert save(client, inactive, "warm").status == 400
    nameless = client.ask("POST", f"{inactive}?action=save", SAVE, Content_Type=TEXT_PLAIN)
    assert (nameless.status, "name" in nameless.text) == (400, True)
    assert client.ask("DELETE", "/-/", category(IMAGE), Content_Type=TEXT_PLAIN).status == 403
    unknown = category(IMAGE.replace("reference_vm", "saved_none"))
    assert client.ask("DELETE", "/-/", unknown, Content_Type=TEXT_PLAIN).status == 404
    assert client.ask("DELETE", "/-/", KIND + category(IMAGE), Content_Type=TEXT_PLAIN).status == 400


def test_full_update_may_name_the_templates_of_the_vm(client: Client, open_site: SandboxSite) -> None:
    path = f"/compute/{open_site.machines[0].id}"
    resource = client.ask("GET", path).resource()
    assert {RESOURCE_TPL_ID, OS_TPL_ID} == {
        one for mixin in resource.mixins for one in known_depends(client, mixin)
    }
    body = KIND + "".join(category(mixin.id) for mixin in resource.mixins)
    assert client.ask("PUT", path, body, Content_Type=TEXT_PLAIN).status == 200


def known_depends(client: Client, mixin: Mixin) -> tuple[str, ...]:
    answer = client.ask("GET", "/-/", Accept=TEXT_PLAIN)
    categories = read(TEXT_PLAIN, [], answer.body).categories
    return next(one.depends for one in categories if isinstance(one, Mixin) and one.id == mixin.id)


def test_dialect_that_creates_nothing_is_told_in_one_sentence() -> None:
    assert parse_options("sandbox:may-create=yes,dialect=ooi").may_create
    with pytest.raises(ValueError, match="cannot let users create in the dialect rocci1"):
        parse_options("sandbox:may-create=yes,dialect=rocci1")
