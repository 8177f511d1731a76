"""Builds the conventional reference VM: Debian with systemd, OpenSSH, cloud-init and the echo service, as a disk to upload."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.building import Report, build_in
from OcciLibrary.reference_vm.cloud_init import ECHO_FILES
from OcciLibrary.reference_vm.debian_tree import debian_sources, install_debian, installed_packages
from OcciLibrary.reference_vm.disk_image import (
    TOOLS,
    boot_loader_is_here,
    compress_disk,
    disk_bytes,
    write_disk,
)
from OcciLibrary.reference_vm.manifest import Manifest, file_facts, recipe_digest
from OcciLibrary.reference_vm.tool_runs import missing_tools, run

DISK = "reference-vm.qcow2"
LABEL = "reference-vm"
SYSTEM = Path(__file__).with_name("system")
PACKAGES = (
    "linux-image-amd64",  # not the cloud's kernel: that one knows neither SATA nor the network cards that some sites emulate
    "initramfs-tools",
    "cloud-initramfs-growroot",
    "systemd-sysv",
    "systemd-resolved",
    "systemd-timesyncd",
    "libpam-systemd",  # systemd-logind: the power button
    "dbus",
    "openssh-server",
    "cloud-init",
    "qemu-guest-agent",
    "python3-minimal",
    "sudo",
    "ca-certificates",
    "iproute2",
    "iputils-ping",
    "netbase",
    "procps",
    "e2fsprogs",
    "nano",
)
"""What is in it; apt adds what these depend on."""
NEVER = (
    *(f"{top}/lib/modules/*/kernel/{part}/*" for top in ("", "/usr") for part in (
        "sound", "net/bluetooth", "net/mac80211", "net/wireless", "drivers/bluetooth", "drivers/gpu", "drivers/iio",
        "drivers/infiniband", "drivers/input/touchscreen", "drivers/isdn", "drivers/media", "drivers/net/wireless",
        "drivers/staging",
    )),
    "/usr/share/man/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/doc/*/[!c]*",
)  # fmt: skip
"""What no VM needs: drivers of real hardware, manual pages, translations."""
_SERVICES = ("systemd-networkd", "systemd-resolved", "systemd-timesyncd", "ssh", "occi-echo.socket")
_NOT_NEEDED = ("e2scrub_reap.service", "e2scrub_all.timer")  # for file systems on LVM
_OF_THIS_COMPUTER = (
    "etc/machine-id",
    "etc/ssh/ssh_host_*",
    "etc/apt/sources.list",
    "etc/apt/apt.conf.d/99mmdebstrap",
    "var/lib/dbus/machine-id",
    "var/lib/systemd/random-seed",
    "var/lib/apt/lists/*",
    "var/cache/apt/*",
    "var/log/apt",
    "var/log/*.log",
    "tmp/*",
    "var/tmp/*",
)
"""Its sources and proxy among them: cloud-init writes Debian's own sources at the first boot."""
_SECONDS = 60.0
_ROOM = 3 * 1024 * 1024 * 1024
_TOOLS = {
    **TOOLS,
    "mmdebstrap": "mmdebstrap",
    "unshare": "util-linux",
    "dpkg-query": "dpkg",
    "chroot": "coreutils",
}


def build_disk(folder: Path, report: Report) -> Manifest:
    """Builds the disk into a folder, with manifest and checksums beside it; returns the manifest.

    Raises BuildError: one sentence that says what is missing here.
    """
    _check_computer()
    debian_sources()
    return build_in(folder, True, _ROOM, lambda scratch: _build(folder, scratch, report))


def _check_computer() -> None:
    if shutil.which("apt-get") is None:
        raise BuildError(
            "The image is made of Debian's packages, and this computer has no apt-get: build it on a Debian machine and copy the "
            "folder here."
        )
    if platform.machine() != "x86_64":
        raise BuildError(
            f"The image is for amd64 computers, and is built on one; this one is {platform.machine()}."
        )
    if os.geteuid() != 0:
        raise BuildError(
            "The conventional image is built by root, for its files belong to root and to the system's users: run the same command "
            "with sudo. The tiny image (--format initrd) needs no such rights."
        )
    missing = missing_tools(_TOOLS)
    if not boot_loader_is_here():
        missing.append("grub-pc-bin")
    if missing:
        raise BuildError(
            f"The build needs tools that this computer lacks: apt-get install {' '.join(missing)}."
        )


def _build(folder: Path, scratch: Path, report: Report) -> Manifest:
    root, disk = scratch / "root", scratch / "disk.raw"
    report("asking apt for Debian's packages", 0.0)
    scratch.chmod(0o755)  # apt downloads as a user of its own
    install_debian(
        root,
        PACKAGES,
        NEVER,
        scratch,
        lambda phase, package, share: report(f"{phase}: {package}", 0.02 + 0.68 * share),
    )
    _complete(root)
    packages = installed_packages(root)
    report("writing the file system", 0.72)
    size = disk_bytes(_bytes_in(root))
    write_disk(disk, root, size, LABEL, scratch)
    report("compressing the disk", 0.8)
    compress_disk(disk, scratch / DISK)
    report("adding up", 0.98)
    folder.joinpath("manifest.json").unlink(missing_ok=True)
    scratch.joinpath(DISK).replace(folder / DISK)
    manifest = Manifest(
        recipe=recipe_digest(),
        disk=DISK,
        disk_bytes=size,
        packages=packages,
        files=file_facts(folder, [DISK]),
    )
    manifest.write(folder)
    return manifest


def _complete(root: Path) -> None:
    """Puts in what the image has beside its packages, switches its services on, and takes out what belongs to this computer."""
    for path in sorted(path for path in SYSTEM.rglob("*") if path.is_file()):
        _put(root, str(path.relative_to(SYSTEM)), path.read_text(encoding="utf-8"), 0o644)
    for file in ECHO_FILES:
        _put(root, file.path.lstrip("/"), file.content(), int(file.permissions, 8))
    run(["chroot", str(root), "systemctl", "enable", *_SERVICES], _SECONDS)
    run(["chroot", str(root), "systemctl", "disable", *_NOT_NEEDED], _SECONDS)
    run(["chroot", str(root), "passwd", "--quiet", "--lock", "root"], _SECONDS)
    for pattern in _OF_THIS_COMPUTER:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    root.joinpath("etc/machine-id").write_text("")  # systemd makes one at the first boot
    root.joinpath("etc/resolv.conf").unlink(
        missing_ok=True
    )  # a link that leads nowhere as long as the system does not run
    root.joinpath("etc/resolv.conf").symlink_to("../run/systemd/resolve/stub-resolv.conf")


def _put(root: Path, name: str, content: str, mode: int) -> None:
    target = root / name
    for folder in (*reversed(target.relative_to(root).parents[:-1]),):
        if not (place := root / folder).exists():
            place.mkdir()
            place.chmod(0o755)
    target.unlink(missing_ok=True)
    target.write_text(content, encoding="utf-8")
    target.chmod(mode)


def _bytes_in(root: Path) -> int:
    """Returns the room that the files take, in blocks of 4 KiB."""
    total = 0
    for parent, folders, files in os.walk(root):
        for name in (*folders, *files):
            total += -(-os.lstat(os.path.join(parent, name)).st_size // 4096) * 4096
    return total
