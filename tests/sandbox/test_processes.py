"""The sandbox as a process: embedded in a run, on the command line, and its end under every circumstance."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.sandbox.embedded import EmbeddedSandbox, SandboxError, SandboxOptions, parse_options
from OcciLibrary.sandbox.options import READERS
from OcciLibrary.sandbox.processes import ChildError, ChildProcess

from .conftest import Client, journal_lines

QUICK = SandboxOptions(seconds=0.02, machines=2)


def port_of(description: Mapping[str, Any]) -> int:
    return int(description["endpoint"].rstrip("/").rpartition(":")[2])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except OSError:
        return False
    return True


def wait_for(condition: Any, timeout: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        os.sched_yield() if hasattr(os, "sched_yield") else None
    return bool(condition())


@contextlib.contextmanager
def command_line(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "OcciLibrary.sandbox", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def announced(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    description = json.loads(process.stdout.readline())
    assert isinstance(description, dict)
    return description


def second_vm_is_up(description: Mapping[str, Any]) -> bool:
    return wait_for(lambda: answers(description["machines"][1]["ssh_port"]))


# ---- embedded


def test_embedded_site_starts_answers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    sandbox = EmbeddedSandbox()
    description = sandbox.start(
        parse_options(f"sandbox:seconds=0.02,machines=3,journal={tmp_path / 'journal'}")
    )
    assert sandbox.alive
    reference, active, _ = description["machines"]
    assert reference["state"] == "inactive"
    assert not answers(reference["echo_port"])
    assert second_vm_is_up(description)
    client = Client(port_of(description))
    assert reference["id"] in client.ask("GET", "/compute/").text
    client.close()
    sandbox.stop()
    assert not sandbox.alive
    assert not any(answers(port) for port in (port_of(description), active["echo_port"], active["ssh_port"]))
    assert [line["vm"] for line in journal_lines(tmp_path / "journal")] == [active["id"]]
    sandbox.stop()


def test_embedded_site_can_begin_with_an_active_reference_vm() -> None:
    sandbox = EmbeddedSandbox()
    [reference] = sandbox.start(SandboxOptions(seconds=0.02, machines=1, reference_state="active"))[
        "machines"
    ]
    assert reference["state"] == "active"
    assert answers(reference["echo_port"])
    sandbox.stop()
    assert not answers(reference["echo_port"])


def test_embedded_site_asks_for_the_password_it_was_given(tmp_path: Path) -> None:
    sandbox = EmbeddedSandbox()
    description = sandbox.start(SandboxOptions(seconds=0.02, machines=1, username="me", password="canary-b"))
    client = Client(port_of(description))
    assert client.ask("GET", "/-/").status == 401
    assert client.ask("GET", "/-/", Authorization="Basic bWU6Y2FuYXJ5LWI=").status == 200
    client.close()
    if Path("/proc/self/cmdline").exists():
        told = b"".join(path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _readable(path))
        assert b"canary-b" not in told
    assert "canary-b" not in repr(SandboxOptions(password="canary-b"))
    sandbox.stop()


def _readable(path: Path) -> bool:
    try:
        return bool(path.read_bytes()) or True
    except OSError:
        return False


def test_embedded_site_that_cannot_start_says_why(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        sandbox = EmbeddedSandbox()
        with pytest.raises(SandboxError, match="Is it taken by another program"):
            sandbox.start(SandboxOptions(port=taken.getsockname()[1]))
    assert not sandbox.alive
    with pytest.raises(SandboxError, match=r"its journal .* cannot be written"):
        sandbox.start(SandboxOptions(journal=tmp_path / "no" / "such" / "folder"))
    with pytest.raises(SandboxError, match="SANDBOX_PASSWORD"):
        sandbox.start(SandboxOptions(username="me"))


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")
def test_embedded_site_is_out_of_reach_of_ctrl_c() -> None:
    sandbox = EmbeddedSandbox()
    sandbox.start(QUICK)
    process = sandbox._process
    assert process
    assert os.getpgid(process.pid) != os.getpgid(0)
    assert os.getsid(process.pid) != os.getsid(0)
    sandbox.stop()


def test_modules_of_the_testers_folder_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("asyncio", "json", "cheroot"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('wrong module')")
    monkeypatch.chdir(tmp_path)
    sandbox = EmbeddedSandbox()
    description = sandbox.start(QUICK)
    assert second_vm_is_up(description)
    sandbox.stop()


# ---- options


def test_options_of_a_site_file() -> None:
    assert parse_options("sandbox") == parse_options("sandbox:") == SandboxOptions()
    chosen = parse_options(
        "sandbox:seconds=0.5, machines=2,reference-state=active,journal=a b/j.txt,port=8080,username=me"
    )
    assert chosen == SandboxOptions(8080, 0.5, 2, "active", "me", Path("a b/j.txt"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sandbox:speed=3", "no option 'speed'"),
        ("sandbox:seconds", "needs a value"),
        ("sandbox:seconds=fast", "number of seconds"),
        ("sandbox:seconds=-1", "number of seconds"),
        ("sandbox:seconds=nan", "number of seconds"),
        ("sandbox:machines=0", "from 1 to 20"),
        ("sandbox:machines=two", "from 1 to 20"),
        ("sandbox:port=65536", "from 0 to 65535"),
        ("sandbox:reference-state=suspended", "inactive or active"),
        ("sandbox:username=a:b", "without colon"),
    ],
)
def test_wrong_options_are_said_in_one_sentence_with_the_right_ones(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        parse_options(text)
    assert all(name in str(caught.value) for name in READERS)
    assert "\n" not in str(caught.value)


@given(st.text())
def test_any_text_gives_options_or_one_sentence(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_options("sandbox:" + text)


# ---- command line


def test_words_for_a_person() -> None:
    with command_line("--seconds", "0.02", "--machines", "1") as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(13)]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr
        assert process.stderr.read() == ""
    shown = dict(line.split(maxsplit=1) for line in lines if line.startswith("${"))
    assert {
        "${OCCI_ENDPOINT}",
        "${VM_ID}",
        "${ECHO_HOST}",
        "${ECHO_PORT}",
        "${SSH_PORT}",
        "${SSH_USERNAME}",
    } <= set(shown)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signals_end_it_with_its_vms(name: str) -> None:
    with command_line("--announce", "--seconds", "0.02") as process:
        description = announced(process)
        assert second_vm_is_up(description)
        process.send_signal(getattr(signal, name))
        assert process.wait(10) == 0
        assert process.stderr
        assert process.stderr.read() == ""
    assert not answers(description["machines"][1]["ssh_port"])


def test_it_ends_with_its_standard_input_when_told_so() -> None:
    with command_line("--announce", "--follow-stdin", "--machines", "1") as process:
        description = announced(process)
        assert answers(port_of(description))
        assert process.stdin
        process.stdin.close()
        assert process.wait(10) == 0
    assert not answers(port_of(description))


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_vms_end_by_themselves_when_the_sandbox_is_killed() -> None:
    with command_line("--announce", "--seconds", "0.02") as process:
        description = announced(process)
        vm = description["machines"][1]
        assert second_vm_is_up(description)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert wait_for(lambda: not answers(vm["ssh_port"]) and not answers(vm["echo_port"]))


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_vm_that_is_just_booting_ends_too_when_the_sandbox_is_killed() -> None:
    with command_line("--announce", "--seconds", "30", "--machines", "2") as process:
        announced(process)  # the second VM's process waits for its 30 s to pass
        children = _children(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert len(children) == 1
    assert wait_for(lambda: not any(_runs(child) for child in children))


def _children(pid: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(child) for child in listing.stdout.split()]


def _runs(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--username", "me"], 2, "SANDBOX_PASSWORD"),
        (["--machines", "0"], 2, "from 1 to 20"),
        (["--seconds", "soon"], 2, "number of seconds"),
        (["--nonsense"], 2, "unrecognized"),
        (["--journal", "/no/such/folder/journal"], 1, "cannot be written"),
    ],
)
def test_wrong_command_lines_are_said_in_words(arguments: list[str], status: int, words: str) -> None:
    with command_line(*arguments, SANDBOX_PASSWORD="") as process:
        assert process.wait(10) == status
        assert process.stderr
        told = process.stderr.read()
    assert words in told
    assert "Traceback" not in told


def test_ssh_password_comes_from_the_environment() -> None:
    import paramiko  # noqa: PLC0415

    with command_line("--announce", "--machines", "1", "--seconds", "0.02", "--reference-state", "active",
                      SANDBOX_SSH_PASSWORD="pässword") as process:  # fmt: skip
        port = announced(process)["machines"][0]["ssh_port"]
        with paramiko.SSHClient() as client:
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            client.connect("127.0.0.1", port, "tester", "pässword", look_for_keys=False, allow_agent=False)
            assert client.exec_command("whoami")[1].read() == b"tester\n"


def test_it_goes_on_serving_under_many_connections() -> None:
    sandbox = EmbeddedSandbox()
    port = port_of(sandbox.start(QUICK))
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=5) for _ in range(40)]
    for connection in connections:
        connection.request("GET", "/compute/")
    assert {connection.getresponse().status for connection in connections} == {200}
    for connection in connections:
        connection.close()
    sandbox.stop()


# ---- the machine's process by itself


def test_a_child_that_fails_says_so() -> None:
    child = ChildProcess("OcciLibrary.sandbox.no_such_module")
    with pytest.raises(ChildError, match="no_such_module"):
        child.answer(10)
    child.end()
    with pytest.raises(ChildError, match="takes no orders"):
        child.tell({"do": "suspend"})


def test_a_machine_ends_with_its_input_even_before_it_boots() -> None:
    child = ChildProcess("OcciLibrary.sandbox.machine")
    child.end()
    assert not child.alive


def test_a_child_that_does_not_answer_is_given_up_in_time() -> None:
    child = ChildProcess("OcciLibrary.sandbox.machine")
    with pytest.raises(ChildError, match=r"did not answer within 0\.05 s"):
        child.answer(0.05)
    child.end()
