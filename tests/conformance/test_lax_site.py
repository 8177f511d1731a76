"""A site that takes wrong updates: the tests say so, and the tester's VM is left as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path

from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.model import Mixin, Resource
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.exchange import Answer, Request
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from tests.conformance.suite_tests import SUITES
from tests.runs.conftest import Robot

_MIXIN = Mixin("nobody_has_this", "http://example.org/occi/nothing#")
_ATTRIBUTE = "occi.compute.nobodyhasthis"


@dataclass
class Lax:
    """Stores a mixin and an attribute that nobody has, until the VM is replaced by a full update."""

    mixins: list[Mixin] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def hear(self, request: Request, vm: VirtualMachine | None) -> Answer | None:
        if vm is not None and request.method == "PUT":
            self.mixins.clear()
            self.names.clear()
        if vm is None or request.method != "POST" or b"nobody" not in request.body:
            return None
        if _ATTRIBUTE.encode() in request.body:
            self.names.append(_ATTRIBUTE)
        else:
            self.mixins.append(_MIXIN)
        return Answer(HTTPStatus.OK, "text/plain", body=b"OK")

    def render(self, request: Request, resource: Resource) -> Resource:
        if resource.kind is None or resource.kind.id != COMPUTE_ID:
            return resource
        return replace(
            resource,
            mixins=(*resource.mixins, *self.mixins),
            attributes={**resource.attributes, **dict.fromkeys(self.names, "1")},
        )


def test_what_a_wrong_update_left_on_the_vm_is_taken_away(tmp_path: Path) -> None:
    lax = Lax()
    conduct = Conduct(instead=lax.hear, rendered=lax.render)
    site = SandboxSite(SandboxOptions(seconds=0.1, machines=2, dialect="spec11"), conduct)
    site.start()
    try:
        vm = site.description()["machines"][0]
        values = {
            "OCCI_ENDPOINT": site.description()["endpoint"],
            "VM_ID": vm["id"],
            "ECHO_HOST": vm["echo_host"],
            "ECHO_PORT": vm["echo_port"],
        }
        given = [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]
        chosen = ("--test", "HP7.1*", "--test", "HP7.6*")
        done = Robot(tmp_path)(*given, *chosen, SUITES / "03__http_protocol" / "07__errors.robot")
    finally:
        site.stop()
    assert done.statuses() == {"HP7.1": "FAIL", "HP7.6": "FAIL"}
    assert (lax.mixins, lax.names) == ([], [])
    assert "the VM's mixins as before" in done.tests["HP7.1"].message
    assert "still on the VM" not in done.tests["HP7.1"].message
    assert _ATTRIBUTE in done.tests["HP7.6"].message
