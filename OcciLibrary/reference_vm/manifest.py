"""What an image is made of and how to tell that it is whole: ``manifest.json`` beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError

NAME = "manifest.json"
CHECKSUMS = "SHA256SUMS"
_FORMAT = 1
_OWN_FILES = ("*.py", "*.c", "guest/*", "echo_units/*", "system/**/*")
_CHUNK = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """Describes one image.

    The tiny one has ``kernel`` and ``initrd``, the names of its files, and ``kernel_form``, vmlinux or bzImage; the conventional
    one has ``disk``, the name of its file, and ``disk_bytes``, the size of the disk that a VM sees. ``packages`` gives the versions
    of what it is made of, ``files`` size and SHA-256 of each file; ``recipe`` tells recipes apart (`recipe_digest`).
    """

    recipe: str
    kernel: str = ""
    kernel_form: str = ""
    initrd: str = ""
    disk: str = ""
    disk_bytes: int = 0
    architecture: str = "x86_64"
    packages: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, int | str]] = field(default_factory=dict)
    format: int = _FORMAT

    def write(self, folder: Path) -> None:
        """Writes the manifest and the checksums, which `sha256sum --check` understands. Raises OSError."""
        sums = "".join(f"{facts['sha256']}  {name}\n" for name, facts in sorted(self.files.items()))
        folder.joinpath(CHECKSUMS).write_text(sums)
        folder.joinpath(NAME).write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n")

    def is_whole(self, folder: Path) -> bool:
        """Tells whether every file is there, as long as it was and with the same content."""
        try:
            return {name: dict(facts) for name, facts in self.files.items()} == file_facts(folder, self.files)
        except OSError:
            return False


def read_manifest(folder: Path) -> Manifest | None:
    """Returns the manifest of the image in a folder; None where there is none that can be understood."""
    try:
        told = json.loads(folder.joinpath(NAME).read_text())
        return Manifest(**told) if told.get("format") == _FORMAT else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def file_facts(folder: Path, names: Iterable[str]) -> dict[str, dict[str, int | str]]:
    """Returns size and SHA-256 of files. Raises OSError."""
    facts: dict[str, dict[str, int | str]] = {}
    for name in names:
        digest, size = hashlib.sha256(), 0
        with folder.joinpath(name).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        facts[name] = {"bytes": size, "sha256": digest.hexdigest()}
    return facts


def check_folder(folder: Path, disk: bool) -> None:
    """Raises BuildError where the folder holds an image of the other format, whose manifest would be lost."""
    there = read_manifest(folder)
    if there is not None and bool(there.disk) != disk:
        raise BuildError(f"{folder} holds an image of the other format: name another folder.")


def recipe_digest() -> str:
    """Returns a digest of all that decides what an image becomes, but for the packages: this folder's own files."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    paths = (path for pattern in _OWN_FILES for path in here.glob(pattern) if path.is_file())
    for path in sorted(paths):
        digest.update(str(path.relative_to(here)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
