"""What many sites side by side cost, against plain `robot` calls one after the other.

    python benchmarks/matrix.py [SITES ...]

SITES are numbers of sites (default: 1 4 16); they are sandboxes of eight dialects and eight faults by turns, with the agreed test
cases. Figures: wall time, processor time and peak of memory (PSS, all processes of a run) per site; for up to 16 sites also of
plain calls in a row. Target: 16 sites on 2 cores take at most 1.5 times as long as the slowest alone, and 15 s. Every verdict is
compared with the tables of tests/verdicts and tests/dialects.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.matrix.many_sites import differences, letters, make_kit, sandbox_variables, sixteen, write_site
from tests.verdicts.site_runs import Row

MOST_IN_A_ROW = 16


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of processors, and megabytes at the peak."""

    wall: float
    processor: float
    memory: float

    def line(self, sites: int) -> str:
        return (
            f"wall {self.wall:6.1f} s, processor {self.processor:6.1f} s ({self.processor / sites:.2f} s a site), "
            f"peak {self.memory:6.0f} MB"
        )


def measured(command: list[str], root: Path) -> Cost:
    """Runs a command and returns what it cost, with all processes below it."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {
        **os.environ,
        "OCCI_NOTES": str(root / "notes"),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak, over = [0.0], threading.Event()

    def sample() -> None:
        while not over.wait(0.5):
            peak[0] = max(peak[0], sum(_pss(pid) for pid in _tree(process.pid)) / 1024)

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    process.wait()
    wall = time.perf_counter() - began
    over.set()
    sampler.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak[0])


def _tree(root: int) -> list[int]:
    """Returns the processes below one, and itself."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        try:
            parent = (
                int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if entry.name.isdigit()
                else -1
            )
        except (OSError, ValueError, IndexError):
            continue
        parents.setdefault(parent, []).append(int(entry.name) if entry.name.isdigit() else -1)
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def _pss(pid: int) -> int:
    """Returns the memory of a process in KiB, what it shares with others being divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def rows(count: int) -> dict[str, Row]:
    """Returns so many sites: the sixteen, again and again."""
    known = list(sixteen().items())
    return {f"{number:02}-{known[number % 16][0]}": known[number % 16][1] for number in range(count)}


def side_by_side(sites: dict[str, Row], root: Path) -> Cost:
    cost = measured([sys.executable, "-m", "OcciLibrary.results", "run", *sites], root)
    folder = max((root / "results").iterdir())
    wrong = {
        name: found
        for name, row in sites.items()
        if (found := differences(row, letters(folder / name / "output.xml")))
    }
    for name, found in wrong.items():
        print(f"  wrong verdicts at {name}: {'; '.join(found)}")
    each = f"({cost.memory / len(sites):.0f} MB a site)"
    print(
        f"{len(sites):3} side by side: {cost.line(len(sites))} {each}; sites with wrong verdicts: {len(wrong)}"
    )
    return cost


def in_a_row(sites: dict[str, Row], root: Path) -> float:
    """Runs plain robot for each site; prints the sum and returns the time of the slowest."""
    costs = []
    for name in sites:
        options = ["--variable", f"SITE:{name}", "--name", name, "--outputdir", str(root / "plain" / name)]
        costs.append(measured([sys.executable, "-m", "robot", *options, "suites"], root))
    total = Cost(sum(c.wall for c in costs), sum(c.processor for c in costs), max(c.memory for c in costs))
    slowest = max(range(len(costs)), key=lambda number: costs[number].wall)
    print(f"{len(sites):3} in a row:     {total.line(len(sites))}; slowest: {list(sites)[slowest]}")
    return costs[slowest].wall


def main() -> None:
    for count in [int(word) for word in sys.argv[1:]] or [1, 4, 16]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "kit"
            folder_of_sites = make_kit(root)
            sites = rows(count)
            for name, row in sites.items():
                write_site(folder_of_sites, name, sandbox_variables(row))
            cost = side_by_side(sites, root)
            if count <= MOST_IN_A_ROW:
                slowest = in_a_row(sites, root)
                allowed = 1.5 * slowest + 15
                print(
                    f"    the slowest alone took {slowest:.1f} s, so {allowed:.1f} s are allowed: took {cost.wall:.1f} s"
                )


if __name__ == "__main__":
    main()
