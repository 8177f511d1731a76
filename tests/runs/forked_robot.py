"""Runs robot in processes forked from one that has loaded Robot Framework and the library: a fork saves half a second of work.

Each run is a process of its own with its own environment, folder, output and end, as one from the command line. Where forking is not
safe (anything but Linux) it is one from the command line.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_AT_ONCE = 65536
# What nearly every run loads, though not at its beginning.
_LOADED = (
    "OcciLibrary.keywords.library",
    "OcciLibrary.occi.logins",
    "OcciLibrary.sandbox.embedded",
    "paramiko",
    "robot.running.namespace",
    "robot.running.suiterunner",
)


def run_robot(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, timeout: float
) -> tuple[int, str, str]:
    """Returns the code of a run, and what it wrote to its standard output and error, which are files in `folder`.

    Raises TimeoutError; the run is killed then.
    """
    streams = (folder / "out.txt", folder / "err.txt")
    if sys.platform == "linux":
        code = _server().run(arguments, environment, streams, timeout)
    else:
        code = _started(arguments, environment, streams, timeout)
    out, err = (stream.read_text("utf-8") for stream in streams)
    return code, out, err


def _started(
    arguments: Sequence[str], environment: Mapping[str, str], streams: tuple[Path, Path], timeout: float
) -> int:
    command = [sys.executable, "-m", "robot", *arguments]
    with streams[0].open("wb") as out, streams[1].open("wb") as err:
        try:
            return subprocess.run(
                command, cwd=ROOT, env=environment, stdout=out, stderr=err, timeout=timeout, check=False
            ).returncode
        except subprocess.TimeoutExpired as problem:
            raise TimeoutError(f"robot did not end within {timeout:g} s") from problem


class _Server:
    """The process from which runs are forked; it ends with this one, for then its input ends."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[Future[int], Future[int]]] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        streams: tuple[Path, Path],
        timeout: float,
    ) -> int:
        pid: Future[int] = Future()
        code: Future[int] = Future()
        order = {"arguments": [*arguments], "environment": {**environment}, "streams": [*map(str, streams)]}
        assert self._process.stdin is not None
        with self._lock:
            number = len(self._waiting)
            self._waiting[number] = (pid, code)
            self._process.stdin.write(json.dumps({**order, "number": number}).encode() + b"\n")
            self._process.stdin.flush()
        try:
            return code.result(timeout)
        except TookTooLong:
            os.kill(pid.result(), signal.SIGKILL)
            raise TimeoutError(f"robot did not end within {timeout:g} s") from None

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            pid, code = self._waiting[told["number"]]
            if "pid" in told:
                pid.set_result(told["pid"])
            else:
                code.set_result(told["code"])


_servers: list[_Server] = []
_servers_lock = threading.Lock()


def _server() -> _Server:
    with _servers_lock:
        if not _servers:
            _servers.append(_Server())
    return _servers[0]


def _serve() -> dict[str, Any]:
    """Forks a process for each order; returns the order in that process, and leaves this one when the orders end."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, int] = {}
    rest = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, _AT_ONCE)
            _tell_ends(running)
        if 0 not in ready:
            continue
        given = os.read(0, _AT_ONCE)
        if not given:
            os._exit(0)
        *lines, rest = (rest + given).split(b"\n")
        for line in lines:
            order: dict[str, Any] = json.loads(line)
            if pid := os.fork():
                running[pid] = order["number"]
                _tell(number=order["number"], pid=pid)
            else:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.close(woken)
                os.close(wake)
                return order


def _tell_ends(running: dict[int, int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        _tell(number=running.pop(pid), code=os.waitstatus_to_exitcode(status))


def _tell(**what: int) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _become(order: dict[str, Any]) -> None:
    """Makes this process what a shell would have started."""
    _put(0, os.devnull, os.O_RDONLY)
    for place, stream in enumerate(order["streams"], 1):
        _put(place, stream, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["robot", *order["arguments"]]


def _put(place: int, path: str, mode: int) -> None:
    descriptor = os.open(path, mode, 0o644)
    os.dup2(descriptor, place)
    os.close(descriptor)


if __name__ == "__main__":
    from robot import run_cli

    for name in _LOADED:
        import_module(name)
    this = _serve()
    _become(this)
    run_cli(this["arguments"])
