"""The Keystone login: versions, hand-over, projects, renewal, and what a hostile or broken Keystone can do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
import requests

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.logins import KeystoneLogin, KeystonePassword, Login, Scope
from OcciLibrary.occi.request_errors import LoginRefused
from tests.logins.conftest import SECRET
from tests.occi.scripted_site import Broken, Drip, Endless, Reply, Request, ScriptedSite, answer, scripted, vm

ME = KeystonePassword("me", SECRET)


def identity(keystone: ScriptedSite, version: str, tokens: list[str]) -> None:
    """Scripts an identity service of one version that gives the tokens one after the other to the right password."""
    base = f"{keystone.url}{version}"
    links = [{"rel": "self", "href": base}]
    one = {"id": "v3.14" if version == "v3" else "v2.0", "status": "stable", "links": links}
    keystone.on("/", answer(300, json.dumps({"versions": {"values": [one]}}), "application/json"))

    def give(request: Request) -> bytes:
        if SECRET not in request.body.decode():
            error = {
                "error": {
                    "code": 401,
                    "message": "The request requires authentication.",
                    "title": "Unauthorized",
                }
            }
            return answer(401, json.dumps(error), "application/json")
        token = tokens.pop(0)
        if version == "v3":
            user = {"id": "u", "name": "me", "domain": {"id": "default", "name": "Default"}}
            body = {
                "token": {
                    "methods": ["password"],
                    "expires_at": "2099-01-01T00:00:00Z",
                    "issued_at": "2020-01-01T00:00:00Z",
                    "user": user,
                }
            }
            return answer(201, json.dumps(body), "application/json", f"X-Subject-Token: {token}")
        body2 = {
            "access": {
                "token": {"id": token, "expires": "2099-01-01T00:00:00Z"},
                "user": {"id": "u", "name": "me"},
            }
        }
        return answer(200, json.dumps(body2), "application/json")

    keystone.on(f"POST /{version}/{'auth/tokens' if version == 'v3' else 'tokens'}", give)


def guarded(site: ScriptedSite, accepted: set[str], challenge: str) -> None:
    """Scripts a VM that only accepted tokens see."""
    site.on(
        "/vm",
        lambda request: (
            vm(cores=1)
            if request["x-auth-token"] in accepted
            else answer(401, "", "", f"WWW-Authenticate: {challenge}")
        ),
    )


@pytest.mark.parametrize("version", ["v3", "v2.0"])
@pytest.mark.parametrize(
    "challenge",
    ["Keystone uri='{}'", 'Keystone uri="{}"', "snf-auth uri='{}'", "Basic realm=\"x\", Keystone uri='{}'"],
)
def test_keystone_hand_over_and_renewal_in_mid_run(
    site: ScriptedSite,
    keystone: ScriptedSite,
    client_with: Callable[[Login], OcciClient],
    version: str,
    challenge: str,
) -> None:
    identity(keystone, version, ["t1", "t2"])
    accepted = {"t1"}
    guarded(site, accepted, challenge.format(keystone.url))
    client = client_with(KeystoneLogin(ME, Scope("project")))
    client.get("/vm")
    client.get("/vm")
    assert [request["x-auth-token"] for request in site.requests] == ["", "t1", "t1"]
    accepted.remove("t1")
    accepted.add("t2")
    client.get("/vm")
    assert [request["x-auth-token"] for request in site.requests[3:]] == ["t1", "t2"]
    assert SECRET not in str(site.requests)
    sent = json.loads([r for r in keystone.requests if r.method == "POST"][-1].body)["auth"]
    if version == "v3":
        assert sent["identity"]["password"]["user"] == {
            "name": "me",
            "domain": {"id": "default"},
            "password": SECRET,
        }
        assert sent["scope"]["project"] == {"name": "project", "domain": {"id": "default"}}
    else:
        assert sent == {
            "passwordCredentials": {"username": "me", "password": SECRET},
            "tenantName": "project",
        }


def test_identity_url_is_asked_before_the_first_request(
    site: ScriptedSite, keystone: ScriptedSite, client_with: Callable[[Login], OcciClient]
) -> None:
    identity(keystone, "v3", ["t1"])
    guarded(site, {"t1"}, "Keystone uri='http://elsewhere.invalid/'")
    client_with(KeystoneLogin(ME, identity_url=keystone.url)).get("/vm")
    assert [request["x-auth-token"] for request in site.requests] == ["t1"]


@pytest.mark.parametrize("version", ["v3", "v2.0"])
def test_wrong_password_at_keystone_in_words(
    site: ScriptedSite, keystone: ScriptedSite, client_with: Callable[[Login], OcciClient], version: str
) -> None:
    identity(keystone, version, [])
    guarded(site, set(), f"Keystone uri='{keystone.url}'")
    with pytest.raises(
        LoginRefused, match=r"Keystone at http://127.0.0.1:\d+/ does not accept the user name and pass"
    ):
        client_with(KeystoneLogin(KeystonePassword("me", "wr0ng-one"))).get("/vm")


def test_token_that_the_site_never_takes_is_renewed_once(
    site: ScriptedSite, keystone: ScriptedSite, client_with: Callable[[Login], OcciClient]
) -> None:
    identity(keystone, "v3", ["t1", "t2", "t3"])
    guarded(site, set(), f"Keystone uri='{keystone.url}'")
    with pytest.raises(LoginRefused):
        client_with(KeystoneLogin(ME)).get("/vm")
    assert len(site.requests) == 2


def test_401_without_hand_over_is_a_refused_login(
    site: ScriptedSite, client_with: Callable[[Login], OcciClient]
) -> None:
    site.on("/vm", answer(401))
    with pytest.raises(LoginRefused):
        client_with(KeystoneLogin(ME)).get("/vm")
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        (
            "http://keystone.example.org:5000/",
            "unencrypted; if that is right, write it into ${OCCI_IDENTITY_URL}",
        ),
        ("ftp://keystone.example.org/", "no URL of http or https"),
        ("https://me:pw@keystone.example.org/", "no URL of http or https"),
        ("https://[nonsense/", "no URL of http or https"),
        ("nonsense", "no URL of http or https"),
    ],
)
def test_hand_over_that_leaves_the_encryption_is_not_followed(uri: str, words: str) -> None:
    login = KeystoneLogin(ME)
    login(requests.Request("GET", "https://cloud.example.org/").prepare())
    with pytest.raises(LoginRefused, match=re.escape(words)):
        login.renew(f"Keystone uri='{uri}'")


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, "<html>no keystone</html>", "text/html"),
        answer(200, "[]", "application/json"),
        answer(200, '{"versions": 5}', "application/json"),
        answer(300, '{"versions": {"values": [{"id": "v3", "links": 7, "status": 1}]}}', "application/json"),
        answer(
            300,
            '{"versions": {"values": [{"id": "v3.1", "status": "stable", "links": [{"rel": "self", "href": "file:///x"}]}]}}',
        ),
        answer(200, "[" * 100_000, "application/json"),
        answer(201, '{"token": {}}', "application/json"),
        answer(500, f"your password {SECRET} is bad"),
        answer(302, "", "", "Location: http://127.0.0.1:1/"),
        Endless(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"),
        Drip(b"x" * 1000, b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
)
def test_keystone_that_makes_no_sense_is_a_refused_login(
    keystone: ScriptedSite, monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    monkeypatch.setattr("OcciLibrary.occi.logins.keystone_exchanges._SECONDS", 0.3)
    for path in ("/", "/v3", "/v2.0", "/auth/tokens", "/tokens", "/v3/auth/tokens"):
        keystone.on(path, reply)
    with pytest.raises(OcciError) as caught:
        KeystoneLogin(ME, identity_url=keystone.url + "v3").renew("")
    assert isinstance(caught.value, LoginRefused)
    assert SECRET not in str(caught.value)
    assert str(caught.value).isprintable()


def test_keystone_that_is_down_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("OcciLibrary.occi.logins.keystone_exchanges._WAITS", (0.01, 0.01))
    with scripted() as gone:
        pass
    with pytest.raises(LoginRefused, match=r"Keystone .*the connection was refused"):
        KeystoneLogin(ME, identity_url=gone.url).renew("")


@pytest.mark.parametrize("trouble", [answer(503, "busy"), Broken(), Broken(politely=True)])
def test_keystone_in_trouble_for_a_moment_is_asked_again(
    site: ScriptedSite, keystone: ScriptedSite, client_with: Callable[[Login], OcciClient], trouble: Reply
) -> None:
    identity(keystone, "v3", ["t1"])
    give = keystone.routes["POST /v3/auth/tokens"][0]
    keystone.on("POST /v3/auth/tokens", trouble, give)
    guarded(site, {"t1"}, "Keystone uri='http://elsewhere.invalid/'")
    client_with(KeystoneLogin(ME, Scope("project"), keystone.url)).get("/vm")
    assert len([request for request in keystone.requests if request.method == "POST"]) == 2
