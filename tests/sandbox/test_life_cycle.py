"""The state machine of GFD.184 §3.1 over HTTP, with the VM's own word for it over echo and SSH."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import NotNowError, VirtualMachine

from .conftest import Client, journal_lines, output_on, reach, run_on

TARGETS = {"start": "active", "stop": "inactive", "restart": "active", "suspend": "suspended"}
APPLICABLE = {"inactive": ["start"], "active": ["stop", "restart", "suspend"], "suspended": ["start"]}


def echo_answers(machine: VirtualMachine) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", machine.echo_port.number), 2) as connection:
            connection.sendall(b"are you there\n")
            return b"are you there" in connection.recv(200)
    except ConnectionRefusedError:
        return False


def test_whole_life_of_a_vm(client: Client, vm: VirtualMachine) -> None:
    for action, state in [
        ("start", "active"),
        ("suspend", "suspended"),
        ("start", "active"),
        ("stop", "inactive"),
    ]:
        answer = client.act(vm, action)
        assert (answer.status, answer.body) == (200, b"")
        assert vm.wait_until_settled(10)
        shown = client.get(vm)
        assert shown.attributes["occi.compute.state"] == state
        assert [link.term for link in shown.actions] == APPLICABLE[state]
        assert echo_answers(vm) == (state == "active")


@pytest.mark.parametrize("state", ["inactive", "active", "suspended"])
def test_actions_that_do_not_apply_are_refused_in_words(
    client: Client, vm: VirtualMachine, state: str
) -> None:
    reach(vm, state)
    for action in sorted(set(TARGETS) - set(APPLICABLE[state])):
        answer = client.act(vm, action)
        assert answer.status == 400
        assert f"{action} does not apply to a VM that is {state}" in answer.text
    assert client.get(vm).attributes["occi.compute.state"] == state


def test_during_a_transition_the_old_state_is_shown_and_everything_is_refused(
    client: Client, vm: VirtualMachine
) -> None:
    assert client.act(vm, "start").status == 200
    shown = client.get(vm)
    assert shown.attributes["occi.compute.state"] == "inactive"
    assert shown.actions == ()
    refused = client.act(vm, "start")
    assert (refused.status, "busy with start" in refused.text) == (400, True)
    change = client.ask(
        "POST", f"/compute/{vm.id}", "X-OCCI-Attribute: occi.compute.cores=3", Content_Type="text/plain"
    )
    assert (change.status, "busy with start" in change.text) == (409, True)
    assert vm.wait_until_settled(10)


def test_restart_goes_through_inactive_and_boots_anew(client: Client, vm: VirtualMachine) -> None:
    reach(vm, "active")
    question = "cat /proc/sys/kernel/random/boot_id"
    [boot_id, _] = output_on(vm, question, "echo kept > /tmp/note")
    old_pid = vm.pid
    seen: list[str] = []
    assert client.act(vm, "restart", "warm").status == 200
    deadline = time.monotonic() + 10
    while seen != ["active", "inactive", "active"] and time.monotonic() < deadline:
        state = str(client.get(vm).attributes["occi.compute.state"])
        seen += [state] if seen[-1:] != [state] else []
    assert seen == ["active", "inactive", "active"]
    [new_boot_id, note] = output_on(vm, question, "test -f /tmp/note || echo lost")
    assert new_boot_id != boot_id
    assert note == "lost\n"
    assert vm.pid != old_pid


def test_suspended_vm_is_silent_and_wakes_up_as_it_was(client: Client, vm: VirtualMachine) -> None:
    reach(vm, "active")
    questions = ["cat /proc/sys/kernel/random/boot_id", "uptime -s", "grep btime /proc/stat", "cat note"]
    run_on(vm, "echo kept > note")
    before, pid = output_on(vm, *questions), vm.pid
    with socket.create_connection(("127.0.0.1", vm.echo_port.number), 5) as open_connection:
        open_connection.sendall(b"hello\n")
        assert open_connection.recv(100)
        assert client.act(vm, "suspend", "hibernate").status == 200
        assert vm.wait_until_settled(10)
        with contextlib.suppress(ConnectionResetError):
            assert open_connection.recv(100) == b""
    for port in (vm.echo_port.number, vm.ssh_port.number):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 2)
    assert client.act(vm, "start").status == 200
    assert vm.wait_until_settled(10)
    assert output_on(vm, *questions) == before
    assert before[-1] == "kept\n"
    assert vm.pid == pid
    assert echo_answers(vm)


def test_active_means_that_both_services_answer_at_once(client: Client, vm: VirtualMachine) -> None:
    client.act(vm, "start")
    deadline = time.monotonic() + 10
    while client.get(vm).attributes["occi.compute.state"] != "active":
        assert time.monotonic() < deadline
    assert echo_answers(vm)
    assert output_on(vm, "hostname") == ["reference-vm\n"]
    assert client.act(vm, "stop").status == 200  # whoever sees the new state may act on it


def test_changes_take_effect_at_the_next_start(client: Client, vm: VirtualMachine) -> None:
    change = "".join(
        f"X-OCCI-Attribute: occi.compute.{pair}\n"
        for pair in ("cores=3", "memory=2.5", "speed=3.1", 'hostname="other.example.org"')
    )
    assert client.ask("POST", f"/compute/{vm.id}", change, Content_Type="text/plain").status == 200
    reach(vm, "active")
    commands = [
        "nproc",
        "free -b | grep Mem",
        "hostname",
        "grep -c processor /proc/cpuinfo",
        "lscpu | grep 'CPU MHz'",
    ]
    cores, memory, hostname, processors, speed = output_on(vm, *commands)
    assert (cores, processors, hostname) == ("3\n", "3\n", "other.example.org\n")
    assert int(memory.split()[1]) == 2.5 * 1024**3
    assert float(speed.split()[-1]) == 3100


@pytest.mark.parametrize("state", ["active", "suspended"])
def test_changes_are_refused_unless_inactive(client: Client, vm: VirtualMachine, state: str) -> None:
    reach(vm, state)
    for method, body in (
        ("POST", ""),
        ("PUT", 'Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"\n'),
    ):
        answer = client.ask(
            method,
            f"/compute/{vm.id}",
            body + "X-OCCI-Attribute: occi.compute.cores=7\n",
            Content_Type="text/plain",
        )
        assert answer.status == 409
        assert f"The VM is {state}" in answer.text
    assert client.get(vm).attributes["occi.compute.cores"] == 1


def test_journal_tells_the_truth(vm: VirtualMachine, journal_file: Path) -> None:
    begun = time.time()
    reach(vm, "active")
    vm.invoke("restart")
    assert vm.wait_until_settled(10)
    start, restart = [line for line in journal_lines(journal_file) if line["vm"] == vm.id][-2:]
    assert (start["transition"], restart["transition"]) == ("start", "restart")
    assert [state["state"] for state in restart["states"]] == ["inactive", "active"]  # type: ignore[attr-defined]
    assert start["failure"] == restart["failure"] == ""
    assert str(start["started"]) < str(start["ended"]) < str(restart["started"]) < str(restart["ended"])
    assert begun <= time.time()
    assert str(restart["started"]).endswith("Z")


def test_a_machine_that_dies_by_itself_is_shown_inactive(client: Client, vm: VirtualMachine) -> None:
    reach(vm, "active")
    assert vm.pid
    with socket.create_connection(("127.0.0.1", vm.echo_port.number), 5) as connection:
        os.kill(vm.pid, 9)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    deadline = time.monotonic() + 5
    while vm.snapshot().state == "active" and time.monotonic() < deadline:
        pass
    assert client.get(vm).attributes["occi.compute.state"] == "inactive"
    reach(vm, "active")
    assert echo_answers(vm)


def test_a_boot_that_cannot_succeed_ends_inactive_with_a_reason(
    vm: VirtualMachine, journal_file: Path
) -> None:
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", vm.echo_port.number))
        thief.listen()
        vm.invoke("start")
        assert vm.wait_until_settled(10)
    assert vm.snapshot().state == "inactive"
    assert vm.pid is None
    assert "could not boot" in str(journal_lines(journal_file)[-1]["failure"])


def test_only_one_of_many_simultaneous_starts_wins(vm: VirtualMachine) -> None:
    won: list[int] = []
    gate = threading.Barrier(8)

    def start(number: int) -> None:
        gate.wait(5)
        try:
            vm.invoke("start")
            won.append(number)
        except NotNowError:
            pass

    threads = [threading.Thread(target=start, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert vm.wait_until_settled(10)


def test_other_vms_are_left_alone(site: SandboxSite, vm: VirtualMachine, active_vm: VirtualMachine) -> None:
    pid = active_vm.pid
    reach(vm, "active")
    reach(vm, "inactive")
    assert (active_vm.snapshot().state, active_vm.pid) == ("active", pid)
    ports = [
        port for machine in site.machines for port in (machine.echo_port.number, machine.ssh_port.number)
    ]
    assert len(set(ports)) == len(ports)
