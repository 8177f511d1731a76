"""Making and deleting computes and images: what is sent, and what is made of the answers that servers give."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.contextualisation import OCCI_FAMILY, OPENSTACK_FAMILY, context, encoded, missing
from OcciLibrary.occi.model import Kind, Mixin, Resource
from OcciLibrary.occi.networking import SSH_PORT_ATTRIBUTE, Address, addresses
from OcciLibrary.occi.provisioning import Provisioning
from OcciLibrary.occi.renderings import TEXT_PLAIN, read
from OcciLibrary.occi.request_errors import AnswerUnusable, RequestError, RequestRefused, SiteUnreachable
from OcciLibrary.occi.saving import SAVE_ACTIONS
from OcciLibrary.occi.templates import image_like, images, named, saved_as, size_like, sizes
from tests.occi.scripted_site import COMPUTE, Broken, Request, ScriptedSite, answer, kind, listing, scripted

IMAGE = Mixin("debian", "http://occi.example.org/os_tpl#")
NAME = "occi0123456789abcdef"
ACTION = "http://schemas.ogf.org/occi/infrastructure/compute/action#"


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as started:
        started.on("/-/", kind("/compute/"))
        started.on("GET /compute/", listing())
        yield started


def maker(site: ScriptedSite, **more: object) -> Provisioning:
    client = OcciClient(site.url, patience=0.0, timeout=2.0, **more)  # type: ignore[arg-type]
    return Provisioning(client, 2.0)


def ours(title: str = NAME) -> bytes:
    return answer(200, f'Category: {COMPUTE}\nX-OCCI-Attribute: occi.core.title="{title}"\n')


@pytest.mark.parametrize(
    "made",
    [
        answer(201, "OK", "text/plain", "Location: {url}compute/7"),
        answer(201, "X-OCCI-Location: {url}compute/7", "text/plain"),
        answer(200, "X-OCCI-Location: {url}compute/7\n", "text/plain; charset=utf8"),
        answer(200, "{url}compute/7\n", "text/uri-list"),
        answer(201, '["{url}compute/7"]', "application/occi+json"),
        answer(
            201,
            '{"id": "7", "kind": "http://schemas.ogf.org/occi/infrastructure#compute"}',
            "application/occi+json",
        ),
        answer(201, '{"id": "x", "kind": "k#c", "location": "/compute/7"}', "application/occi+json"),
        answer(201, "OK", "application/occi+json", "Location: /compute/7"),
        answer(201, "OK", "text/occi", "X-OCCI-Location: {url}compute/7"),
        answer(200, f'Category: {COMPUTE}\nX-OCCI-Attribute: occi.core.id="7"\n'),
    ],
)
def test_url_of_a_new_compute_is_read_wherever_a_server_puts_it(site: ScriptedSite, made: bytes) -> None:
    head, _, body = made.partition(b"\r\n\r\n")
    body = body.replace(b"{url}", site.url.encode())
    head = head.replace(b"{url}", site.url.encode())
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    site.on("POST /compute/", b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body)
    assert maker(site).create(NAME, [IMAGE], {}) == f"{site.url}compute/7"
    assert site.asked("POST") == ["POST /compute/"]


def test_request_is_in_the_common_subset(site: ScriptedSite) -> None:
    site.on("POST /compute/", answer(201, "OK", "text/plain", "Location: /compute/7"))
    told = context(OPENSTACK_FAMILY, NAME, "ssh-ed25519 AAAA me", "#!/bin/sh\n")
    maker(site).create(NAME, [IMAGE, *told.mixins], told.attributes or {})
    sent = site.requests[-1]
    message = read(sent["Content-Type"], list(sent.headers.items()), sent.body)
    assert [type(one) for one in message.categories][:1] == [Kind]
    assert {one.id for one in message.categories[1:]} == {
        IMAGE.id,
        OPENSTACK_FAMILY.key.id,
        OPENSTACK_FAMILY.user_data.id,
    }
    assert message.attributes["occi.core.title"] == message.attributes["occi.compute.hostname"] == NAME
    assert message.attributes["org.openstack.credentials.publickey.name"] == NAME
    assert base64.b64decode(str(message.attributes["org.openstack.compute.user_data"])).startswith(
        b"#!/bin/sh\n"
    )
    assert not message.deviations
    assert sent["User-Agent"] == "OcciLibrary OCCI/1.1"


def test_refusal_of_the_form_is_followed_by_the_next_form_after_a_look(site: ScriptedSite) -> None:
    def reply(request: Request) -> bytes:
        if request["Content-Type"].startswith("text/occi"):
            return answer(415, "not that")
        return answer(201, "OK", "text/plain", "Location: /compute/7")

    site.on("POST /compute/", reply)
    assert maker(site).create(NAME, [IMAGE], {}) == f"{site.url}compute/7"
    made = [one for one in site.asked() if one.endswith("/compute/")]
    assert made == ["POST /compute/", "GET /compute/", "POST /compute/"]


@pytest.mark.parametrize("status", [406, 415, 500])
def test_what_was_made_although_the_site_answers_an_error_is_found(site: ScriptedSite, status: int) -> None:
    site.on("POST /compute/", answer(status, "oh"))
    site.on("GET /compute/", listing(f"{site.url}compute/6", f"{site.url}compute/7"))
    site.on("GET /compute/7", ours())
    site.on("GET /compute/6", ours("another"))
    assert maker(site).create(NAME, [IMAGE], {}) == f"{site.url}compute/7"
    assert site.asked("POST") == ["POST /compute/"]


def test_what_was_made_although_the_answer_was_lost_is_found(site: ScriptedSite) -> None:
    site.on("POST /compute/", Broken())
    site.on("GET /compute/", listing(f"{site.url}compute/7"))
    site.on("GET /compute/7", ours())
    assert maker(site).create(NAME, [IMAGE], {}) == f"{site.url}compute/7"


def test_refused_creation_is_told_in_the_sites_words(site: ScriptedSite) -> None:
    site.on("POST /compute/", answer(409, "quota exceeded"))
    with pytest.raises(RequestRefused, match="quota exceeded"):
        maker(site).create(NAME, [IMAGE], {})
    assert site.asked("POST") == ["POST /compute/"]


def test_lost_answer_without_a_trace_is_told(site: ScriptedSite) -> None:
    site.on("POST /compute/", Broken())
    with pytest.raises(SiteUnreachable):
        maker(site).create(NAME, [IMAGE], {})


@pytest.mark.parametrize("told", ["", "Location: /compute/", "Location: http://["])
def test_answer_that_names_no_compute_is_unusable(site: ScriptedSite, told: str) -> None:
    site.on("POST /compute/", answer(201, "OK", "text/plain", *([told] if told else [])))
    with pytest.raises(RequestError):
        maker(site).create(NAME, [IMAGE], {})


def test_location_on_another_host_is_taken_as_a_path_of_the_site(site: ScriptedSite) -> None:
    site.on(
        "POST /compute/", answer(201, "OK", "text/plain", "Location: https://inner.example.org/compute/7")
    )
    assert maker(site).create(NAME, [IMAGE], {}) == f"{site.url}compute/7"


def test_deletion_is_of_one_compute_that_bears_the_name(site: ScriptedSite) -> None:
    site.on("GET /compute/7", ours())
    site.on("DELETE /compute/7", answer(204, "", ""))
    maker(site).delete(f"{site.url}compute/7", NAME)
    assert site.asked("DELETE") == ["DELETE /compute/7"]


def test_compute_that_another_one_has_taken_the_place_of_is_not_deleted(site: ScriptedSite) -> None:
    site.on("GET /compute/7", ours("somebody else's"))
    with pytest.raises(RequestError, match="so it was not deleted"):
        maker(site).delete(f"{site.url}compute/7", NAME)
    assert site.asked("DELETE") == []


@pytest.mark.parametrize("path", ["compute/", "", "-/", "compute//", "compute/%2e", "compute/x/%2e%2e/"])
def test_collection_is_never_deleted(site: ScriptedSite, path: str) -> None:
    with pytest.raises(RequestError):
        maker(site).delete(site.url + path)
    assert site.asked("DELETE") == []


@pytest.mark.parametrize("status", [404, 410])
def test_deleting_what_is_gone_is_no_error(site: ScriptedSite, status: int) -> None:
    site.on("GET /compute/7", answer(status, ""))
    maker(site).delete(f"{site.url}compute/7", NAME)
    site.on("DELETE /compute/8", answer(status, ""))
    maker(site).delete(f"{site.url}compute/8")


def test_refused_deletion_is_told(site: ScriptedSite) -> None:
    site.on("DELETE /compute/7", answer(403, "not yours"))
    with pytest.raises(RequestRefused, match="not yours"):
        maker(site).delete(f"{site.url}compute/7")


def test_compute_is_gone_when_it_is_not_found_or_not_listed(site: ScriptedSite) -> None:
    url = f"{site.url}compute/7"
    site.on("GET /compute/7", ours())
    site.on("GET /compute/", listing(url))
    assert not maker(site).is_gone(url)
    site.on("GET /compute/", listing())
    assert maker(site).is_gone(url), "some servers show a deleted VM for a while"
    site.on("GET /compute/", listing(url))
    site.on("GET /compute/7", answer(410, ""))
    assert maker(site).is_gone(url)


def active(site: ScriptedSite, *mixins: Mixin) -> Resource:
    return Resource(
        Kind("compute", "http://schemas.ogf.org/occi/infrastructure#"),
        mixins,
        location=f"{site.url}compute/7",
    )


def test_way_to_save_is_what_discovery_or_the_vm_offers(site: ScriptedSite) -> None:
    provisioning = maker(site)
    standard, openstack = SAVE_ACTIONS
    assert provisioning.save_action(active(site), provisioning.categories()) is None
    of_kind = kind("/compute/").replace(b'location="/compute/"', b'actions="%s"' % f"{ACTION}save".encode())
    body = of_kind.partition(b"\r\n\r\n")[2].decode()
    site.on("/-/", answer(200, body))
    assert provisioning.save_action(active(site), provisioning.categories()) is standard
    os_vms = Mixin("os_vms", "http://schemas.openstack.org/compute/instance#", actions=(openstack.action.id,))
    assert provisioning.save_action(active(site, os_vms), [os_vms]) is openstack
    assert provisioning.save_action(active(site), [os_vms]) is None


def test_save_sends_method_and_name_and_reads_the_new_image(site: ScriptedSite) -> None:
    shown = (
        f'Category: 4711; scheme="http://schemas.openstack.org/template/os#"; class="mixin"; title="{NAME}"\n'
    )
    site.on("POST /compute/7", answer(200, shown))
    image = maker(site).save(active(site), SAVE_ACTIONS[0], NAME, "deferred")
    assert image is not None
    assert image.id == "http://schemas.openstack.org/template/os#4711"
    sent = site.requests[-1]
    assert sent.target == "/compute/7?action=save"
    action, attributes = read(sent["Content-Type"], list(sent.headers.items()), sent.body).action_invocation()
    assert (action.id, attributes) == (f"{ACTION}save", {"name": NAME, "method": "deferred"})


@pytest.mark.parametrize("shown", ["debian", "debian other", "one two"])
def test_image_without_the_name_is_taken_for_the_saved_one_only_when_shown_alone(
    site: ScriptedSite, shown: str
) -> None:
    scheme = "http://occi.example.org/os_tpl#"
    lines = [
        f'Category: {term}; scheme="{scheme}"; class="mixin"; title="somebody\'s"\n' for term in shown.split()
    ]
    vm = active(site)
    site.on("POST /compute/7", answer(200, "".join(lines)))
    own = replace(vm, mixins=(Mixin("debian", scheme),))
    assert maker(site).save(own, SAVE_ACTIONS[0], NAME, "hot") is None
    site.on("POST /compute/7", answer(200, f'Category: new; scheme="{scheme}"; class="mixin"\n'))
    image = maker(site).save(own, SAVE_ACTIONS[0], NAME, "hot")
    assert image is not None
    assert image.term == "new"


def test_save_by_the_bridge_of_openstack_has_its_own_name_and_no_method(site: ScriptedSite) -> None:
    site.on("POST /compute/7", ours("the VM itself, as occi-os answers"))
    assert maker(site).save(active(site), SAVE_ACTIONS[1], NAME, "hot") is None
    sent = site.requests[-1]
    _, attributes = read(sent["Content-Type"], list(sent.headers.items()), sent.body).action_invocation()
    assert attributes == {"org.openstack.snapshot.image_name": NAME}


def test_image_is_deleted_by_its_mixin_and_never_by_its_collection(site: ScriptedSite) -> None:
    site.on("DELETE /-/", answer(200, ""))
    maker(site).delete_image(Mixin("x", "http://occi.example.org/os_tpl#", location="/os_tpl/x/"))
    assert site.asked("DELETE") == ["DELETE /-/"]
    site.on("DELETE /-/", kind("/compute/"))
    with pytest.raises(RequestRefused, match="nothing was deleted"):
        maker(site).delete_image(IMAGE)
    site.on("DELETE /-/", answer(405, "no"))
    with pytest.raises(RequestRefused):
        maker(site).delete_image(IMAGE)


# ---- templates


def mixins(body: str) -> tuple[Mixin, ...]:
    return tuple(one for one in read(TEXT_PLAIN, [], body.encode()).categories if isinstance(one, Mixin))


I = "http://schemas.ogf.org/occi/infrastructure"  # noqa: E741
OFFERED = mixins(
    f'Category: os_tpl; scheme="{I}#"; class="mixin"\n'
    f'Category: resource_tpl; scheme="{I}#"; class="mixin"\n'
    f'Category: uuid_debian_9; scheme="http://a.example.org/x#"; class="mixin"; title="Debian 9"; rel="{I}#os_tpl"\n'
    'Category: 4711; scheme="http://schemas.openstack.org/template/os#"; class="mixin"; title="cirros"\n'
    f'Category: huge; scheme="http://a.example.org/y#"; class="mixin"; rel="{I}#resource_tpl"\n'
    'Category: small; scheme="http://fedcloud.egi.eu/occi/compute/flavour/1.0#"; class="mixin"\n'
    f'Category: user_data; scheme="{I}/compute#"; class="mixin"\n'
)


def test_templates_are_told_by_what_they_depend_on_or_else_by_their_scheme() -> None:
    assert [one.term for one in images(OFFERED)] == ["uuid_debian_9", "4711"]
    assert [one.term for one in sizes(OFFERED)] == ["huge", "small"]


def test_template_is_named_by_id_term_or_title() -> None:
    for name in ("http://a.example.org/x#uuid_debian_9", "UUID_debian_9", "debian 9"):
        found = named(name, images(OFFERED))
        assert found is not None
        assert found.term == "uuid_debian_9"
    assert named("fedora", images(OFFERED)) is None


def test_template_of_the_testers_vm_is_preferred_and_nothing_is_guessed() -> None:
    vm = Resource(None, (Mixin("4711", "http://schemas.openstack.org/template/os#"),))
    assert image_like(vm, images(OFFERED)) is images(OFFERED)[1]
    assert image_like(Resource(None), images(OFFERED)) is None
    assert image_like(Resource(None), images(OFFERED)[:1]) is images(OFFERED)[0]
    assert size_like(vm, sizes(OFFERED)) is sizes(OFFERED)[1]


def test_saved_image_is_the_new_one_with_the_name() -> None:
    new = mixins(
        f'Category: uuid_{NAME}_9; scheme="http://a.example.org/x#"; class="mixin"; rel="{I}#os_tpl"\n'
    )
    assert saved_as(NAME, (*OFFERED, *new)) is new[0]
    assert saved_as(NAME, (*OFFERED, *new), before=[new[0].id]) is None
    assert saved_as(NAME, OFFERED) is None


# ---- contextualisation and addresses


@given(st.text(max_size=200))
def test_user_data_go_without_padding_and_come_back(text: str) -> None:
    code = encoded(text)
    assert "=" not in code
    assert base64.b64decode(code).decode().rstrip("\n") == text.rstrip("\n")


def test_families_that_a_site_does_not_advertise_are_told() -> None:
    assert missing(OCCI_FAMILY, [OCCI_FAMILY.key]) == (OCCI_FAMILY.user_data.id,)
    assert missing(OCCI_FAMILY, [OCCI_FAMILY.key, OCCI_FAMILY.user_data]) == ()


def test_addresses_of_a_vm_the_public_ones_first() -> None:
    body = (
        f"Category: {COMPUTE}\n"
        'Link: </network/1>; rel="http://schemas.ogf.org/occi/infrastructure#network"; self="/networkinterface/1"; '
        f'category="{I}#networkinterface"; occi.networkinterface.address="10.0.0.5"\n'
        'Link: </network/2>; rel="http://schemas.ogf.org/occi/infrastructure#network"; self="/networkinterface/2"; '
        f'category="{I}#networkinterface"; occi.networkinterface.address="193.136.75.5/24"; {SSH_PORT_ATTRIBUTE}=2222\n'
        'Link: </network/3>; rel="http://schemas.ogf.org/occi/infrastructure#network"; self="/networkinterface/3"; '
        f'category="{I}#networkinterface"; occi.networkinterface.address="not an address"\n'
    )
    found = addresses(read(TEXT_PLAIN, [], body.encode()).resource())
    assert found == (Address("193.136.75.5", 2222), Address("10.0.0.5"))
    assert [one.is_public for one in found] == [True, False]


def test_answer_without_a_trace_of_the_new_compute_is_unusable(site: ScriptedSite) -> None:
    site.on("POST /compute/", answer(200, ""))
    with pytest.raises(AnswerUnusable, match="neither the answer nor the listing"):
        maker(site).create(NAME, [IMAGE], {})
