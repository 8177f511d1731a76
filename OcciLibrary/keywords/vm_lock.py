"""One run at a time on one VM: a lock that the operating system gives up when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

_TRIES = 100
_LONGEST = 1000
_LOCKED_BYTE = 2**20  # behind the content: Windows lets nobody read a byte that is locked


class VmLock:
    """Locks one VM for one process on this computer, by a file that says who holds it and since when.

    Nobody has to clean up after a process that was killed: the lock ends with it, only the file stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> str:
        """Returns '' when this process holds the lock now, else who holds it: `process 4711, since 10:31`.

        Raises `OSError` where the folder takes no file or knows no locks.
        """
        if self._file is not None:
            return ""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(_TRIES):
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                locked = _lock(file)
                if not locked:
                    return _holder(file)
                if _is_still(self._path, file):  # else its holder removed it in between
                    _write_holder(file)
                    self._file, file = file, -1
                    return ""
            finally:
                if file >= 0:
                    os.close(file)
        return "a process that comes and goes"

    def give_back(self) -> None:
        """Gives the lock back and removes its file."""
        file, self._file = self._file, None
        if file is None:
            return
        with contextlib.suppress(OSError):
            self._path.unlink()  # before the lock goes: nobody else's file is removed. Windows refuses it.
        os.close(file)
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                self._path.unlink()  # refused while somebody else has it open


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _is_still(path: Path, file: int) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(file))
    return False


def _write_holder(file: int) -> None:
    content = {"process": os.getpid(), "host": platform.node(), "since": time.time()}
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, json.dumps(content).encode())


def _holder(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    with contextlib.suppress(OSError, ValueError, RecursionError):
        content = json.loads(os.read(file, _LONGEST))
        if isinstance(content, dict):
            return ", ".join(_known(content)) or "a process"
    return "a process"


def _known(content: dict[str, Any]) -> list[str]:
    process, host, since = content.get("process"), content.get("host"), content.get("since")
    known = [f"process {process}"] if isinstance(process, int) else []
    if known and isinstance(host, str) and host != platform.node():
        known[0] += f" on {host[:100]}"
    if isinstance(since, (int, float)):
        with contextlib.suppress(OverflowError, OSError, ValueError):
            known.append(f"since {when(since)}")
    return known


def when(moment: float) -> str:
    """Returns a moment (seconds since 1970) as a tester's clock shows it, with the date when it is not today's."""
    there, now = datetime.fromtimestamp(moment).astimezone(), datetime.now().astimezone()
    return there.strftime("%H:%M" if there.date() == now.date() else "%Y-%m-%d %H:%M")
