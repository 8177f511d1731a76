"""Keywords that tell by traces left in the VM whether its machine booted or went on (GFD.184 §3.1: restart, suspend)."""

from __future__ import annotations

import contextlib
import secrets
import time

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.guest_signs import guest_login
from OcciLibrary.keywords.machine_keywords import MachineKeywords
from OcciLibrary.keywords.session_keywords import SessionKeywords
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.transport import pause
from OcciLibrary.probes.guest import GuestProblem, open_login
from OcciLibrary.probes.guest_answer import SCRIPT, read_answers
from OcciLibrary.probes.guest_command import run_command
from OcciLibrary.probes.guest_traces import (
    ASK_MOUNTS,
    NO_FILE,
    NO_PROCESS,
    START_PROCESS,
    ask_process,
    folders_in_ram,
    process_begin,
    process_number,
)
from OcciLibrary.probes.line_connection import Deadline
from OcciLibrary.watch.restart_signs import Boot
from OcciLibrary.watch.traces import Traces, TraceVerdict, booted_anew, went_on

_REMOVAL_SECONDS = 3.0
_LOOK_AGAIN = 10.0
_BETWEEN_LOOKS = 1.0


class TraceKeywords:
    """Leaves traces in the machine and says later what became of them."""

    def __init__(self, run: SiteRun, session: SessionKeywords, machine: MachineKeywords) -> None:
        self._run = run
        self._session = session
        self._machine = machine
        self._process: int | None = None
        self._file = ""
        self._before: Traces | None = None

    @keyword("Leave Traces In The Machine", tags=["reference VM"])
    def leave_traces(self) -> None:
        """Leaves a process (`sleep`, an hour) and a small file in RAM in the VM, and notes its boot id.

        `Machine Should Have Booted Anew` and `Machine Should Have Gone On` look for them later. It logs in a second time, for some
        machines end a user's processes when the user leaves: such a process is no sign. `Remove The Traces` takes them away.

        Example:
        | Log In To The VM
        | Leave Traces In The Machine
        """
        self._process = process_number(self._session.command(START_PROCESS).text)
        self._file = self._leave_file()
        self._session.log_in_again()
        self._before = self._look()
        logger.info(f"Left in the machine: {self._left(self._before)}.")

    @keyword("Machine Should Have Booted Anew", tags=["reference VM"])
    def machine_should_have_booted_anew(self, after: str = "that") -> None:
        """Fails if the machine did not boot since `Leave Traces In The Machine`.

        A new boot id (or, in a container, another first process) proves a boot; without one the uptime does. The process left there
        must be gone. A file in RAM that is still there with a new boot id is a remark. A machine that did not boot is looked at again
        for 10 seconds (or `${TRANSITION_TIMEOUT}` where that is less), for some sites say so before it happens.

        Args:
            after: what was done to the VM, for the message.

        Raises:
            StepFailed: says what the machine shows instead.

        Example:
        | Have The VM Restarted    warm
        | Log In To The VM
        | Machine Should Have Booted Anew    after=restart
        """
        before, now = self._both()
        verdict = booted_anew(before, now)
        give_up = time.monotonic() + min(_LOOK_AGAIN, self._run.site_settings().transition_timeout)
        while verdict.holds is False and time.monotonic() < give_up:
            pause(_BETWEEN_LOOKS)
            self._session.log_in_again()
            with contextlib.suppress(StepFailed):  # it may go down at this very moment
                now = self._look()
            verdict = booted_anew(before, now)
        self._judge(verdict, f"that the machine booted anew with {after}", now)

    @keyword("Machine Should Have Gone On", tags=["reference VM"])
    def machine_should_have_gone_on(self, after: str = "that") -> None:
        """Fails if the machine did not go on where it was at `Leave Traces In The Machine`.

        Its boot id must be the same, and the process and the file in RAM must still be there: suspend and hibernate keep a machine's
        memory (GFD.184 §3.1).

        Args:
            after: what was done to the VM, for the message.

        Raises:
            StepFailed: says what the machine shows instead.

        Example:
        | Have The VM Suspended    hibernate
        | Have The VM In State    active
        | Log In To The VM
        | Machine Should Have Gone On    after=suspend (hibernate) and start
        """
        before, now = self._both()
        self._judge(went_on(before, now), f"that the machine kept its memory over {after}", now)

    @keyword("Remove The Traces", tags=["reference VM"])
    def remove_the_traces(self) -> None:
        """Ends the process and removes the file of `Leave Traces In The Machine`; never fails. A teardown may use it.

        A machine that does not answer has lost them, or the process ends by itself within the hour.

        Example:
        | Remove The Traces
        """
        commands = [f"kill {self._process}"] if self._process else []
        commands += [f"rm -f {self._file}"] if self._file else []
        login = guest_login(self._run.site_settings())
        self._process, self._file, self._before = None, "", None
        if not commands or login is None:
            return
        with contextlib.suppress(GuestProblem):
            transport, _ = open_login(login, _REMOVAL_SECONDS)
            try:
                run_command(transport, "; ".join(commands), Deadline(_REMOVAL_SECONDS))
            finally:
                transport.close()

    def _leave_file(self) -> str:
        word = secrets.token_hex(8)
        for folder in folders_in_ram(self._session.command(ASK_MOUNTS).text):
            path = f"{folder}/occi-test-{word}"
            if self._session.command(f"echo {word} > {path} && cat {path}").last_line == word:
                return path
        return ""

    def _look(self) -> Traces:
        ran = self._session.command(SCRIPT)
        if ran.problem:
            raise StepFailed(f"Expected that the machine tells since when it runs, but {ran.problem}.")
        answers = read_answers(ran.output)
        boot = Boot(answers.boot_id, answers.boot_time, answers.clock, answers.first_process, time.time())
        return Traces(boot, self._look_at_process(), self._look_at_file(), answers.hostname)

    def _look_at_process(self) -> int | None:
        if self._process is None:
            return None
        ran = self._session.command(ask_process(self._process))
        if ran.status is None:
            return None
        return process_begin(ran.text, self._process) if ran.status == 0 else NO_PROCESS

    def _look_at_file(self) -> str:
        if not self._file:
            return ""
        ran = self._session.command(f"cat {self._file}")
        if ran.status is None:
            return ""
        return ran.last_line[:100] if ran.status == 0 and ran.text else NO_FILE

    def _both(self) -> tuple[Traces, Traces]:
        if self._before is None:
            raise SkipExecution("Not run: no traces were left in the machine in this test.")
        return self._before, self._look()

    def _judge(self, verdict: TraceVerdict, expected: str, now: Traces) -> None:
        if verdict.holds is None:
            raise SkipExecution(f"Not run: it cannot be told {expected}, for {verdict.told}.")
        if verdict.remark:
            self._run.remark(verdict.remark)
        if not verdict.holds:
            resource = self._run.case.now or self._run.query()
            raise StepFailed(
                f"Expected {expected}, as the site says. Seen: {verdict.told}. {self._machine.advice(now.hostname, resource)}"
            )
        logger.info(f"The machine shows: {verdict.told}.")

    def _left(self, traces: Traces) -> str:
        process = (
            f"process {self._process}" if (traces.process or NO_PROCESS) >= 0 else "no process that stays"
        )
        file = self._file if traces.file not in ("", NO_FILE) else "no file in RAM"
        return f"{process}, {file}; boot id {traces.boot.id[:8] or 'not told'}"
