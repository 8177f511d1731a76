"""Keywords of the conformance suite about what OCCI 1.2 adds and changes: protocol, types, infrastructure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from robot.api import SkipExecution
from robot.api.deco import keyword

from OcciLibrary.conformance import category_rules, infrastructure_1_2, model_completeness, protocol_1_2
from OcciLibrary.conformance.answers import understood
from OcciLibrary.conformance.discovery import DISCOVERY
from OcciLibrary.conformance.findings import CannotBeShownError, Findings, NotOfferedError
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.keywords.creating import Creating
from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.contextualisation import OCCI_FAMILY, context, missing
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
    STORAGE_ID,
    STORAGELINK_ID,
)
from OcciLibrary.occi.model import AttributeValue, Category, Mixin, Resource
from OcciLibrary.occi.renderings import OCCI_JSON
from OcciLibrary.probes.fresh_key import fresh_key_pair

_NOTHING_THERE = "nothing-is-here"
_FAR_TOO_MANY = 1_000_000_000
_PAST = 1000
_KINDS = (COMPUTE_ID, NETWORK_ID, STORAGE_ID, NETWORKINTERFACE_ID, STORAGELINK_ID)
_COLLECTIONS = ("compute", "storage", "network", "networkinterface", "storagelink")


class Conformance12Keywords:
    """Judges a site by what OCCI 1.2 adds to 1.1 or changes in it (GFD.221, 223, 224, 229)."""

    def __init__(self, run: SiteRun, site: ConformanceSite, creating: Creating) -> None:
        self._run = run
        self._site = site
        self._creating = creating

    # ---- protocol

    @keyword("Every Answer Should Name OCCI 1.2", tags=["conformance"])
    def every_answer_should_name_occi_1_2(self) -> None:
        """Fails unless discovery, the VM, its listing and an error all carry the token OCCI/1.2 in the Server field (GFD.223 §5.3).

        Raises:
            StepFailed: with the Server field of each answer that lacks it.

        Example:
        | Every Answer Should Name OCCI 1.2
        """
        site = self._site
        asked = [
            ("discovery", site.get(site.place("discovery"), site.spoken)),
            ("the listing of computes", site.get(site.place("compute"), site.spoken)),
            ("the VM", site.get(site.place("VM"), site.spoken)),
            ("an error", site.get(site.place("compute") + _NOTHING_THERE, site.spoken)),
        ]
        site.settle(protocol_1_2.names_version(asked), *(exchange for _, exchange in asked))

    @keyword("Site Should Answer In The Media Types That It Tells", tags=["conformance"])
    def site_should_answer_in_the_media_types_that_it_tells(self) -> None:
        """Fails unless the site answers in each OCCI media type that the Accept field of its answers lists (GFD.223 §5.2).

        An answer without the field is a remark. Asked for is the listing of computes.

        Raises:
            StepFailed: with each media type that it tells and does not answer in.

        Example:
        | Site Should Answer In The Media Types That It Tells
        """
        site = self._site
        listing = site.place("compute")
        told, findings = protocol_1_2.told_media_types(site.get(site.place("discovery"), site.spoken))
        answers = [(one, site.get(listing, one)) for one in protocol_1_2.OF_LISTINGS if one in told]
        site.settle(findings)
        site.check("the media types that it tells", lambda: protocol_1_2.offers_what_it_tells(told, answers))

    @keyword("Pages Should Part A Listing", tags=["conformance"])
    def pages_should_part_a_listing(self) -> None:
        """Fails unless pages (`?page=N&number=M`) show each entity of a listing once, and nothing past its end (GFD.223 §6).

        Taken is the first kind of infrastructure of which two entities can be seen. Pages may be counted from 1 or from 0: the
        document does not say. It skips where the site lists everything whatever is asked for.

        Raises:
            StepFailed: with what is on no page, on several, or on a page past the end.

        Example:
        | Pages Should Part A Listing
        """
        site = self._site
        with site.checking("pages of a listing"):
            url, before = self._listing_of_two()
            number = protocol_1_2.page_size(before)
            count = -(-len(before) // number)
            pages = [self._page(url, page, number) for page in range(1, count + 1)]
            if {one for page in pages for one in page} != set(before):
                pages.insert(0, self._first_of_zero(url, number))
            past = self._page(url, count + _PAST, number)
            after = self._listed(url)
        site.check("pages of a listing", lambda: protocol_1_2.parted(before, number, pages, past, after))

    @keyword("A Page That Is Too Large Should Be Refused", tags=["conformance"])
    def a_page_that_is_too_large_should_be_refused(self) -> None:
        """Fails unless a page of a thousand million is refused with 413; skips where the site sets no bound (GFD.223 §6).

        Raises:
            StepFailed: with the answer.

        Example:
        | A Page That Is Too Large Should Be Refused
        """
        site = self._site
        url = site.place("compute")
        everything = self._listed(url)
        got = site.listing(f"{url}?page=1&number={_FAR_TOO_MANY}")
        site.check("a page that is too large", lambda: protocol_1_2.bounded(got, everything))

    def _listing_of_two(self) -> tuple[str, tuple[str, ...]]:
        site = self._site
        best: tuple[str, tuple[str, ...]] = ("", ())
        shown = {one.term: one for one in site.categories() if one.location}
        for term in _COLLECTIONS:
            if term in shown and len(best[1]) < 2:
                url = site.place(term)
                best = max(best, (url, self._listed(url)), key=lambda one: len(one[1]))
        return best

    def _listed(self, url: str) -> tuple[str, ...]:
        return self._urls(url, "a listing")

    def _page(self, url: str, page: int, number: int) -> tuple[str, ...]:
        return self._urls(f"{url}?page={page}&number={number}", f"page {page}")

    def _first_of_zero(self, url: str, number: int) -> tuple[str, ...]:
        got = self._site.listing(f"{url}?page=0&number={number}")
        return protocol_1_2.listed(got, "page 0")[0] if got.succeeded else ()

    def _urls(self, url: str, what: str) -> tuple[str, ...]:
        got = self._site.listing(url)
        urls, findings = protocol_1_2.listed(got, what)
        self._site.settle(findings, got)
        return urls

    # ---- types and infrastructure

    @keyword("Types Should Be By OCCI 1.2", tags=["conformance"])
    def types_should_be_by_occi_1_2(self) -> None:
        """Fails when terms are not of 1.2's grammar, or kinds and mixins do not lie where 1.2 wants them (GFD.229 §4, GFD.223 §4).

        Raises:
            StepFailed: with each such type.

        Example:
        | Types Should Be By OCCI 1.2
        """

        def check() -> Findings:
            categories = self._discovered()
            return (
                *category_rules.ill_formed_identifiers(categories, "1.2"),
                *category_rules.wrong_locations(categories, "1.2"),
            )

        self._check(check)

    @keyword("Mixins Should Tell What They Depend On And Apply To", tags=["conformance"])
    def mixins_should_tell_what_they_depend_on_and_apply_to(self) -> None:
        """Fails when a mixin depends on, or applies to, what discovery does not show (GFD.221 §5.3.4).

        To what a mixin applies is told in JSON alone. It skips where no mixin tells either.

        Raises:
            StepFailed: with each such mixin.

        Example:
        | Mixins Should Tell What They Depend On And Apply To
        """

        def check() -> Findings:
            categories = self._discovered()
            if not any(one.depends or one.applies for one in categories if isinstance(one, Mixin)):
                raise CannotBeShownError("no mixin says what it depends on, or what it applies to")
            return category_rules.dangling_relations(categories)

        self._check(check)

    @keyword("Offered Kinds Should Be By OCCI 1.2", tags=["conformance"])
    def offered_kinds_should_be_by_occi_1_2(self) -> None:
        """Fails when a kind lacks an attribute or an action that 1.2 gives it, such as share and save of compute (GFD.224 §3).

        Held against 1.2 alone, even on a site that speaks 1.1 too. What 1.2 has removed and is there is a remark.

        Raises:
            StepFailed: with each attribute and action.

        Example:
        | Offered Kinds Should Be By OCCI 1.2
        """

        def check() -> Findings:
            categories = self._discovered()
            findings = [*infrastructure_1_2.removed(categories)]
            for one in categories:
                if one.id in _KINDS:
                    findings += model_completeness.kind_problems(categories, one.id, "1.2")
            return tuple(findings)

        self._check(check)

    @keyword("Save Should Be Offered", tags=["conformance"])
    def save_should_be_offered(self) -> None:
        """Fails unless discovery describes the actions of compute as 1.2 has them: save too, with method and name (GFD.224 §3.1).

        Raises:
            StepFailed: with what is missing.

        Example:
        | Save Should Be Offered
        """
        self._check(lambda: model_completeness.action_problems(self._discovered(), COMPUTE_ID, "1.2"))

    @keyword("State Of The VM Should Be One Of OCCI 1.2", tags=["conformance"])
    def state_of_the_vm_should_be_one_of_occi_1_2(self) -> None:
        """Fails unless the VM's state is active, inactive, suspended or error (GFD.224 §3.1).

        Raises:
            StepFailed: with the state.

        Example:
        | State Of The VM Should Be One Of OCCI 1.2
        """
        vm = self._vm()
        self._check(lambda: infrastructure_1_2.state_is_known(vm))

    @keyword("IP Interfaces Of The VM Should Show Addresses", tags=["conformance"])
    def ip_interfaces_of_the_vm_should_show_addresses(self) -> None:
        """Fails when a link of the VM that is an ipnetworkinterface shows no address, or not how it was allocated (GFD.224 §3).

        It skips where the VM has no such link.

        Raises:
            StepFailed: with what is missing.

        Example:
        | IP Interfaces Of The VM Should Show Addresses
        """
        vm = self._vm()
        self._check(lambda: infrastructure_1_2.addresses_are_shown(vm))

    @keyword("Contextualisation Should Be By OCCI 1.2", tags=["conformance"])
    def contextualisation_should_be_by_occi_1_2(self) -> None:
        """Fails when the mixins ssh_key and user_data lack their attribute, or apply to something else (GFD.224 §3.5.2).

        It skips where the site does not have both.

        Raises:
            StepFailed: with what is missing.

        Example:
        | Contextualisation Should Be By OCCI 1.2
        """
        self._check(lambda: infrastructure_1_2.contextualisation(self._discovered()))

    @keyword("Sizes Should Tell How Large They Are", tags=["conformance"])
    def sizes_should_tell_how_large_they_are(self) -> None:
        """Makes a remark for each size without defaults of cores and memory (GFD.224 §3.5.2); skips where the site has no sizes.

        Raises:
            StepFailed: where discovery cannot be read.

        Example:
        | Sizes Should Tell How Large They Are
        """
        self._check(lambda: infrastructure_1_2.sizes_tell(self._discovered()))

    # ---- what is changed and made

    @keyword("Skip Unless VM Shows Attribute", tags=["conformance"])
    def skip_unless_vm_shows_attribute(self, name: str) -> None:
        """Skips the test unless the VM is rendered with an attribute.

        Args:
            name: the attribute, for instance `occi.compute.share`.

        Raises:
            SkipExecution: says that the VM does not show it.

        Example:
        | Skip Unless VM Shows Attribute    occi.compute.share
        """
        vm = self._vm()
        with self._site.checking(f"the attribute {name}"):
            if name not in vm.attributes:
                raise NotOfferedError(f"{name} on the VM")

    @keyword("New VM Should Have The Size That It Was Made With", tags=["conformance"])
    def new_vm_should_have_the_size_that_it_was_made_with(self) -> None:
        """Creates a VM of each of two sizes, and fails unless each has what discovery says of its size (GFD.224 §3.5.2).

        Each is noted before it is asked for, and deleted at once, by the end of the run at the latest.

        Raises:
            SkipExecution: where creating is not allowed, the site has no image, or does not tell of two sizes how large they are.
            StepFailed: with each attribute that is another.

        Example:
        | New VM Should Have The Size That It Was Made With
        """
        self._creating.check_allowed()
        with self._site.checking("sizes that tell how large they are"):
            telling = infrastructure_1_2.telling_sizes(self._discovered())
        image = self._image()
        for size in (telling[0], telling[-1]):
            vm = self._made((image, size), {})
            self._site.settle(infrastructure_1_2.has_size(vm, size))

    @keyword("New VM Should Show What It Was Made With", tags=["conformance"])
    def new_vm_should_show_what_it_was_made_with(self) -> None:
        """Creates a VM with a public key and user data, and fails unless it shows both mixins of OCCI 1.2 (GFD.224 §3.5.2, GFD.221 §5.3.4).

        The VM is noted before it is asked for, and deleted at once, by the end of the run at the latest.

        Raises:
            SkipExecution: where creating is not allowed, or the site does not have these mixins.
            StepFailed: with each mixin that is missing.

        Example:
        | New VM Should Show What It Was Made With
        """
        self._creating.check_allowed()
        if lacking := missing(OCCI_FAMILY, self._discovered()):
            raise SkipExecution(f"Not offered: the site does not advertise {' and '.join(lacking)}.")
        told = context(OCCI_FAMILY, "conformance", fresh_key_pair("conformance").public, "#!/bin/sh\ntrue\n")
        templates = self._creating.templates(self._creating.categories())
        vm = self._made((*templates, *told.mixins), dict(told.attributes or {}))
        self._site.settle(infrastructure_1_2.has_mixins(vm, [mixin.id for mixin in told.mixins]))

    def _image(self) -> Mixin:
        return self._creating.templates(self._creating.categories())[0]

    def _made(self, mixins: tuple[Mixin, ...], attributes: dict[str, AttributeValue]) -> Resource:
        """Creates a VM, reads it and deletes it."""
        created = self._creating.create(mixins, attributes)
        try:
            with judged(self._run, "the new VM's details"):
                return self._run.client.get(created.url)
        finally:
            self._creating.delete(created)

    # ---- what all need

    def _check(self, check: Callable[[], Findings]) -> None:
        self._site.check("what OCCI 1.2 defines", check)

    def _vm(self) -> Resource:
        with judged(self._run, "the details of the VM"):
            return self._run.query()

    def _discovered(self) -> Sequence[Category]:
        """Returns what discovery shows in JSON, which tells most; in what the site speaks where it has no JSON."""
        site = self._site
        got = site.get(site.place("discovery"), OCCI_JSON)
        if got.status != 200 or got.media_type != OCCI_JSON:
            return site.categories()
        message, findings = understood(got, DISCOVERY)
        site.settle(findings, got)
        return message.categories
