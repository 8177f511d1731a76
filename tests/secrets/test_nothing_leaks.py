"""Every kind of secret, in runs that pass, fail, crash and are cut off: none of it in anything that a run leaves or shows."""

from __future__ import annotations

import base64
import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from tests.logins import certificates
from tests.logins.front import (
    Asked,
    Guard,
    bearer_guard,
    certificate_guard,
    digest_guard,
    front,
    keystone_guard,
)
from tests.logins.scripted_keystone import Project, ScriptedKeystone
from tests.occi.scripted_site import Request, answer, scripted
from tests.runs.conftest import AGREED, Finished, Robot, Site
from tests.secrets.canaries import ProcessList, sang
from tests.secrets.chatty_site import Chatter

CARELESS = Path(__file__).with_name("careless.robot")
CANARIES = {
    "OCCI_PASSWORD": "p4ssword-half/c4nary+1<&>9",
    "OCCI_TOKEN": "t0ken-c4nary-2-" + "0123456789abcdef" * 30,
    "OCCI_KEY_PASSWORD": "pass phr4se c4nary 3",
    "SSH_PASSWORD": "ssh'c4nary\"4\\x",
}
PASSWORD, TOKEN, PASS_PHRASE, _ = CANARIES.values()
_PAIR = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
VERDICTS = {
    "Answers Are Shown": "PASS",
    "A Refusal Is Shown": "FAIL",
    "A Private Attribute Is Compared": "FAIL",
    "Sessions Of Their Own Are Logged In By Hand": "PASS",
    "The Machine Is Entered": "PASS",
    "A Key Is Printed": "PASS",
    "A Keyword Crashes": "FAIL",
    "The Run Is Cut Off": "PASS",
}


def basic(asked: Asked) -> str:
    """Lets the basic login in."""
    return "" if asked["authorization"] == f"Basic {_PAIR}" else 'Basic realm="cloud"'


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key without pass phrase: what is in it is a secret."""
    file = tmp_path_factory.mktemp("key") / "userkey.pem"
    file.write_bytes(certificates.user(certificates.authority()).key_pem())
    return file


class Leaks:
    """Runs robot with all canaries at TRACE, and looks for them in everything."""

    def __init__(self, robot: Robot, site: Callable[..., Site], key: Path) -> None:
        self.robot = robot
        self.chatter = Chatter()
        self._site = site
        self._key = key
        lines = key.read_text("ascii").splitlines()[1:-2]
        self.canaries = {
            **CANARIES,
            "half of the password": PASSWORD.partition("/")[0],
            **self.chatter.canaries,
            **{f"line {number} of the key": line for number, line in enumerate(lines)},
        }
        robot.environment |= CANARIES | {
            "SANDBOX_SSH_PASSWORD": CANARIES["SSH_PASSWORD"],
            "ROBOT_SYSLOG_FILE": str(robot.folder / "syslog.txt"),
            "ROBOT_SYSLOG_LEVEL": "DEBUG",
        }

    def sandbox(self, options: str = "seconds=0.2,reference-state=active") -> Site:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("SANDBOX_SSH_PASSWORD", CANARIES["SSH_PASSWORD"])
            return self._site(f"{options},journal={self.robot.folder / 'journal.txt'}")

    def arguments(self, sandbox: Site, url: str, login: str, *more: str) -> list[str]:
        vm = sandbox.vm
        variables = {
            "OCCI_ENDPOINT": url,
            "OCCI_AUTH": login,
            "OCCI_USERNAME": "ann",
            "SSH_HOST": vm["ssh_host"],
            "SSH_PORT": vm["ssh_port"],
            "SSH_USERNAME": vm["ssh_username"],
            "SSH_HOST_KEY": vm["ssh_host_key"],
            "KEY_FILE": self._key,
            "OCCI_KEY": self._key,
            "TRANSITION_TIMEOUT": "3 s",
        }
        given = [part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")]
        files = ["--debugfile", "debug.txt", "--xunit", "xunit.xml"]
        return [
            *sandbox.variables,
            *given,
            "--loglevel",
            "TRACE",
            *files,
            "--variable",
            "SITE:TEMPLATE",
            *more,
        ]

    def run(
        self,
        sandbox: Site,
        url: str,
        login: str,
        *more: str | Path,
        interrupted: signal.Signals | None = None,
    ) -> Finished:
        """Runs, and asserts that no canary sang."""
        processes = ProcessList()
        try:
            process = self.robot.start(*self.arguments(sandbox, url, login), *more)
            early = ""
            if interrupted is not None:
                assert process.stdout is not None
                for line in process.stdout:
                    early += line
                    if "waiting <secret>" in line:
                        break
                process.send_signal(interrupted)
            finished = self.robot.finish(process)
        finally:
            processes.close()
        shown = {"out": early + finished.out, "err": finished.err, "processes": "\n".join(processes.seen)}
        assert sang(self.canaries, self.robot.folder, **shown) == []
        # The list was really read, where the system has one.
        assert (
            not Path("/proc/self/cmdline").exists()
            or "careless" in shown["processes"]
            or "suites" in shown["processes"]
        )
        return finished


@pytest.fixture
def leaks(robot: Robot, site: Callable[..., Site], key: Path) -> Leaks:
    return Leaks(robot, site, key)


def verdicts(finished: Finished) -> dict[str, str]:
    """The tests of a run with their statuses."""
    tests = ExecutionResult(finished.folder / "output.xml").suite.all_tests
    return {test.name: test.status for test in tests}


@pytest.mark.parametrize(
    ("login", "guard"),
    [
        ("basic", basic),
        ("digest", digest_guard("ann", PASSWORD, uses=3)),
        ("bearer", bearer_guard(TOKEN)),
    ],
)
def test_careless_suite_on_a_chatty_site(leaks: Leaks, login: str, guard: Guard) -> None:
    sandbox = leaks.sandbox()
    with front(sandbox.description["endpoint"], guard, change=leaks.chatter.change()) as url:
        finished = leaks.run(sandbox, url, login, CARELESS)
    assert verdicts(finished) == VERDICTS, finished.out


@contextlib.contextmanager
def keystone(
    leaks: Leaks, sandbox: Site, version: str, uses: int = 5
) -> Iterator[tuple[str, ScriptedKeystone]]:
    """Runs a Keystone of one version and a chatty site that takes each of its tokens for some requests."""
    leaks.robot.environment.pop("OCCI_TOKEN")  # a token at hand is taken instead of a password

    def knows(request: Request) -> bool:
        return PASSWORD in request.body.decode()

    with scripted() as running:
        identity = ScriptedKeystone(running, knows, (Project("1", "fedcloud"),), versions=(version,))
        left: dict[str, int] = {}

        def valid(token: str) -> bool:
            left[token] = left.get(token, uses) - 1
            return token in identity.given and token.startswith("p") and left[token] >= 0

        guard = keystone_guard(running.url, valid)
        with front(sandbox.description["endpoint"], guard, change=leaks.chatter.change()) as url:
            yield url, identity


@pytest.mark.parametrize("version", ["v2.0", "v3"])
def test_tokens_of_keystone_that_expire_in_mid_run(leaks: Leaks, version: str) -> None:
    sandbox = leaks.sandbox()
    with keystone(leaks, sandbox, version) as (url, identity):
        finished = leaks.run(sandbox, url, "keystone", CARELESS)
    assert verdicts(finished) == VERDICTS, finished.out
    assert len(identity.given) >= 4
    given = {f"token {number}": token for number, token in enumerate(identity.given)}
    assert sang(given, leaks.robot.folder, out=finished.out, err=finished.err) == []


def test_keystone_that_refuses_and_repeats_what_it_was_sent(leaks: Leaks) -> None:
    sandbox = leaks.sandbox()
    with scripted() as identity:
        identity.on("/", answer(300, '{"versions": {"values": []}}', "application/json"))
        identity.on("/v3/auth/tokens", lambda request: answer(401, b"Not by " + request.body))
        identity.on(
            "/v3",
            lambda request: answer(
                200, '{"version": {"id": "v3.14", "status": "stable"}}', "application/json"
            ),
        )
        guard = keystone_guard(identity.url + "v3", lambda token: False)
        with front(sandbox.description["endpoint"], guard, change=leaks.chatter.change()) as url:
            finished = leaks.run(sandbox, url, "keystone", CARELESS)
    assert set(verdicts(finished).values()) == {"FAIL", "SKIP"}
    assert "Cannot tell" in finished.out


def test_site_that_refuses_and_repeats_what_it_was_sent(leaks: Leaks) -> None:
    sandbox = leaks.sandbox()
    guard = bearer_guard("another")
    with front(sandbox.description["endpoint"], guard, change=leaks.chatter.change()) as url:
        finished = leaks.run(sandbox, url, "bearer", AGREED / "01__identify_and_query_the_vm.robot")
    assert set(verdicts(finished).values()) == {"FAIL", "SKIP"}
    assert "Cannot tell" in finished.out


def test_faults_of_a_site_in_the_agreed_test_cases(leaks: Leaks) -> None:
    sandbox = leaks.sandbox("seconds=0.1,fault=start-broken")
    cases = [AGREED / "02__change_the_vm_attributes.robot", AGREED / "03__start_the_vm.robot"]
    with front(sandbox.description["endpoint"], basic, change=leaks.chatter.change()) as url:
        finished = leaks.run(sandbox, url, "basic", *cases)
    assert {"PASS", "FAIL"} <= set(verdicts(finished).values()), finished.out


def test_site_that_dies_in_mid_run(leaks: Leaks) -> None:
    sandbox = leaks.sandbox()
    asked: list[str] = []

    def dies(request: Asked) -> str:
        asked.append(request.target)
        if len(asked) > 6:
            raise ConnectionError
        return basic(request)

    with front(sandbox.description["endpoint"], dies, change=leaks.chatter.change()) as url:
        finished = leaks.run(sandbox, url, "basic", CARELESS)
    assert verdicts(finished)["A Refusal Is Shown"] == "FAIL"


@pytest.mark.parametrize("cut_off_by", [signal.SIGINT, signal.SIGKILL])
def test_run_that_is_cut_off(leaks: Leaks, cut_off_by: signal.Signals) -> None:
    sandbox = leaks.sandbox()
    only = ("--variable", "WAITING:True", "--test", "Answers Are Shown", "--test", "The Run Is Cut Off")
    with front(sandbox.description["endpoint"], basic, change=leaks.chatter.change()) as url:
        finished = leaks.run(sandbox, url, "basic", *only, CARELESS, interrupted=cut_off_by)
    notes = list((leaks.robot.folder / "notes").glob("*.json"))
    if cut_off_by == signal.SIGKILL:
        assert "occi.core.title" in notes[0].read_text("utf-8")  # it was searched, too
    else:
        assert verdicts(finished)["The Run Is Cut Off"] == "FAIL", finished.out
        assert "interrupted" in finished.out
        assert notes == []


@pytest.mark.parametrize("pass_phrase", [PASS_PHRASE, "another than that"])
def test_encrypted_key(leaks: Leaks, tmp_path: Path, pass_phrase: str) -> None:
    sandbox = leaks.sandbox()
    ca = certificates.authority()
    user = certificates.user(ca)
    (tmp_path / "user.pem").write_bytes(user.certificate_pem())
    (tmp_path / "key.pem").write_bytes(user.key_pem(pass_phrase))
    variables = {
        "OCCI_CERTIFICATE": tmp_path / "user.pem",
        "OCCI_KEY": tmp_path / "key.pem",
        "OCCI_CA": certificates.grid_folder(tmp_path / "cas", ca),
    }
    given = [part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")]
    tls = certificates.server_context(certificates.host(ca), tmp_path, ca)
    guard = certificate_guard("alice")
    with front(sandbox.description["endpoint"], guard, tls, leaks.chatter.change()) as url:
        finished = leaks.run(sandbox, url, "x509", *given, CARELESS)
    assert finished.code > 0
    assert ("Cannot tell" in finished.out) is (pass_phrase != PASS_PHRASE)


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("OCCI_ENDPOINT:http://ann:{}@127.0.0.1/", "it must not hold a name or password"),
        ("OCCI_PASSWORD:{}", "${OCCI_PASSWORD} is set in the command line"),
    ],
)
def test_secret_in_the_command_line_is_refused(robot: Robot, option: str, sentence: str) -> None:
    canary = "c0mmand-line-c4nary"
    given = ("--variable", "SITE:TEMPLATE", "--variable", option.format(canary))
    finished = robot("--loglevel", "TRACE", *given, CARELESS)
    assert sang({"command line": canary}, robot.folder, out=finished.out, err=finished.err) == []
    assert sentence in finished.out
    assert finished.code == 1


def test_secret_in_a_line_that_robot_framework_refuses_is_hidden(
    robot: Robot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sites = tmp_path_factory.mktemp("sites")
    canary = "s1te-file-c4nary"
    # One space is too few: Robot Framework repeats the line in its error.
    line = f"*** Variables ***\n${{OCCI_PASSWORD: Secret}} {canary}\n"
    (sites / "careless.resource").write_text(line, "utf-8")
    suite = sites / "careless_site.robot"
    suite.write_text(
        f"*** Settings ***\nLibrary    OcciLibrary    site=careless    sites={sites}\n"
        f"Resource    {sites}/careless.resource\n*** Test Cases ***\nAny\n    List Compute Resources\n",
        "utf-8",
    )
    finished = robot(suite)
    assert "line 2 holds a secret in plain text" in finished.out
    assert "Invalid variable name" in finished.err
    assert sang({"site file": canary}, robot.folder, out=finished.out, err=finished.err) == []
