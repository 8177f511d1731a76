"""Looks at one hostile site after the other, each in a process of its own whose peak of memory is measured.

    python -m tests.hostile.looking

Reads lines of JSON, ``[url, seconds, media type]``, and answers each with one line, a Look. The processes are forked from one
that has loaded all that a run loads, so that a look costs milliseconds and its peak is that of a whole run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import OcciLibrary.keywords.library  # noqa: F401 -- what a run loads
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Look:
    """What came of listing a site's VMs: how many, or the error; the seconds it took, the peak of memory in MB."""

    listed: int
    error: str
    words: str
    seconds: float
    peak: float


class Looker:
    """Drives the process that looks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.looking"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, url: str, timeout: float = 2.0, media_type: str = "text/plain") -> Look:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([url, timeout, media_type]) + "\n")
        self._process.stdin.flush()
        return Look(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def look(url: str, timeout: float, media_type: str) -> Look:
    """Lists the VMs of a site; what is no error of ours ends the process with a traceback."""
    client = OcciClient(url, timeout=timeout, patience=0.0, media_type=media_type)
    began = time.monotonic()
    listed, error, words = -1, "", ""
    try:
        listed = len(client.list_compute())
    except OcciError as problem:
        error, words = type(problem).__name__, str(problem)
    seconds = time.monotonic() - began
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return Look(listed, error, words, seconds, int(peak[1]) / 1024 if peak else 0.0)


def main() -> None:
    """Answers line by line until the input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            url, timeout, media_type = json.loads(line)
            print(json.dumps(asdict(look(url, timeout, media_type))), flush=True)  # noqa: T201
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status != 0:
            print(json.dumps(asdict(Look(-1, "crash", f"status {status}", 0.0, 0.0))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
