"""Keywords about media types and versions over HTTP (GFD.185 §3.6.5, §3.6.6; GFD.223 §5.2, §5.3)."""

from __future__ import annotations

from robot.api.deco import keyword

from OcciLibrary.conformance import answers, collection_rules, discovery, negotiation
from OcciLibrary.conformance.findings import Finding, failures
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.renderings import URI_LIST
from OcciLibrary.occi.transport import USER_AGENT

_NO_RENDERING = "image/png"
_NEWER = "OcciLibrary OCCI/9.9"


class HttpNegotiationKeywords:
    """Judges whether answers come as they were asked for, and which versions a site speaks."""

    def __init__(self, run: SiteRun, site: ConformanceSite) -> None:
        self._run = run
        self._site = site

    @keyword("VM Should Come In Media Type", tags=["conformance"])
    def vm_should_come_in_media_type(self, media_type: str) -> None:
        """Fails unless GET of the VM is answered in the media type asked for, and can be read (GFD.185 §3.6.6, GFD.223 §5.2).

        It skips where the site may do without the media type: OCCI 1.1 demands text/plain, text/occi and text/uri-list.

        Args:
            media_type: such as `text/occi`.

        Raises:
            StepFailed: with the media type that came instead, or why the answer cannot be read.

        Example:
        | VM Should Come In Media Type    text/occi
        """
        site = self._site
        with site.checking(f"the VM in {media_type}"):
            got = site.get(site.place("VM"), media_type)
            message, findings = negotiation.given_as_asked(got, media_type, site.profile)
            if not findings and not message.categories and not message.resources:
                findings = (
                    Finding(
                        answers.MEDIA_TYPE_CLAUSE, f"the VM in {media_type}", "nothing of it", got.beginning()
                    ),
                )
        site.settle(findings, got)

    @keyword("Collection Should Come In Media Type", tags=["conformance"])
    def collection_should_come_in_media_type(self, media_type: str) -> None:
        """Fails unless the collection of compute is answered in the media type asked for, with the VM in it (GFD.185 §3.6.6).

        Args:
            media_type: such as `text/uri-list`.

        Raises:
            StepFailed: with the media type that came instead, or what is listed.

        Example:
        | Collection Should Come In Media Type    text/uri-list
        """
        site = self._site
        with site.checking(f"the collection of compute in {media_type}"):
            got = site.get(site.place(COMPUTE_ID), media_type)
            _, findings = negotiation.given_as_asked(got, media_type, site.profile)
            if not findings:
                seen, findings = collection_rules.listing(got, f"the collection in {media_type}")
                path = self._site.path_of_vm()
                findings = findings or collection_rules.lists(seen, path, f"the collection in {media_type}")
        site.settle(findings, got)

    @keyword("VM Should Be The Same In Media Type", tags=["conformance"])
    def vm_should_be_the_same_in_media_type(self, media_type: str) -> None:
        """Fails when the VM's kind, mixins, actions, links or attributes differ between two renderings (GFD.185 §3.6.6, GFD.223 §5.2).

        Compared is with the media type that the site is read in otherwise, or with text/plain where that is the same one. It
        skips where the site does not offer one of the two.

        Args:
            media_type: the other rendering, such as `text/occi`.

        Raises:
            StepFailed: with each difference.

        Example:
        | VM Should Be The Same In Media Type    application/occi+json
        """
        site = self._site
        with site.checking(f"the VM in {media_type}"):
            first = site.other_type(media_type)
            one = site.get(site.place("VM"), first)
            other = site.get(site.place("VM"), media_type)
            here, findings = negotiation.given_as_asked(one, first, site.profile)
            there, more = negotiation.given_as_asked(other, media_type, site.profile)
            findings = (*findings, *more)
            if not findings:
                where = f"in {media_type} as in {first}"
                findings = negotiation.same_entity(here, there, where)
        site.settle_rendering(media_type, findings, one, other)

    @keyword("Discovery Should Be The Same In Media Type", tags=["conformance"])
    def discovery_should_be_the_same_in_media_type(self, media_type: str) -> None:
        """Fails when discovery shows other categories, attributes or actions in another rendering (GFD.185 §3.4.1, GFD.223 §9).

        It skips where the site does not offer one of the two renderings and may do without.

        Args:
            media_type: the other rendering, such as `text/occi`.

        Raises:
            StepFailed: with each difference.

        Example:
        | Discovery Should Be The Same In Media Type    text/occi
        """
        site = self._site
        with site.checking(f"discovery in {media_type}"):
            first = site.other_type(media_type)
            one = site.get(site.place("discovery"), first)
            other = site.get(site.place("discovery"), media_type)
            here, findings = negotiation.given_as_asked(one, first, site.profile)
            there, more = negotiation.given_as_asked(other, media_type, site.profile)
            findings = (*findings, *more)
            if not findings:
                findings = (*failures(discovery.whole(one)[1]), *failures(discovery.whole(other)[1]))
            if not findings:
                where = f"in {media_type} as in {first}"
                findings = discovery.same(here.categories, there.categories, where, discovery.DISCOVERY)
        site.settle_rendering(media_type, tuple(dict.fromkeys(findings)), one, other)

    @keyword("Default Should Be Plain Text", tags=["conformance"])
    def default_should_be_plain_text(self) -> None:
        """Fails unless discovery asked for with `Accept: */*` comes in text/plain, which OCCI 1.1 makes the default (GFD.185 §3.6.6).

        A site of OCCI 1.2 may answer in another rendering of OCCI; where it speaks 1.1 too, that is a remark.

        Raises:
            StepFailed: with the media type that came.

        Example:
        | Default Should Be Plain Text
        """
        site = self._site
        with site.checking("an answer without a choice of media type"):
            got = site.get(site.place("discovery"), "*/*")
            findings = negotiation.default_type(got, site.profile)
        site.settle(findings, got)

    @keyword("Impossible Media Type Should Be Refused", tags=["conformance"])
    def impossible_media_type_should_be_refused(self) -> None:
        """Fails unless a request for image/png is refused: 406, another refusal is a remark (GFD.185 §3.6.6, GFD.223 §5.2).

        Raises:
            StepFailed: with what was answered instead.

        Example:
        | Impossible Media Type Should Be Refused
        """
        site = self._site
        with site.checking("the answer to a request for image/png"):
            got = site.get(site.place("VM"), _NO_RENDERING)
        site.settle(negotiation.impossible_type(got), got)

    @keyword("VM As Uri List Should Be Refused", tags=["conformance"])
    def vm_as_uri_list_should_be_refused(self) -> None:
        """Fails unless one entity as text/uri-list is refused with 400 or 406; another refusal is a remark (GFD.185 §3.6.6).

        OCCI 1.2 does not forbid an answer: it is a remark where the site speaks that too, and skips where it speaks that alone.

        Raises:
            StepFailed: with what was answered instead.

        Example:
        | VM As Uri List Should Be Refused
        """
        site = self._site
        with site.checking("the answer to a request for the VM as text/uri-list"):
            got = site.get(site.place("VM"), URI_LIST)
            findings = negotiation.no_list_of_one(got, site.profile)
        site.settle(findings, got)

    # ---- versions

    @keyword("Every Answer Should Name The Version", tags=["conformance"])
    def every_answer_should_name_the_version(self) -> None:
        """Fails unless the Server header of discovery, collection, VM, and of a refusal names OCCI/1.1 or 1.2 (GFD.185 §3.6.5, GFD.223 §5.3).

        A version that the site file claims and the header does not name besides another one is a remark.

        Raises:
            StepFailed: with the header as it is.

        Example:
        | Every Answer Should Name The Version
        """
        site = self._site
        with site.checking("answers with a Server header"):
            accept = site.spoken
            places = [site.place(name) for name in ("discovery", COMPUTE_ID, "VM")]
            seen = [*(site.get(place, accept) for place in places), site.get(places[-1], _NO_RENDERING)]
            findings = negotiation.names_version(seen) or negotiation.claims_spoken(seen[0], site.profile)
        site.settle(findings, *seen)

    @keyword("Newer Client Should Be Refused", tags=["conformance"])
    def newer_client_should_be_refused(self) -> None:
        """Fails unless a client that speaks OCCI/9.9 by its User-Agent is answered 501 (GFD.185 §3.6.5, GFD.223 §5.3).

        The same request by a client of OCCI/1.1 has to be answered 200, so that it is the version that is refused.

        Raises:
            StepFailed: with what was answered instead.

        Example:
        | Newer Client Should Be Refused
        """
        site = self._site
        with site.checking("the answer to a client of a newer version"):
            headers = {"Accept": site.spoken}
            url = site.place("discovery")
            usual = site.exchange("GET", url, {**headers, "User-Agent": USER_AGENT})
            newer = site.exchange("GET", url, {**headers, "User-Agent": _NEWER})
            findings = answers.status_among(usual, (200,), "a client of OCCI/1.1", negotiation.VERSION_CLAUSE)
        site.settle((*findings, *negotiation.refuses_newer(newer)), usual, newer)
