"""Every build of the echo service, each listening on 127.0.0.1: what the conformance test runs against."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from OcciLibrary.reference_vm import echo_service
from OcciLibrary.reference_vm.echo_build import build_echo_service
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite

Build = Callable[[int], AbstractContextManager[int]]
"""Starts a build with an idle limit in seconds; gives its port."""


@contextlib.contextmanager
def _process(command: Sequence[str]) -> Iterator[int]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.kill()


def python_file(folder: Path) -> Build:
    """Gives the file by itself, as a site admin copies it into an image."""
    command = [sys.executable, "-I", "-S", str(echo_service.__file__), "--host", "127.0.0.1", "--port", "0"]
    return lambda idle: _process([*command, "--idle", str(idle)])


def c_program(folder: Path) -> Build:
    """Gives the program for images without Python, built as for the tiny image."""
    if shutil.which("gcc") is None and shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    program = build_echo_service(folder / "echo_service")
    command = [str(program), "--host", "127.0.0.1", "--port", "0"]
    return lambda idle: _process([*command, "--idle", str(idle)])


def sandbox_vm(folder: Path) -> Build:
    """Gives the echo service of a light machine of the sandbox."""

    @contextlib.contextmanager
    def started(idle: int) -> Iterator[int]:
        if idle < echo_service.IDLE_SECONDS:
            pytest.skip("the sandbox's machines keep the usual idle limit")
        site = SandboxSite(SandboxOptions(seconds=0.0, machines=1, reference_state="active"))
        site.start()
        try:
            yield site.machines[0].echo_port.number
        finally:
            site.stop()

    return started


BUILDS = {"python": python_file, "c": c_program, "sandbox": sandbox_vm}
