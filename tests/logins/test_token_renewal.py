"""Tokens that expire in mid-run: renewed once, silently, for all connections of a watch together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.logins import KeystoneLogin, KeystonePassword, Login, Scope, TokenLogin
from OcciLibrary.occi.request_errors import LoginRefused
from tests.logins.conftest import SECRET
from tests.logins.scripted_keystone import UNAUTHORIZED, Project, ScriptedKeystone, as_json
from tests.logins.test_keystone_projects import access_token, knows_password
from tests.occi.scripted_site import Reply, Request, ScriptedSite, answer, vm

ME = KeystonePassword("me", SECRET)
ONE = (Project("1", "fedcloud"),)
ClientWith = Callable[[Login], OcciClient]


def only(site: ScriptedSite, accepted: list[str], keystone: ScriptedSite) -> None:
    """Scripts a site that takes the accepted tokens, a list that tests change."""

    def reply(request: Request) -> bytes:
        if request["x-auth-token"] in accepted:
            return vm(cores=1)
        return answer(401, "", "", f"WWW-Authenticate: Keystone uri='{keystone.url}'")

    site.on("/vm", reply)


def test_many_connections_renew_one_token_once(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith
) -> None:
    identity = ScriptedKeystone(keystone, knows_password, ONE)
    accepted = ["p1-token-of-keystone"]
    only(site, accepted, keystone)
    client = client_with(KeystoneLogin(ME))
    client.get("/vm")
    twins = [client.clone() for _ in range(8)]
    accepted[:] = ["p2-token-of-keystone"]
    start = threading.Barrier(len(twins))
    cores: list[object] = []

    def ask(twin: OcciClient) -> None:
        start.wait(5)
        cores.extend(twin.get("/vm").attributes["occi.compute.cores"] for _ in range(3))

    threads = [threading.Thread(target=ask, args=(twin,)) for twin in twins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for twin in twins:
        twin.close()
    assert cores == [1] * 24
    assert [token for token in identity.given if token.startswith("p")] == [
        "p1-token-of-keystone",
        "p2-token-of-keystone",
    ]


def test_action_that_met_an_expired_token_is_sent_once_more_and_no_oftener(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith
) -> None:
    ScriptedKeystone(keystone, knows_password, ONE)
    accepted = ["p1-token-of-keystone"]
    only(site, accepted, keystone)
    client = client_with(KeystoneLogin(ME))
    client.get("/vm")
    accepted[:] = ["p2-token-of-keystone"]
    client.act("/vm", "stop")
    tokens = [request["x-auth-token"] for request in site.requests if request.method == "POST"]
    assert [token[:2] for token in tokens] == ["p1", "p2"]


def test_keystone_that_refuses_is_left_alone_for_a_while(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith
) -> None:
    ScriptedKeystone(keystone, knows_password, ONE)
    accepted = ["p1-token-of-keystone"]
    only(site, accepted, keystone)
    client = client_with(KeystoneLogin(ME))
    client.get("/vm")
    accepted.clear()
    keystone.on("POST /v3/auth/tokens", as_json(401, UNAUTHORIZED))
    before = len(keystone.requests)
    for _ in range(20):
        with pytest.raises(LoginRefused, match="does not accept the user name and password"):
            client.get("/vm")
    assert len(keystone.requests) - before <= 3  # discovery, and the password once


@pytest.mark.parametrize("version", ["v3", "v2.0"])
def test_token_is_renewed_beside_the_requests_before_it_expires(
    site: ScriptedSite, keystone: ScriptedSite, version: str
) -> None:
    identity = ScriptedKeystone(keystone, knows_password, ONE, (version,), seconds=1)
    hold = threading.Event()
    site.on("/vm", vm(cores=1))
    seconds: list[float] = []
    login = KeystoneLogin(ME, Scope("fedcloud"), identity_url=keystone.url)
    client = OcciClient(site.url, login, on_answer=lambda given: seconds.append(given.seconds))
    client.get("/vm")
    route = "POST /v3/auth/tokens" if version == "v3" else "POST /v2.0/tokens"
    give = keystone.routes[route][0]

    def slowly(request: Request) -> Reply:
        hold.wait(5)
        assert callable(give)
        return give(request)

    keystone.on(route, slowly)
    asked_keystone = len(keystone.requests)
    end = time.monotonic() + 10
    while len(keystone.requests) == asked_keystone and time.monotonic() < end:
        client.get("/vm")
    for _ in range(20):  # Keystone takes its time, and nobody waits for it
        client.get("/vm")
    assert {request["x-auth-token"][:2] for request in site.requests} == {"p1"}
    hold.set()
    while site.requests[-1]["x-auth-token"].startswith("p1") and time.monotonic() < end:
        client.get("/vm")
    client.close()
    assert identity.given[:2] == ["p1-token-of-keystone", "p2-token-of-keystone"]
    assert site.requests[-1]["x-auth-token"] in identity.given[1:]
    assert max(seconds) < 1


def test_time_of_keystone_is_not_the_site_s(site: ScriptedSite, keystone: ScriptedSite) -> None:
    identity = ScriptedKeystone(keystone, knows_password, ONE)
    slow = threading.Event()
    issue = identity._token_v3

    def slowly(request: Request) -> object:
        slow.wait(0.6)
        return issue(request)

    keystone.on("POST /v3/auth/tokens", slowly)  # type: ignore[arg-type]
    only(site, ["p1-token-of-keystone"], keystone)
    seconds: list[float] = []
    client = OcciClient(
        site.url,
        KeystoneLogin(ME, identity_url=keystone.url),
        timeout=0.5,
        on_answer=lambda given: seconds.append(given.seconds),
    )
    client.get("/vm")
    client.close()
    assert max(seconds) < 0.5


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (
            access_token(-60),
            r"The token in the environment variable OCCI_TOKEN expired on 20\d\d-.* UTC: get a new one",
        ),
        (access_token(600), "does not accept the credentials; it asks for Bearer"),
        ("opaque", "does not accept the credentials; it asks for Bearer"),
        ("a.b.c", "does not accept the credentials; it asks for Bearer"),
    ],
)
def test_given_token_that_expired_says_so_where_it_can(
    site: ScriptedSite, client_with: ClientWith, token: str, words: str
) -> None:
    site.on("/vm", answer(401, "", "", 'WWW-Authenticate: Bearer realm="x"'))
    with pytest.raises(LoginRefused, match=words) as caught:
        client_with(TokenLogin(token)).get("/vm")
    assert token not in str(caught.value)
