"""A disk that any BIOS boots, as a file: partition table, boot loader and an ext4 file system, nothing mounted.

GRUB lies in the first MiB, where its own installer puts it on disks with such a partition table: ``boot.img`` in the first
sector loads what follows it. Source: GRUB manual, "BIOS installation".
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.tool_runs import run

TOOLS = {
    "mke2fs": "e2fsprogs",
    "grub-mkimage": "grub-common",
    "qemu-img": "qemu-utils",
}
_SECTOR = 512
_START = 2048  # the partition's first sector: 1 MiB, where every tool puts it
_CODE = 440  # bytes of the first sector; behind it a disk signature and the partition table
_MIB = 1024 * 1024
_LEAST = 2 * 1024 * _MIB
_ROOM = 1.3  # a disk as large as its content could not even write a log
_SECONDS = 900.0
_GRUB = Path("/usr/lib/grub/i386-pc")
_MODULES = ("biosdisk", "part_msdos", "ext2", "linux", "normal", "configfile", "minicmd", "test")
_LINUX, _ACTIVE = 0x83, 0x80
_NO_GEOMETRY = b"\xfe\xff\xff"  # cylinder, head and sector, of disks that are told by sector numbers
# What GRUB 2.02 and the file system tools of the clouds understand; a newer mke2fs would add more.
_FEATURES = (
    "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,"
    "dir_nlink,extra_isize,metadata_csum"
)


def boot_loader_is_here() -> bool:
    """Tells whether GRUB's files for a BIOS are installed (package grub-pc-bin)."""
    return _GRUB.joinpath("boot.img").exists()


def first_sector(code: bytes, sectors: int, signature: bytes) -> bytes:
    """Returns the disk's first sector: boot code, and a partition table with one bootable Linux partition.

    ``sectors`` is the size of the disk, ``signature`` four bytes that tell disks apart.
    """
    entry = struct.pack("<B3sB3sII", _ACTIVE, _NO_GEOMETRY, _LINUX, _NO_GEOMETRY, _START, sectors - _START)
    return code[:_CODE].ljust(_CODE, b"\0") + signature + bytes(2) + entry + bytes(48) + b"\x55\xaa"


def disk_bytes(content: int) -> int:
    """Returns the size of a disk for so many bytes of files: whole GiB, 2 at least."""
    gib = 1024 * _MIB
    return max(_LEAST, -(-int(content * _ROOM) // gib) * gib)


def write_disk(disk: Path, root: Path, size: int, label: str, scratch: Path) -> None:
    """Writes a raw disk image with the files of a folder, which may be as many as fit. Raises BuildError, OSError."""
    core = scratch / "core.img"
    run(
        [
            *("grub-mkimage", "--format=i386-pc", f"--output={core}"),
            "--prefix=(,msdos1)/boot/grub",  # of the disk that the BIOS booted
            *_MODULES,
        ],
        _SECONDS,
    )
    loader = core.read_bytes()
    if len(loader) > (_START - 1) * _SECTOR:
        raise BuildError("This version of GRUB is too large to lie before the first partition.")
    with disk.open("wb") as file:
        file.truncate(size)
        boot_code = _GRUB.joinpath("boot.img").read_bytes()
        file.write(first_sector(boot_code, size // _SECTOR, os.urandom(4)))
        file.write(loader)
    offset = _START * _SECTOR
    run(
        [
            *("mke2fs", "-q", "-F", "-t", "ext4", "-O", _FEATURES, "-m", "1", "-L", label),
            *("-E", f"offset={offset},lazy_itable_init=0,root_owner=0:0", "-d", str(root)),
            str(disk),
            f"{(size - offset) // 1024}k",
        ],
        _SECONDS,
    )


def compress_disk(disk: Path, target: Path) -> None:
    """Writes a raw image as a compressed qcow2, which QEMU 1.1 (2012) and newer read. Raises BuildError."""
    run(
        [
            *("qemu-img", "convert", "-c", "-W", "-f", "raw", "-O", "qcow2", "-o", "compat=1.1"),
            str(disk),
            str(target),
        ],
        _SECONDS,
    )
