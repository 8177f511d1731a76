"""Whole runs of test case 1 through every login, at the log level that shows most: they pass, and no secret is in a log."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from OcciLibrary.sandbox.embedded import EmbeddedSandbox, parse_options
from tests.logins import certificates
from tests.logins.conftest import SECRET
from tests.logins.front import (
    Guard,
    bearer_guard,
    certificate_guard,
    digest_guard,
    front,
    keystone_guard,
)
from tests.logins.scripted_keystone import Project, ScriptedKeystone
from tests.logins.test_keystone_projects import access_token
from tests.occi.scripted_site import Request, answer, scripted
from tests.runs.conftest import AGREED, Finished, Robot, Site

QUERIES = AGREED / "01__identify_and_query_the_vm.robot"
ACCESS_TOKEN = access_token(3600)
PASS_PHRASE = "c4nary pass phrase"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Site]:
    running = EmbeddedSandbox()
    yield Site(running, running.start(parse_options("sandbox:seconds=0.2")))
    running.stop()


@dataclass
class Grid:
    """A CA, its user, and their files."""

    folder: Path
    ca: certificates.Identity = field(default_factory=certificates.authority)

    def __post_init__(self) -> None:
        self.user = certificates.user(self.ca)
        self.cas = certificates.grid_folder(self.folder / "certificates", self.ca)
        self.tls = certificates.server_context(certificates.host(self.ca), self.folder, self.ca)


@pytest.fixture
def run(robot: Robot, sandbox: Site) -> Callable[..., Finished]:
    """Runs test case 1 on an address with variables of a site file and of the environment."""

    def start(url: str, environment: dict[str, str], **variables: str) -> Finished:
        robot.environment.update(environment)
        values = {"OCCI_ENDPOINT": url, **variables}
        given = [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]
        finished = robot(
            *sandbox.variables, *given, "--loglevel", "TRACE", "--variable", "SITE:TEMPLATE", QUERIES
        )
        assert all(test.passed for test in finished.tests.values()), finished.out
        shown = finished.out + finished.err
        shown += "".join(file.read_text("utf-8") for file in finished.folder.iterdir() if file.is_file())
        assert [secret for secret in environment.values() if secret in shown] == []
        return finished

    return start


@pytest.fixture
def robot(tmp_path: Path) -> Robot:
    return Robot(tmp_path)


Run = Callable[..., Finished]
PASSWORD = {"OCCI_PASSWORD": SECRET, "OCCI_USERNAME": "me"}


@pytest.mark.parametrize(
    ("login", "guard", "environment"),
    [
        ("digest", digest_guard("me", SECRET, uses=3), PASSWORD),
        ("bearer", bearer_guard(ACCESS_TOKEN), {"OCCI_TOKEN": ACCESS_TOKEN}),
        ("keystone", keystone_guard("http://127.0.0.1:1/", SECRET.__eq__), {"OCCI_TOKEN": SECRET}),
    ],
)
def test_run_with_what_is_at_hand(
    run: Run, sandbox: Site, login: str, guard: Guard, environment: dict[str, str]
) -> None:
    with front(sandbox.description["endpoint"], guard) as url:
        secrets = {name: value for name, value in environment.items() if name != "OCCI_USERNAME"}
        run(url, secrets, OCCI_AUTH=login, OCCI_USERNAME="me")


@pytest.mark.parametrize(
    ("login", "environment"), [("digest", PASSWORD), ("bearer", {"OCCI_TOKEN": ACCESS_TOKEN})]
)
def test_site_that_shows_all_it_was_sent_makes_no_log_show_it(
    robot: Robot, sandbox: Site, login: str, environment: dict[str, str]
) -> None:
    sent: list[str] = []

    def echo(request: Request) -> bytes:
        if not request["authorization"]:
            return answer(401, "", "", f'WWW-Authenticate: {login} realm="r", nonce="0123456789", qop="auth"')
        proof = request["authorization"]
        sent.append(proof.partition('response="')[2].partition('"')[0] or proof.partition(" ")[2])
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        return answer(500, "\n".join(lines) + "\n" + json.dumps(request.headers))

    with scripted() as site:
        for path in ("/-/", "/compute/"):
            site.on(path, echo)
        robot.environment.update(environment)
        values = {"OCCI_ENDPOINT": site.url, "OCCI_AUTH": login, "OCCI_USERNAME": "me", "SITE": "TEMPLATE"}
        given = [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]
        finished = robot(*sandbox.variables, *given, "--loglevel", "TRACE", QUERIES)
    shown = finished.out + finished.err
    shown += "".join(file.read_text("utf-8") for file in finished.folder.iterdir() if file.is_file())
    assert "500" in shown
    assert sent
    assert [proof for proof in sent if proof in shown] == []


def test_run_with_a_proxy_certificate(run: Run, sandbox: Site, tmp_path: Path) -> None:
    grid = Grid(tmp_path)
    proxy = certificates.proxy(grid.user).write(tmp_path / "x509up")
    with front(sandbox.description["endpoint"], certificate_guard("alice"), grid.tls) as url:
        run(url, {}, OCCI_AUTH="x509", OCCI_CERTIFICATE=proxy, OCCI_CA=grid.cas)


def test_run_with_an_encrypted_key(run: Run, sandbox: Site, tmp_path: Path) -> None:
    grid = Grid(tmp_path)
    (tmp_path / "usercert.pem").write_bytes(grid.user.certificate_pem())
    (tmp_path / "userkey.pem").write_bytes(grid.user.key_pem(PASS_PHRASE))
    files = {"OCCI_CERTIFICATE": f"{tmp_path}/usercert.pem", "OCCI_KEY": f"{tmp_path}/userkey.pem"}
    with front(sandbox.description["endpoint"], certificate_guard("alice"), grid.tls) as url:
        run(url, {"OCCI_KEY_PASSWORD": PASS_PHRASE}, OCCI_AUTH="x509", OCCI_CA=grid.cas, **files)


@contextlib.contextmanager
def keystone_site(
    behind: str, uses: int, tls: Any = None, **settings: Any
) -> Iterator[tuple[str, ScriptedKeystone]]:
    """Runs a Keystone and a front-end that takes each of its tokens for some requests."""
    with scripted(tls) as running:
        identity = ScriptedKeystone(running, projects=(Project("1", "fedcloud"),), **settings)
        left: dict[str, int] = {}

        def valid(token: str) -> bool:
            if token not in identity.given or not token.startswith("p"):
                return False
            left[token] = left.get(token, uses) - 1
            return left[token] >= 0

        with front(behind, keystone_guard(running.url, valid)) as url:
            yield url, identity


@pytest.mark.parametrize("version", ["v3", "v2.0"])
def test_run_with_a_password_of_keystone_whose_tokens_expire(run: Run, sandbox: Site, version: str) -> None:
    def knows(request: Request) -> bool:
        return SECRET in request.body.decode()

    with keystone_site(sandbox.description["endpoint"], 3, knows=knows, versions=(version,)) as (
        url,
        identity,
    ):
        finished = run(url, {"OCCI_PASSWORD": SECRET}, OCCI_AUTH="keystone", OCCI_USERNAME="me")
        assert sum(token.startswith("p") for token in identity.given) >= 2  # renewed in mid-run
        output = (finished.folder / "output.xml").read_text("utf-8")
        assert not [token for token in identity.given if token in output]
        assert (
            f"Keystone at {identity.site.url} (named by the site) gave a token for the project fedcloud."
            in output
        )


def test_run_with_a_proxy_certificate_at_keystone(run: Run, sandbox: Site, tmp_path: Path) -> None:
    grid = Grid(tmp_path)
    proxy = certificates.proxy(grid.user).write(tmp_path / "x509up")
    settings = {"knows": lambda request: True, "versions": ("v3",), "protocols": ("mapped",)}
    with keystone_site(sandbox.description["endpoint"], 3, grid.tls, **settings) as (url, identity):
        run(url, {}, OCCI_AUTH="keystone-voms", OCCI_CERTIFICATE=proxy, OCCI_CA=grid.cas)
        assert len(identity.given) >= 4


def test_run_with_an_access_token_at_keystone(run: Run, sandbox: Site) -> None:
    def knows(request: Request) -> bool:
        return request["authorization"] == f"Bearer {ACCESS_TOKEN}"

    settings = {"knows": knows, "protocols": ("openid",)}
    with keystone_site(sandbox.description["endpoint"], 3, **settings) as (url, _):
        run(url, {"OCCI_TOKEN": ACCESS_TOKEN}, OCCI_AUTH="keystone-oidc")
