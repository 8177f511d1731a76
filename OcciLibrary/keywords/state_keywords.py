"""The keyword that brings the VM into the state in which a test begins, for the suites beyond the agreed test cases."""

from __future__ import annotations

from datetime import timedelta

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.action_keywords import ActionKeywords, ActionMethod, ComputeAction
from OcciLibrary.keywords.compute_keywords import ComputeKeywords
from OcciLibrary.keywords.left_as_found import FIRST_ACTION
from OcciLibrary.keywords.site_run import NotOffered, SiteRun, StepFailed
from OcciLibrary.keywords.state_words import ComputeState
from OcciLibrary.occi.transport import pause

_ACTIONS_AT_MOST = 2  # from suspended to inactive it takes a start and a stop
_METHODS = {"stop": ActionMethod.graceful, "suspend": ActionMethod.hibernate}


class StateKeywords:
    """Brings the VM into a state by the ordinary actions."""

    def __init__(self, run: SiteRun, compute: ComputeKeywords, actions: ActionKeywords) -> None:
        self._run = run
        self._compute = compute
        self._actions = actions
        self._in_vain: dict[str, str] = {}

    @keyword("Have The VM In State", tags=["action"])
    def have_the_vm_in_state(self, state: ComputeState) -> None:
        """Brings the VM into a state by start, stop (graceful) and suspend (hibernate); skips the test where that fails.

        What becomes of an action is for the agreed test cases to judge, so a VM that does not get there skips the test
        with the reason. It waits as they do: the VM is active when its machine answers too, inactive when that is silent
        too. An action that led nowhere is not waited for a second time in a run.

        Args:
            state: active, inactive or suspended.

        Raises:
            SkipExecution: says which action did not lead to the state, and what was seen instead.

        Example:
        | Have The VM In State    active
        """
        wanted = state.value
        for _ in range(_ACTIONS_AT_MOST + 1):
            seen = self._state_now(wanted)
            if seen == wanted:
                return
            action = FIRST_ACTION.get((seen, wanted))
            if action is None:
                raise SkipExecution(
                    f"Not run: the VM must be in state '{wanted}', but the site says '{seen[:80]}', from which no action "
                    "leads there."
                )
            self._act(action, seen, wanted)
        raise SkipExecution(
            f"Not run: no action brings the VM into state '{wanted}': it does not stay there."
        )

    def _state_now(self, wanted: str) -> str:
        try:
            return str(self._compute.get_vm_state())
        except StepFailed as problem:
            raise SkipExecution(
                f"Not run: the VM must be in state '{wanted}', but its state cannot be found out. {problem}"
            ) from None

    @keyword("Have The VM Restarted", tags=["action"])
    def have_the_vm_restarted(self, method: ActionMethod = ActionMethod.warm) -> None:
        """Restarts the active VM and waits until it is up again; skips the test where the site does not do it.

        Whether the API showed the restart is for the agreed test cases to judge; what follows looks into the machine.

        Args:
            method: graceful, warm or cold (GFD.184 §3.1).

        Raises:
            SkipExecution: says how the site refused, or what it shows instead.

        Example:
        | Have The VM Restarted    cold
        """
        self._do(ComputeAction.restart, method)

    @keyword("Have The VM Suspended", tags=["action"])
    def have_the_vm_suspended(
        self, method: ActionMethod = ActionMethod.hibernate, at_least: timedelta = timedelta()
    ) -> None:
        """Suspends the active VM and waits until it is suspended; skips the test where the site does not do it.

        Args:
            method: hibernate or suspend (GFD.184 §3.1).
            at_least: how long it is left suspended before the next step.

        Raises:
            SkipExecution: says how the site refused, or what it shows instead.

        Example:
        | Have The VM Suspended    hibernate    at_least=5 s
        | Have The VM In State    active
        """
        self._do(ComputeAction.suspend, method)
        pause(at_least.total_seconds())

    def _do(self, action: ComputeAction, method: ActionMethod) -> None:
        what = f"{action.value} with method={method.value}"
        if what in self._in_vain:
            raise SkipExecution(f"Not run: {what} was tried before in this run. {self._in_vain[what]}")
        try:
            self._actions.invoke_action(action, method)
        except StepFailed as problem:
            why = "Not offered" if isinstance(problem, NotOffered) else "Not run"
            raise SkipExecution(f"{why}: {problem}") from None
        try:
            self._monitor(action)
        except StepFailed as problem:
            self._in_vain[what] = str(problem)
            raise SkipExecution(
                f"Not run: {what} did not go well, which the agreed test cases judge. {problem}"
            ) from None
        self._begin_anew()

    def _act(self, action: str, seen: str, wanted: str) -> None:
        why = f"Not run: the VM must be in state '{wanted}', and {action} did not lead there from '{seen}'."
        if action in self._in_vain:
            raise SkipExecution(f"{why} (It was tried before in this run.) {self._in_vain[action]}")
        logger.info(f"The VM is in state '{seen}'; for '{wanted}' it needs: {action}.")
        try:
            self._actions.invoke_action(ComputeAction(action), _METHODS.get(action))
        except StepFailed as problem:
            raise SkipExecution(f"{why} {problem}") from None
        try:
            self._monitor(ComputeAction(action))
        except StepFailed as problem:
            self._in_vain[action] = str(problem)
            raise SkipExecution(f"{why} {problem}") from None
        self._begin_anew()

    def _monitor(self, action: ComputeAction) -> None:
        if action is ComputeAction.suspend:
            self._actions.vm_should_become(ComputeState.suspended)
        elif action is ComputeAction.stop:
            self._actions.vm_should_stop()
        else:
            self._actions.see_it_up(action)

    def _begin_anew(self) -> None:
        """Forgets the way here: what follows compares the VM with what it is now, unless it was changed before."""
        case = self._run.case
        if not case.asked:
            case.before, case.action = None, ""
