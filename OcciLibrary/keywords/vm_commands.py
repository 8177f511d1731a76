"""Commands in the tester's VM over its ssh login, and a place in the user's home for what a run puts there."""

from __future__ import annotations

import secrets
from typing import Any

from robot.api import SkipExecution, logger

from OcciLibrary.keywords.guest_signs import site_login
from OcciLibrary.keywords.harmless import harmless
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.keywords.state_keywords import StateKeywords
from OcciLibrary.keywords.state_words import ComputeState
from OcciLibrary.probes.guest import GuestLogin, GuestProblem, open_login
from OcciLibrary.probes.guest_command import CommandRun, run_command
from OcciLibrary.probes.line_connection import Deadline

_LOGIN = 20.0  # seconds, in which an ssh server that comes up late is waited for
_SHOWN = 300
_PREFIX = ".occilibrary-"
_ONLY_PLAYS = "ID=sandbox"


class VmCommands:
    """Runs commands in the VM; `place` is where this run puts things, below the user's home, and '' while there is nothing."""

    def __init__(self, run: SiteRun, states: StateKeywords) -> None:
        self._run = run
        self._states = states
        self.place = ""

    def ready(self) -> None:
        """Brings the VM up and looks whether its login works. Raises `SkipExecution`."""
        self._login()
        self._states.have_the_vm_in_state(ComputeState.active)

    def skip_where_it_only_plays(self) -> None:
        """Raises `SkipExecution` on a light machine of the sandbox, which runs no programs."""
        if _ONLY_PLAYS in self.run("cat /etc/os-release").text.split():
            raise SkipExecution(
                "Not run: this machine of the sandbox only plays a computer, and runs no programs. Real ones: --variable SITE:sandbox_qemu"
            )

    def run(self, command: str, seconds: float = 20.0) -> CommandRun:
        """Returns what a command printed, bounded in time and size. Raises `SkipExecution` where nobody can log in."""
        try:
            transport, _ = open_login(self._login(), _LOGIN)
        except GuestProblem as problem:
            raise SkipExecution(f"Not run: it needs a login to the VM. {problem}") from None
        try:
            done = run_command(transport, command, Deadline(seconds))
        finally:
            _close(transport)
        logger.debug(f"In the VM: {command[:_SHOWN]}\n{harmless(done.text[:_SHOWN])}")
        return done

    def begin_place(self) -> str:
        """Returns a new place below the user's home, such as `.occilibrary-0a1b2c`; what killed runs left there is removed."""
        self.run(f"cd && rm -rf ./{_PREFIX}*")
        self.place = _PREFIX + secrets.token_hex(6)
        return self.place

    def clear_place(self) -> str:
        """Removes what this run put into the VM; returns '' when nothing is left, else one sentence."""
        place = self.place
        if not place:
            return ""
        try:
            self._states.have_the_vm_in_state(ComputeState.active)
            done = self.run(f"cd && rm -rf ./{place} && test ! -e {place}")
        except SkipExecution as problem:
            return f"What was put into the VM could not be removed: it is in ~/{place}. {problem}"
        if done.status != 0:
            return f"What was put into the VM could not be removed: it is in ~/{place} ({said(done)})."
        self.place = ""
        return ""

    def _login(self) -> GuestLogin:
        login = site_login(self._run)
        if login is None:
            raise SkipExecution(
                "Not run: the VM's ssh login is not known. Give ${SSH_HOST}, ${SSH_USERNAME}, and ${SSH_PASSWORD} or ${SSH_KEY} "
                f"in {self._run.file}."
            )
        return login


def said(done: CommandRun) -> str:
    """Returns what a command gave for a message: one line, harmless, shortened."""
    text = " ".join(done.text.split())
    return harmless(text[:_SHOWN]) or done.problem or f"it said nothing, with exit status {done.status}"


def _close(transport: Any) -> None:
    transport.close()
    transport.sock.close()
