"""The Keystone login against a real Keystone: every way in, every refusal in words, and renewal in the middle of real runs.

Keystone is large, so this is outside of the gate:

    OCCI_REAL_KEYSTONE=FOLDER pytest tests/logins/test_real_keystone.py

installs it into that folder (once), and sets up a new one for each run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.client_certificate import ClientCertificate
from OcciLibrary.occi.logins import (
    KeystoneLogin,
    KeystoneOidc,
    KeystonePassword,
    KeystoneVoms,
    Scope,
)
from OcciLibrary.occi.request_errors import LoginRefused
from OcciLibrary.occi.tls import Tls
from OcciLibrary.sandbox.embedded import EmbeddedSandbox, parse_options
from tests.logins.front import front, keystone_guard
from tests.logins.real_keystone import ACCESS_TOKEN, Keystone, installed, real_keystone
from tests.runs.conftest import AGREED, Finished, Robot, Site

FOLDER = os.environ.get("OCCI_REAL_KEYSTONE", "")
TOKEN_SECONDS = 20

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="set OCCI_REAL_KEYSTONE to a folder to install Keystone into"
)

ALICE = KeystonePassword("alice", "alice-pa55")
BOB = KeystonePassword("bob", "bob-pa55", "physics")


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keystone]:
    programs = installed(Path(FOLDER))
    with real_keystone(programs, tmp_path_factory.mktemp("keystone"), TOKEN_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Site]:
    running = EmbeddedSandbox()
    yield Site(running, running.start(parse_options("sandbox:seconds=8")))
    running.stop()


@pytest.fixture
def tokens() -> dict[str, float]:
    """The tokens that the site has seen, and until when Keystone said that they are good."""
    return {}


@pytest.fixture
def site(keystone: Keystone, sandbox: Site, tokens: dict[str, float]) -> Iterator[str]:
    def valid(token: str) -> bool:
        if token not in tokens:  # asked once, as keystonemiddleware does
            tokens[token] = keystone.admin.good_until(token)
        return time.time() < tokens[token]

    with front(sandbox.description["endpoint"], keystone_guard(keystone.url, valid)) as url:
        yield url


@pytest.mark.parametrize("address", ["{}", "{}v3", "{}v3/"])
def test_every_address(keystone: Keystone, site: str, address: str) -> None:
    client = OcciClient(site, KeystoneLogin(ALICE, Scope(), address.format(keystone.url), Tls(keystone.ca)))
    assert client.list_compute()
    client.close()


@pytest.mark.parametrize(
    ("method", "scope", "project"),
    [
        (ALICE, Scope(), "fedcloud"),
        (ALICE, Scope("fedcloud"), "fedcloud"),
        (BOB, Scope("atlas", "physics"), "atlas"),
        (BOB, Scope("fedcloud"), "fedcloud"),
        (KeystoneOidc(ACCESS_TOKEN), Scope(), "fedcloud"),
        (KeystoneOidc(ACCESS_TOKEN, protocol="openid"), Scope("fedcloud"), "fedcloud"),
        (KeystoneVoms(), Scope(), "fedcloud"),
        (KeystoneVoms(), Scope("fedcloud"), "fedcloud"),
    ],
)
def test_every_way_in(
    keystone: Keystone,
    site: str,
    method: KeystonePassword | KeystoneOidc | KeystoneVoms,
    scope: Scope,
    project: str,
) -> None:
    certificate = ClientCertificate(keystone.proxy) if isinstance(method, KeystoneVoms) else None
    told: list[str] = []
    login = KeystoneLogin(method, scope, tls=Tls(keystone.ca, certificate), told=told.append)
    client = OcciClient(site, login)
    assert client.list_compute()
    client.close()
    assert f"gave a token for the project {project}." in told[0]


@pytest.mark.parametrize(
    ("method", "scope", "words"),
    [
        (KeystonePassword("alice", "wrong"), Scope(), "does not accept the user name and password"),
        (KeystonePassword("alice", "wrong"), Scope("fedcloud"), "does not accept the user name and password"),
        (
            KeystonePassword("bob", "bob-pa55"),
            Scope(),
            "does not accept the user name and password (in the domain 'default'",
        ),
        (
            KeystonePassword("bob", "bob-pa55", "nowhere"),
            Scope(),
            "does not accept the user name and password",
        ),
        (KeystonePassword("dave", "dave-pa55"), Scope(), "does not accept the user name and password"),
        (
            ALICE,
            Scope("atlas"),
            "you have no project 'atlas' there (${OCCI_PROJECT}, domain 'default'); yours: fedcloud",
        ),
        (BOB, Scope(), "you have several projects: write yours into ${OCCI_PROJECT} ("),
        (KeystonePassword("carol", "carol-pa55"), Scope(), "you have no project there"),
        (KeystonePassword("carol", "carol-pa55"), Scope("fedcloud"), "you have no project 'fedcloud' there"),
        (KeystoneOidc("made-up"), Scope(), "does not accept the access token"),
        (KeystoneOidc(ACCESS_TOKEN, "nobody"), Scope(), "knows no identity provider 'nobody'"),
        (KeystoneVoms(), Scope(), "does not accept the proxy certificate"),
    ],
)
def test_every_refusal_in_words(
    keystone: Keystone,
    site: str,
    method: KeystonePassword | KeystoneOidc | KeystoneVoms,
    scope: Scope,
    words: str,
) -> None:
    client = OcciClient(site, KeystoneLogin(method, scope, tls=Tls(keystone.ca)))
    with pytest.raises(LoginRefused) as caught:
        client.list_compute()
    client.close()
    assert words in str(caught.value)
    assert "pa55" not in str(caught.value)


def test_unknown_ca_of_keystone(keystone: Keystone, site: str) -> None:
    client = OcciClient(site, KeystoneLogin(ALICE))
    with pytest.raises(
        LoginRefused, match=r"Keystone gave no token: .*unknown CA .*name that CA in \$\{OCCI_CA\}"
    ):
        client.list_compute()
    client.close()


def test_token_is_renewed_when_it_expires(keystone: Keystone, site: str, tokens: dict[str, float]) -> None:
    client = OcciClient(site, KeystoneLogin(ALICE, tls=Tls(keystone.ca)))
    end = time.monotonic() + 2.5 * TOKEN_SECONDS
    asked = 0
    while time.monotonic() < end:
        assert client.list_compute()
        asked += 1
    client.close()
    assert 3 <= len(tokens) <= 6
    print(f"\n{asked} listings, {len(tokens)} tokens of {TOKEN_SECONDS} s")  # noqa: T201


def run(
    robot: Robot, sandbox: Site, keystone: Keystone, url: str, *what: str | Path, **values: str
) -> Finished:
    robot.environment |= {"OCCI_PASSWORD": "alice-pa55", "OCCI_TOKEN": values.pop("token", "")}
    values |= {
        "OCCI_ENDPOINT": url,
        "OCCI_CA": keystone.ca,
        "SITE": "TEMPLATE",
        "TRANSITION_TIMEOUT": "2 minutes",
    }
    given = [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]
    return robot.finish(robot.start(*sandbox.variables, *given, "--loglevel", "TRACE", *what), 300)


def assert_passed_in_silence(finished: Finished, tokens: dict[str, float]) -> None:
    assert {test.status for test in finished.tests.values()} == {"PASS"}, finished.out
    left = "".join(file.read_text("utf-8") for file in finished.folder.iterdir() if file.is_file())
    secrets = [ACCESS_TOKEN, "alice-pa55", *tokens]
    assert [secret for secret in secrets if secret in left + finished.out + finished.err] == []


@pytest.fixture
def robot(tmp_path: Path) -> Robot:
    return Robot(tmp_path)


@pytest.mark.parametrize(
    "login",
    [
        {"OCCI_AUTH": "keystone", "OCCI_USERNAME": "alice"},
        {"OCCI_AUTH": "keystone-oidc", "token": ACCESS_TOKEN},
        {"OCCI_AUTH": "keystone-voms"},
    ],
)
def test_run_of_test_case_1(
    robot: Robot,
    sandbox: Site,
    keystone: Keystone,
    site: str,
    tokens: dict[str, float],
    login: dict[str, str],
) -> None:
    certificate = {"OCCI_CERTIFICATE": keystone.proxy} if login["OCCI_AUTH"] == "keystone-voms" else {}
    case = AGREED / "01__identify_and_query_the_vm.robot"
    finished = run(robot, sandbox, keystone, site, case, **login, **certificate)
    assert_passed_in_silence(finished, tokens)


def test_run_of_all_agreed_test_cases_while_tokens_expire(
    robot: Robot, sandbox: Site, keystone: Keystone, site: str, tokens: dict[str, float]
) -> None:
    began = time.monotonic()
    finished = run(robot, sandbox, keystone, site, AGREED, OCCI_AUTH="keystone", OCCI_USERNAME="alice")
    seconds = time.monotonic() - began
    assert_passed_in_silence(finished, tokens)
    assert len(finished.tests) == 29
    assert len(tokens) >= 3
    print(f"\n29 steps in {seconds:.0f} s, {len(tokens)} tokens of {TOKEN_SECONDS} s")  # noqa: T201
