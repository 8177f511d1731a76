"""Reads a folder of results: every output of Robot Framework below it, each read once and kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from OcciLibrary.results.cache import Cache, Read
from OcciLibrary.results.output_tree import UnreadableError
from OcciLibrary.results.recognition import runs_in
from OcciLibrary.results.records import LeftOut, Run
from OcciLibrary.results.robot_json import looks_like_robot_json, read_json
from OcciLibrary.results.robot_xml import read_xml

_MOST_FILES = 200_000
_LOG_FOLLOWS_SECONDS = 600.0


@dataclass(frozen=True)
class Results:
    """Holds the runs in the order in which they began, each once, and the files that are left out."""

    runs: tuple[Run, ...]
    left_out: tuple[LeftOut, ...]

    def without_rehearsals(self) -> Results:
        """Returns the results without the runs on an embedded sandbox."""
        return replace(self, runs=tuple(run for run in self.runs if not run.rehearsal))


def read_results(folder: Path, shown: Callable[[Sequence[Path]], Iterable[Path]] = iter) -> Results:
    """Returns the records of all runs below a folder.

    `shown` is given the files and gives them back one by one (a progress bar). Raises `OSError` when the folder cannot be
    read; a file that cannot be is left out with a sentence.
    """
    cache = Cache(folder)
    texts: dict[str, str] = {}
    read = [_read(path, folder, cache) for path in shown(sorted(_outputs(folder)))]
    cache.save()
    runs = [_with_shared_texts(run, texts) for one in read if not isinstance(one, LeftOut) for run in one]
    return Results(_each_once(runs), tuple(one for one in read if isinstance(one, LeftOut)))


def _outputs(folder: Path) -> Iterator[Path]:
    """Gives the regular files that may be outputs; hidden folders are not looked into."""
    found = 0
    for place, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(place, name)
            if name.lower().endswith((".xml", ".json")) and not name.startswith(".") and _is_file(path):
                found += 1
                if found > _MOST_FILES:
                    raise OSError(f"{folder} has more than {_MOST_FILES} files that may be outputs")
                yield path


def _raise(problem: OSError) -> None:
    raise problem


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _read(path: Path, folder: Path, cache: Cache) -> Read:
    name = path.relative_to(folder).as_posix()
    try:
        status = path.stat()
        read = cache.get(name, status)
        if read is None:
            read = _read_anew(path, name)
            if read:  # what is no output is soon told again, and the matrix itself is among it
                cache.put(name, status, read)
    except OSError as problem:
        return LeftOut(name, f"it cannot be read: {problem.strerror or problem}")
    if isinstance(read, LeftOut):
        return read
    return tuple(replace(run, output=name, log=_log(path, folder) if run.complete else "") for run in read)


def _read_anew(path: Path, name: str) -> Read:
    try:
        if not path.name.lower().endswith(".json"):
            return tuple(runs_in(read_xml(path)))
        return tuple(runs_in(read_json(path))) if looks_like_robot_json(path) else ()
    except UnreadableError as why:
        return LeftOut(name, str(why))


def _log(output: Path, folder: Path) -> str:
    """Returns the path of the log that was written with an output; '' when there is none, or it is of another run."""
    log = output.with_name(output.name.replace("output", "log", 1)).with_suffix(".html")
    try:
        apart = log.stat().st_mtime - output.stat().st_mtime
    except OSError:
        return ""
    return log.relative_to(folder).as_posix() if abs(apart) < _LOG_FOLLOWS_SECONDS and log != output else ""


def _with_shared_texts(run: Run, texts: dict[str, str]) -> Run:
    """Returns a run whose documentation is kept once for all runs."""
    steps = (replace(step, doc=texts.setdefault(step.doc, step.doc)) for step in run.steps)
    return replace(run, steps=tuple(steps))


def _each_once(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Returns the runs in order of time; of one that is in several files (a merged log), the fullest record with a log."""
    best: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: (not run.complete, -len(run.steps), not run.log, run.output)):
        best.setdefault(run.run_id, run)
    return tuple(sorted(best.values(), key=lambda run: (run.started, run.run_id)))
