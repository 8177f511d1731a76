"""The steps that an interrupted run does not come to: they were not run, whatever Robot Framework calls them.

After a signal Robot Framework imports no library for the suite files that are left, so that the library's own listener does not
hear of them, and their tests are failures by default. A listener like those of the command line hears of all.

Source: Robot Framework 7.5, robot/running/suiterunner.py (`start_suite`), robot/output/logger.py (`_listeners`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from robot.output import LOGGER
from robot.output.listeners import ListenerFacade

from OcciLibrary.keywords.masking import FIRST

if TYPE_CHECKING:
    from OcciLibrary.keywords.site_run import SiteRun

EXIT = "robot:exit"  # Robot Framework's tag for what it does not run after a signal or a fatal error


class AfterInterruption:
    """Says of each later test that it was not run, and why."""

    ROBOT_LISTENER_API_VERSION = 3
    ROBOT_LISTENER_PRIORITY = FIRST

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    def end_test(self, data: Any, result: Any) -> None:
        """Skips a test that nobody has judged."""
        if EXIT in result.tags and "Verdict" not in result.metadata:
            result.status, result.message = "SKIP", not_run_because(self._run, result.message)
            result.metadata["Verdict"] = "not run"


def not_run_because(run: SiteRun, message: str = "") -> str:
    """Returns why a step was not run; `message` is what Robot Framework says of it where nothing else is known."""
    if run.interrupted_at:
        return f"Not run: the run was interrupted in '{run.interrupted_at}'."
    return "Not run: the run was interrupted." if run.interrupted or not message else f"Not run: {message}"


def listen_to_the_end(listener: object) -> None:
    """Lets a listener hear of all suites that are left of this run, those without the library included."""
    own = ListenerFacade.create(listener)
    LOGGER._cli_listeners = [*(LOGGER._cli_listeners or ()), own]
