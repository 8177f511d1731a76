"""The tiny reference VM's root: busybox, dropbear with its libraries, the echo service, and the files under ``guest/``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.cpio import CpioArchive
from OcciLibrary.reference_vm.packages import PackageFiles

PACKAGES = (
    "busybox-static",
    "dropbear-bin",
    "libc6",
    "libcrypt1",
    "libtomcrypt1",
    "libtommath1",
    "libgmp10",
    "zlib1g",
)
"""What the root is made of; the kernel's package comes on top."""
GUEST = Path(__file__).with_name("guest")
_PLACES = {"power_button.sh": "/etc/acpi/PWRF/00000080"}
_LOADER = "/lib64/ld-linux-x86-64.so.2"
_LIBRARIES = "/lib/x86_64-linux-gnu"


def initramfs(files: PackageFiles, echo_service: bytes, modules: Mapping[str, bytes]) -> bytes:
    """Returns the archive that the kernel unpacks as its root; equal inputs give equal bytes. Raises BuildError."""
    root = CpioArchive()
    for folder in ("/proc", "/sys", "/dev", "/root", "/home", "/var/log", "/run"):
        root.add_folder(folder)
    root.add_folder("/tmp", 0o1777)
    root.add_folder("/var/tmp", 0o1777)
    root.add_character_device("/dev/console", 5, 1)
    root.add_character_device("/dev/null", 1, 3, 0o666)
    root.add_file("/bin/busybox", _file(files, "busybox"), 0o755)
    for command in ("sh", "init"):  # the others are linked at boot
        root.add_link(f"/bin/{command}", "busybox")
    root.add_link("/sbin", "bin")
    for name, target in (("dropbear", "/usr/sbin"), ("dropbearkey", "/usr/bin")):
        _add_program(root, files, name, f"{target}/{name}")
    root.add_file("/bin/echo_service", echo_service, 0o755)
    for name, module in modules.items():
        root.add_file(f"/lib/modules/{name}", module)
    root.add_file("/etc/modules", "".join(f"/lib/modules/{name}\n" for name in modules).encode())
    for path in sorted(GUEST.iterdir()):
        script = path.suffix == ".sh"
        root.add_file(
            _PLACES.get(path.name, f"/etc/{path.name}"), path.read_bytes(), 0o755 if script else 0o644
        )
    root.add_file("/etc/shells", b"/bin/sh\n")
    root.add_link("/init", "/bin/init")
    return root.to_bytes()


def _add_program(root: CpioArchive, files: PackageFiles, name: str, path: str) -> None:
    """Adds a program and the shared libraries that it names."""
    program = _file(files, name)
    root.add_file(path, program, 0o755)
    waiting = [program]
    seen: set[str] = set()
    libraries = {entry.rpartition("/")[2]: entry for entry in files.paths() if ".so" in entry}
    while waiting:
        content = waiting.pop()
        for library in sorted(libraries.keys() - seen):
            if b"\0" + library.encode() + b"\0" in content:
                seen.add(library)
                waiting.append(files.read(libraries[library]))
                place = _LOADER if library == _LOADER.rpartition("/")[2] else f"{_LIBRARIES}/{library}"
                root.add_file(place, waiting[-1], 0o755)


def _file(files: PackageFiles, name: str) -> bytes:
    path = next((path for path in files.paths() if path.endswith(f"bin/{name}")), "")
    if not path:
        raise BuildError(f"Debian's packages hold no program {name}: has it moved to another package?")
    return files.read(path)
