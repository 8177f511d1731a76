"""Puts the VM back at the end of a run, or at the start of the next one, and says in the log what was done."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from robot.api import logger
from robot.errors import ExecutionFailed

from OcciLibrary.keywords.created import IMAGE, LINK, MIXIN, NETWORK, STORAGE, VM, Remover
from OcciLibrary.keywords.left_as_found import RestoreFailed, Restorer
from OcciLibrary.keywords.progress import Progress
from OcciLibrary.keywords.site_run import CannotTell, SiteRun
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import LoginRefused, SiteUnreachable

Report = Callable[[str], None]
_T = TypeVar("_T")
_GLANCE = 5.0
_LEAST_PATIENCE = 60.0
_NOT_PUT_BACK = "NOT as it was found: see the warning at the top of this log"


def put_back(run: SiteRun, report: Report = logger.info) -> bool:
    """Puts the VM back to how it was found; returns whether that is confirmed. What cannot be put back is a warning.

    A first Ctrl-C does not keep the VM from being put back; a second one ends Robot Framework at once, and the next run
    finishes the job.
    """
    return _despite_a_signal(run, lambda: _put_back(run, report))


def put_back_at_the_end(run: SiteRun, report: Report = logger.info) -> None:
    """Puts the VM back as the last thing of a run; when the run had to stop, only if the site can be reached again."""
    run.left = True
    if run.interrupted and not run.interrupted_at:
        logger.warn(
            "The run was interrupted (Ctrl-C, or a signal) between two steps; the later ones were not run."
        )
    _despite_a_signal(run, lambda: _put_back_at_the_end(run, report))


def _put_back_at_the_end(run: SiteRun, report: Report) -> None:
    if run.found is None:
        return
    if run.stopped and not _reachable(run):
        run.vm_left = _NOT_PUT_BACK
        logger.warn(
            f"The VM could not be put back as it was found, because the run had to stop: {run.stopped} {run.what_is_owed()}"
        )
    elif _put_back(run, report):
        run.all_put_back()


def _put_back(run: SiteRun, report: Report) -> bool:
    nothing_owed = _removed_what_was_created(run, report, (LINK, VM, STORAGE, NETWORK, MIXIN))
    is_as_found = _restored(run, report)
    # Only now, for what was to be saved at the VM's next stop may be saved by putting it back.
    no_image_owed = _removed_what_was_created(run, report, (IMAGE,))
    return nothing_owed and no_image_owed and is_as_found


def _restored(run: SiteRun, report: Report) -> bool:
    try:
        done = _restore(run)
    except RestoreFailed as problem:
        run.keep_note()
        warning = f"The VM is not as it was found: {str(problem).rstrip('.')}. Ask the site's admin to put it right."
    except (OcciError, CannotTell) as problem:
        warning = (
            f"The VM could not be put back as it was found: {str(problem).rstrip('.')}. {run.what_is_owed()}"
        )
    else:
        run.vm_left = f"as it was found; put back: {', '.join(done)}" if done else "as it was found"
        report(f"The VM is {run.vm_left}.")
        return True
    run.vm_left = _NOT_PUT_BACK
    logger.warn(warning)
    return False


def _removed_what_was_created(run: SiteRun, report: Report, what: Collection[str]) -> bool:
    """Deletes the things of some sorts that this run, or one that was killed, created; returns whether none is left for the next run."""
    found = run.found
    wanted = [one for one in found.created if one.what in what] if found is not None else []
    if found is None or not wanted:
        return True
    with _told(run, "deleting what was created") as (say, _):
        try:
            remover = Remover(run.client, run.site_settings().transition_timeout, say)
            done = remover.remove(wanted)
        except CannotTell as problem:
            logger.warn(f"What was created at the site could not be deleted: {problem}")
            return False
    found.created = [*(one for one in found.created if one.what not in what), *remover.owed]
    run.keep_note()
    if done:
        report(f"What was created is deleted: {', '.join(done)}.")
    if remover.problems:
        later = " The next run on this site tries again." if remover.owed and not run.is_embedded else ""
        logger.warn(
            f"What this run created could not all be deleted: {'; '.join(remover.problems)}.{later} Delete it with the site's own "
            "tools, or ask its admin."
        )
    return not remover.owed


@contextmanager
def _told(run: SiteRun, work: str) -> Iterator[tuple[Callable[[str], None], Callable[[str], None]]]:
    """Gives what hears the steps of a piece of work, and what hears what it waits for: that stands on the console only."""
    progress = Progress(_patience(run))
    began = time.monotonic()

    def waiting(words: str) -> None:
        progress.show(time.monotonic() - began, f"{work}: {words}")

    def say(words: str) -> None:
        logger.info(f"{work[:1].upper()}{work[1:]}: {words}")
        waiting(words)

    try:
        yield say, waiting
    finally:
        progress.end()


def _despite_a_signal(run: SiteRun, work: Callable[[], _T]) -> _T:
    """Returns what a piece of work returns, begun anew after the first signal (how Robot Framework hands one to a keyword)."""
    try:
        return work()
    except ExecutionFailed as signal:
        if not signal.exit:
            raise
        run.interruption = signal
        run.client.close()  # the signal may have come in the middle of an exchange
        return work()


def _patience(run: SiteRun) -> float:
    """Returns the seconds that a transition may take now: a time-out that was too short must not leave the VM changed."""
    allowed = run.site_settings().transition_timeout
    return allowed if run.is_embedded else max(allowed, _LEAST_PATIENCE)


def _reachable(run: SiteRun) -> bool:
    assert run.found is not None
    client = run.client.clone(timeout=_GLANCE)
    try:
        client.get(run.found.vm)
    except (LoginRefused, SiteUnreachable):
        return False
    except OcciError:
        return True  # what it answers instead of the VM is said when that cannot be put back
    finally:
        client.close()
    return True


def _restore(run: SiteRun) -> list[str]:
    assert run.found is not None

    def sending(action: str) -> None:
        run.pending(action, time.time())

    with _told(run, "putting the VM back") as (say, waiting):
        return Restorer(run.client, run.found, _patience(run), say, sending, waiting).restore()
