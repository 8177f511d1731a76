"""Makes the reference VM: ``python -m OcciLibrary.reference_vm build DIR``, ``... cloud-init``."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.build_progress import BuildProgress
from OcciLibrary.reference_vm.building import build_initrd
from OcciLibrary.reference_vm.cloud_init import cloud_config
from OcciLibrary.reference_vm.conventional import build_disk
from OcciLibrary.reference_vm.seed import HOSTNAME, write_seed

_BUILDS = {"initrd": build_initrd, "qcow2": build_disk}


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m OcciLibrary.reference_vm",
        description="Makes the reference VM from Debian's packages.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build an image into a folder")
    build.add_argument(
        "--format",
        choices=tuple(_BUILDS),
        default="initrd",
        help="initrd: the tiny VM, a kernel and a root in RAM (the default); qcow2: a conventional disk, to upload to a cloud",
    )
    build.add_argument("folder", type=Path, metavar="DIR", help="where to put it")
    user_data = commands.add_parser(
        "cloud-init", help="print the user data that turns any cloud image into a reference VM"
    )
    user_data.add_argument(
        "--authorized-keys", type=Path, metavar="FILE", help="public keys of the user who may log in (tester)"
    )
    user_data.add_argument(
        "--login-only",
        action="store_true",
        help="make the user only: the image has the echo service, as those of `build` have",
    )
    user_data.add_argument(
        "--seed",
        type=Path,
        metavar="FILE",
        help="write a disk (ISO) with the user data instead, for a machine that no cloud starts",
    )
    user_data.add_argument("--hostname", metavar="NAME", help=f"host name in that disk ({HOSTNAME})")
    return parser


def _cloud_init(keys: Path | None, login_only: bool, seed: Path | None, hostname: str) -> int:
    try:
        user_data = cloud_config(keys.read_text(encoding="utf-8") if keys else "", login_only)
        if seed is not None:
            write_seed(seed, user_data, hostname)
        else:
            sys.stdout.write(user_data)
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
    parser = _command_line()
    arguments = parser.parse_args()
    if arguments.command == "build":
        return _build(arguments.folder, arguments.format)
    if arguments.hostname is not None and arguments.seed is None:
        parser.error("--hostname goes with --seed: elsewhere the cloud gives the host name")
    return _cloud_init(
        arguments.authorized_keys, arguments.login_only, arguments.seed, arguments.hostname or HOSTNAME
    )


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _build(folder: Path, form: str) -> int:
    started = time.monotonic()
    progress = BuildProgress(sys.stderr)
    for name in ("SIGTERM", "SIGHUP"):  # so that nothing is left behind then, either
        if number := getattr(signal, name, None):
            signal.signal(number, _interrupt)
    try:
        manifest = _BUILDS[form](folder, progress)
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
