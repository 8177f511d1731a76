"""Keywords about collections, their filters, and single entities over HTTP (GFD.185 §3.4, GFD.223 §7-§11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urljoin

from robot.api import logger
from robot.api.deco import keyword

from OcciLibrary.conformance import answers, collection_rules
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Findings, NotOfferedError
from OcciLibrary.keywords.conformance_site import ConformanceSite, as_field
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.identity import below
from OcciLibrary.occi.infrastructure import COMPUTE_ID, CORE_SCHEME, NETWORK_ID
from OcciLibrary.occi.model import AttributeValue, Kind, Resource
from OcciLibrary.occi.renderings import TEXT_OCCI, URI_LIST

_ENTITY = "GFD.185 §3.4.4; GFD.223 §8"
_MISSING = "GFD.185 §3.6.8; GFD.223 §5.4"
# What tells VMs apart, the surest first.
_TELLING = ("occi.compute.hostname", "occi.core.title", "occi.core.summary")
_NOBODY = "nobody-has-this"
_SAFE = frozenset(',;"\\=')


class HttpCollectionKeywords:
    """Judges what collections list, that filters filter, and how one entity is answered."""

    def __init__(self, run: SiteRun, site: ConformanceSite) -> None:
        self._run = run
        self._site = site

    # ---- listings

    @keyword("Collection Should List The VM", tags=["conformance"])
    def collection_should_list_the_vm(self) -> None:
        """Fails unless GET of the collection of compute is a listing with the tester's VM in it (GFD.185 §3.4.3, GFD.223 §11.1).

        Raises:
            StepFailed: with what is listed instead.

        Example:
        | Collection Should List The VM
        """
        site = self._site
        with site.checking("a listing of compute"):
            got = self._listed(site.place(COMPUTE_ID))
            seen, findings = collection_rules.listing(got, "the collection of compute")
            path = self._site.path_of_vm()
        site.settle(findings or collection_rules.lists(seen, path, "the collection of compute"), got)

    @keyword("Every Kind Should Have A Collection", tags=["conformance"])
    def every_kind_should_have_a_collection(self) -> None:
        """Fails unless GET of each kind's location is a listing, empty or not (GFD.185 §3.4.3, GFD.223 §11.1).

        The collection of compute has to list the tester's VM: what answers everything with nothing has no collections.

        Raises:
            StepFailed: names each kind whose location is no collection.

        Example:
        | Every Kind Should Have A Collection
        """
        site = self._site
        findings: Findings = ()
        wrong: list[Exchange] = []
        for kind in site.categories():
            if not isinstance(kind, Kind) or not kind.location:
                continue
            with site.checking(f"the collection of {kind.term}"):
                got = self._listed(site.client.on_site(kind.location))
                seen, found = collection_rules.listing(got, f"the collection of {kind.term}")
                if kind.id == COMPUTE_ID and not found:
                    found = collection_rules.lists(seen, self._site.path_of_vm(), "the collection of compute")
            if kind.scheme == CORE_SCHEME:  # of these there are no entities, whatever their location is for
                found = tuple(replace(one, harmless=True) for one in found)
            findings = (*findings, *found)
            wrong += [got] if found else []
        site.settle(findings, *wrong)

    @keyword("Uri List Should Say The Same", tags=["conformance"])
    def uri_list_should_say_the_same(self) -> None:
        """Fails unless the collection of compute as text/uri-list lists what it lists otherwise (GFD.185 §3.6.6).

        It skips where nothing is listed, and where a site of OCCI 1.2 alone does not offer it.

        Raises:
            StepFailed: with what one of the two lacks.

        Example:
        | Uri List Should Say The Same
        """
        site = self._site
        with site.checking("a listing as text/uri-list"):
            one = self._listed(site.place(COMPUTE_ID))
            other = site.get(site.place(COMPUTE_ID), URI_LIST)
            if site.profile.only_new and other.status in answers.REFUSES_TYPE:
                raise NotOfferedError("text/uri-list, which OCCI 1.2 does not demand")
            here, findings = collection_rules.listing(one, "the collection of compute")
            there, more = collection_rules.listing(
                other, "the collection as text/uri-list", collection_rules.URI_LISTS
            )
            findings = (*findings, *more)
            if not findings and other.status != 204:
                findings = answers.media_type_is(other, URI_LIST, collection_rules.URI_LISTS)
            if not findings:
                findings = collection_rules.same_listing(
                    here, there, "as text/uri-list", collection_rules.URI_LISTS
                )
        site.settle(findings, one, other)

    @keyword("Root Should List What Is Below", tags=["conformance"])
    def root_should_list_what_is_below(self) -> None:
        """Fails when the service's root, a path of the name space, lists entities but not the VM (GFD.185 §3.4.2, GFD.223 §4.1).

        It skips where there is nothing at the root: OCCI 1.2 leaves that open, and sites have their own pages there.

        Raises:
            StepFailed: with what is listed instead.

        Example:
        | Root Should List What Is Below
        """
        site = self._site
        clause = collection_rules.NAME_SPACE
        with site.checking("the service's root"):
            got = site.listing(site.client.endpoint)
            if (
                got.answer.status in (404, 405, 501)
                or got.media_type == "text/html"
                or 300 <= got.status < 400
            ):
                raise NotOfferedError(f"a listing of the name space at the service's root ({got.told()})")
            seen, findings = collection_rules.listing(got, "the service's root", clause)
            path = self._site.path_of_vm()
        site.settle(findings or collection_rules.lists(seen, path, "the listing of the root", clause), got)

    # ---- filters

    @keyword("Category Filter Should Filter", tags=["conformance"])
    def category_filter_should_filter(self) -> None:
        """Fails unless a filter by the VM's kind keeps the VM in the collection of compute, and one by another kind does not.

        The filter is a Category in the header (GFD.185 §3.4.3, GFD.223 §7). It skips where the VM is not listed anyway, and where
        a site of OCCI 1.2 alone, which deprecates filters, ignores it.

        Raises:
            StepFailed: says whether the VM went or stayed though it should not have.

        Example:
        | Category Filter Should Filter
        """
        site = self._site
        with site.checking("a filtered listing"):
            own, other = self._kinds()
            seen = self._filtered("Category", as_field(own), as_field(other))
            _, findings = collection_rules.filters(seen, "a kind", site.profile)
        site.settle(findings, seen.fitting, seen.strange)

    @keyword("Attribute Filter Should Filter", tags=["conformance"])
    def attribute_filter_should_filter(self) -> None:
        """Fails unless a filter by an attribute keeps the VM by its own value, and leaves it out by another (GFD.185 §3.4.3).

        What else stays by the VM's own value has to have that value too. It skips where the VM has no attribute that can be
        asked for, and where a site of OCCI 1.2 alone, which deprecates filters (GFD.223 §7), ignores it.

        Raises:
            StepFailed: says what went or stayed though it should not have.

        Example:
        | Attribute Filter Should Filter
        """
        site = self._site
        with site.checking("a filtered listing"):
            name, value = _telling(self._run.query())
            seen = self._filtered("X-OCCI-Attribute", f'{name}="{value}"', f'{name}="{_NOBODY}"')
            stayed, findings = collection_rules.filters(seen, name, site.profile)
            if not findings:
                findings = collection_rules.only_fitting(stayed, seen.path, name, value, self._attributes_at)
        site.settle(findings, seen.fitting, seen.strange)

    def _filtered(self, field: str, own: str, other: str) -> collection_rules.Filtered:
        site = self._site
        url = site.place(COMPUTE_ID)
        accept = site.spoken

        def ask(value: str) -> Exchange:
            return site.exchange("GET", url, {"Accept": accept, "Content-Type": TEXT_OCCI, field: value})

        return collection_rules.Filtered(self._site.path_of_vm(), self._listed(url), ask(own), ask(other))

    def _kinds(self) -> tuple[Kind, Kind]:
        """Returns the kind of the VM and another one, a network where there is that."""
        kinds = [kind for kind in self._site.categories() if isinstance(kind, Kind) and kind.location]
        own = [kind for kind in kinds if kind.id == COMPUTE_ID]
        others = sorted(
            (kind for kind in kinds if kind.id != COMPUTE_ID), key=lambda kind: kind.id != NETWORK_ID
        )
        if not own or not others:
            raise CannotBeShownError("discovery shows no two kinds with a collection")
        return own[0], others[0]

    def _attributes_at(self, path: str) -> Mapping[str, AttributeValue]:
        got = self._listed(self._site.client.on_site(path))
        try:
            return got.message().resource().attributes if got.succeeded else {}
        except RenderingError:
            logger.info(f"{path} cannot be read.")
            return {}

    # ---- entities

    @keyword("VM Should Be Rendered", tags=["conformance"])
    def vm_should_be_rendered(self) -> None:
        """Fails unless GET of the VM is 200 and renders one entity with its kind and attributes (GFD.185 §3.4.4, GFD.223 §8).

        Raises:
            StepFailed: with what is missing.

        Example:
        | VM Should Be Rendered
        """
        site = self._site
        with site.checking("the details of the VM"):
            got = self._listed(site.place("VM"))
            findings = answers.one_entity(got, _ENTITY)
        site.settle(findings, got)

    @keyword("Missing Entity Should Be Missing", tags=["conformance"])
    def missing_entity_should_be_missing(self) -> None:
        """Fails unless GET of an entity that does not exist is 404 (or 410); another refusal is a remark (GFD.185 §3.6.8, GFD.223 §5.4).

        Raises:
            StepFailed: with what was answered instead.

        Example:
        | Missing Entity Should Be Missing
        """
        site = self._site
        with site.checking("the answer about an entity that does not exist"):
            got = self._listed(below(site.place(COMPUTE_ID), f"{_NOBODY}-{self._run.run_id[-8:]}"))
        site.settle(answers.refused(got, (404, 410), "GET of an entity that does not exist", _MISSING), got)

    def _listed(self, url: str) -> Exchange:
        return self._site.get(urljoin(self._site.client.endpoint, url), self._site.spoken)


def _telling(vm: Resource) -> tuple[str, str]:
    """Returns an attribute of the VM with its value, which a header can carry as it is."""
    for name in _TELLING:
        value = vm.attributes.get(name)
        if (
            isinstance(value, str)
            and value
            and value.isascii()
            and value.isprintable()
            and not _SAFE & set(value)
        ):
            return name, value
    raise CannotBeShownError(f"the VM has no {', '.join(_TELLING)} that a header field can carry")
