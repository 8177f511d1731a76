from __future__ import annotations

import subprocess
import sys

import pytest

from OcciLibrary.probes import Ping


def may_ping() -> str:
    """Says why this machine cannot ping itself; '' when it can."""
    return Ping("127.0.0.1").unavailable_because


@pytest.mark.skipif(bool(may_ping()), reason=f"no pings from here: {may_ping()}")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_answers(host: str) -> None:
    ping = Ping(host)
    assert ping.available
    value, detail = ping.glance(1.0)
    assert value == "answers"
    assert " ms" in detail


@pytest.mark.skipif(bool(may_ping()), reason=f"no pings from here: {may_ping()}")
@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "x" * 300])
def test_a_name_that_cannot_be_resolved_is_silent(host: str) -> None:
    value, detail = Ping(host).glance(0.5)
    assert value == "silent"
    assert "cannot be resolved" in detail or "not an address" in detail


def test_where_pings_are_not_permitted_it_says_so_and_raises_nothing() -> None:
    # In a process of its own, because rights and sockets are taken away for good there.
    script = (
        "import socket\n"
        "class Denied(socket.socket):\n"
        "    def __init__(self, family=-1, type=-1, proto=-1, *more):\n"
        "        if proto in (socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6):\n"
        "            raise PermissionError(1, 'Operation not permitted')\n"
        "        super().__init__(family, type, proto, *more)\n"
        "socket.socket = Denied\n"
        "from OcciLibrary.probes import Ping\n"
        "ping = Ping('127.0.0.1')\n"
        "print(ping.available, ping.unavailable_because, ping.glance(), sep='|')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stderr == ""
    available, why, glance = done.stdout.strip().split("|")
    assert available == "False"
    assert why.startswith("This machine does not permit pings")
    assert why.endswith(".")
    assert "(error)" in glance


def test_importing_the_probes_loads_neither_icmplib_nor_robot() -> None:
    script = "import sys, OcciLibrary.probes; print([m for m in ('icmplib', 'robot', 'requests') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout.strip() == "[]"
