"""Debian's packages as files: downloaded by apt, taken apart by dpkg-deb, nothing of it installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.tool_runs import run

_DOWNLOAD_SECONDS = 600.0
_ASK_SECONDS = 60.0
_TOOLS = ("apt-get", "apt-cache", "dpkg-deb")


@dataclass(slots=True)
class PackageFiles:
    """The files of some packages, by absolute path; links are followed inside the packages."""

    versions: dict[str, str] = field(default_factory=dict)
    _files: dict[str, bytes] = field(default_factory=dict)
    _links: dict[str, str] = field(default_factory=dict)

    def paths(self) -> Iterable[str]:
        """Returns the paths of all files and links."""
        return [*self._files, *self._links]

    def read(self, path: str) -> bytes:
        """Returns a file's bytes; raises KeyError where there is none."""
        for _ in range(10):
            if path in self._files:
                return self._files[path]
            path = os.path.normpath(os.path.join(os.path.dirname(path), self._links[path]))
        raise KeyError(path)

    def add(self, deb: Path) -> None:
        """Takes in a package. Raises BuildError when it is damaged."""
        name, version = _fields(deb)
        self.versions[name] = version
        command = ["dpkg-deb", "--fsys-tarfile", str(deb)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as unpacking:
            try:
                with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
                    for member in archive:
                        self._take(archive, member)
            except tarfile.TarError as error:
                raise BuildError(f"The package {deb.name} is damaged ({error}): run again.") from None

    def _take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        path = "/" + member.name.removeprefix("./").lstrip("/")
        if member.isfile() and not path.startswith("/usr/share/"):
            stream = archive.extractfile(member)
            assert stream is not None
            self._files[path] = stream.read()
        elif member.issym() or member.islnk():
            self._links[path] = (
                member.linkname if member.issym() else "/" + member.linkname.removeprefix("./")
            )


def check_tools() -> None:
    """Raises BuildError where packages cannot be had: this is not Debian or a child of it."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise BuildError(
            f"The image is made of Debian's packages, and this computer has no {missing[0]}: build it on Debian or Ubuntu (a "
            "container will do) and copy the folder here."
        )


def first_known(names: Sequence[str]) -> str:
    """Returns the first package that apt knows. Raises BuildError when it knows none."""
    known = _ask(["apt-cache", "pkgnames", "linux-image-"])
    present = set(known.split())
    for name in names:
        if name in present:
            return name
    raise BuildError(
        f"apt knows no package {' or '.join(names)}: run apt-get update (as root), then build again. The image is for "
        "amd64 computers."
    )


def dependency(package: str, pattern: str) -> str:
    """Returns the name of the first dependency that matches. Raises BuildError when there is none."""
    found = re.search(rf"^\s*Depends: ({pattern})$", _ask(["apt-cache", "depends", package]), re.MULTILINE)
    if found is None:
        raise BuildError(
            f"apt does not say what the package {package} depends on: run apt-get update (as root)."
        )
    return found[1]


def download(packages: Sequence[str], folder: Path) -> list[Path]:
    """Downloads packages into a folder and returns their files. Raises BuildError."""
    folder.mkdir(parents=True, exist_ok=True)
    run(["apt-get", "download", "-qq", *packages], _DOWNLOAD_SECONDS, folder)
    return sorted(folder.glob("*.deb"))


def _fields(deb: Path) -> tuple[str, str]:
    told = _ask(["dpkg-deb", "--field", str(deb), "Package", "Version"])
    values = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line)
    return values.get("Package", deb.stem), values.get("Version", "")


def _ask(command: Sequence[str]) -> str:
    return run(command, _ASK_SECONDS)
