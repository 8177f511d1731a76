"""Gets into a VM that this run created: finds its address, and waits for the ssh server and for the key to be in force."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from robot.api import SkipExecution, logger

from OcciLibrary.keywords.creating import NewVm
from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.guest_signs import guest_login
from OcciLibrary.keywords.harmless import harmless
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.networking import Address, address_in, addresses
from OcciLibrary.occi.provisioning import wait_until
from OcciLibrary.occi.request_errors import RequestError
from OcciLibrary.probes.fresh_key import KeyPair, fresh_key_pair
from OcciLibrary.probes.guest import GuestLogin, GuestProblem, open_login
from OcciLibrary.probes.guest_command import CommandRun, run_command
from OcciLibrary.probes.line_connection import Deadline

_TRY = 10.0  # seconds for one login
_PAUSE = 2.0
_SETTLES = (
    60.0  # seconds after the ssh server's first word in which the machine may still put the key in place
)
_MOST_LINKS = 8


@dataclass
class _Tries:
    """Holds what the tries to log in met: when a server first refused, and the last words of each sort."""

    refused_since: float | None = None
    refused: str = ""
    silent: str = ""


class NewVmLogin:
    """Logs in to VMs that this run created."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    @property
    def _timeout(self) -> float:
        return self._run.site_settings().transition_timeout

    @property
    def _settles(self) -> float:
        return min(_SETTLES, self._timeout / 5)

    @property
    def username(self) -> str:
        """Returns the user whom the image lets in. Raises `SkipExecution` where the site file names none."""
        settings = self._run.site_settings()
        name = settings.new_vm_username or settings.ssh_username
        if not name:
            raise SkipExecution(
                "Not run: whom the image lets in with a key is not known. Give ${NEW_VM_USERNAME} (such as debian or cloud-user) in "
                f"{self._run.file}."
            )
        return name

    def by_key(self, vm: NewVm) -> str:
        """Logs in with the key that the VM was created with; returns where. Raises `StepFailed` where it is refused.

        Raises `SkipExecution` where nobody can tell: no address, no ssh server, or a user name that may be another one.
        """
        assert vm.key is not None
        username, key = self.username, vm.key
        tries = self._try(vm, lambda address: self._with(key, address))
        if vm.address is not None:
            return f"{username}@{vm.address.host} port {self._port(vm.address)}"
        settings = self._run.site_settings()
        if tries.refused and not settings.new_vm_username and not self._run.is_embedded:
            raise SkipExecution(
                f"Not run: the key was refused for '{username}', but the image's user may have another name: give "
                f"${{NEW_VM_USERNAME}} in {self._run.file}. {tries.refused}"
            )
        if tries.refused:
            raise StepFailed(
                f"Expected the key that the VM was created with to let '{username}' in, but for {self._settles:g} seconds it did not: "
                f"{tries.refused.rstrip('.')}. Ask the site's admin whether the public key of a creation reaches the VM (it needs "
                "cloud-init or the like in the image)."
            )
        raise SkipExecution(f"Not run: nobody can get in to the new VM. {tries.silent}")

    def as_in_the_site_file(self, vm: NewVm) -> str:
        """Logs in as the site file says for the tester's own VM, whose users a VM of its image has; returns where.

        Raises `SkipExecution` where that does not work. The tester's password is sent to no host that the site names, unless it
        shows the host key that the site file gives.
        """
        own = guest_login(self._run.site_settings())
        if own is None:
            raise SkipExecution(
                "Not run: neither a key of the new VM nor the ssh login in the site file leads into it."
            )
        if not (own.key_file or own.host_key or self._run.is_embedded):
            raise SkipExecution(
                "Not run: the site takes no key for a new VM, and your password is not sent to an address that the site names. Give a key "
                f"(${{SSH_KEY}}) or the host key (${{SSH_HOST_KEY}}) in {self._run.file}."
            )
        tries = self._try(vm, lambda address: self._as_own(own, address))
        if vm.address is None:
            raise SkipExecution(f"Not run: nobody can get in to the new VM. {tries.refused or tries.silent}")
        return f"{own.username}@{vm.address.host} port {self._port(vm.address)}"

    def run(self, vm: NewVm, command: str, seconds: float = 20.0) -> CommandRun:
        """Runs a command in a VM that was logged in to before. Raises `SkipExecution` where that does not work any more."""
        assert vm.address is not None
        if vm.key is not None:
            login = self._with(vm.key, vm.address)
        else:
            own = guest_login(self._run.site_settings())
            assert own is not None
            login = self._as_own(own, vm.address)
        try:
            transport, _ = open_login(login, _TRY)
        except GuestProblem as problem:
            raise SkipExecution(
                f"Not run: the new VM was logged in to before, but not now. {problem}"
            ) from None
        try:
            return run_command(transport, command, Deadline(seconds))
        finally:
            _close(transport)

    def check_only_the_key(self, vm: NewVm) -> None:
        """Raises `StepFailed` where another key, which nobody gave to the VM, lets in as well: then the right one proves nothing."""
        assert vm.address is not None
        try:
            transport, _ = open_login(self._with(fresh_key_pair("another"), vm.address), _TRY)
        except GuestProblem:
            return
        _close(transport)
        raise StepFailed(
            "Expected the new VM to let in the key that it was created with and no other, but it let in a key, too, that was made a "
            "moment ago and given to nobody. Ask the site's admin what answers there."
        )

    def _with(self, key: KeyPair, address: Address) -> GuestLogin:
        return GuestLogin(address.host, self._port(address), self.username, private_key=key.private)

    def _as_own(self, own: GuestLogin, address: Address) -> GuestLogin:
        # A private key proves itself without being sent, and no image gives a new VM the host key of another.
        host_key = "" if own.key_file or self._run.is_embedded else own.host_key
        return replace(own, host=address.host, port=self._port(address), host_key=host_key)

    def _port(self, address: Address) -> int:
        return address.ssh_port or 22

    # ---- finding the way

    def _try(self, vm: NewVm, login: Callable[[Address], GuestLogin]) -> _Tries:
        """Tries each address again and again; sets the VM's address where a login works."""
        tries = _Tries()
        places = self._places(vm)
        deadline = time.monotonic() + self._timeout
        while True:
            for address in places:
                if self._gets_in(login(address), tries):
                    vm.address = address
                    return tries
            since = tries.refused_since
            if time.monotonic() > (deadline if since is None else since + self._settles):
                return tries
            wait_until(lambda: False, min(_PAUSE, self._settles / 4))

    def _gets_in(self, login: GuestLogin, tries: _Tries) -> bool:
        try:
            transport, fingerprint = open_login(login, min(_TRY, self._timeout))
        except GuestProblem as problem:
            if problem.final:
                tries.refused = str(problem)
                tries.refused_since = tries.refused_since or time.monotonic()
            else:
                tries.silent = str(problem)
            return False
        _close(transport)
        logger.info(
            f"Logged in as {login.username} at {login.host} port {login.port} (host key {fingerprint})."
        )
        return True

    def _places(self, vm: NewVm) -> tuple[Address, ...]:
        """Returns the addresses at which the VM may be reached from here; a public one may come later than the others.

        Raises `SkipExecution` where there is none.
        """
        inside = self._is_inside()
        found: tuple[Address, ...] = ()

        def useful() -> bool:
            nonlocal found
            found = tuple(one for one in self._shown(vm) if self._may_be_its_own(one))
            return bool(found) and (inside or found[0].is_public)

        with judged(self._run, "the address of the new VM"):
            reachable = wait_until(useful, self._settles)
        if not found:
            raise SkipExecution(
                "Not run: the site shows no address of the new VM (occi.networkinterface.address on its links to networks)."
            )
        hosts = ", ".join(one.host for one in found)
        if not reachable:
            raise SkipExecution(
                f"Not run: the new VM has no public address ({hosts}), and at such an address of your own network there may be "
                "another machine."
            )
        logger.info(f"The site shows the new VM at {hosts}.")
        return found if inside else tuple(one for one in found if one.is_public)

    def _shown(self, vm: NewVm) -> tuple[Address, ...]:
        client = self._run.client
        resource = client.get(vm.url)
        if found := addresses(resource):
            return found
        return tuple(filter(None, (self._of_link(url) for url in _links(resource))))

    def _of_link(self, url: str) -> Address | None:
        """Returns the address in a link that the VM shows by its URL alone."""
        try:
            return address_in(self._run.client.get(url).attributes)
        except RequestError:
            return None

    def _may_be_its_own(self, address: Address) -> bool:
        """Tells whether an address may lead into a VM: not this computer's own, unless the tester's VM is here, too."""
        ip = ipaddress.ip_address(address.host)
        if not (ip.is_loopback or ip.is_link_local):
            return True
        settings = self._run.site_settings()
        return any(host and _is_here(host) for host in (settings.ssh_host, settings.echo_host))

    def _is_inside(self) -> bool:
        """Tells whether the tester's own VM is at a private address too, so that those of the site lead to the site."""
        settings = self._run.site_settings()
        for host in (settings.ssh_host, settings.echo_host):
            try:
                if not ipaddress.ip_address(host).is_global:
                    return True
            except ValueError:
                continue
        return False


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _links(resource: Resource) -> list[str]:
    return [link.self_url for link in resource.links[:_MOST_LINKS] if link.self_url]


def shown(run: CommandRun) -> str:
    """Returns what a command gave for a message: one line, harmless, shortened."""
    text = " ".join(run.text.split())
    return harmless(text[:200]) or run.problem or "nothing"


def _close(transport: Any) -> None:
    transport.close()
    transport.sock.close()
