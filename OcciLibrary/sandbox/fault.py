"""What a fault is: a name, one line on what it breaks, what it is aimed at (a step of the wiki, mostly), and a conduct."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from OcciLibrary.sandbox.conduct import Conduct

WEATHER = "weather"  # aimed at no step: it must not change any verdict
MACHINE = "machine"  # aimed at what a login into the machine shows, which no agreed step judges
CONFORMANCE = "conformance"  # aimed at what suites about the OCCI documents ask, which no agreed step does
DISCUSSION = "discussion"  # aimed at an update of the active VM, which no agreed step makes


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the catalogue. ``conduct`` makes a new conduct for each site, for some count what they see."""

    name: str
    breaks: str
    aimed_at: str
    conduct: Callable[[], Conduct]


def fixed(name: str, breaks: str, aimed_at: str, conduct: Conduct) -> Fault:
    """Returns a fault whose conduct keeps nothing in mind."""
    return Fault(name, breaks, aimed_at, lambda: conduct)
