"""Keywords that create a VM with a key and user data of the tester's, and look at it from inside (wiki, contextualisation)."""

from __future__ import annotations

import re
import secrets
from enum import Enum

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.created import new_name
from OcciLibrary.keywords.creating import Creating, NewVm, is_gone
from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.new_vm_login import NewVmLogin, shown
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.keywords.state_words import state_of
from OcciLibrary.occi.contextualisation import FAMILIES, context, missing
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.provisioning import wait_until
from OcciLibrary.occi.request_errors import AnswerUnusable, RequestRefused
from OcciLibrary.probes.fresh_key import fresh_key_pair
from OcciLibrary.probes.password_login import PasswordDoor, try_password_door

_ROOT = "root"
_DOOR_SECONDS = 15.0
_SSHD = "cat /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config"
_SETTING = re.compile(r"^\s*PermitRootLogin(?:\s+|\s*=\s*)\"?([^\s\"]+)", re.IGNORECASE | re.MULTILINE)
_ROOT_WITHOUT_PASSWORD = frozenset({"no", "prohibit-password", "without-password", "forced-commands-only"})


class MixinFamily(str, Enum):
    """Names the two families of contextualisation mixins: of OCCI 1.2, and of the older bridges to OpenStack."""

    occi = "occi"
    openstack = "openstack"


class NewVmKeywords:
    """Creates VMs, looks at them, deletes them."""

    def __init__(self, run: SiteRun, creating: Creating) -> None:
        self._run = run
        self._creating = creating
        self._login = NewVmLogin(run)

    @keyword("Skip Unless Creating Is Allowed", tags=["creating"])
    def skip_unless_creating_is_allowed(self) -> None:
        """Skips the test unless `${MAY_CREATE}` in the site file is True, and what is created can be noted.

        Raises:
            SkipExecution: says what is missing.

        Example:
        | Skip Unless Creating Is Allowed
        """
        self._creating.check_allowed()

    @keyword("Create A VM With Key And User Data", tags=["creating"])
    def create_a_vm_with_key_and_user_data(self, family: MixinFamily) -> None:
        """Creates a VM from the image of the tester's VM, with a fresh public key and user data (GFD.224 §3.5).

        The user data are a script that writes a random word into a file. What is created is noted before it is asked for,
        and deleted at the end of the run, or by the next one.

        Args:
            family: occi (OCCI 1.2) or openstack: the mixins that carry key and user data.

        Raises:
            SkipExecution: where the site does not advertise the mixins, or does not let this account create VMs.
            StepFailed: where it refuses the creation otherwise.

        Example:
        | Create A VM With Key And User Data    openstack
        """
        creating = self._creating
        creating.check_allowed()
        creating.new_vm = None
        chosen = FAMILIES[family.value]
        categories = creating.categories()
        if lacking := missing(chosen, categories):
            raise SkipExecution(f"Not offered: the site does not advertise {' and '.join(lacking)}.")
        name, marker = new_name(), secrets.token_hex(8)
        key = fresh_key_pair(name)
        told = context(chosen, name, key.public, f"#!/bin/sh\necho {marker} > {_marker_file(name)}\n")
        mixins = (*creating.templates(categories), *told.mixins)
        created = creating.create(mixins, dict(told.attributes or {}), name)
        creating.new_vm = NewVm(created, chosen, key, marker)

    @keyword("New VM Should Become Active", tags=["creating"])
    def new_vm_should_become_active(self) -> None:
        """Waits until the VM that was created last is active.

        Raises:
            StepFailed: says what the site shows instead.

        Example:
        | New VM Should Become Active
        """
        run, vm = self._run, self._vm()
        seconds = run.site_settings().transition_timeout
        seen = "nothing"

        def settled() -> bool:
            nonlocal seen
            try:
                seen = f"'{state_of(run.client.get(vm.url))}'"
            except RequestRefused as refusal:
                if not is_gone(refusal) and refusal.status < 500:
                    raise
                seen = str(refusal)
            except (AnswerUnusable, RenderingError) as problem:
                seen = str(problem)
            return seen in ("'active'", "'error'")

        with judged(run, "the new VM's state"):
            wait_until(settled, seconds)
        if seen != "'active'":
            raise StepFailed(
                f"Expected the new VM in state 'active' within {seconds:g} seconds, but the site says {seen}. Ask the site's admin."
            )

    @keyword("Key Should Let In To The New VM", tags=["creating"])
    def key_should_let_in_to_the_new_vm(self) -> None:
        """Logs in to the new VM with the key that it was created with, as `${NEW_VM_USERNAME}` (or else `${SSH_USERNAME}`).

        Another key, which nobody gave to the VM, must not let in.

        Its address is what its links to networks show. A machine may put the key in place a little after its ssh server
        comes up; that is waited for.

        Raises:
            SkipExecution: where no ssh server answers, no address is shown, or the user's name is only a guess.
            StepFailed: where the machine refuses the key, or takes any.

        Example:
        | Key Should Let In To The New VM
        """
        vm = self._vm()
        where = self._login.by_key(vm)
        self._login.check_only_the_key(vm)
        logger.info(f"The key lets in: {where}. Another one does not.")

    @keyword("User Data Should Be In Force In The New VM", tags=["creating"])
    def user_data_should_be_in_force_in_the_new_vm(self) -> None:
        """Looks in the new VM for what the user data's script was to write; a machine runs it some time after it boots.

        Raises:
            StepFailed: says what was there instead.

        Example:
        | User Data Should Be In Force In The New VM
        """
        vm = self._vm()
        self._log_in(vm)
        path, found = _marker_file(vm.created.name), ""

        def written() -> bool:
            nonlocal found
            done = self._login.run(vm, f"cat {path}")
            found = shown(done)
            return done.last_line == vm.marker

        seconds = self._run.site_settings().transition_timeout / 2
        if not wait_until(written, seconds):
            assert vm.family is not None
            raise StepFailed(
                f"Expected the user data of {vm.family.user_data.id} to be in force, but for {seconds:g} seconds the file that their "
                f"script writes held: {found}. Ask the site's admin whether user data reach the VM, and whether the image runs them "
                "(cloud-init)."
            )
        logger.info(f"The script in the user data wrote {path}.")

    @keyword("Root Should Not Log In By Password To The New VM", tags=["creating"])
    def root_should_not_log_in_by_password_to_the_new_vm(self) -> None:
        """Fails if the new VM lets root in with nothing, an empty password or a random one; nobody's password is sent.

        Where its ssh server takes passwords from root at all, its configuration is read, if it can be; otherwise that is a
        remark, for a right password was not tried.

        Raises:
            StepFailed: says what let root in.

        Example:
        | Root Should Not Log In By Password To The New VM
        """
        vm = self._vm()
        self._log_in(vm)
        assert vm.address is not None
        door = try_password_door(vm.address.host, vm.address.ssh_port or 22, _ROOT, _DOOR_SECONDS)
        if door.problem:
            raise SkipExecution(f"Not run: {door.problem}")
        if door.let_in_with:
            raise StepFailed(
                f"Expected that nobody logs in as root by password, but the new VM let root in with {door.let_in_with}. Ask the "
                "site's admin to lock root's password in the image."
            )
        self._tell(door, vm)

    def _tell(self, door: PasswordDoor, vm: NewVm) -> None:
        ways = ", ".join(door.ways) or "none"
        if not door.asks:
            logger.info(f"The ssh server takes no password from root (it takes: {ways}).")
            return
        if root_needs_a_key(self._login.run(vm, _SSHD).text):
            logger.info(
                "Root was refused, and the ssh server's configuration says so: its PermitRootLogin lets in no password."
            )
            return
        self._run.remark(
            f"The new VM's ssh server asks root for a password (it takes: {ways}). An empty and a random one were refused; whether a "
            "right one would be is not known from outside."
        )

    @keyword("Delete The New VM", tags=["creating"])
    def delete_the_new_vm(self) -> None:
        """Deletes the VM that was created last, and waits until the site does not show it any more.

        Raises:
            SkipExecution: where none was created.
            StepFailed: where the site refuses, or keeps the VM.

        Example:
        | Delete The New VM
        """
        vm = self._creating.new_vm
        if vm is None:
            raise SkipExecution("Not run: no VM was created.")
        self._creating.delete_vm(vm)
        self._creating.new_vm = None

    def _vm(self) -> NewVm:
        if self._creating.new_vm is None:
            raise SkipExecution("Not run: no VM was created.")
        return self._creating.new_vm

    def _log_in(self, vm: NewVm) -> None:
        if vm.address is None:
            try:
                self._login.by_key(vm)
            except StepFailed as problem:
                raise SkipExecution(f"Not run: nobody can look into the new VM. {problem}") from None


def root_needs_a_key(configuration: str) -> bool:
    """Tells whether an ssh server's configuration lets root in by no password, wherever it speaks of that (sshd_config(5)).

    A server that asks for passwords all the same shows that PasswordAuthentication is not what decides.
    """
    settings = {value.lower() for value in _SETTING.findall(configuration)}
    return bool(settings) and settings <= _ROOT_WITHOUT_PASSWORD


def _marker_file(name: str) -> str:
    return f"/tmp/{name}"
