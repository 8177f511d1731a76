"""What the VMs of a sandbox are made of: light processes that behave like machines, or real machines under QEMU or libvirt.

Whatever the engine, a machine is a process that is told JSON: its properties, then orders. Among the properties are ``disk``, the path
of a file with all that the VM keeps while it is off (empty before its first boot; what is in it is the engine's affair), and what it
was created with: ``public_keys``, ``user_data`` and the ``instance`` that they are for. The order ``save`` copies the disk, as it is at
that moment, to the file ``to``: an image. A VM whose disk is a copy of an image has what the image has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.sandbox.transitions import HEALTHY_PLANS, Plan

BOOT_SECONDS = 30.0  # a light machine takes 0.3 s; a very busy host may need longer
ENGINES = ("light", "qemu", "libvirt")
ACCELERATIONS = ("tcg", "kvm", "auto")


class EngineError(Exception):
    """Says in one sentence why there can be no such machines here, and what to install."""


def _anything_goes(attributes: Mapping[str, AttributeValue]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Contextualisation:
    """What a VM is created with for its user: ssh public keys, one line each, and user data, decoded."""

    public_keys: tuple[str, ...] = ()
    user_data: str = ""


NOT_CONTEXTUALISED = Contextualisation()


@dataclass(frozen=True, slots=True)
class Engine:
    """One kind of machine.

    ``module`` is the process of one machine (it speaks as machine.py does), ``properties`` what it is told on top of the VM's own,
    ``plans`` what its VMs do in a transition; ``refusal`` gives a sentence for attributes that no such machine can have, else ''.
    """

    module: str = "OcciLibrary.sandbox.machine"
    properties: Mapping[str, Any] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=lambda: HEALTHY_PLANS)
    boot_seconds: float = BOOT_SECONDS
    order_seconds: float = 10.0
    refusal: Callable[[Mapping[str, AttributeValue]], str] = _anything_goes


LIGHT = Engine()


def engine_named(name: str, acceleration: str) -> Engine:
    """Returns an engine that is ready to be used. Raises EngineError where it cannot be used on this computer."""
    if name == "light":
        return LIGHT
    from OcciLibrary.sandbox.real_engine import real_engine  # noqa: PLC0415 - most sandboxes have light machines

    return real_engine(name, acceleration)
