"""The suites that lie here: runs of others are marked in the matrix."""

from __future__ import annotations

from pathlib import Path

from OcciLibrary.fingerprint import fingerprint
from OcciLibrary.results.output_tree import file_name

KIT = Path(__file__).parents[2] / "suites"
"""Where the kit's suites lie, in a checkout of the kit."""


def fingerprints_below(folder: Path) -> dict[str, str]:
    """Returns the fingerprint of each suite file below a folder, by the names of its folder and file."""
    files = (path for path in sorted(folder.rglob("*.robot")) if path.name != "__init__.robot")
    return {file_name(path.resolve().as_posix()): fingerprint(path) for path in files}
