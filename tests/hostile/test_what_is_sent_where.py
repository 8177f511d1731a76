"""Where what proves a user goes: to the site alone, whatever it answers; and nothing goes out with a line of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from requests.auth import AuthBase

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.logins.http_logins import BasicLogin, DigestLogin, TokenLogin
from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.request_errors import RequestRefused
from tests.occi.scripted_site import ScriptedSite, answer, listing, scripted, vm

LOGINS = {
    "basic": lambda: BasicLogin("tester", "s3cret-password"),
    "digest": lambda: DigestLogin("tester", "s3cret-password"),
    "bearer": lambda: TokenLogin("s3cret-token"),
    "keystone token": lambda: TokenLogin("s3cret-token", "X-Auth-Token"),
}
REDIRECTS = (300, 301, 302, 303, 307, 308)
CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        running.on("/-/", answer(404))
        running.on("/compute/", listing(f"{running.url}compute/5"))
        yield running


@contextlib.contextmanager
def client_of(site: ScriptedSite, login: AuthBase | None = None) -> Iterator[OcciClient]:
    client = OcciClient(site.url, login, timeout=2, patience=0.2)
    try:
        yield client
    finally:
        client.close()


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("login", LOGINS)
def test_redirect_to_another_port_brings_nothing_there(site: ScriptedSite, login: str, status: int) -> None:
    with scripted() as elsewhere, client_of(site, LOGINS[login]()) as client:
        away = answer(status, "", "", f"Location: {elsewhere.url}compute/5")
        first = answer(401, "", "", CHALLENGE)
        for route in ("GET /compute/5", "POST /compute/5", "PUT /compute/5"):
            site.on(route, *((first, away) if login == "digest" else (away,)))
        words = rf"{status} .*points to {elsewhere.url}compute/5, which is not followed, for it is another host, and "
        with pytest.raises(RequestRefused, match=words):
            client.get("/compute/5")
        with pytest.raises(RequestRefused, match=words):
            client.act("/compute/5", "stop")
        with pytest.raises(RequestRefused, match=words):
            client.update(Resource(None, location=f"{site.url}compute/5"), {"occi.compute.cores": 2})
        assert elsewhere.requests == []
        assert elsewhere.connections == 0


def test_loop_of_redirects_is_asked_once_and_told(site: ScriptedSite) -> None:
    site.on("GET /compute/5", answer(302, "", "", "Location: /compute/5"))
    with (
        client_of(site) as client,
        pytest.raises(RequestRefused, match=r"if the site's address has changed, \$\{OCCI_END"),
    ):
        client.get("/compute/5")
    assert site.asked().count("GET /compute/5") == 1


@pytest.mark.parametrize(
    "location", ["http://[bad/", "\x00", "//x:y:z/", "javascript:alert(1)", "\x1b[2J", "http://a@b@c/"]
)
def test_location_that_is_none_is_told(site: ScriptedSite, location: str) -> None:
    site.on("GET /compute/5", answer(302, "", "", f"Location: {location}"))
    with client_of(site) as client, pytest.raises(RequestRefused) as caught:
        client.get("/compute/5")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "named",
    ["http://{}/compute/5", "//{}/compute/5", "http:\\\\{}/compute/5", "http://{}@127.0.0.1/compute/5"],
)
def test_listing_and_discovery_that_point_elsewhere_bring_nothing_there(
    site: ScriptedSite, named: str
) -> None:
    with scripted() as elsewhere, client_of(site, TokenLogin("s3cret", "X-Auth-Token")) as client:
        address = f"127.0.0.1:{elsewhere.port}"
        site.on("/compute/", listing(named.format(address)))
        site.on("/compute/5", vm(state="active"))
        with contextlib.suppress(OcciError):
            for url in client.list_compute():
                client.get(url)
                client.act(url, "stop")
        assert elsewhere.connections == 0


LINES = ("a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\x00b", "a\r\n\r\nGET /evil HTTP/1.1")


def _clean(site: ScriptedSite) -> bool:
    """Tells whether nothing that was sent has a line, a header or a request of its own in it."""
    return not any(
        "x-evil" in request.headers or "evil" in request.target.lower() or b"\nX-Evil" in request.body
        for request in site.requests
    )


@pytest.mark.parametrize("text", LINES)
def test_attribute_with_a_line_of_its_own_is_never_sent(site: ScriptedSite, text: str) -> None:
    site.on("/compute/5", vm(state="inactive"))
    for media_type in ("auto", "text/plain", "text/occi"):
        client = OcciClient(site.url, timeout=2, patience=0.2, media_type=media_type)
        resource = client.get("/compute/5")
        for changes in ({"occi.core.title": text}, {text: "x"}, {"occi.compute.cores": text}):
            with pytest.raises(OcciError) as caught:
                client.update(resource, changes)
            assert str(caught.value).isprintable()
        with pytest.raises(OcciError):
            client.act("/compute/5", "stop", method=text)
        client.close()
    assert site.asked("POST") + site.asked("PUT") == []


@pytest.mark.parametrize("text", LINES)
@pytest.mark.parametrize("header", ["Authorization", "X-Auth-Token"])
def test_token_with_a_line_of_its_own_is_never_sent(site: ScriptedSite, text: str, header: str) -> None:
    with client_of(site, TokenLogin(text, header)) as client, pytest.raises(OcciError) as caught:
        client.list_compute()
    assert "Evil" not in str(caught.value)
    assert site.requests == []


@pytest.mark.parametrize("text", LINES)
def test_vm_id_with_a_line_of_its_own_is_one_address_or_none(site: ScriptedSite, text: str) -> None:
    site.on("/compute/5", vm(state="active"))
    with client_of(site) as client:
        assert client.find(text, client.list_compute()) == ""
        for url in (f"/compute/{text}", f"{site.url}{text}"):
            with pytest.raises(OcciError) as caught:
                client.get(url)
            assert str(caught.value).isprintable()
        with pytest.raises(OcciError):
            client.act(f"/compute/{text}", "stop")
    assert all("x-evil" not in request.headers for request in site.requests)
    assert all(request.target.isprintable() and " " not in request.target for request in site.requests)
