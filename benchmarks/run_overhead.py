"""What a run costs beyond the cloud's own time: robot's wall time less the VM's transitions, less an empty suite.

    python benchmarks/run_overhead.py [RUNS]

Figures: the median over RUNS (default 5) of the overhead in all and per step. Target: at most 3 s in all, 0.05 s per step.
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

ROOT = Path(__file__).parents[1]
STEPS = 29
EMPTY = "*** Test Cases ***\nNothing\n    No Operation\n"


def robot(folder: Path, *arguments: str) -> float:
    """Returns the seconds that one robot run took; ends the benchmark when the run did not pass."""
    command = [sys.executable, "-m", "robot", "--outputdir", str(folder / "results"), *arguments]
    began = time.perf_counter()
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "OCCI_NOTES": str(folder)})
    seconds = time.perf_counter() - began
    if finished.returncode:
        sys.exit(finished.stdout + finished.stderr)
    return seconds


def transitions(journal: Path) -> float:
    """Returns the seconds that the tester's VM itself spent in transitions."""
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    vm = next(line["vm"] for line in lines if line["transition"] == "restart")
    return sum(
        (moment(line["ended"]) - moment(line["started"])).total_seconds() for line in lines if line["vm"] == vm
    )


def moment(text: str) -> datetime:
    """Reads a time of the journal."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def measure(folder: Path) -> tuple[float, float, float]:
    """Returns wall time, transition time and the time of an empty suite, in seconds."""
    journal = folder / "journal"
    wall = robot(folder, "--variable", f"OCCI_ENDPOINT:sandbox:journal={journal}", "suites")
    (folder / "empty.robot").write_text(EMPTY, "utf-8")
    return wall, transitions(journal), robot(folder, str(folder / "empty.robot"))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    overheads = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            wall, cloud, empty = measure(Path(folder))
        overheads.append(wall - cloud - empty)
        print(f"wall {wall:.2f} s - transitions {cloud:.2f} s - empty suite {empty:.2f} s = {overheads[-1]:.2f} s")
    overhead = statistics.median(overheads)
    print(f"overhead, median of {runs}: {overhead:.2f} s in all, {overhead / STEPS:.3f} s per step (targets: 3 s, 0.05 s)")


if __name__ == "__main__":
    main()
