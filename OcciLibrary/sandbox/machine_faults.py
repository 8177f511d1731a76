"""Faults that show in the machine alone, to whoever logs in: what it has inside, and its host key.

The agreed steps look from outside and judge none of it; a new host key is a remark there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.sandbox.conduct import Changes, Conduct
from OcciLibrary.sandbox.fault import MACHINE, Fault, fixed
from OcciLibrary.sandbox.transitions import Driven, Plan, boot, show, shut_down, wait, wait_seconds, warm_up
from OcciLibrary.sandbox.virtual_machine import VirtualMachine, new_host_key

LATE_SECONDS = 4.0
_CORES, _MEMORY, _HOSTNAME = "occi.compute.cores", "occi.compute.memory", "occi.compute.hostname"


def _has(name: str, made_of: Callable[[AttributeValue], AttributeValue]) -> Conduct:
    """Returns the conduct of a site whose machine has something else inside than OCCI says."""

    def inside(vm: VirtualMachine, attributes: Changes) -> Changes:
        return {**attributes, name: made_of(attributes[name])}

    return Conduct(inside=inside)


def _never_gets(name: str) -> Conduct:
    """Returns the conduct of a site that stores a change and shows it, but whose machine has what it had at first."""
    return Conduct(inside=lambda vm, attributes: {**attributes, name: vm.defaults[name]})


def _half(memory: AttributeValue) -> AttributeValue:
    return memory / 2 if isinstance(memory, (int, float)) else memory


def _one_more(cores: AttributeValue) -> AttributeValue:
    return cores + 1 if isinstance(cores, int) else cores


def _take_another_host_key(vm: Driven) -> None:
    if isinstance(vm, VirtualMachine):
        vm.login = replace(vm.login, host_key=new_host_key()[0])


def _restarts_with_another_host_key() -> Conduct:
    steps = (warm_up, wait(1 / 4), shut_down, show("inactive"), wait(3 / 4), _take_another_host_key, boot)
    return Conduct(plans={"restart": Plan(steps, "active")})


def _restarts_late() -> Conduct:
    steps = (show("inactive"), wait(), show("active"), warm_up, wait_seconds(LATE_SECONDS), shut_down, boot)
    return Conduct(plans={"restart": Plan(steps, "active")})


MACHINE_FAULTS: tuple[Fault, ...] = (
    fixed("machine-has-another-core", "The machine has one core more inside than OCCI says.", MACHINE, _has(_CORES, _one_more)),
    fixed("machine-has-half-the-memory", "The machine has half the memory inside that OCCI says.", MACHINE, _has(_MEMORY, _half)),
    fixed("machine-has-another-name", "The machine calls itself by another name than OCCI.", MACHINE,
          _has(_HOSTNAME, lambda name: "localhost")),
    fixed("machine-has-32-bits", "The machine has 32 bits, and OCCI says x64.", MACHINE,
          _has("occi.compute.architecture", lambda architecture: "x86")),
    fixed("cores-never-in-machine", "A change of the cores is stored and shown, but the machine never gets it.", MACHINE,
          _never_gets(_CORES)),
    fixed("memory-never-in-machine", "A change of the memory is stored and shown, but the machine never gets it.", MACHINE,
          _never_gets(_MEMORY)),
    fixed("hostname-never-in-machine", "A change of the hostname is stored and shown, but the machine never gets it.", MACHINE,
          _never_gets(_HOSTNAME)),
    fixed("restart-happens-late", f"The VM is reported restarted {LATE_SECONDS:g} s before its machine reboots.", MACHINE,
          _restarts_late()),
    fixed("restart-changes-host-key", "After a restart the machine shows another host key, as one that was rebuilt.", MACHINE,
          _restarts_with_another_host_key()),
)  # fmt: skip
