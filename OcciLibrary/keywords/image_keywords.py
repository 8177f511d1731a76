"""Keywords that save the VM as an image, make a VM of it, and clear both away (GFD.224 §3.1; wiki, "From a user perspective")."""

from __future__ import annotations

import re
import secrets
import shlex
import time
from enum import Enum

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.created import IMAGE, Created, new_name
from OcciLibrary.keywords.creating import Creating, NewVm
from OcciLibrary.keywords.guarding import in_words, judged
from OcciLibrary.keywords.new_vm_login import NewVmLogin, shown
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.keywords.state_keywords import StateKeywords
from OcciLibrary.keywords.state_words import ComputeState, state_of
from OcciLibrary.keywords.vm_commands import VmCommands, said
from OcciLibrary.occi.contextualisation import FAMILIES, Context, context, missing
from OcciLibrary.occi.model import Category, Mixin, Resource
from OcciLibrary.occi.provisioning import wait_until
from OcciLibrary.occi.request_errors import RequestRefused
from OcciLibrary.occi.saving import SaveAction
from OcciLibrary.occi.templates import images, saved_as
from OcciLibrary.probes.fresh_key import KeyPair, fresh_key_pair
from OcciLibrary.probes.guest_command import CommandRun

_NOT_OFFERED = (404, 405, 501)
_BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
_BOOT_ID_FORM = re.compile(r"[0-9a-f-]{32,36}")
_HOME_FORM = re.compile(r"/[A-Za-z0-9_./@+-]{0,200}")
_NO_DELETION = (200, 403, 404, 405, 501)
_MAY_BE_IN_THE_MAKING = (
    120.0  # seconds in which a site may refuse to make a VM of an image that is still being written
)


class SaveMethod(str, Enum):
    """Names when a VM is saved: at once, or when it is stopped the next time (GFD.224 §3.1)."""

    hot = "hot"
    deferred = "deferred"


class ImageKeywords:
    """Saves the tester's VM, and makes a VM of what was saved."""

    def __init__(self, run: SiteRun, states: StateKeywords, creating: Creating, commands: VmCommands) -> None:
        self._run = run
        self._states = states
        self._creating = creating
        self._commands = commands
        self._login = NewVmLogin(run)
        self._created: Created | None = None
        self._image: Mixin | None = None
        self._before: frozenset[str] = frozenset()
        self._word = self._boot_id = self._home = ""
        self._saved_at = 0.0

    @keyword("Put A Program Into The VM", tags=["saving"])
    def put_a_program_into_the_vm(self) -> None:
        """Brings the VM up and puts a one-line program into the user's home, by which an image of the VM is told.

        Raises:
            SkipExecution: without permission to create, or without an ssh login.
            StepFailed: where the VM refuses it.

        Example:
        | Put A Program Into The VM
        """
        self._created = self._image = self._creating.new_vm = None
        self._creating.check_allowed()
        self._commands.ready()
        place, self._word = self._commands.begin_place(), secrets.token_hex(8)
        self._boot_id = _matching(_BOOT_ID_FORM, self._commands.run(_BOOT_ID))
        self._home = _matching(_HOME_FORM, self._commands.run("cd && pwd"))
        done = self._commands.run(f"cd && echo 'echo {self._word}' > {place} && sync && sh ./{place}")
        if done.last_line != self._word:
            raise StepFailed(f"Expected a program in the user's home of the VM to run, but: {said(done)}")

    @keyword("Save The VM", tags=["saving"])
    def save_the_vm(self, method: SaveMethod) -> None:
        """Saves the active VM as an image, by the action save of OCCI 1.2 or, where a site has that, OpenStack's create_image.

        The image is noted before it is asked for, and deleted at the end of the run, or by the next one. The VM must be
        active afterwards.

        Args:
            method: hot (at once) or deferred (at the next stop).

        Raises:
            SkipExecution: where the site advertises no way to save, or not this method.
            StepFailed: where the site refuses, or the VM is not active afterwards.

        Example:
        | Save The VM    hot
        """
        run, creating = self._run, self._creating
        if not self._word:
            raise SkipExecution("Not run: nothing was put into the VM by which an image of it could be told.")
        creating.check_allowed()
        self._states.have_the_vm_in_state(ComputeState.active)
        categories = creating.categories()
        with judged(run, "the VM, which is to be saved"):
            vm = run.query()
            way = creating.provisioning.save_action(vm, categories)
        if way is None:
            raise SkipExecution(
                "Not offered: the site does not advertise the action save, nor OpenStack's create_image."
            )
        self._check_method(way, method)
        check_linked(way, vm)
        self._before = frozenset(mixin.id for mixin in images(categories))
        self._created = creating.note(IMAGE, new_name())
        with judged(run, f"the site to save the VM ({method.value})"):
            try:
                shown_image = creating.provisioning.save(vm, way, self._created.name, method.value)
            except RequestRefused as refusal:
                if refusal.status not in _NOT_OFFERED:
                    raise
                raise SkipExecution(
                    f"Not offered: the site advertises {way.action.id}, but {in_words(refusal)}."
                ) from None
        self._saved_at = time.monotonic()
        if shown_image is not None and shown_image.id not in self._before:
            self._created.url = shown_image.id
            run.keep_note()
        self._expect_active()
        logger.info(f"The site accepted {way.action.id}; the image is to be named '{self._created.name}'.")

    def _check_method(self, way: SaveAction, method: SaveMethod) -> None:
        if method is SaveMethod.deferred and not way.has_methods:
            raise SkipExecution(
                f"Not offered: {way.action.id}, which the site advertises, has no method deferred."
            )

    def _expect_active(self) -> None:
        seconds, seen = self._run.site_settings().transition_timeout, ""

        def active() -> bool:
            nonlocal seen
            seen = state_of(self._run.query())
            return seen == "active"

        with judged(self._run, "the VM's state after it was saved"):
            if not wait_until(active, seconds):
                raise StepFailed(
                    f"Expected the VM in state 'active' after it was saved (GFD.224 §3.1), but {seconds:g} seconds later the site says "
                    f"'{seen}'. Ask the site's admin."
                )

    @keyword("Saved Image Should Be Offered", tags=["saving"])
    def saved_image_should_be_offered(self) -> None:
        """Waits until discovery shows the saved image, a mixin that depends on os_tpl, under the name that was asked for.

        Raises:
            StepFailed: says what new images there are instead.

        Example:
        | Saved Image Should Be Offered
        """
        created, seconds = self._saved(), self._run.site_settings().transition_timeout
        offered: tuple[Category, ...] = ()

        def there() -> bool:
            nonlocal offered
            offered = self._creating.categories()
            self._image = self._find(created, offered)
            return self._image is not None

        if not wait_until(there, seconds):
            new = [mixin.id for mixin in images(offered) if mixin.id not in self._before]
            others = (
                f"New since then: {', '.join(new[:5])}, but nothing says that this is it."
                if new
                else "There is no new one."
            )
            raise StepFailed(
                f"Expected the saved image '{created.name}' among the images of the site's discovery, but {seconds:g} seconds later it is "
                f"not there. {others} Ask the site's admin what became of it."
            )
        assert self._image is not None
        created.url = self._image.id
        self._run.keep_note()
        logger.info(f"The site offers the saved image as {self._image.id}.")

    def _find(self, created: Created, offered: tuple[Category, ...]) -> Mixin | None:
        by_id = next((one for one in images(offered) if created.url and one.id == created.url), None)
        return by_id or saved_as(created.name, offered, self._before)

    @keyword("Image Should Not Be Offered Before The Stop", tags=["saving"])
    def image_should_not_be_offered_before_the_stop(self) -> None:
        """Remarks on an image that is there although the VM was not stopped since it was saved with the method deferred.

        Example:
        | Image Should Not Be Offered Before The Stop
        """
        if self._find(self._saved(), self._creating.categories()) is not None:
            self._run.remark(
                "The image is offered at once, although it was to be saved at the next stop (method deferred)."
            )

    @keyword("Create A VM From The Saved Image", tags=["saving", "creating"])
    def create_a_vm_from_the_saved_image(self) -> None:
        """Creates a VM of the image that was saved, with a fresh key where the site takes one.

        A refusal is met with another try for two minutes after the image was saved, for it may still be in the making.

        Raises:
            SkipExecution: where the site does not let this account create VMs.
            StepFailed: where it refuses the creation otherwise.

        Example:
        | Create A VM From The Saved Image
        """
        creating = self._creating
        if self._image is None:
            raise SkipExecution("Not run: there is no saved image.")
        categories = creating.categories()
        name = new_name()
        told, key = _key_for(categories, name)
        size = creating.templates(categories)[1:]
        longest = min(_MAY_BE_IN_THE_MAKING, self._run.site_settings().transition_timeout)
        patience = self._saved_at + longest - time.monotonic()
        mixins = (self._image, *size, *told.mixins)
        created = creating.create(mixins, dict(told.attributes or {}), name, patience)
        creating.new_vm = NewVm(created, key=key)

    @keyword("New VM Should Have The Program", tags=["saving"])
    def new_vm_should_have_the_program(self) -> None:
        """Logs in to the VM that was made of the saved image, and runs the program that was put into the VM before.

        Raises:
            SkipExecution: where nobody can log in to it.
            StepFailed: says what was there instead.

        Example:
        | New VM Should Have The Program
        """
        vm = self._creating.new_vm
        if vm is None:
            raise SkipExecution("Not run: no VM was created.")
        try:
            where = self._login.by_key(vm) if vm.key is not None else self._login.as_in_the_site_file(vm)
        except StepFailed as problem:
            raise SkipExecution(f"Not run: nobody can look into the new VM. {problem}") from None
        if self._boot_id and self._login.run(vm, _BOOT_ID).last_line == self._boot_id:
            raise SkipExecution(
                f"Not run: the address that the site shows for the new VM ({where}) leads into your own VM, which has the program anyhow "
                "(it is the same boot id). Ask the site's admin for the new VM's address."
            )
        home = shlex.quote(self._home) if self._home else "."
        done = self._login.run(vm, f"cd {home} && sh ./{self._commands.place} 2>&1")
        if done.last_line != self._word:
            if self._login.run(vm, f"test -e {home} && test ! -x {home}").status == 0:
                raise SkipExecution(
                    f"Not run: the program is in {self._home}, into which the user of the login ({where}) cannot look."
                )
            raise StepFailed(
                f"Expected the program that was put into the VM before it was saved in the VM of the image, too ({where}), but: "
                f"{shown(done)}. Ask the site's admin what save keeps."
            )
        logger.info(f"The program runs in the new VM ({where}).")

    @keyword("Delete The Saved Image", tags=["saving"])
    def delete_the_saved_image(self) -> None:
        """Deletes the saved image by its mixin (GFD.185 §3.4.1), and waits until it is not offered any more.

        OCCI has no other way, and lets sites refuse that one: then the test is skipped, and the image's name is told for the
        site's own tools.

        Raises:
            SkipExecution: where there is none, or the site lets no user delete images through OCCI.
            StepFailed: where it refuses otherwise, or keeps the image.

        Example:
        | Delete The Saved Image
        """
        created, image = self._saved(), self._image
        if image is None:
            raise SkipExecution("Not run: there is no saved image.")
        creating, seconds = self._creating, self._run.site_settings().transition_timeout
        with judged(self._run, f"the site to delete the image '{created.name}', which this run saved"):
            try:
                creating.provisioning.delete_image(image)
            except RequestRefused as refusal:
                if refusal.status not in _NO_DELETION:
                    raise
                creating.forget(created)
                logger.warn(
                    f"The saved image {image.id} ('{created.name}') is left at the site: delete it with the site's own tools."
                )
                raise SkipExecution(
                    f"Not offered: the site lets no user delete images through OCCI ({in_words(refusal)}). Delete {image.id} "
                    f"('{created.name}') with the site's own tools."
                ) from None
        if not wait_until(lambda: image.id not in {one.id for one in creating.categories()}, seconds):
            raise StepFailed(
                f"Expected the image {image.id} to be gone after the site accepted its deletion, but {seconds:g} seconds later it is "
                "still offered. Ask the site's admin to delete it."
            )
        creating.forget(created)
        self._image = self._created = None
        logger.info(f"Deleted the image {image.id}.")

    def _saved(self) -> Created:
        if self._created is None:
            raise SkipExecution("Not run: the VM was not saved.")
        return self._created


def check_linked(way: SaveAction, vm: Resource) -> None:
    """Raises `SkipExecution` where the active VM links actions, but not this one: linked is what applies (GFD.185 §3.5.3)."""
    linked = [link.action_id for link in vm.actions]
    if linked and way.action.id not in linked:
        raise SkipExecution(
            f"Not offered: the site advertises {way.action.id}, but not for a VM that is active, as GFD.224 §3.1 has it; that links "
            f"{', '.join(one.rpartition('#')[2] for one in linked)}."
        )


def _matching(form: re.Pattern[str], run: CommandRun) -> str:
    """Returns the last line that a machine gave if it has the form that is wanted, else ''."""
    return run.last_line if form.fullmatch(run.last_line) else ""


def _key_for(categories: tuple[Category, ...], name: str) -> tuple[Context, KeyPair | None]:
    """Returns what hands over a fresh key at this site, by the first family that it advertises; nothing where it has none."""
    for family in FAMILIES.values():
        if family.key.id not in missing(family, categories):
            key = fresh_key_pair(name)
            told = context(family, name, key.public, "\n")
            attributes = {n: v for n, v in (told.attributes or {}).items() if n != family.user_data_attribute}
            return Context((family.key,), attributes), key
    return Context(), None
