"""The client against sites that answer as the servers in the field do, and worse."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError, RenderingError
from OcciLibrary.occi.logins import BasicLogin, Login, TokenLogin
from OcciLibrary.occi.model import Kind, Mixin, Resource
from OcciLibrary.occi.request_errors import (
    AnswerUnusable,
    LoginRefused,
    NotSent,
    RequestError,
    RequestRefused,
    SiteUnreachable,
)
from OcciLibrary.occi.transport import Answer
from tests.occi.scripted_site import (
    COMPUTE,
    Broken,
    Drip,
    Endless,
    Reply,
    Request,
    ScriptedSite,
    answer,
    kind,
    listing,
    scripted,
    vm,
)

JSON = "application/occi+json"
ACTION = 'scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"'


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        running.on("/-/", kind("/compute/"))
        yield running


@pytest.fixture
def make(site: ScriptedSite) -> Iterator[Callable[..., OcciClient]]:
    made: list[OcciClient] = []

    def client(root: str = "", **settings: object) -> OcciClient:
        made.append(OcciClient(site.url + root, **{"timeout": 2.0, "patience": 0.0, **settings}))  # type: ignore[arg-type]
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.fixture
def client(make: Callable[..., OcciClient]) -> OcciClient:
    return make()


# ---- discovery


@pytest.mark.parametrize(
    ("location", "collection"),
    [
        ("/compute/", "/occi1.1/compute/"),
        ("/occi1.1/compute/", "/occi1.1/compute/"),
        ("http://127.0.0.1:{port}/occi1.1/compute/", "/occi1.1/compute/"),
        ("compute/", "/occi1.1/compute/"),
        ("/categories/compute", "/categories/compute"),
        ("http://127.0.0.1:{port}/occi1.1/categories/compute", "/occi1.1/categories/compute"),
    ],
)
def test_listing_goes_where_discovery_says(
    site: ScriptedSite, make: Callable[..., OcciClient], location: str, collection: str
) -> None:
    site.on("/occi1.1/-/", kind(location.format(port=site.port)))
    site.on(collection, listing(f"{site.url}vm/1"))
    client = make("occi1.1")
    assert client.list_compute() == (f"{site.url}vm/1",)
    assert site.asked()[-1] == f"GET {collection}"


def test_locations_without_the_endpoints_own_path_are_tried_below_it_and_noted(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on("/occi1.1/-/", kind("/compute/"))
    site.on("/occi1.1/compute/", listing("/compute/5"))
    site.on("/occi1.1/compute/5", vm(state="active"))
    client = make("occi1.1/")
    (url,) = client.list_compute()
    assert client.get(url).attributes["occi.compute.state"] == "active"
    assert ("location-without-root", "GFD.185 §3.5.5") in client.deviations
    site.on("/occi1.1/compute/5", answer(404, "deleted"))
    with pytest.raises(RequestRefused, match="404 Not Found: deleted"):
        client.get(url)


@pytest.mark.parametrize(
    "location",
    [
        "http://elsewhere.example.org/compute/",
        "https://127.0.0.1:{port}/compute/",
        "//elsewhere.example.org/compute/",
        "http://evil.example.org\\@127.0.0.1:{port}/compute/",
        "http://127.0.0.1:{port}@evil.example.org/compute/",
        "http://127.0.0.1:1/compute/",
    ],
)
def test_credentials_stay_on_the_endpoints_host(
    site: ScriptedSite, make: Callable[..., OcciClient], location: str
) -> None:
    body = {
        "kinds": [
            {
                "term": "compute",
                "scheme": "http://schemas.ogf.org/occi/infrastructure#",
                "location": location.format(port=site.port),
            }
        ]
    }
    site.on("/-/", answer(200, json.dumps(body), JSON))
    site.on("/compute/", answer(200, "[]", JSON))
    client = make(login=BasicLogin("me", "pw"), media_type=JSON)
    client.list_compute()
    assert client.compute_location().startswith(site.url)
    assert site.asked() == ["GET /-/", "GET /compute/"]
    assert all(request["authorization"].startswith("Basic ") for request in site.requests)
    assert all(request["host"] == f"127.0.0.1:{site.port}" for request in site.requests)
    if "evil.example.org\\" not in location:
        assert ("location-on-other-host", "GFD.185 §3.5.5") in client.deviations


@pytest.mark.parametrize("location", ["http://[::1", "http://h:port/x", "urn:uuid:1", "mailto:you"])
def test_location_that_is_no_url_is_an_occi_error(client: OcciClient, location: str) -> None:
    with pytest.raises(AnswerUnusable, match="names a location that is no URL"):
        client.on_site(location)
    assert client.find("5", (location, "http://h/compute/5")) == "http://h/compute/5"


@pytest.mark.parametrize(
    "reply", [answer(404, "no"), answer(501), answer(200, "<html>", "text/html"), answer(200, "garbage")]
)
def test_discovery_that_is_refused_or_unreadable_leaves_the_usual_place(
    site: ScriptedSite, client: OcciClient, reply: bytes
) -> None:
    site.on("/-/", reply)
    site.on("/compute/", listing("http://h/compute/1"))
    assert client.list_compute() == ("http://h/compute/1",)


def test_discovery_that_wants_credentials_is_no_discovery_problem(
    site: ScriptedSite, client: OcciClient
) -> None:
    site.on("/-/", answer(401))
    with pytest.raises(LoginRefused, match=r"GET http://127.0.0.1:\d+/-/ was answered 401 Unauthorized"):
        client.list_compute()


def test_discovery_is_asked_for_once(site: ScriptedSite, client: OcciClient) -> None:
    site.on("/compute/", answer(200))
    client.list_compute()
    client.list_compute()
    assert site.asked() == ["GET /-/", "GET /compute/", "GET /compute/"]


# ---- listing


@pytest.mark.parametrize(
    "reply",
    [
        listing("http://h/compute/1", "http://h/compute/2"),
        answer(200, "\nX-OCCI-Location: http://h/compute/1\r\nX-OCCI-Location: http://h/compute/2"),
        answer(200, "x-occi-location: http://h/compute/1, http://h/compute/2"),
        answer(200, "OK", "text/occi", "X-OCCI-Location: http://h/compute/1, http://h/compute/2"),
        answer(
            200, "", "text/occi", "X-Occi-Location: http://h/compute/1", "X-Occi-Location: http://h/compute/2"
        ),
        answer(200, "", "text/occi", "Location: http://h/compute/1,http://h/compute/2"),
        answer(200, "", "text/occi", "Location: http://h/compute/1", "Location: http://h/compute/2"),
        answer(200, "# uri:/compute/\nhttp://h/compute/1\r\nhttp://h/compute/2\r\n", "text/uri-list"),
        answer(200, '["http://h/compute/1", "http://h/compute/2"]', JSON),
        answer(
            200,
            json.dumps(
                {"resources": [{"kind": "x#compute", "location": f"http://h/compute/{n}"} for n in (1, 2)]}
            ),
            JSON,
        ),
    ],
)
def test_listing_in_every_shape(site: ScriptedSite, client: OcciClient, reply: bytes) -> None:
    site.on("/compute/", reply)
    assert client.list_compute() == ("http://h/compute/1", "http://h/compute/2")


@pytest.mark.parametrize(
    ("entity_id", "location"),
    [
        ("5", "/things/compute/5"),
        ("urn:uuid:1-2", "/things/compute/urn:uuid:1-2"),
        ("ns1/vm 0", "/things/compute/ns1/vm%200"),
        ("/compute/5", "/compute/5"),
        ("http://h/compute/5", "http://h/compute/5"),
    ],
)
@pytest.mark.parametrize("collection", ["/things/compute/", "/things/compute"])
def test_json_listing_without_locations(
    site: ScriptedSite, client: OcciClient, entity_id: str, location: str, collection: str
) -> None:
    site.on("/-/", kind(collection))
    body = {"resources": [{"kind": "http://schemas.ogf.org/occi/infrastructure#compute", "id": entity_id}]}
    site.on(collection, answer(200, json.dumps(body), JSON))
    (listed,) = client.list_compute()
    assert listed in (location, site.url.rstrip("/") + location)
    assert client.find(entity_id, (listed,)) == listed


@pytest.mark.parametrize(
    "reply", [answer(200), answer(204, "", ""), answer(200, "OK", "text/occi"), answer(200, "[]", JSON)]
)
def test_empty_listing(site: ScriptedSite, client: OcciClient, reply: bytes) -> None:
    site.on("/compute/", reply)
    assert client.list_compute() == ()


def test_listing_cut_in_its_header_is_not_an_empty_listing(site: ScriptedSite, client: OcciClient) -> None:
    site.on("/compute/", Broken(b"HTTP/1.1 200 OK\r\nContent-Type: text/pl", politely=True))
    with pytest.raises(SiteUnreachable, match="broke in the middle"):
        client.list_compute()


# ---- finding

LISTED = (
    "http://h:8787/compute/1",
    "http://h:8787/compute/12",
    "http://h:8787/compute/urn:uuid:ab-1",
    "http://h:8787/occi1.1/compute/ns/vm0",
    "http://h:8787/compute/77/",
    "/compute/i-9",
    "http://h:8787/compute/a%20b",
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("1", 0),
        ("/compute/1", 0),
        ("compute/1", 0),
        ("http://h:8787/compute/1", 0),
        ("http://h:80/compute/1", 0),
        ("https://other:443/compute/1/", 0),
        ("12", 1),
        ("urn:uuid:ab-1", 2),
        ("ns/vm0", 3),
        ("vm0", 3),
        ("/compute/ns/vm0", 3),
        ("77", 4),
        ("http://h/compute/77", 4),
        ("i-9", 5),
        ("a b", 6),
        ("a%20b", 6),
    ],
)
def test_find(client: OcciClient, name: str, found: int) -> None:
    assert client.find(name, LISTED) == LISTED[found]


@pytest.mark.parametrize(
    "name",
    [
        "2",
        "compute",
        "/",
        "",
        "m0",
        "uuid:ab-1",
        "ab-1",
        "/1",
        "http://h",
        "http://h/1",
        "http://[bad",
        "1/1",
    ],
)
def test_find_nothing(client: OcciClient, name: str) -> None:
    assert client.find(name, tuple(url for url in LISTED if name != "/1" or not url.endswith("/1"))) == ""


def test_find_prefers_the_whole_path_and_never_guesses(client: OcciClient) -> None:
    two = ("http://h/a/compute/5", "http://h/compute/5")
    assert client.find("/compute/5", two) == two[1]
    with pytest.raises(RequestError, match=r"'5' names several resources .*name one by its whole URL"):
        client.find("5", two)
    assert client.find("5", (two[0], two[0])) == two[0]


# ---- media types


def by_accept(**replies: bytes) -> Callable[[Request], Reply]:
    names = {"text/plain": "plain", "text/occi": "occi", JSON: "json"}
    return lambda request: replies[names[request["accept"]]]


def test_media_type_not_acceptable_leads_to_the_next_one_which_stays(
    site: ScriptedSite, client: OcciClient
) -> None:
    site.on("/-/", by_accept(plain=answer(406), json=answer(200, '{"kinds": []}', JSON)))
    site.on("/compute/", answer(200, "[]", JSON))
    client.list_compute()
    client.list_compute()
    assert [request["accept"] for request in site.requests] == ["text/plain", JSON, JSON, JSON]


def test_each_request_names_one_media_type(site: ScriptedSite, client: OcciClient) -> None:
    site.on("/vm", vm(cores=1))
    client.get(site.url + "vm")
    assert site.requests[-1]["accept"] == "text/plain"


@pytest.mark.parametrize(
    "other", [answer(400, "what?"), answer(501), answer(406), answer(200, "<p>", "text/html")]
)
def test_page_instead_of_occi_is_a_clear_error(site: ScriptedSite, client: OcciClient, other: bytes) -> None:
    page = answer(200, "<html><body>Please log in</body></html>", "text/html; charset=utf-8")
    site.on("/vm", by_accept(plain=page, json=other, occi=other))
    with pytest.raises(AnswerUnusable, match=r"GET http://127.0.0.1:\d+/vm is not OCCI: .*'text/html"):
        client.get(site.url + "vm")


def test_entity_that_one_rendering_spoils_is_read_in_another(site: ScriptedSite, client: OcciClient) -> None:
    """Servers that do not escape quotes spoil the text renderings of some VMs only (reference §3.4)."""
    client.discover()
    good = {
        "kind": "http://schemas.ogf.org/occi/infrastructure#compute",
        "attributes": {"occi.compute.cores": 3},
    }
    site.on("/vm", by_accept(plain=answer(200, "nonsense"), json=answer(200, json.dumps(good), JSON)))
    assert client.get(site.url + "vm").attributes["occi.compute.cores"] == 3


def test_chosen_media_type_is_the_only_one(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("/vm", answer(406, "only plain here"))
    with pytest.raises(RequestRefused, match="406 Whatever: only plain here"):
        make(media_type="text/occi").get(site.url + "vm")
    assert [request["accept"] for request in site.requests] == ["text/occi"]


def test_entity_keeps_the_url_it_was_asked_at(site: ScriptedSite, client: OcciClient) -> None:
    """A location in the answer may be the collection's, or on another host: changes go where the reading worked."""
    body = {"kind": "http://schemas.ogf.org/occi/infrastructure#compute", "id": "5", "location": "/compute/"}
    site.on("/compute/5", answer(200, json.dumps(body), JSON))
    assert client.get(site.url + "compute/5").location == site.url + "compute/5"


def test_empty_answer_is_no_entity(site: ScriptedSite, client: OcciClient) -> None:
    site.on("/vm", answer(200))
    with pytest.raises(RenderingError, match="no entity"):
        client.get(site.url + "vm")


# ---- updating


def machine(site: ScriptedSite, **more: str | float) -> Resource:
    attributes: dict[str, str | float] = {
        "occi.core.id": "5",
        "occi.core.title": "mine",
        "occi.compute.state": "inactive",
        "occi.compute.cores": 2,
        "occi.compute.memory": 1.5,
        "org.example.serial": "x1",
        **more,
    }
    mixins = (Mixin("small", "http://example.org/tpl#", "Small", location="/mixin/small/"),)
    compute = Kind("compute", "http://schemas.ogf.org/occi/infrastructure#", "A VM", location="/compute/")
    return Resource(compute, mixins, attributes, location=site.url + "compute/5")


def test_partial_update_carries_the_change_alone(site: ScriptedSite, client: OcciClient) -> None:
    site.on("POST /compute/5", answer(200, "OK"))
    done = client.update(machine(site), {"occi.compute.cores": 4})
    sent = site.requests[-1]
    assert (done.method, done.status) == ("POST", 200)
    assert sent.target == "/compute/5"
    assert sent["content-type"] == "text/occi"
    assert sent["x-occi-attribute"] == "occi.compute.cores=4"
    assert sent["category"] == ""
    assert sent.body == b""
    assert sent["content-length"] == "0"


@pytest.mark.parametrize(
    "refusal",
    [
        answer(405),
        answer(501, "<html>no</html>", "text/html"),
        answer(400, "Missing action query parameter"),
        answer(400, "Invalid action None provided."),
    ],
)
def test_full_update_where_there_is_no_partial_one(
    site: ScriptedSite, client: OcciClient, refusal: bytes
) -> None:
    site.on("/-/", kind("/compute/", "org.example.serial{immutable} occi.compute.cores"))
    site.on("POST /compute/5", refusal)
    site.on("PUT /compute/5", answer(201, "OK"))
    assert client.update(machine(site), {"occi.compute.cores": 4}).method == "PUT"
    sent = site.requests[-1]
    assert sent["category"] == f'{COMPUTE}, small; scheme="http://example.org/tpl#"; class="mixin"'
    assert sorted(sent["x-occi-attribute"].split(", ")) == [
        "occi.compute.cores=4",
        "occi.compute.memory=1.5",
        'occi.core.title="mine"',
    ]


@pytest.mark.parametrize(
    "refusal",
    [
        answer(409, "busy"),
        answer(403),
        answer(400, "bad value"),
        answer(400, "the transaction failed"),
        answer(500),
    ],
)
def test_other_refusals_of_a_partial_update_are_final(
    site: ScriptedSite, client: OcciClient, refusal: bytes
) -> None:
    site.on("POST /compute/5", refusal)
    site.on("PUT /compute/5", answer(200))
    with pytest.raises(RequestRefused):
        client.update(machine(site), {"occi.compute.cores": 4})
    assert site.asked("PUT") == []


@pytest.mark.parametrize("title", ["a, b", 'say "hi"', "semi;colon", "back\\slash", "Über", "x" * 5000])
def test_what_is_unsafe_in_a_header_goes_as_a_body(
    site: ScriptedSite, client: OcciClient, title: str
) -> None:
    site.on("POST /compute/5", answer(200, "OK"))
    client.update(machine(site), {"occi.core.title": title})
    sent = site.requests[-1]
    assert sent["content-type"] == "text/plain"
    assert sent["x-occi-attribute"] == ""
    escaped = title.replace("\\", "\\\\").replace('"', '\\"')
    assert sent.body.decode() == f'X-OCCI-Attribute: occi.core.title="{escaped}"\n'


@pytest.mark.parametrize("title", ["two\nlines", "a\r\nX-Evil: 1", "nul\x00"])
def test_value_that_no_line_can_hold_is_an_occi_error(
    site: ScriptedSite, client: OcciClient, title: str
) -> None:
    client.discover()
    with pytest.raises(OcciError):
        client.update(machine(site), {"occi.core.title": title})
    assert site.asked("POST") == []


@pytest.mark.parametrize("name", ["compute/", "compute", "", "mixin/", "http://other.example.org/compute/"])
def test_collection_is_never_changed(site: ScriptedSite, client: OcciClient, name: str) -> None:
    text = f'Category: {COMPUTE}; location="/compute/"\nCategory: m; scheme="http://e#"; class="mixin"; location="/mixin/"\n'
    site.on("/-/", answer(200, text))
    url = name if "://" in name else site.url + name
    with pytest.raises(RequestError, match="is a collection, not one VM: nothing was sent"):
        client.act(url, "stop")
    with pytest.raises(RequestError, match="is a collection"):
        client.update(Resource(None, location=url), {"occi.compute.cores": 1})
    assert site.asked("POST") + site.asked("PUT") == []


# ---- acting


@pytest.mark.parametrize("status", [200, 202, 204])
def test_action_names_itself_in_query_and_category(
    site: ScriptedSite, client: OcciClient, status: int
) -> None:
    site.on("POST /compute/5", answer(status))
    done = client.act("/compute/5", "stop", method="graceful")
    sent = site.requests[-1]
    assert done.status == status
    assert sent.target == "/compute/5?action=stop"
    assert sent["category"] == f"stop; {ACTION}"
    assert sent["x-occi-attribute"] == 'method="graceful"'
    assert sent["content-type"] == "text/occi"
    assert sent["accept"] == "text/plain"
    assert sent.body == b""


def test_action_as_text_plain(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("POST /compute/5", answer(204))
    make(media_type="text/plain").act(site.url + "compute/5", "start")
    assert site.requests[-1]["content-type"] == "text/plain"
    assert site.requests[-1].body == f"Category: start; {ACTION}\n".encode()


def test_action_as_json(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("POST /compute/5", answer(204))
    make(media_type=JSON).act(site.url + "compute/5", "stop", method="graceful")
    assert site.requests[-1]["content-type"] == JSON
    assert json.loads(site.requests[-1].body) == {
        "action": "http://schemas.ogf.org/occi/infrastructure/compute/action#stop",
        "attributes": {"method": "graceful"},
    }


def test_action_joins_the_query_of_an_entity(site: ScriptedSite, client: OcciClient) -> None:
    site.on("POST /vm", answer(200))
    client.act("/vm?id=5", "start")
    assert site.requests[-1].target == "/vm?id=5&action=start"


def test_304_means_that_nothing_was_done(site: ScriptedSite, client: OcciClient) -> None:
    site.on("POST /compute/5", answer(304))
    with pytest.raises(RequestRefused, match="by this status nothing was done"):
        client.act("/compute/5", "start")


def test_redirect_of_an_action_is_refused_and_followed_by_nobody(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    with scripted() as elsewhere:
        site.on("POST /compute/5", answer(307, "", "", f"Location: {elsewhere.url}x\x1b[2J"))
        with pytest.raises(RequestRefused, match="which is not followed") as caught:
            make(login=TokenLogin("s3cret")).act("/compute/5", "start")
        assert str(caught.value).isprintable()
        assert elsewhere.requests == []
    assert len(site.asked("POST")) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 500, 501])
def test_refused_action_has_the_sites_words_once(site: ScriptedSite, client: OcciClient, status: int) -> None:
    site.on("POST /compute/5", answer(status, "\x1b[1mThe VM is busy.\n\n"))
    with pytest.raises(RequestRefused) as caught:
        client.act("/compute/5", "start")
    assert caught.value.status == status
    assert caught.value.said == "[1mThe VM is busy."
    assert str(caught.value).endswith(": [1mThe VM is busy.")
    assert len(site.asked("POST")) == 1


# ---- again and again


@pytest.mark.parametrize("reply", [Broken(), Broken(politely=True), Broken(b"HTTP/1.1 200 OK\r\nX")])
def test_reading_is_repeated_within_patience(
    site: ScriptedSite, make: Callable[..., OcciClient], reply: Broken
) -> None:
    site.on("/vm", reply, reply, vm(cores=1))
    assert make(patience=2.0).get("/vm").attributes["occi.compute.cores"] == 1
    assert len(site.asked()) == 3


def test_patience_ends(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("/vm", Broken())
    began = time.monotonic()
    with pytest.raises(SiteUnreachable):
        make(patience=0.4).get("/vm")
    assert 0.3 < time.monotonic() - began < 1.0
    with pytest.raises(SiteUnreachable):
        make(patience=0.0).get("/vm")


def test_time_out_is_not_repeated(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("/vm", Drip(b"H", every=5.0))
    began = time.monotonic()
    with pytest.raises(SiteUnreachable, match="no answer in time"):
        make(patience=2.0, timeout=0.2).get("/vm")
    assert time.monotonic() - began < 1.0
    assert len(site.asked()) == 1


@pytest.mark.parametrize(
    "reply", [Broken(), Broken(politely=True), Broken(b"HTTP/1.1 200 OK\r\n"), Drip(b"H", every=5.0)]
)
def test_action_is_never_sent_twice_when_its_answer_is_lost(
    site: ScriptedSite, make: Callable[..., OcciClient], reply: Reply
) -> None:
    site.on("POST /compute/5", reply, answer(200))
    client = make(patience=1.0)
    with pytest.raises(SiteUnreachable) as caught:
        client.act("/compute/5", "start", 0.3)
    assert not isinstance(caught.value, NotSent)
    assert len(site.asked("POST")) == 1


@pytest.mark.parametrize("reply", [Broken(), Broken(politely=True)])
def test_update_is_not_sent_twice_either(
    site: ScriptedSite, make: Callable[..., OcciClient], reply: Reply
) -> None:
    site.on("POST /compute/5", reply, answer(200))
    with pytest.raises(SiteUnreachable):
        make(patience=1.0).update(machine(site), {"occi.compute.cores": 1})
    assert len(site.asked("POST")) == 1


def test_action_is_sent_again_when_the_connection_was_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    client = OcciClient(f"http://127.0.0.1:{port}/", patience=0.3)
    began = time.monotonic()
    with pytest.raises(NotSent, match="the connection was refused"):
        client.act("/compute/5", "start")
    assert time.monotonic() - began > 0.2
    client.close()


def test_busy_site_is_waited_for(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("/vm", answer(503, "", "", "Retry-After: 0"), answer(429), answer(503), vm(cores=1))
    assert make(patience=3.0).get("/vm").attributes["occi.compute.cores"] == 1
    site.on("POST /compute/5", answer(503, "", "", "Retry-After: 0"), answer(429), answer(200))
    assert make(patience=3.0).act("/compute/5", "start").status == 200


def test_retry_after_is_respected_and_patience_is_too(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on("/vm", answer(503, "", "", "Retry-After: 1"), vm(cores=1))
    began = time.monotonic()
    make(patience=0.2).get("/vm")
    assert time.monotonic() - began >= 1.0
    site.on("/vm", answer(503, "later", "text/plain", "Retry-After: 7"))
    with pytest.raises(RequestRefused) as caught:
        make(patience=0.0).get("/vm")
    assert caught.value.retry_after == 7.0


def test_action_answered_503_without_retry_after_is_not_repeated(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    site.on("POST /compute/5", answer(503, "gateway time-out"), answer(200))
    with pytest.raises(RequestRefused, match="503"):
        make(patience=1.0).act("/compute/5", "start")
    assert len(site.asked("POST")) == 1


class Renewing(Login):
    """Numbers its tokens."""

    def __init__(self) -> None:
        self.number = 1

    def __call__(self, request: object) -> object:  # type: ignore[override]
        request.headers["X-Auth-Token"] = str(self.number)  # type: ignore[attr-defined]
        return request

    def renew(self, www_authenticate: str) -> bool:
        self.number += 1
        return True


def test_401_is_renewed_once_and_not_twice(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("POST /compute/5", lambda request: answer(200 if request["x-auth-token"] == "2" else 401))
    client = make(login=Renewing())
    client.discover()
    assert client.act("/compute/5", "start").status == 200
    site.on("/vm", answer(401))
    with pytest.raises(LoginRefused):
        client.get("/vm")
    assert site.asked().count("GET /vm") == 2


def test_login_that_cannot_renew_is_asked_once(site: ScriptedSite, make: Callable[..., OcciClient]) -> None:
    site.on("/vm", answer(401, "", "", 'WWW-Authenticate: Basic realm="x"'))
    with pytest.raises(LoginRefused) as caught:
        make(login=BasicLogin("me", "pa55word")).get("/vm")
    assert site.asked() == ["GET /vm"]
    assert "pa55word" not in repr(caught.value)


# ---- bounds and clones


@pytest.mark.parametrize(
    "reply",
    [
        Endless(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"X-OCCI-Location: http://h/1\n" * 1000
        ),
        Drip(b"X-OCCI" * 100, b"HTTP/1.1 200 OK\r\n\r\n"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: \xff\xfe\r\n\r\nabc",
        answer(200, b"\xff\xfe\x00" * 100),
        answer(200, "[" * 100_000, JSON),
        answer(200, "X-OCCI-Location: http://[\n"),
        answer(200, 'X-OCCI-Attribute: occi.compute.cores="1e999"\n'),
    ],
)
def test_hostile_listing_is_an_occi_error_in_time(
    site: ScriptedSite, make: Callable[..., OcciClient], reply: Reply
) -> None:
    site.on("/compute/", reply)
    client = make(timeout=0.4, maximum_body=500_000)
    began = time.monotonic()
    with contextlib.suppress(OcciError):
        listed = client.list_compute()
        client.find("5", listed)
        for url in listed:
            client.on_site(url)
    assert time.monotonic() - began < 2.0


def test_clone_has_its_own_connection_and_shares_the_rest(
    site: ScriptedSite, make: Callable[..., OcciClient]
) -> None:
    seen: list[Answer] = []
    site.on("/-/", by_accept(plain=answer(406), json=answer(200, '{"kinds": []}', JSON)))
    site.on("/vm", answer(200, '{"kind": "http://schemas.ogf.org/occi/infrastructure#compute"}', JSON))
    login = Renewing()
    client = make(login=login, on_answer=seen.append)
    client.discover()
    twin = client.clone(timeout=1.0)
    logged = len(seen)
    login.number = 7
    twin.get("/vm")
    client.get("/vm")
    first, second = site.requests[-2:]
    assert first.connection != second.connection
    assert (first["accept"], first["x-auth-token"]) == (JSON, "7")
    assert len(seen) == logged + 1
    assert (twin.timeout, twin.patience) == (1.0, 0.0)
    twin.close()
    assert client.get("/vm").location == "/vm"
