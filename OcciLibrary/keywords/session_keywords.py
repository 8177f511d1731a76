"""Keywords for testers' own tests: the site's login for RequestsLibrary, the VM's login for SSHLibrary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from robot.api import SkipExecution, logger
from robot.api.deco import keyword
from robot.libraries.BuiltIn import BuiltIn

from OcciLibrary.keywords.guarding import fail_on_lost_network, judged
from OcciLibrary.keywords.guest_signs import site_login
from OcciLibrary.keywords.harmless import harmless
from OcciLibrary.keywords.site_run import CannotTell, SiteRun, StepFailed
from OcciLibrary.probes.guest import GuestLogin, GuestProblem, HostKeyChanged, open_login
from OcciLibrary.probes.guest_command import MAX_OUTPUT, CommandRun, run_command
from OcciLibrary.probes.line_connection import Deadline

_LEAST_PATIENCE, _MOST_PATIENCE = 30.0, 120.0  # a machine's ssh server may come up later than the rest


class SessionKeywords:
    """Opens the site for RequestsLibrary and the VM for SSHLibrary; no secret passes through a keyword's arguments."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run
        self._key = ""  # the host key's fingerprint at the last login

    @keyword("Create OCCI Session", tags=["own tests"])
    def create_occi_session(self, alias: str = "occi") -> None:
        """Creates a RequestsLibrary session with the site: 'GET On Session' and the like then use its login.

        The session's root is `${OCCI_ENDPOINT}`. Login, TLS, proxies and time-out are those of the site file, and the log
        shows neither passwords nor tokens, at no log level. Requests to another host are refused, redirects to one
        included. Cookies are not kept. The suite needs ``Library    RequestsLibrary``.

        Args:
            alias: the name by which 'GET On Session' and the like find the session.

        Example:
        | Create OCCI Session    occi
        | ${answer}    GET On Session    occi    /-/    headers=${{ {'Accept': 'text/plain'} }}
        | Should Contain    ${answer.text}    compute
        """
        from OcciLibrary.keywords.requests_adapter import site_session  # noqa: PLC0415

        library = _library("RequestsLibrary", "Create OCCI Session")
        run = self._run
        with judged(run, "a site to speak with"):
            client = run.client
            twin = client.clone(timeout=client.timeout)
        run.at_the_end(twin.close)
        kept = library.timeout, library.cookies  # RequestsLibrary has one for all of its sessions
        session = library.create_custom_session(alias, client.endpoint, auth=None, verify=True)
        library.timeout, library.cookies = kept
        site_session(session, twin, run.note_request)

    @keyword("Log In To The VM", tags=["own tests"])
    def log_in_to_the_vm(self, alias: str = "vm", timeout: timedelta = timedelta(seconds=10)) -> None:
        """Opens an SSHLibrary connection to the VM: 'Execute Command' and the like then work in it.

        User, password or key, and host key are those of the site file (`${SSH_HOST}`, `${SSH_USERNAME}`, …). A host key
        other than `${SSH_HOST_KEY}` is refused before anything secret is sent. When none is given, the log tells the
        key's fingerprint, and a key that is another one than at the login before is a remark: a machine without a disk makes
        a new key at each boot, but so does an address show one that leads to another machine. The suite needs
        ``Library    SSHLibrary``.

        A login that is refused (user, password, key, host key) is neither the site's fault nor the tester's as far as can be
        seen from here: the test gets the verdict "cannot tell", and the run goes on.

        Args:
            alias: the name by which SSHLibrary's 'Switch Connection' finds the connection.
            timeout: how long the login may take, within which a refused connection is tried again; and SSHLibrary's
                time-out of the connection.

        Raises:
            StepFailed: when the machine does not answer to ssh though the site does, or no longer shows the pinned host key that it showed
            before in this run.
            CannotTell: when it refuses the login, or never showed the pinned host key.

        Example:
        | Log In To The VM
        | ${name}    Execute Command    hostname
        | Close All Connections
        """
        library = _library("SSHLibrary", "Log In To The VM")
        login = self._login()
        seconds = timeout.total_seconds()
        try:
            transport, key = open_login(login, seconds)
        except GuestProblem as problem:
            raise self._not_logged_in(problem) from None
        library.open_connection(login.host, alias=alias, port=login.port, timeout=f"{seconds} seconds")
        library.current.client._transport = transport  # as paramiko's own connect would leave it
        self._compare_keys(key, bool(login.host_key))
        pin = "as pinned" if login.host_key else "not pinned: ${SSH_HOST_KEY} is empty"
        logger.info(
            f"Logged in as {login.username} at {login.host} port {login.port} (host key {key}, {pin})."
        )

    @keyword("Skip Without A Login To The VM", tags=["own tests"])
    def skip_without_a_login_to_the_vm(self) -> None:
        """Skips the test when the site file gives no ssh login, or when the machine has refused it before in this run.

        Nothing is sent to the machine.

        Raises:
            SkipExecution: says what is missing in the site file, or how the login was refused.

        Example:
        | Skip Without A Login To The VM
        | Log In To The VM
        """
        if self._run.login_problem:
            raise SkipExecution(f"Not run: it needs a login to the VM. {self._run.login_problem}")
        try:
            self._login()
        except StepFailed as problem:
            raise SkipExecution(f"Not run: {problem}") from None

    @keyword("Host Key Should Be Pinned", tags=["own tests"])
    def host_key_should_be_pinned(self) -> None:
        """Skips the test when `${SSH_HOST_KEY}` is empty, and then says which key the machine showed at the last login.

        With a pinned key every login of this run has been refused unless the machine showed that key.

        Example:
        | Log In To The VM
        | Host Key Should Be Pinned
        """
        login = self._login()
        if not login.host_key:
            raise SkipExecution(
                f"Not run: ${{SSH_HOST_KEY}} is empty, so no key could be refused. {login.host} showed the host key {self._key}: ask "
                f"the site's admin whether that is the VM's, and put it into {self._run.file}."
            )
        logger.info(f"The machine shows the host key that is pinned: {self._key}.")

    @keyword("Run In The VM", tags=["own tests"])
    def run_in_the_vm(self, command: str, timeout: timedelta = timedelta(seconds=10)) -> str:
        """Runs a command in the VM, over the connection of `Log In To The VM`, and returns what it printed.

        It reads 64 kB of the standard output at most. The exit status does not matter.

        Args:
            command: a command line for the shell of the VM's user.
            timeout: how long it may take.

        Returns:
            The output as text, without white space around it and without characters that act on a terminal.

        Raises:
            StepFailed: when nobody is logged in, the connection broke, or the command did not end in time.

        Example:
        | Log In To The VM
        | ${answer} =    Run In The VM    uname -m
        """
        ran = self.command(command, timeout.total_seconds())
        if ran.problem:
            raise StepFailed(f"Expected that the VM runs '{command[:80]}' over ssh, but {ran.problem}.")
        return harmless(ran.text)

    def log_in_again(self) -> None:
        """Closes the connection of `Log In To The VM` and opens a new one, for which a machine that boots gets time. Raises as that does."""
        library = _library("SSHLibrary", "Log In To The VM")
        if library.current:
            library.close_connection()
        seconds = min(max(_LEAST_PATIENCE, self._run.site_settings().transition_timeout), _MOST_PATIENCE)
        self.log_in_to_the_vm(timeout=timedelta(seconds=seconds))

    def command(self, command: str, seconds: float = 10.0, most: int = MAX_OUTPUT) -> CommandRun:
        """Runs a command over the connection of `Log In To The VM`. Raises `StepFailed` when there is none."""
        try:
            transport = _library("SSHLibrary", "Run In The VM").current.client.get_transport()
        except RuntimeError:  # SSHLibrary's word for no connection
            transport = None
        if transport is None:
            raise StepFailed("Nobody is logged in to the VM: 'Log In To The VM' comes first.")
        return run_command(transport, command, Deadline(seconds), most)

    def _compare_keys(self, key: str, pinned: bool) -> None:
        before, self._key = self._key, key
        if before and key != before and not pinned:
            self._run.remark(
                f"The machine shows another host key than at the login before: {key} instead of {before}. A machine that makes a "
                "new key at each boot does so, and so does an address that leads to another machine; ${SSH_HOST_KEY} is empty, "
                "so nothing could be refused. Ask the site's admin which key is the VM's, and pin it."
            )

    def _not_logged_in(self, problem: GuestProblem) -> Exception:
        if not problem.final:
            fail_on_lost_network(self._run)
            return StepFailed(
                f"Expected that the VM can be logged in to, but: {problem} First check ${{SSH_HOST}} and ${{SSH_PORT}} in "
                f"{self._run.file}; if they are right, ask the site's admin whether the VM's ssh server runs and can be reached."
            )
        self._run.login_problem = str(problem)
        if isinstance(problem, HostKeyChanged) and self._key:
            return StepFailed(
                f"Expected the host key that this machine showed at the login before, {self._key}, which is the pinned one. "
                f"Seen: {problem.shown}. Either the VM was rebuilt or its disk was lost meanwhile, or the address leads to another "
                "machine now: ask the site's admin which. Nobody was logged in."
            )
        self._run.cannot_tell = str(problem)
        return CannotTell(str(problem))

    def _login(self) -> GuestLogin:
        login = site_login(self._run)
        if login is None:
            raise StepFailed(
                "The VM's ssh login is not known: give ${SSH_HOST}, ${SSH_USERNAME}, and ${SSH_PASSWORD} or ${SSH_KEY} "
                f"in {self._run.file}."
            )
        return login


def _library(name: str, wanted_by: str) -> Any:
    try:
        return BuiltIn().get_library_instance(name)
    except RuntimeError:
        raise StepFailed(
            f"'{wanted_by}' needs {name}: write 'Library    {name}' into the Settings of your suite."
        ) from None
