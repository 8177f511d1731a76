"""Keywords that act on the VM and watch what becomes of it (wiki, test cases 3 to 6)."""

from __future__ import annotations

import time
from enum import Enum
from typing import Protocol

from robot.api import logger
from robot.api.deco import keyword

from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.progress import Progress
from OcciLibrary.keywords.site_run import CannotTell, SiteRun, StepFailed
from OcciLibrary.keywords.watching import now_seen, watch_vm
from OcciLibrary.occi.client import Performed
from OcciLibrary.occi.request_errors import AnswerUnusable, RequestRefused, SiteUnreachable
from OcciLibrary.watch import Outcome, Timeline, Verdict, verdicts


class Judge(Protocol):
    """Judges a timeline: time of the action, time now, seconds allowed."""

    def __call__(self, timeline: Timeline, since: float, now: float, timeout: float, /) -> Verdict: ...


class ComputeAction(Enum):
    """Actions of a compute resource (GFD.184 §3.1)."""

    start = "start"
    stop = "stop"
    restart = "restart"
    suspend = "suspend"


class ActionMethod(Enum):
    """How an action is done (GFD.184 §3.1): stop takes graceful, acpioff, poweroff; restart takes graceful, warm,
    cold; suspend takes hibernate, suspend; start takes none."""

    graceful = "graceful"
    acpioff = "acpioff"
    poweroff = "poweroff"
    warm = "warm"
    cold = "cold"
    hibernate = "hibernate"
    suspend = "suspend"


class ComputeState(Enum):
    """States of a compute resource (GFD.184 §3.1, GFD.224 §3.1)."""

    active = "active"
    inactive = "inactive"
    suspended = "suspended"
    error = "error"


class ActionKeywords:
    """Invokes actions and judges transitions."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    @keyword("Invoke Action", tags=["action"])
    def invoke_action(self, action: ComputeAction, method: ActionMethod | None = None) -> None:
        """Invokes an action on the VM, having first started the watch (wiki 3.2, 4.2, 5.2, 5.5, 6.4; GFD.185 §3.4.4).

        What becomes of it is judged by `VM Should Start Up`, `VM Should Restart`, `VM Should Become` or
        `VM Should Stop`. When the connection breaks while the site is answering, nobody knows whether it took the
        action: the step passes with a remark, and the watch shows the truth.

        Args:
            action: start, stop, restart or suspend.
            method: how: graceful, acpioff or poweroff for stop; graceful, warm or cold for restart; hibernate or suspend
                for suspend; start has none.

        Raises:
            StepFailed: when the site refuses the action, with its status and words.

        Example:
        | Invoke Action    restart    method=warm
        | VM Should Restart
        """
        run = self._run
        with judged(run, f"that the action {action.value} can be invoked"):
            url = run.vm_url
            run.end_watch()
            watch = watch_vm(run.client, url, run.site_settings()).start()
            run.case.watch = watch
            run.case.action = action.value
            run.pending(action.value, time.time())
            run.case.acted_at = watch.mark(f"{action.value} sent")
            self._send(url, action.value, method.value if method else "")

    def _send(self, url: str, term: str, method: str) -> None:
        run = self._run
        attributes = {"method": method} if method else {}
        with_method = f" with method={method}" if method else ""
        try:
            done = run.client.act(url, term, run.site_settings().transition_timeout, **attributes)
        except RequestRefused as refusal:
            self._refused(term + with_method, refusal)
        except SiteUnreachable as problem:
            if "refused" in str(problem):
                raise
            self._mark(f"no answer to {term}")
            run.remark(
                f"The answer to {term} was lost ({problem}); whether the site took it is judged by what the VM does."
            )
        except AnswerUnusable as problem:
            self._mark(f"unusable answer to {term}")
            run.remark(f"The answer to {term} cannot be used ({problem}).")
        else:
            self._accepted(term + with_method, done)

    def _accepted(self, what: str, done: Performed) -> None:
        self._mark(f"answered {done.status}")
        logger.info(f"The site accepted {what}: {done.status} after {done.seconds:.3f} s.")

    def _refused(self, what: str, refusal: RequestRefused) -> None:
        run = self._run
        run.end_watch()
        run.pending("")
        run.pictures.append((self._timeline(), "The site refused the action."))
        hint = "whether this site offers the action at all" if refusal.status == 501 else "why"
        raise StepFailed(
            f"Expected that the VM takes the action {what}, but the site refused: {refusal}. Ask the site's admin {hint}."
        )

    def _mark(self, text: str) -> None:
        if self._run.case.watch is not None:
            self._run.case.watch.mark(text)

    @keyword("VM Should Start Up", tags=["monitor"])
    def vm_should_start_up(self) -> None:
        """Monitors the VM after the action start; fails if it does not arrive at state active (wiki 3.3.1, 5.6.1).

        The VM is up when the site says active *and* the machine answers (echo or ping), both for a while. It waits at
        most `${TRANSITION_TIMEOUT}`.

        Raises:
            StepFailed: says what was expected and seen, since when, in how many queries, and what the probes said.

        Example:
        | Invoke Action    start
        | VM Should Start Up
        """
        self._monitor(verdicts.came_up, "that the VM starts up")

    @keyword("VM Should Restart", tags=["monitor"])
    def vm_should_restart(self) -> None:
        """Monitors the VM after the action restart; fails if it does not start up again (wiki 4.3.1).

        It waits until the site has shown the restart and the VM is up again, at most `${TRANSITION_TIMEOUT}`. Whether the
        states came in the right order is judged by `VM Should Have Gone Through`.

        Raises:
            StepFailed: says what was expected and seen, since when, in how many queries, and what the probes said.

        Example:
        | Invoke Action    restart    method=warm
        | VM Should Restart
        """
        self._monitor(verdicts.restarted, "that the VM starts up again")

    @keyword("VM Should Become", tags=["monitor"])
    def vm_should_become(self, state: ComputeState) -> None:
        """Monitors the VM by querying the site; fails if it does not transition into a state (wiki 5.3.1).

        The state must hold for a while, and be reached within `${TRANSITION_TIMEOUT}`.

        Args:
            state: active, inactive, suspended or error.

        Raises:
            StepFailed: says what was seen instead, since when, and in how many queries.

        Example:
        | Invoke Action    suspend    method=hibernate
        | VM Should Become    suspended
        """
        wanted = state.value
        self._monitor(
            lambda timeline, since, now, timeout: verdicts.reached(wanted, timeline, since, now, timeout),
            f"that the VM becomes {wanted}",
        )

    @keyword("VM Should Stop", tags=["monitor"])
    def vm_should_stop(self) -> None:
        """Monitors the VM after the action stop; fails if it does not assume the state inactive (wiki 6.5.1).

        The VM is stopped when the site says inactive *and* the machine no longer answers, both for a while, within
        `${TRANSITION_TIMEOUT}`.

        Raises:
            StepFailed: says what was expected and seen, since when, in how many queries, and what the probes said.

        Example:
        | Invoke Action    stop    method=graceful
        | VM Should Stop
        """
        self._monitor(verdicts.went_down, "that the VM stops")

    @keyword("VM Should Have Gone Through", tags=["monitor"])
    def vm_should_have_gone_through(self, *states: ComputeState) -> None:
        """Fails unless the VM's state went through these states in this order since the last action (wiki 4.4).

        Args:
            states: the states in order, beginning with the one just before the action.

        Raises:
            StepFailed: names the order seen with its times, the number of queries, the largest gap between two of
            them, and what echo and ping showed meanwhile.

        Example:
        | Invoke Action    restart    method=warm
        | VM Should Restart
        | VM Should Have Gone Through    active    inactive    active
        """
        run = self._run
        run.end_watch()
        timeline = self._timeline()
        verdict = verdicts.went_through(timeline, run.case.acted_at, [state.value for state in states])
        run.pictures.append((timeline, verdict.message))
        self._conclude(verdict, "that order of states")

    def _monitor(self, judge: Judge, expected: str) -> None:
        run = self._run
        watch, since = run.case.watch, run.case.acted_at
        if watch is None:
            raise StepFailed("Nothing is being watched: this step follows 'Invoke Action' in the same suite.")
        timeout = run.site_settings().transition_timeout
        progress, reporter = Progress(timeout), _ChangeReporter(since)

        def show(timeline: Timeline) -> None:
            reporter.report(timeline)
            progress.show(max(0.0, timeline.ended - since), now_seen(timeline))

        words = "The wait was interrupted."
        try:
            left = since + timeout + 2.0 - watch.now()
            verdict = watch.wait(lambda t: judge(t, since, t.ended, timeout), max(left, 2.0), show)
            words = verdict.message
        finally:
            progress.end()
            run.pictures.append((watch.timeline(), words))
        run.end_watch()
        run.case.now = None
        self._conclude(verdict, expected)

    def _conclude(self, verdict: Verdict, expected: str) -> None:
        run = self._run
        for remark in verdict.remarks:
            run.remark(remark)
        if verdict.outcome is Outcome.UNKNOWN:
            with judged(run, expected):
                raise CannotTell(f"{verdict.message} Check your network and the site; nothing more was run.")
        run.pending("")
        if verdict.outcome is not Outcome.PASS:
            raise StepFailed(verdict.message)
        logger.info(verdict.message)

    def _timeline(self) -> Timeline:
        timeline = self._run.case.timeline
        if timeline is None:
            raise StepFailed("Nothing was watched: this step follows 'Invoke Action' in the same suite.")
        return timeline


class _ChangeReporter:
    """Logs one row per change that a watch sees, whatever the number of samples."""

    def __init__(self, since: float) -> None:
        self._since = since
        self._reported: dict[str, int] = {}

    def report(self, timeline: Timeline) -> None:
        for lane in timeline.lanes:
            seen = self._reported.get(lane.name, 0)
            for span in lane.spans[seen:]:
                logger.info(
                    f"{span.first - self._since:+.3f} s: {lane.name} {span.value} {span.detail}".rstrip()
                )
            self._reported[lane.name] = len(lane.spans)
