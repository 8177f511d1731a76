"""Real runs of the suites on sandbox sites, side by side: healthy, deviating, failing, not to be told, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.runs.conftest import AGREED, ROOT
from tests.runs.forked_robot import run_robot

OTHER_GROUPS = Path(__file__).with_name("other_groups.robot")
STRANGE = "Béta <b>&| Söhne"
_AT_ONCE = 3
# The others have none, as an output that somebody mailed.
_WITH_LOG = ("alpha/1", "alpha/2", "gamma/1")
_ENVIRONMENT = {**os.environ, "OCCI_SITE": "sandbox", "PYTHONDONTWRITEBYTECODE": "1"}
# Folder, site, tester, endpoint, what is run.
_RUNS = (
    ("alpha/1", "Alpha", "Oxford", "sandbox:seconds=0.1", (AGREED, OTHER_GROUPS)),
    ("alpha/2", "Alpha", "FZJ", "sandbox:seconds=0.1,fault=hostname-ignored", (AGREED,)),
    ("beta", STRANGE, "GRNET", "sandbox:seconds=0.1,dialect=ooi,fault=memory-rounded", (AGREED,)),
    ("gamma/1", "Gamma", "Oxford", "sandbox:seconds=0.1,fault=state-capitalised", (AGREED, OTHER_GROUPS)),
    ("gamma/2", "Gamma", "Oxford", "http://127.0.0.1:9/", (AGREED,)),
    (
        "delta",
        "Delta",
        "FZJ",
        "sandbox:seconds=0.1,reference-state=active",
        (AGREED / "04__restart_the_vm.robot",),
    ),
)


def make_runs(folder: Path) -> None:
    """Runs the suites on each site; the outputs and logs lie in the folders of that name."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        killed = pool.submit(kill_a_run, folder)
        list(pool.map(lambda run: _run(folder, *run), _RUNS))
        killed.result()


def _arguments(
    folder: Path, name: str, site: str, tester: str, endpoint: str, suites: Sequence[Path]
) -> list[str]:
    values = {
        "SITE_NAME": site,
        "TESTER": tester,
        "OCCI_ENDPOINT": endpoint,
        "TRANSITION_TIMEOUT": "30 s",
        "SSH_USERNAME": "",
        **({"VM_ID": "5", "ECHO_HOST": "127.0.0.1"} if "://" in endpoint else {}),
    }
    given = folder / f"{name.replace('/', '-')}.args"
    folder.mkdir(parents=True, exist_ok=True)
    given.write_text("".join(f"--variable {key}:{value}\n" for key, value in values.items()), "utf-8")
    options = ["--outputdir", str(folder / name), "--report", "NONE", "--name", "Agreed test cases"]
    options += [] if name in _WITH_LOG else ["--log", "NONE"]
    return [*options, "--argumentfile", str(given), *map(str, suites)]


def _environment(folder: Path, name: str) -> dict[str, str]:
    return {**_ENVIRONMENT, "OCCI_NOTES": str(folder / ".notes" / name)}


def _run(folder: Path, name: str, *told: object) -> None:
    arguments = _arguments(folder, name, *told)  # type: ignore[arg-type]
    (folder / name).mkdir(parents=True)
    run_robot(arguments, _environment(folder, name), folder / name, 90)


def kill_a_run(folder: Path) -> None:
    """Starts a run and kills it in the middle: its output.xml has no end."""
    arguments = _arguments(folder, "delta-killed", "Delta", "Oxford", "sandbox:seconds=0.1", (AGREED,))
    output = folder / "delta-killed" / "output.xml"
    process = subprocess.Popen(
        [sys.executable, "-m", "robot", *arguments],
        cwd=ROOT,
        env=_environment(folder, "killed"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (output.exists() and b'name="4.2' in output.read_bytes()):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
