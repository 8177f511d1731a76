"""One site's run in a process of its own: begun, watched by what it reports, ended so that the VM is put back."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

_REPORTER = "OcciLibrary.keywords.step_reporter.StepReporter"
_LARGEST_REPORT = 4_000_000
_END = b"</robot>"
_BEFORE_THE_ERRORS = b"</statistics>"
_LONGEST_ENDING = 1_000_000  # what robot says of errors stands between the two
_INTERRUPTED = 253  # what robot returns after Ctrl-C
_MOST_FAILED = 250  # its return codes up to here count failed tests
_LAST_WORDS = 4000


class End(Enum):
    """How a site's run ended; the values are the words for it."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT_TELL = "cannot tell"
    CUT_OFF = "cut off"
    CRASHED = "crashed"
    NOT_BEGUN = "not begun"


@dataclass(frozen=True)
class Limits:
    """Holds the seconds that a run may take, and those that it then has to put the VM back."""

    run: float
    put_back: float


@dataclass
class Progress:
    """Holds what a run reported: its tests in all, the test it is at, and how many there are of each verdict."""

    tests: int = 0
    step: str = ""
    verdicts: Counter[str] = field(default_factory=Counter)
    not_passed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Tells whether the run is past its own start."""
        return bool(self.tests)

    @property
    def done(self) -> int:
        """Returns how many tests are over."""
        return sum(self.verdicts.values())


class SiteProcess:
    """Runs robot for one site; `look` has to be called now and then, and never waits."""

    def __init__(self, name: str, folder: Path, reports: Path, limits: Limits) -> None:
        self.name = name
        self.folder = folder
        self.progress = Progress()
        self.end: End | None = None
        self.words = ""
        self.began = self.ended = 0.0
        self._limits = limits
        self._report = reports / f"{name}.jsonl"
        self._read = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped_at = 0.0
        self._why = ""
        self._killed = False

    def start(self, options: Sequence[str], suites: Sequence[str], root: Path) -> None:
        """Begins the run; what robot says goes into console.txt. Secrets reach it by the environment alone."""
        self.folder.mkdir(parents=True)
        command = [sys.executable, "-m", "robot", *options]
        command += ["--variable", f"SITE:{self.name}", "--name", self.name, "--outputdir", str(self.folder)]
        command += ["--listener", f"{_REPORTER};{self._report}", "--consolecolors", "off", *suites]
        with (self.folder / "console.txt").open("wb") as console:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                cwd=root,
                env={**os.environ, "PYTHONSAFEPATH": "1"},
                start_new_session=os.name == "posix",  # a Ctrl-C in the terminal must not reach it twice
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        self.began = time.monotonic()

    @property
    def running(self) -> bool:
        """Tells whether the process runs."""
        return self._process is not None and self.end is None

    @property
    def ending(self) -> bool:
        """Tells whether the run was asked to end, and puts the VM back."""
        return self.running and bool(self._why)

    @property
    def seconds(self) -> float:
        """Returns how long the run has taken so far."""
        return (self.ended or time.monotonic()) - self.began if self.began else 0.0

    def skip(self, why: str) -> None:
        """Says that the run is not begun."""
        self.end, self.words = End.NOT_BEGUN, why

    def stop(self, why: str) -> None:
        """Asks the run to end, as Ctrl-C does: it puts the VM back first. Said twice, robot ends at once."""
        if self._process is None or self.end is not None:
            return
        self._why = self._why or why
        self._stopped_at = self._stopped_at or time.monotonic()
        with contextlib.suppress(OSError):
            # Robot Framework takes SIGTERM as Ctrl-C. Windows has nothing like it: there the next run puts the VM back.
            self._process.terminate()

    def look(self) -> None:
        """Reads what was reported, ends what takes too long, and judges a run that is over."""
        if self._process is None or self.end is not None:
            return
        code = self._process.poll()
        self._read_report()
        if code is not None:
            self._judge(code)
        elif self._why:
            if time.monotonic() - self._stopped_at > self._limits.put_back:
                self._kill()
        elif self.seconds > self._limits.run:
            self.stop(f"it took more than {_minutes(self._limits.run)}")

    def _kill(self) -> None:
        assert self._process is not None
        self._killed = True
        with contextlib.suppress(OSError):
            self._process.kill()

    def _read_report(self) -> None:
        with contextlib.suppress(OSError), self._report.open("rb") as file:
            file.seek(self._read)
            piece = file.read(_LARGEST_REPORT)
            whole = piece[: piece.rfind(b"\n") + 1]
            self._read += len(whole)
            for line in whole.splitlines():
                self._note(line)

    def _note(self, line: bytes) -> None:
        told = json.loads(line)
        self.progress.tests = told.get("tests", self.progress.tests)
        self.progress.step = told.get("step", "")
        if verdict := told.get("verdict"):
            self.progress.verdicts[verdict.lower()] += 1
            if not verdict.lower().startswith("pass"):
                self.progress.not_passed.append((self.progress.step, verdict.lower()))

    def _judge(self, code: int) -> None:
        self.ended = time.monotonic()
        counts, is_whole = self.progress.verdicts, self.is_whole()
        next_run = "the next run on this site puts the VM back" if self.progress.begun else "nothing was run"
        if self._why and is_whole:
            self.end, self.words = End.CUT_OFF, f"{self._why}; the log says what became of the VM"
        elif self._why:
            late = ", and it did not end in time" if self._killed else ""
            self.end, self.words = End.CUT_OFF, f"{self._why}{late}; {next_run}"
        elif code == _INTERRUPTED and is_whole:
            self.end, self.words = End.CUT_OFF, "it got a signal; the log says what became of the VM"
        elif code < 0:
            self.end, self.words = End.CRASHED, f"it was killed by signal {-code}; {next_run}"
        elif code > _MOST_FAILED or not is_whole:
            self.end, self.words = End.CRASHED, f"robot ended with {code}: {self._last_words()}"
        elif counts["fail"]:
            self.end = End.FAILED
        elif counts["cannot tell"]:
            self.end = End.CANNOT_TELL
        elif counts["pass"] or counts["pass with remark"]:
            self.end = End.PASSED
        else:
            self.end, self.words = End.CANNOT_TELL, "no step was judged"

    def is_whole(self) -> bool:
        """Tells whether output.xml is there to its end; robot that was ended by force closes it in the midst of a keyword."""
        try:
            with (self.folder / "output.xml").open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - _LONGEST_ENDING))
                ending = file.read().rstrip()
        except OSError:
            return False
        return ending.endswith(_END) and _BEFORE_THE_ERRORS in ending

    def _last_words(self) -> str:
        """Returns the last error that robot printed, else its last line."""
        try:
            text = (self.folder / "console.txt").read_bytes()[-_LAST_WORDS:].decode("utf-8", "replace")
        except OSError:
            return "see console.txt"
        lines = ["".join(c for c in line if c.isprintable()).strip() for line in text.splitlines()]
        said = [line for line in lines if line and "--help" not in line]
        errors = [line for line in said if "[ ERROR ]" in line]
        return ([*said, *errors] or ["it printed nothing"])[-1][:300]


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"
