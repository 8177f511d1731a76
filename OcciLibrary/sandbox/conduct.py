"""How a site conducts itself: the one place where a fault can take hold of it, layer by layer.

Left out, a field is what a healthy site does. The server and the VMs ask their conduct and know nothing of faults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.sandbox.transitions import Plan

if TYPE_CHECKING:
    from OcciLibrary.sandbox.exchange import Answer, Request
    from OcciLibrary.sandbox.virtual_machine import VirtualMachine
    from OcciLibrary.sandbox.weather import Weather

Changes = dict[str, AttributeValue]


def _not_instead(request: Request, vm: VirtualMachine | None) -> Answer | None:
    return None


def _as_is(request: Request, answer: Answer) -> Answer:
    return answer


def _all(machines: list[VirtualMachine]) -> list[VirtualMachine]:
    return machines


def _truly(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
    return resource


def _rendered_truly(request: Request, resource: Resource) -> Resource:
    return resource


def _as_asked(vm: VirtualMachine, changes: Changes) -> Changes:
    return changes


def _as_occi_says(vm: VirtualMachine, attributes: Changes) -> Changes:
    return attributes


def _no_more(vm: VirtualMachine, changes: Changes) -> None:
    return None


def _nothing(vm: VirtualMachine, term: str, attributes: Mapping[str, AttributeValue]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a site does at each layer.

    Answers: ``instead`` may answer a request in the server's stead (the VM is None for everything but the tester's);
    ``afterwards`` may change any answer, ``refused`` any error; ``listed`` chooses the VMs that a listing shows; ``shown`` changes how the
    tester's VM is rendered, ``rendered`` every entity where more than VMs is shown; with ``ignores_filters`` no filter counts; ``stored`` what an update of it stores, and ``updated`` sees what was stored; ``while_active`` makes an
    update of it while it is active, which is refused without one; ``invoked`` sees an action before and ``performed`` after it has
    begun. ``instead``, ``stored``, ``while_active`` and ``invoked`` may raise RefusedError.

    Machine: ``plans`` replaces what the VM really does, by the names start, stop, restart, suspend, resume; ``inside`` says what the
    machine boots with, given what OCCI says; ``echo`` names how its echo service misbehaves; with ``echo_of_another`` (``ssh_of_another``) the tester is told another VM's echo (ssh) port.

    Users' own VMs: ``creating`` names what is done wrong there (provider.py).

    Network: ``weather`` makes what stands between the tester and the server.
    """

    instead: Callable[[Request, VirtualMachine | None], Answer | None] = _not_instead
    afterwards: Callable[[Request, Answer], Answer] = _as_is
    refused: Callable[[Request, Answer], Answer] = _as_is
    listed: Callable[[list[VirtualMachine]], list[VirtualMachine]] = _all
    shown: Callable[[Request, VirtualMachine, Resource], Resource] = _truly
    rendered: Callable[[Request, Resource], Resource] = _rendered_truly
    ignores_filters: bool = False
    stored: Callable[[VirtualMachine, Changes], Changes] = _as_asked
    updated: Callable[[VirtualMachine, Changes], None] = _no_more
    while_active: Callable[[VirtualMachine, Changes], None] | None = None
    invoked: Callable[[VirtualMachine, str, Mapping[str, AttributeValue]], None] = _nothing
    performed: Callable[[VirtualMachine, str, Mapping[str, AttributeValue]], None] = _nothing
    plans: Mapping[str, Plan] = field(default_factory=dict)
    inside: Callable[[VirtualMachine, Changes], Changes] = _as_occi_says
    echo: str = ""
    echo_of_another: bool = False
    ssh_of_another: bool = False
    weather: Callable[[], Weather] | None = None
    creating: frozenset[str] = frozenset()

    def __add__(self, other: Conduct) -> Conduct:
        """Returns the conduct of a site with both faults. Raises ValueError when they contradict each other."""
        _check_apart(self, other)
        return Conduct(
            instead=lambda request, vm: self.instead(request, vm) or other.instead(request, vm),
            afterwards=lambda request, answer: other.afterwards(request, self.afterwards(request, answer)),
            refused=lambda request, answer: other.refused(request, self.refused(request, answer)),
            listed=lambda machines: other.listed(self.listed(machines)),
            shown=lambda request, vm, resource: other.shown(request, vm, self.shown(request, vm, resource)),
            rendered=lambda request, resource: other.rendered(request, self.rendered(request, resource)),
            ignores_filters=self.ignores_filters or other.ignores_filters,
            stored=lambda vm, changes: other.stored(vm, self.stored(vm, changes)),
            updated=_one_after_the_other(self.updated, other.updated),
            while_active=self.while_active or other.while_active,
            invoked=_both(self.invoked, other.invoked),
            performed=_both(self.performed, other.performed),
            plans={**self.plans, **other.plans},
            inside=lambda vm, attributes: other.inside(vm, self.inside(vm, attributes)),
            echo=self.echo or other.echo,
            echo_of_another=self.echo_of_another or other.echo_of_another,
            ssh_of_another=self.ssh_of_another or other.ssh_of_another,
            weather=self.weather or other.weather,
            creating=self.creating | other.creating,
        )


HEALTHY = Conduct()


def _one_after_the_other(
    one: Callable[[VirtualMachine, Changes], None], other: Callable[[VirtualMachine, Changes], None]
) -> Callable[[VirtualMachine, Changes], None]:
    def see(vm: VirtualMachine, changes: Changes) -> None:
        one(vm, changes)
        other(vm, changes)

    return see


def _both(
    one: Callable[[VirtualMachine, str, Mapping[str, AttributeValue]], None],
    other: Callable[[VirtualMachine, str, Mapping[str, AttributeValue]], None],
) -> Callable[[VirtualMachine, str, Mapping[str, AttributeValue]], None]:
    def see(vm: VirtualMachine, term: str, attributes: Mapping[str, AttributeValue]) -> None:
        one(vm, term, attributes)
        other(vm, term, attributes)

    return see


def _check_apart(one: Conduct, other: Conduct) -> None:
    if twice := sorted(set(one.plans) & set(other.plans)):
        raise ValueError(f"both change what the VM does at {', '.join(twice)}")
    if one.while_active and other.while_active:
        raise ValueError("both change what an update of the active VM does")
    if one.echo and other.echo:
        raise ValueError("both change what the echo service does")
    if one.weather and other.weather:
        raise ValueError("both change what the network does")
