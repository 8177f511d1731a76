"""Keywords that list, query and change the VM (wiki, test cases 1 and 2)."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any

from assertionengine import AssertionOperator, verify_assertion
from robot.api import logger
from robot.api.deco import keyword

from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.left_as_found import state_of
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.attribute_changes import compare, other_value
from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.occi.request_errors import RequestRefused

_LISTED_SHOWN = 20


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
        if run.client.find(vm_id, listed):
            return
        shown = ", ".join(listed[:5]) or "nothing"
        raise StepFailed(
            f"Expected the VM '{vm_id}' in the listing of {run.client.compute_location()}, but it is not among the "
            f"{len(listed)} listed: {shown}. Check ${{VM_ID}}, or ask the site's admin why this account does not see the VM."
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
        logger.info(_table(resource), html=True)
        return dict(resource.attributes)

    def _fresh(self) -> Resource:
        with judged(self._run, "the details of the VM"):
            return self._run.query()

    def _remark_on(self, resource: Resource) -> None:
        for deviation in self._run.client.deviations.values():
            logger.info(f"The rendering deviates from {deviation.section}: {deviation.detail}")
        if resource.kind is None:
            self._run.remark("The VM is rendered without its kind (GFD.185 §3.4.4).")
        if not state_of(resource):
            self._run.remark("The VM is rendered without occi.compute.state (GFD.184 §3.1: must be exposed).")

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
            The state as the site words it, or an empty string when it gives none.

        Example:
        | Get VM State    ==    inactive
        | ${state} =    Get VM State
        """
        state = state_of(self._fresh())
        return str(
            verify_assertion(
                state, operator, expected, f"At {_clock()} the state of {self._run.vm_url}", message
            )
        )

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

        The site is asked for a partial update, and for a full one where it has no partial update (405, 501).
        Whether the change took place is judged by `VM Attributes Should Have Changed`. At the end of the run the old
        value is put back.

        Args:
            name: the attribute, for instance `occi.compute.cores`.
            value: the new value; without one a sensible different value is chosen (one core less or two, half or
                double the memory in GiB, half a GHz less or more, a hostname with or without `-changed`).

        Returns:
            The value that was asked for.

        Raises:
            StepFailed: when the site refuses the change, with its status and words.

        Example:
        | Change VM Attribute    occi.compute.memory
        | Change VM Attribute    occi.compute.hostname    vm2.example.org
        """
        run = self._run
        with judged(run, f"that {name} can be changed"):
            now = run.query()
            run.case.before = run.case.before or now
            old = run.case.before.attributes.get(name)
            new = other_value(name, old) if value is None else _like(value, old)
            run.case.asked[name] = new
            try:
                done = run.client.update(now, {name: new})
            except RequestRefused as refusal:
                raise StepFailed(_refused_change(name, old, new, refusal, state_of(now))) from None
        how = (
            "partial update (POST)"
            if done.method == "POST"
            else "full update (PUT), for the site has no partial one"
        )
        logger.info(
            f"Asked for {name}={new!r} instead of {old!r} by {how}: {done.status} in {done.seconds:.3f} s."
        )
        return new

    @keyword("VM Attributes Should Have Changed", tags=["change"])
    def vm_attributes_should_have_changed(self) -> None:
        """Fails if at least one attribute that was asked to change did not (wiki 2.6.1).

        Compares the VM as it was read before the first change with the VM as it is now, for every attribute given to
        `Change VM Attribute` in this suite. It also fails if another `occi.` attribute changed that nobody asked for. A
        changed value that is not the one asked for is a remark.

        Raises:
            StepFailed: names each attribute that did not change, with the value seen and the value asked for, and
            each other attribute that did.

        Example:
        | Query The VM
        | Change VM Attribute    occi.compute.cores
        | VM Attributes Should Have Changed
        """
        run = self._run
        after = self._fresh()
        before = run.case.before
        if before is None or not run.case.asked:
            raise StepFailed("No attribute was asked to change in this suite, so nothing can be compared.")
        result = compare(before.attributes, after.attributes, run.case.asked)
        logger.info(_changes_table(before, after, run.case.asked), html=True)
        for remark in result.remarks:
            run.remark(remark)
        if result.harm:
            raise StepFailed(
                f"Expected that {', '.join(run.case.asked)} changed and nothing else, but at {_clock()} the site shows: "
                f"{result.harm}. The site had accepted each change: ask its admin why they have no (or another) effect."
            )


def _like(value: Any, old: AttributeValue | None) -> AttributeValue:
    """Returns what a tester typed as the type that the attribute has: robot data is text."""
    if isinstance(value, str) and isinstance(old, (int, float)) and not isinstance(old, bool):
        try:
            return type(old)(value)
        except ValueError:
            return value
    result: AttributeValue = value
    return result


def _refused_change(name: str, old: object, new: object, refusal: RequestRefused, state: str) -> str:
    return (
        f"Expected that {name} can be changed from {old!r} to {new!r} while the VM is '{state}', but the site refused: "
        f"{refusal}. Ask the site's admin whether this attribute can be changed through OCCI."
    )


def _clock() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")


def _table(resource: Resource) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>"
        for name, value in sorted(resource.attributes.items())
    )
    kind = resource.kind.id if resource.kind else "(none)"
    mixins = ", ".join(mixin.id for mixin in resource.mixins) or "(none)"
    actions = ", ".join(sorted(action.term for action in resource.actions)) or "(none)"
    return (
        f"<table><tr><th>Attribute</th><th>Value</th></tr>{rows}"
        f"<tr><td>kind</td><td>{html.escape(kind)}</td></tr><tr><td>mixins</td><td>{html.escape(mixins)}</td></tr>"
        f"<tr><td>actions offered</td><td>{html.escape(actions)}</td></tr></table>"
    )


def _changes_table(before: Resource, after: Resource, asked: dict[str, AttributeValue]) -> str:
    names = sorted({*before.attributes, *after.attributes})
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in (
            (n, before.attributes.get(n, ""), asked.get(n, ""), after.attributes.get(n, "")) for n in names
        )
    )
    return f"<table><tr><th>Attribute</th><th>Before</th><th>Asked for</th><th>Now</th></tr>{rows}</table>"
