"""The disk of a real machine before its first boot: an empty ext4 file system, made by mke2fs without root's rights.

It has a journal, so that a machine that loses its power, and a copy of the disk of a running one, lose nothing that was written.
"""

from __future__ import annotations

import os
import shutil
import subprocess

DISK_BYTES = 256 * 1024**2  # what is not written takes no room
_FORMATTER = "mke2fs"
_SECONDS = 30.0
_FORM = ("-q", "-F", "-t", "ext4", "-m", "0", "-J", "size=4", "-E", "lazy_itable_init=0,lazy_journal_init=0")


class FormatError(Exception):
    """A disk that could not be formatted; the text says why."""


def formatter() -> str:
    """Returns the path of mke2fs, '' where there is none; it is seldom on an ordinary user's PATH."""
    return shutil.which(_FORMATTER, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin") or ""


def format_disk(path: str) -> None:
    """Makes a file a formatted disk. Raises FormatError or OSError."""
    os.truncate(path, DISK_BYTES)
    try:
        done = subprocess.run(
            [formatter() or _FORMATTER, *_FORM, path],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FormatError(f"The machine's disk could not be formatted within {_SECONDS:g} s.") from None
    if done.returncode:
        raise FormatError(f"The machine's disk could not be formatted: {done.stderr.strip()[:300]}")
