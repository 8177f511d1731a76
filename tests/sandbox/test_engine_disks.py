"""What a VM keeps while it is off, and the images that are made of it: light machines."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from OcciLibrary.sandbox.held_file import HeldFile, copy_file
from OcciLibrary.sandbox.machine_files import disk_with, files_on
from OcciLibrary.sandbox.virtual_machine import VirtualMachine

from .conftest import output_on, reach

ATTRIBUTES = {
    "occi.core.title": "A VM",
    "occi.compute.architecture": "x64",
    "occi.compute.cores": 1,
    "occi.compute.hostname": "from-image",
    "occi.compute.speed": 2.4,
    "occi.compute.memory": 1.0,
}


def from_image(another: VirtualMachine, image: HeldFile) -> VirtualMachine:
    return VirtualMachine("from-image", ATTRIBUTES, another.login, 0.0, disk=image.copied())


@pytest.fixture
def created() -> Iterator[list[VirtualMachine]]:
    machines: list[VirtualMachine] = []
    yield machines
    for machine in machines:
        machine.close()


def test_the_users_files_outlive_a_stop_and_those_in_ram_do_not(vm: VirtualMachine) -> None:
    reach(vm, "active")
    output_on(vm, "echo kept > tool; echo lost > /tmp/note")
    reach(vm, "inactive")
    reach(vm, "active")
    assert output_on(vm, "cat tool") == ["kept\n"]
    assert output_on(vm, "test -e /tmp/note || echo gone") == ["gone\n"]
    output_on(vm, "rm tool")
    reach(vm, "inactive")
    reach(vm, "active")
    assert output_on(vm, "test -e tool || echo gone") == ["gone\n"]


@pytest.mark.parametrize("state", ["active", "suspended", "inactive"])
def test_a_vm_from_an_image_has_what_was_there_when_it_was_saved(
    vm: VirtualMachine, created: list[VirtualMachine], state: str
) -> None:
    reach(vm, "active")
    output_on(vm, "echo saved > tool")
    reach(vm, state)
    image = vm.saved_disk()
    reach(vm, "active")
    output_on(vm, "echo changed > tool")
    created.append(from_image(vm, image))
    image.close()
    reach(created[0], "active")
    assert output_on(created[0], "cat tool") == ["saved\n"]
    output_on(created[0], "echo mine > tool")
    assert output_on(vm, "cat tool") == ["changed\n"]


def test_an_image_of_a_vm_that_never_ran_is_blank(vm: VirtualMachine, created: list[VirtualMachine]) -> None:
    created.append(VirtualMachine("never-ran", ATTRIBUTES, vm.login))
    image = created[0].saved_disk()
    assert image.read() == b""
    image.close()


def test_what_is_held_has_no_name_and_takes_no_room_where_it_is_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held = HeldFile(b"a" + bytes(1_000_000) + b"b" + bytes(100_000))
    copy = held.copied()
    assert copy.read() == held.read()
    if os.path.isdir("/proc/self/fd"):
        assert list(tmp_path.iterdir()) == []
        assert os.stat(copy.path).st_blocks * 512 < 400_000
        held.close()
        copy.close()
        assert not os.path.exists(held.path)


def test_what_others_cannot_reach_without_a_name_has_one_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "another")
    held = HeldFile(b"content")
    copy = held.copied()
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"content"}
    held.close()
    copy.close()
    assert list(tmp_path.iterdir()) == []


def test_a_copy_replaces_all_that_was_in_the_target(tmp_path: Path) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_bytes(b"new")
    long.write_bytes(b"old" * 100_000)
    copy_file(str(short), str(long))
    assert long.read_bytes() == b"new"


def test_a_disk_that_was_cut_off_is_blank() -> None:
    files = {"/home/tester/a": b"\x00\xff", "/home/tester/b": b""}
    disk = disk_with(files)
    assert files_on(disk) == files
    assert files_on(disk[: len(disk) // 2]) == files_on(b"") == {}


def test_a_save_and_an_action_at_the_same_time_get_their_own_answers(vm: VirtualMachine) -> None:
    reach(vm, "active")
    output_on(vm, "echo kept > tool")
    with ThreadPoolExecutor() as pool:
        for _ in range(5):
            saving = pool.submit(vm.saved_disk)
            vm.invoke("suspend")
            assert vm.wait_until_settled(10)
            vm.invoke("start")
            assert vm.wait_until_settled(10)
            with_file = saving.result()
            assert list(files_on(with_file.read()).values()) == [b"kept\n"]
            with_file.close()
            assert output_on(vm, "cat tool") == ["kept\n"]
