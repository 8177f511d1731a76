"""Looks at the VM itself and at the clocks: echo service, ping and ssh, by what the site says of the VM's state."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from OcciLibrary.keywords.guest_signs import guest_login
from OcciLibrary.keywords.site_file import SiteSettings
from OcciLibrary.occi.transport import Answer
from OcciLibrary.probes.echo import converse
from OcciLibrary.probes.guest import GuestAccount, GuestLogin, ask_guest
from OcciLibrary.probes.line_connection import Deadline, NotConnectedError, resolve
from OcciLibrary.probes.ping import Ping
from OcciLibrary.results.check_lines import Line, Sign, line, sentence

_LOOK_UP_SECONDS = 10.0
_ECHO_SECONDS = 5.0
_SSH_SECONDS = 4.0
_SSH_SECONDS_WHILE_OFF = 1.5
_CLOCKS_AGREE = 2.0  # a Date header has whole seconds
_CLOCKS_DIFFER = 60.0
_UP = "active"
_OFF = ("inactive", "suspended")


def look_at_the_vm(settings: SiteSettings, state: str) -> Iterator[Line]:
    """Yields what echo service, ping and ssh show; `state` is what the site says of the VM, '' where that is not known."""
    yield _echo(settings, state)
    if settings.ping_host:
        yield _ping(settings.ping_host, state)
    login = guest_login(settings)
    if login is None:
        words = "The site file gives none: restart and hibernation are then judged without the machine's own boot id."
        yield line("SSH", Sign.LEFT_OUT, words)
        return
    account = ask_guest(login, _SSH_SECONDS_WHILE_OFF if state in _OFF else _SSH_SECONDS)
    yield _ssh(login, account, state)
    if account.clock is not None:
        yield _clock("Clock of VM", account.clock - account.asked_at, "the VM")


def _echo(settings: SiteSettings, state: str) -> Line:
    host, port = settings.echo_host, settings.echo_port
    where = f"{host} port {port}"
    try:
        resolve(host, port, Deadline(_LOOK_UP_SECONDS))
    except NotConnectedError as problem:
        return line("Echo", Sign.WRONG, f"{problem} Check ${{ECHO_HOST}} in the site file.")
    report = converse(host, port, None, _ECHO_SECONDS)
    if report.answered and state in _OFF:
        return line(
            "Echo",
            Sign.WRONG,
            f"{where} echoes although the VM is {state}: is ${{ECHO_HOST}} another machine?",
        )
    if report.answered:
        odd = f" ({report.problem.rstrip('.')})" if report.problem else ""
        return line("Echo", Sign.NOTE if odd else Sign.WELL, f"{where} echoes{odd}.")
    if state in _OFF and not report.connected:
        return line("Echo", Sign.LEFT_OUT, f"{where} is silent, as it should while the VM is {state}.")
    return line(
        "Echo",
        Sign.WRONG if state == _UP else Sign.NOTE,
        f"{sentence(report.problem)} Check ${{ECHO_HOST}} and ${{ECHO_PORT}} in the site file; if they are right, ask the "
        "site's admin whether the echo service runs in the VM and its port is open from outside."
        + ("" if state else " A VM that is stopped is silent, too: what state it is in could not be asked."),
    )


def _ping(host: str, state: str) -> Line:
    ping = Ping(host)
    if not ping.available:
        return line("Ping", Sign.LEFT_OUT, ping.unavailable_because)
    value, detail = ping.glance()
    if value == "answers" and state in _OFF:
        words = f"{host} answers although the VM is {state}, so that ping says nothing: leave ${{PING_HOST}} empty."
        return line("Ping", Sign.NOTE, words)
    if value == "answers" or state in _OFF:
        return line("Ping", Sign.WELL if value == "answers" else Sign.LEFT_OUT, f"{host}: {value}, {detail}")
    words = f"{host} is silent ({detail.rstrip('.')}): a firewall may drop pings; leave ${{PING_HOST}} empty then."
    return line("Ping", Sign.NOTE, words)


def _ssh(login: GuestLogin, account: GuestAccount, state: str) -> Line:
    if not account.problem:
        pin = (
            "as pinned" if login.host_key else f"not pinned: write {account.host_key} into ${{SSH_HOST_KEY}}"
        )
        sign = Sign.NOTE if state in _OFF or not login.host_key else Sign.WELL
        although = f", although the VM is {state}: is ${{SSH_HOST}} another machine?" if state in _OFF else ""
        name = account.hostname or "the machine"
        words = f"{login.username} is let in by {name} at {login.host} port {login.port} (host key {pin}){although}"
        return line("SSH", sign, sentence(words))
    if account.final or state == _UP:
        return line("SSH", Sign.WRONG, account.problem)
    if state in _OFF:
        return line("SSH", Sign.LEFT_OUT, f"Nobody answers there, as it should be while the VM is {state}.")
    return line("SSH", Sign.NOTE, account.problem)


def clock_of_site(answer: Answer, answered_at: float) -> Line:
    """Compares the Date of an answer with this computer's clock (seconds since 1970 when the answer was there)."""
    try:
        told = parsedate_to_datetime(answer.header("Date")).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return line(
            "Clock", Sign.LEFT_OUT, "The site does not say what time it has (no Date in its answers)."
        )
    # The server wrote its time down at some moment of the exchange.
    return _clock("Clock", told + 0.5 - (answered_at - answer.seconds / 2), "the site")


def _clock(about: str, ahead: float, whose: str) -> Line:
    """Returns what a difference means; `ahead` is by how many seconds the other clock is ahead of this computer's."""
    if abs(ahead) <= _CLOCKS_AGREE:
        return line(about, Sign.WELL, f"{_capital(whose)} and this computer have the same time.")
    way = "ahead of" if ahead > 0 else "behind"
    words = f"{_capital(whose)} is {_length(abs(ahead))} {way} this computer"
    if abs(ahead) < _CLOCKS_DIFFER:
        return line(about, Sign.NOTE, f"{words}.")
    return line(
        about,
        Sign.WRONG,
        f"{words}: logs of the two cannot be compared, and tokens and certificates may be refused. Set this computer's clock "
        f"by a time server; if it is right, ask the site's admin to set {whose}'s.",
    )


def _length(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
