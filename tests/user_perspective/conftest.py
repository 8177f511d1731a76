"""Runs of the suites from the user's perspective, on a site in this process that lets its users create."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.machine_files import files_on
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SSH_USERNAME, SandboxSite
from tests.runs.conftest import ROOT, robot

__all__ = ["robot"]

# Where a site does not do what is waited for, and a run would take too long.
IMPATIENT = ("--variable", "TRANSITION_TIMEOUT:3 s")
SUITES = ROOT / "suites" / "04__user_perspective"


@dataclass
class OpenSite:
    """A site whose users may create, as a tester sees it."""

    site: SandboxSite

    @property
    def endpoint(self) -> str:
        return str(self.site.description()["endpoint"])

    @property
    def variables(self) -> list[str]:
        """What a site file would say, as robot's command line takes it."""
        vm: dict[str, Any] = self.site.description()["machines"][0]
        values = {
            "OCCI_ENDPOINT": self.endpoint,
            "VM_ID": vm["id"],
            "ECHO_HOST": vm["echo_host"],
            "ECHO_PORT": vm["echo_port"],
            "SSH_HOST": vm["ssh_host"],
            "SSH_PORT": vm["ssh_port"],
            "SSH_HOST_KEY": vm["ssh_host_key"],
            "NEW_VM_USERNAME": vm["ssh_username"],
            "TRANSITION_TIMEOUT": "20 s",
            "MAY_CREATE": "True",
        }
        return [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]

    @property
    def login(self) -> list[str]:
        """The ssh login of the tester's VM; the password is the sandbox's usual one."""
        return ["--variable", f"SSH_USERNAME:{SSH_USERNAME}"]

    def state(self) -> str:
        """The state of the tester's VM."""
        return self.site.machines[0].snapshot().state

    def home(self) -> list[str]:
        """What lies on the disk of the tester's VM, which is off."""
        disk = self.site.machines[0].saved_disk()
        try:
            return list(files_on(disk.read()))
        finally:
            disk.close()

    def vms(self) -> list[str]:
        """The titles of the VMs that users made."""
        provider = self.site.provider
        machines = provider.machines.values() if provider else ()
        return [str(vm.snapshot().attributes["occi.core.title"]) for vm in machines]

    def images(self) -> list[str]:
        """The titles of the images that users saved."""
        provider = self.site.provider
        return [image.title for image in provider.saved()] if provider else []


@pytest.fixture
def open_site() -> Iterator[Callable[..., OpenSite]]:
    """Starts sites that do wrong what is named; all end with the test."""
    running: list[SandboxSite] = []

    def start(*flaws: str, **options: Any) -> OpenSite:
        chosen = {"seconds": 0.1, "machines": 1, "may_create": True, **options}
        site = SandboxSite(SandboxOptions(**chosen), Conduct(creating=frozenset(flaws)))
        running.append(site)
        site.start()
        return OpenSite(site)

    yield start
    for site in running:
        site.stop()
