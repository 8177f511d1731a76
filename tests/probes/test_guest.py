"""The guest probe against the sandbox's real ssh login, and against servers that are broken in every other way."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.probes.guest import GuestLogin, ask_guest
from OcciLibrary.probes.guest_answer import SCRIPT, Answers, read_answers
from OcciLibrary.probes.host_key import HostKeyError, fingerprint, pinned
from OcciLibrary.sandbox.embedded import EmbeddedSandbox, parse_options
from tests.probes.conftest import Serve

PASSWORD = "canary-7f3a"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def vm() -> Iterator[dict[str, Any]]:
    sandbox = EmbeddedSandbox()
    options = parse_options("sandbox:seconds=0.1,machines=1,reference-state=active")
    yield sandbox.start(replace(options, ssh_password=PASSWORD))["machines"][0]
    sandbox.stop()


@pytest.fixture
def login(vm: dict[str, Any]) -> GuestLogin:
    return GuestLogin(vm["ssh_host"], vm["ssh_port"], "tester", PASSWORD, host_key=vm["ssh_host_key"])


def private_key(file: Path, passphrase: str = "") -> str:
    """Writes a new private key and returns its public key line."""
    key = Ed25519PrivateKey.generate()
    locked = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else None
    form = serialization.PrivateFormat.OpenSSH
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, locked or serialization.NoEncryption())
    )
    public = serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, public).decode()


def test_reads_what_the_machine_says_of_itself(login: GuestLogin) -> None:
    began = time.time()
    account = ask_guest(login)
    assert account.problem == ""
    assert UUID.fullmatch(account.boot_id)
    assert (account.hostname, account.cores, account.memory) == ("reference-vm", 1, 1.0)
    assert account.boot_time is not None
    assert account.boot_time <= began
    assert account.clock == pytest.approx(began, abs=3)
    assert account.host_key.startswith("SHA256:")


def test_two_readings_of_one_boot_tell_the_same_boot(login: GuestLogin) -> None:
    one, other = ask_guest(login), ask_guest(login)
    assert (one.boot_id, one.boot_time) == (other.boot_id, other.boot_time)


def test_host_key_may_be_pinned_as_a_fingerprint_or_a_known_hosts_line_or_not_at_all(
    login: GuestLogin,
) -> None:
    shown = ask_guest(replace(login, host_key="")).host_key
    for host_key in (shown, f"vm.example.org {login.host_key} comment"):
        assert ask_guest(replace(login, host_key=host_key)).problem == ""


@pytest.mark.parametrize("kind", ["SHA256", "ssh-ed25519"])
def test_changed_host_key_is_one_sentence_and_nobody_is_logged_in(
    login: GuestLogin, tmp_path: Path, kind: str
) -> None:
    line = private_key(tmp_path / "other")
    other = "SHA256:" + "A" * 43 if kind == "SHA256" else line
    account = ask_guest(replace(login, host_key=other))
    assert account.final
    assert "shows another host key than the site file says: ssh-ed25519 SHA256:" in account.problem
    assert "${SSH_HOST_KEY}" in account.problem
    assert account.boot_id == ""


def test_wrong_password_is_said_without_the_password(login: GuestLogin) -> None:
    account = ask_guest(replace(login, password="wrong-" + PASSWORD))
    assert account.final
    assert "refuses the password: check ${SSH_USERNAME} and ${SSH_PASSWORD}" in account.problem
    assert PASSWORD not in repr((account, login))


@pytest.mark.parametrize("passphrase", ["", PASSWORD])
def test_key_that_is_not_let_in_is_said_and_its_passphrase_is_not_tried_as_password(
    login: GuestLogin, tmp_path: Path, passphrase: str
) -> None:
    private_key(tmp_path / "id", passphrase)
    account = ask_guest(replace(login, key_file=str(tmp_path / "id")))  # the password would be let in
    assert "refuses the key: check ${SSH_USERNAME} and ${SSH_KEY}" in account.problem
    assert account.final


def test_wrong_passphrase_of_a_key_is_said(login: GuestLogin, tmp_path: Path) -> None:
    private_key(tmp_path / "id", "right")
    account = ask_guest(replace(login, key_file=str(tmp_path / "id")))
    assert "or its passphrase (${SSH_PASSWORD}) is another one" in account.problem
    assert PASSWORD not in account.problem


@pytest.mark.parametrize(
    ("content", "passphrase", "words"),
    [
        (b"no key at all", "", "cannot be used: it is damaged"),
        (None, "", "cannot be read: No such file"),
        (b"", "secret", "it needs a passphrase; give it as ${SSH_PASSWORD}"),
    ],
)
def test_key_file_that_cannot_be_used(
    login: GuestLogin, tmp_path: Path, content: bytes | None, passphrase: str, words: str
) -> None:
    file = tmp_path / "id"
    if content is not None:
        file.write_bytes(content)
    if passphrase:
        private_key(file, passphrase)
    account = ask_guest(replace(login, key_file=str(file), password=""))
    assert words in account.problem
    assert account.final


def test_unreadable_pin_is_one_sentence(login: GuestLogin) -> None:
    account = ask_guest(replace(login, host_key="my key"))
    assert account.problem.startswith("${SSH_HOST_KEY} is not a host key: ")


def test_nothing_listens(free_port: int) -> None:
    account = ask_guest(GuestLogin("127.0.0.1", free_port, "tester", PASSWORD), timeout=0.3)
    assert "cannot be reached: No connection to 127.0.0.1" in account.problem
    assert not account.final


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def banner(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.org ESMTP\r\n" * 120)


def endless(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x" * 65536)


def dripping(connection: socket.socket) -> None:
    for byte in b"SSH-2.0-slow" * 100:
        connection.sendall(bytes([byte]))
        threading.Event().wait(0.05)


def garbled(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-odd\r\n" + bytes(range(256)) * 40)
    connection.recv(65536)


def first_version(connection: socket.socket) -> None:
    connection.sendall(b"SSH-1.5-old\r\n")
    connection.recv(65536)


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (silent, "accepted the connection, but said nothing within 0.6 s"),
        (banner, "does not speak ssh: it sent '220 mail.example.org"),
        (endless, "does not speak ssh: it sent 'xxx"),
        (dripping, "did not finish the ssh handshake within 0.6 s"),
        (garbled, "broke off the ssh handshake"),
        (first_version, "broke off the ssh handshake (Incompatible version"),
        (lambda connection: None, "closed the connection without a word"),
    ],
)
def test_servers_that_are_no_ssh_server(
    serve: Serve, handler: Any, words: str, caplog: Any, capfd: Any
) -> None:
    port = serve(handler)
    began = time.perf_counter()
    account = ask_guest(GuestLogin("127.0.0.1", port, "tester", PASSWORD), timeout=0.6)
    assert time.perf_counter() - began < 2
    assert words in account.problem
    assert PASSWORD not in account.problem
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())


def test_old_server_is_told_with_the_extra_that_helps(serve: Serve) -> None:
    name_lists = [
        b"diffie-hellman-group1-sha1",
        b"ssh-dss",
        *[b"3des-cbc"] * 2,
        *[b"hmac-md5"] * 2,
        *[b"none"] * 2,
        b"",
        b"",
    ]
    payload = bytes([20]) + bytes(16) + b"".join(len(n).to_bytes(4, "big") + n for n in name_lists) + bytes(5)
    padding = 16 - (len(payload) + 5) % 8
    packet = (len(payload) + 1 + padding).to_bytes(4, "big") + bytes([padding]) + payload + bytes(padding)

    def old(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-dropbear_0.52\r\n" + packet)
        while connection.recv(4096):
            pass

    account = ask_guest(GuestLogin("127.0.0.1", serve(old), "cirros", PASSWORD), timeout=3)
    assert "pip install 'robotframework-occilibrary[old-images]'" in account.problem
    assert account.final


def test_answers_of_a_linux_machine_are_read() -> None:
    first = "1 (systemd (x)) S 0 1 1 0 -1 4194560 " + " ".join(["9"] * 12) + " 37 170 3"
    output = (
        "occi:boot_id\nDD2D77DC-8A52-4E8C-8C0E-6E34F6E9F4A1\nocci:btime\nbtime 1700000000\nocci:uptime\n100.21 99.1\n"
        "occi:clock\n1700000100\nocci:zone\n+0200\nocci:since\n2023-11-15 00:13:20\nocci:boottime\n"
        f"occi:first\n{first}\nocci:hostname\nvm-1\nocci:nproc\n4\nocci:cores\n8\n"
        "occi:memory\nMemTotal:        2097152 kB\n"
    )
    assert read_answers(output.encode()) == Answers(
        "dd2d77dc-8a52-4e8c-8c0e-6e34f6e9f4a1", 1700000000.0, 1700000100.0, 37, "vm-1", 4, 2.0
    )


@pytest.mark.parametrize(
    "output",
    [
        "occi:uptime\n100.00 99\nocci:clock\n1700000100\n",
        "occi:zone\n+0200\nocci:since\n2023-11-15 00:13:20\nocci:clock\n1700000100\n",
        "occi:clock\n1700000100\nocci:boottime\n{ sec = 1700000000, usec = 5 } Tue Nov 14 22:13:20 2023\n",
    ],
    ids=["uptime", "uptime -s", "BSD"],
)
def test_boot_time_of_images_that_lack_some_files(output: str) -> None:
    answers = read_answers(output.encode())
    assert answers.boot_time == 1700000000.0
    assert answers.boot_id == ""
    assert answers.anything


@given(st.binary(max_size=400))
def test_reading_answers_never_raises_and_believes_no_nonsense(noise: bytes) -> None:
    marks = [
        line.split("; ")[0].removeprefix("echo ").encode() for line in SCRIPT.split("; ") if "occi:" in line
    ]
    answers = read_answers(noise + b"\n".join(mark + b"\n" + noise for mark in marks))
    assert len(answers.boot_id) in (0, *range(32, 37))
    assert len(answers.hostname) <= 253


@given(st.text(max_size=200))
def test_reading_a_pin_gives_a_key_or_the_one_sentence(text: str) -> None:
    try:
        key = pinned(text)
    except HostKeyError:
        return  # its sentence is looked at above
    assert key is None or key.shown.startswith("SHA256:")


def test_fingerprint_is_written_as_openssh_does() -> None:
    assert fingerprint(b"") == "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"


ACCOUNT = "occi:boot_id\ndd2d77dc-8a52-4e8c-8c0e-6e34f6e9f4a1\nocci:hostname\nkeyed\n"


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Callable[[str], int]]:
    """Starts an ssh server that lets in the owner of one public key, and nobody with a password; gives its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers: list[asyncssh.SSHAcceptor] = []

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            authorized_client_keys=str(tmp_path / "authorized_keys"),
            process_factory=answer,
        )

    def start(public_key: str) -> int:
        (tmp_path / "authorized_keys").write_text(public_key)
        servers.append(asyncio.run_coroutine_threadsafe(listen(), loop).result(10))
        return servers[0].get_port()

    def answer(process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write(ACCOUNT if process.command == SCRIPT else "")
        process.exit(0)

    yield start
    for server in servers:
        loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.mark.parametrize("passphrase", ["", PASSWORD])
def test_logs_in_with_a_key(keyed: Callable[[str], int], tmp_path: Path, passphrase: str) -> None:
    port = keyed(private_key(tmp_path / "id", passphrase))
    account = ask_guest(GuestLogin("127.0.0.1", port, "tester", passphrase, str(tmp_path / "id")))
    assert account.problem == ""
    assert (account.hostname, account.boot_time) == ("keyed", None)
    private_key(tmp_path / "other")
    stranger = ask_guest(GuestLogin("127.0.0.1", port, "tester", "", str(tmp_path / "other")))
    assert "refuses the key: check ${SSH_USERNAME} and ${SSH_KEY}" in stranger.problem
    by_password = ask_guest(GuestLogin("127.0.0.1", port, "tester", PASSWORD))
    assert "lets nobody in with a password, only with: publickey" in by_password.problem
