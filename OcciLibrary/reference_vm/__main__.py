"""Builds the reference VM: ``python -m OcciLibrary.reference_vm build DIR``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.build_progress import BuildProgress
from OcciLibrary.reference_vm.building import build_initrd


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m OcciLibrary.reference_vm",
        description="Makes the reference VM from Debian's packages.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build an image into a folder")
    build.add_argument(
        "--format",
        choices=("initrd",),
        default="initrd",
        help="initrd: the tiny VM, a kernel and a root in RAM (the default)",
    )
    build.add_argument("folder", type=Path, metavar="DIR", help="where to put it")
    return parser


def main() -> int:
    """Runs the command line; the result is the exit status: 0, or 1 when the image cannot be built."""
    arguments = _command_line().parse_args()
    started = time.monotonic()
    progress = BuildProgress(sys.stderr)
    try:
        manifest = build_initrd(arguments.folder, progress)
    except BuildError as problem:
        progress.end()
        sys.stderr.write(f"{problem}\n")
        return 1
    except KeyboardInterrupt:
        progress.end()
        sys.stderr.write("Interrupted: the image was not built.\n")
        return 1
    progress.end()
    for name, facts in manifest.files.items():
        sys.stdout.write(f"{arguments.folder / name}  {int(facts['bytes']) / 1e6:.1f} MB\n")
    sys.stdout.write(f"Built in {time.monotonic() - started:.1f} s.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
