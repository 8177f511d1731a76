"""Runs the suites against many sites side by side: a process and a folder for each site, one merged log of all.

Why not pabot: it ends what takes too long, or what Ctrl-C ends, by SIGTERM and two seconds later SIGKILL, so that no VM is put
back, and then fills the output with a FAIL for every step, also for those that had passed (measured with pabot 5.2.2).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import count
from pathlib import Path

from robot.utils import timestr_to_secs

from OcciLibrary.results.site_list import Kit, ListedSite, queues
from OcciLibrary.results.site_process import End, Limits, SiteProcess

AT_ONCE = 16
RUN_SECONDS = 3600.0
_LEAST_TO_PUT_BACK = 120.0
_TRANSITIONS_TO_PUT_BACK = 4  # what a restore may need: start, stop, an update, and the state found
_LOOKS_EVERY = 0.1
_LONGEST_START = 10.0  # what starts for longer hangs, and keeps no processor busy
_MERGE_SECONDS = 600.0
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

ALL_PASSED, SOME_FAILED, SOME_NOT_JUDGED, INTERRUPTED = 0, 1, 3, 130
"""What `occi-matrix run` returns: the worst that became of any site."""


@dataclass(frozen=True)
class Orders:
    """Holds how the sites are run: options and suites for robot, how many at once, and the seconds that one may take."""

    options: tuple[str, ...] = ()
    suites: tuple[str, ...] = ("suites",)
    at_once: int = AT_ONCE
    run_seconds: float = RUN_SECONDS


@dataclass(frozen=True)
class Finished:
    """Holds what became of all sites; `log` is the merged log, None when there is nothing to merge."""

    folder: Path
    sites: tuple[SiteProcess, ...]
    interrupted: bool
    log: Path | None
    problem: str = ""

    @property
    def code(self) -> int:
        """Returns the return code."""
        ends = {site.end for site in self.sites}
        if self.interrupted:
            return INTERRUPTED
        if ends & {End.CUT_OFF, End.CRASHED, End.CANNOT_TELL, End.NOT_BEGUN}:
            return SOME_NOT_JUDGED
        return SOME_FAILED if End.FAILED in ends else ALL_PASSED


def run_sites(
    kit: Kit,
    sites: Sequence[ListedSite],
    results: Path,
    orders: Orders,
    show: Callable[[Sequence[SiteProcess]], None],
) -> Finished:
    """Runs the suites against sites; `show` is called with all of them ten times a second.

    Ctrl-C (SIGTERM and SIGHUP, too) ends all runs, and each puts its VM back; a second one ends robot at once, and the next
    run on the site puts the VM back. Raises `OSError` when the folder of results takes nothing.
    """
    folder = new_folder(results)
    with tempfile.TemporaryDirectory(prefix="occi-matrix-") as reports:
        made = {
            site.name: SiteProcess(site.name, folder / site.name, Path(reports), _limits(site, orders))
            for site in sites
        }
        running = _Running([[made[site.name] for site in queue] for queue in queues(sites)], orders, kit.root)
        processes = tuple(made.values())
        with _signals() as signals:
            while running.go_on(len(signals)):
                show(processes)
                time.sleep(_LOOKS_EVERY)
        show(processes)
    log, problem = merged_log(processes, folder)
    return Finished(folder, processes, bool(signals), log, problem)


class _Running:
    """Begins what may begin, and looks after what runs: one of each queue at a time."""

    def __init__(self, waiting: Sequence[Sequence[SiteProcess]], orders: Orders, root: Path) -> None:
        self._queues = sorted(
            waiting, key=len, reverse=True
        )  # those who have to wait for each other come first
        self._all = [site for queue in self._queues for site in queue]
        self._orders = orders
        self._root = root
        self._stops = 0

    def go_on(self, signals: int) -> bool:
        """Does what is due; `signals` is how many came. Returns whether anything runs or waits still."""
        if signals > self._stops:
            self._stops = signals
            self._stop()
        for site in self._all:
            site.look()
        for queue in self._queues:
            if not any(site.running for site in queue) and self._has_room():
                self._begin(next((site for site in queue if site.end is None), None))
        return any(site.end is None for site in self._all)

    def _has_room(self) -> bool:
        """Tells whether one more may begin.

        A start keeps a processor busy, and runs that are past theirs watch VMs by the millisecond: so few start at a time.
        """
        running = [site for site in self._all if site.running]
        starting = sum(not site.progress.begun and site.seconds < _LONGEST_START for site in running)
        return len(running) < self._orders.at_once and starting < (os.cpu_count() or 1)

    def _begin(self, site: SiteProcess | None) -> None:
        if site is not None:
            site.start(self._orders.options, self._orders.suites, self._root)

    def _stop(self) -> None:
        for site in self._all:
            if site.running:
                site.stop("it was interrupted")
            elif site.end is None:
                site.skip("the runs were interrupted before")


def _limits(site: ListedSite, orders: Orders) -> Limits:
    """Returns the bounds of one site's run; a VM is put back at the pace of its site."""
    try:
        transition = float(timestr_to_secs(site.variables.text("TRANSITION_TIMEOUT") or "5 minutes"))
    except ValueError:
        transition = 0.0  # the run itself says what is wrong with it
    return Limits(orders.run_seconds, max(_LEAST_TO_PUT_BACK, _TRANSITIONS_TO_PUT_BACK * transition))


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Gives the list of the signals that came meanwhile, instead of what they usually do."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda got, _: came.append(got)) for number in _SIGNALS}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def new_folder(results: Path) -> Path:
    """Returns a new folder whose name sorts by time (UTC). Raises `OSError`."""
    name = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    for number in count(1):
        folder = results / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder.resolve()
    raise AssertionError


def merged_log(sites: Sequence[SiteProcess], folder: Path) -> tuple[Path | None, str]:
    """Makes one log.html and report.html of the outputs that are whole; returns the log, or why there is none.

    No merged output is kept: each run is in the outputs once.
    """
    outputs = [str(site.folder / "output.xml") for site in sites if site.is_whole()]
    if not outputs:
        return None, "No run came to its end."
    command = [sys.executable, "-m", "robot.rebot", "--nostatusrc", "--name", "OCCI", "--output", "NONE"]
    command += ["--log", "log.html", "--report", "report.html", "--outputdir", str(folder)]
    environment = {name: value for name, value in os.environ.items() if name != "REBOT_OPTIONS"}
    try:
        done = subprocess.run(
            [*command, *outputs],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_MERGE_SECONDS,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return None, f"The merged log could not be made: {problem}"
    log = folder / "log.html"
    if done.returncode or not log.is_file():
        return None, f"The merged log could not be made: {done.stderr.strip()[-500:]}"
    return log, ""
