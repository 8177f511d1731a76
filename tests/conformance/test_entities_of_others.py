"""What is listed and cannot be read fails the one test that is about it, not every test that looks at entities."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.exchange import Answer, Request
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from tests.conformance.suite_tests import SUITES
from tests.runs.conftest import Robot


def _keep_to_its_owner(request: Request, vm: VirtualMachine | None) -> Answer | None:
    """Refuses every VM but the tester's."""
    path = request.asked_path
    if vm is None and path.startswith("/compute/") and path != "/compute/":
        return Answer(HTTPStatus.FORBIDDEN, "text/plain", body=b"This is another user's.")
    return None


def test_a_vm_that_only_its_owner_may_read_fails_one_test(tmp_path: Path) -> None:
    site = SandboxSite(
        SandboxOptions(seconds=0.1, machines=3, dialect="spec11"), Conduct(instead=_keep_to_its_owner)
    )
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
        tests = Robot(tmp_path)(*given, SUITES / "01__core" / "02__entities.robot").tests
    finally:
        site.stop()
    failed = [number for number, test in tests.items() if test.status == "FAIL"]
    assert failed == ["CO2.2"]
    message = tests["CO2.2"].message
    assert message.count("which is listed, to be readable (GFD.185 §3.4.3; GFD.223 §11.1)") == 2
    assert "403 Forbidden" in message
