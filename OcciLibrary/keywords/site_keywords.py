"""Keywords for the beginning and the end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from robot.api import logger
from robot.api.deco import keyword
from robot.libraries.BuiltIn import BuiltIn

from OcciLibrary.keywords.guarding import is_of_the_site, tester_side
from OcciLibrary.keywords.guest_signs import load_ahead
from OcciLibrary.keywords.harmless import cut
from OcciLibrary.keywords.putting_back import put_back, put_back_at_the_end
from OcciLibrary.keywords.run_record import introduction
from OcciLibrary.keywords.site_run import CannotTell, SiteRun
from OcciLibrary.keywords.unexpected_changes import LastSeen
from OcciLibrary.keywords.vm_lock import when
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import LoginRefused, SiteUnreachable
from OcciLibrary.probes.line_connection import Deadline, NotConnectedError, resolve
from OcciLibrary.probes.ping import Ping

_LOOK_UP_SECONDS = 15.0
_ANY_PORT = 7


class SiteKeywords:
    """Prepares a site and leaves it as it was found."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    @keyword("Prepare The Site", tags=["site"])
    def prepare_the_site(self) -> None:
        """Contacts the site, writes down what the VM is like, and puts back what a killed run left changed.

        It is the suite setup of every suite file and does its work once in a run. With the endpoint `sandbox` it
        starts the embedded site first. It never fails: when the site cannot be judged at all (wrong credentials, no
        network, another run on this computer that is working on the same VM), the first test says so and the
        others are not run; what a site does wrong is left to the step that is about it.

        Sets the global variables `${OCCI_ENDPOINT}`, `${VM_ID}`, `${ECHO_HOST}`, `${ECHO_PORT}`, `${SSH_HOST}` and
        `${SSH_PORT}` to what is really used, which differs from the site file only for the embedded site.

        Example:
        | Prepare The Site
        """
        run = self._run
        if run.stopped or run.found is not None:
            return
        try:
            self._contact()
        except (OcciError, CannotTell) as problem:
            lost = isinstance(problem, (LoginRefused, SiteUnreachable, CannotTell))
            if lost and not is_of_the_site(run, problem):
                run.stop(tester_side(run, problem))
                logger.info(run.stopped)
                return
            logger.info(f"The VM could not be queried, so there is nothing to put back later: {problem}")
        finally:
            logger.info(introduction(run))

    def _contact(self) -> None:
        run = self._run
        load_ahead(run.site_settings())
        _ = run.client
        _look_up(run.site_settings().echo_host)
        run.take_the_vm()
        self._publish()
        if run.take_up_note():
            self._finish_the_earlier_run()
        found = run.write_down()
        if found.state == "inactive":
            self._doubt_the_ping()
        logger.info(f"Found the VM {found.vm} in state '{found.state}' with {_listed(found.attributes)}.")

    def _doubt_the_ping(self) -> None:
        """Leaves out a ping that answers while the VM is stopped: it comes from something else."""
        run = self._run
        settings = run.site_settings()
        ping = Ping(settings.ping_host) if settings.ping_host else None
        if ping is not None and ping.available and ping.glance()[0] == "answers":
            run.settings = replace(settings, ping_host="")
            logger.warn(
                f"${{PING_HOST}} ({settings.ping_host}) answers ping although the VM is inactive, so it says nothing about the VM: "
                "this run does without ping."
            )

    def _finish_the_earlier_run(self) -> None:
        """Puts back what a run that was cut off left, and keeps what that run found for the end of this one."""
        run = self._run
        assert run.found is not None
        logger.warn(
            f"An earlier run on {run.found.vm}, begun {when(run.found.found_at)}, had not put the VM back as it was found; "
            "that is being done now."
        )
        if put_back(run):
            run.pending("")
            run.last_seen = LastSeen()
        if run.interruption is not None:
            raise run.interruption

    def _publish(self) -> None:
        settings = self._run.site_settings()
        for name in ("occi_endpoint", "vm_id", "echo_host", "echo_port", "ssh_host", "ssh_port"):
            BuiltIn().set_global_variable(f"${{{name.upper()}}}", getattr(settings, name))

    @keyword("Leave The VM As It Was Found", tags=["site"])
    def leave_the_vm_as_it_was_found(self) -> None:
        """Puts the VM's state and attributes back to what `Prepare The Site` wrote down, and says so in the log.

        It is the suite teardown of every suite; it acts at the end of the run only: in the outermost suite, in
        the last suite file, or right away when the run was interrupted with Ctrl-C. What cannot be put back is
        reported once, as a warning at the top of log.html and on the console; it makes no passed step fail. The next
        run on this site tries again.

        Example:
        | Leave The VM As It Was Found
        """
        run = self._run
        run.end_watch()
        if run.found is not None and not run.left and (run.interrupted or run.is_last_suite()):
            put_back_at_the_end(run)


def _listed(attributes: Mapping[str, object]) -> str:
    return cut(", ".join(f"{name}={value!r}" for name, value in attributes.items())) or "no attributes"


def _look_up(host: str) -> None:
    """Looks the echo service's name up, once and first. Raises `CannotTell` when nobody knows it."""
    try:
        resolve(host, _ANY_PORT, Deadline(_LOOK_UP_SECONDS))
    except NotConnectedError as problem:
        raise CannotTell(
            f"The name of the echo service, '{host}', is not known to DNS: check ${{ECHO_HOST}} and your network ({str(problem).rstrip('.')})."
        ) from None
