"""Keywords of the conformance suites that every document shares: raw exchanges, what an answer must be, and discovery."""

from __future__ import annotations

from robot.api.deco import keyword

from OcciLibrary.conformance import answers, discovery
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Findings, NotOfferedError
from OcciLibrary.keywords.conformance_site import ConformanceSite, as_field, read_fields
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.model import Category
from OcciLibrary.occi.renderings import TEXT_OCCI

_NOBODY_HAS = 'nobody_has_this; scheme="http://example.org/occi/nothing#"; class="kind"'


class ConformanceKeywords:
    """Exchanges raw requests with the site, and judges answers and discovery by the OCCI documents."""

    def __init__(self, run: SiteRun, site: ConformanceSite) -> None:
        self._run = run
        self._site = site

    # ---- raw exchanges

    @keyword("Exchange With The Site", tags=["conformance"])
    def exchange_with_the_site(self, method: str, target: str, *fields: str, body: str = "") -> Exchange:
        """Sends any request to the site, on the library's own connection with its login, and keeps the answer whatever its status.

        Request and answer stand in the log, without secrets. In a test tagged `conformance` the level of the test holds:
        `read` sends nothing but GET, `change` POST and PUT to the tester's VM alone, `create` creates where `${MAY_CREATE}` is
        True and acts only on what this run created. Redirects are not followed.

        Args:
            method: an HTTP method, such as GET.
            target: where to: `discovery`, `well-known`, `VM`, the term or id of a kind (its collection), a path below the
                service's root, or a URL of the site.
            fields: header fields, each as `NAME: VALUE`; of the same name several are joined by commas.
            body: the body, sent as UTF-8; lines end in LF.

        Returns:
            The exchange: `status`, `media_type` and `answer` (with `headers` and `body`) can be looked at.

        Raises:
            StepFailed: when the site gives no answer that HTTP knows; `BeyondLevel` when the level forbids the request.

        Example:
        | Exchange With The Site    GET    discovery    Accept: text/plain
        | Answer Should Have Status    200
        """
        url = self._site.place(target)
        return self._site.exchange(method.upper(), url, read_fields(fields), body.encode())

    @keyword("Answer Should Have Status", tags=["conformance"])
    def answer_should_have_status(self, *statuses: int, clause: str = answers.STATUS_CLAUSE) -> None:
        """Fails unless the last answer of this test has one of some statuses (GFD.185 §3.6.8; GFD.223 §5.4).

        Args:
            statuses: the statuses that are right.
            clause: the place of the document that says so.

        Raises:
            StepFailed: with the clause, the exchange, and how the answer's body begins.

        Example:
        | Exchange With The Site    GET    VM    Accept: text/plain
        | Answer Should Have Status    200    clause=GFD.185 §3.4.4
        """
        last = self._site.last
        self._site.settle(answers.status_among(last, statuses, last.answer.method, clause), last)

    @keyword("Answer Should Be In Media Type", tags=["conformance"])
    def answer_should_be_in_media_type(self, media_type: str) -> None:
        """Fails unless the last answer of this test has a Content-Type (GFD.185 §3.6.6; GFD.223 §5.2).

        Args:
            media_type: such as `text/plain`; parameters such as a charset do not matter.

        Raises:
            StepFailed: with the Content-Type that was seen.

        Example:
        | Exchange With The Site    GET    discovery    Accept: text/occi
        | Answer Should Be In Media Type    text/occi
        """
        last = self._site.last
        self._site.settle(answers.media_type_is(last, media_type), last)

    @keyword("Skip Unless Site Speaks", tags=["conformance"])
    def skip_unless_site_speaks(self, version: str) -> None:
        """Skips the test unless the site speaks a version of OCCI, by `${OCCI_VERSIONS}` or else its Server header.

        Args:
            version: 1.1 or 1.2.

        Raises:
            SkipExecution: says which versions the site speaks.

        Example:
        | Skip Unless Site Speaks    1.2
        """
        with self._site.checking("to learn which OCCI the site speaks"):
            profile = self._site.profile
            if not profile.speaks(version):
                spoken = " and ".join(profile.versions)
                raise NotOfferedError(
                    f"OCCI {version}, for the site speaks {spoken} (${{OCCI_VERSIONS}}, or its Server header)"
                )

    # ---- discovery

    @keyword("Discovery Should Be Whole", tags=["conformance"])
    def discovery_should_be_whole(self, media_type: str = "") -> None:
        """Fails unless GET of the query interface is 200, in the media type asked for, and shows kinds (GFD.185 §3.4.1, GFD.223 §9).

        Kinds of the core that are not shown are a remark.

        Args:
            media_type: in which discovery is asked for; empty: one that the site speaks.

        Raises:
            StepFailed: with what was expected and seen.

        Example:
        | Discovery Should Be Whole
        """
        site = self._site
        wanted = media_type or site.spoken
        got = site.get(site.place("discovery"), wanted)
        _, findings = discovery.whole(got)
        site.settle((*findings, *answers.media_type_is(got, wanted)), got)

    @keyword("Discovery Should Offer", tags=["conformance"])
    def discovery_should_offer(self, *categories: str) -> None:
        """Fails unless the site's discovery shows some kinds, mixins or actions (GFD.185 §3.4.1, GFD.223 §9).

        Args:
            categories: each a term such as `compute`, or a whole id such as
                `http://schemas.ogf.org/occi/infrastructure#compute`. A term may be that of any scheme.

        Raises:
            StepFailed: names each that is missing, and the terms that are there.

        Example:
        | Discovery Should Offer    compute    os_tpl    http://schemas.ogf.org/occi/core#entity
        """
        site = self._site
        site.settle(discovery.offers(categories, self._discovered()))

    @keyword("Discovery Should Show The Types Of The VM", tags=["conformance"])
    def discovery_should_show_the_types_of_the_vm(self) -> None:
        """Fails unless discovery shows the kind, the mixins and the actions that the tester's VM has (GFD.185 §3.4.1).

        Raises:
            StepFailed: names each type that is missing.

        Example:
        | Discovery Should Show The Types Of The VM
        """
        site = self._site
        known = self._discovered()
        with site.checking("the details of the VM"):
            vm = self._run.query()
            if vm.kind is None and not vm.mixins:
                raise CannotBeShownError("the VM is rendered without kind and mixins")
        site.settle(discovery.has_types_of(vm, known))

    @keyword("Discovery Filter Should Filter", tags=["conformance"])
    def discovery_filter_should_filter(self, category: str = "compute") -> None:
        """Fails unless discovery asked for one category shows that one and leaves unrelated ones out (GFD.185 §3.4.1, GFD.223 §7).

        The filter is a Category in the header. What has to do with the category (its parent, mixins, actions) may stay.
        It skips where everything is related, and where a site of OCCI 1.2 alone, which deprecates filters, ignores it.

        Args:
            category: a term or id that discovery shows.

        Raises:
            StepFailed: with the categories that should have gone.

        Example:
        | Discovery Filter Should Filter    compute
        """
        site = self._site
        everything = self._discovered()
        site.settle(discovery.offers((category,), everything))
        wanted = discovery.offered(category, everything)
        assert wanted is not None
        got = self._filtered(as_field(wanted))
        site.check("a filtered discovery", lambda: discovery.filtered(got, wanted, everything, site.profile))

    @keyword("Discovery Filter Should Find Nothing Unknown", tags=["conformance"])
    def discovery_filter_should_find_nothing_unknown(self) -> None:
        """Fails when discovery asked for a category that the site does not have shows categories all the same (GFD.185 §3.4.1).

        It skips where a filter for a kind that the site has finds nothing either.

        Raises:
            StepFailed: with the categories that were shown.

        Example:
        | Discovery Filter Should Find Nothing Unknown
        """
        site = self._site
        everything = self._discovered()
        got = self._filtered(_NOBODY_HAS)

        def rule() -> Findings:
            findings = discovery.filter_for_unknown(got, everything, site.profile)
            known = discovery.offered(COMPUTE_ID, everything)
            if not findings and known is not None:
                discovery.finds_known(self._filtered(as_field(known)), known)
            return findings

        site.check("a filtered discovery", rule)

    @keyword("Discovery Should Be The Same At The Well-Known Address", tags=["conformance"])
    def discovery_should_be_the_same_at_the_well_known_address(self) -> None:
        """Fails when `/.well-known/org/ogf/occi/-/` answers otherwise than `/-/` (GFD.185 §3.6.7, GFD.223 §9); skips where there is nothing.

        Raises:
            StepFailed: with what differs.

        Example:
        | Discovery Should Be The Same At The Well-Known Address
        """
        site = self._site
        here = site.get(site.place("discovery"), site.spoken)
        categories, findings = discovery.whole(here)
        site.settle([one for one in findings if not one.harmless], here)
        there = site.get(site.place("well-known"), site.spoken)
        with site.checking("discovery at its well-known address"):
            if discovery.nothing_there(there):
                raise NotOfferedError(f"discovery at the well-known address ({there.told()})", "well-known")
        others, findings = discovery.whole(there)
        where = "at the well-known address"
        findings = (
            *findings,
            *(discovery.same(categories, others, where, discovery.SAME_EVERYWHERE) if others else ()),
        )
        site.settle([one for one in findings if not one.harmless], here, there)

    def _discovered(self) -> tuple[Category, ...]:
        return self._site.categories()

    def _filtered(self, field: str) -> Exchange:
        site = self._site
        return site.exchange(
            "GET",
            site.place("discovery"),
            {"Accept": site.spoken, "Content-Type": TEXT_OCCI, "Category": field},
        )
