"""How a site words the VM's state: the wiki's words to the letter, but for capitals (GFD.184 §3.1 has lower case)."""

from __future__ import annotations

from enum import Enum

from OcciLibrary.occi.infrastructure import COMPUTE_STATES
from OcciLibrary.occi.model import Resource

STATE = "occi.compute.state"
_KNOWN = frozenset(state for states in COMPUTE_STATES.values() for state in states)


class ComputeState(Enum):
    """States of a compute resource (GFD.184 §3.1, GFD.224 §3.1)."""

    active = "active"
    inactive = "inactive"
    suspended = "suspended"
    error = "error"


def as_worded(resource: Resource) -> str:
    """Returns the state that a compute resource shows to the letter, or '' when it shows none."""
    return str(resource.attributes.get(STATE, ""))


def read_word(word: str) -> str:
    """Returns the state that a word stands for: 'Active' is active; a word that OCCI does not know stays as it is."""
    return word.lower() if word.lower() in _KNOWN else word


def state_of(resource: Resource) -> str:
    """Returns the state that a compute resource shows, capitals aside, or '' when it shows none."""
    return read_word(as_worded(resource))


def is_known(state: str) -> bool:
    """Tells whether OCCI knows a state."""
    return state in _KNOWN


def capitals_remark(word: str) -> str:
    """Returns a remark on a state that is spelt with capitals, or ''."""
    if word == read_word(word):
        return ""
    return f"The site spells the state '{word}'; it is read as '{read_word(word)}' (GFD.184 §3.1 spells states in lower case)."
