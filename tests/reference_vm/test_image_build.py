"""The tiny reference VM as files: what is in it, that it is whole, and what is said where it cannot be built."""

from __future__ import annotations

import json
import os
import select
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.reference_vm.build_progress import BuildProgress
from OcciLibrary.reference_vm.cached_image import cached_image
from OcciLibrary.reference_vm.cpio import CpioArchive
from OcciLibrary.reference_vm.manifest import Manifest, read_manifest

Entry = tuple[int, bytes]


def entries(archive: bytes) -> dict[str, Entry]:
    """Reads a newc archive as the kernel does: by its headers alone."""
    found: dict[str, Entry] = {}
    at = 0
    while True:
        assert archive[at : at + 6] == b"070701"
        numbers = [int(archive[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        name_at = at + 110
        name = archive[name_at : name_at + numbers[11] - 1].decode()
        data_at = (name_at + numbers[11] + 3) // 4 * 4
        if name == "TRAILER!!!":
            return found
        found[name] = (numbers[1], archive[data_at : data_at + numbers[6]])
        at = (data_at + numbers[6] + 3) // 4 * 4


@given(st.dictionaries(st.from_regex(r"\A(/[a-zäö.]{1,9}){1,3}\Z"), st.binary(max_size=30), max_size=6))
def test_an_archive_holds_what_was_put_in_and_every_folder_before_its_files(files: dict[str, bytes]) -> None:
    files = {path: data for path, data in files.items() if not any(p.startswith(path + "/") for p in files)}
    archive = CpioArchive()
    for path, content in files.items():
        archive.add_file(path, content)
    found = entries(archive.to_bytes())
    names = list(found)
    for path, content in files.items():
        assert found[path[1:]] == (stat.S_IFREG | 0o644, content)
        parent = path[1:].rpartition("/")[0]
        assert not parent or (stat.S_ISDIR(found[parent][0]) and names.index(parent) < names.index(path[1:]))


def test_the_image_has_what_its_manifest_says(image: tuple[Path, Manifest]) -> None:
    folder, manifest = image
    assert read_manifest(folder) == manifest
    assert manifest.is_whole(folder)
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False)
    assert checked.returncode == 0
    assert {"busybox-static", "dropbear-bin"} <= set(manifest.packages)
    kernel = folder.joinpath(manifest.kernel).read_bytes()
    assert kernel[:4] == (b"\x7fELF" if manifest.kernel_form == "vmlinux" else kernel[:4])


def test_the_root_has_programs_drivers_and_no_secret(image: tuple[Path, Manifest]) -> None:
    folder, manifest = image
    found = entries(folder.joinpath(manifest.initrd).read_bytes())
    for program in ("bin/busybox", "usr/sbin/dropbear", "bin/echo_service"):
        mode, content = found[program]
        assert (mode & 0o111, content[:4]) == (0o111, b"\x7fELF")
    modules = found["etc/modules"][1].decode().split()
    assert all(module[1:] in found for module in modules)
    order = [module.rpartition("/")[2] for module in modules]
    assert order.index("failover.ko") < order.index("virtio_net.ko")
    assert not [name for name in found if "host_key" in name or "authorized" in name]
    assert all(line.split(":")[1] == "*" for line in found["etc/shadow"][1].decode().splitlines())


def test_a_damaged_image_is_built_again_and_a_whole_one_is_not(
    image: tuple[Path, Manifest], tmp_path: Path
) -> None:
    folder, manifest = image
    copy = tmp_path / "image"
    copy.mkdir()
    for name in (*manifest.files, "manifest.json"):
        os.link(folder / name, copy / name)
    steps: list[str] = []
    assert cached_image(lambda words, share: steps.append(words), copy) == (copy, manifest)
    assert steps == []
    leftover = copy / "occi-build-killed"
    leftover.mkdir()
    copy.joinpath(manifest.initrd).unlink()
    copy.joinpath(manifest.initrd).write_bytes(b"cut off")
    _, again = cached_image(lambda words, share: steps.append(words), copy)
    assert steps
    assert not leftover.exists()
    assert again == manifest  # equal inputs give an equal image
    told = json.loads(copy.joinpath("manifest.json").read_text())
    copy.joinpath("manifest.json").write_text(json.dumps({**told, "recipe": "another"}))
    assert read_manifest(copy) != manifest


def build(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "OcciLibrary.reference_vm", "build", str(folder)]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def test_without_debians_tools_one_sentence_says_so(tmp_path: Path) -> None:
    done = build(tmp_path / "image", PATH="/nowhere")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "this computer has no apt-get: build it on Debian or Ubuntu" in done.stderr


def _tool(folder: Path, name: str, script: str) -> None:
    folder.joinpath(name).write_text(f"#!/bin/sh\n{script}\n")
    folder.joinpath(name).chmod(0o755)


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        ("E: Failed to fetch http://x.example/y.deb  Could not resolve 'x.example'", "is there a network"),
        ("E: Unable to locate package dropbear-bin", "run apt-get update"),
        ("E: You don't have enough free space in /x.", "cannot be stored"),
    ],
    ids=["no network", "no lists", "no room"],
)
def test_what_apt_complains_of_is_told_in_words(tmp_path: Path, complaint: str, expected: str) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    _tool(tools, "apt-get", f'echo "{complaint}" >&2; exit 100')
    _tool(
        tools,
        "apt-cache",
        'case $1 in pkgnames) echo linux-image-cloud-amd64;; *) echo "  Depends: linux-image-6-amd64";; esac',
    )
    for name in ("dpkg-deb", "gcc"):
        _tool(tools, name, "exit 1")
    done = build(tmp_path / "image", PATH=f"{tools}:/usr/bin:/bin")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert expected in last
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.joinpath("image").iterdir())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    if not Path("/usr/bin/apt-get").exists():
        pytest.skip("no apt here")
    tmp_path.joinpath("file").write_text("x")
    done = build(tmp_path / "file" / "image")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as terminal:
        bar = BuildProgress(terminal)
        bar("unpacking", 0.5)
        bar.end()
        shown = b"\r\x1b[2K[############            ] unpacking\r\x1b[2K"
        received = b""
        while len(received) < len(shown):  # a terminal may pass it on in pieces
            assert select.select([ours], [], [], 10)[0]
            received += os.read(ours, 1000)
        assert received == shown
    os.close(ours)
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w") as pipe:
        lines = BuildProgress(pipe)
        lines("downloading", 0.1)
        lines("unpacking", 0.5)
        lines.end()
    assert os.read(ours, 1000) == b"downloading\nunpacking\n"
    os.close(ours)


def test_headers_are_as_the_kernel_wants_them() -> None:
    archive = CpioArchive()
    archive.add_character_device("/dev/console", 5, 1)
    data = archive.to_bytes()
    assert len(data) % 4 == 0
    assert struct.unpack_from("6s", data)[0] == b"070701"
    mode, content = entries(data)["dev/console"]
    assert (stat.S_ISCHR(mode), content) == (True, b"")
