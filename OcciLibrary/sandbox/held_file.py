"""Files that nobody has to remove: they have no name, and the kernel frees them with the last process that holds them.

So the disks of VMs and the images that a site keeps of them are gone when the sandbox is, however it ended. A process reaches such a
file by way of the one that holds it (/proc/PID/fd on Linux). Where that cannot be, on other systems or for a Python with rights of its
own (setcap), the file has a name and is removed when it is closed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

_CHUNK = 64 * 1024
_ZEROS = bytes(_CHUNK)


class HeldFile:
    """One file, empty at first or with ``content``; ``path`` is how another process of this user opens it, while it is held."""

    def __init__(self, content: bytes = b"") -> None:
        if _others_reach_open_files():
            self._stream = tempfile.TemporaryFile(prefix="occi-")  # noqa: SIM115 - held until `close`
            self.path = f"/proc/{os.getpid()}/fd/{self._stream.fileno()}"
        else:
            number, self.path = tempfile.mkstemp(prefix="occi-")
            self._stream = open(number, "w+b")  # noqa: SIM115
        if content:
            self._stream.write(content)
            self._stream.flush()

    def read(self) -> bytes:
        """Returns what is in the file now, whoever wrote it."""
        return Path(self.path).read_bytes()

    def copied(self) -> HeldFile:
        """Returns a file with the same content. Raises OSError."""
        copy = HeldFile()
        try:
            copy_file(self.path, copy.path)
        except OSError:
            copy.close()
            raise
        return copy

    def close(self) -> None:
        """Lets go of the file."""
        self._stream.close()
        if not self.path.startswith("/proc/"):
            with contextlib.suppress(OSError):
                os.unlink(self.path)


def _others_reach_open_files() -> bool:
    """Tells whether another process of this user may open what this one holds open (proc(5), ptrace(2))."""
    try:
        return sys.platform == "linux" and os.stat("/proc/self/fd").st_uid == os.geteuid()
    except OSError:
        return False


def copy_file(source: str, target: str) -> None:
    """Makes ``target`` a copy; what is zero in the source takes no room in the copy. Raises OSError."""
    with open(source, "rb") as reading, open(target, "r+b") as writing:
        writing.truncate(0)
        while chunk := reading.read(_CHUNK):
            if chunk == _ZEROS[: len(chunk)]:
                writing.seek(len(chunk), os.SEEK_CUR)
            else:
                writing.write(chunk)
        writing.truncate()
