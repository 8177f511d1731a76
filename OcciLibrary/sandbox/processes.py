"""Child processes of the sandbox: JSON lines over pipes, a session of their own, and an end that is certain.

A child reads its orders from its standard input and ends when that ends, so nothing is left when the parent dies.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 1024 * 1024
_STDERR_LINES = 20


class ChildError(Exception):
    """A child process that did not do what was asked; the text says what it wrote last."""


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns the environment for a child that imports this very copy of OcciLibrary.

    The working directory is kept off the module path: a tester's folder may hold files named like modules.
    """
    environment = {**os.environ, **(extra or {}), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
    if _PACKAGE_ROOT.name not in ("site-packages", "dist-packages"):
        paths = [str(_PACKAGE_ROOT), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return environment


class ChildProcess:
    """A Python module run as a process of its own group, so that the terminal's Ctrl-C does not reach it."""

    def __init__(
        self, module: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(environment),
            cwd=None if sys.version_info >= (3, 11) else _PACKAGE_ROOT,  # 3.10 knows no PYTHONSAFEPATH
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._last_words: collections.deque[str] = collections.deque(maxlen=_STDERR_LINES)
        self._readers = [
            threading.Thread(target=self._read_output, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def tell(self, order: Mapping[str, Any]) -> None:
        """Sends one order. Raises ChildError when the process is gone."""
        try:
            self._stdin.write(json.dumps(order).encode() + b"\n")
            self._stdin.flush()
        except (OSError, ValueError) as error:
            raise ChildError(
                f"The process {self.pid} takes no orders any more. {self.last_words()}"
            ) from error

    def answer(self, timeout: float) -> dict[str, Any]:
        """Waits for the next JSON line. Raises ChildError when none comes in time or it tells of a failure."""
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            raise ChildError(f"The process {self.pid} did not answer within {timeout:g} s.") from None
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ChildError(f"The process {self.pid} ended without an answer. {self.last_words()}")
        if "failed" in answer:
            raise ChildError(str(answer["failed"]))
        return answer

    def end(self, patience: float = 3.0) -> None:
        """Closes the process's input, which asks it to end; ends it by force when it does not."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        for force in (None, self._process.terminate, self._process.kill):
            if force:
                force()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
                break
        for reader in self._readers:
            reader.join(1.0)

    def last_words(self) -> str:
        """Returns the end of what the process wrote to its standard error, for error messages."""
        self._readers[1].join(0 if self.alive else 1.0)
        return " ".join(self._last_words)

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _read_output(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            while line := stream.readline(_LONGEST_LINE):
                self._lines.put(line)
        self._lines.put(b"")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            while line := stream.readline(_LONGEST_LINE):
                self._last_words.append(line.decode(errors="replace").strip()[:500])


def standard_input_lines(longest: int = _LONGEST_LINE) -> collections.abc.Iterator[bytes]:
    """Yields the lines of this process's standard input, without buffering, until it ends.

    Reads the file descriptor itself: a thread that waits in ``sys.stdin`` would block the interpreter's end.
    """
    waiting = b""
    while chunk := _read_input():
        waiting += chunk
        *lines, waiting = waiting.split(b"\n")
        yield from lines
        if len(waiting) > longest:
            return


def _read_input() -> bytes:
    try:
        return os.read(0, 65536)
    except OSError:  # closed, or no standard input at all
        return b""
