"""Basic, digest and given tokens prove who the client is, renew what grew old, and let no secret out."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Callable

import pytest
import requests

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.logins import BasicLogin, DigestLogin, Login, TokenLogin
from OcciLibrary.occi.request_errors import LoginRefused
from tests.logins.conftest import SECRET
from tests.occi.scripted_site import Request, ScriptedSite, answer, vm

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


@pytest.mark.parametrize("user_info", ["alice:hunter2", "alice:hun@ter2", "hunter2"])
def test_password_in_an_address_is_in_no_message(site: ScriptedSite, user_info: str) -> None:
    for port in (site.port, 1):
        client = OcciClient(f"http://{user_info}@127.0.0.1:{port}/", patience=0.0)
        with pytest.raises(OcciError) as caught:
            client.list_compute()
        client.close()
        assert "hun" not in str(caught.value)
        assert f"127.0.0.1:{port}" in str(caught.value)
