"""Keywords that create resources and links of the tester's own, look at them, and delete them (GFD.185 §3.4.4, GFD.223 §11.3)."""

from __future__ import annotations

from enum import Enum

from robot.api import SkipExecution
from robot.api.deco import keyword

from OcciLibrary.conformance import change_rules, creation_rules, instance_rules, link_rules
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Findings, NotOfferedError
from OcciLibrary.conformance.instance_rules import Entity
from OcciLibrary.keywords.conformance_entities import EntityReader
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.keywords.created import LINK, NETWORK, STORAGE, VM, Created, new_name
from OcciLibrary.keywords.creating import Creating, Wanted
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.identity import path_of
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
    STORAGE_ID,
    STORAGELINK_ID,
)
from OcciLibrary.occi.model import AttributeValue, Kind, Link
from OcciLibrary.occi.provisioning import wait_until

_DELETION = "GFD.185 §3.4.4; GFD.185 §3.6.8; GFD.223 §5.4"
_NOT_OFFERED = "Not offered: "
_SIZE = 1.0  # GiB
_LISTED_LATE = 10.0  # seconds in which a new entity may not be listed yet


class NewResource(Enum):
    """Names the resources that can be created by the terms of their kinds."""

    compute = COMPUTE_ID
    network = NETWORK_ID
    storage = STORAGE_ID


class NewLink(Enum):
    """Names the links that can be created by the terms of their kinds."""

    networkinterface = NETWORKINTERFACE_ID
    storagelink = STORAGELINK_ID


_WHAT = {COMPUTE_ID: VM, NETWORK_ID: NETWORK, STORAGE_ID: STORAGE}
_TARGETS = {NETWORKINTERFACE_ID: NETWORK_ID, STORAGELINK_ID: STORAGE_ID}


class ConformanceCreating:
    """Creates what a suite file needs; all of it is noted before, and deleted at the end of the run at the latest."""

    def __init__(self, run: SiteRun, site: ConformanceSite, reader: EntityReader, creating: Creating) -> None:
        self._run = run
        self._site = site
        self._reader = reader
        self._creating = creating
        self._made: dict[str, Created] = {}

    # ---- creating

    @keyword("New Resource Should Be What Was Asked For", tags=["conformance", "creating"])
    def new_resource_should_be_what_was_asked_for(self, kind: NewResource) -> None:
        """Creates a resource, and fails unless it is there, listed, and with what was asked for (GFD.185 §3.4.4, GFD.223 §11.3.1).

        A compute is made of the site file's templates (or those of the tester's VM), a storage of 1 GiB, a network of nothing but
        its title; the title is this run's own. What was created is deleted by `New Resource Should Go`, or at the end of the run.

        Args:
            kind: compute, network or storage.

        Raises:
            SkipExecution: where `${MAY_CREATE}` is not True, or the site offers no such kind or no templates, or does not let this
                account create.
            StepFailed: names what is not as it was asked for.

        Example:
        | New Resource Should Be What Was Asked For    storage
        """
        site, creating = self._site, self._creating
        creating.check_allowed()
        with site.checking(f"to create a {kind.name} ({creation_rules.CREATION})"):
            self._check_offered(kind.value)
            mixins = creating.templates(creating.categories()) if kind is NewResource.compute else ()
            asked: dict[str, AttributeValue] = {}
            if kind is NewResource.storage:
                asked = {"occi.storage.size": _SIZE}
            created = self._create(kind.name, Wanted(_WHAT[kind.value], kind.value, mixins, asked))
            wanted = {"occi.core.title": created.name, **asked}
            findings, shown = self._as_asked(created, wanted, [mixin.id for mixin in mixins])
        site.settle(findings, shown)

    @keyword("New Compute Should Have Its Inline Links", tags=["conformance", "creating"])
    def new_compute_should_have_its_inline_links(self) -> None:
        """Creates a compute with links to the storage and the network of this file, and fails unless it shows them (GFD.185 §3.4.5).

        Raises:
            SkipExecution: where neither storage nor network was created before.
            StepFailed: names the links that are missing.

        Example:
        | New Resource Should Be What Was Asked For    storage
        | New Compute Should Have Its Inline Links
        """
        site, creating = self._site, self._creating
        creating.check_allowed()
        with site.checking(f"to create a compute with links ({creation_rules.INLINE})"):
            ends = [
                (link_id, target_id, self._made[_term(target_id)].url)
                for link_id, target_id in _TARGETS.items()
                if _term(target_id) in self._made
            ]
            if not ends:
                raise CannotBeShownError("no storage and no network was created in this file")
            links = tuple(
                Link(url, (target_id,), categories=(link_id,), attributes=self._demanded(link_id))
                for link_id, target_id, url in ends
            )
            mixins = creating.templates(creating.categories())
            wanted = Wanted(VM, COMPUTE_ID, mixins, links=links)
            created = self._create("compute with links", wanted)
            entity = self._settled(created, [url for _, _, url in ends])
            findings = creation_rules.missing_links(entity, [url for _, _, url in ends])
            titled: dict[str, AttributeValue] = {"occi.core.title": created.name}
            more, shown = self._as_asked(created, titled, [mixin.id for mixin in mixins])
        site.settle(findings + more, shown)

    @keyword("New Link Should Join What Was Asked For", tags=["conformance", "creating"])
    def new_link_should_join_what_was_asked_for(self, kind: NewLink) -> None:
        """Creates a link from this file's compute to its storage or network, and fails unless it joins them (GFD.185 §3.4.5, GFD.183 §4.5.3).

        The compute has to show the link, and the link its source and target.

        Args:
            kind: networkinterface or storagelink.

        Raises:
            SkipExecution: where what it is to join was not created before.
            StepFailed: names what is not as it was asked for.

        Example:
        | New Resource Should Be What Was Asked For    compute
        | New Resource Should Be What Was Asked For    storage
        | New Link Should Join What Was Asked For    storagelink
        """
        site, creating = self._site, self._creating
        creating.check_allowed()
        target_id = _TARGETS[kind.value]
        with site.checking(f"to create a {kind.name} ({creation_rules.CREATION})"):
            self._check_offered(kind.value)
            source, target = self._need("compute"), self._need(_term(target_id))
            ends: dict[str, AttributeValue] = {link_rules.SOURCE: source.url, link_rules.TARGET: target.url}
            asked = {**ends, **self._demanded(kind.value)}
            created = self._create(kind.name, Wanted(LINK, kind.value, (), asked))
            owner = self._settled(source, [target.url])
            findings = creation_rules.missing_links(owner, [target.url])
            more, shown = self._as_asked(created, {"occi.core.title": created.name, **asked}, ())
        site.settle(findings + more, shown)

    def _create(self, name: str, wanted: Wanted) -> Created:
        if name in self._made:
            raise SkipExecution(f"Not run: this file has created a {name} already.")
        try:
            created = self._creating.create_entity(wanted, new_name())
        except StepFailed as problem:
            raise StepFailed(f"{problem} ({creation_rules.CREATION})") from None
        except SkipExecution as why:
            if str(why).startswith(_NOT_OFFERED):
                raise NotOfferedError(str(why).removeprefix(_NOT_OFFERED).rstrip("."), "create") from None
            raise
        self._made[name] = created
        return created

    def _check_offered(self, kind_id: str) -> None:
        self._reader.collection(kind_id)

    def _demanded(self, kind_id: str) -> dict[str, AttributeValue]:
        definitions = [
            definition
            for one in self._site.categories()
            if isinstance(one, Kind) and one.id == kind_id
            for definition in one.attributes
        ]
        return creation_rules.demanded(definitions)

    def _need(self, name: str) -> Created:
        if name not in self._made:
            raise CannotBeShownError(f"no {name} was created in this file")
        return self._made[name]

    def _settled(self, created: Created, targets: list[str]) -> Entity:
        """Returns an entity that this run created once it shows links to some targets, or as it is a few seconds later."""
        seen = [self._reader.read(created.url).entity]

        def shows() -> bool:
            if not creation_rules.missing_links(seen[-1], targets):
                return True
            seen.append(self._reader.read(created.url).entity)
            return False

        wait_until(shows, self._late)
        return seen[-1]

    @property
    def _late(self) -> float:
        return min(_LISTED_LATE, self._run.site_settings().transition_timeout)

    def _as_asked(
        self, created: Created, asked: dict[str, AttributeValue], mixins: list[str] | tuple[str, ...]
    ) -> tuple[Findings, Exchange]:
        seen = self._reader.read(created.url, created.kind)
        entity = seen.entity
        findings = creation_rules.created_problems(entity, asked, mixins)
        findings += instance_rules.kind_problems(entity, self._reader.model())
        findings += instance_rules.id_problems(entity)
        listed = wait_until(lambda: self._is_listed(created) is not False, self._late)
        return findings + creation_rules.unlisted_problems(created.url, created.kind, listed), seen.exchange

    def _is_listed(self, created: Created) -> bool | None:
        """Tells whether an entity is in the collection of its kind; None where links are not listed."""
        urls, exchange = self._reader.listed(created.kind)
        if not exchange.succeeded and created.what == LINK:
            return None
        return path_of(created.url) in {path_of(url) for url in urls}

    # ---- deleting

    @keyword("New Link Should Go", tags=["conformance", "creating"])
    def new_link_should_go(self, kind: NewLink) -> None:
        """Deletes a link of this file, and fails unless it is gone, its compute no longer shows it, and both ends are left (GFD.183 §4.5.2).

        Args:
            kind: networkinterface or storagelink.

        Raises:
            SkipExecution: where none was created.
            StepFailed: names what is still there, or gone too.

        Example:
        | New Link Should Join What Was Asked For    storagelink
        | New Link Should Go    storagelink
        """
        site = self._site
        with site.checking(f"to delete the {kind.name} that this file created ({_DELETION})"):
            link = self._need(kind.name)
            source, target = self._need("compute"), self._need(_term(_TARGETS[kind.value]))
            findings = self._delete(kind.name, link)
            for end in (source, target):
                status = self._reader.ask(end.url).status
                findings += creation_rules.not_left(end.url, f"the link {link.url}", status)
            findings += creation_rules.left_links(self._reader.read(source.url).entity, link.url)
        site.settle(findings)

    @keyword("New Resource Should Go", tags=["conformance", "creating"])
    def new_resource_should_go(self, kind: NewResource) -> None:
        """Deletes the resources of a kind that this file created, and fails unless they and their links are gone (GFD.185 §3.4.4).

        Gone is what is answered 404 or 410, and not listed any more. What a link led to is left.

        Args:
            kind: compute, network or storage.

        Raises:
            SkipExecution: where none was created.
            StepFailed: names what is still there.

        Example:
        | New Resource Should Be What Was Asked For    network
        | New Resource Should Go    network
        """
        site, reader = self._site, self._reader
        findings: Findings = ()
        with site.checking(f"to delete the {kind.name} that this file created ({_DELETION})"):
            mine = [(name, one) for name, one in self._made.items() if one.kind == kind.value]
            if not mine:
                raise CannotBeShownError(f"no {kind.name} was created in this file")
            for name, created in mine:
                links = reader.read(created.url).entity.links
                own = [url for url in map(reader.link_url, links) if url]
                findings += self._delete(name, created)
                for url in own:
                    findings += creation_rules.outlived(url, created.url, reader.ask(url).status)
                # Of links that do not tell their addresses, as in JSON, those went that are not there any more.
                hidden = [
                    one.url for one in self._made.values() if one.what == LINK and len(own) < len(links)
                ]
                self._forget_links([*own, *hidden])
            for other in self._made.values():
                findings += creation_rules.not_left(other.url, f"a {kind.name}", reader.ask(other.url).status)
        site.settle(findings)

    def _delete(self, name: str, created: Created) -> Findings:
        provisioning = self._creating.provisioning_of(created.kind)
        provisioning.delete(created.url, created.name if created.marked else "", created.spared)
        seconds = self._run.site_settings().transition_timeout

        def left() -> Findings:
            status = self._reader.ask(created.url).status
            return change_rules.gone_problems(_DELETION, created.url, status, bool(self._is_listed(created)))

        wait_until(lambda: not left(), seconds)
        findings = left()
        if not findings:
            self._creating.forget(created)
            del self._made[name]
        return findings

    def _forget_links(self, gone: list[str]) -> None:
        """Forgets links that went with their compute."""
        paths = {path_of(url) for url in gone}
        for name, one in list(self._made.items()):
            if (
                one.what == LINK
                and path_of(one.url) in paths
                and self._reader.ask(one.url).status in (404, 410)
            ):
                self._creating.forget(one)
                del self._made[name]


def _term(kind_id: str) -> str:
    return kind_id.rpartition("#")[2]
