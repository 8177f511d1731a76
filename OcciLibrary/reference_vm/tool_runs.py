"""Runs the tools that make an image: bounded in time, ended with all that they started, and what they complain of told in words."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError

_ENGLISH = {"LC_ALL": "C", "LANGUAGE": "C"}
_KEPT_LINES = 400
_GRACE_SECONDS = 10.0


def missing_tools(tools: Mapping[str, str]) -> list[str]:
    """Returns what to install for the tools that are not here: package names, by the names of the tools."""
    return sorted({package for tool, package in tools.items() if shutil.which(tool, path=_path()) is None})


def _path() -> str:
    """Returns where tools are looked for: not every root has the folders of the system's own tools in its PATH."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


def run(
    command: Sequence[str],
    seconds: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    told: Callable[[str], None] | None = None,
) -> str:
    """Runs a tool to its end and returns what it said; ``told`` gets each line of its errors as it comes.

    Raises BuildError: in words where the tool failed, is missing, or took longer than ``seconds``. However this ends, the tool
    and all that it started have ended, too.
    """
    try:
        with subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **_ENGLISH, "PATH": _path(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,  # so that all of it can be ended at once, and Ctrl-C reaches us first
        ) as process:
            return _follow(process, command, seconds, told)
    except OSError as error:
        raise BuildError(f"{command[0]} cannot be run: {error.strerror}.") from None


def _follow(
    process: subprocess.Popen[str], command: Sequence[str], seconds: float, told: Callable[[str], None] | None
) -> str:
    said: list[str] = []
    errors: deque[str] = deque(maxlen=_KEPT_LINES)
    readers = [
        threading.Thread(target=_read_all, args=(process.stdout, said.append), daemon=True),
        threading.Thread(target=_read_all, args=(process.stderr, _both(errors.append, told)), daemon=True),
    ]
    try:
        for reader in readers:
            reader.start()
        process.wait(seconds)
        for reader in readers:
            reader.join(_GRACE_SECONDS)  # a child that went on may hold the pipes
    except subprocess.TimeoutExpired:
        raise BuildError(f"{command[0]} did not finish within {seconds:g} s: is the network slow?") from None
    finally:
        _end(process)
    if process.returncode:
        raise BuildError(_reason(command[0], "".join(errors)))
    return "".join(said)


def _read_all(stream: object, take: Callable[[str], None]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream:  # type: ignore[attr-defined]
            take(line)


def _both(first: Callable[[str], None], second: Callable[[str], None] | None) -> Callable[[str], None]:
    def take(line: str) -> None:
        first(line)
        if second is not None:
            second(line)

    return take


def _end(process: subprocess.Popen[str]) -> None:
    """Ends the whole group: first with the chance to clean up, then for good."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)


def _reason(tool: str, errors: str) -> str:
    lines = [line[2:].strip() for line in errors.splitlines() if line.startswith("E: ")]
    reason = (lines or [line for line in errors.splitlines() if line.strip()] or ["it gave no reason"])[0][
        :300
    ]
    if re.search(r"Unable to locate|Can't find a source|No packages found", errors):
        return f"apt does not know a package ({reason}): run apt-get update (as root), then build again."
    if re.search(
        r"Could not resolve|Failed to fetch|Temporary failure|Unable to connect|Could not connect", errors
    ):
        return f"The packages cannot be downloaded ({reason}): is there a network, and a proxy set where one is needed?"
    if "No space left" in errors or "free space" in errors:
        return f"The packages cannot be stored: {reason}."
    return f"{tool} failed: {reason}"
