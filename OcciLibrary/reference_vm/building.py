"""Builds the tiny reference VM: kernel and root from Debian's packages, without root's rights, in seconds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.echo_build import build_echo_service, compiler
from OcciLibrary.reference_vm.initramfs import PACKAGES, initramfs
from OcciLibrary.reference_vm.kernel import drivers, kernel_image
from OcciLibrary.reference_vm.manifest import Manifest, check_folder, file_facts, recipe_digest
from OcciLibrary.reference_vm.packages import PackageFiles, check_tools, dependency, download, first_known

KERNELS = ("linux-image-cloud-amd64", "linux-image-virtual", "linux-image-amd64")
"""Packages that stand for the newest kernel, best first: the cloud's has no drivers for real hardware, so it is small."""
INITRD = "initrd"
_ROOM = 300 * 1024 * 1024  # bytes: packages, what is in them, and the image

Report = Callable[[str, float], None]
"""Is told what is being done, and the share of the whole that is done (0 to 1)."""


def build_initrd(folder: Path, report: Report) -> Manifest:
    """Builds kernel and initrd into a folder, with manifest and checksums beside them; returns the manifest.

    Raises BuildError: one sentence that says what is missing here.
    """
    check_tools()
    compiler()
    return build_in(folder, False, _ROOM, lambda scratch: _build(folder, scratch, report))


def build_in(folder: Path, disk: bool, room: int, build: Callable[[Path], Manifest]) -> Manifest:
    """Has an image built into a folder, made where it is not there, by way of a scratch folder below it that goes away.

    ``disk`` tells which of the two images it is, ``room`` how many bytes it needs. Raises BuildError.
    """
    check_folder(folder, disk=disk)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, room)
        with tempfile.TemporaryDirectory(prefix="occi-build-", dir=folder) as scratch:
            return build(Path(scratch))
    except OSError as error:
        raise BuildError(f"The image cannot be written to {folder}: {error.strerror or error}.") from None


def check_room(folder: Path, needed: int) -> None:
    """Raises BuildError where a folder has less room than so many bytes, and OSError where nobody knows."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BuildError(
            f"{folder} has {free // 1024**2} MiB free, and {needed // 1024**2} MiB are needed to build the image: make room, or name "
            "another folder."
        )


def _build(folder: Path, scratch: Path, report: Report) -> Manifest:
    report("asking apt for the newest kernel", 0.0)
    kernel_package = dependency(first_known(KERNELS), r"linux-image-\S+")
    wanted = [*PACKAGES, kernel_package, *_further(kernel_package)]
    report(f"downloading {len(wanted)} packages, {kernel_package} among them", 0.05)
    files = PackageFiles()
    debs = download(wanted, scratch / "packages")
    for number, deb in enumerate(debs):
        report(f"unpacking {deb.name.partition('_')[0]}", 0.4 + 0.3 * number / len(debs))
        files.add(deb)
    report("unpacking the kernel", 0.7)
    kernel, form = kernel_image(files.read(_kernel_path(files)), files)
    report("compiling the echo service", 0.85)
    echo_service = build_echo_service(scratch / "echo_service").read_bytes()
    report("writing the image", 0.9)
    return _write(folder, kernel, form, initramfs(files, echo_service, drivers(files)), files)


def _further(kernel_package: str) -> list[str]:
    """Returns what else holds parts of the kernel (Ubuntu: its modules), and the tool that unpacks it where it lacks."""
    further = [] if shutil.which("lz4") else ["lz4"]
    if kernel_package.endswith("-generic"):
        further.append(kernel_package.replace("linux-image-", "linux-modules-"))
    return further


def _kernel_path(files: PackageFiles) -> str:
    found = next((path for path in files.paths() if path.startswith("/boot/vmlinuz-")), "")
    if not found:
        raise BuildError("The kernel's package holds no kernel (/boot/vmlinuz-...).")
    return found


def _write(folder: Path, kernel: bytes, form: str, root: bytes, files: PackageFiles) -> Manifest:
    """Writes the files; the manifest last, so that an image with a manifest is whole."""
    folder.joinpath("manifest.json").unlink(missing_ok=True)
    contents = {form: kernel, INITRD: root}
    for name, content in contents.items():
        folder.joinpath(name).write_bytes(content)
    manifest = Manifest(
        recipe=recipe_digest(),
        kernel=form,
        kernel_form=form,
        initrd=INITRD,
        packages=dict(sorted(files.versions.items())),
        files=file_facts(folder, contents),
    )
    manifest.write(folder)
    return manifest
