"""A run of the tests tagged `create` that is killed in their midst: the next run on that site deletes what it left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.identity import path_of
from OcciLibrary.occi.infrastructure import COMPUTE_ID, NETWORK_ID, STORAGE_ID, STORAGELINK_ID
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.exchange import Answer, Request
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from tests.conformance.suite_tests import SUITES
from tests.runs.conftest import Robot

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no signals for one process alone"
)
_KINDS = (COMPUTE_ID, NETWORK_ID, STORAGE_ID, STORAGELINK_ID)


class KillingSite:
    """A sandbox that kills the run as soon as that asks for a storagelink; by then there are VM, storage and networks."""

    def __init__(self) -> None:
        self.run: subprocess.Popen[str] | None = None
        self.site = SandboxSite(
            SandboxOptions(seconds=0.1, machines=2, may_create=True, dialect="spec12"),
            Conduct(instead=self._hear),
        )

    def _hear(self, request: Request, vm: VirtualMachine | None) -> Answer | None:
        if (
            self.run is not None
            and request.method == "POST"
            and request.asked_path.startswith("/storagelink")
        ):
            self.run.kill()
        return None

    def held(self) -> tuple[set[str], set[str]]:
        """The paths of what it holds, and the ids of its categories."""
        client = OcciClient(self.site.description()["endpoint"])
        try:
            categories = {one.id for one in client.discover().categories}
            urls = [url for kind in _KINDS for url in client.list_at(client.location_of(kind))]
            return {path_of(url) for url in urls}, categories
        finally:
            client.close()


def test_a_killed_run_is_cleaned_up_after_by_the_next_one(tmp_path: Path) -> None:
    place = KillingSite()
    place.site.start()
    try:
        before = place.held()
        vm = place.site.description()["machines"][0]
        values = {
            "OCCI_ENDPOINT": place.site.description()["endpoint"],
            "OCCI_VERSIONS": "1.2",
            "VM_ID": vm["id"],
            "ECHO_HOST": vm["echo_host"],
            "ECHO_PORT": vm["echo_port"],
            "MAY_CREATE": "True",
        }
        given = [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]
        robot = Robot(tmp_path)
        place.run = robot.start(
            *given, "--include", "create", SUITES / "01__core", SUITES / "02__infrastructure"
        )
        place.run.communicate(timeout=60)
        assert place.run.returncode == -9
        left = place.held()
        assert len(left[0] - before[0]) >= 5  # VM, its link, storage, three networks
        place.run = None
        next_run = robot(*given, "--test", "CO1.1*", SUITES / "01__core" / "01__categories.robot")
        assert next_run.statuses() == {"CO1.1": "PASS"}
        assert "An earlier run" in next_run.err
        assert place.held() == before
    finally:
        place.site.stop()
