"""Builds the echo service for images without Python: one static program from ``echo_service.c``."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError

SOURCE = Path(__file__).with_name("echo_service.c")
_SECONDS = 120.0


def compiler() -> str:
    """Returns the path of a C compiler. Raises BuildError where there is none."""
    found = shutil.which("gcc") or shutil.which("cc")
    if found is None:
        raise BuildError(
            "The echo service of the tiny image is a C program, and there is no C compiler here: apt-get install gcc libc6-dev."
        )
    return found


def build_echo_service(target: Path) -> Path:
    """Compiles the program without dependencies and returns its path. Raises BuildError."""
    command = [compiler(), "-std=gnu99", "-O2", "-static", "-s", "-o", str(target), str(SOURCE)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"The echo service cannot be compiled: {error}.") from None
    if done.returncode:
        first = next(iter(done.stderr.strip().splitlines()), "the compiler gave no reason")
        raise BuildError(
            f"The echo service cannot be compiled ({first[:200]}). Are the C library's headers there (apt-get install libc6-dev)?"
        )
    return target
