"""Runs the agreed test cases against sandbox sites that misbehave, several sites side by side."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robot.api import ExecutionResult

from tests.runs.forked_robot import run_robot

ROOT = Path(__file__).parents[2]
# Taken once: pytest changes the environment between its tests, while the runs go on in other threads.
_ENVIRONMENT = os.environ.copy()
AGREED = ROOT / "suites" / "01__agreed_test_cases"
TABLE = Path(__file__).with_name("verdict_table.json")
SITES_AT_ONCE = 6  # most of a failing run is waiting
LONGEST_RUN = 300.0
STEPS = tuple(
    f"{case}.{step}" for case, count in enumerate((2, 6, 4, 5, 7, 5), 1) for step in range(1, count + 1)
)


@dataclass(frozen=True)
class Row:
    """One site and what is expected of it: a letter for each of the 29 steps, and words of messages by step.

    P pass, R pass with remark, F fail, S not run, T fail on the tester's side. ``because`` says why the step that
    the fault is aimed at does not fail, ``variant`` in what the row differs from the usual one of its fault.
    ``either`` gives steps that a loaded machine may rightly judge in more than one way. A row that runs ``alone``
    is about milliseconds.
    """

    fault: str
    expected: Mapping[str, str]
    group: str = ""
    says: Mapping[str, Sequence[str]] = field(default_factory=dict)
    either: Mapping[str, str] = field(default_factory=dict)
    because: str = ""
    breaks: str = ""
    variant: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.2
    timeout: float = 5.0
    machines: int = 1
    tries: int = 1
    dialect: str = ""

    @property
    def name(self) -> str:
        what = "+".join(part for part in (self.dialect, self.fault) if part)
        return " ".join(part for part in (what or "healthy", self.variant) if part)

    def allowed(self, step: str) -> str:
        return self.either.get(step, self.expected[step])


@dataclass(frozen=True)
class Seen:
    """What a run came to."""

    letters: Mapping[str, str]
    messages: Mapping[str, str]
    console: str

    def line(self) -> str:
        return grouped(self.letters)


def read_table(path: Path = TABLE) -> list[Row]:
    """Reads the verdict table."""
    return [
        _row(group["group"], entry)
        for group in json.loads(path.read_text("utf-8"))["groups"]
        for entry in group["sites"]
    ]


def _row(group: str, entry: dict[str, Any]) -> Row:
    letters = "".join(entry.pop("steps").split())
    assert len(letters) == len(STEPS), entry
    return Row(expected=dict(zip(STEPS, letters, strict=True)), group=group, **entry)


def grouped(letters: Mapping[str, str]) -> str:
    """Writes the letters of all steps, a group for each test case."""
    cases = [[step for step in STEPS if step.startswith(f"{case}.")] for case in range(1, 7)]
    return " ".join("".join(letters.get(step, "-") for step in case) for case in cases)


def run(row: Row, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Seen:
    """Runs the agreed test cases against a site of its own and returns what came of each step."""
    folder.mkdir(parents=True, exist_ok=True)
    fault = f"fault={row.fault}," if row.fault else ""
    dialect = f"dialect={row.dialect}," if row.dialect else ""
    options = (
        f"{dialect}{fault}seconds={row.seconds},machines={row.machines},journal={folder / 'journal.jsonl'}"
    )
    given = ["--outputdir", str(folder), "--log", "NONE", "--report", "NONE"]
    given += ["--variable", f"OCCI_ENDPOINT:sandbox:{options}"]
    given += ["--variable", f"TRANSITION_TIMEOUT:{row.timeout} s"]
    # In a file, for a secret in a command line is refused: everybody can read it there.
    in_a_file = folder / "variables.args"
    in_a_file.write_text(
        "".join(f"--variable {name}:{value}\n" for name, value in row.variables.items()), "utf-8"
    )
    given += ["--argumentfile", str(in_a_file), *arguments, str(AGREED)]
    surroundings = {
        **_ENVIRONMENT,
        "OCCI_NOTES": str(folder / "notes"),
        "OCCI_SITE": "sandbox",
        "PYTHONDONTWRITEBYTECODE": "1",
        **(environment or {}),
    }
    _, out, err = run_robot(given, surroundings, folder, LONGEST_RUN)
    tests = (
        list(ExecutionResult(folder / "output.xml").suite.all_tests)
        if (folder / "output.xml").exists()
        else []
    )
    return Seen(
        {test.name.split()[0]: letter_of(test.status, set(test.tags)) for test in tests},
        {test.name.split()[0]: test.message for test in tests},
        out + err,
    )


def letter_of(status: str, tags: set[str]) -> str:
    if status == "FAIL":
        return "T" if "tester-side" in tags else "F"
    if status == "SKIP":
        return "S"
    return "R" if "remark" in tags else "P"


def best_of(row: Row, folder: Path) -> Seen:
    """Runs a row until it comes out as expected, at most ``tries`` times: a dip of milliseconds may be missed."""
    for attempt in range(row.tries):
        seen = run(row, folder / str(attempt))
        if seen.letters == row.expected:
            break
    return seen


def check(row: Row, seen: Seen) -> None:
    """Asserts each step's verdict and the words of its message, and that nothing broke on the way."""
    wrong = {
        step: f"{seen.letters.get(step, '-')} instead of {row.expected[step]}: {seen.messages.get(step, '')}"
        for step in STEPS
        if seen.letters.get(step) not in row.allowed(step)
    }
    assert not wrong, f"{row.name}: {seen.line()} instead of {grouped(row.expected)}\n" + "\n".join(
        f"{step} {what}" for step, what in wrong.items()
    )
    for step, words in row.says.items():
        missing = [word for word in words if word not in seen.messages[step]]
        assert not missing, f"{row.name}, {step}: {missing} not in: {seen.messages[step]}"
    assert "Traceback" not in seen.console
    assert "[ ERROR ]" not in seen.console


class SiteRuns:
    """Runs rows side by side; each result can be waited for by its row."""

    def __init__(self, rows: Sequence[Row], folder: Path, at_once: int = SITES_AT_ONCE) -> None:
        self._pool = ThreadPoolExecutor(at_once)
        # The slow ones first, so that none of them is left over at the end.
        ordered = sorted({row.name: row for row in rows}.values(), key=lambda row: -row.timeout)
        self._futures: dict[str, Future[Seen]] = {
            row.name: self._pool.submit(best_of, row, folder / row.name.replace(" ", "_")) for row in ordered
        }

    def of(self, row: Row) -> Seen:
        return self._futures[row.name].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
