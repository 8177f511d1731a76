"""The sandbox's real machines: what OCCI says of them is true inside them, through every action and method."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from robot.api import ExecutionResult

from OcciLibrary.reference_vm.manifest import Manifest
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.engine import Contextualisation, EngineError, engine_named
from OcciLibrary.sandbox.options import SandboxOptions, parse_options
from OcciLibrary.sandbox.provider import ROOT_BY_PASSWORD
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import NotNowError, VirtualMachine

from .real_machines import (
    PATIENCE,
    account,
    echo,
    name_of,
    processes_under,
    qemu_processes,
    reach,
    run,
    wait_for,
)

KERNEL_TAKES = 0.07  # GiB, of a machine's memory before it is counted


@pytest.fixture(scope="module")
def cache(image: tuple[Path, Manifest]) -> Iterator[Path]:
    """Lets the sandbox find the image; skips where there is no QEMU."""
    if shutil.which("qemu-system-x86_64") is None:
        pytest.skip("no qemu-system-x86_64 here (apt-get install qemu-system-x86)")
    pytest.importorskip("qemu.qmp")
    before = os.environ.get("OCCI_IMAGE_CACHE")
    os.environ["OCCI_IMAGE_CACHE"] = str(image[0])
    yield image[0]
    os.environ.pop("OCCI_IMAGE_CACHE")
    if before is not None:
        os.environ["OCCI_IMAGE_CACHE"] = before


@pytest.fixture(scope="module")
def site(cache: Path) -> Iterator[SandboxSite]:
    started = SandboxSite(SandboxOptions(seconds=0.0, machines=1, engine="qemu"))
    started.start()
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture
def vm(site: SandboxSite) -> VirtualMachine:
    """The machine, active."""
    machine = site.machines[0]
    if machine.snapshot().state != "active":
        reach(machine, "active", "start")
    return machine


def test_the_machine_is_what_occi_says(site: SandboxSite, vm: VirtualMachine) -> None:
    told, shown = account(site), vm.snapshot().attributes
    assert told.hostname == shown["occi.compute.hostname"]
    assert told.cores == shown["occi.compute.cores"]
    memory = float(str(shown["occi.compute.memory"]))
    assert told.memory is not None
    assert memory - KERNEL_TAKES < told.memory < memory
    assert run(site, "uname -m; id -u; test -w /etc/passwd || echo no").split() == ["x86_64", "1000", "no"]


def test_a_paused_machine_says_nothing_and_goes_on_with_the_right_time(
    site: SandboxSite, vm: VirtualMachine
) -> None:
    before = account(site)
    reach(vm, "suspended", "suspend", "suspend")
    assert len(qemu_processes(vm)) == 1
    with pytest.raises(TimeoutError):
        echo(vm, 1.0)
    time.sleep(2.0)  # longer than the clock may be behind
    reach(vm, "active", "start")
    assert account(site).boot_id == before.boot_id
    assert wait_for(lambda: abs(float(run(site, "date +%s")) - time.time()) < 3.0)


def test_a_hibernated_machine_is_gone_and_comes_back_as_it_was(site: SandboxSite, vm: VirtualMachine) -> None:
    before = account(site)
    run(site, "echo kept > /tmp/note; sleep 1000 > /dev/null 2>&1 & echo $! > /tmp/sleeper")
    reach(vm, "suspended", "suspend", "hibernate")
    assert qemu_processes(vm) == []
    for port in (vm.echo_port, vm.ssh_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port.number), 2)
    with pytest.raises(NotNowError, match="only while it is inactive"):
        vm.change({"occi.compute.memory": 2.0})
    reach(vm, "active", "start")
    after = account(site)
    assert (after.boot_id, after.first_process, after.host_key) == (
        before.boot_id,
        before.first_process,
        before.host_key,
    )
    assert run(site, "cat /tmp/note; kill -0 $(cat /tmp/sleeper) && echo runs") == "kept\nruns\n"


@pytest.mark.parametrize("method", ["graceful", "warm", "cold"])
def test_a_restart_boots_anew_and_only_a_cold_one_takes_the_power_away(
    site: SandboxSite, vm: VirtualMachine, method: str
) -> None:
    before, processes = account(site), qemu_processes(vm)
    reach(vm, "active", "restart", method)
    assert account(site).boot_id != before.boot_id
    assert (qemu_processes(vm) == processes) == (method != "cold")


def test_changes_are_in_the_machine_after_the_next_start(site: SandboxSite, vm: VirtualMachine) -> None:
    reach(vm, "inactive", "stop", "graceful")
    assert vm.pid is None
    changes = {"occi.compute.cores": 2, "occi.compute.memory": 0.25, "occi.compute.hostname": "another-name"}
    vm.change(changes)
    reach(vm, "active", "start")
    told = account(site)
    assert (told.hostname, told.cores) == ("another-name", 2)
    assert told.memory is not None
    assert 0.25 - KERNEL_TAKES < told.memory < 0.25
    reach(vm, "inactive", "stop", "poweroff")
    vm.change({}, replace=True)


def test_a_machine_that_breaks_is_shown_inactive(vm: VirtualMachine) -> None:
    [qemu] = qemu_processes(vm)
    os.kill(qemu, signal.SIGKILL)
    assert wait_for(lambda: vm.snapshot().state == "inactive")
    assert vm.snapshot().actions == ("start",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"occi.compute.cores": 9}, "1 to 8 cores"),
        ({"occi.compute.memory": 0.1}, "0.125 to 16 GiB"),
        ({"occi.compute.architecture": "x86"}, "architecture x64"),
        ({"occi.compute.hostname": "a" * 60 + ".example.org"}, "64 characters"),
    ],
)
def test_what_no_machine_here_can_be_is_refused(
    site: SandboxSite, changes: dict[str, object], words: str
) -> None:
    machine = site.machines[0]
    if machine.snapshot().state != "inactive":
        reach(machine, "inactive", "stop", "poweroff")
    with pytest.raises(NotNowError, match=words):
        machine.change(changes)  # type: ignore[arg-type]


def test_the_users_files_are_on_a_disk_that_outlives_the_power(site: SandboxSite, vm: VirtualMachine) -> None:
    run(site, "rm -f tool; mkdir -p bin; for i in $(seq 50); do echo $i > bin/$i; done; echo works > tool")
    reach(vm, "inactive", "stop", "poweroff")
    reach(vm, "active", "start")
    assert run(site, "cat tool; ls bin | wc -l; mount | grep -c /home") == "works\n50\n1\n"
    reach(vm, "suspended", "suspend", "hibernate")
    reach(vm, "active", "start")
    assert run(site, "echo again >> tool; cat tool") == "works\nagain\n"


def key_pair() -> tuple[paramiko.Ed25519Key, str]:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(pem.decode()))
    return key, f"{key.get_name()} {key.get_base64()} somebody"


def run_with(port: int, user: str, command: str, **credentials: Any) -> str:
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.MissingHostKeyPolicy())
        client.connect(
            "127.0.0.1", port, user, timeout=30, look_for_keys=False, allow_agent=False, **credentials
        )
        _, output, _ = client.exec_command(command, timeout=30)
        return output.read().decode()


def test_a_vm_from_an_image_has_the_software_the_keys_and_the_user_data(
    site: SandboxSite, vm: VirtualMachine, cache: Path
) -> None:
    run(site, "echo installed > software")
    image = vm.saved_disk()  # while it runs
    run(site, "rm software")
    (key, line), (other, other_line) = key_pair(), key_pair()
    script = "#!/bin/sh\necho $(id -un) $(hostname) >> /home/tester/ran\n"
    for user_data, keys, used in (
        (script, (line,), key),
        (f"#cloud-config\nssh_authorized_keys:\n  - {other_line}\n", (), other),
    ):
        created = VirtualMachine(
            f"created-{len(keys)}",
            {**vm.defaults, "occi.compute.hostname": "created"},
            replace(vm.login, password=""),
            0.0,
            engine=engine_named("qemu", "tcg"),
            disk=image.copied(),
            contextualisation=Contextualisation(keys, user_data),
        )
        try:
            reach(created, "active", "start")
            port = created.ssh_port.number
            assert run_with(port, "tester", "cat software", pkey=used) == "installed\n"
            with pytest.raises(paramiko.BadAuthenticationType) as refused:
                run_with(port, "root", "id", password="sandbox")
            assert refused.value.allowed_types == ["publickey"]
            if keys:
                assert wait_for(lambda p=port: run_with(p, "tester", "cat ran", pkey=key) == "root created\n")
                reach(created, "active", "restart", "cold")
                assert (
                    run_with(port, "tester", "cat ran; wc -l < .ssh/authorized_keys", pkey=key)
                    == "root created\n1\n"
                )
        finally:
            created.close()
    image.close()


HOLDER = """
import time
from OcciLibrary.sandbox.embedded import EmbeddedSandbox
from OcciLibrary.sandbox.options import parse_options
sandbox = EmbeddedSandbox()
sandbox.start(parse_options("sandbox:machines=2,engine=qemu"))
time.sleep(600)
"""


@pytest.mark.parametrize("killed", ["run", "sandbox", "machine"])
def test_a_kill_leaves_neither_machine_nor_file_behind(cache: Path, tmp_path: Path, killed: str) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", HOLDER], env=environment) as holder:
        try:
            assert wait_for(
                lambda: any("qemu" in name_of(pid) for pid in processes_under(holder.pid)), PATIENCE
            )
            sandbox, machine, qemu = processes_under(holder.pid)
            os.kill({"run": holder.pid, "sandbox": sandbox, "machine": machine}[killed], signal.SIGKILL)
            assert wait_for(lambda: "qemu" not in name_of(qemu))
            if killed != "machine":
                assert wait_for(lambda: not name_of(machine))
        finally:
            holder.kill()
    assert wait_for(lambda: not list(tmp_path.iterdir()))


def test_the_options_say_how_many_and_of_what_kind() -> None:
    assert parse_options("sandbox:machines=qemu") == SandboxOptions(engine="qemu")
    both = parse_options("sandbox:machines=2,engine=qemu,acceleration=auto")
    assert both == SandboxOptions(machines=2, engine="qemu", acceleration="auto")
    assert parse_options("sandbox:machines=2").engine == "light"
    with pytest.raises(ValueError, match="a whole number from 1 to 20 is expected, or one of light, qemu"):
        parse_options("sandbox:machines=xen")


def test_without_qemu_one_sentence_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "OcciLibrary.sandbox", "--machines", "qemu"],
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "apt-get install qemu-system-x86" in done.stderr


@pytest.mark.parametrize(
    ("conduct", "words"),
    [
        (Conduct(echo="mute"), "cannot be made to misbehave"),
        (Conduct(creating=frozenset({ROOT_BY_PASSWORD})), "never lets root in"),
    ],
)
def test_a_fault_that_no_real_machine_can_have_is_for_light_machines(
    cache: Path, conduct: Conduct, words: str
) -> None:
    with pytest.raises(EngineError, match=words):
        SandboxSite(SandboxOptions(engine="qemu"), conduct).start()


def test_what_a_running_machine_cannot_do_leaves_it_alone(site: SandboxSite, vm: VirtualMachine) -> None:
    before = account(site).boot_id
    with pytest.raises(NotNowError, match="cannot be changed while they run"):
        vm.change_running({"occi.compute.cores": 4}, in_machine=True)
    assert vm.snapshot().state == "active"
    assert account(site).boot_id == before


def test_light_machines_need_nothing() -> None:
    assert engine_named("light", "tcg").module == "OcciLibrary.sandbox.machine"


def test_a_hibernation_that_is_faked_is_told_apart(cache: Path, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    faked = "sandbox:machines=1,engine=qemu,reference-state=active,fault=resume-fresh-boot"
    command = [sys.executable, "-m", "robot", "--variable", "SITE:sandbox_qemu"]
    command += ["--variable", f"OCCI_ENDPOINT:{faked}", "--outputdir", str(tmp_path)]
    command += map(str, (root / "suites" / "01__agreed_test_cases").glob("05__*"))
    subprocess.run(command, cwd=root, capture_output=True, timeout=2 * PATIENCE, check=False)
    failed = {
        test.name[:3]: test.message
        for test in ExecutionResult(tmp_path / "output.xml").suite.all_tests
        if test.failed
    }
    assert set(failed) == {"5.6"}
    assert "hibernate lost its memory" in failed["5.6"]
