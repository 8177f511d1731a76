"""Whole runs on sites that are made to harm: a verdict in words for each step, in time, in little memory, in a small log."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.occi.scripted_site import (
    Drip,
    Endless,
    Reply,
    Request,
    Script,
    ScriptedSite,
    answer,
    kind,
    listing,
    scripted,
    vm,
)
from tests.runs.conftest import AGREED, ROOT, Finished, Robot

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured by /proc")
TEXT = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
# Runs robot as its command line does, and then tells the peak of the process's memory.
MEASURED = """
import sys
from robot import run_cli
code = run_cli(sys.argv[1:], exit=False)
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""
FIRST_CASE = AGREED / "01__identify_and_query_the_vm.robot"
MEGABYTES = 150


@dataclass(frozen=True)
class Run:
    """A run that is over, with the seconds it took and the peak of its memory."""

    finished: Finished
    seconds: float
    peak: float


def run(folder: Path, site: ScriptedSite, timeout: str = "1 s") -> Run:
    robot = Robot(folder)
    variables = {
        "OCCI_ENDPOINT": site.url,
        "VM_ID": "5",
        "ECHO_HOST": "127.0.0.1",
        "ECHO_PORT": "9",
        "TRANSITION_TIMEOUT": timeout,
    }
    options = [part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")]
    arguments = robot.command("--loglevel", "TRACE", *options, FIRST_CASE)[3:]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        env=robot.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    out, _, peak = done.stdout.rpartition("VmHWM:")
    finished = Finished(done.returncode, out, done.stderr, folder / "results")
    return Run(finished, time.monotonic() - began, int(peak.split()[0]) / 1024)


@contextmanager
def site_with(listed: Reply | Script, shown: Reply | Script) -> Iterator[ScriptedSite]:
    with scripted() as site:
        site.on("/-/", kind("/compute/"))
        site.on("/compute/", listed)
        site.on("/compute/5", shown)
        yield site


def many(request: Request) -> bytes:
    lines = (f"X-OCCI-Location: http://{request['host']}/compute/{n}\n" for n in range(100_000))
    return answer(200, "".join(lines))


def one(request: Request) -> bytes:
    return listing(f"http://{request['host']}/compute/5")


def check(ended: Run, seconds: float = 60) -> None:
    finished = ended.finished
    assert "Traceback" not in finished.out + finished.err
    assert "[ ERROR ]" not in finished.err
    assert ended.peak < MEGABYTES
    assert ended.seconds < seconds
    for name in ("log.html", "report.html", "output.xml"):
        assert (finished.folder / name).stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (Endless(TEXT + b"\r\n"), "is over 10 MB and was cut off"),
        (Drip(b"x" * 99, TEXT + b"\r\n", every=0.5), "was not complete after 1 seconds"),
        (Drip(b"HTTP/1.1 200 OK\r\n" * 9, every=0.5), "no answer in time"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n", "its header has more than 10000 fields"),
        (
            answer(302, "", "", "Location: http://127.0.0.9:9/compute/5"),
            "which is not followed, for it is another host",
        ),
        (
            answer(200, b"[" * 10_000, "application/occi+json"),
            "at character 65: objects and arrays are nested too deep",
        ),
        (vm(cores="1e999"), "occi.compute.cores is '1e999'"),
    ],
)
def test_vm_that_is_shown_to_harm_fails_the_step_in_words(tmp_path: Path, shown: Reply, words: str) -> None:
    with site_with(one, shown) as site:
        ended = run(tmp_path, site)
    check(ended)
    assert words in " ".join(test.message for test in ended.finished.tests.values())


def test_discovery_that_never_ends_costs_one_time_out(tmp_path: Path) -> None:
    with site_with(many, vm(state="active")) as site:
        site.on("/-/", Drip(b"Category: x" * 99, TEXT + b"\r\n", every=0.3))
        ended = run(tmp_path, site, "5 s")
    check(ended)
    assert ended.finished.statuses() == {"1.1": "PASS", "1.2": "PASS"}
    assert site.asked().count("GET /-/") == 1


def test_vm_of_thirty_thousand_attributes_gives_a_small_log(tmp_path: Path) -> None:
    names = {f"com__example__a{number}": number for number in range(30_000)}
    with site_with(one, vm(state="active", **names)) as site:
        ended = run(tmp_path, site, "20 s")
    check(ended)
    assert ended.finished.statuses() == {"1.1": "PASS", "1.2": "PASS"}
