"""Runs the conformance suites against the dialects of the sandbox: a letter for each test."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from robot.api import ExecutionResult
from robot.result import TestCase

from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite
from tests.conformance.suite_tests import SUITES
from tests.runs.forked_robot import run_robot

TABLE = Path(__file__).with_name("conformance_table.json")
SITES_AT_ONCE = 6  # most of a run is waiting
LONGEST_RUN = 240.0
# Taken once: pytest changes the environment between its tests, while the runs go on in other threads.
_ENVIRONMENT = os.environ.copy()
_ABLE_TO_CREATE = ("spec11", "spec12")
_LETTERS = {"pass": "P", "pass with remark": "R", "fail": "F", "cannot tell": "T"}


@dataclass(frozen=True)
class SiteRow:
    """One site, and the letters of its tests by topic (``HP1``), in the order of their numbers.

    P pass, R pass with remark, F fail, S skipped, N skipped for what is not offered, T fail on the tester's side. ``either`` gives tests
    that a loaded machine may rightly judge in more than one way.
    """

    dialect: str
    letters: Mapping[str, str] = field(default_factory=dict)
    either: Mapping[str, str] = field(default_factory=dict)

    def numbers(self) -> list[str]:
        """Returns the numbers of the tests that the row has a letter for."""
        return sorted(
            f"{topic}.{place}"
            for topic, letters in self.letters.items()
            for place in range(1, len(letters) + 1)
        )

    def allowed(self, number: str) -> str:
        """Returns the letters that a test may come to; none where the row does not know the test."""
        topic, _, place = number.partition(".")
        usual = self.letters.get(topic, "")[int(place) - 1 : int(place)]
        return self.either.get(number, usual)


@dataclass(frozen=True)
class Seen:
    """What a run came to: letters by topic, and the messages by test."""

    letters: Mapping[str, str]
    messages: Mapping[str, str]
    by_test: Mapping[str, str]
    console: str


def read_table(path: Path = TABLE) -> list[SiteRow]:
    """Reads the table."""
    return [SiteRow(**row) for row in json.loads(path.read_text("utf-8"))["sites"]]


def run(row: SiteRow, folder: Path) -> Seen:
    """Runs the suites against a site in this process, which saves it the loading, and returns what came of each test."""
    folder.mkdir(parents=True, exist_ok=True)
    able = row.dialect in _ABLE_TO_CREATE
    options = SandboxOptions(seconds=0.1, machines=2, dialect=row.dialect, may_create=able)
    site = SandboxSite(options)
    site.start()
    try:
        for machine in site.machines:  # the second one boots, and shows what a VM shows on the way
            machine.wait_until_settled(10.0)
        code, out, err = run_robot(
            _arguments(site.description(), able, folder), _environment(folder), folder, LONGEST_RUN
        )
    finally:
        site.stop()
    tests = list(ExecutionResult(folder / "output.xml").suite.all_tests)
    assert tests, f"{code}: {out}{err}"
    by_test = {test.name.split()[0]: _letter(test) for test in tests}
    topics = {
        topic: "".join(by_test[number] for number in numbers)
        for topic, numbers in groupby(by_test, key=lambda number: number.partition(".")[0])
    }
    return Seen(topics, {test.name.split()[0]: test.message for test in tests}, by_test, out + err)


def _letter(test: TestCase) -> str:
    if test.status == "SKIP":
        return "N" if "not-offered" in test.tags else "S"
    return _LETTERS[str(test.metadata["Verdict"])]


def _arguments(description: Mapping[str, Any], able: bool, folder: Path) -> list[str]:
    vm = description["machines"][0]
    variables = {
        "OCCI_ENDPOINT": description["endpoint"],
        "OCCI_VERSIONS": "",  # what the Server header says
        "VM_ID": vm["id"],
        "ECHO_HOST": vm["echo_host"],
        "ECHO_PORT": vm["echo_port"],
        "MAY_CREATE": able,
        "TRANSITION_TIMEOUT": "3 s",
    }
    given = [part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")]
    quiet = ["--outputdir", str(folder), "--log", "NONE", "--report", "NONE", "--loglevel", "WARN"]
    return [*quiet, "--console", "none", *given, str(SUITES)]


def _environment(folder: Path) -> dict[str, str]:
    return {
        **_ENVIRONMENT,
        "OCCI_NOTES": str(folder / "notes"),
        "OCCI_SITE": "sandbox",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class SiteRuns:
    """Runs rows side by side; each result can be waited for by its row."""

    def __init__(self, rows: Sequence[SiteRow], folder: Path, at_once: int = SITES_AT_ONCE) -> None:
        self._pool = ThreadPoolExecutor(at_once)
        self._futures: dict[str, Future[Seen]] = {
            row.dialect: self._pool.submit(run, row, folder / row.dialect) for row in rows
        }

    def of(self, row: SiteRow) -> Seen:
        return self._futures[row.dialect].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
