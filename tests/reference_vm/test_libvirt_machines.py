"""The sandbox's machines under libvirt; skipped where there is none, and for root, who has no session of libvirt."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from OcciLibrary.reference_vm.manifest import Manifest
from OcciLibrary.sandbox.engine import EngineError
from OcciLibrary.sandbox.hypervisors import check_installed
from OcciLibrary.sandbox.options import SandboxOptions, parse_options
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine

from .real_machines import PATIENCE, account, echo, processes_under, reach, run, wait_for

HOLDER = """
import time
from OcciLibrary.sandbox.embedded import EmbeddedSandbox
from OcciLibrary.sandbox.options import parse_options
sandbox = EmbeddedSandbox()
sandbox.start(parse_options("sandbox:machines=2,engine=libvirt"))
time.sleep(600)
"""


@pytest.fixture(scope="module")
def installed() -> None:
    try:
        check_installed("libvirt")
    except EngineError as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def site(installed: None, image: tuple[Path, Manifest]) -> Iterator[SandboxSite]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCCI_IMAGE_CACHE", str(image[0]))
        started = SandboxSite(SandboxOptions(seconds=0.0, machines=1, engine="libvirt"))
        started.start()
        try:
            yield started
        finally:
            started.stop()


@pytest.fixture
def vm(site: SandboxSite) -> VirtualMachine:
    machine = site.machines[0]
    if machine.snapshot().state != "active":
        reach(machine, "active", "start")
    return machine


def domains() -> dict[str, str]:
    """Returns the sandbox's domains, and what libvirt says of their states."""
    told = subprocess.run(
        ["virsh", "-q", "-c", "qemu:///session", "list", "--all"], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in told.stdout.splitlines()]
    return {name: state for _, name, state in rows if name.startswith("occi-sandbox-")}


def logs() -> list[Path]:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return list(Path(cache, "libvirt", "qemu", "log").glob("occi-sandbox-*"))


def test_libvirt_says_of_the_domain_what_occi_says_of_the_vm(site: SandboxSite, vm: VirtualMachine) -> None:
    assert list(domains().values()) == ["running"]
    assert account(site).cores == vm.snapshot().attributes["occi.compute.cores"]
    reach(vm, "suspended", "suspend", "suspend")
    assert list(domains().values()) == ["paused"]
    with pytest.raises(TimeoutError):
        echo(vm, 1.0)
    reach(vm, "active", "start")
    reach(vm, "inactive", "stop", "graceful")
    assert domains() == {}


def test_a_hibernated_domain_is_gone_and_comes_back_as_it_was(site: SandboxSite, vm: VirtualMachine) -> None:
    before = account(site)
    run(site, "echo kept > /tmp/note")
    reach(vm, "suspended", "suspend", "hibernate")
    assert domains() == {}
    reach(vm, "active", "start")
    assert account(site).boot_id == before.boot_id
    assert run(site, "cat /tmp/note") == "kept\n"


@pytest.mark.parametrize("method", ["graceful", "warm", "cold"])
def test_a_restart_boots_anew_and_keeps_the_users_files(
    site: SandboxSite, vm: VirtualMachine, method: str
) -> None:
    before = account(site)
    run(site, "echo kept > note")
    reach(vm, "active", "restart", method)
    assert account(site).boot_id != before.boot_id
    assert run(site, "cat note") == "kept\n"


def test_changes_are_in_the_domain_after_the_next_start(site: SandboxSite, vm: VirtualMachine) -> None:
    reach(vm, "inactive", "stop", "poweroff")
    vm.change({"occi.compute.cores": 2, "occi.compute.memory": 0.25, "occi.compute.hostname": "another"})
    reach(vm, "active", "start")
    told = account(site)
    assert (told.hostname, told.cores) == ("another", 2)
    assert told.memory is not None
    assert 0.18 < told.memory < 0.25
    image = vm.saved_disk()
    assert len(image.read()) > 1_000_000
    image.close()


def test_a_domain_that_somebody_destroys_is_shown_inactive(vm: VirtualMachine) -> None:
    [name] = domains()
    subprocess.run(["virsh", "-q", "-c", "qemu:///session", "destroy", name], check=True)
    assert wait_for(lambda: vm.snapshot().state == "inactive")


@pytest.mark.parametrize("killed", ["run", "sandbox", "machine"])
def test_a_kill_leaves_neither_domain_nor_file_behind(site: SandboxSite, tmp_path: Path, killed: str) -> None:
    before = set(domains())
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", HOLDER], env=environment) as holder:
        try:
            assert wait_for(lambda: bool(set(domains()) - before), PATIENCE)
            sandbox, machine, *_ = processes_under(holder.pid)
            os.kill({"run": holder.pid, "sandbox": sandbox, "machine": machine}[killed], signal.SIGKILL)
            assert wait_for(lambda: not set(domains()) - before)
        finally:
            holder.kill()
    assert wait_for(lambda: not list(tmp_path.iterdir()))
    assert wait_for(lambda: len(logs()) == len(before))


def test_nothing_is_left_of_the_domains(site: SandboxSite) -> None:
    site.stop()
    assert (domains(), logs()) == ({}, [])


def test_the_engine_is_chosen_like_the_others() -> None:
    assert parse_options("sandbox:machines=libvirt") == SandboxOptions(engine="libvirt")


@pytest.mark.parametrize("engine", ["qemu", "libvirt"])
def test_where_it_cannot_be_one_sentence_says_what_to_install(engine: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "OcciLibrary.sandbox", "--machines", engine],
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert f"machines={engine}" in done.stderr
    assert "apt-get install qemu-system-x86" in done.stderr


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("qemu-system-x86_64"), reason="is about root where there is QEMU"
)
def test_root_is_told_that_the_session_of_libvirt_is_for_ordinary_users() -> None:
    with pytest.raises(EngineError, match="ordinary user") as refused:
        check_installed("libvirt")
    assert "machines=qemu" in str(refused.value)
