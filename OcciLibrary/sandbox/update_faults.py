"""Faults of what an update of the VM's attributes does (wiki, test case 2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.sandbox.conduct import Changes, Conduct
from OcciLibrary.sandbox.engine import BOOT_SECONDS
from OcciLibrary.sandbox.exchange import Answer, RefusedError, Request
from OcciLibrary.sandbox.fault import Fault, fixed
from OcciLibrary.sandbox.virtual_machine import NotNowError, VirtualMachine

_STEPS = {"cores": "2.2", "hostname": "2.3", "speed": "2.4", "memory": "2.5"}
_REFUSALS = {
    HTTPStatus.BAD_REQUEST: "This value is not understood.",
    HTTPStatus.FORBIDDEN: "This attribute may not be changed.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Compute resources cannot be updated.",
    HTTPStatus.CONFLICT: "The resource is in conflict with itself.",
    HTTPStatus.NOT_IMPLEMENTED: "Updates of this attribute are not implemented.",
}
LATE_SECONDS = 0.7


def _ignored(attribute: str) -> Conduct:
    return Conduct(
        stored=lambda vm, changes: {name: value for name, value in changes.items() if name != attribute}
    )


def _not_stored(attribute: str) -> Conduct:
    """Returns the conduct of a site that answers an update as if it had been stored."""
    asked: Changes = {}

    def stored(vm: VirtualMachine, changes: Changes) -> Changes:
        asked.clear()
        asked.update({name: value for name, value in changes.items() if name == attribute})
        return {name: value for name, value in changes.items() if name != attribute}

    def shown(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
        if request.method not in ("POST", "PUT"):
            return resource
        return replace(resource, attributes={**resource.attributes, **asked})

    return Conduct(stored=stored, shown=shown)


def _stored_late(attribute: str) -> Conduct:
    def stored(vm: VirtualMachine, changes: Changes) -> Changes:
        late = {name: value for name, value in changes.items() if name == attribute}
        if late:
            timer = threading.Timer(LATE_SECONDS, _store, (vm, late))
            timer.daemon = True
            timer.start()
        return {name: value for name, value in changes.items() if name != attribute}

    return Conduct(stored=stored)


def _store(vm: VirtualMachine, changes: Changes) -> None:
    try:
        vm.change(changes)
    except NotNowError:
        return  # it runs by now: too late


def _refused(attribute: str, status: HTTPStatus) -> Conduct:
    def stored(vm: VirtualMachine, changes: Changes) -> Changes:
        if attribute in changes:
            raise RefusedError(status, _REFUSALS[status])
        return changes

    return Conduct(stored=stored)


def _turned_into(attribute: str, value: Callable[[float], AttributeValue]) -> Conduct:
    """Returns the conduct of a site that stores another number than the one given."""

    def stored(vm: VirtualMachine, changes: Changes) -> Changes:
        given = changes.get(attribute)
        return {**changes, attribute: value(float(given))} if isinstance(given, (int, float)) else changes

    return Conduct(stored=stored)


def _also(attribute: str, others: Changes) -> Conduct:
    return Conduct(stored=lambda vm, changes: {**changes, **others} if attribute in changes else changes)


def _and_then(attribute: str, deed: Callable[[VirtualMachine], None]) -> Conduct:
    """Returns the conduct of a site on which an update of this attribute does something else as well."""

    def updated(vm: VirtualMachine, changes: Changes) -> None:
        if attribute in changes:
            deed(vm)

    return Conduct(updated=updated)


def _start(vm: VirtualMachine) -> None:
    vm.invoke("start")
    vm.wait_until_settled(BOOT_SECONDS)


def _terminated_by(attribute: str) -> Conduct:
    """Returns the conduct of a site on which an update of this attribute deletes the VM."""
    gone: list[str] = []

    def stored(vm: VirtualMachine, changes: Changes) -> Changes:
        if attribute in changes:
            gone.append(vm.id)
        return changes

    def instead(request: Request, vm: VirtualMachine | None) -> Answer | None:
        if vm is not None and gone:
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such compute any more.")
        return None

    return Conduct(instead=instead, stored=stored, listed=lambda machines: machines[1:] if gone else machines)


def _vanishing(attribute: str) -> Conduct:
    """Returns the conduct of a site that no longer renders an attribute once it was updated."""
    updated: list[str] = []

    def shown(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
        kept = {name: value for name, value in resource.attributes.items() if name not in updated}
        return replace(resource, attributes=kept)

    return Conduct(
        updated=lambda vm, changes: updated.extend(name for name in changes if name == attribute), shown=shown
    )


def _by_put_only() -> Conduct:
    def instead(request: Request, vm: VirtualMachine | None) -> Answer | None:
        if vm is not None and request.method == "POST" and request.action is None:
            raise RefusedError(
                HTTPStatus.METHOD_NOT_ALLOWED, "Updates are made with PUT.", {"Allow": "GET, PUT"}
            )
        return None

    return Conduct(instead=instead)


def _of_each_attribute() -> tuple[Fault, ...]:
    found = []
    for name, step in _STEPS.items():
        attribute = f"occi.compute.{name}"
        found += [
            fixed(
                f"{name}-ignored",
                f"An update of {name} is answered 200 and changes nothing.",
                "2.6",
                _ignored(attribute),
            ),
            _stateful(
                f"{name}-not-stored",
                f"An update of {name} is answered as if stored, and is not.",
                "2.6",
                _not_stored,
                attribute,
            ),
            fixed(
                f"{name}-stored-late",
                f"An update of {name} is stored {LATE_SECONDS:g} s later.",
                "2.6",
                _stored_late(attribute),
            ),
        ]
        found += [
            fixed(
                f"{name}-refused-{status.value}",
                f"An update of {name} is refused with {status.value}.",
                step,
                _refused(attribute, status),
            )
            for status in _REFUSALS
        ]
    return tuple(found)  # fmt: skip


def _stateful(name: str, breaks: str, step: str, make: Callable[[str], Conduct], attribute: str) -> Fault:
    return Fault(name, breaks, step, lambda: make(attribute))


_MEMORY, _SPEED, _CORES = "occi.compute.memory", "occi.compute.speed", "occi.compute.cores"
UPDATE_FAULTS = (
    *_of_each_attribute(),
    fixed("memory-rounded", "Memory is stored rounded up to the next whole 8 GiB.", "2.6",
          _turned_into(_MEMORY, lambda memory: 8.0 * (memory // 8 + 1))),
    fixed("memory-rounded-back", "Memory is rounded back to what it was.", "2.6", _turned_into(_MEMORY, lambda memory: 1.0)),
    fixed("memory-in-mib", "Memory is stored in MiB instead of GiB.", "2.6",
          _turned_into(_MEMORY, lambda memory: memory * 1024)),
    fixed("speed-rounded", "Speed is stored rounded to a tenth below what was asked for.", "2.6",
          _turned_into(_SPEED, lambda speed: round(speed - 0.1, 1))),
    fixed("speed-in-mhz", "Speed is stored in MHz instead of GHz.", "2.6", _turned_into(_SPEED, lambda speed: speed * 1000)),
    fixed("cores-doubled", "Twice as many cores are stored as were asked for.", "2.6",
          _turned_into(_CORES, lambda cores: int(2 * cores))),
    fixed("update-changes-architecture", "An update of the cores changes the architecture too.", "2.6",
          _also(_CORES, {"occi.compute.architecture": "x86"})),
    fixed("update-changes-title", "An update of the memory changes the VM's title too.", "2.6",
          _also(_MEMORY, {"occi.core.title": "resized"})),
    fixed("update-resets-cores", "An update of the memory sets the cores back.", "2.6", _also(_MEMORY, {_CORES: 1})),
    Fault("memory-vanishes", "After an update of the memory the VM is rendered without memory.", "2.6", lambda: _vanishing(_MEMORY)),
    Fault("update-terminates", "An update of the memory deletes the VM.", "2.6", lambda: _terminated_by(_MEMORY)),
    Fault("update-terminates-early", "An update of the cores deletes the VM.", "2.3", lambda: _terminated_by(_CORES)),
    fixed("update-starts", "An update of the memory starts the VM.", "2.6", _and_then(_MEMORY, _start)),
    fixed("update-starts-early", "An update of the cores starts the VM.", "2.3", _and_then(_CORES, _start)),
    fixed("update-by-put-only", "Partial updates are refused with 405; full ones work.", "2.2", _by_put_only()),
)  # fmt: skip
