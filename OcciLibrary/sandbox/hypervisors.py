"""What the sandbox's real machines run under, and whether it is installed here."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping

from OcciLibrary.sandbox.blank_disk import formatter
from OcciLibrary.sandbox.engine import EngineError

QEMU = "qemu-system-x86_64"
MODULES: Mapping[str, str] = {
    "qemu": "OcciLibrary.sandbox.qemu_machine",
    "libvirt": "OcciLibrary.sandbox.libvirt_machine",
}
"""The process of one machine, by engine."""

_DAEMONS = ("libvirtd", "virtqemud")  # the one for everything, or the one for QEMU


def check_installed(engine: str) -> None:
    """Raises EngineError, one sentence that says what to install or do, where there can be no machines of this engine."""
    if problem := _problem(engine):
        raise EngineError(f"Real machines (machines={engine}) need {problem}")


def _problem(engine: str) -> str:
    if not sys.platform.startswith("linux"):
        return "Linux: leave it out to have light ones."
    if shutil.which(QEMU) is None:
        return "QEMU, and there is no qemu-system-x86_64 here: apt-get install qemu-system-x86."
    if not formatter():
        return "mke2fs for their disks, and there is none here: apt-get install e2fsprogs."
    if engine == "libvirt":
        return _libvirt_problem()
    with contextlib.suppress(ModuleNotFoundError):  # of the package around it
        if importlib.util.find_spec("qemu.qmp") is not None:
            return ""
    return "the extra qemu: pip install 'robotframework-occilibrary[qemu]'."


def _libvirt_problem() -> str:
    if os.geteuid() == 0:
        return "an ordinary user, whose own libvirt they use (qemu:///session): run as one, or with machines=qemu."
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    if not any(shutil.which(daemon, path=path) for daemon in _DAEMONS):
        return "libvirt, and there is no libvirtd here: apt-get install libvirt-daemon libvirt-daemon-driver-qemu."
    if importlib.util.find_spec("libvirt") is None:
        return (
            "the extra libvirt: apt-get install libvirt-dev pkg-config gcc python3-dev, and "
            "pip install 'robotframework-occilibrary[libvirt]'."
        )
    return ""
