"""Commands on a machine over ssh: bounded in time and in what is read, whatever the machine does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from OcciLibrary.probes import guest
from OcciLibrary.probes.guest import GuestLogin, open_login
from OcciLibrary.probes.guest_command import MAX_OUTPUT, run_command
from OcciLibrary.probes.line_connection import Deadline


async def _behave(process: asyncssh.SSHServerProcess[str]) -> None:
    if process.command == "endless":
        while True:
            process.stdout.write("x" * 8192)
            await process.stdout.drain()
    if process.command == "slow":
        process.stdout.write("begun")
        await asyncio.sleep(60)
    if process.command == "cut":
        process.stdout.write("begun")
        process.get_extra_info("connection").abort()
        return
    if process.command == "silent end":
        process.stdout.write("done")
        process.close()
        return
    process.stdout.write(" seven \n")
    process.stderr.write("not read\n" * 100)
    process.exit(3)


class _Server(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return False  # anybody is let in


@pytest.fixture
def transport(tmp_path: Path) -> Iterator[Any]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    key = asyncssh.generate_private_key("ssh-ed25519")

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            _Server, "127.0.0.1", 0, server_host_keys=[key], process_factory=_behave
        )

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    form = serialization.PrivateFormat.OpenSSH
    private = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, form, serialization.NoEncryption()
    )
    (tmp_path / "id").write_bytes(private)
    opened, _ = open_login(GuestLogin("127.0.0.1", server.get_port(), "tester", "", str(tmp_path / "id")))
    yield opened
    opened.close()
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def test_output_and_status_are_read(transport: Any) -> None:
    ran = run_command(transport, "anything", Deadline(10.0))
    assert (ran.text, ran.status, ran.problem) == ("seven", 3, "")


def test_endless_output_is_cut_off(transport: Any) -> None:
    ran = run_command(transport, "endless", Deadline(10.0))
    assert len(ran.output) == MAX_OUTPUT
    assert ran.status is None
    assert ran.problem == f"it gave more than {MAX_OUTPUT} bytes"


def test_command_that_does_not_end_is_left_when_the_time_is_over(transport: Any) -> None:
    began = time.monotonic()
    ran = run_command(transport, "slow", Deadline(0.5))
    assert time.monotonic() - began < 3
    assert (ran.text, ran.status, ran.problem) == ("begun", None, "it did not end within 0.5 s")


def test_connection_that_breaks_off_and_a_command_without_a_status_are_told(transport: Any) -> None:
    ran = run_command(transport, "silent end", Deadline(5.0))
    assert (ran.text, ran.problem) == ("done", "the connection broke off before it ended")
    assert "the connection broke off" in run_command(transport, "cut", Deadline(5.0)).problem
    assert "the connection broke off" in run_command(transport, "anything", Deadline(5.0)).problem


def test_login_that_stays_open_receives_only_so_much(transport: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guest, "MAX_IN_SESSION", 100_000)
    transport.sock.lift_bounds()
    ran = run_command(transport, "endless", Deadline(10.0), most=10_000_000)
    assert len(ran.output) < 200_000
    assert ran.status is None
