"""The client from plain Python against a server: what it reads must be what the machine behind the server has."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.logins import KeystoneLogin, KeystonePassword, Login, Scope, TokenLogin
from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.occi.request_errors import RequestRefused
from OcciLibrary.occi.tls import Tls
from tests.independent_servers.server_process import Address

STATE = "occi.compute.state"
_CHANGE_SECONDS = 30.0
# Each action, its method and the state that it ends in; the VM is inactive before and after.
_ROUND = (
    ("start", "", "active"),
    ("restart", "warm", "active"),
    ("suspend", "hibernate", "suspended"),
    ("start", "", "active"),
    ("stop", "graceful", "inactive"),
)


@dataclass
class Checked:
    """What was wrong (each a defect of the client or of this check), and what was noted on the way."""

    wrong: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)


def check_through_the_client(address: Address, media_type: str) -> Checked:
    """Discovers, lists, reads, updates and acts; the VM is inactive before and after."""
    client = OcciClient(address.endpoint, _login(address), media_type)
    checked = Checked()
    try:
        url = _read(client, address, checked)
        _update(client, url, checked)
        _act(client, url, checked)
    except OcciError as problem:
        checked.noted.append(f"ended by {type(problem).__name__}: {problem}")
    finally:
        client.close()
    checked.noted += [f"{d.section}: {d.detail}" for d in client.deviations.values()]
    return checked


def _login(address: Address) -> Login | None:
    if "OCCI_TOKEN" in address.secrets:
        return TokenLogin(address.secrets["OCCI_TOKEN"], "X-Auth-Token")
    if "OCCI_PASSWORD" in address.secrets:
        method = KeystonePassword(address.login["OCCI_USERNAME"], address.secrets["OCCI_PASSWORD"])
        return KeystoneLogin(method, Scope(address.login["OCCI_PROJECT"]), tls=Tls(address.login["OCCI_CA"]))
    return None


def _read(client: OcciClient, address: Address, checked: Checked) -> str:
    categories = client.discover().categories
    if COMPUTE_ID not in {category.id for category in categories}:
        checked.wrong.append(f"compute is not among the {len(categories)} categories discovered")
    listed = client.list_compute()
    url = client.find(address.vm_id, listed)
    if not url:
        checked.wrong.append(f"{address.vm_id} is not found in {listed}")
        raise OcciError("nothing can be read")
    vm = client.get(url)
    if vm.kind is None or vm.kind.id != COMPUTE_ID:
        checked.wrong.append(f"the VM's kind is {vm.kind}")
    for name, value in address.attributes.items():
        if vm.attributes.get(name) != value:
            checked.wrong.append(f"{name} is {vm.attributes.get(name)!r}, but the machine has {value!r}")
    if "start" not in {action.term for action in vm.actions}:
        checked.wrong.append("start is not among the actions of an inactive VM")
    return url


def _update(client: OcciClient, url: str, checked: Checked) -> None:
    before = client.get(url)
    changes: dict[str, AttributeValue] = {"occi.compute.hostname": "other", "occi.compute.memory": 2.5}
    try:
        done = client.update(before, changes)
    except OcciError as refusal:
        checked.noted.append(f"update: {refusal}")
        return
    checked.noted.append(f"update: taken by {done.method} in {done.form}")
    after = client.get(url)
    _compare_update(before, after, changes, checked)
    back = {name: before.attributes[name] for name in changes}
    client.update(after, back)
    _compare_update(before, client.get(url), back, checked)


def _compare_update(
    before: Resource, after: Resource, changes: dict[str, AttributeValue], checked: Checked
) -> None:
    wanted = {**before.attributes, **changes}
    for name in sorted(wanted.keys() | after.attributes.keys()):
        if wanted.get(name) != after.attributes.get(name):
            checked.wrong.append(
                f"after an update {name} is {after.attributes.get(name)!r} instead of {wanted.get(name)!r}"
            )


def _act(client: OcciClient, url: str, checked: Checked) -> None:
    for term, method, state in _ROUND:
        was = client.get(url).attributes.get(STATE)
        try:
            if method:
                client.act(url, term, method=method)
            else:
                client.act(url, term)
        except RequestRefused as refusal:
            checked.noted.append(f"{term}: {refusal}")
            continue
        seen = _states_until(client, url, state, has_moved=was != state)
        checked.noted.append(f"{term}: {was} → {' → '.join(seen)}")
        if seen[-1] != state:
            checked.wrong.append(
                f"{term} should end in {state}, but after {_CHANGE_SECONDS:g} s it is {seen[-1]}"
            )


def _states_until(client: OcciClient, url: str, state: str, has_moved: bool) -> list[str]:
    """Returns the states seen until the VM is in `state`, which for a restart it has to leave first."""
    seen: list[str] = []
    end = time.monotonic() + _CHANGE_SECONDS
    while time.monotonic() < end:
        now = str(client.get(url).attributes.get(STATE))
        if not seen or seen[-1] != now:
            seen.append(now)
        if now == state and (has_moved or len(seen) > 1):
            break
    return seen
