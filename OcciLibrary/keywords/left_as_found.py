"""The VM is left as it was found: what was found is written down first, and put back last (design §7)."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.occi.transport import pause

STATE = "occi.compute.state"
# Which action leads from one state to the next on the way to another (GFD.184 §3.1: no stop from suspended).
_WAY = {
    ("active", "inactive"): "stop",
    ("suspended", "inactive"): "start",
    ("inactive", "active"): "start",
    ("suspended", "active"): "start",
    ("active", "suspended"): "suspend",
    ("inactive", "suspended"): "start",
}
_LEADS_TO = {"stop": "inactive", "start": "active", "suspend": "suspended", "restart": "active"}
_METHODS = {"stop": {"method": "graceful"}, "suspend": {"method": "hibernate"}}


@dataclass
class Found:
    """Holds what a VM was like before the first change: its URL, state and attributes that a client may set.

    `pending` names an action that was sent and whose end nobody has seen, `pending_since` when (seconds since 1970).
    """

    vm: str
    state: str
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    found_at: float = field(default_factory=time.time)
    pending: str = ""
    pending_since: float = 0.0


def look(client: OcciClient, resource: Resource) -> Found:
    """Returns what is to be put back later."""
    settable = {name: value for name, value in resource.attributes.items() if client.may_set(name)}
    return Found(resource.location, state_of(resource), settable)


def state_of(resource: Resource) -> str:
    """Returns the state that a compute resource shows, as the site words it, or '' when it shows none."""
    return str(resource.attributes.get(STATE, ""))


class Note:
    """Keeps what was found in a small file of the tester's, so that a run after a hard kill can finish the job.

    `${HOME}/.occilibrary` holds one file per site and VM; the environment variable OCCI_NOTES names another folder.
    """

    def __init__(self, endpoint: str, vm_id: str) -> None:
        folder = Path(os.environ.get("OCCI_NOTES") or Path.home() / ".occilibrary")
        key = hashlib.sha256(f"{endpoint} {vm_id}".encode()).hexdigest()[:16]
        self.path = folder / f"{key}.json"

    def read(self) -> Found | None:
        """Returns what an earlier run left to be put back, or None."""
        try:
            content: Mapping[str, Any] = json.loads(self.path.read_text("utf-8"))
            return Found(**content)
        except (OSError, ValueError, TypeError):
            return None

    def write(self, found: Found) -> None:
        """Writes the note so that a kill at any moment leaves the old one or the new one, never half of one."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(asdict(found)), "utf-8")
        draft.replace(self.path)

    def forget(self) -> None:
        """Removes the note: all was put back."""
        self.path.unlink(missing_ok=True)


class RestoreFailed(OcciError):
    """Says what could not be put back."""


@dataclass
class Restorer:
    """Puts a VM back to how it was found; `timeout` is the seconds that one transition may take."""

    client: OcciClient
    found: Found
    timeout: float
    say: Callable[[str], None]

    def restore(self) -> list[str]:
        """Returns what was put back, one phrase each. Raises `RestoreFailed` for what could not be."""
        self._let_pending_action_end()
        now = self.client.get(self.found.vm)
        before = state_of(now)
        wrong = dict(_differences(self.found.attributes, now.attributes))
        done = []
        if wrong and state_of(now) != "inactive":
            # Most sites change attributes only while the VM is stopped (live-servers.md, last column).
            now = self._bring_to("inactive", now)
        if wrong:
            self.client.update(now, wrong)
            done += [f"{name} to {value!r}" for name, value in wrong.items()]
        if self.found.state and state_of(now) != self.found.state:
            now = self._bring_to(self.found.state, now)
        if before != self.found.state:
            done.insert(0, f"state from '{before}' to '{self.found.state}'")
        self._confirm()
        return done

    def _let_pending_action_end(self) -> None:
        target = _LEADS_TO.get(self.found.pending, "")
        left = self.found.pending_since + self.timeout - time.time()
        if not target or left <= 0:
            return
        self.say(f"waiting for the {self.found.pending} that is under way")
        self._wait_for(target, min(left, self.timeout))

    def _bring_to(self, wanted: str, now: Resource) -> Resource:
        for _ in range(3):
            state = state_of(now)
            if state == wanted:
                return now
            action = _WAY.get((state, wanted))
            if action is None:
                raise RestoreFailed(f"the VM is in state '{state}', from which no action leads to '{wanted}'")
            self.say(f"{action}: {state} -> {_LEADS_TO[action]}")
            self.client.act(now.location, action, self.timeout, **_METHODS.get(action, {}))
            now = self._wait_for(_LEADS_TO[action], self.timeout)
        if state_of(now) != wanted:
            raise RestoreFailed(f"the VM is in state '{state_of(now)}' instead of '{wanted}'")
        return now

    def _wait_for(self, wanted: str, seconds: float) -> Resource:
        deadline = time.monotonic() + seconds
        wait = 0.02
        while True:
            now = self.client.get(self.found.vm)
            if state_of(now) == wanted or time.monotonic() > deadline:
                return now
            pause(wait)
            wait = min(wait * 1.5, 2.0)

    def _confirm(self) -> None:
        now = self.client.get(self.found.vm)
        left = [
            f"{name} is {now.attributes.get(name)!r} instead of {value!r}"
            for name, value in _differences(self.found.attributes, now.attributes)
        ]
        if self.found.state and state_of(now) != self.found.state:
            left.insert(0, f"the state is '{state_of(now)}' instead of '{self.found.state}'")
        if left:
            raise RestoreFailed("; ".join(left))


def _differences(
    found: Mapping[str, AttributeValue], now: Mapping[str, AttributeValue]
) -> Iterator[tuple[str, AttributeValue]]:
    for name, value in found.items():
        if name not in infrastructure.IMMUTABLE_COMPUTE_ATTRIBUTES and not same_value(value, now.get(name)):
            yield name, value
