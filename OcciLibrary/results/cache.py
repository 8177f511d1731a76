"""Keeps what was read, so that a second build reads only what is new.

What it cannot make sense of (another version, a damaged file) is as if it were not there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from OcciLibrary import __version__
from OcciLibrary.results.record_json import run_from_json, run_to_json
from OcciLibrary.results.records import LeftOut, Run

NAME = ".occi-matrix-cache.json"
_LARGEST = 200_000_000
_FORMAT = f"4, library {__version__}"
Read: TypeAlias = tuple[Run, ...] | LeftOut


class Cache:
    """Holds what each file came to, by its path in the folder of results, its size and its time of change."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._known = self._load()
        self._used: dict[str, tuple[int, int, Read]] = {}

    def get(self, path: str, status: os.stat_result) -> Read | None:
        """Returns what a file came to, None when it has changed since or was never read."""
        size, changed, read = self._known.get(path, (0, 0, None))
        if read is None or (size, changed) != (status.st_size, status.st_mtime_ns):
            return None
        self._used[path] = (size, changed, read)
        return read

    def put(self, path: str, status: os.stat_result, read: Read) -> None:
        """Notes what a file came to."""
        self._used[path] = (status.st_size, status.st_mtime_ns, read)

    def save(self) -> None:
        """Writes down what was asked for and put; a folder that cannot be written to is read anew next time."""
        if self._used == self._known:
            return
        docs: dict[str, int] = {}
        files = {
            path: [size, changed, _to_json(read, docs)]
            for path, (size, changed, read) in sorted(self._used.items())
        }
        new = self._path.with_name(f"{NAME}.{os.getpid()}")
        try:
            new.write_text(json.dumps({"format": _FORMAT, "docs": list(docs), "files": files}), "utf-8")
            new.replace(self._path)
        except OSError:
            new.unlink(missing_ok=True)

    def _load(self) -> dict[str, tuple[int, int, Read]]:
        try:
            if self._path.stat().st_size > _LARGEST:
                return {}
            data = json.loads(self._path.read_bytes())
            if data["format"] != _FORMAT:
                return {}
            docs = [str(doc) for doc in data["docs"]]
            return {
                path: (int(size), int(changed), _from_json(path, read, docs))
                for path, (size, changed, read) in data["files"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            return {}


def _to_json(read: Read, docs: dict[str, int]) -> Any:
    if isinstance(read, LeftOut):
        return read.why
    runs = [run_to_json(run) for run in read]
    for step in _steps(runs):
        step["doc"] = docs.setdefault(step["doc"], len(docs))
    return runs


def _from_json(path: str, data: Any, docs: list[str]) -> Read:
    if isinstance(data, str):
        return LeftOut(path, data)
    for step in _steps(data):
        step["doc"] = docs[step["doc"]]
    return tuple(map(run_from_json, data))


def _steps(runs: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (step for run in runs for step in run["steps"])
