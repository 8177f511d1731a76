"""The conventional image without building one: its parts as files, and what is said where it cannot be built.

tests/reference_vm/test_site_admin_path.py builds and boots it.
"""

from __future__ import annotations

import configparser
import contextlib
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.cached_image import cached_image
from OcciLibrary.reference_vm.conventional import SYSTEM, build_disk
from OcciLibrary.reference_vm.disk_image import disk_bytes, first_sector
from OcciLibrary.reference_vm.manifest import Manifest, file_facts, read_manifest, recipe_digest
from OcciLibrary.reference_vm.tool_runs import missing_tools, run

GIB = 1024**3
TOOLS = ("mmdebstrap", "qemu-img", "mke2fs", "grub-mkimage", "unshare", "dpkg-query", "chroot")


@given(st.binary(min_size=512, max_size=512), st.integers(4096, 2**32 - 1), st.binary(min_size=4, max_size=4))
def test_the_first_sector_boots_and_names_one_partition(code: bytes, sectors: int, signature: bytes) -> None:
    sector = first_sector(code, sectors, signature)
    assert (len(sector), sector[510:]) == (512, b"\x55\xaa")
    assert sector[:440] == code[:440]
    assert sector[440:444] == signature
    status, kind, start, count = struct.unpack("<B3xB3xII", sector[446:462])
    assert (status, kind, start, start + count) == (0x80, 0x83, 2048, sectors)
    assert sector[462:510] == bytes(48)


@given(st.integers(0, 64 * GIB))
def test_the_disk_has_room_for_more_than_its_files(content: int) -> None:
    size = disk_bytes(content)
    assert size % GIB == 0
    assert size >= max(2 * GIB, content * 1.3 - 1)
    assert size < max(2 * GIB, content * 1.3) + GIB


def test_own_files_are_well_formed() -> None:
    units = [
        path for path in SYSTEM.rglob("*") if path.suffix in (".conf", ".network") and "systemd" in str(path)
    ]
    assert len(units) == 4
    for unit in units:
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.read_string(unit.read_text())
        assert parser.sections()
    settings = SYSTEM.joinpath("etc/ssh/sshd_config.d/60-reference-vm.conf").read_text().splitlines()
    assert "PasswordAuthentication no" in settings
    assert "root=LABEL=reference-vm" in SYSTEM.joinpath("boot/grub/grub.cfg").read_text()
    assert SYSTEM.joinpath("etc/fstab").read_text().startswith("LABEL=reference-vm / ext4 ")


def test_a_disk_has_a_manifest_and_is_no_image_for_the_sandbox(tmp_path: Path) -> None:
    tmp_path.joinpath("reference-vm.qcow2").write_bytes(b"disk")
    facts = file_facts(tmp_path, ["reference-vm.qcow2"])
    manifest = Manifest(recipe_digest(), disk="reference-vm.qcow2", disk_bytes=2 * GIB, files=facts)
    manifest.write(tmp_path)
    assert read_manifest(tmp_path) == manifest
    assert manifest.is_whole(tmp_path)
    with pytest.raises(BuildError, match="holds an image of the other format: name another folder"):
        cached_image(lambda *_: None, tmp_path)
    assert read_manifest(tmp_path) == manifest


# ---- what is said where it cannot be built


def _tool(folder: Path, name: str, script: str = "exit 0") -> None:
    folder.joinpath(name).write_text(f"#!/bin/sh\n{script}\n")
    folder.joinpath(name).chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with all tools that the build asks for, none of which does anything."""
    folder = tmp_path / "tools"
    folder.mkdir()
    sources = "echo 'http://mirror.example/debian/|here|here|main|Debian|$(SIGNED_BY)'"
    _tool(folder, "apt-get", f"case $* in *CODENAME*) {sources};; esac")
    for name in (*TOOLS, "apt-cache", "apt-config", "dpkg-deb"):
        _tool(folder, name)
    return folder


def build(folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "OcciLibrary.reference_vm", "build", "--format", "qcow2", str(folder)]
    return subprocess.run(
        command, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=60, check=False
    )


def test_without_debians_tools_one_sentence_says_so(tmp_path: Path) -> None:
    done = build(tmp_path / "image", "/nowhere")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "has no apt-get: build it on a Debian machine" in done.stderr
    assert not tmp_path.joinpath("image").exists()


def test_missing_tools_are_named_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _tool(tmp_path, "here")
    monkeypatch.setenv("PATH", str(tmp_path))
    wanted = {"here": "package-a", "no-such-tool": "package-c", "nor-this-one": "package-b"}
    assert missing_tools(wanted) == ["package-b", "package-c"]


def test_who_is_not_root_is_told_so(tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(BuildError, match="run the same command with sudo"):
        build_disk(tmp_path / "image", lambda *_: None)


def test_mmdebstrap_that_is_missing_is_named(tmp_path: Path, tools: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gets that far")
    tools.joinpath("mmdebstrap").unlink()
    done = build(tmp_path / "image", str(tools))
    assert done.returncode == 1
    assert "apt-get install" in done.stderr
    assert "mmdebstrap" in done.stderr


def test_what_a_tool_complains_of_is_told_in_words(tmp_path: Path) -> None:
    _tool(tmp_path, "tool", "echo 'W: hm' >&2; echo 'E: Failed to fetch x  Could not resolve y' >&2; exit 1")
    with pytest.raises(BuildError, match="is there a network, and a proxy set"):
        run([str(tmp_path / "tool")], 10)
    with pytest.raises(BuildError, match="no-such-tool cannot be run: No such file"):
        run(["no-such-tool"], 10)


def _alive(marker: str) -> bool:
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if command.read_bytes().startswith(marker.encode() + b"\0"):
                return True
    return False


def _wait_for(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def test_a_tool_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    marker = f"{tmp_path}/sleeper"
    os.symlink("/bin/sleep", marker)
    with pytest.raises(BuildError, match=r"did not finish within 0\.5 s"):
        run(["/bin/sh", "-c", f"{marker} 300 & {marker} 300"], 0.5)
    assert _wait_for(lambda: not _alive(marker))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    tools, folder = tmp_path / "tools", tmp_path / "image"
    tools.mkdir()
    marker = f"{tmp_path}/sleeper"
    os.symlink("/bin/sleep", marker)
    _tool(
        tools,
        "apt-cache",
        'case $1 in pkgnames) echo linux-image-cloud-amd64;; *) echo "  Depends: linux-image-6";; esac',
    )
    _tool(tools, "apt-get", f"touch downloading; {marker} 300")
    for name in ("dpkg-deb", "gcc"):
        _tool(tools, name)
    command = [sys.executable, "-m", "OcciLibrary.reference_vm", "build", str(folder)]
    environment = {**os.environ, "PATH": f"{tools}:/usr/bin:/bin"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as building:
        assert _wait_for(lambda: bool(list(folder.glob("*/packages/downloading"))))
        building.send_signal(number)
        _, told = building.communicate(timeout=30)
    assert building.returncode == 1
    assert told.endswith("Interrupted: the image was not built.\n")
    assert list(folder.iterdir()) == []
    assert _wait_for(lambda: not _alive(marker))
