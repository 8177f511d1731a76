"""The guest's kernel and drivers as packages have them: packed in several ways, dependent on each other."""

from __future__ import annotations

import gzip
import lzma
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.kernel import drivers, kernel_image
from OcciLibrary.reference_vm.packages import PackageFiles

ELF = b"\x7fELF" + bytes(range(256)) * 40


def bz_image(payload: bytes) -> bytes:
    """Makes a kernel file with one sector of set-up code, as Linux's boot protocol describes it."""
    image = bytearray(2 * 512)
    image[0x1F1] = 1
    image[0x202:0x206] = b"HdrS"
    image[0x248:0x24C] = (16).to_bytes(4, "little")
    image[0x24C:0x250] = len(payload).to_bytes(4, "little")
    return bytes(image) + bytes(16) + payload + b"what follows"


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress], ids=["gzip", "xz"])
def test_a_packed_kernel_is_unpacked(pack: Callable[[bytes], bytes]) -> None:
    size = len(ELF).to_bytes(4, "little")  # the kernel's makefile appends it
    assert kernel_image(bz_image(pack(ELF) + size), PackageFiles()) == (ELF, "vmlinux")


@pytest.mark.parametrize(
    "payload",
    [b"unknown", gzip.compress(b"no program"), gzip.compress(ELF)[:50], lzma.compress(ELF)[:50]],
    ids=["unknown", "no program", "cut gzip", "cut xz"],
)
def test_a_kernel_that_cannot_be_unpacked_is_taken_as_it_is(payload: bytes) -> None:
    image = bz_image(payload)
    assert kernel_image(image, PackageFiles()) == (image, "bzImage")


@pytest.mark.parametrize("data", [b"", b"MZ" * 600], ids=["empty", "other"])
def test_what_is_no_kernel_is_told(data: bytes) -> None:
    with pytest.raises(BuildError, match="no kernel in the known form"):
        kernel_image(data, PackageFiles())


def package(folder: Path, files: dict[str, bytes]) -> PackageFiles:
    """Makes a real package with dpkg-deb and reads it as the build does."""
    root = folder / "root"
    root.joinpath("DEBIAN").mkdir(parents=True)
    root.joinpath("DEBIAN/control").write_text(
        "Package: toy\nVersion: 1.2-3\nArchitecture: all\nMaintainer: me <me@example.org>\nDescription: toy\n"
    )
    for path, content in files.items():
        root.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        root.joinpath(path).write_bytes(content)
    root.joinpath("lib/link").symlink_to("modules/6.1/a/one.ko")
    try:
        subprocess.run(["dpkg-deb", "-b", root, folder / "toy.deb"], check=True, capture_output=True)
    except OSError:
        pytest.skip("no dpkg-deb here")
    found = PackageFiles()
    found.add(folder / "toy.deb")
    return found


def module(*needs: str) -> bytes:
    return b"\x7fELF\0depends=" + ",".join(needs).encode() + b"\0license=GPL\0"


def test_drivers_come_behind_those_that_they_need(tmp_path: Path) -> None:
    found = package(
        tmp_path,
        {
            "lib/modules/6.1/a/one.ko": module("two-halves"),
            "lib/modules/6.1/b/two-halves.ko.xz": lzma.compress(module("three")),
            "lib/modules/6.1/c/three.ko.gz": gzip.compress(module()),
            "lib/modules/6.1/c/unasked.ko": module(),
        },
    )
    loaded = drivers(found, ["one", "built_in", "three"])
    assert list(loaded) == ["three.ko", "two_halves.ko", "one.ko"]
    assert loaded["two_halves.ko"] == module("three")
    assert found.versions == {"toy": "1.2-3"}
    assert found.read("/lib/link") == module("two-halves")
    with pytest.raises(KeyError):
        found.read("/lib/missing")


def test_a_damaged_package_is_told(tmp_path: Path) -> None:
    package(tmp_path, {"lib/modules/6.1/a/one.ko": bytes(100_000)})
    whole = (tmp_path / "toy.deb").read_bytes()
    (tmp_path / "toy.deb").write_bytes(whole[: len(whole) - 60])
    with pytest.raises(BuildError):
        PackageFiles().add(tmp_path / "toy.deb")


def test_modules_packed_with_a_tool_that_is_not_here_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = package(tmp_path, {"lib/modules/6.1/a/one.ko.zst": b"(packed)"})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="apt-get install zstd"):
        drivers(found, ["one"])
