"""Real machines for the sandbox: the tiny reference VM under a hypervisor, checked before the first of them boots."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.build_progress import BuildProgress
from OcciLibrary.reference_vm.cached_image import cached_image
from OcciLibrary.reference_vm.manifest import Manifest
from OcciLibrary.sandbox.engine import Engine, EngineError
from OcciLibrary.sandbox.hypervisors import MODULES, check_installed
from OcciLibrary.sandbox.transitions import (
    Driven,
    Plan,
    boot,
    resume,
    show,
    suspend,
    wait,
    warm_up,
)

MOST_CORES = 8
LEAST_MEMORY, MOST_MEMORY = 0.125, 16.0  # GiB
LONGEST_HOSTNAME = 64  # Linux
_BOOT_SECONDS = 60.0  # 2.2 s when the host has nothing else to do, 13 s and more when it is very busy
_ORDER_SECONDS = 90.0
_TRIAL_SECONDS = 8.0


def _halt(vm: Driven) -> None:
    """Shuts the machine down by the method that was asked for."""
    vm.order("halt", "")
    vm.end_machine()


def _reboot(vm: Driven) -> None:
    """Restarts the machine by the method that was asked for, and comes back when it is down."""
    vm.order("reboot", "")


def _arrive(vm: Driven) -> None:
    """Waits until the machine is up again."""
    vm.order("arrive", "")


PLANS: Mapping[str, Plan] = {
    "start": Plan((warm_up, wait(), boot), "active"),
    "stop": Plan((wait(), _halt), "inactive"),
    "restart": Plan((wait(1 / 4), _reboot, show("inactive"), wait(3 / 4), _arrive), "active"),
    "suspend": Plan((wait(), suspend), "suspended"),
    "resume": Plan((wait(), resume), "active"),
}


def real_engine(name: str, acceleration: str) -> Engine:
    """Returns the engine: looks for its hypervisor, has the image built where there is none, and tries KVM where asked to.

    Raises EngineError: one sentence that says what to install or do.
    """
    folder, manifest = ready_image(name, sys.stderr)
    image = {"kernel": str(folder / manifest.kernel), "initrd": str(folder / manifest.initrd)}
    chosen = _chosen_acceleration(acceleration, MODULES[name], image)
    return Engine(
        module=MODULES[name],
        properties={**image, "acceleration": chosen, "boot_seconds": _BOOT_SECONDS},
        plans=PLANS,
        boot_seconds=_BOOT_SECONDS + 5.0,
        order_seconds=_ORDER_SECONDS,
        refusal=refusal,
    )


def ready_image(name: str, stream: TextIO | None) -> tuple[Path, Manifest]:
    """Returns the image for machines of an engine and its manifest, built where there is none; tells of the build on ``stream``.

    Raises EngineError: one sentence that says what to install or do.
    """
    check_installed(name)
    progress = BuildProgress(stream)
    try:
        return cached_image(progress)
    except BuildError as problem:
        raise EngineError(f"The image of the real machines cannot be built: {problem}") from None
    finally:
        progress.end()


def refusal(attributes: Mapping[str, AttributeValue]) -> str:
    """Returns why no real machine can be like this, '' where it can."""
    cores, memory = attributes.get("occi.compute.cores", 1), attributes.get("occi.compute.memory", 1.0)
    if isinstance(cores, int) and not 1 <= cores <= MOST_CORES:
        return f"This site's machines have 1 to {MOST_CORES} cores, not {cores}."
    if isinstance(memory, int | float) and not LEAST_MEMORY <= memory <= MOST_MEMORY:
        return f"This site's machines have {LEAST_MEMORY} to {MOST_MEMORY:g} GiB of memory, not {memory}."
    if attributes.get("occi.compute.architecture", "x64") != "x64":
        return "This site's machines have the architecture x64."
    if len(str(attributes.get("occi.compute.hostname", ""))) > LONGEST_HOSTNAME:
        return f"A host name of Linux has at most {LONGEST_HOSTNAME} characters."
    return ""


def _chosen_acceleration(wanted: str, module: str, image: Mapping[str, str]) -> str:
    """Returns tcg or kvm; with ``auto`` KVM is taken only when a machine really boots with it.

    That /dev/kvm is there and can be opened says little: in a nested cloud its guests may hang.
    """
    if wanted == "tcg":
        return "tcg"
    problem = _kvm_problem(module, image)
    if not problem:
        return "kvm"
    if wanted == "kvm":
        raise EngineError(f"KVM cannot be used here: {problem} Leave out acceleration=kvm.")
    return "tcg"


def _kvm_problem(module: str, image: Mapping[str, str]) -> str:
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "/dev/kvm is not there or not yours to use."
    from OcciLibrary.sandbox.held_file import HeldFile  # noqa: PLC0415
    from OcciLibrary.sandbox.ports import ReservedPort  # noqa: PLC0415
    from OcciLibrary.sandbox.processes import ChildError, ChildProcess  # noqa: PLC0415

    ports = ReservedPort(), ReservedPort()
    disk = HeldFile()
    machine = ChildProcess(module)
    try:
        machine.tell(_trial(image, disk.path, ports[0].number, ports[1].number))
        machine.answer(_TRIAL_SECONDS + 5.0)
    except ChildError as error:
        return f"A machine that was tried did not boot with it ({error})."
    finally:
        machine.end()
        disk.close()
        for port in ports:
            port.release()
    return ""


def _trial(image: Mapping[str, str], disk: str, echo_port: int, ssh_port: int) -> dict[str, Any]:
    return {
        **image,
        "acceleration": "kvm",
        "boot_seconds": _TRIAL_SECONDS,
        "hostname": "trial",
        "cores": 1,
        "memory": 0.25,
        "echo_port": echo_port,
        "ssh_port": ssh_port,
        "ssh_username": "tester",
        "ssh_password": "",
        "ssh_host_key": "",
        "instance": "trial",
        "public_keys": [],
        "user_data": "",
        "disk": disk,
    }
