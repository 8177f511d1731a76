"""What starting costs: a dry run of the agreed test cases against one of a suite that only imports RequestsLibrary and SSHLibrary.

    python benchmarks/starting_cost.py [RUNS]

Figure: the ratio of the medians over RUNS (default 9), measured alternately. Target: at most 2.
It also measures how soon an unknown site is told (target: 2 s).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
AGREED = "suites/01__agreed_test_cases"
PEER = "*** Settings ***\nLibrary    RequestsLibrary\nLibrary    SSHLibrary\n*** Test Cases ***\nNothing\n    No Operation\n"


def robot(folder: str, *arguments: str) -> float:
    """Returns the seconds of one robot run, whatever its outcome."""
    command = [sys.executable, "-m", "robot", "--outputdir", folder, *arguments]
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return time.perf_counter() - began


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    ours, peer, unknown = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        suite = Path(folder) / "peer.robot"
        suite.write_text(PEER, "utf-8")
        for _ in range(runs):
            ours.append(robot(folder, "--dryrun", AGREED))
            peer.append(robot(folder, "--dryrun", str(suite)))
            unknown.append(robot(folder, "--variable", "SITE:nosuch", "suites"))
    mine, theirs = statistics.median(ours), statistics.median(peer)
    print(
        f"dry run of the agreed test cases {mine:.2f} s, of RequestsLibrary and SSHLibrary {theirs:.2f} s: ratio {mine / theirs:.2f} (target: 2)"
    )
    print(f"unknown site told after {statistics.median(unknown):.2f} s (target: 2 s)")


if __name__ == "__main__":
    main()
