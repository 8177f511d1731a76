"""The catalogue of faults: names, lists, combinations, and that the journal tells the truth where the site lies."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from OcciLibrary.sandbox.faults import FAULTS, conduct_of
from OcciLibrary.sandbox.misbehaving_echo import WAYS
from OcciLibrary.sandbox.options import SandboxOptions, parse_options
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.transitions import HEALTHY_PLANS

from .conftest import Client, Reply, journal_lines

STEPS = {f"{case}.{step}" for case, count in enumerate((2, 6, 4, 5, 7, 5), 1) for step in range(1, count + 1)}


@contextmanager
def site_with(
    fault: str, journal: Path | None = None, machines: int = 1
) -> Iterator[tuple[SandboxSite, Client]]:
    site = SandboxSite(SandboxOptions(seconds=0.02, machines=machines, journal=journal, fault=fault))
    site.start()
    client = Client(int(site.description()["endpoint"].rstrip("/").rpartition(":")[2]))
    try:
        yield site, client
    finally:
        client.close()
        site.stop()


def details(site: SandboxSite, client: Client) -> Reply:
    return client.ask("GET", f"/compute/{site.machines[0].id}")


def settled(site: SandboxSite, client: Client, action: str) -> str:
    assert client.act(site.machines[0], action).status == 200
    assert site.machines[0].wait_until_settled(20)
    return site.machines[0].snapshot().state


def test_there_are_more_than_sixty_faults_each_with_a_sentence_and_a_step() -> None:
    assert len(FAULTS) >= 60
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    for fault in FAULTS:
        assert fault.breaks.endswith("."), fault.name
        assert fault.aimed_at in {*STEPS, "weather", "discussion", "machine", "conformance"}, fault.name
        conduct = fault.conduct()
        assert conduct.echo in ("", *WAYS)
        assert set(conduct.plans) <= set(HEALTHY_PLANS)


def test_every_fault_of_the_list_can_be_asked_for_by_name() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "OcciLibrary.sandbox", "--list-faults"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout
    names = [line.split()[0] for line in listed.splitlines()]
    assert names == [fault.name for fault in FAULTS]
    assert all(parse_options(f"sandbox:fault={name}").fault == name for name in names)


def test_unknown_fault_is_one_sentence_with_names_that_come_close() -> None:
    with pytest.raises(ValueError, match=r"start-ignored.*--list-faults") as caught:
        parse_options("sandbox:fault=start-ignord")
    assert "\n" not in str(caught.value)
    asked = subprocess.run(
        [sys.executable, "-m", "OcciLibrary.sandbox", "--fault", "echo-mutte"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert asked.returncode == 2
    assert "echo-mute" in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        ("start-ignored+start-slow", "what the VM does at start"),
        ("echo-mute+echo-garbage", "what the echo service does"),
        ("get-hangs+get-drips", "what the network does"),
    ],
)
def test_faults_that_contradict_each_other_are_refused(faults: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        conduct_of(faults)


def test_faults_of_different_layers_work_together() -> None:
    with site_with("state-capitalised+start-ignored+list-empty") as (site, client):
        assert client.ask("GET", "/compute/").body.strip() == b""
        assert b'occi.compute.state="Inactive"' in details(site, client).body
        assert settled(site, client, "start") == "inactive"


def test_journal_tells_what_the_machine_did_where_the_site_lies(tmp_path: Path) -> None:
    with site_with("start-no-machine+stop-machine-lives", tmp_path / "journal") as (site, client):
        assert settled(site, client, "start") == "active"
        assert site.machines[0].pid is None
        assert settled(site, client, "restart") == "active"
        assert settled(site, client, "stop") == "inactive"
        assert site.machines[0].pid is not None
    start, restart, stop = (json.loads(line) for line in (tmp_path / "journal").read_text().splitlines())
    assert start["states"][-1]["state"] == "active"
    assert start["machine"] == []
    assert [deed["did"] for deed in restart["machine"]] == ["booted"]
    assert stop["states"][-1]["state"] == "inactive"
    assert stop["machine"] == []
    assert len(journal_lines(tmp_path / "journal")) == 3


def test_weather_breaks_what_it_says_and_nothing_else() -> None:
    with site_with("weather-cut") as (site, client):
        assert details(site, client).status == 200
        with pytest.raises(Exception, match="IncompleteRead"):
            details(site, client)
        client.close()
        assert details(site, client).status == 200


def test_a_relay_gives_its_port_back_after_it_was_away() -> None:
    with site_with("away-in-restart") as (site, client):
        assert settled(site, client, "start") == "active"
        port = int(site.description()["endpoint"].rstrip("/").rpartition(":")[2])
        assert client.act(site.machines[0], "restart").status == 200
        assert site.machines[0].wait_until_settled(20)
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
