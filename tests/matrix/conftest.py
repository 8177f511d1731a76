from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from OcciLibrary.results.command_line import application
from tests.matrix.many_sites import make_kit, write_site
from tests.runs.conftest import Site, sandbox_sites


@dataclass
class Matrix:
    """Calls `occi-matrix` in a kit of its own."""

    root: Path
    sites: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "OcciLibrary.results", *map(str, arguments)],
            cwd=self.root,
            env={
                **os.environ,
                "OCCI_NOTES": str(self.root / "notes"),
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """Ends what a test that failed left running, as Ctrl-C does."""
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.communicate(timeout=60)
                process.kill()

    def __call__(self, *arguments: str | Path, **environment: str) -> tuple[int, str]:
        """Returns the return code and what was printed."""
        process = self.start(*arguments, **environment)
        out, _ = process.communicate(timeout=120)
        return process.returncode, out

    def at_once(self, *arguments: str | Path, **environment: str) -> tuple[int, str]:
        """The same without a process of its own, for what runs nothing."""
        with _in_folder(self.root):
            done = CliRunner().invoke(application(), [*map(str, arguments)], env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done.exit_code, done.output

    @property
    def folder(self) -> Path:
        """The folder of the last run."""
        return max(path for path in (self.root / "results").iterdir() if path.is_dir())

    def add(self, name: str, **variables: object) -> None:
        write_site(self.sites, name, variables)

    def add_site(self, name: str, site: Site, **variables: object) -> None:
        """Adds a file for a sandbox that runs by itself."""
        vm = site.vm
        addresses = {"VM_ID": vm["id"], "ECHO_HOST": vm["echo_host"], "ECHO_PORT": vm["echo_port"]}
        self.add(
            name,
            **{
                "OCCI_ENDPOINT": site.description["endpoint"],
                **addresses,
                "TRANSITION_TIMEOUT": "20 s",
                **variables,
            },
        )


@pytest.fixture
def matrix(tmp_path: Path) -> Iterator[Matrix]:
    made = Matrix(tmp_path / "kit", make_kit(tmp_path / "kit"))
    yield made
    made.end()


@pytest.fixture
def site() -> Iterator[Callable[..., Site]]:
    """Starts sandboxes with options such as `seconds=0.2,reference-state=active`; all end with the test."""
    with sandbox_sites("seconds=0.1,machines=1") as start:
        yield start


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def until(happens: Callable[[], object], seconds: float = 90.0) -> None:
    """Waits for something; fails when it does not happen in time."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def kill_run(name: str) -> None:
    """Kills the robot process that runs a site, as the kernel does when memory is short."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if f"SITE:{name}" in words and "robot" in words:
            os.kill(int(entry.name), signal.SIGKILL)
            return
    raise AssertionError(f"Nothing runs {name}.")
