"""Keywords about the renderings by the letter of their grammar (GFD.185 §3.5, §3.6.6; GFD.229; JSON: GFD.226)."""

from __future__ import annotations

from collections.abc import Callable

from robot.api.deco import keyword

from OcciLibrary.conformance import change_rules, negotiation, rendering_rules
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError, failures
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.attribute_values import quote
from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.provisioning import wait_until
from OcciLibrary.occi.renderings import TEXT_OCCI, TEXT_PLAIN
from OcciLibrary.occi.request_errors import AnswerUnusable

QUOTING = "GFD.185 §3.6.6; GFD.229 §4"
SEVERAL_VALUES = "GFD.185 §3.5, §3.6.6; GFD.229 §7"
# What naive readers split or cut a value at: a quote, list and parameter separators, what looks like another attribute.
_DIFFICULT = 'a "quoted" title, with; separators = <all>, occi.core.summary="cut out"'
_TEXTS = ("occi.core.title", "occi.core.summary", "occi.compute.hostname")
_LACKING = (405, 501)
_STORED_LATE = 5.0


class TextRenderingKeywords:
    """Judges renderings by their grammar, and how a site reads what is written by it."""

    def __init__(self, run: SiteRun, site: ConformanceSite) -> None:
        self._run = run
        self._site = site

    @keyword("Rendering Should Conform", tags=["conformance"])
    def rendering_should_conform(self, target: str = "VM", media_type: str = "") -> None:
        """Fails when the rendering of an answer departs from the OCCI documents anywhere (GFD.185 §3.5, GFD.229 §4, GFD.226 §11).

        It finds what `python -m OcciLibrary.lint` finds, by the versions of OCCI that the site speaks: what all of them forbid
        fails, what they advise against is a remark. It skips where the answer is empty, and where the site may do without the
        media type.

        Args:
            target: where to look: `discovery`, `VM`, the term or id of a kind (its collection), a path, or a URL of the site.
            media_type: such as `text/occi`; empty: one that the site speaks.

        Raises:
            StepFailed: with line and column in the answer, the rule and its clause, and the smallest wrong piece.

        Example:
        | Rendering Should Conform    VM    text/plain
        | Rendering Should Conform    compute    application/occi+json
        """
        self._judge(target, media_type, lambda got: rendering_rules.conforms(got, self._site.profile))

    @keyword("Rendering Should Keep To", tags=["conformance"])
    def rendering_should_keep_to(self, topic: str, target: str = "VM", media_type: str = TEXT_PLAIN) -> None:
        """Fails when an answer's rendering departs from the OCCI documents in one respect (GFD.185 §3.5, GFD.229 §4).

        It skips where the answer shows nothing of that, and where the site may do without the media type.

        Args:
            topic: `categories`, `attribute definitions`, `links`, `actions`, `attributes`, `values`, `locations`, `quoting`,
                `lines` or `characters`.
            target: where to look, as for `Rendering Should Conform`.
            media_type: the rendering that is asked for.

        Raises:
            StepFailed: with line and column in the answer, the rule and its clause, and the smallest wrong piece.

        Example:
        | Rendering Should Keep To    links    VM    text/occi
        """
        if topic not in rendering_rules.TOPICS:
            raise StepFailed(f"There is no topic {topic!r}: {', '.join(rendering_rules.TOPICS)}.")
        profile = self._site.profile
        self._judge(target, media_type, lambda got: rendering_rules.keeps_grammar(got, topic, profile))

    def _judge(self, target: str, media_type: str, check: Callable[[Exchange], Findings]) -> None:
        site = self._site
        asked = media_type or site.spoken
        with site.checking(f"{target} in {asked}"):
            got = site.get(site.place(target), asked)
            found: Findings = ()
            if got.status != 204:
                _, found = negotiation.given_as_asked(got, asked, site.profile)
            by_letter = check(got)
        # What the lint says of an answer that cannot be read names the piece.
        site.settle(by_letter if failures(by_letter) else (*found, *by_letter), got)

    # ---- how the site reads

    @keyword("Difficult Title Should Survive", tags=["conformance"])
    def difficult_title_should_survive(self, media_type: str = TEXT_PLAIN) -> None:
        """Fails unless a title with quotes, commas and semicolons is read back as it was sent, and nothing else changed (GFD.185 §3.6.6, GFD.229 §4).

        The title holds what looks like another attribute. The old one is put back at once. It skips where the site has no
        partial update (405, 501) or refuses such a title, and where the VM has no title.

        Args:
            media_type: the rendering of the request, text/plain or text/occi.

        Raises:
            StepFailed: with what became of the title, or of the attributes beside it.

        Example:
        | Difficult Title Should Survive    text/occi
        """
        site = self._site
        with site.checking("that the VM's title can be changed"):
            before = self._run.query()
            if "occi.core.title" not in before.attributes:
                raise CannotBeShownError("the VM has no title, so that the old one could not be put back")
            wanted = {"occi.core.title": _DIFFICULT}
            self._run.adding("occi.core.summary", before)  # which a site that cuts the title would set
            got, findings = self._updated(before, wanted, media_type, [_written(wanted)], QUOTING)
        site.settle(findings, *got)

    @keyword("Several Values Should Be Taken", tags=["conformance"])
    def several_values_should_be_taken(self, form: str, media_type: str = TEXT_PLAIN) -> None:
        """Fails unless two attributes in one update are both stored (GFD.185 §3.5, GFD.229 §7).

        The documents want lists and repeated fields understood alike. Two of title, summary and host name get new values, and the
        old ones back at once. It skips where the VM has only one of them, where the site has no partial update (405, 501), and
        where it refuses the same two attributes one by one.

        Args:
            form: `one list` (a comma between them in one field) or `one field each`.
            media_type: the rendering of the request; text/occi knows `one list` alone.

        Raises:
            StepFailed: with the attribute that was not stored, or what changed besides.

        Example:
        | Several Values Should Be Taken    one list    text/occi
        """
        site = self._site
        with site.checking("that the VM's attributes can be changed"):
            before = self._run.query()
            names = [name for name in _TEXTS if isinstance(before.attributes.get(name), str)][:2]
            if len(names) < 2:
                raise CannotBeShownError("the VM has only one of title, summary and host name")
            wanted = {name: _other(str(before.attributes[name]), number) for number, name in enumerate(names)}
            values = [_written({name: value}) for name, value in wanted.items()]
            fields = [", ".join(values)] if form == "one list" else values
            got, findings = self._updated(before, wanted, media_type, fields, SEVERAL_VALUES)
        site.settle(findings, *got)

    def _updated(
        self, before: Resource, wanted: dict[str, str], media_type: str, fields: list[str], clause: str
    ) -> tuple[tuple[Exchange, ...], Findings]:
        """Sends an update, reads what came of it, and puts the old values back. Raises `NotOfferedError`, `CannotBeShownError`."""
        run = self._run
        for name, value in wanted.items():
            run.case.asked[name] = value
            run.adding(name, before)
        got = self._send(media_type, fields)
        if got.status in _LACKING:
            raise NotOfferedError(f"partial updates ({got.told()})", "partial-update")
        if not got.succeeded:
            self._check_that_singles_are_refused(before, wanted)
            return (got,), rendering_rules.taken(got, clause)
        try:
            read, findings = self._effect(before, wanted, clause)
        finally:
            self._put_back(before, wanted)  # also where the VM cannot be read with the new values
        return (got, *read), findings

    def _effect(
        self, before: Resource, wanted: dict[str, str], clause: str
    ) -> tuple[tuple[Exchange, ...], Findings]:
        """Returns what is wrong with the VM after an update that the site took, and the answer that cannot be read, if one is."""
        url = self._run.vm_url
        try:
            after = self._stored(wanted)
        except AnswerUnusable as problem:
            read = self._site.get(url, TEXT_PLAIN)
            by_letter = rendering_rules.keeps_grammar(read, "quoting", self._site.profile)
            unreadable = Finding(clause, "that the VM can be read with the new values", str(problem))
            return (read,), failures(by_letter) or (unreadable,)
        return (), change_rules.stored_problems(clause, url, before.attributes, after.attributes, wanted)

    def _check_that_singles_are_refused(self, before: Resource, wanted: dict[str, str]) -> None:
        """Raises `CannotBeShownError` where the site refuses a plain update of one of the attributes too."""
        name = next(iter(wanted))
        got = self._send(TEXT_PLAIN, [_written({name: _other(str(before.attributes[name]), 0)})])
        if not got.succeeded:
            raise CannotBeShownError(f"the site refuses a plain update of {name} too: {got.told()}")
        self._put_back(before, wanted)

    def _send(self, media_type: str, fields: list[str]) -> Exchange:
        headers = {"Content-Type": media_type, "Accept": TEXT_PLAIN}
        lines = ""
        if media_type == TEXT_OCCI:
            headers |= {"Accept": TEXT_OCCI, "X-OCCI-Attribute": ", ".join(fields)}
        else:
            lines = "".join(f"X-OCCI-Attribute: {field}\n" for field in fields)
        return self._site.exchange("POST", self._run.vm_url, headers, lines.encode())

    def _stored(self, wanted: dict[str, str]) -> Resource:
        """Returns the VM as it is once its attributes have their new values, or as it is a few seconds later."""
        seen = [self._run.query()]

        def stored() -> bool:
            if all(same_value(seen[-1].attributes.get(name), value) for name, value in wanted.items()):
                return True
            seen.append(self._run.query())
            return False

        wait_until(stored, min(_STORED_LATE, self._run.site_settings().transition_timeout))
        return seen[-1]

    def _put_back(self, before: Resource, names: dict[str, str]) -> None:
        """Sends the old values one by one; what does not come back so is put back at the end of the run."""
        for name in names:
            self._send(TEXT_PLAIN, [_written({name: str(before.attributes[name])})])
            self._run.case.asked.pop(name, None)


def _written(attributes: dict[str, str]) -> str:
    return ", ".join(f"{name}={quote(value, name)}" for name, value in attributes.items())


def _other(value: str, number: int) -> str:
    """Returns another value that a title, a summary and a host name can have; with another number another one."""
    return f"occi-{number}" if value != f"occi-{number}" else f"occi-other-{number}"
