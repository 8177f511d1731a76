"""`occi-matrix check`: each thing that can be wrong is told in a line of its own, and nothing is changed at the site."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from OcciLibrary.keywords.site_variables import read_variables
from OcciLibrary.results.check_lines import Line, Sign
from OcciLibrary.results.checking import check_site
from OcciLibrary.sandbox.embedded import EmbeddedSandbox, parse_options
from tests.logins.certificates import authority, host, server_context
from tests.logins.front import Answered, Asked, front
from tests.matrix.conftest import Matrix
from tests.matrix.many_sites import write_site
from tests.runs.conftest import Site

ADMIN = "ask the site's admin"


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    """A site with an active VM; all tests look at this one."""
    sandbox = EmbeddedSandbox()
    options = "sandbox:seconds=0.1,machines=2,reference-state=active"
    yield Site(sandbox, sandbox.start(parse_options(options)))
    sandbox.stop()


@pytest.fixture
def look(running: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Line]]:
    """Checks the site with some of its variables changed; gives the lines by what they are about."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    vm = running.vm
    good = {
        "OCCI_ENDPOINT": running.description["endpoint"],
        "VM_ID": vm["id"],
        "ECHO_HOST": vm["echo_host"],
        "ECHO_PORT": vm["echo_port"],
        "SSH_HOST": vm["ssh_host"],
        "SSH_PORT": vm["ssh_port"],
        "SSH_USERNAME": "tester",
        "SSH_PASSWORD: Secret": "%{SANDBOX_SSH_PASSWORD=sandbox}",
        "SSH_HOST_KEY": vm["ssh_host_key"],
    }

    def check(**changed: object) -> dict[str, Line]:
        write_site(tmp_path, "lab", {**good, **changed})
        lines = list(check_site("lab", tmp_path, read_variables(tmp_path / "lab.resource")))
        return {line.about: line for line in lines}

    return check


def wrong(lines: dict[str, Line]) -> list[str]:
    return [line.about for line in lines.values() if line.sign is Sign.WRONG]


def test_a_site_that_is_well_gets_a_good_line_for_each_thing(look: Callable[..., dict[str, Line]]) -> None:
    lines = look()
    assert list(lines) == [
        "Site file",
        "Address",
        "TLS",
        "Login",
        "VM",
        "Clock",
        "Echo",
        "SSH",
        "Clock of VM",
    ]
    assert not wrong(lines)
    assert {lines[about].sign for about in ("Site file", "Address", "Login", "Clock", "Echo", "SSH")} == {
        Sign.WELL
    }
    assert "none is asked for; VMs listed: 2" in lines["Login"].words
    assert "stop it before the run" in lines["VM"].words, "the VM is active"


def test_nothing_but_get_is_sent(running: Site, look: Callable[..., dict[str, Line]]) -> None:
    methods: list[str] = []

    def guard(asked: Asked) -> str:
        methods.append(asked.method)
        return ""

    before = running.attributes()
    with front(running.description["endpoint"], guard) as url:
        assert not wrong(look(OCCI_ENDPOINT=url))
    assert len(methods) > 2
    assert set(methods) == {"GET"}
    assert running.attributes() == before


def test_a_login_is_told_from_one_that_is_refused(
    running: Site, look: Callable[..., dict[str, Line]], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = "Basic " + base64.b64encode(b"tester:open-sesame").decode()
    login = {"OCCI_AUTH": "basic", "OCCI_USERNAME": "tester", "OCCI_PASSWORD: Secret": "%{LAB_PASSWORD}"}

    def guard(asked: Asked) -> str:
        return "" if asked["authorization"] == right else 'Basic realm="cloud"'

    with front(running.description["endpoint"], guard) as url:
        monkeypatch.setenv("LAB_PASSWORD", "open-sesame")
        let_in = look(OCCI_ENDPOINT=url, **login)
        monkeypatch.setenv("LAB_PASSWORD", "sesame-shut")
        refused = look(OCCI_ENDPOINT=url, **login)
    assert not wrong(let_in)
    assert "basic as tester is accepted; VMs listed: 2" in let_in["Login"].words
    assert let_in["TLS"].sign is Sign.NOTE, "the password goes over http"
    assert wrong(refused) == ["Login"]
    assert "the password in the environment variable" in refused["Login"].words
    assert "VM" not in refused
    assert "sesame" not in repr([let_in, refused])


@pytest.mark.parametrize(
    ("changed", "about", "words"),
    [
        ({"OCCI_ENDPOINT": "http://no-such-host.invalid/"}, "Address", "cannot be resolved"),
        ({"OCCI_ENDPOINT": "http://127.0.0.1:9/"}, "Address", "connection refused, nothing listens there"),
        (
            {"VM_ID": "not-there"},
            "VM",
            "'not-there' is not among the 2 VMs that the site lists; listed are http",
        ),
        ({"ECHO_HOST": "no-such-host.invalid"}, "Echo", "Check ${ECHO_HOST} in the site file"),
        ({"ECHO_PORT": 9}, "Echo", "ask the site's admin whether the echo service runs in the VM"),
        ({"SSH_HOST_KEY": "SHA256:" + "A" * 43}, "SSH", "shows another host key than the site file says"),
        ({"SSH_PORT": 9}, "SSH", "cannot be reached"),
        ({"SSH_USERNAME": "nobody"}, "SSH", "check ${SSH_USERNAME} and ${SSH_PASSWORD}"),
        ({"OCCI_ENPOINT": "http://a/"}, "Site file", "probably ${OCCI_ENDPOINT} is meant"),
        ({"OCCI_PASSWORD: Secret": "%{NOT_SET_ANYWHERE}"}, "Site file", "'%{NOT_SET_ANYWHERE}' not found"),
        ({"OCCI_AUTH": "kerberos"}, "Site file", "it must be one of none, basic"),
    ],
)
def test_what_is_wrong_is_one_line_with_what_to_do(
    look: Callable[..., dict[str, Line]],
    changed: dict[str, object],
    about: str,
    words: str,
) -> None:
    lines = look(**changed)
    assert wrong(lines) == [about]
    assert words in lines[about].words


def test_certificates_that_are_not_trusted_are_told(
    running: Site, look: Callable[..., dict[str, Line]], tmp_path: Path
) -> None:
    ca = authority()
    (tmp_path / "ca.pem").write_bytes(ca.certificate_pem())
    days = timedelta(days=3)
    expired = host(ca, begin=-2 * days, end=-days)
    soon, later = host(ca, end=days), host(ca, end=timedelta(days=90))
    for identity, trusted, sign, words in (
        (later, "", Sign.WRONG, "a certificate of an unknown CA"),
        (expired, "ca.pem", Sign.WRONG, "its certificate has expired"),
        (host(ca, "elsewhere.example.org"), "ca.pem", Sign.WRONG, "its certificate is for another host name"),
        (soon, "ca.pem", Sign.NOTE, "tell the site's admin"),
        (later, "ca.pem", Sign.WELL, "is trusted and valid until"),
    ):
        behind, tls = running.description["endpoint"], server_context(identity, tmp_path)
        with front(behind, lambda asked: "", tls) as url:
            lines = look(OCCI_ENDPOINT=url, OCCI_CA=trusted and str(tmp_path / trusted))
        assert lines["TLS"].sign is sign, lines
        assert words in lines["TLS"].words
        assert ("Login" in lines) is (sign is not Sign.WRONG), "nothing is sent to whom one does not trust"


def test_clocks_that_differ_by_minutes_are_told(running: Site, look: Callable[..., dict[str, Line]]) -> None:
    def late(asked: Asked, given: Answered) -> Answered:
        status, headers, body = given
        then = datetime.now(timezone.utc) - timedelta(minutes=7)
        rest = [(name, value) for name, value in headers if name != "Date"]
        return status, [*rest, ("Date", format_datetime(then, usegmt=True))], body

    with front(running.description["endpoint"], lambda asked: "", change=late) as url:
        lines = look(OCCI_ENDPOINT=url)
    assert wrong(lines) == ["Clock"]
    assert "The site is 7 minutes behind this computer" in lines["Clock"].words
    assert ADMIN in lines["Clock"].words


def test_an_answer_that_never_comes_ends_in_time(look: Callable[..., dict[str, Line]]) -> None:
    with _deaf() as port:
        lines = look(OCCI_ENDPOINT=f"http://127.0.0.1:{port}/", TRANSITION_TIMEOUT="1 s")
    assert wrong(lines) == ["Login"]
    assert "no answer in time" in lines["Login"].words


@contextmanager
def _deaf() -> Iterator[int]:
    """A server that accepts connections and says nothing."""
    kept: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def accept() -> None:
            try:
                while True:
                    kept.append(listener.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    for connection in kept:
        connection.close()


def test_the_sandbox_can_be_checked_and_its_stopped_vm_is_silent(matrix: Matrix) -> None:
    matrix.add(
        "lab",
        OCCI_ENDPOINT="sandbox:machines=1",
        SSH_USERNAME="tester",
        **{"SSH_PASSWORD: Secret": "%{S=sandbox}"},
    )
    code, out = matrix("check", "lab")
    assert code == 0, out
    lines = {line[2:14].strip(): line for line in out.splitlines()}
    assert lines["VM"].startswith("✓")
    assert "as it should while the VM is inactive" in lines["Echo"]
    assert lines["SSH"].startswith("-")


def test_the_command_returns_1_for_what_is_wrong_and_2_for_no_such_site(matrix: Matrix) -> None:
    matrix.add("lab", OCCI_ENDPOINT="http://127.0.0.1:9/", VM_ID="1", ECHO_HOST="127.0.0.1", ECHO_PORT="9")
    code, out = matrix.at_once("check", "lab")
    assert code == 1, out
    assert "✗ Address" in out
    assert "1 thing to put right" in out
    code, out = matrix.at_once("check", "nope")
    assert code == 2, out
    assert "There is no site 'nope'" in out
    code, out = matrix.at_once("check", "lab", "-v", "OCCI_TOKEN:open-sesame")
    assert code == 2, out
    assert "open-sesame" not in out
