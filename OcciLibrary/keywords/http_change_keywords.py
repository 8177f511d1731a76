"""Keywords about changing the tester's VM over HTTP, judged by what is read back (GFD.185 §3.4.4, §3.6.8; GFD.223 §10)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from robot.api.deco import keyword

from OcciLibrary.conformance import action_rules, answers, change_rules, discovery
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Findings, NotOfferedError
from OcciLibrary.keywords.action_keywords import ComputeAction
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.keywords.state_words import state_of
from OcciLibrary.occi.answering import raise_for_status
from OcciLibrary.occi.attribute_changes import other_value, same_value
from OcciLibrary.occi.conversation import Performed
from OcciLibrary.occi.infrastructure import COMPUTE_ACTION_SCHEME, COMPUTE_ACTIONS
from OcciLibrary.occi.model import Action, AttributeValue, Message, Resource
from OcciLibrary.occi.provisioning import wait_until
from OcciLibrary.occi.renderings import OCCI_JSON
from OcciLibrary.occi.request_errors import RequestRefused
from OcciLibrary.occi.request_forms import has_no_partial_update

UPDATE = "GFD.185 §3.4.4; GFD.223 §10.2.2"
_WHOLE = "GFD.185 §3.4.4, §3.5.1; GFD.223 §10.2.2"
_JSON_CLAUSE = "GFD.226 §3"
_UPDATED = (200, 201)
_LACKING = (405, 501)
_STORED_LATE = 5.0  # how long a site may take to store what it has accepted
_TEXTS = ("occi.core.title", "occi.core.summary", "occi.compute.hostname")
_METHODS = {"stop": {"method": "graceful"}, "suspend": {"method": "hibernate"}}
_LONGEST_TITLE = 60


class HttpChangeKeywords:
    """Updates the VM and acts on it, and judges the effect."""

    def __init__(self, run: SiteRun, site: ConformanceSite) -> None:
        self._run = run
        self._site = site
        self._case: object = None
        self._takes_updates = ""

    # ---- updates

    @keyword("Partial Update Should Take Effect", tags=["conformance"])
    def partial_update_should_take_effect(self) -> None:
        """Fails unless a POST of one attribute changes it, and no other one, by what is read back (GFD.185 §3.4.4, GFD.223 §10.2.2).

        The attribute is the VM's title, else its summary or host name; the old value comes back at the end of the run. It
        skips where the site says that it has no partial update (405, 501), or the VM has none of the three.

        Raises:
            StepFailed: with what was refused, not stored, or changed besides.

        Example:
        | Partial Update Should Take Effect
        """
        self.update_partially_in("")

    def update_partially_in(self, form: str) -> None:
        """Judges a partial update written in one media type, '' for the one that the site takes best. Raises as the keyword does."""
        run, site = self._run, self._site
        clause = f"{UPDATE}; {_JSON_CLAUSE}" if form == OCCI_JSON else UPDATE
        with site.checking("that the VM can be updated"):
            before = run.query()
            name, value = _other_text(before)
            self._note(name, value, before)
            message = Message(attributes={name: value})
            if form:
                got = site.asked(
                    lambda: run.client.send("POST", run.client.entity_url(run.vm_url), message, form)
                )
            else:
                got = site.asked(lambda: run.client.update_partially(before, {name: value}))
            if _has_no_partial_update(got):
                raise NotOfferedError(f"partial updates ({got.told()})", "partial-update")
            findings = self._effect_of_update(got, before, name, value, clause)
        site.settle(findings, got)

    def _effect_of_update(
        self, got: Exchange, before: Resource, name: str, value: AttributeValue, clause: str
    ) -> Findings:
        """Returns what is wrong with an update by what is read back; its status alone is a remark where the effect held."""
        findings = answers.status_among(got, _UPDATED, "the update", clause)
        if not got.succeeded:
            return findings
        after = self._stored(name, value)
        asked = {name: value}
        return (
            *change_rules.stored_problems(
                clause, self._run.vm_url, before.attributes, after.attributes, asked
            ),
            *action_rules.same_types(before, after, clause),
            *(replace(one, piece="", harmless=True) for one in findings),
        )

    @keyword("Full Update Should Take Effect", tags=["conformance"])
    def full_update_should_take_effect(self) -> None:
        """Fails unless a PUT of the whole VM with one attribute changed changes that one, and nothing else (GFD.185 §3.4.4, GFD.223 §10.2.2).

        What the PUT has to leave out before it is taken, though discovery does not call it immutable, is a remark.
        The VM's kind, mixins, links and other attributes have to be as before. The old value comes back at the end of the
        run. It skips where the site says that it has no full update (405, 501), where its server is known to make something else
        of one (nothing is sent then), or the VM has no title, summary or host name.

        Raises:
            StepFailed: with what was refused, not stored, or changed besides.

        Example:
        | Full Update Should Take Effect
        """
        run, site = self._run, self._site
        with site.checking("that the VM can be replaced"):
            before = run.query()
            known = run.client.known_server
            if known is not None and known.no_full_update:
                raise CannotBeShownError(f"no full update was sent, for {known.no_full_update}")
            name, value = _other_text(before)
            self._note(name, value, before)
            done: list[Performed] = []
            got = site.asked(lambda: done.append(run.client.update_fully(before, {name: value})))
            if got.status in _LACKING:
                raise NotOfferedError(f"full updates ({got.told()})", "full-update")
            findings = self._effect_of_update(got, before, name, value, UPDATE)
            for one in done:
                findings += change_rules.left_out_problems(_WHOLE, run.vm_url, one.left_out)
        site.settle(findings, got)

    def _note(self, name: str, value: AttributeValue, now: Resource) -> None:
        self._run.case.asked[name] = value
        self._run.adding(name, now)

    def _stored(self, name: str, value: AttributeValue) -> Resource:
        """Returns the VM as it is once an attribute has its new value, or as it is a few seconds later."""
        seen = [self._run.query()]

        def stored() -> bool:
            if same_value(seen[-1].attributes.get(name), value):
                return True
            seen.append(self._run.query())
            return False

        wait_until(stored, min(_STORED_LATE, self._run.site_settings().transition_timeout))
        return seen[-1]

    # ---- actions

    @keyword("Action Should Take Effect", tags=["conformance"])
    def action_should_take_effect(self, action: ComputeAction) -> None:
        """Fails unless an action that the VM offers is accepted and its state becomes what it leads to (GFD.185 §3.4.4, GFD.184 §3.1).

        It waits as long as `${TRANSITION_TIMEOUT}` says. It skips where the VM does not offer the action now. The state found
        comes back at the end of the run.

        Args:
            action: start, stop, restart or suspend; a restart can end only in the state in which it began.

        Raises:
            StepFailed: with the status, or the states that were seen instead.

        Example:
        | Have The VM In State    inactive
        | Action Should Take Effect    start
        """
        self.act_in(action.value, "")

    def act_in(self, term: str, form: str) -> None:
        """Judges an action written in one media type, '' for the one that the site takes best. Raises as the keyword does."""
        run, site = self._run, self._site
        fact = COMPUTE_ACTIONS[term]
        with site.checking(f"that the VM takes the action {term}"):
            before = run.query()
            if term not in {link.term for link in before.actions}:
                shown = ", ".join(sorted({link.term for link in before.actions})) or "none"
                raise CannotBeShownError(
                    f"in state '{state_of(before)}' the VM does not offer {term}, but {shown}"
                )
            got = self._invoke(fact.action, _METHODS.get(term, {}), before, form)
            clause = f"{action_rules.ACTION}; {_JSON_CLAUSE}" if form == OCCI_JSON else action_rules.ACTION
            findings = answers.status_among(got, (200, 202, 204), f"the action {term}", clause)
            if not findings:
                findings = action_rules.reached(self._states(fact.target), fact.target, term)
                if not findings:
                    run.pending("")
        site.settle(findings, got)

    def _invoke(
        self, action: Action, attributes: dict[str, str], before: Resource, form: str = ""
    ) -> Exchange:
        run = self._run
        run.end_watch()
        if action.term in COMPUTE_ACTIONS:
            run.pending(action.term, time.time())
        seconds = run.site_settings().transition_timeout
        if form:
            url = f"{run.client.entity_url(run.vm_url)}?action={action.term}"
            message = Message(categories=(action,), attributes=attributes)
            got = self._site.asked(lambda: run.client.send("POST", url, message, form, seconds))
        else:
            got = self._site.asked(
                lambda: run.client.invoke(run.vm_url, action, attributes, seconds, before.actions)
            )
        if not got.succeeded:
            run.pending("")
        return got

    def _states(self, target: str, seconds: float | None = None) -> list[str]:
        """Returns the states that the VM shows until it has the one, each once in a row."""
        states: list[str] = []

        def there() -> bool:
            state = state_of(self._run.query())
            if not states or states[-1] != state:
                states.append(state)
            return state == target

        wait_until(there, self._run.site_settings().transition_timeout if seconds is None else seconds)
        return states

    @keyword("Action That Does Not Apply Should Be Refused", tags=["conformance"])
    def action_that_does_not_apply_should_be_refused(self) -> None:
        """Fails unless stop of an inactive VM is refused and changes nothing (GFD.185 §3.4.4: 400; GFD.223 §5.4: 409 too).

        Another refusal is a remark.

        Raises:
            StepFailed: with the status, or what changed.

        Example:
        | Have The VM In State    inactive
        | Action That Does Not Apply Should Be Refused
        """
        new = self._site.profile.speaks("1.2")
        self._refused_action(
            COMPUTE_ACTIONS["stop"].action,
            _METHODS["stop"],
            "stop of an inactive VM",
            (400, 409) if new else (400,),
            "GFD.185 §3.4.4; GFD.223 §5.4",
        )

    @keyword("Unknown Action Should Be Refused", tags=["conformance"])
    def unknown_action_should_be_refused(self) -> None:
        """Fails unless an action that no document knows is refused with 404 or 400 and changes nothing (GFD.185 §3.6.8, GFD.223 §5.4).

        Another refusal is a remark.

        Raises:
            StepFailed: with the status, or what changed.

        Example:
        | Unknown Action Should Be Refused
        """
        action = Action("nobodyhasthis", COMPUTE_ACTION_SCHEME)
        self._refused_action(action, {}, "an unknown action", (400, 404), answers.STATUS_CLAUSE)

    @keyword("Unknown Method Should Be Refused", tags=["conformance"])
    def unknown_method_should_be_refused(self) -> None:
        """Fails unless stop with a method that no document knows is refused with 400 and the VM stays active (GFD.185 §3.6.8, GFD.184 §3.1).

        Another refusal is a remark. Where the site stops the VM all the same, that is a failure; the state found comes back at
        the end of the run.

        Raises:
            StepFailed: with the status, or the state that the VM got into.

        Example:
        | Have The VM In State    active
        | Unknown Method Should Be Refused
        """
        self._refused_action(
            COMPUTE_ACTIONS["stop"].action,
            {"method": "nobodyhasthis"},
            "stop with an unknown method",
            (400,),
            "GFD.185 §3.6.8; GFD.184 §3.1; GFD.224 §3.1",
        )

    def _refused_action(
        self, action: Action, attributes: dict[str, str], what: str, wanted: tuple[int, ...], clause: str
    ) -> None:
        run, site = self._run, self._site
        with site.checking(f"an answer to {what}"):
            before = run.query()
            if not before.actions:
                raise CannotBeShownError(
                    "the VM offers no action at all, so that a refusal would say nothing"
                )
            got = self._invoke(action, attributes, before)
            if got.succeeded:
                self._states("", seconds=min(_STORED_LATE, run.site_settings().transition_timeout) / 2)
            after = run.query()
            findings = change_rules.refusal_problems(
                clause, what, got.status, wanted, before.attributes, after.attributes, run.vm_url
            )
        site.settle(findings, got)

    # ---- wrong updates

    @keyword("Wrong Update Should Be Refused", tags=["conformance"])
    def wrong_update_should_be_refused(
        self,
        what: str,
        *fields: str,
        wanted: str = "400",
        media_type: str = "text/plain",
        offered: str = "",
    ) -> None:
        """Fails unless a wrong partial update of the VM is refused and changes nothing (GFD.185 §3.6.8, GFD.223 §5.4).

        A refusal with another 4xx than the documents name is a remark. First the VM's title (or summary, or host name) is updated
        to the value that it has: a site that refuses that too cannot be seen to tell right from wrong, and the test is
        skipped.

        Args:
            what: in a few words, what is wrong, for the message.
            fields: the lines of the update's body.
            wanted: the statuses that the documents name, separated by blanks.
            media_type: the Content-Type of the update.
            offered: the id of a category that discovery has to show; where it does not, the test is skipped, for a refusal
                would only say that it is unknown.

        Raises:
            StepFailed: with the status, or what changed.

        Example:
        | Wrong Update Should Be Refused    an unknown attribute    X-OCCI-Attribute: occi.compute.nobody="1"    wanted=404
        """
        run, site = self._run, self._site
        with site.checking(f"an answer to {what}"):
            if offered and discovery.offered(offered, site.categories()) is None:
                raise CannotBeShownError(f"discovery shows no {offered}, which is what the update is about")
            self._check_right_update()
            before = run.query()
            for name in _attributes_in(fields):
                run.adding(name, before)
            headers = {"Content-Type": media_type, "Accept": "text/plain"}
            got = site.exchange(
                "POST", run.vm_url, headers, "".join(f"{field}\n" for field in fields).encode()
            )
            after = run.query()
            statuses = tuple(int(status) for status in wanted.split())
            findings = change_rules.refusal_problems(
                answers.STATUS_CLAUSE,
                what,
                got.status,
                statuses,
                before.attributes,
                after.attributes,
                run.vm_url,
            )
            findings += action_rules.same_types(before, after, answers.STATUS_CLAUSE)
            if {each.id for each in after.mixins} - {each.id for each in before.mixins}:
                findings += self._rid_of_mixins(before)
        site.settle(findings, got)

    def _rid_of_mixins(self, before: Resource) -> Findings:
        """Takes mixins that a wrong update gave to the VM away by a full update, and finds those that stay."""
        run = self._run
        known = run.client.known_server
        if known is None or not known.no_full_update:
            self._site.asked(lambda: run.client.update_fully(before, {}))
        return change_rules.left_mixins(before, run.query(), run.vm_url)

    def _check_right_update(self) -> None:
        """Raises `NotOfferedError` or `CannotBeShownError` unless the site takes an update that changes nothing; asked once in a file."""
        run, site = self._run, self._site
        if self._case is not run.case:
            vm = run.query()
            name = _text_of(vm)
            same = {name: vm.attributes[name]}
            got = site.asked(lambda: run.client.update_partially(vm, same))
            if _has_no_partial_update(got):
                raise NotOfferedError(f"partial updates ({got.told()})", "partial-update")
            self._takes_updates = "" if got.succeeded else got.told()
            self._case = run.case
        if self._takes_updates:
            raise CannotBeShownError(f"the site refuses a proper update too: {self._takes_updates}")


def _attributes_in(fields: Iterable[str]) -> list[str]:
    """Returns the names of the attributes that lines of an update give a value to."""
    lines = (field.partition(":") for field in fields)
    given = (value.partition("=") for name, _, value in lines if name == "X-OCCI-Attribute")
    return [name.strip() for name, sign, _ in given if sign]


def _text_of(vm: Resource) -> str:
    for name in _TEXTS:
        value = vm.attributes.get(name)
        if isinstance(value, str) and value and value.isascii() and value.isprintable():
            return name
    raise CannotBeShownError(f"the VM has no {', '.join(_TEXTS)}")


def _other_text(vm: Resource) -> tuple[str, AttributeValue]:
    name = _text_of(vm)
    old = str(vm.attributes[name])
    if name == "occi.compute.hostname":
        return name, other_value(name, old)
    return name, old.removesuffix(" changed") if old.endswith(
        " changed"
    ) else f"{old[:_LONGEST_TITLE]} changed"


def _has_no_partial_update(got: Exchange) -> bool:
    try:
        raise_for_status(got.answer)
    except RequestRefused as refusal:
        return has_no_partial_update(refusal)
    return False
