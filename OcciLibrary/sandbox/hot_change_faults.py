"""What an update of the VM does while it is active: the test case that the task force still discusses.

A sandbox refuses it; with one of these it takes it, well or badly. The agreed steps never update an active VM.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.sandbox.conduct import Changes, Conduct
from OcciLibrary.sandbox.exchange import RefusedError, Request
from OcciLibrary.sandbox.fault import DISCUSSION, Fault, fixed
from OcciLibrary.sandbox.virtual_machine import VirtualMachine

_CORES, _MEMORY = "occi.compute.cores", "occi.compute.memory"


def _taken(
    in_machine: bool = False,
    deed: Callable[[VirtualMachine], None] = lambda vm: None,
    also: Callable[[VirtualMachine, Changes], Changes] = lambda vm, changes: {},
) -> Conduct:
    """Returns the conduct of a site that takes such an update, does something else to the VM then, or changes more of it."""

    def while_active(vm: VirtualMachine, changes: Changes) -> None:
        vm.change_running({**changes, **also(vm, changes)}, in_machine)
        deed(vm)

    return Conduct(while_active=while_active)


def _restart(vm: VirtualMachine) -> None:
    vm.invoke("restart")


def _refuse(vm: VirtualMachine) -> None:
    raise RefusedError(HTTPStatus.CONFLICT, "The VM is active: its attributes cannot be changed now.")


def _half_the_memory(vm: VirtualMachine, changes: Changes) -> Changes:
    """Takes half the memory away with an update of the cores."""
    memory: AttributeValue = vm.snapshot().attributes[_MEMORY]
    return {_MEMORY: float(memory) / 2} if _CORES in changes and isinstance(memory, (int, float)) else {}


def _shown_only() -> Conduct:
    """Returns the conduct of a site that shows what it was asked for; its machine never gets it, at no start."""
    asked: Changes = {}

    def while_active(vm: VirtualMachine, changes: Changes) -> None:
        asked.update(changes)

    def stored(vm: VirtualMachine, changes: Changes) -> Changes:
        for name in changes:
            asked.pop(name, None)
        return changes

    def shown(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
        return replace(resource, attributes={**resource.attributes, **asked})

    return Conduct(stored=stored, while_active=while_active, shown=shown)


HOT_CHANGE_FAULTS = (
    fixed("hot-change-at-once", "An update of the active VM is taken, and is in the running machine at once.", DISCUSSION,
          _taken(in_machine=True)),
    fixed("hot-change-after-restart", "An update of the active VM is taken, and is in the machine after a restart.", DISCUSSION,
          _taken()),
    Fault("hot-change-shown-only", "An update of the active VM is shown; the machine never gets it.", DISCUSSION, _shown_only),
    fixed("hot-change-ignored", "An update of the active VM is answered 200 and changes nothing.", DISCUSSION,
          Conduct(while_active=lambda vm, changes: None)),
    fixed("hot-change-refused-but-done", "An update of the active VM is refused with 409, and done all the same.", DISCUSSION,
          _taken(in_machine=True, deed=_refuse)),
    fixed("hot-change-changes-memory", "An update of the active VM's cores halves its memory too.", DISCUSSION,
          _taken(also=_half_the_memory)),
    fixed("hot-change-restarts-the-vm", "An update of the active VM restarts it.", DISCUSSION, _taken(deed=_restart)),
    fixed("hot-change-kills-the-vm", "An update of the active VM makes its machine die.", DISCUSSION,
          _taken(deed=VirtualMachine.crash)),
)  # fmt: skip
