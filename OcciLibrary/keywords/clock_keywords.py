"""The keyword that holds clocks against each other: the site's, the machine's and that of its echo service."""

from __future__ import annotations

import time
from datetime import timedelta
from enum import Enum

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.session_keywords import SessionKeywords
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.transport import pause
from OcciLibrary.probes.clocks import Reading, compare_clocks, read_time, reading
from OcciLibrary.probes.echo import converse
from OcciLibrary.probes.quoting import escaped

_ECHO_SECONDS = 5.0
_BETWEEN_LOOKS = 0.5
_LATE = 1.0


class Clock(Enum):
    """A clock that can be asked: the OCCI server's (its Date header), the machine's (`date`), the echo service's (its prefix)."""

    site = "site"
    machine = "machine"
    echo = "echo"


class ClockKeywords:
    """Compares clocks."""

    def __init__(self, run: SiteRun, session: SessionKeywords) -> None:
        self._run = run
        self._session = session
        self._ways = {
            Clock.site: self._site_clock,
            Clock.machine: self._machine_clock,
            Clock.echo: self._echo_clock,
        }

    @keyword("Clocks Should Agree", tags=["reference VM"])
    def clocks_should_agree(self, one: Clock, other: Clock, within: timedelta = timedelta()) -> None:
        """Fails if two clocks differ by more than 3 seconds and what the asking leaves uncertain.

        Each clock is held against the tester's own at the moment of its answer, so it does not matter when each is asked, nor
        whether the tester's clock is right. Uncertain are half a second where a clock tells whole seconds, and half of each round
        trip; the message says what was allowed. A clock that tells a local time without its zone is a remark.

        Args:
            one: site (the Date header of the OCCI server), machine (`date` over ssh) or echo (the prefix of the echo service).
            other: another one of them.
            within: how long it may take until they agree, for a machine that was suspended puts its clock right a little later.

        Raises:
            StepFailed: says what each clock showed and by how much they differ.
            SkipExecution: when a clock cannot be read.

        Example:
        | Log In To The VM
        | Clocks Should Agree    echo    site
        | Clocks Should Agree    machine    site    within=30 s
        """
        began = time.monotonic()
        while True:
            readings = self._ways[one](), self._ways[other]()
            verdict = compare_clocks(*readings)
            waited = time.monotonic() - began
            if verdict.agree or waited >= within.total_seconds():
                break
            pause(_BETWEEN_LOOKS)
        logger.info(f"{verdict.told}.")
        if not verdict.agree:
            ahead = ", ".join(f"{clock.name} {clock.ahead:+.1f} s" for clock in readings)
            raise StepFailed(
                f"Expected that the clocks agree. Seen: {verdict.told}. Held against this computer's clock: {ahead}. Ask the site's "
                "admin whether the clock that is off is kept right (NTP)."
            )
        if verdict.remark:
            self._run.remark(verdict.remark)
        if waited > _LATE and within:
            self._run.remark(f"The clocks agreed only after {waited:.1f} s.")

    def _site_clock(self) -> Reading:
        with judged(self._run, "the details of the VM"):
            self._run.query()
        date, asked, answered = self._run.site_date or ("", 0.0, 0.0)
        return _reading(
            "the clock of the OCCI server", date, asked, answered, "it sends no Date header that can be read"
        )

    def _machine_clock(self) -> Reading:
        asked = time.time()
        ran = self._session.command("date +%s")
        why = ran.problem or "it does not tell it in seconds"
        return _reading("the machine's clock", ran.text, asked, time.time(), why)

    def _echo_clock(self) -> Reading:
        settings = self._run.site_settings()
        report = converse(
            settings.echo_host, settings.echo_port, ["time?"], _ECHO_SECONDS, end_with_exit=False
        )
        answered = time.time()
        if not report.exchanges or report.problem:
            raise SkipExecution(f"Not run: the echo service tells no time. {report.problem}")
        exchange = report.exchanges[0]
        prefix = exchange.reply.removesuffix(exchange.message).strip()
        why = f"its prefix '{escaped(prefix, 80)}' holds none that is understood"
        return _reading("the echo service's clock", prefix, answered - exchange.seconds, answered, why)


def _reading(name: str, text: str, asked: float, answered: float, why_not: str) -> Reading:
    told = read_time(text)
    if told is None:
        raise SkipExecution(f"Not run: {name} cannot be read: {why_not}.")
    return reading(name, told, asked, answered, escaped(text, 60))
