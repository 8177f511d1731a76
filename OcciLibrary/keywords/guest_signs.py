"""Reads the machine's own account before and after an action, where the site file gives an ssh login (design §6)."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from robot.api import logger

from OcciLibrary.keywords.site_run import SiteRun, TestCase
from OcciLibrary.probes.guest import GuestAccount, GuestLogin, ask_guest, load
from OcciLibrary.watch import Timeline, verdicts
from OcciLibrary.watch.reading import PROBES, answering_at, informs, outages
from OcciLibrary.watch.restart_signs import TOLERANCE, Boot, Signs, restart_signs, resume_signs

if TYPE_CHECKING:
    from OcciLibrary.keywords.site_file import SiteSettings
    from OcciLibrary.watch import Verdict

RESTART_ORDER = ("active", "inactive", "active")
_BEFORE = 5.0  # how long the machine may be asked before an action
_AFTER = 10.0  # and after it, when its ssh server may come up later than the rest
_LOOK_AGAIN = 5.0  # a restart that the API shows too early is waited for
_BETWEEN_LOOKS = 0.3


def load_ahead(settings: SiteSettings) -> None:
    """Imports the ssh client in the background where the site file names a user for it.

    The run does not end before that: Python aborts a process whose daemon thread is still inside native code.
    """
    if settings.ssh_username and (settings.ssh_host or settings.is_sandbox):
        threading.Thread(target=load, name="import of the ssh client").start()


class GuestSigns:
    """Holds what the machine told before and after the last restart or suspension of one suite file."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run
        self._case: TestCase | None = None
        self._action = self._method = ""
        self._before: Boot | None = None
        self._after: Boot | None = None
        self._problem = ""
        self._unreadable = ""
        self._reading: _Reading | None = None

    def begin(self, action: str, method: str = "") -> None:
        """Begins to read the account before an action, side by side with what the caller does next."""
        if action == "start" and self._case is self._run.case and self._action == "suspend":
            return  # what was read before the suspension is compared after the resume
        self._case, self._action, self._method = self._run.case, action, method
        self._before = self._after = None
        self._problem = self._unreadable
        login = self._login() if action in ("restart", "suspend") and not self._unreadable else None
        self._reading = _Reading(login, _BEFORE) if login else None

    def finish(self) -> None:
        """Waits until the account is read, a few seconds at most; a login that fails is a remark, once in a run."""
        if self._reading is None:
            return
        account, self._reading = self._reading.account(), None
        if account.problem:
            self._unreadable = account.problem
        self._before = self._boot(account, "before the action")

    def after_restart(self, timeline: Timeline, since: float) -> Signs | None:
        """Reads the account after a restart and puts the three signs side by side; None without a login.

        Where the API shows a restart that the machine did not make, it looks again for a few seconds.
        """
        if not self._compares("restart"):
            return None
        order = verdicts.went_through(timeline, since, RESTART_ORDER)
        give_up = time.monotonic() + min(_LOOK_AGAIN, self._run.site_settings().transition_timeout)
        while True:
            self._after = self._read("after the restart")
            signs = self.signs_of(order, timeline, since)
            if signs is None or not signs.broken or time.monotonic() >= give_up:
                return signs
            threading.Event().wait(_BETWEEN_LOOKS)

    def signs_of(self, order: Verdict, timeline: Timeline, since: float) -> Signs | None:
        """Returns the three signs of the last restart as they are known, or None without a login."""
        if not self._compares("restart"):
            return None
        return restart_signs(
            order,
            outages(timeline, since),
            self._before,
            self._after,
            since=since,
            unprobed=_why_no_outage(timeline, since),
            problem=self._problem,
        )

    def after_resume(self) -> Signs | None:
        """Reads the account after a resume and says whether the memory was kept; None without a login."""
        if not self._compares("suspend"):
            return None
        self._after = self._read("after the resume")
        method = self._method or "suspend"
        return resume_signs(self._before, self._after, method=method, problem=self._problem)

    def proof_of_being_up(self, since_action: float) -> tuple[str, str]:
        """Asks the machine whether it is up, so many seconds after the action; returns the proof and why there is none.

        One of the two is ''. After the start of a stopped VM a machine that has been up for longer is no proof.
        """
        login = self._login()
        if login is None:
            return "", ""
        seconds = min(_BEFORE, self._run.site_settings().transition_timeout)
        account = ask_guest(login, seconds)
        if account.problem:
            return (
                "",
                f"Its ssh login was tried for {seconds:g} s more, without an answer too: {account.problem}",
            )
        told = _told(account, "about itself", pinned=bool(self._run.site_settings().ssh_host_key))
        logger.info(told)
        if self._action != "start":
            return told, ""  # what it says of its boot is judged by the signs
        boot = boot_of(account)
        if boot.uptime is None or boot.uptime > since_action + TOLERANCE:
            return "", f"What answers over ssh does not prove that it was started now. {told}"
        return told, ""

    def _compares(self, action: str) -> bool:
        return self._case is self._run.case and self._action == action and self._login() is not None

    def _read(self, when: str) -> Boot | None:
        login = self._login()
        if login is None or self._before is None:
            return None  # there is nothing to compare it with
        timeout = min(_AFTER, self._run.site_settings().transition_timeout)
        return self._boot(ask_guest(login, timeout), when)

    def _boot(self, account: GuestAccount, when: str) -> Boot | None:
        run = self._run
        self._problem = f"{when}: {account.problem}" if account.problem else ""
        if account.problem:
            run.remark_once("guest", f"The machine's own account could not be read {when}: {account.problem}")
            return None
        logger.info(_told(account, when, pinned=bool(run.site_settings().ssh_host_key)))
        return boot_of(account)

    def _login(self) -> GuestLogin | None:
        return guest_login(self._run.site_settings())


def site_login(run: SiteRun) -> GuestLogin | None:
    """Returns the VM's login as `guest_login` does; the embedded site is started first, for it says where its VM is."""
    if run.site_settings().is_sandbox:
        _ = run.client
    return guest_login(run.site_settings())


def guest_login(settings: SiteSettings) -> GuestLogin | None:
    """Returns the VM's login as the site file gives it; None where a part of it is missing."""
    password = str(settings.ssh_password.value) if settings.ssh_password is not None else ""
    if not (settings.ssh_host and settings.ssh_username and (password or settings.ssh_key)):
        return None
    return GuestLogin(
        settings.ssh_host,
        settings.ssh_port,
        settings.ssh_username,
        password,
        settings.ssh_key,
        settings.ssh_host_key,
    )


class _Reading:
    """Reads an account in a thread of its own."""

    def __init__(self, login: GuestLogin, timeout: float) -> None:
        self._account = GuestAccount(problem=f"{login.where} did not answer within {timeout:.1f} s.")
        self._timeout = timeout
        self._thread = threading.Thread(target=self._ask, args=(login,), name="guest", daemon=True)
        self._thread.start()

    def account(self) -> GuestAccount:
        """Returns what was read, once it is there or the time is over."""
        self._thread.join(self._timeout + 1.0)
        return self._account

    def _ask(self, login: GuestLogin) -> None:
        self._account = ask_guest(login, self._timeout)


def _why_no_outage(timeline: Timeline, since: float) -> str:
    """Returns why echo and ping could not show an outage, or ''."""
    if not any(informs(timeline.lane(name)) for name in PROBES):
        return "neither echo nor ping could be asked"
    return "" if answering_at(timeline, since) else "echo and ping were silent already before the action"


def boot_of(account: GuestAccount) -> Boot:
    """Returns what an account tells of the machine's boot."""
    return Boot(account.boot_id, account.boot_time, account.clock, account.first_process, account.asked_at)


def _told(account: GuestAccount, when: str, pinned: bool) -> str:
    """Words an account for the log; the key's fingerprint is told, so that a tester can pin it."""
    has = [account.hostname]
    has += [f"{account.cores} core{'s' if account.cores != 1 else ''}"] if account.cores else []
    has += [f"{account.memory:g} GiB"] if account.memory is not None else []
    has += [f"boot id {account.boot_id}"] if account.boot_id else []
    if account.boot_time is not None and account.clock is not None:
        has.append(f"up for {account.clock - account.boot_time:.0f} s")
    key = "as pinned" if pinned else "not pinned: ${SSH_HOST_KEY} is empty"
    told = ", ".join(part for part in has if part)
    return f"The machine says {when}: {told} (host key {account.host_key}, {key}; read in {account.seconds:.3f} s)."
