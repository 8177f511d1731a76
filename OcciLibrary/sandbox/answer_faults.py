"""Faults of what the server answers about the VM: listing, details, state. The machine itself is well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import COMPUTE
from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.renderings import OCCI_JSON
from OcciLibrary.sandbox.conduct import Changes, Conduct
from OcciLibrary.sandbox.exchange import Answer, RefusedError, Request
from OcciLibrary.sandbox.fault import Fault, fixed
from OcciLibrary.sandbox.transitions import HEALTHY_PLANS, Plan, show, wait
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from OcciLibrary.sandbox.weather import Treatment, Weather

STATE = "occi.compute.state"
_READ = ("GET", "HEAD")


def _reads_listing(request: Request) -> bool:
    return request.method in _READ and request.path in (COMPUTE.location, "/")


def _listing_is(answer: Callable[[], Answer]) -> Conduct:
    """Returns the conduct of a site whose listing is this answer, always."""
    return Conduct(instead=lambda request, vm: answer() if _reads_listing(request) else None)


def _details_are(answer: Callable[[], Answer]) -> Conduct:
    """Returns the conduct of a site that answers a query for the VM's details with this."""
    return Conduct(
        instead=lambda request, vm: answer() if vm is not None and request.method in _READ else None
    )


def _refused(status: HTTPStatus, words: str) -> Callable[[], Answer]:
    def refuse() -> Answer:
        raise RefusedError(status, words)

    return refuse


def _portal() -> Answer:
    return Answer(content_type="text/html", body=b"<html><title>Welcome to our cloud portal</title></html>")


def _no_content() -> Answer:
    return Answer(HTTPStatus.NO_CONTENT)


def _nothing() -> Answer:
    return Answer(content_type="text/plain")


def _garbage() -> Answer:
    return Answer(
        content_type="text/plain", body=b"Category\x00 = ;;; %%% \xff\xfe\nX-OCCI-Attribute: ===\n" * 3
    )


def _half_json() -> Answer:
    return Answer(content_type=OCCI_JSON, body=b'{"kind": "http://schemas.ogf.org/occi/infrastructure#comp')


def _listed_while(*states: str) -> Conduct:
    """Returns the conduct of a site that lists the tester's VM only in some states."""

    def listed(machines: list[VirtualMachine]) -> list[VirtualMachine]:
        first, *others = machines
        return machines if first.snapshot().state in states else others

    return Conduct(listed=listed)


def _stated(state: Callable[[str], str | None]) -> Conduct:
    """Returns the conduct of a site that renders another state than the VM has; None leaves it out."""

    def shown(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
        attributes = dict(resource.attributes)
        said = state(str(attributes.pop(STATE)))
        return replace(resource, attributes=attributes if said is None else {**attributes, STATE: said})

    return Conduct(shown=shown)


def _of_another(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
    other: Changes = {
        "occi.core.id": "11f2f5fe-3d5c-5c4a-9b2f-0c2f3a3b9a77",
        "occi.core.title": "Somebody else's VM",
        "occi.compute.hostname": "not-yours",
        "occi.compute.cores": 16,
        "occi.compute.memory": 64.0,
    }
    return replace(resource, attributes={**resource.attributes, **other}, location="")


def _another_listed() -> Conduct:
    """Returns the conduct of a site that shows the second VM's details at the address of the tester's."""
    neighbours: list[VirtualMachine] = []

    def listed(machines: list[VirtualMachine]) -> list[VirtualMachine]:
        neighbours[:] = machines[1:2]
        return machines

    def shown(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
        if not neighbours:
            return resource
        return replace(resource, attributes=neighbours[0].snapshot().attributes, location="")

    return Conduct(listed=listed, shown=shown)


def _after_listing(change: Callable[[VirtualMachine], None]) -> Conduct:
    """Returns the conduct of a site on which something befalls an active VM each time it is listed."""

    def listed(machines: list[VirtualMachine]) -> list[VirtualMachine]:
        if machines[0].snapshot().state == "active":
            change(machines[0])
        return machines

    return Conduct(listed=listed)


def _disagrees_with_listing() -> Conduct:
    """Returns the conduct of a site that says inactive once an active VM has been listed."""
    listed_active: list[str] = []
    seen = _after_listing(lambda vm: listed_active.append(vm.id))
    lying = _stated(lambda state: "inactive" if state == "active" and listed_active else state)
    return seen + lying


def _two_nodes() -> Conduct:
    """Returns the conduct of a site whose connections disagree: the one that asked for suspend does not see it done."""
    suspending: list[str] = []

    def instead(request: Request, vm: VirtualMachine | None) -> Answer | None:
        if vm is not None and request.action == "suspend":
            suspending[:] = [str(request.environ.get("REMOTE_PORT", ""))]
        return None

    def shown(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
        blind = str(request.environ.get("REMOTE_PORT", "")) in suspending
        if not blind or resource.attributes.get(STATE) != "suspended":
            return resource
        return replace(resource, attributes={**resource.attributes, STATE: "inactive"})

    return Conduct(instead=instead, shown=shown)


def _without_kind(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
    return replace(resource, kind=None)


def _without_actions(request: Request, vm: VirtualMachine, resource: Resource) -> Resource:
    return replace(resource, actions=())


def _details(treatment: Treatment) -> Conduct:
    """Returns the conduct of a site that treats every query for a VM's details so, below HTTP."""

    def treat(method: str, target: str) -> Treatment:
        single = target.startswith(COMPUTE.location) and len(target) > len(COMPUTE.location)
        return treatment if method in _READ and single else Treatment.PASS

    return Conduct(weather=lambda: Weather(treat))


def _with_waiting() -> Conduct:
    """Returns the conduct of a site that shows the word waiting while something goes on."""
    plans = {
        term: Plan((show("waiting"), *plan.steps), plan.reached)
        for term, plan in HEALTHY_PLANS.items()
        if term != "restart"
    }
    restart = HEALTHY_PLANS["restart"]
    steps = (show("waiting"), *restart.steps[:-1], show("waiting"), wait(1 / 4), restart.steps[-1])
    return Conduct(plans={**plans, "restart": Plan(steps, "active")})


ANSWER_FAULTS = (
    fixed("vm-missing", "The listing leaves the VM out.", "1.1", Conduct(listed=lambda machines: machines[1:])),
    fixed("list-empty", "The listing is empty.", "1.1", Conduct(listed=lambda machines: [])),
    fixed("list-no-content", "The listing is answered 204 without content.", "1.1", _listing_is(_no_content)),
    fixed("list-refused", "The listing is refused with 403.", "1.1",
          _listing_is(_refused(HTTPStatus.FORBIDDEN, "Listing is for admins."))),
    fixed("list-broken", "The listing ends in 500.", "1.1",
          _listing_is(_refused(HTTPStatus.INTERNAL_SERVER_ERROR, "AttributeError: 'NoneType' has no attribute 'id'"))),
    fixed("list-portal", "The listing is a web portal's HTML page.", "1.1", _listing_is(_portal)),
    fixed("list-forgets-active", "The VM is listed only while it is not active.", "6.2",
          _listed_while("inactive", "suspended")),
    fixed("list-forgets-inactive", "The VM is listed only while it is active.", "3.1", _listed_while("active")),
    fixed("get-not-found", "The VM is listed, but a query for its details is answered 404.", "1.2",
          _details_are(_refused(HTTPStatus.NOT_FOUND, "No such compute."))),
    fixed("get-forbidden", "The VM is listed, but its details are refused with 403.", "1.2",
          _details_are(_refused(HTTPStatus.FORBIDDEN, "Not yours."))),
    fixed("get-broken", "A query for the VM's details ends in 500.", "1.2",
          _details_are(_refused(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error, please contact nobody."))),
    fixed("get-portal", "The VM's details are a web portal's HTML page.", "1.2", _details_are(_portal)),
    fixed("get-empty", "The VM's details are answered 200 with nothing in them.", "1.2", _details_are(_nothing)),
    fixed("get-garbage", "The VM's details are text that is no OCCI.", "1.2", _details_are(_garbage)),
    fixed("get-half", "The VM's details are JSON that ends in the middle.", "1.2", _details_are(_half_json)),
    fixed("get-no-http", "A query for the VM's details is answered with bytes that are no HTTP.", "1.2",
          _details(Treatment.GARBLE)),
    fixed("get-hangs", "A query for the VM's details is accepted and never answered.", "1.2", _details(Treatment.HANG)),
    fixed("get-drips", "The VM's details come byte by byte, one a second.", "1.2", _details(Treatment.DRIP)),
    fixed("get-cuts", "Every answer with the VM's details is cut off in the middle.", "1.2", _details(Treatment.CUT)),
    fixed("get-stranger", "The VM's address shows the details of somebody else's VM.", "1.2", Conduct(shown=_of_another)),
    Fault("get-neighbour", "The VM's address shows the details of another listed VM.", "1.2", _another_listed),
    fixed("get-without-kind", "The VM's details do not name its kind.", "1.2", Conduct(shown=_without_kind)),
    fixed("get-without-actions", "No action is linked on the VM, though all work.", "1.2", Conduct(shown=_without_actions)),
    fixed("state-missing", "The VM is rendered without a state.", "2.1", _stated(lambda state: None)),
    fixed("state-empty", "The VM's state is an empty text.", "2.1", _stated(lambda state: "")),
    fixed("state-unknown", "The VM is always in state 'frobnicated'.", "2.1", _stated(lambda state: "frobnicated")),
    fixed("state-error", "The VM is always in state 'error'.", "2.1", _stated(lambda state: "error")),
    fixed("state-capitalised", "The states are spelt 'Active', 'Inactive', 'Suspended'.", "2.1", _stated(str.capitalize)),
    fixed("state-always-active", "The VM is always reported active.", "2.1", _stated(lambda state: "active")),
    fixed("state-always-inactive", "The VM is always reported inactive.", "3.3", _stated(lambda state: "inactive")),
    fixed("state-waiting", "The word 'waiting' is shown while something goes on.", "4.4", _with_waiting()),
    Fault("suspended-on-one-node", "Of two connections to the site one says suspended, the other inactive.", "5.4", _two_nodes),
    Fault("active-only-in-list", "Once listed as active, the VM is reported inactive.", "6.2", _disagrees_with_listing),
    fixed("dies-when-listed", "The machine dies when it is listed while it is active.", "6.2",
          _after_listing(VirtualMachine.crash)),
)  # fmt: skip
