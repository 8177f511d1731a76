"""The VM is left as it was found: what was found is written down first, and put back last (design §7)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from OcciLibrary.keywords.created import Created, read_created
from OcciLibrary.keywords.state_words import state_of
from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError, RenderingError
from OcciLibrary.occi.known_servers import about_state
from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.occi.request_errors import (
    AnswerUnusable,
    NotSent,
    RequestError,
    RequestRefused,
    SiteUnreachable,
)
from OcciLibrary.occi.secrets_in_answers import PRIVATE_ATTRIBUTES
from OcciLibrary.occi.transport import pause

_RESEND_AFTER = 3.0
_STATES = infrastructure.COMPUTE_STATES["1.2"]
# Which action leads from one state to the next on the way to another (GFD.184 §3.1: no stop from suspended).
FIRST_ACTION = {
    ("active", "inactive"): "stop",
    ("suspended", "inactive"): "start",
    ("inactive", "active"): "start",
    ("suspended", "active"): "start",
    ("active", "suspended"): "suspend",
    ("inactive", "suspended"): "start",
}
# Where the actions lead; some sites show a stopped VM as suspended, or a suspended one as inactive (reference §7.7).
_LEADS_TO = {
    "stop": ("inactive", "suspended"),
    "start": ("active",),
    "suspend": ("suspended", "inactive"),
    "restart": ("active",),
}
_DIP = ("inactive", "suspended", "error", "waiting")
_METHODS = {"stop": {"method": "graceful"}, "suspend": {"method": "hibernate"}}
_AWAITED = {_STATES: "a state of OCCI", _DIP: "its restart to begin"}
_SETTLING = 15.0


@dataclass
class Found:
    """Holds what a VM was like before the first change: its URL, state and attributes that a client may set.

    `pending` names an action that was sent and whose end nobody has seen, `pending_since` when (seconds since 1970);
    `added` names attributes that the VM had not, and that a run asked the site to set; `created` is what a run created besides.
    """

    vm: str
    state: str
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    found_at: float = field(default_factory=time.time)
    pending: str = ""
    pending_since: float = 0.0
    added: list[str] = field(default_factory=list)
    created: list[Created] = field(default_factory=list)


def look(client: OcciClient, resource: Resource) -> Found:
    """Returns what is to be put back later.

    An attribute of the OCCI documents is, whatever the site says of it; another one only where the site declares it
    and lets clients set it, for many sites show things of their own that come and go with the state.
    """
    settable = {
        name: value for name, value in resource.attributes.items() if _is_put_back(client, resource, name)
    }
    return Found(resource.location, state_of(resource), settable)


def _is_put_back(client: OcciClient, resource: Resource, name: str) -> bool:
    if name in PRIVATE_ATTRIBUTES:
        return False  # what no run changes need not be written down
    if name in infrastructure.ATTRIBUTES:
        return name not in infrastructure.IMMUTABLE_COMPUTE_ATTRIBUTES
    return client.declares(name) and client.may_set(name, resource)


def still_created(found: Found) -> str:
    """Returns a sentence on what was created and is not deleted yet, '' where there is nothing."""
    things = ", ".join(
        f"{one.what} '{one.name}'{f' ({one.url})' if one.url else ''}" for one in found.created
    )
    return f" Created and not deleted: {things}." if things else ""


class Note:
    """Keeps what was found in a small file of the tester's, so that a run after a hard kill can finish the job.

    `${HOME}/.occilibrary` holds one file per site and VM; the environment variable OCCI_NOTES names another folder.
    """

    def __init__(self, endpoint: str, vm_id: str) -> None:
        folder = Path(os.environ.get("OCCI_NOTES") or os.path.join(os.path.expanduser("~"), ".occilibrary"))
        key = hashlib.sha256(f"{endpoint} {vm_id}".encode()).hexdigest()[:16]
        self.path = folder / f"{key}.json"

    def read(self) -> tuple[Found | None, str]:
        """Returns what an earlier run left to be put back, or None, and one sentence on a note that cannot be read."""
        try:
            content = self.path.read_bytes()
            return (_found(json.loads(content)) if content else None), ""
        except (FileNotFoundError, NotADirectoryError):
            return None, ""
        except (OSError, ValueError, TypeError, RecursionError):
            return None, (
                f"An earlier run did not put the VM back, and what it wrote down in {self.path} cannot be read: "
                "look yourself whether the VM is as it should be. This run leaves it as it is now."
            )

    def write(self, found: Found) -> None:
        """Writes the note so that a kill at any moment leaves the old one or the new one, never half of one.

        Raises `OSError` when the folder takes no file.
        """
        draft = self.path.with_suffix(f".{os.getpid()}.tmp")
        content = json.dumps(asdict(found))
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_text(content, "utf-8")
        draft.replace(self.path)

    def forget(self) -> None:
        """Removes the note, or makes it unreadable where it cannot be removed: all was put back."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError:
            with contextlib.suppress(OSError):
                self.path.write_text("", "utf-8")
        for draft in self.path.parent.glob(
            f"{self.path.stem}.*.tmp"
        ):  # of runs that were killed while they wrote
            with contextlib.suppress(OSError):
                draft.unlink()


def _found(content: Any) -> Found:
    """Returns a note's content; what a later version added is left out. Raises `TypeError` for what no run has written."""
    if not isinstance(content, dict):
        raise TypeError("not a note")
    found = Found(**{item.name: content[item.name] for item in fields(Found) if item.name in content})
    found.created = read_created(found.created)
    texts = (found.vm, found.state, found.pending)
    numbers = (found.found_at, found.pending_since)
    fits = all(isinstance(text, str) for text in texts) and all(
        isinstance(number, (int, float)) for number in numbers
    )
    lists = isinstance(found.added, list) and all(isinstance(name, str) for name in found.added)
    if not fits or not found.vm or not isinstance(found.attributes, dict) or not lists:
        raise TypeError("not a note")
    return found


class RestoreFailed(OcciError):
    """Says what could not be put back."""


@dataclass
class Restorer:
    """Puts a VM back to how it was found; `timeout` is the seconds that one transition may take.

    `sending` is told each action before it is sent, and '' when its end was seen: a restore can be killed too. `waiting` is told at
    each look what is waited for, and what the site shows meanwhile.
    """

    client: OcciClient
    found: Found
    timeout: float
    say: Callable[[str], None]
    sending: Callable[[str], None] = lambda action: None
    waiting: Callable[[str], None] = lambda words: None
    _unclear_until: float = 0.0

    def restore(self) -> list[str]:
        """Returns what was put back, one phrase each. Raises `RestoreFailed` for what could not be.

        What cannot be put back keeps nothing else from being put back.
        """
        self._unclear_until = time.monotonic() + self._left_of_pending()
        first = state_of(self._wait_for(_STATES, self.timeout))
        self._let_pending_action_end()
        now = self._wait_for(_STATES, self.timeout)
        before = first if state_of(now) == self.found.state else state_of(now)
        problems: list[str] = []
        woken = self._wake_what_is_only_shown_inactive(now)
        done = [*woken, *self._put_attributes_back(self._get() if woken else now, problems)]
        try:
            now = self._get()
            if self.found.state and state_of(now) != self.found.state:
                self._bring_to((self.found.state,), now)
        except (RequestRefused, AnswerUnusable, RestoreFailed) as problem:
            problems.append(str(problem))
        if self.found.state and before != self.found.state:
            done.insert(0, f"state from '{before}' to '{self.found.state}'")
        self._confirm(problems)
        return done

    def _wake_what_is_only_shown_inactive(self, now: Resource) -> list[str]:
        """Starts a VM that was stopped before, and that shows 'inactive' after it was suspended: some servers show that so.

        What stops it then is the way back to the state found. A VM that was found stopped must not be left suspended.
        """
        shown = (self.found.pending, self.found.state, state_of(now))
        if shown != ("suspend", "inactive", "inactive"):
            return []
        try:
            self._bring_to(("active",), now)
        except (RequestRefused, AnswerUnusable, RestoreFailed):
            return []
        return ["state to 'inactive' by start and stop, for after suspend 'inactive' may mean suspended"]

    def _put_attributes_back(self, now: Resource, problems: list[str]) -> list[str]:
        wrong = dict(_differences(self.found.attributes, now.attributes))
        added = self._still_added(now)
        if not wrong and not added:
            return []
        try:
            # Most sites change attributes only while the VM is stopped (live-servers.md, last column).
            if state_of(now) == "suspended":
                now = self._bring_to(("active",), now)
            if state_of(now) == "active":
                now = self._bring_to(_LEADS_TO["stop"], now)
            if wrong:
                self._patiently(lambda: self.client.update(now, wrong))
        except (RequestRefused, AnswerUnusable, RestoreFailed) as problem:
            problems.append(str(problem))
            return []
        done = [f"{name} to {value!r}" for name, value in wrong.items()]
        return [*done, *self._take_away(added, problems)] if added else done

    def _take_away(self, added: list[str], problems: list[str]) -> list[str]:
        try:
            self.client.take_away(self._get(), added)
        except SiteUnreachable:
            raise
        except RequestError as problem:
            problems.append(f"to take away {', '.join(added)}: {problem}")
            return []
        return [f"{name} taken away" for name in added]

    def _still_added(self, now: Resource) -> list[str]:
        return [name for name in self.found.added if name in now.attributes]

    def _let_pending_action_end(self) -> None:
        targets = _LEADS_TO.get(self.found.pending)
        left = self._left_of_pending()
        if not targets or left <= 0:
            return
        self.say(f"waiting for the {self.found.pending} that is under way")
        if self.found.pending == "restart":
            # Active before and after: what is active a moment after it was sent may not have begun to restart.
            self._wait_for(_DIP, min(left, self.found.pending_since + _SETTLING - time.time()))
        if self.found.state not in targets:
            self._wait_for(targets, left)
            return
        # Noted, but perhaps never sent; it leads where the VM is to go, so it may be sent once more.
        if state_of(self._wait_for(targets, min(left, _RESEND_AFTER))) not in targets:
            with contextlib.suppress(RequestRefused):
                self._act(self.found.pending)
            self._wait_for(targets, left)

    def _left_of_pending(self) -> float:
        """Returns the seconds for which an action that nobody saw end may still be under way."""
        if not self.found.pending:
            return 0.0
        left = self.found.pending_since + self.timeout - time.time()
        return left if left <= self.timeout else self.timeout  # a clock that went back, or no number at all

    def _patiently(self, change: Callable[[], object]) -> None:
        """Makes a change; while an action may be under way (a restart shows active at first) a refusal is not the end."""
        wait = 0.05
        while True:
            try:
                change()
                return
            except RequestRefused:
                if time.monotonic() >= self._unclear_until:
                    raise
            pause(wait)
            wait = min(wait * 1.5, 2.0)

    def _bring_to(self, wanted: tuple[str, ...], now: Resource) -> Resource:
        for _ in range(3):
            state = state_of(now)
            if state in wanted:
                return now
            action = FIRST_ACTION.get((state, wanted[0]))
            if action is None:
                raise RestoreFailed(
                    f"the VM is in state '{state}', from which no action leads to '{wanted[0]}'"
                )
            action = self._begun(action, state)
            now = self._wait_for(_LEADS_TO[action], self.timeout)
            if state_of(now) not in _LEADS_TO[action]:
                raise RestoreFailed(
                    f"{self.timeout:g} seconds after {action} the VM is still in state '{state_of(now)}'"
                )
            if state_of(now) not in (*wanted, _LEADS_TO[action][0]):
                raise RestoreFailed(
                    f"{action} leads to state '{state_of(now)}' on this site instead of '{wanted[0]}'"
                )
            self.sending("")
        if state_of(now) not in wanted:
            raise RestoreFailed(f"the VM is in state '{state_of(now)}' instead of '{wanted[0]}'")
        return now

    def _begun(self, action: str, state: str) -> str:
        """Sends an action and returns it; a stop, where the site refuses to suspend and shows what is stopped as suspended."""
        self.say(f"{action}: {state} -> {_LEADS_TO[action][0]}")
        self.sending(action)
        try:
            self._patiently(lambda: self._act(action))
        except RequestRefused:
            known = self.client.known_server
            if action == "suspend" and known is not None and about_state(known, "inactive", "suspended"):
                return self._begun("stop", state)
            raise
        return action

    def _act(self, action: str) -> None:
        try:
            self.client.act(self.found.vm, action, self.timeout, (), **_METHODS.get(action, {}))
        except NotSent:
            raise
        except (SiteUnreachable, AnswerUnusable) as problem:
            # Whether the site took the action is seen by what the VM does.
            self.say(f"the answer to {action} was lost: {problem}")

    def _get(self) -> Resource:
        return self.client.get(self.found.vm)

    def _wait_for(self, wanted: tuple[str, ...], seconds: float) -> Resource:
        """Returns the VM as soon as it is in a wanted state or shows none, or when the seconds are over.

        A query that the site spoils (5xx, or no OCCI) is repeated for a while before its error is raised.
        """
        deadline = time.monotonic() + seconds
        spoilt_until = time.monotonic() + min(seconds, _SETTLING)
        wait = 0.02
        while True:
            try:
                now = self._get()
            except (RequestRefused, AnswerUnusable, RenderingError) as problem:
                gone = isinstance(problem, RequestRefused) and problem.status < 500 and problem.status != 429
                if gone or time.monotonic() > spoilt_until:
                    raise
                self.waiting("the site does not show the VM")
            else:
                spoilt_until = time.monotonic() + min(seconds, _SETTLING)
                if state_of(now) in ("", *wanted) or time.monotonic() > deadline:
                    return now
                self.waiting(f"it is {state_of(now)}, waiting for {_AWAITED.get(wanted, wanted[0])}")
            pause(wait)
            wait = min(wait * 1.5, 2.0)

    def _confirm(self, problems: list[str]) -> None:
        """Compares until all is as found, for some sites show a change a little later. Raises `RestoreFailed`."""
        deadline = time.monotonic() + (0.0 if problems else min(self.timeout, _SETTLING))
        wait = 0.05
        while (left := self._what_is_left()) and time.monotonic() < deadline:
            pause(wait)
            wait = min(wait * 1.5, 2.0)
        if not left:
            return
        if len(left) == len(self._still_added(self._get())):
            self.found.added.clear()  # what a site does not take away now it will not take away later either
        raise RestoreFailed("; ".join([*left, *problems]))

    def _what_is_left(self) -> list[str]:
        now = self._get()
        differences = _differences(self.found.attributes, now.attributes)
        left = [f"{name} is {now.attributes.get(name)!r} instead of {value!r}" for name, value in differences]
        left += [
            f"{name} is {now.attributes[name]!r}, and the VM had none before this run"
            for name in self._still_added(now)
        ]
        if self.found.state and state_of(now) != self.found.state:
            left.insert(0, f"the state is '{state_of(now)}' instead of '{self.found.state}'")
        return left


def _differences(
    found: Mapping[str, AttributeValue], now: Mapping[str, AttributeValue]
) -> Iterator[tuple[str, AttributeValue]]:
    for name, value in found.items():
        if name not in infrastructure.IMMUTABLE_COMPUTE_ATTRIBUTES and not same_value(value, now.get(name)):
            yield name, value
