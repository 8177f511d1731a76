"""Keywords that ask the VM itself: the echo service and ping (wiki 3.4, 4.5, 5.4, 5.7, 6.3)."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

from assertionengine import AssertionOperator, verify_assertion
from robot.api import logger
from robot.api.deco import keyword

from OcciLibrary.keywords.guarding import fail_on_lost_network, judged
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.keywords.state_words import as_worded, capitals_remark, read_word
from OcciLibrary.occi.transport import pause
from OcciLibrary.probes.echo import EchoReport, converse, glance
from OcciLibrary.probes.ping import Ping

_TRIES = 3
_BETWEEN_TRIES = 0.3
# The watch has already seen the silence; these tries only confirm it.
_BETWEEN_SILENT_TRIES = 0.05


class ProbeKeywords:
    """Talks to the echo service and pings the VM."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    @keyword("Echo Service Should Answer", tags=["probe"])
    def echo_service_should_answer(self, *messages: str, timeout: timedelta = timedelta(seconds=5)) -> None:
        """Connects to the echo service, sends some messages around, and fails if it cannot be contacted (wiki 3.4.1).

        Every reply must carry its own message behind the server's prefix (time and IP), and `EXIT` must end the
        connection. One broken connection is tried again, three tries in all.

        Args:
            messages: what to send, a line each; without any, several different lines are sent.
            timeout: how long one try may take in all.

        Raises:
            StepFailed: says what was sent and what came back.

        Example:
        | Echo Service Should Answer
        | Echo Service Should Answer    hello    1 2 3    timeout=10 s
        """
        host, port = self._address()
        for attempt in range(1, _TRIES + 1):
            report = converse(host, port, messages or None, timeout.total_seconds())
            logger.info(_exchanges(report), html=True)
            if report.answered and not report.problem:
                return
            if report.answered and attempt > 1:
                break  # it echoes, and what is odd about it was seen twice
            if attempt < _TRIES:
                pause(_BETWEEN_TRIES)
        if report.answered:
            self._run.remark(f"The echo service at {host}:{port} echoes, but: {report.problem}")
            return
        fail_on_lost_network(self._run)
        raise StepFailed(
            f"Expected the echo service at {host}:{port} to echo, but in {_TRIES} tries it did not: {report.problem} "
            f"{self._address_hint()}"
            "Ask the site's admin whether the echo service runs in the VM and its port is open from outside."
        )

    @keyword("Echo Service Should Be Silent", tags=["probe"])
    def echo_service_should_be_silent(self, timeout: timedelta = timedelta(seconds=2)) -> None:
        """Fails if the echo service can be contacted to echo messages back (wiki 5.4.1, the VM being suspended).

        It is asked three times. A connection that is accepted but echoes nothing counts as silent, with a remark. Fails
        also when the VM is no longer suspended, for then silence would prove nothing.

        Args:
            timeout: how long one try may take.

        Raises:
            StepFailed: says what the echo service answered.

        Example:
        | Echo Service Should Be Silent
        """
        host, port = self._address()
        for attempt in range(_TRIES):
            if attempt:
                pause(_BETWEEN_SILENT_TRIES)
            report = converse(host, port, None, timeout.total_seconds())
            logger.info(_exchanges(report), html=True)
            if report.exchanges and any(e.message and e.message in e.reply for e in report.exchanges):
                raise StepFailed(
                    f"Expected no echo from {host}:{port} while the VM is suspended, but it echoed "
                    f"'{report.exchanges[0].reply[:120]}'. Ask the site's admin whether the VM is really suspended."
                )
            if report.connected:
                self._run.remark(
                    f"{host}:{port} accepts connections while the VM is suspended, but echoes nothing."
                )
        with judged(self._run, "the VM to be still suspended"):
            worded = as_worded(self._run.query())
        self._run.remark_once("capitals", capitals_remark(worded))
        state = read_word(worded)
        if state != "suspended":
            raise StepFailed(f"Expected the VM to be still suspended, but the site says '{state}' now.")

    @keyword("Get Echo State", tags=["probe"])
    def get_echo_state(
        self, operator: AssertionOperator | None = None, expected: Any = None, message: str | None = None
    ) -> str:
        """Gets what one short exchange with the echo service shows, and asserts it when an operator is given.

        Args:
            operator: an assertion operator such as `==`; without one nothing is asserted.
            expected: answers (a proper echo), garbled (a connection, but no proper echo) or silent (no connection).
            message: text of the failure; `{value}` and `{expected}` stand for the two.

        Returns:
            answers, garbled or silent.

        Example:
        | Get Echo State    ==    answers
        """
        host, port = self._address()
        value, detail = glance(host, port)
        logger.info(f"The echo service at {host}:{port}: {value} {detail}")
        return str(verify_assertion(value, operator, expected, f"The echo service at {host}:{port}", message))

    @keyword("Get Ping State", tags=["probe"])
    def get_ping_state(
        self, operator: AssertionOperator | None = None, expected: Any = None, message: str | None = None
    ) -> str:
        """Gets whether `${PING_HOST}` answers one ping, and asserts it when an operator is given.

        Args:
            operator: an assertion operator such as `==`; without one nothing is asserted.
            expected: answers or silent.
            message: text of the failure; `{value}` and `{expected}` stand for the two.

        Returns:
            answers or silent; `not available` where the site file names no host or this machine may not ping. Then
            nothing is asserted.

        Example:
        | Get Ping State    ==    answers
        """
        host = self._run.site_settings().ping_host
        ping = Ping(host) if host else None
        if ping is None or not ping.available:
            why = ping.unavailable_because if ping else "the site file names no ${PING_HOST}"
            logger.info(f"Ping is left out: {why}")
            return "not available"
        value, detail = ping.glance()
        logger.info(f"{host}: {value} {detail}")
        return str(verify_assertion(value, operator, expected, f"The ping of {host}", message))

    def _address_hint(self) -> str:
        """Returns where the address comes from: a slip in the tester's own site file looks like a dead service."""
        if self._run.is_embedded:
            return ""
        return f"First check ${{ECHO_HOST}} and ${{ECHO_PORT}} in {self._run.file}; if they are right: "

    def _address(self) -> tuple[str, int]:
        run = self._run
        with judged(run, "the address of the echo service"):
            _ = run.client  # starts the embedded site, which then says where its echo services are
        settings = run.site_settings()
        return settings.echo_host, settings.echo_port


def _exchanges(report: EchoReport) -> str:
    rows = "".join(
        f"<tr><td>{_escaped(e.message)}</td><td>{_escaped(e.reply)}</td><td>{e.seconds:.3f} s</td></tr>"
        for e in report.exchanges
    )
    ended = {True: "EXIT ended the connection.", False: "EXIT did not end the connection.", None: ""}[
        report.ended_by_exit
    ]
    table = f"<table><tr><th>Sent</th><th>Came back</th><th>After</th></tr>{rows}</table>" if rows else ""
    return f"{table}{_escaped(f'{ended} {report.problem}'.strip())}"


def _escaped(text: str) -> str:
    """Returns a text as HTML in which characters that cannot be seen are spelt out."""
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text
    )
    return html.escape(shown)
