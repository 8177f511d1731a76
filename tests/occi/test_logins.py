"""Logins prove who the client is, renew what grew old, and let no secret out."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.logins import BasicLogin, DigestLogin, KeystoneLogin, Login, TokenLogin
from OcciLibrary.occi.request_errors import LoginRefused
from tests.occi.scripted_site import Drip, Endless, Reply, Request, ScriptedSite, answer, scripted, vm

SECRET = "pa55-w0rd"


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        yield running


@pytest.fixture
def keystone() -> Iterator[ScriptedSite]:
    with scripted() as running:
        yield running


@pytest.fixture
def client_with(site: ScriptedSite) -> Iterator[Callable[[Login], OcciClient]]:
    made: list[OcciClient] = []

    def client(login: Login) -> OcciClient:
        made.append(OcciClient(site.url, login, timeout=2.0, patience=0.0))
        return made[-1]

    yield client
    for one in made:
        one.close()


# ---- what is sent


@pytest.mark.parametrize(
    ("login", "header", "value"),
    [
        (BasicLogin("me", SECRET), "authorization", "Basic " + base64.b64encode(b"me:pa55-w0rd").decode()),
        (BasicLogin("Jörg", "pä"), "authorization", "Basic " + base64.b64encode("Jörg:pä".encode()).decode()),
        (TokenLogin(SECRET), "authorization", f"Bearer {SECRET}"),
        (TokenLogin(SECRET + "\n", "X-Auth-Token"), "x-auth-token", SECRET),
    ],
)
def test_proof_is_sent_and_shown_to_nobody(
    site: ScriptedSite, client_with: Callable[[Login], OcciClient], login: Login, header: str, value: str
) -> None:
    site.on("/vm", vm(cores=1))
    client_with(login).get("/vm")
    assert site.requests[-1][header] == value
    prepared = requests.Request("GET", site.url).prepare()
    login(prepared)
    assert "<secret>" in repr(prepared.headers)
    assert value not in repr(prepared.headers)


@pytest.mark.parametrize("token", ["two\nlines " + SECRET, "umläut " + SECRET, "nul\x00" + SECRET])
@pytest.mark.parametrize("header", ["Authorization", "X-Auth-Token"])
def test_token_that_no_header_can_carry_is_not_quoted(
    client_with: Callable[[Login], OcciClient], token: str, header: str
) -> None:
    with pytest.raises(LoginRefused, match="no HTTP header can carry") as caught:
        client_with(TokenLogin(token, header)).get("/vm")
    assert SECRET not in str(caught.value)


# ---- digest


def digest_site(
    site: ScriptedSite, algorithm: str = "", qop: str = 'qop="auth"', nonces: int = 10**6
) -> None:
    """Scripts a site that checks digest proofs; after `nonces` uses a nonce is stale."""
    uses: dict[str, int] = {}

    def reply(request: Request) -> bytes:
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', request["authorization"]))
        nonce = f"n{len(uses)}"
        uses.setdefault(given.get("nonce", nonce), 0)
        if given:
            uses[given["nonce"]] += 1
            if uses[given["nonce"]] <= nonces and given["response"] == proof(given, request):
                return vm(cores=1)
        challenge = f'Digest realm="cloud, inc", nonce="n{len(uses)}", opaque="o"'
        challenge += f", {qop}" if qop else ""
        challenge += f", algorithm={algorithm}" if algorithm else ""
        return answer(401, "", "", 'WWW-Authenticate: Basic realm="b"', f"WWW-Authenticate: {challenge}")

    def proof(given: dict[str, str], request: Request) -> str:
        def sign(text: str) -> str:
            return hashlib.new((algorithm or "md5").replace("-", "").lower(), text.encode()).hexdigest()

        ha1 = sign(f"me:cloud, inc:{SECRET}")
        ha2 = sign(f"{request.method}:{request.target}")
        middle = f"{given['nc']}:{given['cnonce']}:auth:" if qop else ""
        return sign(f"{ha1}:{given['nonce']}:{middle}{ha2}")

    site.on("/vm", reply)


@pytest.mark.parametrize(
    ("algorithm", "qop"), [("", 'qop="auth"'), ("MD5", ""), ("SHA-256", 'qop="auth-int, auth"')]
)
def test_digest_challenge_is_answered_and_kept(
    site: ScriptedSite, client_with: Callable[[Login], OcciClient], algorithm: str, qop: str
) -> None:
    digest_site(site, algorithm, qop)
    client = client_with(DigestLogin("me", SECRET))
    client.get("/vm")
    client.get("/vm")
    assert [bool(request["authorization"]) for request in site.requests] == [False, True, True]
    assert SECRET not in str(site.requests)


def test_stale_digest_nonce_is_renewed_in_mid_run(
    site: ScriptedSite, client_with: Callable[[Login], OcciClient]
) -> None:
    digest_site(site, nonces=2)
    client = client_with(DigestLogin("me", SECRET))
    for _ in range(5):
        assert client.get("/vm").attributes["occi.compute.cores"] == 1


def test_wrong_digest_password_is_refused_after_two_requests(
    site: ScriptedSite, client_with: Callable[[Login], OcciClient]
) -> None:
    digest_site(site)
    with pytest.raises(LoginRefused):
        client_with(DigestLogin("me", "wrong")).get("/vm")
    assert len(site.requests) == 2


def test_digest_works_in_a_clone_of_another_thread(
    site: ScriptedSite, client_with: Callable[[Login], OcciClient]
) -> None:
    digest_site(site)
    client = client_with(DigestLogin("me", SECRET))
    client.get("/vm")
    twin = client.clone()
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(twin.get("/vm").attributes["occi.compute.cores"]))
    thread.start()
    thread.join(5)
    twin.close()
    assert got == [1]


@pytest.mark.parametrize(
    "challenge",
    [
        "Digest",
        "Digest foo",
        'Digest realm="x"',
        'Digest realm="x", nonce="n", algorithm=ROT13',
        "Digest ,,=,=",
        "\xff",
    ],
)
def test_digest_challenge_that_makes_no_sense_is_a_refused_login(
    site: ScriptedSite, client_with: Callable[[Login], OcciClient], challenge: str
) -> None:
    site.on("/vm", answer(401, "", "", f"WWW-Authenticate: {challenge}"))
    with pytest.raises(LoginRefused):
        client_with(DigestLogin("Jörg€", SECRET)).get("/vm")
    assert len(site.requests) == 1


# ---- keystone


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
    client = client_with(KeystoneLogin("me", SECRET, "project"))
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
    client_with(KeystoneLogin("me", SECRET, identity_url=keystone.url)).get("/vm")
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
        client_with(KeystoneLogin("me", "wr0ng-one")).get("/vm")


def test_token_that_the_site_never_takes_is_renewed_once(
    site: ScriptedSite, keystone: ScriptedSite, client_with: Callable[[Login], OcciClient]
) -> None:
    identity(keystone, "v3", ["t1", "t2", "t3"])
    guarded(site, set(), f"Keystone uri='{keystone.url}'")
    with pytest.raises(LoginRefused):
        client_with(KeystoneLogin("me", SECRET)).get("/vm")
    assert len(site.requests) == 2


def test_401_without_hand_over_is_a_refused_login(
    site: ScriptedSite, client_with: Callable[[Login], OcciClient]
) -> None:
    site.on("/vm", answer(401))
    with pytest.raises(LoginRefused):
        client_with(KeystoneLogin("me", SECRET)).get("/vm")
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    "uri", ["http://keystone.example.org:5000/", "ftp://keystone.example.org/", "nonsense"]
)
def test_hand_over_that_leaves_the_encryption_is_not_followed(uri: str) -> None:
    login = KeystoneLogin("me", SECRET)
    login(requests.Request("GET", "https://cloud.example.org/").prepare())
    with pytest.raises(
        LoginRefused, match=r"unencrypted; if that is right, write it into \$\{OCCI_IDENTITY_URL\}"
    ):
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
    monkeypatch.setattr("OcciLibrary.occi.logins._KEYSTONE_SECONDS", 0.3)
    for path in ("/", "/v3", "/v2.0", "/auth/tokens", "/tokens", "/v3/auth/tokens"):
        keystone.on(path, reply)
    with pytest.raises(OcciError) as caught:
        KeystoneLogin("me", SECRET, identity_url=keystone.url + "v3").renew("")
    assert isinstance(caught.value, LoginRefused)
    assert SECRET not in str(caught.value)
    assert str(caught.value).isprintable()


def test_keystone_that_is_down_is_said_in_words() -> None:
    with scripted() as gone:
        pass
    with pytest.raises(LoginRefused, match=r"Keystone .*the connection was refused"):
        KeystoneLogin("me", SECRET, identity_url=gone.url).renew("")
