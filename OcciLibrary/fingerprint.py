"""A fingerprint of a suite file: tells whether two runs had the same tests, whatever computer they ran on."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

_DIGITS = 16
_MOST_FILES = 50
_LARGEST = 2_000_000
_RESOURCE = re.compile(r"^Resource(?:[ \t]{2,}|\t)[ \t]*(\S[^\n]*?)[ \t]*$", re.MULTILINE)


def fingerprint(suite: Path) -> str:
    """Returns 16 hexadecimal digits for a suite file and all that says what its tests do; '' when it cannot be read.

    That is the file, the resource files that it uses (site files are not among them: their names are variables), and the
    `__init__.robot` of each folder around it. Line ends do not count, nor where the files lie.
    """
    digest = hashlib.sha256()
    try:
        for name, text in sorted(_files(suite).items()):
            digest.update(f"{name}\0{len(text)}\0".encode())
            digest.update(text)
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()[:_DIGITS]


def _files(suite: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    to_read = [suite.resolve(), *_around(suite.resolve())]
    folder = suite.resolve().parent
    while to_read:
        path = to_read.pop()
        name = os.path.relpath(path, folder).replace("\\", "/")
        if name in found:
            continue
        if len(found) == _MOST_FILES or path.stat().st_size > _LARGEST:
            raise ValueError(f"{path} is too much for a suite.")
        found[name] = path.read_bytes().replace(b"\r\n", b"\n")
        to_read += _used_by(path, found[name].decode("utf-8", errors="replace"))
    return found


def _around(suite: Path) -> Iterator[Path]:
    for folder in suite.parents:
        above = folder / "__init__.robot"
        if not above.is_file():
            return
        yield above


def _used_by(path: Path, text: str) -> Iterator[Path]:
    for name in _RESOURCE.findall(text):
        used = (path.parent / name).resolve() if "${" not in name else None
        if used is not None and used.is_file():
            yield used
