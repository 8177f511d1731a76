"""What a run costs beyond the cloud's own time: robot's wall time less the VM's transitions, less an empty suite.

    python benchmarks/run_overhead.py [RUNS]

Figures, medians over RUNS (default 5): the overhead in all (target: at most 3 s), and per step the time that the 29 tests
themselves took beyond the transitions (target: at most 0.05 s), settling of the five verdicts included.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from robot.api import ExecutionResult

ROOT = Path(__file__).parents[1]
STEPS = 29
AGREED = "suites/01__agreed_test_cases"
EMPTY = "*** Test Cases ***\nNothing\n    No Operation\n"


def robot(folder: Path, *arguments: str) -> float:
    """Returns the seconds that one robot run took; ends the benchmark when the run did not pass."""
    command = [sys.executable, "-m", "robot", "--outputdir", str(folder / "results"), *arguments]
    began = time.perf_counter()
    finished = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OCCI_NOTES": str(folder)},
    )
    seconds = time.perf_counter() - began
    if finished.returncode:
        sys.exit(finished.stdout + finished.stderr)
    return seconds


def transitions(journal: Path) -> float:
    """Returns the seconds that the tester's VM itself spent in transitions."""
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    vm = next(line["vm"] for line in lines if line["transition"] == "restart")
    return sum(
        (moment(line["ended"]) - moment(line["started"])).total_seconds()
        for line in lines
        if line["vm"] == vm
    )


def moment(text: str) -> datetime:
    """Reads a time of the journal."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def measure(folder: Path) -> tuple[float, float, float, float]:
    """Returns wall time, transition time, the time of an empty suite and that of the tests themselves, in seconds."""
    journal = folder / "journal"
    wall = robot(folder, "--variable", f"OCCI_ENDPOINT:sandbox:journal={journal}", AGREED)
    tests = list(ExecutionResult(folder / "results" / "output.xml").suite.all_tests)
    assert len(tests) == STEPS
    (folder / "empty.robot").write_text(EMPTY, "utf-8")
    empty = robot(folder, str(folder / "empty.robot"))
    return wall, transitions(journal), empty, sum(test.elapsed_time.total_seconds() for test in tests)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    overheads, per_step = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            wall, cloud, empty, tests = measure(Path(folder))
        overheads.append(wall - cloud - empty)
        per_step.append((tests - cloud) / STEPS)
        print(
            f"wall {wall:.2f} s - transitions {cloud:.2f} s - empty suite {empty:.2f} s = {overheads[-1]:.2f} s; "
            f"the tests took {tests:.2f} s: {per_step[-1]:.3f} s per step"
        )
    print(
        f"median of {runs}: {statistics.median(overheads):.2f} s in all, {statistics.median(per_step):.3f} s per step"
    )


if __name__ == "__main__":
    main()
