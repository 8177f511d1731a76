"""What an image is made of and how to tell that it is whole: ``manifest.json`` beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "manifest.json"
CHECKSUMS = "SHA256SUMS"
_FORMAT = 1
_OWN_FILES = ("*.py", "*.c", "guest/*")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Describes one image.

    ``kernel`` and ``initrd`` are the names of its files, ``kernel_form`` is vmlinux or bzImage; ``packages`` gives the versions of
    what it is made of, ``files`` size and SHA-256 of each file; ``recipe`` tells recipes apart (`recipe_digest`).
    """

    recipe: str
    kernel: str
    kernel_form: str
    initrd: str
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
        content = folder.joinpath(name).read_bytes()
        facts[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return facts


def recipe_digest() -> str:
    """Returns a digest of all that decides what an image becomes, but for the packages: this folder's own files."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(path for pattern in _OWN_FILES for path in here.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
