"""The guest's kernel: unpacked, so that it boots again at once after a reset, and the drivers that the VM needs."""

from __future__ import annotations

import gzip
import lzma
import os
import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.packages import PackageFiles

DRIVERS = ("virtio_pci", "virtio_net", "virtio_rng", "virtio_blk", "ext4", "button", "evdev", "qemu_fw_cfg")
_ELF = b"\x7fELF"
_UNPACK_SECONDS = 60.0
_SIZE = 4  # bytes that the kernel's makefile appends to what it packs: the length unpacked
_SETUP_SECTORS, _MAGIC_OFFSET, _PAYLOAD_OFFSET, _PAYLOAD_LENGTH = (
    0x1F1,
    0x202,
    0x248,
    0x24C,
)  # Documentation/arch/x86/boot.rst


def kernel_image(bz_image: bytes, files: PackageFiles) -> tuple[bytes, str]:
    """Returns the kernel to boot and its form: ``vmlinux`` where it can be unpacked here, else the ``bzImage`` as it is.

    A reset of a bzImage takes up to 4 s more, and differs from time to time. Raises BuildError when it is no kernel.
    """
    if bz_image[_MAGIC_OFFSET : _MAGIC_OFFSET + 4] != b"HdrS":
        raise BuildError("The kernel's package holds no kernel in the known form (bzImage).")
    start = ((bz_image[_SETUP_SECTORS] or 4) + 1) * 512
    offset = int.from_bytes(bz_image[_PAYLOAD_OFFSET : _PAYLOAD_OFFSET + 4], "little")
    length = int.from_bytes(bz_image[_PAYLOAD_LENGTH : _PAYLOAD_LENGTH + 4], "little")
    unpacked = _unpacked(bz_image[start + offset : start + offset + length], files)
    return (unpacked, "vmlinux") if unpacked[:4] == _ELF else (bz_image, "bzImage")


def _unpacked(payload: bytes, files: PackageFiles) -> bytes:
    for magic, unpack in _UNPACKERS.items():
        if payload.startswith(magic):
            try:
                return unpack(payload, files)
            except (OSError, EOFError, lzma.LZMAError, zlib.error, subprocess.SubprocessError):
                return b""
    return b""


def _gzip(payload: bytes, files: PackageFiles) -> bytes:
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    unpacked = unpacking.decompress(payload)
    return unpacked if unpacking.eof else b""


def _xz(payload: bytes, files: PackageFiles) -> bytes:
    unpacking = lzma.LZMADecompressor()
    unpacked = unpacking.decompress(payload)
    return unpacked if unpacking.eof else b""


def _lz4(payload: bytes, files: PackageFiles) -> bytes:
    """Unpacks with the lz4 of this computer, else with the one of the downloaded package."""
    program = shutil.which("lz4")
    with tempfile.TemporaryDirectory() as folder:
        if program is None:
            path = Path(folder, "lz4")
            path.write_bytes(files.read("/usr/bin/lz4"))
            path.chmod(0o700)
            program = str(path)
        return _piped([program, "-dc"], payload[:-_SIZE])


def _zstd(payload: bytes, files: PackageFiles) -> bytes:
    return _piped(["zstd", "-dcq"], payload[:-_SIZE])


def _piped(command: Sequence[str], given: bytes) -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, timeout=_UNPACK_SECONDS, check=False)
    return b"" if done.returncode else done.stdout


_UNPACKERS: Mapping[bytes, Callable[[bytes, PackageFiles], bytes]] = {
    b"\x1f\x8b": _gzip,
    b"\xfd7zXZ": _xz,
    b"\x02\x21\x4c\x18": _lz4,
    b"\x28\xb5\x2f\xfd": _zstd,
}


def drivers(files: PackageFiles, wanted: Sequence[str] = DRIVERS) -> dict[str, bytes]:
    """Returns the modules to load, by file name, each behind those that it depends on.

    What is no module is built into the kernel: QEMU's virtio is in some. Raises BuildError for an unknown compression.
    """
    paths = {
        _plain(path): path
        for path in files.paths()
        if re.search(r"/lib/modules/.*\.ko(\.xz|\.gz|\.zst)?$", path)
    }
    loaded: dict[str, bytes] = {}

    def load(name: str) -> None:
        if name not in paths or f"{name}.ko" in loaded:
            return
        module = _module(files.read(paths[name]), paths[name])
        for needed in _needs(module):
            load(needed)
        loaded[f"{name}.ko"] = module

    for name in wanted:
        load(name)
    return loaded


def _plain(path: str) -> str:
    return os.path.basename(path).partition(".")[0].replace("-", "_")


def _needs(module: bytes) -> list[str]:
    found = re.search(rb"\0depends=([\w,-]*)\0", module)
    return found[1].decode().replace("-", "_").split(",") if found else []


def _module(data: bytes, path: str) -> bytes:
    if path.endswith(".xz"):
        return lzma.decompress(data)
    if path.endswith(".gz"):
        return gzip.decompress(data)
    if path.endswith(".zst"):
        try:
            unpacked = _piped(["zstd", "-dcq"], data)
        except OSError:
            unpacked = b""
        if not unpacked:
            raise BuildError(
                "The kernel's modules are packed with zstd, which this computer lacks: apt-get install zstd."
            )
        return unpacked
    return data
