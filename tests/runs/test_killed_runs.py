"""Runs that are cut off at random moments: the VM is as it was found after the next start of any suite on that site.

`pytest tests/runs/test_killed_runs.py --kill-moments 50` tries them all over the run, from its start to the last request
of the restore; without the option it is a few.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from robot.api import ExecutionResult
from robot.result import TestCase as Step

from OcciLibrary.sandbox.embedded import EmbeddedSandbox, parse_options
from tests.runs.conftest import AGREED, Finished, Robot, Site
from tests.runs.losable_network import LosableNetwork
from tests.runs.test_agreed_test_cases import STEPS

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no signals for one process alone"
)

SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL}
KINDS = ("SIGINT", "SIGTERM", "SIGKILL", "refused", "swallowed", "SIGINT+SIGINT", "SIGKILL+SIGKILL")
LOST = ("refused", "swallowed")
AT_ONCE = 3
MONITORS = ("3.3", "4.3", "5.3", "5.6", "6.5")
FIRST = AGREED / "01__identify_and_query_the_vm.robot"
# Where a run can be cut off: how often in 50, and within how many seconds after the console has said so.
ROUTE = (
    ("start", 3, 1.5),
    *((step, 3, 0.7) if step in MONITORS else (step, 1, 0.06) for step in STEPS),
    ("restore", 8, 0.9),
)


@dataclass(frozen=True)
class Moment:
    """When and how a run is cut off."""

    number: int
    kind: str
    place: str
    delay: float
    second_delay: float

    def __str__(self) -> str:
        return f"{self.number:02} {self.kind} {self.delay:.2f} s into {self.place}"


@dataclass
class Story:
    """What was seen of one moment."""

    moment: Moment
    reached: bool = False
    owed: bool = False
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        cut_off = "cut off" if self.reached else "was over"
        return f"{self.moment}: {cut_off}, {'changed' if self.owed else 'as found'} until the next start, {self.seconds:.1f} s"

    def expect(self, held: bool, otherwise: str) -> None:
        if not held:
            self.problems.append(otherwise)


def moments(count: int, seed: int) -> list[Moment]:
    """Returns moments spread evenly over the route, the ways to be cut off evenly over the moments."""
    chance = random.Random(seed)
    whole = sum(weight for _, weight, _ in ROUTE)
    kinds: list[str] = []
    # What goes into a black hole is waited for: that takes half a minute.
    ways = [kind for kind in KINDS if kind != "swallowed" or count >= 2 * len(KINDS)]
    while len(kinds) < count:
        kinds += chance.sample(ways, len(ways))
    found = []
    for number in range(count):
        at = (number + chance.random()) * whole / count
        place, longest = _place(at)
        found.append(
            Moment(number + 1, kinds[number], place, chance.uniform(0, longest), chance.uniform(0, 1.2))
        )
    return found


def _place(at: float) -> tuple[str, float]:
    for place, weight, longest in ROUTE:
        at -= weight
        if at < 0:
            return place, longest
    return ROUTE[-1][0], ROUTE[-1][2]


class Console(threading.Thread):
    """Reads what a run says, and lets somebody wait for words in it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._heard = threading.Condition()
        self._over = False
        self.out = ""
        self.err = ""
        self._errors = threading.Thread(target=self._read_errors, daemon=True)
        self._errors.start()
        self.start()

    def run(self) -> None:
        assert self._process.stdout is not None
        while piece := self._process.stdout.read(1):
            with self._heard:
                self.out += piece
                self._heard.notify_all()
        with self._heard:
            self._over = True
            self._heard.notify_all()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self.err = self._process.stderr.read()

    def wait_for(self, *words: str) -> None:
        """Returns when the words were said one after the other, or the run is over."""
        with self._heard:
            assert self._heard.wait_for(lambda: self._over or self._said(words), 90), f"{words}: {self.out}"

    def _said(self, words: tuple[str, ...]) -> bool:
        at = 0
        for word in words:
            at = self.out.find(word, at)
            if at < 0:
                return False
        return True

    def end(self, folder: Path) -> Finished:
        code = self._process.wait(90)
        self.join()
        self._errors.join()
        return Finished(code, self.out, self.err, folder)


class Trial:
    """One run on a site of its own, cut off, and the next run on that site."""

    def __init__(self, moment: Moment, folder: Path) -> None:
        self._moment = moment
        self._robot = Robot(folder)
        self._folder = folder
        self._story = Story(moment)
        self._sandbox = EmbeddedSandbox()
        self._site = Site(self._sandbox, self._sandbox.start(parse_options("sandbox:seconds=0.2,machines=1")))
        self._network = LosableNetwork(_port(self._site.description["endpoint"]), self._site.vm["echo_port"])

    def tell(self) -> Story:
        began = time.monotonic()
        try:
            self._tell()
        finally:
            self._story.seconds = time.monotonic() - began
            self._network.close()
            self._sandbox.stop()
        return self._story

    def _tell(self) -> None:
        story, before = self._story, self._site.attributes()
        self._cut_off(*self._files())
        if self._moment.kind == "SIGKILL+SIGKILL":
            self._cut_off(FIRST, again=True)
        self._network.restore()
        left = self._site.attributes()
        changed = [name for name in before if name != "occi.compute.state" and left[name] != before[name]]
        story.owed = left != before
        if story.reached and self._moment.kind in ("SIGINT", "SIGTERM"):
            story.expect(left == before, f"not put back at once: {left}")
        last = self._start("last", FIRST).end(self._folder / "last")
        story.expect(last.code == 0, f"the next run failed: {last.out}{last.err}")
        story.expect(
            self._site.attributes() == before, f"not put back: {self._site.attributes()}, was {before}"
        )
        story.expect("Traceback" not in last.out + last.err, f"a traceback: {last.out}{last.err}")
        said = (last.folder / "output.xml").read_text("utf-8") if last.code == 0 else ""
        for name in changed:
            story.expect(
                "put back:" in said and name in said, f"the log does not say that {name} was put back"
            )
        notes = self._folder / "notes"
        kept = sorted(path.name for path in notes.iterdir()) if notes.exists() else []
        story.expect(not kept, f"left in the notes: {kept}")

    def _files(self) -> list[Path]:
        if self._moment.place != "restore":
            return [AGREED]
        # These two leave most to be put back: the VM is active, and no attribute is as it was.
        return [AGREED / "02__change_the_vm_attributes.robot", AGREED / "03__start_the_vm.robot"]

    def _start(self, name: str, *files: Path) -> Console:
        endpoint, echo = self._network.ports
        values = {
            "OCCI_ENDPOINT": f"http://127.0.0.1:{endpoint}/",
            "VM_ID": self._site.vm["id"],
            "ECHO_HOST": "127.0.0.1",
            "ECHO_PORT": echo,
            # A query into a black hole ends after 10 s, and the watch makes two before it says so.
            "TRANSITION_TIMEOUT": "45 s" if self._moment.kind == "swallowed" else "8 s",
        }
        variables = [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]
        output = ["--outputdir", self._folder / name, "--log", "NONE", "--report", "NONE"]
        return Console(self._robot.start(*output, *variables, *files))

    def _cut_off(self, *files: Path, again: bool = False) -> None:
        story, moment = self._story, self._moment
        console = self._start("again" if again else "first", *files)
        process = console._process
        if not again:
            _wait_for_place(console, moment.place)
        threading.Event().wait(moment.second_delay if again else moment.delay)
        story.reached = story.reached or process.poll() is None
        self._strike(process, again)
        finished = console.end(self._folder / ("again" if again else "first"))
        if "=====" in finished.out:  # Robot Framework was up
            story.expect("Traceback" not in finished.out + finished.err, f"a traceback: {finished.err}")
        if (finished.folder / "output.xml").exists() and moment.kind in ("SIGINT", "SIGTERM", *LOST):
            self._judge(finished)

    def _strike(self, process: subprocess.Popen[str], again: bool) -> None:
        kind = self._moment.kind
        if kind == "refused":
            self._network.refuse()
        elif kind == "swallowed":
            self._network.swallow()
        else:
            process.send_signal(SIGNALS[kind.partition("+")[0]])
        if kind == "SIGINT+SIGINT" and not again:
            threading.Event().wait(self._moment.second_delay / 4)
            process.send_signal(signal.SIGINT)

    def _judge(self, finished: Finished) -> None:
        """No step is blamed on the site, and what is said is said once."""
        story = self._story
        tests = list(ExecutionResult(finished.folder / "output.xml").suite.all_tests)
        verdicts = [_verdict(test) for test in tests]
        story.expect(
            not {*verdicts} - {"pass", "pass with remark", "not run", "cannot tell"},
            f"verdicts: {_failing(tests)}",
        )
        told = verdicts.count("cannot tell")
        story.expect(told <= 1, f"told {told} times: {_failing(tests)}")
        if "not run" in verdicts:
            why = told + finished.err.count("The run was interrupted")
            story.expect(why == 1, f"steps were not run, and {why} times it was said why")
        warnings = finished.err.count("could not be put back")
        story.expect(warnings <= 1, f"warned {warnings} times: {finished.err}")


def _wait_for_place(console: Console, place: str) -> None:
    if place == "restore":
        console.wait_for("3.4 ", "| PASS |")
    elif place != "start":
        console.wait_for(f"{place} ")


def _verdict(test: Step) -> str:
    return str(test.metadata.get("Verdict", "(none)"))


def _failing(tests: list[Any]) -> str:
    return "; ".join(f"{test.name}: {test.message}" for test in tests if test.failed)


def _port(url: str) -> int:
    return int(url.rstrip("/").rpartition(":")[2])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "moment" in metafunc.fixturenames:
        chosen = moments(
            metafunc.config.getoption("--kill-moments"), metafunc.config.getoption("--kill-seed")
        )
        metafunc.parametrize("moment", chosen, ids=str)


@pytest.fixture(scope="module")
def stories(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[int, Future[Story]]]:
    """Begins all trials, some side by side."""
    wanted = [item.callspec.params["moment"] for item in request.session.items if _wants_moment(item)]
    pool = ThreadPoolExecutor(AT_ONCE)
    folder = tmp_path_factory.mktemp("killed")
    yield {m.number: pool.submit(lambda m=m: Trial(m, _made(folder / str(m.number))).tell()) for m in wanted}
    pool.shutdown(cancel_futures=True)


def _wants_moment(item: Any) -> bool:
    return "moment" in getattr(item, "fixturenames", ())


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_vm_is_as_it_was_found_after_the_next_start(
    moment: Moment, stories: dict[int, Future[Story]]
) -> None:
    story = stories[moment.number].result(300)
    sys.stdout.write(f"{story}\n")
    assert story.problems == [], f"{moment}\n" + "\n".join(story.problems)


def test_moments_are_spread_over_the_whole_run() -> None:
    chosen = moments(50, 3)
    places = [moment.place for moment in chosen]
    assert places.count("restore") >= 6
    assert places.count("start") >= 2
    assert len(set(places)) >= 25
    assert all(sum(moment.kind == kind for moment in chosen) >= 7 for kind in KINDS)
    assert chosen == moments(50, 3)
    assert chosen != moments(50, 4)
