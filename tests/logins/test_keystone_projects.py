"""Which project a token is for, and by which of Keystone's ways it is got: password, VOMS proxy, access token."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from OcciLibrary.occi import known_secrets
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.client_certificate import ClientCertificate
from OcciLibrary.occi.logins import (
    KeystoneLogin,
    KeystoneOidc,
    KeystonePassword,
    KeystoneVoms,
    Login,
    Scope,
)
from OcciLibrary.occi.logins.keystone_exchanges import own_url
from OcciLibrary.occi.request_errors import LoginRefused
from OcciLibrary.occi.tls import Tls
from tests.logins import certificates
from tests.logins.conftest import SECRET
from tests.logins.scripted_keystone import Project, ScriptedKeystone
from tests.occi.scripted_site import Request, ScriptedSite, answer, scripted, vm

ME = KeystonePassword("me", SECRET)
ID = "0123456789abcdef0123456789abcdef"
ONE = (Project("1", "fedcloud"), Project("2", "closed", enabled=False))
TWO = (Project("1", "fedcloud"), Project(ID, "vo.example.org", "egi"))

ClientWith = Callable[[Login], OcciClient]


def knows_password(request: Request) -> bool:
    return SECRET in request.body.decode()


def accepting(site: ScriptedSite, keystone: ScriptedKeystone) -> None:
    """Scripts a site that takes every token of a Keystone that is for a project."""

    def reply(request: Request) -> bytes:
        token = request["x-auth-token"]
        if token in keystone.given and token.startswith("p"):
            return vm(cores=1)
        return answer(401, "", "", f"WWW-Authenticate: Keystone uri='{keystone.site.url}'")

    site.on("/vm", reply)


def refused(client: OcciClient) -> str:
    with pytest.raises(LoginRefused) as caught:
        client.get("/vm")
    assert str(caught.value).isprintable()
    assert SECRET not in str(caught.value)
    return str(caught.value)


# ---- projects


@pytest.mark.parametrize("version", ["v3", "v2.0"])
def test_only_project_is_found(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith, version: str
) -> None:
    identity = ScriptedKeystone(keystone, knows_password, ONE, (version,))
    accepting(site, identity)
    told: list[str] = []
    client_with(KeystoneLogin(ME, told=told.append)).get("/vm")
    assert [request["x-auth-token"] for request in site.requests] == ["", "p1-token-of-keystone"]
    assert told == [f"Keystone at {keystone.url} (named by the site) gave a token for the project fedcloud."]
    assert all(known_secrets.knows(token) for token in (SECRET, *identity.given))


@pytest.mark.parametrize("version", ["v3", "v2.0"])
@pytest.mark.parametrize(
    ("projects", "scope", "words"),
    [
        (
            TWO,
            Scope(),
            "you have several projects: write yours into ${OCCI_PROJECT} (fedcloud, vo.example.org in domain egi)",
        ),
        ((), Scope(), "you have no project there: ask the site's admin for one"),
        (
            TWO,
            Scope("fedclod"),
            "you have no project 'fedclod' there (${OCCI_PROJECT}, domain 'default'); yours: fedcloud, vo",
        ),
        (
            (),
            Scope("fedcloud"),
            "you have no project 'fedcloud' there (${OCCI_PROJECT}, domain 'default'): ask",
        ),
        ((Project("1", "a\x1b[31m\n<b>" + 99 * "x"), Project("2", "b")), Scope(), "(a [31m <b>xxxxx"),
    ],
)
def test_project_that_is_not_plain_is_asked_for(
    site: ScriptedSite,
    keystone: ScriptedSite,
    client_with: ClientWith,
    version: str,
    projects: tuple[Project, ...],
    scope: Scope,
    words: str,
) -> None:
    accepting(site, ScriptedKeystone(keystone, knows_password, projects, (version,)))
    assert words in refused(client_with(KeystoneLogin(ME, scope, keystone.url)))
    assert site.requests == []


def test_wrong_password_is_not_taken_for_a_wrong_project(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith
) -> None:
    accepting(site, ScriptedKeystone(keystone, knows_password, ONE))
    login = KeystoneLogin(KeystonePassword("me", "wrong", "physics"), Scope("fedcloud"), keystone.url)
    words = refused(client_with(login))
    assert "does not accept the user name and password (in the domain 'physics', ${OCCI_DOMAIN})" in words


def test_keystone_that_lists_no_projects_gives_what_it_has(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith
) -> None:
    identity = ScriptedKeystone(keystone, knows_password, ONE, lists=False)
    site.on("/vm", vm(cores=1))
    client_with(KeystoneLogin(ME, identity_url=keystone.url)).get("/vm")
    assert site.requests[0]["x-auth-token"] == "u1-token-of-keystone"
    assert identity.given == ["u1-token-of-keystone"]


@pytest.mark.parametrize(
    ("user", "scope", "sent_user", "sent_project"),
    [
        ("default", Scope("fedcloud"), {"id": "default"}, {"name": "fedcloud", "domain": {"id": "default"}}),
        (
            "Default",
            Scope("fedcloud", "egi"),
            {"id": "default"},
            {"name": "fedcloud", "domain": {"name": "egi"}},
        ),
        ("physics", Scope("fedcloud", ID), {"name": "physics"}, {"name": "fedcloud", "domain": {"id": ID}}),
        (ID, Scope(ID), {"id": ID}, {"id": ID}),
    ],
)
def test_domains_and_projects_go_by_name_or_id(
    site: ScriptedSite,
    keystone: ScriptedSite,
    client_with: ClientWith,
    user: str,
    scope: Scope,
    sent_user: dict[str, str],
    sent_project: dict[str, object],
) -> None:
    identity = ScriptedKeystone(keystone, knows_password, TWO)
    accepting(site, identity)
    client_with(KeystoneLogin(KeystonePassword("me", SECRET, user), scope, keystone.url)).get("/vm")
    (sent,) = identity.asked_for_tokens()
    assert sent["identity"]["password"]["user"]["domain"] == sent_user
    assert sent["scope"]["project"] == sent_project


def test_user_of_another_domain_is_not_sent_to_version_2(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith
) -> None:
    accepting(site, ScriptedKeystone(keystone, knows_password, ONE, ("v2.0",)))
    login = KeystoneLogin(KeystonePassword("me", SECRET, "physics"), identity_url=keystone.url)
    assert "offers no version that knows this kind of login" in refused(client_with(login))
    assert all(SECRET not in request.body.decode() for request in keystone.requests)


@pytest.mark.parametrize(
    ("version", "path"), [("v3", "v2.0"), ("v3", "v2.0/"), ("v2.0", "v3"), ("v3", ""), ("v2.0", "")]
)
def test_address_that_is_not_up_to_date_is_no_hindrance(
    site: ScriptedSite,
    keystone: ScriptedSite,
    client_with: ClientWith,
    version: str,
    path: str,
) -> None:
    accepting(site, ScriptedKeystone(keystone, knows_password, ONE, (version,)))
    keystone.on("/", answer(404))
    client_with(KeystoneLogin(ME, Scope("fedcloud"), keystone.url + path)).get("/vm")


# ---- VOMS proxies


@pytest.mark.parametrize(
    ("versions", "protocols", "project"),
    [
        (("v2.0",), (), ""),
        (("v2.0",), (), "fedcloud"),
        (("v3",), ("mapped",), ""),
        (("v3",), ("mapped",), "fedcloud"),
        (("v3", "v2.0"), (), "fedcloud"),
    ],
)
def test_voms_proxy_gets_a_token(
    tmp_path: Path,
    site: ScriptedSite,
    client_with: ClientWith,
    versions: tuple[str, ...],
    protocols: tuple[str, ...],
    project: str,
) -> None:
    grid = certificates.authority()
    proxy = certificates.proxy(certificates.user(grid)).write(tmp_path / "x509up")
    (tmp_path / "ca.pem").write_bytes(grid.certificate_pem())
    tls = Tls(str(tmp_path / "ca.pem"), ClientCertificate(proxy))
    with scripted(certificates.server_context(certificates.host(grid), tmp_path, grid)) as keystone:

        def knows(request: Request) -> bool:
            shown = [pair for part in keystone.shown["subject"] for pair in part]
            wants = request.method == "GET" or json.loads(request.body)["auth"].get("voms") is True
            return wants and shown[-1] == ("commonName", "1234567890")

        identity = ScriptedKeystone(keystone, knows, ONE, versions, protocols)
        accepting(site, identity)
        client_with(KeystoneLogin(KeystoneVoms(), Scope(project), tls=tls)).get("/vm")
        if versions != ("v3",):
            assert identity.asked_for_tokens()[-1] == {"voms": True, "tenantName": "fedcloud"}
        else:
            assert identity.asked_for_tokens()[-1]["scope"] == {"project": {"id": "1"}}


def test_voms_proxy_that_keystone_does_not_take(
    tmp_path: Path, site: ScriptedSite, client_with: ClientWith
) -> None:
    grid = certificates.authority()
    (tmp_path / "ca.pem").write_bytes(grid.certificate_pem())
    ca = str(tmp_path / "ca.pem")
    proxy = ClientCertificate(certificates.proxy(certificates.user(grid)).write(tmp_path / "x509up"))
    with scripted(certificates.server_context(certificates.host(grid), tmp_path, grid)) as keystone:
        ScriptedKeystone(keystone, lambda request: False, ONE, ("v3",), ("mapped",))
        login = KeystoneLogin(KeystoneVoms(), identity_url=keystone.url, tls=Tls(ca, proxy))
        assert "does not accept the proxy certificate: is your VO supported there" in refused(
            client_with(login)
        )
        other = KeystoneVoms("check-in", "mapped")
        login = KeystoneLogin(other, identity_url=keystone.url, tls=Tls(ca, proxy))
        words = refused(client_with(login))
        assert (
            "knows no identity provider 'check-in' with the protocol 'mapped': ask the site's admin" in words
        )
        without = KeystoneLogin(KeystoneVoms(), identity_url=keystone.url, tls=Tls(ca))
        assert "wants a client certificate" in refused(client_with(without))


# ---- access tokens


def access_token(seconds: float) -> str:
    """Makes a JSON Web Token that expires in some seconds."""
    claims = json.dumps({"iss": "https://aai.example.org/", "exp": time.time() + seconds}).encode()
    return f"eyJhbGciOiJub25lIn0.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2lnbmVk"


@pytest.mark.parametrize("protocol", ["oidc", "openid"])
def test_access_token_gets_a_token_by_either_usual_protocol(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith, protocol: str
) -> None:
    token = access_token(600)

    def knows(request: Request) -> bool:
        return request["authorization"] == f"Bearer {token}"

    identity = ScriptedKeystone(keystone, knows, TWO, protocols=(protocol,))
    accepting(site, identity)
    client_with(KeystoneLogin(KeystoneOidc(token + "\n"), Scope("vo.example.org"))).get("/vm")
    assert identity.asked_for_tokens()[-1]["scope"] == {"project": {"id": ID}}
    assert token not in str(site.requests)
    assert known_secrets.knows(token)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (
            -7200,
            "does not accept the access token: The token in the environment variable OCCI_TOKEN expired on",
        ),
        (600, "is it of the right provider"),
    ],
)
def test_access_token_that_keystone_does_not_take(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith, seconds: float, words: str
) -> None:
    token = access_token(seconds)
    ScriptedKeystone(keystone, lambda request: False, TWO, protocols=("oidc",))
    said = refused(client_with(KeystoneLogin(KeystoneOidc(token), identity_url=keystone.url)))
    assert words in said
    assert token not in said


# ---- where credentials go


@pytest.mark.parametrize(
    ("own", "named", "used"),
    [
        ("https://k.example.org:5000/", "https://k.example.org:5000/v3/", "https://k.example.org:5000/v3/"),
        ("http://k.example.org:5000/", "https://K.example.org/v3", "https://K.example.org/v3"),
        ("https://k.example.org:5000/", "http://k.example.org:5000/v3/", "https://k.example.org:5000/v3/"),
        ("https://k.example.org:5000/", "https://evil.example.net/v3", "https://k.example.org:5000/v3"),
        ("https://k.example.org:5000/v3", "http://10.0.0.7:5000/v3/", "https://k.example.org:5000/v3/"),
        ("https://k.example.org/keystone/", "http://inner:5000/v3/", "https://k.example.org/keystone/v3/"),
        ("https://k.example.org/keystone/v3", "http://inner:5000/v3/", "https://k.example.org/keystone/v3/"),
        ("https://k.example.org/", "https://k.example.org@evil.example.net/v3", "https://k.example.org/v3"),
        ("https://k.example.org/", "https://u:p@k.example.org/v3", "https://k.example.org/v3"),
    ],
)
def test_keystone_names_itself_but_no_other_host(own: str, named: str, used: str) -> None:
    assert own_url(own, named) == used


@pytest.mark.parametrize(
    "named", ["file:///v3", "ftp://k.example.org/v3", "/v3", "", "https://[/", "https:///v3"]
)
def test_keystone_that_names_no_address_at_all(named: str) -> None:
    with pytest.raises(LoginRefused, match="Keystone names an address that cannot be used"):
        own_url("https://k.example.org/", named)


def test_password_goes_to_no_host_that_discovery_names(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith
) -> None:
    with scripted() as elsewhere:
        base = elsewhere.url.replace("127.0.0.1", "localhost")
        accepting(site, ScriptedKeystone(keystone, knows_password, ONE, base=base))
        client_with(KeystoneLogin(ME, Scope("fedcloud"), keystone.url)).get("/vm")
        assert elsewhere.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_of_keystone_is_told_and_not_followed(
    site: ScriptedSite, keystone: ScriptedSite, client_with: ClientWith, status: int
) -> None:
    with scripted() as elsewhere:
        identity = ScriptedKeystone(keystone, knows_password, ONE)
        keystone.on(
            "POST /v3/auth/tokens", answer(status, "", "", f"Location: {elsewhere.url}v3/auth/tokens")
        )
        accepting(site, identity)
        words = refused(client_with(KeystoneLogin(ME, identity_url=keystone.url)))
        assert f"points to {elsewhere.url}v3/auth/tokens, which is not followed" in words
        assert elsewhere.requests == []
