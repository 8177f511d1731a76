"""The image that the sandbox's real machines boot: built once for each user, and again when its recipe changes."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.building import Report, build_initrd
from OcciLibrary.reference_vm.manifest import Manifest, read_manifest, recipe_digest

_OTHER_BUILD_SECONDS = 300.0


def cache_folder() -> Path:
    """Returns where this user's image lies: OCCI_IMAGE_CACHE, else a folder under XDG_CACHE_HOME or ~/.cache."""
    if own := os.environ.get("OCCI_IMAGE_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "occilibrary", "reference-vm")


def cached_image(report: Report, folder: Path | None = None) -> tuple[Path, Manifest]:
    """Returns the folder of an image that is whole and made by this recipe, and its manifest; builds it where it is not.

    Newer packages are no reason to build it again: a run must not depend on the network. Raises BuildError.
    """
    folder = folder or cache_folder()
    if (manifest := _usable(folder)) is not None:
        return folder, manifest
    with _alone(folder):
        if (manifest := _usable(folder)) is None:  # another run may have built it meanwhile
            for left in folder.glob("occi-build-*"):  # by a build that was killed
                shutil.rmtree(left, ignore_errors=True)
            manifest = build_initrd(folder, report)
    return folder, manifest


def _usable(folder: Path) -> Manifest | None:
    manifest = read_manifest(folder)
    if (
        manifest is None
        or not manifest.initrd
        or manifest.recipe != recipe_digest()
        or not manifest.is_whole(folder)
    ):
        return None
    return manifest


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps two runs of one user from building at the same time. Raises BuildError."""
    if sys.platform == "win32":
        raise BuildError("The image can be built on Linux only.")
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with folder.joinpath("lock").open("w") as lock:
            deadline = time.monotonic() + _OTHER_BUILD_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise BuildError(
                            f"Another run has been building the image in {folder} for minutes."
                        ) from None
                    time.sleep(0.2)
            yield
    except OSError as error:
        raise BuildError(f"The image cannot be kept in {folder}: {error.strerror or error}.") from None
