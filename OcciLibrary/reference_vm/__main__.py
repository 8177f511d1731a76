"""Makes the reference VM: ``python -m OcciLibrary.reference_vm build DIR``, ``... cloud-init``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.build_progress import BuildProgress
from OcciLibrary.reference_vm.building import build_initrd
from OcciLibrary.reference_vm.cloud_init import cloud_config


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
    user_data = commands.add_parser(
        "cloud-init", help="print the user data that turns any cloud image into a reference VM"
    )
    user_data.add_argument(
        "--authorized-keys", type=Path, metavar="FILE", help="public keys of the user who may log in (tester)"
    )
    return parser


def _print_cloud_config(keys: Path | None) -> int:
    try:
        sys.stdout.write(cloud_config(keys.read_text(encoding="utf-8") if keys else ""))
    except (OSError, UnicodeDecodeError) as error:
        return _fail(
            f"The public keys in {keys} cannot be read: {getattr(error, 'strerror', None) or error}."
        )
    except BuildError as problem:
        return _fail(str(problem))
    return 0


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def main() -> int:
    """Runs the command line; the result is the exit status: 0, or 1 when the image cannot be built."""
    arguments = _command_line().parse_args()
    if arguments.command == "cloud-init":
        return _print_cloud_config(arguments.authorized_keys)
    return _build(arguments.folder)


def _build(folder: Path) -> int:
    started = time.monotonic()
    progress = BuildProgress(sys.stderr)
    try:
        manifest = build_initrd(folder, progress)
    except BuildError as problem:
        progress.end()
        return _fail(str(problem))
    except KeyboardInterrupt:
        progress.end()
        return _fail("Interrupted: the image was not built.")
    progress.end()
    for name, facts in manifest.files.items():
        sys.stdout.write(f"{folder / name}  {int(facts['bytes']) / 1e6:.1f} MB\n")
    sys.stdout.write(f"Built in {time.monotonic() - started:.1f} s.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
