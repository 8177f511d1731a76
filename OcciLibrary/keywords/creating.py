"""What the keywords about VMs and images of the tester's own share: whether they may create, and what is created by now."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from robot.api import SkipExecution, logger

from OcciLibrary.keywords.created import LINK, VM, Created, new_name
from OcciLibrary.keywords.guarding import in_words, judged
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.contextualisation import Family
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.identity import path_of, same_place
from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.model import AttributeValue, Category, Link, Mixin, Resource
from OcciLibrary.occi.networking import Address
from OcciLibrary.occi.provisioning import Provisioning, bears, wait_until
from OcciLibrary.occi.request_errors import AnswerUnusable, RequestRefused
from OcciLibrary.occi.templates import image_like, images, named, size_like, sizes
from OcciLibrary.probes.fresh_key import KeyPair

_NOT_LET = (403, 405, 501)
_NO_ROOM = re.compile(
    r"\b(quota|exceed|exhausted|no valid host|not enough|insufficient|too many)", re.IGNORECASE
)
_NETWORK = re.compile(r"\bnetworks?\b", re.IGNORECASE)
_GONE = (404, 410)
_ENDS = ("occi.core.source", "occi.core.target")
_OFFERED_SHOWN = 10
_APPEARS = 10.0  # seconds in which a site may not find what it has just created


@dataclass
class NewVm:
    """Holds one VM that this run created, and how to get in: `address` is known once an ssh server was found there."""

    created: Created
    family: Family | None = None
    key: KeyPair | None = None
    marker: str = ""
    address: Address | None = None

    @property
    def url(self) -> str:
        """Returns the VM's URL."""
        return self.created.url


@dataclass(frozen=True)
class Wanted:
    """Holds what an entity is to be: `what` for messages (VM, network, storage or link), its kind, mixins, attributes and links."""

    what: str
    kind_id: str
    mixins: tuple[Mixin, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    @property
    def term(self) -> str:
        """Returns the term of the kind."""
        return self.kind_id.rpartition("#")[2]

    def joins(self, shown: Resource) -> bool:
        """Tells whether an entity is the link that was asked for: from and to what this run created itself."""
        ends = [(self.attributes.get(name), shown.attributes.get(name)) for name in _ENDS]
        return self.what == LINK and all(
            one and other and same_place(str(one), str(other)) for one, other in ends
        )


class Creating:
    """Creates and deletes on behalf of the keywords; what it asks for is noted before."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run
        self.new_vm: NewVm | None = None

    # ---- permission

    def check_allowed(self) -> None:
        """Raises `SkipExecution` unless the site file allows to create, and what is created can be noted."""
        run = self._run
        if not run.site_settings().may_create:
            raise SkipExecution(
                f"Not run: it creates resources, and ${{MAY_CREATE}} in {run.file} is not True. Set it only if the site lets you "
                "create and delete resources of your own."
            )
        if run.found is None:
            raise SkipExecution("Not run: the VM could not be queried at the beginning of the run.")
        if not run.can_note():
            raise SkipExecution(
                "Not run: what is created could not be noted, so that a killed run would leave it behind: set the environment "
                "variable OCCI_NOTES to a folder that you can write to."
            )

    @property
    def provisioning(self) -> Provisioning:
        """Returns what creates and deletes VMs at the site."""
        return self.provisioning_of(COMPUTE_ID)

    def provisioning_of(self, kind_id: str) -> Provisioning:
        """Returns what creates and deletes entities of a kind at the site."""
        return Provisioning(self._run.client, self._run.site_settings().transition_timeout, kind_id)

    def categories(self) -> tuple[Category, ...]:
        """Returns what the site's discovery offers now. Raises `StepFailed` or `CannotTell`."""
        with judged(self._run, "the site's discovery, which shows its images"):
            return self.provisioning.categories()

    # ---- templates

    def templates(self, categories: tuple[Category, ...]) -> tuple[Mixin, ...]:
        """Returns image and size for a new VM: those of the site file, or of the tester's VM. Raises `SkipExecution`."""
        with judged(self._run, "the VM's own templates"):
            vm = self._run.query()
        settings = self._run.site_settings()
        offered = images(categories)
        if not offered:
            raise SkipExecution("Not offered: the site advertises no image (a mixin that depends on os_tpl).")
        name = settings.os_tpl
        found = named(name, offered) if name else image_like(vm, offered)
        image = self._chosen("OS_TPL", "image", offered, found, name)
        size = self._size(vm, categories)
        return (image, size) if size is not None else (image,)

    def _chosen(
        self, variable: str, what: str, offered: tuple[Mixin, ...], found: Mixin | None, name: str
    ) -> Mixin:
        """Returns the template that was found. Raises `SkipExecution` with what the site offers where none was."""
        if found is not None:
            return found
        shown = ", ".join(
            f"{one.term} ({one.title})" if one.title else one.term for one in offered[:_OFFERED_SHOWN]
        )
        why = (
            f"it names '{name}', which the site does not offer"
            if name
            else "the VM does not say which one it has"
        )
        raise SkipExecution(
            f"Not run: which {what} a new VM is to have is not known ({why}). Name one in ${{{variable}}} of {self._run.file}; the site "
            f"offers {len(offered)}: {shown}."
        )

    def _size(self, vm: Resource, categories: tuple[Category, ...]) -> Mixin | None:
        name = self._run.site_settings().resource_tpl
        offered = sizes(categories)
        if not offered:
            return None
        return self._chosen(
            "RESOURCE_TPL", "size", offered, named(name, offered) if name else size_like(vm, offered), name
        )

    # ---- VMs and other entities

    def create(
        self,
        mixins: tuple[Mixin, ...],
        attributes: dict[str, AttributeValue],
        name: str = "",
        patience: float = 0.0,
    ) -> Created:
        """Creates a VM as `create_entity` does; a refusal is met with another try until `patience` seconds are over."""
        return self.create_entity(Wanted(VM, COMPUTE_ID, mixins, attributes), name, patience)

    def create_entity(self, wanted: Wanted, name: str = "", patience: float = 0.0) -> Created:
        """Creates an entity, having noted it.

        Raises `SkipExecution` where the site does not let this account create, `StepFailed` where it refuses otherwise.
        """
        run = self._run
        assert run.found is not None
        provisioning = self.provisioning_of(wanted.kind_id)
        with judged(run, f"a listing of {wanted.term} resources"):
            before = {path_of(run.found.vm), *self._listed(provisioning, wanted)}
        created = self.note(wanted.what, name or new_name(), before, wanted.kind_id)
        refused: list[RequestRefused] = []

        def made() -> bool:
            try:
                created.url = provisioning.create(
                    created.name, wanted.mixins, wanted.attributes, before, wanted.links
                )
            except RequestRefused as refusal:
                refused.append(refusal)
                return False
            return True

        with judged(run, f"the site to create a {wanted.what}"):
            if not wait_until(made, patience):
                self._refused(refused[-1], wanted, created)
        self._check_is_new(created, wanted, before)
        run.keep_note()
        logger.info(f"Created the {wanted.what} '{created.name}' at {created.url}.")
        return created

    def _listed(self, provisioning: Provisioning, wanted: Wanted) -> set[str]:
        """Returns the paths that are listed; none where the site does not list links, which it need not."""
        try:
            return set(provisioning.listed().values())
        except RequestRefused:
            if wanted.what != LINK:
                raise
            return set()

    def _check_is_new(self, created: Created, wanted: Wanted, before: set[str]) -> None:
        """Raises `StepFailed` unless the address is that of a new entity: by its name, its ends, or else by the site's listing."""
        if path_of(created.url) in before:
            address, created.url = created.url, ""
            raise StepFailed(
                f"Expected the site to create a {created.what}, but it answered with the address of one that was there before: {address}. "
                "That one is left alone. Ask the site's admin."
            )
        shown = self._shown(created)
        created.marked = shown is not None and bears(shown, created.name)
        if created.marked or (shown is not None and wanted.joins(shown)):
            return
        path = path_of(created.url)
        provisioning = self.provisioning_of(wanted.kind_id)
        with judged(self._run, f"a listing of {wanted.term} resources with the new {created.what}"):
            if wait_until(lambda: path in self._listed(provisioning, wanted), self._appears):
                return
        address, created.url = created.url, ""
        raise StepFailed(
            f"Expected the site to create the {created.what} '{created.name}', but what is at the address that it answered with ({address}) does not "
            "bear that name, and the site does not list it. It is left alone, for it may be another one's. Ask the site's admin."
        )

    @property
    def _appears(self) -> float:
        return min(_APPEARS, self._run.site_settings().transition_timeout)

    def _refused(self, refusal: RequestRefused, wanted: Wanted, created: Created) -> NoReturn:
        words = in_words(refusal)
        if refusal.status in _NOT_LET or (wanted.what != VM and refusal.status in _GONE):
            self.forget(created)
            raise SkipExecution(
                f"Not offered: the site does not let this account create {wanted.what}s: {words}."
            ) from None
        if wanted.what == VM and not wanted.links and _NETWORK.search(refusal.said):
            raise SkipExecution(
                f"Not run: the site wants more of a new VM than its templates: {words}. Links to networks are not sent."
            ) from None
        if _NO_ROOM.search(refusal.said):
            raise SkipExecution(
                f"Not run: the site has no room for a new {wanted.what} now: {words}."
            ) from None
        made_of = ", ".join(mixin.id for mixin in wanted.mixins) or wanted.kind_id
        raise StepFailed(
            f"Expected the site to create a {wanted.what} with {made_of}, but {words}. Ask the site's admin what "
            "a creation needs here."
        ) from None

    def _shown(self, created: Created) -> Resource | None:
        """Returns the new entity as the site shows it, None where it does not; some find it a moment later only."""
        shown: Resource | None = None

        def readable() -> bool:
            nonlocal shown
            try:
                shown = self._run.client.get(created.url)
            except (RequestRefused, AnswerUnusable, RenderingError):
                return False
            return True

        with judged(self._run, f"the new {created.what}'s details"):
            wait_until(readable, self._appears)
        return shown

    def delete_vm(self, vm: NewVm) -> None:
        """Deletes a VM that this run created, and sees it gone. Raises `StepFailed`."""
        self.delete(vm.created)

    def delete(self, created: Created) -> None:
        """Deletes an entity that this run created, and sees it gone. Raises `StepFailed`."""
        provisioning = self.provisioning_of(created.kind or COMPUTE_ID)
        seconds = self._run.site_settings().transition_timeout
        with judged(
            self._run, f"the site to delete the {created.what} '{created.name}', which this run created"
        ):
            provisioning.delete(created.url, created.name if created.marked else "", created.spared)
            if not wait_until(lambda: provisioning.is_gone(created.url), seconds):
                raise StepFailed(
                    f"Expected the {created.what} '{created.name}' ({created.url}) to be gone after the site accepted its deletion, but {seconds:g} "
                    "seconds later it is still there. Ask the site's admin to delete it."
                )
        self.forget(created)
        logger.info(f"Deleted the {created.what} '{created.name}'; the site does not show it any more.")

    # ---- notes

    def note(self, what: str, name: str, before: Collection[str] = (), kind_id: str = "") -> Created:
        """Notes that something is about to be created. Raises `SkipExecution` where that cannot be written down any more."""
        assert self._run.found is not None
        created = Created(what, name, spared=sorted(before), kind=kind_id)
        self._run.found.created.append(created)
        self._run.keep_note()
        if not self._run.can_note():
            self._run.found.created.remove(created)
            raise SkipExecution("Not run: what is created could not be noted (see the warning).")
        return created

    def forget(self, created: Created) -> None:
        """Notes that something which was created is gone."""
        if self._run.found is not None and created in self._run.found.created:
            self._run.found.created.remove(created)
            self._run.keep_note()


def is_gone(refusal: RequestRefused) -> bool:
    """Tells whether a refusal says that a resource is not there."""
    return refusal.status in _GONE
