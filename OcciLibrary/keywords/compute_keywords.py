"""Keywords that list, query and change the VM (wiki, test cases 1 and 2)."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from assertionengine import AssertionOperator, verify_assertion
from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.attribute_tables import changes_table, details_table
from OcciLibrary.keywords.guarding import in_words, judged
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.keywords.state_words import (
    STATE,
    ComputeState,
    as_worded,
    capitals_remark,
    is_known,
    state_of,
)
from OcciLibrary.occi.attribute_changes import Comparison, absent_by_document, compare, other_value
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.conversation import Performed
from OcciLibrary.occi.identity import other_owner
from OcciLibrary.occi.known_servers import about_state, memory_is_in_mib
from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.occi.request_errors import RequestRefused, SiteUnreachable
from OcciLibrary.occi.transport import is_transient, pause

_LISTED_SHOWN = 20
_GONE = (404, 410)
_STORED_LATE = 5.0  # how long a site may take to store what it has accepted
_BETWEEN_LOOKS = 0.2


class ComputeKeywords:
    """Lists, queries and changes compute resources."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    @keyword("List Compute Resources", tags=["query"])
    def list_compute_resources(self) -> list[str]:
        """Queries the site for a listing of compute resources (wiki 1.1; GFD.185 §3.4.3).

        Returns:
            The URLs of the listed resources, in the site's order.

        Raises:
            StepFailed: when the site refuses the listing or answers with something that is not OCCI.

        Example:
        | ${vms} =    List Compute Resources
        | Log    The site lists ${vms}
        """
        with judged(self._run, "a listing of compute resources"):
            listed = self._run.client.list_compute()
            self._run.case.listed = listed
        self._remark_on_deviations()
        logger.info(f"{len(listed)} compute resources are listed: {', '.join(listed[:_LISTED_SHOWN])}")
        return list(listed)

    @keyword("VM Should Be Listed", tags=["query"])
    def vm_should_be_listed(self) -> None:
        """Fails if the pre-provisioned VM is not among the listed compute resources (wiki 1.1.1, 3.1.1, 6.2.1).

        Lists them first when no step of this suite has done so.

        Raises:
            StepFailed: names the VM, how many resources are listed, and what to ask the admin.

        Example:
        | List Compute Resources
        | VM Should Be Listed
        """
        run = self._run
        listed = run.case.listed if run.case.listed is not None else tuple(self.list_compute_resources())
        vm_id = run.site_settings().vm_id
        with judged(run, "to find the VM in the listing"):
            if run.listed_vm(listed):
                return
        shown = ", ".join(listed[:5]) or "nothing"
        raise StepFailed(
            f"Expected the VM '{vm_id}' in the listing of {run.client.compute_location()}, but it is not among the "
            f"{len(listed)} listed. Check ${{VM_ID}} in {run.file}, or ask the site's admin why this account does not see "
            f"the VM. Listed: {shown}."
        )

    @keyword("Query The VM", tags=["query"])
    def query_the_vm(self) -> dict[str, AttributeValue]:
        """Queries the VM for its details and logs them as a table (wiki 1.2, 2.1, 2.6; GFD.185 §3.4.4).

        Returns:
            The VM's attributes as the site gives them: numbers as numbers, names such as `occi.compute.cores`.

        Raises:
            StepFailed: when the VM cannot be queried, with the site's status and words.

        Example:
        | ${attributes} =    Query The VM
        | Log    ${attributes}[occi.compute.hostname]
        """
        resource = self._fresh()
        self._remark_on(resource)
        if self._run.case.before is None:
            self._run.case.before = resource
        logger.info(details_table(resource, self._in_mib(resource)), html=True)
        return dict(resource.attributes)

    def _fresh(self) -> Resource:
        with judged(self._run, "the details of the VM"):
            try:
                resource = self._run.query()
            except RequestRefused as refusal:
                if refusal.status not in _GONE or not self._run.case.asked or self._run.case.action:
                    raise
                raise StepFailed(_terminated(list(self._run.case.asked)[-1], refusal)) from None
        if other := other_owner(resource, self._run.vm_url, self._run.listed):
            raise StepFailed(
                f"Expected the details of the VM at {self._run.vm_url}, but the site shows there those of another one: "
                f"occi.core.id is that of {other}. Ask the site's admin why."
            )
        self._run.remark_once("capitals", capitals_remark(as_worded(resource)))
        return resource

    def _remark_on_deviations(self) -> None:
        """Remarks once on each departure from the OCCI documents that was read all the same."""
        for (name, section), deviation in self._run.client.deviations.items():
            words = f"The site departs from {section}, and was understood all the same: {deviation.detail}"
            self._run.remark_once(f"{name} {section}", words)

    def _remark_on(self, resource: Resource) -> None:
        self._remark_on_deviations()
        if resource.kind is None:
            self._run.remark("The VM is rendered without its kind (GFD.185 §3.4.4).")
        if self._in_mib(resource):
            memory = float(str(resource.attributes["occi.compute.memory"]))
            words = (
                f"The site gives occi.compute.memory as {memory:g}, which are MiB: OCCI counts GiB (GFD.184 §3.1), so it would "
                f"be {memory / 1024:g}."
            )
            self._run.remark_once("MiB", words)
        if not state_of(resource):
            self._run.remark("The VM is rendered without occi.compute.state (GFD.184 §3.1: must be exposed).")

    def _in_mib(self, resource: Resource) -> bool:
        return memory_is_in_mib(self._run.client.known_server, resource)

    def _known_word(self, wanted: str, seen: str) -> str:
        """Returns what is known of a site that shows another state than is wanted, with a blank before it, or ''."""
        if (wanted, seen) == ("active", "inactive"):
            return ""  # what may have gone wrong on the way is for the steps that watch the VM start
        words = about_state(self._run.client.known_server, wanted, seen)
        return f" {words}" if words else ""

    @keyword("Get VM State", tags=["query"])
    def get_vm_state(
        self, operator: AssertionOperator | None = None, expected: Any = None, message: str | None = None
    ) -> str:
        """Gets the VM's OCCI state from the site now, and asserts it when an operator is given (GFD.184 §3.1).

        Args:
            operator: an assertion operator such as `==`, `!=`, `in`; without one nothing is asserted.
            expected: what the state is compared with: active, inactive, suspended (OCCI 1.2 also error).
            message: text of the failure; `{value}` and `{expected}` stand for the two states.

        Returns:
            The state as the site words it, 'Active' read as active; an empty string when it gives none.

        Example:
        | Get VM State    ==    inactive
        | ${state} =    Get VM State
        """
        state = state_of(self._fresh())
        about = f"At {_clock()} the state of {self._run.vm_url}"
        try:
            return str(verify_assertion(state, operator, expected, about, message))
        except AssertionError as problem:
            raise StepFailed(f"{problem}{self._known_word(str(expected), state)}") from None

    @keyword("Skip Unless VM Is In State", tags=["query"])
    def skip_unless_vm_is_in_state(self, state: ComputeState, hint: str = "") -> None:
        """Skips the test unless the VM is in a state, which is the prerequisite of what follows (wiki 4.1, 5.1, 6.1).

        It also skips when the state cannot be found out because of the site: a prerequisite never fails. What lies on
        the tester's side (credentials, network) ends the run as everywhere.

        Args:
            state: active, inactive, suspended or error.
            hint: a few words for the message that say how the VM gets into that state.

        Raises:
            SkipExecution: says which state the site gives instead, or why it gives none.

        Example:
        | Skip Unless VM Is In State    active    hint=test case 3 starts it
        """
        wanted = state.value
        how = f" ({hint})" if hint else ""
        must = f"The VM must be in state '{wanted}'{how}"
        try:
            seen = state_of(self._fresh())
        except StepFailed as problem:
            raise SkipExecution(f"{must}, but its state cannot be found out. {problem}") from None
        if not seen:
            raise SkipExecution(f"{must}, but the site gives no state (GFD.184 §3.1: it must be exposed).")
        if seen != wanted:
            raise SkipExecution(f"{must}, but the site says '{seen[:80]}'.{self._known_word(wanted, seen)}")

    @keyword("Get VM Attribute", tags=["query"])
    def get_vm_attribute(
        self,
        name: str,
        operator: AssertionOperator | None = None,
        expected: Any = None,
        message: str | None = None,
    ) -> Any:
        """Gets one attribute of the VM from the site now, and asserts it when an operator is given (GFD.184 §3.1).

        Args:
            name: the attribute, for instance `occi.compute.memory` (GiB) or `occi.compute.speed` (GHz).
            operator: an assertion operator such as `==`, `>`, `contains`; without one nothing is asserted.
            expected: what the value is compared with.
            message: text of the failure; `{value}` and `{expected}` stand for the two values.

        Returns:
            The value, numbers as numbers; None when the site does not give the attribute.

        Example:
        | Get VM Attribute    occi.compute.cores    >=    ${1}
        """
        value = self._fresh().attributes.get(name)
        return verify_assertion(value, operator, expected, f"{name} of {self._run.vm_url}", message)

    @keyword("Get VM Actions", tags=["query"])
    def get_vm_actions(
        self, operator: AssertionOperator | None = None, expected: Any = None, message: str | None = None
    ) -> list[str]:
        """Gets the names of the actions that the site offers on the VM now (GFD.185 §3.5.3).

        Args:
            operator: an assertion operator such as `contains`; without one nothing is asserted.
            expected: what the list is compared with.
            message: text of the failure; `{value}` and `{expected}` stand for list and expectation.

        Returns:
            The actions' terms in alphabetical order, for instance `['restart', 'stop', 'suspend']`.

        Example:
        | Get VM Actions    contains    start
        """
        terms = sorted({action.term for action in self._fresh().actions})
        return list(
            verify_assertion(terms, operator, expected, f"The actions offered on {self._run.vm_url}", message)
        )

    @keyword("Change VM Attribute", tags=["change"])
    def change_vm_attribute(self, name: str, value: Any = None) -> Any:
        """Changes an attribute of the VM to a value different from the one read (wiki 2.2 to 2.5; GFD.185 §3.4.4).

        The site is asked for a partial update, and for a full one where it has no partial update (405, 501), unless its
        server is known to make something else of that. What a full update had to do without is a remark.
        Whether the change took place is judged by `VM Attributes Should Have Changed`. At the end of the run the old
        value is put back.

        Args:
            name: the attribute, for instance `occi.compute.cores`.
            value: the new value; without one a sensible different value is chosen (one core less or two, half or
                double the memory in the site's unit, half a GHz less or more, a hostname with or without `-changed`).

        Returns:
            The value that was asked for.

        Raises:
            StepFailed: when the site refuses the change, with its status and words.

        Example:
        | Change VM Attribute    occi.compute.memory
        | Change VM Attribute    occi.compute.hostname    vm2.example.org
        """
        run = self._run
        now = self._fresh()
        run.case.before = run.case.before or now
        moved = self._state_change(now)
        if moved and run.case.asked and is_known(state_of(now)):
            raise StepFailed(f"Expected that {name} can be changed, but at {_clock()} {moved}.")
        with judged(run, f"that {name} can be changed"):
            old = run.case.before.attributes.get(name)
            new = other_value(name, old, self._in_mib(now)) if value is None else as_typed(value, old)
            run.case.asked[name] = new
            run.adding(name, now)
            try:
                done = updated(run.client, now, {name: new})
            except RequestRefused as refusal:
                known = run.client.known_server
                why = f" ({known.updates})" if known and known.updates else ""
                raise StepFailed(_refused_change(name, old, new, refusal, state_of(now), why)) from None
        how = (
            "partial update (POST)"
            if done.method == "POST"
            else "full update (PUT), for the site has no partial one"
        )
        before = "which the VM had not" if old is None else f"instead of {old!r}"
        logger.info(
            f"Asked for {name}={new!r}, {before}, by {how} as {done.form}: {done.status} in {done.seconds:.3f} s."
        )
        if done.left_out:
            run.remark(
                f"The site refuses a full update that holds {', '.join(done.left_out)}, though its discovery does not say that "
                "clients cannot set it (GFD.185 §3.5.1); without it the update was taken."
            )
        return new

    @keyword("VM Attributes Should Have Changed", tags=["change"])
    def vm_attributes_should_have_changed(self) -> None:
        """Fails if at least one attribute that was asked to change did not (wiki 2.6.1).

        Compares the VM as it was read before the first change with the VM as it is now, for every attribute given to
        `Change VM Attribute` in this suite. It also fails if another `occi.` attribute changed that nobody asked for, or
        if the VM's state did. A changed value that is not the one asked for is a remark. A site that stores late is
        given five seconds (or `${TRANSITION_TIMEOUT}` where that is less), and a remark.

        Raises:
            StepFailed: names each attribute that did not change, with the value seen and the value asked for, and
            each other attribute that did.

        Example:
        | Query The VM
        | Change VM Attribute    occi.compute.cores
        | VM Attributes Should Have Changed
        """
        run = self._run
        before = run.case.before
        if before is None or not run.case.asked:
            raise StepFailed("No attribute was asked to change in this suite, so nothing can be compared.")
        after, result, harm, how_long = self._compared(before)
        logger.info(changes_table(before, after, run.case.asked, result, self._in_mib(before)), html=True)
        for remark in result.remarks:
            run.remark(remark)
        if harm:
            each, it = ("the change", "it has") if len(run.case.asked) == 1 else ("each change", "they have")
            raise StepFailed(
                f"Expected that {', '.join(run.case.asked)} changed and nothing else did, but at {_clock()}, {how_long}: "
                f"{harm}. The site had accepted {each}: ask its admin whether {it} the effect that was asked for."
            )

    def _compared(self, before: Resource) -> tuple[Resource, Comparison, str, str]:
        """Compares the VM with what it was, again for a few seconds while something is wrong: sites may store late."""
        try:
            return self._compared_patiently(before)
        finally:
            self._run.waiting = False

    def _compared_patiently(self, before: Resource) -> tuple[Resource, Comparison, str, str]:
        run = self._run
        began = time.monotonic()
        patience = min(_STORED_LATE, run.site_settings().transition_timeout)
        was_wrong, queries = False, 0
        while True:
            after = self._fresh()
            queries += 1
            waited = time.monotonic() - began
            result = compare(_but_state(before), _but_state(after), run.case.asked)
            harm = " -- ".join(part for part in (self._state_change(after), result.harm) if part)
            if was_wrong and not harm:
                run.remark(
                    f"The site stored the change late: it was not seen at once, but after {waited:.1f} s."
                )
            if waited >= patience or not (harm or _is_busy(before, after)):
                how_long = "in one query" if queries == 1 else f"after {queries} queries in {waited:.1f} s"
                if queries > 1:
                    logger.info(
                        f"The VM was queried {queries} times in {waited:.1f} s; the first answer is above."
                    )
                return after, result, harm, how_long
            was_wrong = bool(harm)
            run.waiting = True
            pause(_BETWEEN_LOOKS)

    def _state_change(self, now: Resource) -> str:
        """Says that the VM's state is not what it was before the first change, though no action was invoked; else ''."""
        case = self._run.case
        if case.before is None or case.action or state_of(now) == state_of(case.before):
            return ""
        return (
            f"the VM's state changed from '{state_of(case.before)}' to '{state_of(now)[:80]}' with the update of "
            f"its attributes, though no action was invoked"
        )


def updated(client: OcciClient, now: Resource, changes: dict[str, AttributeValue]) -> Performed:
    """Updates the VM; once more when the answer was lost, for asking for the same value twice does no harm."""
    try:
        return client.update(now, changes)
    except SiteUnreachable as problem:
        if not is_transient(problem):
            raise
    return client.update(now, changes)


def as_typed(value: Any, old: AttributeValue | None) -> AttributeValue:
    """Returns what a tester typed as the type that the attribute has: robot data is text."""
    if isinstance(value, str) and isinstance(old, (int, float)) and not isinstance(old, bool):
        try:
            return type(old)(value)
        except ValueError:
            return value
    result: AttributeValue = value
    return result


def _but_state(resource: Resource) -> dict[str, AttributeValue]:
    return {name: value for name, value in resource.attributes.items() if name != STATE}


def _is_busy(before: Resource, after: Resource) -> bool:
    """Tells whether the VM offers none of the actions that it offered: something goes on, such as a start."""
    return bool(before.actions) and not after.actions


def _terminated(changed: str, refusal: RequestRefused) -> str:
    return (
        f"Expected the VM to be there after the update of {changed}, but it is gone: {_bare(refusal)}. "
        "Ask the site's admin why an update terminates the VM."
    )


def _bare(problem: Exception) -> str:
    return str(problem).rstrip(".")


def _refused_change(
    name: str, old: object, new: object, refusal: RequestRefused, state: str, known: str
) -> str:
    if old is None:
        what, seen = f"set to {new!r}", f"the site, which shows no {name}{absent_by_document(name)}, refused"
    else:
        what, seen = f"changed from {old!r} to {new!r}", "the site refused"
    return (
        f"Expected that {name} can be {what} while the VM is '{state}', but {seen}: "
        f"{in_words(refusal)}{known}. Ask the site's admin whether this attribute can be changed through OCCI."
    )


def _clock() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")
