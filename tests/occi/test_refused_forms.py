"""Sites that take a change in one form only, or in one way only: what `auto` tries next, and what it must never repeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.model import AttributeValue, Kind, Mixin, Resource
from OcciLibrary.occi.request_errors import AnswerUnusable, MediaTypeNotOffered, RequestRefused
from tests.occi.scripted_site import Reply, Request, ScriptedSite, answer, kind, scripted, vm

JSON = "application/occi+json"
COMPUTE_ID = "http://schemas.ogf.org/occi/infrastructure#compute"


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        running.on("/-/", kind("/compute/"))
        yield running


@pytest.fixture
def make(site: ScriptedSite) -> Iterator[Callable[..., OcciClient]]:
    made: list[OcciClient] = []

    def client(media_type: str = "auto") -> OcciClient:
        made.append(OcciClient(site.url, media_type=media_type, timeout=2.0, patience=0.0))
        return made[-1]

    yield client
    for one in made:
        one.close()


def machine(site: ScriptedSite, **more: AttributeValue) -> Resource:
    attributes: dict[str, AttributeValue] = {
        "occi.core.id": "5",
        "occi.core.title": "mine",
        "occi.compute.architecture": "x86",
        "occi.compute.state": "inactive",
        "occi.compute.cores": 2,
        **more,
    }
    compute = Kind("compute", "http://schemas.ogf.org/occi/infrastructure#")
    return Resource(
        compute, (Mixin("small", "http://example.org/tpl#"),), attributes, location=f"{site.url}compute/5"
    )


def only(media_type: str, refusal: bytes) -> Callable[[Request], Reply]:
    return lambda request: answer(200) if request["content-type"] == media_type else refusal


def sent(site: ScriptedSite, method: str = "POST") -> list[str]:
    return [request["content-type"] for request in site.requests if request.method == method]


# ---- the form

REFUSALS_OF_A_FORM = [
    answer(415),
    answer(406, "Invalid Content-type text/occi."),
    answer(400, "Could not parse the request"),
    answer(400, '"text/occi": Content-Type not supported'),
    answer(400, "unable to understand the mime type"),
]


@pytest.mark.parametrize("refusal", REFUSALS_OF_A_FORM)
def test_update_goes_in_the_form_that_the_site_takes_and_stays_with_it(
    site: ScriptedSite, make: Callable[..., OcciClient], refusal: bytes
) -> None:
    site.on("POST /compute/5", only("text/plain", refusal))
    client = make()
    assert client.update(machine(site), {"occi.compute.cores": 3}).form == "text/plain"
    client.update(machine(site), {"occi.compute.cores": 4})
    client.act(f"{site.url}compute/5", "start")
    assert sent(site) == ["text/occi", "text/plain", "text/plain", "text/plain"]


def test_update_in_json_where_no_text_is_taken(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("POST /compute/5", only(JSON, answer(415)))
    make().update(machine(site), {"occi.compute.cores": 3})
    assert sent(site) == ["text/occi", "text/plain", JSON]


@pytest.mark.parametrize("refusal", REFUSALS_OF_A_FORM)
@pytest.mark.parametrize("term", ["start", "stop", "restart", "suspend"])
def test_action_is_sent_once_whatever_the_site_says_to_its_form(
    site: ScriptedSite, make: Callable[..., OcciClient], term: str, refusal: bytes
) -> None:
    """rOCCI-server 1 acts and then answers 406, erocci acts and answers 415: sent again, a restart would be two."""
    site.on("POST /compute/5", refusal)
    with pytest.raises(RequestRefused):
        make().act(f"{site.url}compute/5", term)
    assert len(sent(site)) == 1


@pytest.mark.parametrize(
    "refusal", [answer(400, "bad value"), answer(403), answer(409), answer(500), answer(404), answer(503)]
)
def test_refusal_of_the_change_is_final(
    site: ScriptedSite, make: Callable[..., OcciClient], refusal: bytes
) -> None:
    site.on("POST /compute/5", refusal)
    with pytest.raises(RequestRefused):
        make().update(machine(site), {"occi.compute.cores": 3})
    assert sent(site) == ["text/occi"]


def test_refusal_of_the_change_is_told_not_that_of_a_form(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on("POST /compute/5", answer(415), answer(409, "The VM is busy."))
    with pytest.raises(RequestRefused, match="409 Whatever: The VM is busy"):
        make().update(machine(site), {"occi.compute.cores": 3})


def test_no_form_at_all_is_told_once(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("POST /compute/5", answer(415, "what is text/occi?"), answer(406))
    with pytest.raises(RequestRefused, match=r"what is text/occi\?"):
        make().update(machine(site), {"occi.compute.cores": 3})
    assert sent(site) == ["text/occi", "text/plain", JSON]


@pytest.mark.parametrize("chosen", ["text/plain", "text/occi", JSON])
def test_chosen_form_is_the_only_one(
    site: ScriptedSite, make: Callable[..., OcciClient], chosen: str
) -> None:
    site.on("POST /compute/5", answer(415))
    with pytest.raises(RequestRefused):
        make(chosen).update(machine(site), {"occi.compute.cores": 3})
    assert sent(site) == [chosen]


def test_site_that_speaks_json_only_is_written_to_in_json(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    good = {"kind": COMPUTE_ID, "attributes": {"occi.compute.cores": 2}}
    for path, body in (("/-/", {"kinds": []}), ("/compute/5", good)):
        reply = answer(200, json.dumps(body), JSON)
        site.on(
            f"GET {path}", lambda request, reply=reply: reply if request["accept"] == JSON else answer(406)
        )
    site.on("POST /compute/5", only(JSON, answer(415)))
    client = make()
    client.get(f"{site.url}compute/5")
    client.act(f"{site.url}compute/5", "restart", None, (), method="warm")
    assert sent(site) == [JSON]
    assert site.requests[-1]["accept"] == JSON


def test_value_with_a_comma_goes_to_rocci_2_as_json_and_elsewhere_as_a_line(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on("POST /compute/5", answer(200))
    make().update(machine(site), {"occi.core.title": "a, b"})
    site.on(
        "/-/",
        kind("/compute/").replace(b"Content-Type", b"Server: rOCCI-server OCCI/1.1 OCCI/1.2\r\nContent-Type"),
    )
    make().update(machine(site), {"occi.core.title": "a, b"})
    assert sent(site) == ["text/plain", JSON]


def test_list_as_value_goes_as_json(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("POST /compute/5", answer(501))
    site.on("PUT /compute/5", answer(200))
    make().update(machine(site, **{"org.example.rules": ["a", "b"]}), {"occi.compute.cores": 3})
    assert sent(site, "PUT") == [JSON]


# ---- reading


def test_server_that_is_read_best_in_json_is_asked_for_json(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on(
        "/-/",
        kind("/compute/").replace(
            b"Content-Type", b"Server: OCCIWare MART Server v1.0 OCCI/1.2\r\nContent-Type"
        ),
    )
    site.on("/compute/", answer(200, '["http://h/compute/1"]', JSON))
    client = make()
    assert client.list_compute() == ("http://h/compute/1",)
    assert [request["accept"] for request in site.requests] == ["text/plain", JSON]
    site.on("/compute/5", lambda request: answer(406) if request["accept"] == JSON else vm(cores=1))
    for _ in range(2):
        assert client.get(f"{site.url}compute/5").attributes["occi.compute.cores"] == 1
    accepts = [request["accept"] for request in site.requests][2:]
    assert accepts == [JSON, "text/plain", "text/plain"]


def test_error_page_of_a_web_server_does_not_rename_the_site(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on("/-/", kind("/compute/").replace(b"Content-Type", b"Server: ooi/1.2.0 OCCI/1.1\r\nContent-Type"))
    site.on("/vm", answer(502, "", "", "Server: nginx/1.18"))
    client = make()
    client.discover()
    with pytest.raises(RequestRefused):
        client.get(f"{site.url}vm")
    assert client.server == "ooi/1.2.0 OCCI/1.1"
    assert client.known_server is not None
    assert client.known_server.name.startswith("ooi")


@pytest.mark.parametrize(
    "reply",
    [answer(406), answer(400, "No renderer found for requested content types"), answer(200, '{"a": [')],
)
def test_refused_reading_in_a_chosen_media_type_says_who_chose_it(
    site: ScriptedSite, make: Callable[..., OcciClient], reply: bytes
) -> None:
    site.on("/vm", reply)
    with pytest.raises(
        (RequestRefused, AnswerUnusable), match=r"\$\{OCCI_MEDIA_TYPE\} asks for application/occi\+json"
    ) as caught:
        make(JSON).get(f"{site.url}vm")
    assert "auto" in str(caught.value)
    # No site need speak JSON (GFD.185 §3.6.6), so that is no fault of its; what it sends as JSON is.
    assert isinstance(caught.value, MediaTypeNotOffered) is isinstance(caught.value, RequestRefused)


def test_text_rendering_that_is_refused_is_the_sites_fault(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on("/vm", answer(406))
    for chosen in ("text/plain", "text/occi", "auto"):
        with pytest.raises(RequestRefused) as caught:
            make(chosen).get(f"{site.url}vm")
        assert type(caught.value) is RequestRefused


def test_other_refusals_in_a_chosen_media_type_do_not(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on("/vm", answer(404, "no such VM"))
    with pytest.raises(RequestRefused) as caught:
        make(JSON).get(f"{site.url}vm")
    assert "OCCI_MEDIA_TYPE" not in str(caught.value)


# ---- the way: partial or full


def test_both_refusals_are_told(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("POST /compute/5", answer(501, "Update is not applicable"))
    site.on("PUT /compute/5", answer(501, "Replace is not applicable"))
    with pytest.raises(
        RequestRefused, match=r"Update is not applicable; and a full update: PUT .*Replace is not"
    ) as caught:
        make().update(machine(site), {"occi.compute.cores": 3})
    assert caught.value.status == 501


@pytest.mark.parametrize("media_type", ["auto", "text/plain"])
def test_ooi_gets_no_put_for_that_would_exchange_the_size_template(
    site: ScriptedSite, make: Callable[..., OcciClient], media_type: str
) -> None:
    site.on(
        "/-/",
        kind("/compute/").replace(b"Content-Type", b"server: ooi/1.2.0 OCCI/1.1 OCCI/1.2\r\nContent-Type"),
    )
    site.on("POST /compute/5", answer(400, "Invalid action None provided."))
    site.on("PUT /compute/5", answer(200))
    with pytest.raises(
        RequestRefused, match=r"None provided; no full update was sent, for there a PUT does not"
    ):
        make(media_type).update(machine(site), {"occi.compute.cores": 3})
    assert sent(site, "PUT") == []


@pytest.mark.parametrize("status", [400, 403, 404, 422, 500])
def test_full_update_does_without_what_the_site_holds_for_its_own(
    site: ScriptedSite, make: Callable[..., OcciClient], status: int
) -> None:
    """occi-py 0.6 refuses its own architecture and calls nothing immutable; other servers refuse what they do not know."""

    def put(request: Request) -> bytes:
        return answer(status, "no") if "architecture" in request["x-occi-attribute"] else answer(200)

    site.on("/-/", kind("/compute/", "org.example.mine"))
    site.on("POST /compute/5", answer(400, "Missing action query parameter"))
    site.on("PUT /compute/5", put)
    resource = machine(site, **{"org.example.serial": "x1", "org.example.mine": "y"})
    done = make().update(resource, {"occi.compute.cores": 3})
    assert (done.method, done.left_out) == ("PUT", ("occi.compute.architecture", "org.example.serial"))
    first, second = [request["x-occi-attribute"] for request in site.requests if request.method == "PUT"]
    assert 'occi.compute.architecture="x86"' in first
    assert sorted(second.split(", ")) == [
        "occi.compute.cores=3",
        'occi.core.title="mine"',
        'org.example.mine="y"',
    ]
    assert "small;" in site.requests[-1]["category"]


@pytest.mark.parametrize("status", [405, 409, 501])
def test_full_update_that_is_refused_as_such_is_not_tried_again(
    site: ScriptedSite, make: Callable[..., OcciClient], status: int
) -> None:
    site.on("POST /compute/5", answer(501))
    site.on("PUT /compute/5", answer(status))
    with pytest.raises(RequestRefused):
        make().update(machine(site), {"occi.compute.cores": 3})
    assert len(sent(site, "PUT")) == 1


def test_asked_for_attribute_is_never_left_out(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("POST /compute/5", answer(501))
    site.on("PUT /compute/5", answer(400, "no"))
    with pytest.raises(RequestRefused):
        make().update(machine(site), {"occi.compute.architecture": "x64"})
    puts = [request["x-occi-attribute"] for request in site.requests if request.method == "PUT"]
    assert all('occi.compute.architecture="x64"' in put for put in puts)


@pytest.mark.parametrize(
    ("kind_says", "other_says", "kept"),
    [
        ("occi.compute.cores occi.compute.memory", "occi.compute.memory{immutable} org.example.serial", True),
        ("occi.compute.cores occi.compute.memory{immutable}", "org.example.serial", False),
    ],
)
def test_full_update_holds_what_the_kind_lets_clients_set_whatever_templates_fix(
    site: ScriptedSite, make: Callable[..., OcciClient], kind_says: str, other_says: str, kept: bool
) -> None:
    """rOCCI-server 1 replaces the VM by what is sent, and its templates call cores, speed and memory immutable."""
    template = (
        f'Category: small; scheme="http://example.org/tpl#"; class="mixin"; attributes="{other_says}"\n'
    )
    discovery = kind("/compute/", kind_says).partition(b"\r\n\r\n")[2].decode() + template
    site.on("/-/", answer(200, discovery))
    site.on("POST /compute/5", answer(501))
    site.on("PUT /compute/5", answer(200))
    resource = machine(site, **{"occi.compute.memory": 4.0, "org.example.serial": "x"})
    make().update(resource, {"occi.compute.cores": 3})
    put = site.requests[-1]["x-occi-attribute"]
    assert ("occi.compute.memory=4.0" in put) is kept
    assert 'org.example.serial="x"' in put


def test_attribute_that_a_mixin_of_the_vm_keeps_to_itself_is_not_sent(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    mixin = 'Category: small; scheme="http://example.org/tpl#"; class="mixin"; attributes="org.example.node{immutable}"\n'
    other = 'Category: big; scheme="http://example.org/tpl#"; class="mixin"; attributes="org.example.note{immutable}"\n'
    site.on("/-/", answer(200, mixin + other))
    site.on("POST /compute/5", answer(501))
    site.on("PUT /compute/5", answer(200))
    resource = machine(site, **{"org.example.node": "n1", "org.example.note": "n2"})
    make().update(resource, {"occi.compute.cores": 3})
    assert "org.example.node" not in site.requests[-1]["x-occi-attribute"]
    assert 'org.example.note="n2"' in site.requests[-1]["x-occi-attribute"]
