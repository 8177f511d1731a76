"""Keywords that act on the VM and watch what becomes of it (wiki, test cases 3 to 6)."""

from __future__ import annotations

import time
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Protocol

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.guarding import in_words, judged
from OcciLibrary.keywords.guest_signs import RESTART_ORDER, GuestSigns
from OcciLibrary.keywords.level_guard import BeyondLevel
from OcciLibrary.keywords.progress import Progress
from OcciLibrary.keywords.site_run import CannotTell, NotOffered, Picture, SiteRun, StepFailed
from OcciLibrary.keywords.state_words import ComputeState
from OcciLibrary.keywords.watching import now_seen, watch_vm
from OcciLibrary.occi.conversation import Performed
from OcciLibrary.occi.known_servers import about_state
from OcciLibrary.occi.request_errors import AnswerUnusable, NotSent, RequestRefused, SiteUnreachable
from OcciLibrary.watch import Outcome, Timeline, Verdict, verdicts, wording
from OcciLibrary.watch.restart_signs import Signs, signs_table, word_of_the_api_alone

_NOTHING_WATCHED = (
    "Not run: this step judges what an action did, so it needs the step with the action in the same run."
)
_LACKING = (400, 405, 501)  # what a site answers that has no such action, or no such method of it
_CHANGES_LOGGED = 100  # of each lane


class Judge(Protocol):
    """Judges a timeline: time of the action, time now, seconds allowed."""

    def __call__(self, timeline: Timeline, since: float, now: float, timeout: float, /) -> Verdict: ...


class Prover(Protocol):
    """Asks the machine itself and puts the signs side by side; None where nothing can be compared."""

    def __call__(self, timeline: Timeline, since: float, /) -> Signs | None: ...


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


class ActionKeywords:
    """Invokes actions and judges transitions."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run
        self._guest = GuestSigns(run)
        self._only_ssh_answers = False

    @keyword("Invoke Action", tags=["action"])
    def invoke_action(self, action: ComputeAction, method: ActionMethod | None = None) -> None:
        """Invokes an action on the VM, having first started the watch (wiki 3.2, 4.2, 5.2, 5.5, 6.4; GFD.185 §3.4.4).

        What becomes of it is judged by `VM Should Start Up`, `VM Should Restart`, `VM Should Become` or
        `VM Should Stop`. When the connection breaks while the site is answering, nobody knows whether it took the
        action: the step passes with a remark, and the watch shows the truth.

        Where the site file gives an ssh login (`${SSH_HOST}`, `${SSH_USERNAME}` and `${SSH_PASSWORD}` or `${SSH_KEY}`), the
        machine's own account is read before a restart or suspension: its boot id and boot time. A login that
        fails is a remark.

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
            how = method.value if method else ""
            self._guest.begin(action.value, how)  # side by side with the first samples of the watch
            watch = watch_vm(run.client, url, run.site_settings(), self._remark_on_capitals).start()
            run.case.watch = watch
            self._guest.finish()
            run.case.action = action.value
            run.pending(action.value, time.time())
            run.case.acted_at = watch.mark(f"{action.value} sent")
            self._send(url, action.value, how)

    def see_it_up(self, after: ComputeAction) -> None:
        """Monitors the VM as `VM Should Start Up` and `VM Should Restart` do, without asking the machine for its boot id.

        For suites that look into the machine themselves. Where only ssh has answered before, a start is not waited for until the
        time is over a second time: the login that follows shows it. Raises as those do.
        """
        judge: Judge = verdicts.restarted if after is ComputeAction.restart else verdicts.came_up
        if self._only_ssh_answers and after is ComputeAction.start:
            judge = partial(verdicts.reached, "active")
        self._monitor(judge, f"that the VM is up after {after.value}", "active", _without_signs)

    def _send(self, url: str, term: str, method: str) -> None:
        run = self._run
        attributes = {"method": method} if method else {}
        offered = run.case.now.actions if run.case.now is not None else ()
        with_method = f" with method={method}" if method else ""
        try:
            done = run.client.act(url, term, run.site_settings().transition_timeout, offered, **attributes)
        except RequestRefused as refusal:
            self._refused(term + with_method, refusal)
        except BeyondLevel:
            run.end_watch()
            run.pending("")
            raise
        except NotSent:
            raise
        except SiteUnreachable as problem:
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
        run.pictures.append(Picture(self._timeline(), "The site refused the action.", action=run.case.action))
        hint = "whether this site offers the action at all" if refusal.status == 501 else "why"
        offered = [link.term for link in run.case.now.actions] if run.case.now is not None else []
        missing = (
            ""
            if not offered or what.split(maxsplit=1)[0] in offered
            else " (nor is it among the actions that the VM offers)"
        )
        refused = NotOffered if refusal.status in _LACKING else StepFailed
        raise refused(
            f"Expected that the VM takes the action {what}, but the site refused: {in_words(refusal)}{missing}. Ask the site's admin {hint}."
        )

    def _remark_on_capitals(self, words: str) -> None:
        self._run.remark_once("capitals", words)

    def _mark(self, text: str) -> None:
        if self._run.case.watch is not None:
            self._run.case.watch.mark(text)

    @keyword("VM Should Start Up", tags=["monitor"])
    def vm_should_start_up(self) -> None:
        """Monitors the VM after the action start; fails if it does not arrive at state active (wiki 3.3.1, 5.6.1).

        The VM is up when the site says active *and* the machine answers (echo or ping), both for a while. It waits at
        most `${TRANSITION_TIMEOUT}`.

        After a suspension, and where the site file gives an ssh login, the machine's boot id is compared with the one
        before: a fresh boot fails, because then the machine lost its memory and was not resumed (GFD.184 §3.1). A machine
        that answers over ssh but neither to echo nor to ping passes when the time is over, with a remark.

        Raises:
            StepFailed: says what was expected and seen, since when, in how many queries, and what the probes said; or
            that the machine was booted afresh.

        Example:
        | Invoke Action    start
        | VM Should Start Up
        """
        self._monitor(
            verdicts.came_up, "that the VM starts up", "active", lambda *_: self._guest.after_resume()
        )

    @keyword("VM Should Restart", tags=["monitor"])
    def vm_should_restart(self) -> None:
        """Monitors the VM after the action restart; fails if it does not start up again (wiki 4.3.1).

        It waits until the site has shown the restart and the VM is up again, at most `${TRANSITION_TIMEOUT}`. Whether the
        states came in the right order is judged by `VM Should Have Gone Through`.

        Where the site file gives an ssh login, the three signs of a restart stand beside the timeline: the API's states,
        the gap of echo or ping, and the machine's boot id. When the API shows a restart and the machine proves that there
        was none, that fails.

        Raises:
            StepFailed: says what was expected and seen, since when, in how many queries, and what the probes said; or
            that the API reports a restart that the machine did not make.

        Example:
        | Invoke Action    restart    method=warm
        | VM Should Restart
        """
        self._monitor(verdicts.restarted, "that the VM starts up again", "active", self._guest.after_restart)

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
            wanted,
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
        self._monitor(verdicts.went_down, "that the VM stops", "inactive")

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
        signs = None
        if tuple(state.value for state in states) == RESTART_ORDER:
            signs = self._guest.signs_of(verdict, timeline, run.case.acted_at)
            verdict = _with_doubt(verdict, signs, timeline, run.case.acted_at)
        if signs is not None and verdict.outcome is Outcome.FAIL:
            verdict = replace(verdict, message=f"{verdict.message} {signs.own_account}".rstrip())
        run.pictures.append(Picture(timeline, verdict.message, _beside(signs), run.case.action))
        known = run.client.known_server
        self._conclude(
            verdict, "that order of states", f" {known.restart}" if known and known.restart else ""
        )

    def _monitor(self, judge: Judge, expected: str, wanted: str, ask_machine: Prover | None = None) -> None:
        run = self._run
        watch, since = run.case.watch, run.case.acted_at
        if watch is None:
            raise SkipExecution(_NOTHING_WATCHED)
        timeout = run.site_settings().transition_timeout
        progress, reporter = Progress(timeout), _ChangeReporter(since)

        def show(timeline: Timeline) -> None:
            reporter.report(timeline)
            progress.show(max(0.0, timeline.ended - since), now_seen(timeline))

        verdict, signs = Verdict(Outcome.PENDING, "The wait was interrupted."), None
        try:
            left = since + timeout + 2.0 - watch.now()
            verdict = watch.wait(lambda t: judge(t, since, t.ended, timeout), max(left, 2.0), show)
            if ask_machine is not None and verdict.outcome is Outcome.FAIL:
                verdict = self._by_own_account(verdict, watch.timeline(), since, timeout)
            if ask_machine is not None and verdict.outcome is Outcome.PASS:
                signs = ask_machine(watch.timeline(), since)
                verdict = _with_signs(verdict, signs)
        finally:
            progress.end()
            run.pictures.append(Picture(watch.timeline(), verdict.message, _beside(signs), run.case.action))
        run.end_watch()
        run.case.now = None
        self._conclude(verdict, expected, self._known_word(wanted))

    def _by_own_account(self, verdict: Verdict, timeline: Timeline, since: float, timeout: float) -> Verdict:
        """Asks the machine itself where only its answer is wanting: without a probe that answers, ssh shows it too."""
        if not verdicts.lacks_only_the_machine(timeline, since, timeout):
            return verdict
        proof, why_not = self._guest.proof_of_being_up(timeline.ended - since)
        if proof:
            self._only_ssh_answers = True
            remarks = (*verdict.remarks, wording.nothing_but_ssh(timeline, since))
            return Verdict(Outcome.PASS, wording.up_by_own_account(timeline, since, proof), remarks)
        return replace(verdict, message=f"{verdict.message} {why_not}".rstrip())

    def _known_word(self, wanted: str) -> str:
        """Returns what is known of a site that ends in another state than is wanted, with a blank before it, or ''."""
        lane = self._run.case.timeline.lane("state") if self._run.case.timeline else None
        words = (
            about_state(self._run.client.known_server, wanted, lane.spans[-1].value)
            if lane and lane.spans
            else ""
        )
        return f" {words}" if words else ""

    def _conclude(self, verdict: Verdict, expected: str, known: str) -> None:
        """Turns a verdict into what the step says; `known` is added to a failure: how this server is known to show things."""
        run = self._run
        for remark in verdict.remarks:
            run.remark(remark)
        if verdict.outcome is Outcome.UNKNOWN:
            with judged(run, expected):
                raise CannotTell(f"{verdict.message} Check your network and the site; nothing more was run.")
        if verdict.outcome is not Outcome.PASS:
            # The transition may still be under way: what puts the VM back waits for its end first.
            raise StepFailed(verdict.message + known + self._address_of_silence())
        run.pending("")
        logger.info(verdict.message)

    def _address_of_silence(self) -> str:
        """Returns where the echo service was looked for when it never answered: it may be the address that is wrong."""
        lane = self._run.case.timeline.lane("echo") if self._run.case.timeline else None
        if lane is None or any(span.value != "silent" for span in lane.spans):
            return ""
        settings = self._run.site_settings()
        return (
            f" The echo service was looked for at {settings.echo_host} port {settings.echo_port}, as the site file says "
            "(${ECHO_HOST}, ${ECHO_PORT})."
        )

    def _timeline(self) -> Timeline:
        timeline = self._run.case.timeline
        if timeline is None:
            raise SkipExecution(_NOTHING_WATCHED)
        return timeline


def _without_signs(timeline: Timeline, since: float) -> None:
    return None


def _with_signs(verdict: Verdict, signs: Signs | None) -> Verdict:
    """Fails a verdict that the machine's own account breaks; else says in the log what the signs say."""
    if signs is None:
        return verdict
    logger.info(signs.conclusion)
    return Verdict(Outcome.FAIL, signs.broken, verdict.remarks) if signs.broken else verdict


def _with_doubt(verdict: Verdict, signs: Signs | None, timeline: Timeline, since: float) -> Verdict:
    """Adds a remark to a restart that only the API's states show while a probe answered all along."""
    own_account = signs is not None and signs.signs[-1].shown is not None
    doubt = (
        "" if own_account or verdict.outcome is not Outcome.PASS else word_of_the_api_alone(timeline, since)
    )
    return replace(verdict, remarks=(*verdict.remarks, doubt)) if doubt else verdict


def _beside(signs: Signs | None) -> str:
    if signs is None:
        return ""
    title = "Three signs of a restart" if len(signs.signs) > 1 else "Was the memory kept?"
    return signs_table(signs, title)


class _ChangeReporter:
    """Logs one row per change that a watch sees, whatever the number of samples."""

    def __init__(self, since: float) -> None:
        self._since = since
        self._reported: dict[str, int] = {}

    def report(self, timeline: Timeline) -> None:
        for lane in timeline.lanes:
            seen = self._reported.get(lane.name, 0)
            for span in lane.spans[seen : max(seen, _CHANGES_LOGGED)]:
                logger.info(
                    f"{span.first - self._since:+.3f} s: {lane.name} {span.value} {span.detail}".rstrip()
                )
            if seen <= _CHANGES_LOGGED < len(lane.spans):
                logger.info(
                    f"{lane.name} changes without end: its changes after the first {_CHANGES_LOGGED} are left out here."
                )
            self._reported[lane.name] = len(lane.spans)
