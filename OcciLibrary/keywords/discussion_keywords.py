"""Keywords of the test case under discussion: changing the VM's attributes while it is active, and learning from it."""

from __future__ import annotations

import time
from typing import Any

from robot.api import SkipExecution, logger
from robot.api.deco import keyword
from robot.libraries.BuiltIn import BuiltIn

from OcciLibrary.keywords.action_keywords import ActionKeywords, ActionMethod, ComputeAction
from OcciLibrary.keywords.active_change import ActiveChange, Answer, Sight
from OcciLibrary.keywords.active_change_record import record, seen_table
from OcciLibrary.keywords.active_change_verdict import verdict
from OcciLibrary.keywords.compute_keywords import as_typed, updated
from OcciLibrary.keywords.findings import plain
from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.guest_signs import boot_of, guest_login
from OcciLibrary.keywords.harmless import cut, harmless
from OcciLibrary.keywords.progress import Progress
from OcciLibrary.keywords.site_run import Picture, SiteRun, StepFailed, TestCase
from OcciLibrary.keywords.state_keywords import StateKeywords
from OcciLibrary.keywords.state_words import ComputeState, state_of
from OcciLibrary.keywords.watching import now_seen, watch_vm
from OcciLibrary.occi.attribute_changes import other_value
from OcciLibrary.occi.known_servers import memory_is_in_mib
from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.occi.request_errors import AnswerUnusable, NotSent, RequestRefused, SiteUnreachable
from OcciLibrary.probes.guest import GuestAccount, ask_guest
from OcciLibrary.watch import Outcome, Timeline, Verdict
from OcciLibrary.watch.restart_signs import fresh_boot
from OcciLibrary.watch.staying_active import ACTIVE, Stay, stay

_SETTLING, _SETTLING_EMBEDDED = 5.0, 1.0  # how long a change is looked at; the embedded site is quick
_COMING_BACK = 60.0  # how long a VM that a change took down is given to come back
_ASKING = 5.0
_ASKING_AFTER_START = 10.0
_TEXTS = ("occi.core.title", "occi.core.summary")
_LONGEST_SAID = 200


class DiscussionKeywords:
    """Changes attributes of the active VM, looks what becomes of them, and judges only what the site broke."""

    def __init__(self, run: SiteRun, actions: ActionKeywords, states: StateKeywords) -> None:
        self._run = run
        self._actions = actions
        self._states = states
        self._case: TestCase | None = None
        self._changes: dict[str, ActiveChange] = {}
        self._pictures: dict[str, Picture] = {}
        self._not_asked: dict[str, str] = {}
        self._login_problem = ""

    @keyword("Change Attribute Of The Active VM", tags=["change"])
    def change_attribute_of_the_active_vm(self, name: str, value: Any = None) -> None:
        """Asks the site to change an attribute while the VM is active, and looks what becomes of it (wiki, under discussion).

        It notes what the site answers, what OCCI shows at once and a little later (5 seconds; 1 on the embedded site), what the
        machine itself has at both moments where the site file gives an ssh login, and whether the VM stays active and alive
        meanwhile. It passes whatever the site does: `Site Should Have Done What It Said` judges. When the VM is not active,
        the change is not asked for. The old value is put back at the end of the run.

        Args:
            name: the attribute, for instance `occi.compute.cores`.
            value: the new value; without one a different one is chosen as by `Change VM Attribute`; a title or summary is
                given ``(changed)`` at its end, and is left alone where the VM has none.

        Example:
        | Have The VM In State    active
        | Change Attribute Of The Active VM    occi.compute.cores
        | Site Should Have Done What It Said    occi.compute.cores
        """
        self._begin()
        now = self._found(name)
        if now is None:
            return
        old = now.attributes.get(name)
        if old is None and name in _TEXTS:
            self._not_asked[name] = f"the VM has no {name}, and would not get rid of a new one"
            return
        in_mib = memory_is_in_mib(self._run.client.known_server, now)
        asked = _other(name, old, in_mib) if value is None else as_typed(value, old)
        before = Sight(0.0, dict(now.attributes), self._account(_ASKING))
        change = ActiveChange(name, old, asked, before, in_mib, asked_so_far=tuple(self._changes))
        self._changes[name] = change
        self._run.case.asked[name] = asked
        self._run.adding(name, now)
        self._watched_change(change, now)
        logger.info(seen_table(change), html=True)

    def _begin(self) -> None:
        if self._case is not self._run.case:
            self._case = self._run.case
            self._changes, self._pictures, self._not_asked = {}, {}, {}

    def _found(self, name: str) -> Resource | None:
        """Returns the VM as it is now, None (and a note why) where the change cannot be asked for."""
        try:
            with judged(self._run, "the details of the VM"):
                now = self._run.query()
        except StepFailed as problem:
            self._not_asked[name] = f"the VM cannot be queried. {problem}"
            return None
        state = state_of(now)
        if state == ACTIVE:
            return now
        harmful = [change.name for change in self._changes.values() if change.harm]
        since = f" since the change of {harmful[-1]}" if harmful else ""
        self._not_asked[name] = f"the VM is not active{since}, but '{state[:80]}'"
        return None

    def _watched_change(self, change: ActiveChange, now: Resource) -> None:
        run = self._run
        watch = watch_vm(run.client, run.vm_url, run.site_settings(), self._remark_on_capitals).start()
        run.case.watch = watch
        began = time.monotonic()
        since = watch.mark(f"{change.name} asked for")
        with judged(run, f"that {change.name} can be asked for"):
            self._ask(change, now)
        watch.mark(change.answer.value)
        change.at_once = self._sight(began)
        self._let_settle(since)
        change.later = self._sight(began)
        run.end_watch()
        assert run.case.timeline is not None
        self._pictures[change.name] = Picture(
            run.case.timeline, f"The change of {change.name}: {change.answer_words}."
        )
        self._note_harm(change, stay(run.case.timeline, since))

    def _remark_on_capitals(self, words: str) -> None:
        self._run.remark_once("capitals", words)

    def _ask(self, change: ActiveChange, now: Resource) -> None:
        try:
            done = updated(self._run.client, now, {change.name: change.asked})
        except RequestRefused as refusal:
            change.answer = Answer.REFUSED
            said = cut(harmless(refusal.said), _LONGEST_SAID) or "(it gave no reason)"
            change.answer_words = f"refused: {refusal.status} {said}".rstrip(".!")
        except NotSent:
            raise
        except (SiteUnreachable, AnswerUnusable) as problem:
            change.answer_words = f"not known: {str(problem).rstrip('.')}"
        else:
            change.answer = Answer.ACCEPTED
            how = "" if done.method == "POST" else ", by a full update"
            change.answer_words = f"accepted: {done.status}{how}"

    def _let_settle(self, since: float) -> None:
        """Waits until the VM has been looked at for a while and is up; one that went down is given time to come back."""
        watch = self._run.case.watch
        assert watch is not None
        settling = _SETTLING_EMBEDDED if self._run.is_embedded else _SETTLING
        allowed = settling + min(_COMING_BACK, self._run.site_settings().transition_timeout)
        progress = Progress(allowed)

        def judge(timeline: Timeline) -> Verdict:
            enough = timeline.ended >= since + settling and stay(timeline, since).is_up
            return Verdict(Outcome.PASS if enough else Outcome.PENDING, "")

        def show(timeline: Timeline) -> None:
            if not stay(timeline, since).is_up:
                progress.show(max(0.0, timeline.ended - since), now_seen(timeline))

        try:
            watch.wait(judge, allowed, show)
        finally:
            progress.end()

    def _sight(self, began: float, asking: float = _ASKING) -> Sight:
        seconds = time.monotonic() - began
        try:
            with judged(self._run, "the details of the VM"):
                shown = dict(self._run.query().attributes)
        except StepFailed as problem:
            logger.info(f"The VM could not be queried: {problem}")
            return Sight(seconds, None, self._account(asking))
        return Sight(seconds, shown, self._account(asking))

    def _account(self, seconds: float) -> GuestAccount | None:
        """Asks the machine itself; None without a login. A login that is refused for good is not tried again."""
        login = guest_login(self._run.site_settings())
        if login is None:
            return None
        if problem := self._login_problem or self._run.login_problem:
            return GuestAccount(problem=problem, final=True)
        account = ask_guest(login, min(seconds, self._run.site_settings().transition_timeout))
        if account.problem and account.final:
            self._login_problem = (
                account.problem
            )  # where a test needs the login, that is where it is to be told
        return account

    def _note_harm(self, change: ActiveChange, seen: Stay) -> None:
        before, after = change.before.account, change.later.account if change.later else None
        answers = after is not None and not after.problem
        booted = fresh_boot(boot_of(before), boot_of(after)) if before and after and answers else None
        parts = [seen.left] if seen.left else []
        parts += (
            ["its machine was booted afresh, by its own account (boot id or boot time)"] if booted else []
        )
        parts += (
            [f"{seen.silent}, though OCCI says active"]
            if seen.silent and not seen.left and not answers
            else []
        )
        change.harm = ", and ".join(parts)
        doubts = [f"While {change.name} was changed, {words}" for words in _doubts(seen, booted, answers)]
        doubts += [
            f"The site showed the state '{word}', which OCCI does not know, while {change.name} was changed."
            for word in seen.words[:3]
        ]
        change.doubts = () if change.harm else tuple(doubts)
        proofs = (("the echo service or ping", seen.probed), ("the machine's boot id", booted is False))
        change.alive_by += tuple(what for what, proved in proofs if proved)

    @keyword("Restart The VM For Its Changes", tags=["action"])
    def restart_the_vm_for_its_changes(self) -> None:
        """Restarts the VM once and looks which of the changes made while it was active are in force then.

        Where the restart does not come about, or where an accepted change is not in force after it, the VM is stopped and
        started too, for some sites take changes over then only. Skips where nothing was changed, or the VM can neither be
        restarted nor stopped and started; how well it does these is judged by the agreed test cases.

        Raises:
            SkipExecution: says why the VM was not restarted.

        Example:
        | Restart The VM For Its Changes
        """
        self._begin()
        changes = list(self._changes.values())
        if not changes:
            raise SkipExecution(
                f"Not run: no attribute was changed while the VM was active.{self._reasons()}"
            )
        problem = self._restart()
        if not problem:
            sight = self._sight(time.monotonic(), _ASKING_AFTER_START)
            for change in changes:
                change.restarted = sight
        if any(not change.is_done for change in changes):
            problem = self._stop_and_start(changes)
        for change in changes:
            change.not_restarted = problem
        if problem and all(change.restarted is None and change.started is None for change in changes):
            raise SkipExecution(f"Not run: {problem}")

    def _restart(self) -> str:
        """Restarts the VM; returns why not, '' when it did."""
        try:
            with judged(self._run, "the details of the VM"):
                state = state_of(self._run.query())
            if state != ACTIVE:
                return f"the VM cannot be restarted, for it is '{state[:80]}'."
            self._actions.invoke_action(ComputeAction.restart, ActionMethod.warm)
            self._actions.vm_should_restart()
        except StepFailed as problem:
            return f"the VM could not be restarted. {problem}"
        return ""

    def _stop_and_start(self, changes: list[ActiveChange]) -> str:
        try:
            self._states.have_the_vm_in_state(ComputeState.inactive)
            self._states.have_the_vm_in_state(ComputeState.active)
        except SkipExecution as problem:
            return str(problem).removeprefix("Not run: ")
        sight = self._sight(time.monotonic(), _ASKING_AFTER_START)
        for change in changes:
            if change.restarted is None or not change.is_done:
                change.started = sight
        return ""

    def _reasons(self) -> str:
        return "".join(f" {name}: {why}." for name, why in list(self._not_asked.items())[:1])

    @keyword("Site Should Have Done What It Said", tags=["change"])
    def site_should_have_done_what_it_said(self, name: str) -> None:
        """Records what became of an attribute that was changed while the VM was active, and judges it (wiki, under discussion).

        The record is the test's message, its metadata (``Attribute``, ``Asked``, ``Answer``, ``Shown``, ``In the machine``,
        ``After a restart``, ``Alive``) and a table in log.html. It fails only where the site says one thing and does another (it
        refuses the change and makes it, or accepts it and never makes it), or harms the VM (which leaves the state active, boots
        unasked or dies, or another attribute changes).

        Args:
            name: an attribute that was given to `Change Attribute Of The Active VM` in this suite.

        Raises:
            StepFailed: says what was expected, what was seen, and what to ask the site's admin.
            SkipExecution: says why the attribute was not changed.

        Example:
        | Change Attribute Of The Active VM    occi.compute.cores
        | Restart The VM For Its Changes
        | Site Should Have Done What It Said    occi.compute.cores
        """
        self._begin()
        change = self._changes.get(name)
        if change is None:
            why = self._not_asked.get(name, f"no change of {name} was asked for in this run")
            raise SkipExecution(f"Not run: {why}.")
        if name in self._pictures:
            self._run.pictures.append(self._pictures[name])
        logger.info(seen_table(change), html=True)
        for key, words in record(change).items():
            BuiltIn().set_test_metadata(key, plain(harmless(words)))
        result = verdict(change)
        for remark in result.remarks:
            self._run.remark(remark)
        if result.outcome is Outcome.FAIL:
            raise StepFailed(harmless(result.message))
        BuiltIn().set_test_message(harmless(result.message))


def _other(name: str, old: AttributeValue | None, in_mib: bool) -> AttributeValue:
    if name in _TEXTS:
        return f"{old} (changed)"
    return other_value(name, old, in_mib)


def _doubts(seen: Stay, booted: bool | None, answers: bool) -> list[str]:
    """Words what was odd about echo and ping without being harm for certain."""
    known = (
        "it was not restarted, by its own account"
        if booted is False
        else "whether it was restarted is not known"
    )
    words = [f"{seen.away}; {known}."] if seen.away else []
    return [*words, f"{seen.silent}; its ssh login answers."] if seen.silent and answers else words
