"""Real runs: robot as a process of its own, against a sandbox as a process of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from robot.api import ExecutionResult
from robot.result import TestCase

from OcciLibrary.sandbox.embedded import EmbeddedSandbox, parse_options
from tests.runs.forked_robot import run_robot

ROOT = Path(__file__).parents[2]
SUITES = ROOT / "suites"
AGREED = SUITES / "01__agreed_test_cases"
_LONGEST_RUN = 180.0  # on a computer that has much else to do


@dataclass
class Finished:
    """A robot run that is over."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def tests(self) -> dict[str, TestCase]:
        """The tests by the wiki's number (or the whole name where there is none)."""
        result = ExecutionResult(self.folder / "output.xml")
        return {test.name.split()[0]: test for test in result.suite.all_tests}

    def statuses(self) -> dict[str, str]:
        return {number: test.status for number, test in self.tests.items()}


class Robot:
    """Runs robot with a notes folder of its own, so that tests leave nothing in the home folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "OCCI_NOTES": str(folder / "notes"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.environment.pop("OCCI_SITE", None)

    def arguments(self, *arguments: str | Path) -> list[str]:
        return ["--outputdir", str(self.folder / "results"), *map(str, arguments)]

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "robot", *self.arguments(*arguments)]

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def finish(self, process: subprocess.Popen[str], timeout: float = _LONGEST_RUN) -> Finished:
        out, err = process.communicate(timeout=timeout)
        return Finished(process.returncode, out, err, self.folder / "results")

    def __call__(self, *arguments: str | Path) -> Finished:
        self.folder.mkdir(parents=True, exist_ok=True)
        done = run_robot(self.arguments(*arguments), self.environment, self.folder, _LONGEST_RUN)
        return Finished(*done, self.folder / "results")


@dataclass
class Site:
    """A sandbox that runs by itself, seen as a tester sees a site."""

    process: EmbeddedSandbox
    description: dict[str, Any]

    @property
    def vm(self) -> dict[str, Any]:
        machine: dict[str, Any] = self.description["machines"][0]
        return machine

    def url(self) -> str:
        return f"{self.description['endpoint']}compute/{self.vm['id']}"

    def attributes(self, auth: tuple[str, str] | None = None) -> dict[str, Any]:
        answer = requests.get(self.url(), headers={"Accept": "application/occi+json"}, auth=auth, timeout=10)
        answer.raise_for_status()
        attributes: dict[str, Any] = answer.json()["attributes"]
        return attributes

    @property
    def variables(self) -> list[str]:
        """What a site file would say, as robot's command line takes it."""
        values = {
            "OCCI_ENDPOINT": self.description["endpoint"],
            "VM_ID": self.vm["id"],
            "ECHO_HOST": self.vm["echo_host"],
            "ECHO_PORT": self.vm["echo_port"],
            "TRANSITION_TIMEOUT": "20 s",
        }
        return [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]


@pytest.fixture
def robot(tmp_path: Path) -> Robot:
    return Robot(tmp_path)


@contextlib.contextmanager
def sandbox_sites(usual: str) -> Iterator[Callable[..., Site]]:
    """Gives what starts sandboxes, with the usual options or with others; all end with the context."""
    running: list[EmbeddedSandbox] = []

    def start(options: str = usual) -> Site:
        sandbox = EmbeddedSandbox()
        running.append(sandbox)
        return Site(sandbox, sandbox.start(parse_options(f"sandbox:{options}")))

    try:
        yield start
    finally:
        for sandbox in running:
            sandbox.stop()


@pytest.fixture
def site() -> Iterator[Callable[..., Site]]:
    """Starts sandboxes with options such as `seconds=0.2,reference-state=active`; all end with the test."""
    with sandbox_sites("seconds=0.2") as start:
        yield start
