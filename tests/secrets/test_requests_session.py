"""RequestsLibrary's session on the site: logged in, renewed, bounded, and with credentials for nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from OcciLibrary.keywords.requests_adapter import site_session
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.occi.logins import BasicLogin, DigestLogin, Login, TokenLogin
from OcciLibrary.occi.request_errors import RequestError, SiteUnreachable
from tests.occi.scripted_site import Drip, Request, ScriptedSite, answer, scripted

_SECRET = "s3ssion-c4nary"


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        yield running


@pytest.fixture
def other() -> Iterator[ScriptedSite]:
    with scripted() as running:
        yield running


@pytest.fixture
def session_with(site: ScriptedSite) -> Iterator[Callable[[Login], requests.Session]]:
    made: list[requests.Session] = []

    def session(login: Login) -> requests.Session:
        made.append(requests.Session())
        site_session(made[-1], OcciClient(site.url, login, timeout=2.0, patience=0.0), lambda method: None)
        return made[-1]

    yield session
    for one in made:
        one.close()


SessionWith = Callable[[Login], requests.Session]


@pytest.mark.parametrize(
    "login", [BasicLogin("ann", _SECRET), TokenLogin(_SECRET), TokenLogin(_SECRET, "X-Auth-Token")]
)
def test_the_proof_reaches_the_site_and_is_in_nothing_that_is_logged(
    site: ScriptedSite, session_with: SessionWith, login: Login
) -> None:
    site.on("/-/", answer(200, "hello", "text/plain", "X-Two: a", "X-Two: b"))
    response = session_with(login).get(site.url + "-/", headers={"Accept": "text/occi"})
    (sent,) = site.requests
    assert sent["authorization"] or sent["x-auth-token"]
    assert sent["accept"] == "text/occi"
    assert "OCCI/1.1" in sent["user-agent"]
    assert (response.text, response.status_code, response.headers["X-Two"]) == ("hello", 200, "a, b")
    assert response.request.headers.keys() & {"Authorization", "X-Auth-Token"} == set()


def test_a_digest_challenge_is_answered(site: ScriptedSite, session_with: SessionWith) -> None:
    challenge = answer(401, "", "", 'WWW-Authenticate: Digest realm="r", nonce="0123456789ab", qop="auth"')
    site.on("/-/", challenge, answer(200, "in"))
    session = session_with(DigestLogin("ann", _SECRET))
    assert session.get(site.url + "-/").text == "in"
    assert site.requests[1]["authorization"].startswith("Digest ")


def test_what_is_sent_arrives(site: ScriptedSite, session_with: SessionWith) -> None:
    site.on("/compute/", answer(201, "made"))
    session_with(BasicLogin("ann", _SECRET)).post(
        site.url + "compute/", data="Category: x", headers={"Content-Type": "text/plain"}
    )
    (sent,) = site.requests
    assert (sent.method, sent.body, sent["content-type"]) == ("POST", b"Category: x", "text/plain")


@pytest.mark.parametrize("login", [BasicLogin("ann", _SECRET), TokenLogin(_SECRET, "X-Auth-Token")])
def test_a_redirect_to_another_host_is_refused_before_anything_is_sent(
    site: ScriptedSite, other: ScriptedSite, session_with: SessionWith, login: Login
) -> None:
    site.on("/-/", answer(302, "", "", f"Location: {other.url}steal"))
    with pytest.raises(RequestError, match="the login goes nowhere else"):
        session_with(login).get(site.url + "-/")
    assert other.requests == []


def test_a_redirect_on_the_site_is_followed(site: ScriptedSite, session_with: SessionWith) -> None:
    site.on("/-/", answer(302, "", "", "Location: /elsewhere"))
    site.on("/elsewhere", answer(200, "here"))
    assert session_with(BasicLogin("ann", _SECRET)).get(site.url + "-/").text == "here"
    assert all(request["authorization"] for request in site.requests)


def test_redirects_in_a_circle_end(site: ScriptedSite, session_with: SessionWith) -> None:
    site.on("/-/", answer(302, "", "", "Location: /-/"))
    with pytest.raises(requests.TooManyRedirects):
        session_with(BasicLogin("ann", _SECRET)).get(site.url + "-/")


def test_an_answer_that_never_ends_does(site: ScriptedSite, session_with: SessionWith) -> None:
    site.on("/-/", Drip(b"x" * 10_000, answer(200, b"")[:-4] + b"\r\nX-A: "))
    with pytest.raises((SiteUnreachable, RequestError)):
        session_with(BasicLogin("ann", _SECRET)).get(site.url + "-/", timeout=0.3)


def test_what_an_answer_hands_out_is_a_secret_from_then_on(
    site: ScriptedSite, session_with: SessionWith
) -> None:
    def hand_out(request: Request) -> bytes:
        body = '{"access": {"token": {"issued": 1, "id": "t0ken-in-the-body"}}, "org.openstack.compute.console.vnc": "http://c0nsole"}'
        return answer(
            200,
            body,
            "application/json",
            "Set-Cookie: rack.session=c00kie-value; Path=/",
            "X-Subject-Token: t0ken-in-head",
        )

    site.on("/-/", hand_out)
    session_with(BasicLogin("ann", _SECRET)).get(site.url + "-/")
    for secret in ("t0ken-in-the-body", "c00kie-value", "t0ken-in-head", "http://c0nsole"):
        assert masked(f"a {secret} b") == "a <secret> b"
