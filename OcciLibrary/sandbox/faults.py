"""The catalogue of faults: how a sandbox site can break a promise of OCCI or of the wiki, by name.

``python -m OcciLibrary.sandbox --list-faults`` prints it. The verdict of every step on each of them is in
docs/verdict_table.md.
"""

from __future__ import annotations

import difflib

from OcciLibrary.sandbox.answer_faults import ANSWER_FAULTS
from OcciLibrary.sandbox.conduct import HEALTHY, Conduct
from OcciLibrary.sandbox.echo_faults import ECHO_FAULTS
from OcciLibrary.sandbox.fault import Fault
from OcciLibrary.sandbox.hot_change_faults import HOT_CHANGE_FAULTS
from OcciLibrary.sandbox.liar_faults import LIAR_FAULTS
from OcciLibrary.sandbox.machine_faults import MACHINE_FAULTS
from OcciLibrary.sandbox.transition_faults import TRANSITION_FAULTS
from OcciLibrary.sandbox.update_faults import UPDATE_FAULTS
from OcciLibrary.sandbox.weather_faults import WEATHER_FAULTS

__all__ = ["FAULTS", "conduct_of"]

FAULTS: tuple[Fault, ...] = (
    *ANSWER_FAULTS,
    *UPDATE_FAULTS,
    *HOT_CHANGE_FAULTS,
    *TRANSITION_FAULTS,
    *ECHO_FAULTS,
    *MACHINE_FAULTS,
    *WEATHER_FAULTS,
    *LIAR_FAULTS,
)
_BY_NAME = {fault.name: fault for fault in FAULTS}
_LIST = "python -m OcciLibrary.sandbox --list-faults lists them all"


def conduct_of(names: str) -> Conduct:
    """Returns the conduct of a site with these faults, joined by ``+``; '' is a healthy site.

    Raises ValueError, written to follow "cannot be 'NAME': ", for an unknown name and for faults that contradict
    each other.
    """
    conduct = HEALTHY
    for name in filter(None, (part.strip() for part in names.split("+"))):
        if name not in _BY_NAME:
            raise ValueError(_unknown(name))
        try:
            conduct = conduct + _BY_NAME[name].conduct()
        except ValueError as problem:
            raise ValueError(f"faults are expected that can be had together, but {problem}") from None
    return conduct


def _unknown(name: str) -> str:
    parts = [known for known in _BY_NAME if name and name in known]
    close = list(dict.fromkeys([*difflib.get_close_matches(name, _BY_NAME, 4, 0.5), *parts]))[:4]
    meant = f" ({name[:60]!r} comes close to {', '.join(close)})" if close else ""
    return f"the name of a fault is expected{meant}; {_LIST}"
