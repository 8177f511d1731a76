"""`Create OCCI Session` and `Log In To The VM` say what is wrong in a tester's words, and check before they send."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace
from pathlib import Path

import pytest

from OcciLibrary.probes.guest import GuestLogin, GuestProblem, open_login
from tests.runs.conftest import Robot, Site
from tests.secrets.canaries import sang

_CANARY = "ssh-c4nary-pa55word"


@pytest.fixture
def sandbox(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("SANDBOX_SSH_PASSWORD", _CANARY)
    return site("seconds=0.2,reference-state=active")


@pytest.fixture
def login(sandbox: Site) -> GuestLogin:
    vm = sandbox.vm
    return GuestLogin(
        vm["ssh_host"], vm["ssh_port"], vm["ssh_username"], _CANARY, host_key=vm["ssh_host_key"]
    )


def _says(connection: object, command: str) -> str:
    channel = connection.open_session()  # type: ignore[attr-defined]
    channel.exec_command(command)
    with channel.makefile() as answer:
        text: str = answer.read().decode()
    return text


def test_connection_outlives_the_time_that_the_login_may_take(login: GuestLogin) -> None:
    seconds = 3.0
    connection, fingerprint = open_login(login, seconds)
    try:
        assert fingerprint.startswith("SHA256:")
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            assert _says(connection, "hostname").strip() == "reference-vm"
            time.sleep(0.5)  # the login's own time has to pass
        assert _says(connection, "hostname").strip() == "reference-vm"
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("changed", "words", "seconds"),
    [
        (
            {"password": "another-c4nary"},
            "refuses the password: check ${SSH_USERNAME} and ${SSH_PASSWORD}",
            20.0,
        ),
        ({"host_key": "SHA256:" + "A" * 43}, "shows another host key than the site file says", 20.0),
        ({"port": 1}, "cannot be reached", 0.5),
    ],
)
def test_login_that_does_not_come_about_is_told(
    login: GuestLogin, changed: dict[str, object], words: str, seconds: float
) -> None:
    with pytest.raises(GuestProblem) as caught:
        open_login(replace(login, **changed), seconds)
    assert words in str(caught.value)
    assert "c4nary" not in str(caught.value)


_SUITE = """\
*** Settings ***
Library    OcciLibrary
Library    {libraries}

*** Variables ***
${{OCCI_PASSWORD: Secret}}    %{{OCCI_PASSWORD=}}
${{SSH_PASSWORD: Secret}}     %{{SSH_PASSWORD=}}

*** Test Cases ***
Session
    Create OCCI Session    occi
    GET On Session    occi    /-/

Login
    Log In To The VM
    Execute Command    hostname
"""


def _run(robot: Robot, sandbox: Site, libraries: str, *more: str) -> dict[str, str]:
    suite = Path(robot.folder) / "own.robot"
    suite.write_text(_SUITE.format(libraries=libraries), "utf-8")
    robot.environment["SSH_PASSWORD"] = _CANARY
    finished = robot(*sandbox.variables, "--loglevel", "TRACE", *more, suite)
    assert sang({"password": _CANARY}, finished.folder, out=finished.out, err=finished.err) == []
    return {name: test.message for name, test in finished.tests.items()}


def test_a_library_that_is_missing_is_named(robot: Robot, sandbox: Site) -> None:
    messages = _run(robot, sandbox, "Collections")
    assert messages["Session"] == (
        "'Create OCCI Session' needs RequestsLibrary: write 'Library    RequestsLibrary' into the Settings of your suite."
    )
    assert messages["Login"].startswith("'Log In To The VM' needs SSHLibrary")


def test_what_the_site_file_lacks_is_named(robot: Robot, sandbox: Site) -> None:
    messages = _run(robot, sandbox, "RequestsLibrary\nLibrary    SSHLibrary", "--variable", "SSH_USERNAME:")
    assert messages["Session"] == ""
    assert messages["Login"].startswith("The VM's ssh login is not known: give ${SSH_HOST}, ${SSH_USERNAME}")


def test_login_waits_for_an_ssh_server_that_comes_up_late(login: GuestLogin) -> None:
    """The machine's port is free until a relay to its ssh server opens there."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(open_login, replace(login, port=port), 20.0)
        with pytest.raises(NotYet):
            opened.result(0.5)
        with socket.create_server(("127.0.0.1", port)) as late:
            threading.Thread(target=_relay, args=(late, login.port), daemon=True).start()
            connection, _ = opened.result(20)
            assert _says(connection, "hostname").strip() == "reference-vm"
            connection.close()


def _relay(listener: socket.socket, port: int) -> None:
    """Passes one connection on, both ways."""
    outer, _ = listener.accept()
    inner = socket.create_connection(("127.0.0.1", port))

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    threading.Thread(target=pass_on, args=(inner, outer), daemon=True).start()
    pass_on(outer, inner)
