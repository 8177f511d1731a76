"""Whatever a VM went through, it is left as it was found: against a real sandbox, and against awkward sites."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from OcciLibrary.keywords.left_as_found import Found, RestoreFailed, Restorer, look
from OcciLibrary.keywords.state_words import state_of
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.occi.request_errors import RequestRefused, SiteUnreachable
from OcciLibrary.sandbox.embedded import EmbeddedSandbox, SandboxOptions
from tests.occi.scripted_site import Broken, Request, ScriptedSite, answer, kind, scripted, vm

STATES = ("inactive", "active", "suspended")
STEPS = {
    ("inactive", "active"): ["start"],
    ("inactive", "suspended"): ["start", "suspend"],
    ("active", "inactive"): ["stop"],
    ("active", "suspended"): ["suspend"],
    ("suspended", "active"): ["start"],
    ("suspended", "inactive"): ["start", "stop"],
}
TARGETS = {"start": "active", "stop": "inactive", "suspend": "suspended"}


class Vm:
    """The sandbox's reference VM, driven through the client."""

    def __init__(self, client: OcciClient, url: str) -> None:
        self.client = client
        self.url = url

    def state(self) -> str:
        return state_of(self.client.get(self.url))

    def reach(self, state: str) -> None:
        for action in STEPS.get((self.state(), state), []):
            self.client.act(self.url, action)
            self.wait_for(TARGETS[action])

    def wait_for(self, state: str) -> None:
        deadline = time.monotonic() + 5
        while self.state() != state:
            assert time.monotonic() < deadline, f"never became {state}"

    def restorer(self, found: Found, timeout: float = 5.0) -> tuple[Restorer, list[str]]:
        said: list[str] = []
        return Restorer(self.client, found, timeout, said.append), said


@pytest.fixture(scope="module")
def machine() -> Iterator[Vm]:
    sandbox = EmbeddedSandbox()
    description = sandbox.start(SandboxOptions(seconds=0.1, machines=1))
    client = OcciClient(description["endpoint"], timeout=5.0)
    (url,) = client.list_compute()
    yield Vm(client, url)
    client.close()
    sandbox.stop()


@pytest.mark.parametrize("found_state", STATES)
@pytest.mark.parametrize("present_state", STATES)
def test_state_and_attributes_are_put_back(machine: Vm, found_state: str, present_state: str) -> None:
    machine.reach("inactive")
    found = look(machine.client, machine.client.get(machine.url))
    found.state = found_state
    assert found.attributes.keys() >= {"occi.compute.cores", "occi.compute.memory", "occi.compute.hostname"}
    assert not found.attributes.keys() & {"occi.core.id", "occi.compute.state"}
    changes: dict[str, AttributeValue] = {"occi.compute.cores": 7, "occi.compute.hostname": "changed"}
    machine.client.update(machine.client.get(machine.url), changes)
    machine.reach(present_state)
    restorer, _ = machine.restorer(found)
    done = restorer.restore()
    now = machine.client.get(machine.url)
    assert state_of(now) == found_state
    assert {name: now.attributes[name] for name in found.attributes} == found.attributes
    assert [phrase.partition(" ")[0] for phrase in done if phrase.startswith("occi")] == [
        name for name in found.attributes if name in changes
    ]
    assert (f"state from '{present_state}' to '{found_state}'" in done) == (present_state != found_state)


@pytest.mark.parametrize(
    ("present_state", "found_state"), [("active", "inactive"), ("suspended", "suspended")]
)
def test_state_alone_is_put_back(machine: Vm, present_state: str, found_state: str) -> None:
    machine.reach(present_state)
    restorer, said = machine.restorer(Found(machine.url, found_state))
    restorer.restore()
    assert machine.state() == found_state
    assert said == (["stop: active -> inactive"] if present_state == "active" else [])


@pytest.mark.parametrize(
    ("first", "pending"), [("inactive", "start"), ("active", "stop"), ("active", "restart")]
)
def test_pending_action_is_waited_for(machine: Vm, first: str, pending: str) -> None:
    machine.reach(first)
    found = Found(machine.url, "inactive", pending=pending, pending_since=time.time())
    machine.client.act(machine.url, pending)
    restorer, said = machine.restorer(found)
    restorer.restore()
    assert machine.state() == "inactive"
    assert said[0] == f"waiting for the {pending} that is under way"


def test_action_pending_since_long_ago_is_not_waited_for(machine: Vm) -> None:
    machine.reach("inactive")
    found = Found(machine.url, "inactive", pending="start", pending_since=time.time() - 100)
    restorer, said = machine.restorer(found)
    began = time.monotonic()
    assert restorer.restore() == []
    assert time.monotonic() - began < 1
    assert said == []


# ---- awkward sites


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        running.on("/-/", kind("/compute/", "org.mine org.state{immutable}"))
        yield running


class Scripted:
    """A VM whose actions and updates a test scripts."""

    def __init__(self, site: ScriptedSite, state: str, **attributes: object) -> None:
        self.state = state
        self.attributes = attributes
        self.refuses_updates = ""
        self.leads = {"stop": "inactive", "start": "active", "suspend": "suspended"}
        site.on("GET /compute/5", lambda _: vm(state=self.state, **self.attributes))
        site.on("POST /compute/5", self.post)
        self.client = OcciClient(site.url, timeout=2.0, patience=0.0)
        self.url = site.url + "compute/5"

    def post(self, request: Request) -> bytes | Broken:
        if "action=" in request.target:
            self.state = self.leads[request.target.partition("action=")[2]]
            return answer(204)
        if self.refuses_updates:
            return answer(409, self.refuses_updates)
        for item in request["x-occi-attribute"].split(", "):
            name, _, value = item.partition("=")
            self.attributes[name.rpartition(".")[2]] = int(value)
        return answer(200)

    def restore(self, found: Found, timeout: float = 1.0) -> list[str]:
        return Restorer(self.client, found, timeout, lambda words: None).restore()


def test_only_what_clients_may_set_is_noted(site: ScriptedSite) -> None:
    scripted_vm = Scripted(
        site, "active", cores=2, org__mine=1, org__state="up", org__console="vnc://x", occi__core__id="5"
    )
    found = look(scripted_vm.client, scripted_vm.client.get(scripted_vm.url))
    assert found.attributes == {"occi.compute.cores": 2, "org.mine": 1}
    assert (found.vm, found.state) == (scripted_vm.url, "active")


def test_refused_update_keeps_the_state_from_nothing(site: ScriptedSite) -> None:
    scripted_vm = Scripted(site, "active", cores=2)
    scripted_vm.refuses_updates = "not today"
    with pytest.raises(
        RestoreFailed, match=r"occi.compute.cores is 2 instead of 4; POST .* 409 Whatever: not today"
    ):
        scripted_vm.restore(Found(scripted_vm.url, "active", {"occi.compute.cores": 4}))
    assert scripted_vm.state == "active"


def test_site_that_shows_stopped_as_suspended(site: ScriptedSite) -> None:
    """rOCCI v1 does (reference §7.7): attributes are put back all the same, and nothing goes round in circles."""
    scripted_vm = Scripted(site, "active", cores=2)
    scripted_vm.leads["stop"] = "suspended"
    scripted_vm.restore(Found(scripted_vm.url, "suspended", {"occi.compute.cores": 4}))
    assert (scripted_vm.state, scripted_vm.attributes["cores"]) == ("suspended", 4)
    scripted_vm.state = "active"
    with pytest.raises(
        RestoreFailed, match="stop leads to state 'suspended' on this site instead of 'inactive'"
    ):
        scripted_vm.restore(Found(scripted_vm.url, "inactive"))
    assert len([target for target in site.asked("POST") if "action" in target]) == 2


def test_vm_without_state_gets_its_attributes_back(site: ScriptedSite) -> None:
    scripted_vm = Scripted(site, "", cores=2)
    assert scripted_vm.restore(Found(scripted_vm.url, "", {"occi.compute.cores": 4})) == [
        "occi.compute.cores to 4"
    ]


def test_action_without_effect_is_not_sent_again_and_again(site: ScriptedSite) -> None:
    scripted_vm = Scripted(site, "active")
    scripted_vm.leads["stop"] = "active"
    with pytest.raises(
        RestoreFailed, match=r"the state is 'active' instead of 'inactive'; 0.2 seconds after stop"
    ):
        scripted_vm.restore(Found(scripted_vm.url, "inactive"), 0.2)
    assert site.asked("POST") == ["POST /compute/5?action=stop"]


def test_lost_answer_to_an_action_is_judged_by_what_the_vm_does(site: ScriptedSite) -> None:
    scripted_vm = Scripted(site, "active")

    def lose(request: Request) -> Broken:
        scripted_vm.post(request)
        return Broken()

    site.on("POST /compute/5", lose)
    assert scripted_vm.restore(Found(scripted_vm.url, "inactive")) == ["state from 'active' to 'inactive'"]


def test_hiccup_of_the_site_is_survived_and_a_vm_that_is_gone_is_said_at_once(site: ScriptedSite) -> None:
    scripted_vm = Scripted(site, "active")
    site.on("GET /compute/5", answer(500), answer(200, "<html>", "text/html"), vm(state="active"))
    assert scripted_vm.restore(Found(scripted_vm.url, "active")) == []
    site.on("GET /compute/5", answer(404, "gone"))
    began = time.monotonic()
    with pytest.raises(RequestRefused, match="404"):
        scripted_vm.restore(Found(scripted_vm.url, "active"), 30.0)
    assert time.monotonic() - began < 1


def test_site_that_is_down_is_said(site: ScriptedSite) -> None:
    scripted_vm = Scripted(site, "active")
    site.close()
    with pytest.raises(SiteUnreachable):
        scripted_vm.restore(Found(scripted_vm.url, "active"), 30.0)


@pytest.mark.parametrize("ahead", [3600.0, 1e300, float("inf"), float("nan")])
def test_clock_that_went_back_makes_nobody_wait_for_longer_than_one_transition(
    machine: Vm, ahead: float
) -> None:
    machine.reach("inactive")
    found = Found(machine.url, "inactive", pending="start", pending_since=time.time() + ahead)
    restorer, _ = machine.restorer(found, timeout=0.3)
    began = time.monotonic()
    assert restorer.restore() == []
    assert time.monotonic() - began < 3


def test_each_action_of_a_restore_is_told_before_it_is_sent_and_when_it_is_over(machine: Vm) -> None:
    machine.reach("suspended")
    told: list[tuple[str, str]] = []
    found = Found(machine.url, "inactive")
    Restorer(
        machine.client, found, 5.0, lambda _: None, lambda action: told.append((action, machine.state()))
    ).restore()
    assert told == [("start", "suspended"), ("", "active"), ("stop", "active"), ("", "inactive")]


def test_what_is_waited_for_is_told_at_each_look(machine: Vm) -> None:
    machine.reach("active")
    told: list[str] = []
    found = Found(machine.url, "inactive")
    Restorer(machine.client, found, 5.0, lambda _: None, waiting=told.append).restore()
    assert set(told) == {"it is active, waiting for inactive"}


@pytest.mark.parametrize(("pending", "actions"), [("suspend", ["start", "stop"]), ("stop", []), ("", [])])
def test_stopped_vm_is_not_left_suspended_on_a_site_that_shows_both_alike(
    site: ScriptedSite, pending: str, actions: list[str]
) -> None:
    """rOCCI-server 2 and occi-os show a suspended VM as inactive."""
    scripted_vm = Scripted(site, "inactive", cores=2)
    found = Found(
        scripted_vm.url,
        "inactive",
        {"occi.compute.cores": 2},
        pending=pending,
        pending_since=time.time() - 60,
    )
    done = scripted_vm.restore(found)
    assert [target.partition("action=")[2] for target in site.asked("POST")] == actions
    assert scripted_vm.state == "inactive"
    assert ["by start and stop" in words for words in done] == ([True] if actions else [])


def test_vm_that_refuses_to_wake_is_as_it_was_found_as_far_as_anybody_can_tell(site: ScriptedSite) -> None:
    scripted_vm = Scripted(site, "inactive")
    site.on("POST /compute/5", answer(409, "no"))
    found = Found(scripted_vm.url, "inactive", pending="suspend", pending_since=time.time() - 60)
    assert scripted_vm.restore(found) == []


# ---- what a run added


class Mergeable(Scripted):
    """A VM that is updated by PUT only; `replaces` says whether what a PUT leaves out goes away."""

    def __init__(self, site: ScriptedSite, replaces: bool, **attributes: object) -> None:
        super().__init__(site, "inactive", **attributes)
        self.replaces = replaces
        site.on("PUT /compute/5", self.put)

    def put(self, request: Request) -> bytes:
        pairs = [item.partition("=") for item in request["x-occi-attribute"].split(", ") if item]
        sent = {name.rpartition(".")[2]: int(value) for name, _, value in pairs}
        self.attributes = sent if self.replaces else {**self.attributes, **sent}
        return answer(200)


def test_attribute_that_the_vm_had_not_is_taken_away_again(site: ScriptedSite) -> None:
    scripted_vm = Mergeable(site, True, memory=2, cores=3)
    found = Found(scripted_vm.url, "inactive", {"occi.compute.memory": 2}, added=["occi.compute.cores"])
    assert scripted_vm.restore(found) == ["occi.compute.cores taken away"]
    assert scripted_vm.attributes == {"memory": 2}


def test_attribute_that_a_site_does_not_take_away_is_told_once(site: ScriptedSite) -> None:
    """occi-py merges what it is sent into what it has: nothing that OCCI knows takes an attribute away there."""
    scripted_vm = Mergeable(site, False, memory=2, cores=3)
    found = Found(scripted_vm.url, "inactive", {"occi.compute.memory": 2}, added=["occi.compute.cores"])
    with pytest.raises(
        RestoreFailed, match=r"occi\.compute\.cores is 3, and the VM had none before this run"
    ):
        scripted_vm.restore(found, 0.3)
    assert scripted_vm.restore(found, 0.3) == []


def test_refused_way_to_take_an_attribute_away_is_told(site: ScriptedSite) -> None:
    scripted_vm = Mergeable(site, True, memory=2, cores=3)
    site.on("PUT /compute/5", answer(501))
    found = Found(scripted_vm.url, "inactive", {"occi.compute.memory": 1}, added=["occi.compute.cores"])
    with pytest.raises(
        RestoreFailed, match=r"none before this run; to take away occi\.compute\.cores: PUT .* 501"
    ):
        scripted_vm.restore(found, 0.3)
    assert scripted_vm.attributes == {"memory": 1, "cores": 3}


def test_attribute_that_was_only_asked_for_is_no_matter(site: ScriptedSite) -> None:
    scripted_vm = Mergeable(site, True, memory=2)
    found = Found(scripted_vm.url, "inactive", {"occi.compute.memory": 2}, added=["occi.compute.speed"])
    assert scripted_vm.restore(found) == []
    assert site.asked("PUT") == []
