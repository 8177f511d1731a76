"""Keywords for the beginning and the end of a run."""

from __future__ import annotations

from collections.abc import Mapping

from robot.api import logger
from robot.api.deco import keyword
from robot.libraries.BuiltIn import BuiltIn

from OcciLibrary.keywords.guarding import tester_side
from OcciLibrary.keywords.left_as_found import RestoreFailed, Restorer
from OcciLibrary.keywords.progress import Progress
from OcciLibrary.keywords.site_run import CannotTell, SiteRun
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import LoginRefused, SiteUnreachable


class SiteKeywords:
    """Prepares a site and leaves it as it was found."""

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    @keyword("Prepare The Site", tags=["site"])
    def prepare_the_site(self) -> None:
        """Contacts the site, writes down what the VM is like, and puts back what a killed run left changed.

        It is the suite setup of every suite file and does its work once in a run. With the endpoint `sandbox` it
        starts the embedded site first. It never fails: when the site cannot be judged at all (wrong credentials, no
        network), the first test says so and the others are not run; what a site does wrong is left to the
        step that is about it.

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
        except (LoginRefused, SiteUnreachable, CannotTell) as problem:
            run.stop(tester_side(run, problem))
            logger.info(run.stopped)
        except OcciError as problem:
            logger.info(f"The VM could not be queried, so there is nothing to put back later: {problem}")

    def _contact(self) -> None:
        run = self._run
        _ = run.client
        self._publish()
        if run.take_up_note():
            logger.warn(
                f"An earlier run on {run.vm_url} was cut off before it had put the VM back; that is done now."
            )
            self._put_back()
        found = run.write_down()
        logger.info(f"Found the VM {found.vm} in state '{found.state}' with {_listed(found.attributes)}.")

    def _publish(self) -> None:
        settings = self._run.site_settings()
        for name in ("occi_endpoint", "vm_id", "echo_host", "echo_port", "ssh_host", "ssh_port"):
            BuiltIn().set_global_variable(f"${{{name.upper()}}}", getattr(settings, name))

    @keyword("Leave The VM As It Was Found", tags=["site"])
    def leave_the_vm_as_it_was_found(self) -> None:
        """Puts the VM's state and attributes back to what `Prepare The Site` wrote down, and says so in the log.

        It is the suite teardown of every suite; it acts at the end of the run only: in the outermost suite, in
        the last suite file, or right away when the run was interrupted with Ctrl-C. What cannot be put back is
        reported once, as a warning at the top of log.html and on the console; it makes no passed step fail.

        Example:
        | Leave The VM As It Was Found
        """
        run = self._run
        run.end_watch()
        if run.found is None or not (run.interrupted or run.is_last_suite()):
            return
        if run.stopped:
            logger.warn(
                f"The VM could not be put back as it was found, because the run had to stop: {run.stopped} {run.what_is_owed()}"
            )
            return
        self._put_back()

    def _put_back(self) -> None:
        run = self._run
        assert run.found is not None
        timeout = run.site_settings().transition_timeout
        progress = Progress(timeout)
        restorer = Restorer(
            run.client, run.found, timeout, lambda words: progress.show(0.0, f"putting the VM back: {words}")
        )
        try:
            done = restorer.restore()
        except RestoreFailed as problem:
            logger.warn(f"The VM is not as it was found: {problem}. Ask the site's admin to put it right.")
            return
        except (OcciError, CannotTell) as problem:
            logger.warn(f"The VM could not be put back as it was found: {problem}. {run.what_is_owed()}")
            return
        finally:
            progress.end()
        logger.info(
            f"The VM is as it was found; put back: {', '.join(done)}."
            if done
            else "The VM is as it was found."
        )
        run.all_put_back()


def _listed(attributes: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in attributes.items()) or "no attributes"
