"""How long the matrix of many runs takes to build, with how much memory, and again after one new run.

    python benchmarks/matrix_build.py [RUNS ...]

Makes real outputs first (the agreed test cases on sandbox sites, healthy and not), and of them as many runs as asked for (250, 500 and
1000 without arguments), each with a site, a tester, a time, verdicts and transition times of its own.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).parents[1]
AGREED = ROOT / "suites" / "01__agreed_test_cases"
ENDPOINTS = (
    "sandbox:seconds=0.1",
    "sandbox:seconds=0.1,fault=hostname-ignored",
    "sandbox:seconds=0.1,dialect=ooi",
)
SITES = 24
TESTERS = 8
BEGAN = datetime(2026, 1, 1, tzinfo=timezone.utc)
# Builds in a process of its own, and tells its peak of memory.
BUILD = """
import re, sys
from pathlib import Path
from OcciLibrary.results.command_line import application
application(["build"])(["build", sys.argv[1], "--output", sys.argv[2]], standalone_mode=False)
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


def real_outputs(folder: Path) -> list[str]:
    """Returns the outputs of real runs."""
    outputs = []
    for number, endpoint in enumerate(ENDPOINTS):
        place = folder / str(number)
        options = [
            "--outputdir",
            place,
            "--log",
            "NONE",
            "--report",
            "NONE",
            "--variable",
            f"OCCI_ENDPOINT:{endpoint}",
        ]
        options += ["--variable", "SITE_NAME:SITE", "--variable", "TESTER:TESTER"]
        subprocess.run(
            [sys.executable, "-m", "robot", *options, AGREED], cwd=ROOT, capture_output=True, check=False
        )
        outputs.append((place / "output.xml").read_text("utf-8"))
    return outputs


def make_run(folder: Path, number: int, outputs: Sequence[str]) -> None:
    """Makes one run of a real output: another site, tester and time, a step that fails now and then, other durations."""
    numbers = random.Random(number)
    text = numbers.choice(outputs)
    run_id = f"{BEGAN + timedelta(hours=number):%Y%m%dT%H%M%SZ}-{number:08x}"
    text = re.sub(r'(<meta name="Run">)[^<]*', rf"\g<1>{run_id}", text)
    text = re.sub(r'(<meta name="Site">)[^<]*', rf"\g<1>Site {numbers.randrange(SITES):02d}", text)
    text = re.sub(r'(<meta name="Tester">)[^<]*', rf"\g<1>Tester {numbers.randrange(TESTERS)}", text)
    text = re.sub(
        r"\+(\d\.\d{3}) s", lambda found: f"+{float(found[1]) * numbers.uniform(0.5, 2):.3f} s", text
    )
    if numbers.random() < 0.2:
        failing = numbers.choice(re.findall(r'<test id="([^"]*)"', text))
        test = re.search(rf'<test id="{failing}".*?</test>', text, re.DOTALL)
        assert test is not None
        broken = re.sub(r'(name="Verdict">)[^<]*', r"\g<1>fail", test[0])
        broken = re.sub(
            r'<status status="\w+"([^>]*?)/?>(?:[^<]*</status>)?(\s*</test>)',
            rf'<status status="FAIL"\1>Run {number}: it did not.</status>\2',
            broken,
        )
        text = text.replace(test[0], broken)
    place = folder / f"run-{number:04d}"
    place.mkdir(parents=True)
    (place / "output.xml").write_text(text, "utf-8")
    (place / "log.html").write_text("the log", "utf-8")


def build(results: Path, output: Path) -> tuple[float, float]:
    """Builds the matrix and returns the seconds it took and the peak of memory in MB."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", BUILD, results, output], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - began, float(done.stdout.split()[-1])


def main(counts: Sequence[int]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="matrix-build-"))
    try:
        outputs = real_outputs(folder / "real")
        print(
            "  runs   first build   per run      peak   after one new run   per run, without what every build takes"
        )
        nothing = 0.0
        for count in counts:
            results = folder / f"results-{count}"
            for number in range(count):
                make_run(results, number, outputs)
            if not nothing:
                make_run(folder / "one", 0, outputs)
                nothing, _ = build(folder / "one", folder / "one-out")
            first, peak = build(results, folder / f"pages-{count}")
            make_run(results, count, outputs)
            second, _ = build(results, folder / f"pages-{count}")
            alone = (first - nothing) / count
            print(
                f"{count:6}   {first:9.2f} s   {first / count:.4f} s   {peak:4.0f} MB   {second:15.2f} s   {alone:.4f} s"
            )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [250, 500, 1000])
