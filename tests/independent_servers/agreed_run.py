"""One run of the agreed test cases against a server, and what each of the 29 steps got."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robot.api import ExecutionResult

from tests.independent_servers.server_process import Address

ROOT = Path(__file__).parents[2]
MEDIA_TYPES = ("auto", "text/plain", "text/occi", "application/occi+json")
_AGREED = "suites/01__agreed_test_cases"
_RUN_SECONDS = 600
_LETTERS = {("PASS", "remark"): "R", ("FAIL", "tester-side"): "T", ("SKIP", "not-offered"): "N"}


@dataclass(frozen=True)
class Step:
    """What one step got: PASS, FAIL or SKIP, the tag that says more of it ('' for none), and the message."""

    status: str
    tag: str
    message: str

    @property
    def letter(self) -> str:
        """P pass, R pass with remark, F fail, T cannot tell (tester-side), S not run or skipped, N not offered."""
        return _LETTERS.get((self.status, self.tag)) or self.status[0]


def run_agreed(
    address: Address, media_type: str, folder: Path, transition_timeout: str = "30 s"
) -> dict[str, Step]:
    """Runs the six agreed test cases and returns the 29 steps by the wiki's number; log.html lies in the folder."""
    values = {"OCCI_MEDIA_TYPE": media_type, "TRANSITION_TIMEOUT": transition_timeout}
    return steps_of(run_suites(address, _AGREED, folder, values))


def run_suites(address: Address, suites: str, folder: Path, values: Mapping[str, str]) -> Path:
    """Runs suites with a site file of the address and of these values and returns output.xml; log.html lies beside it."""
    shutil.copytree(ROOT / "suites", folder / "suites")
    shutil.copytree(ROOT / "resources", folder / "resources")
    site = folder / "resources" / "sites" / "independent.resource"
    site.write_text(_site_file(address, values), encoding="utf-8")
    environment = {**os.environ, "OCCI_NOTES": str(folder / "notes"), "PYTHONPATH": str(ROOT)}
    environment |= {"OCCI_SITE": "independent", **address.secrets}
    answer = subprocess.run(
        [sys.executable, "-m", "robot", "--outputdir", str(folder), suites],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_RUN_SECONDS,
        check=False,
    )
    output = folder / "output.xml"
    if not output.exists():
        raise RuntimeError(f"robot left no output.xml: {answer.stdout[-500:]} {answer.stderr[-1500:]}")
    return output


def _site_file(address: Address, given: Mapping[str, str]) -> str:
    values = {
        "SITE_NAME": "independent",
        "OCCI_ENDPOINT": address.endpoint,
        "OCCI_AUTH": "none",
        "VM_ID": address.vm_id,
        "ECHO_HOST": "127.0.0.1",
        "ECHO_PORT": address.echo_port,
        **given,
        **address.login,
        **{f"{name}: Secret": f"%{{{name}}}" for name in address.secrets},
    }
    lines = [f"${{{name}}}    {value}" for name, value in values.items()]
    return "\n".join(["*** Variables ***", *lines, ""])


def steps_of(output: Path, number: str = r"\d\.\d ") -> dict[str, Step]:
    """Returns the tests of an output.xml whose names begin with a number, by that: those of the wiki, or others."""
    result = ExecutionResult(output)
    steps = {
        test.name.split()[0]: Step(test.status, _tag(test.tags), test.message)
        for test in result.suite.all_tests
        if re.match(number, test.name)
    }
    if not steps:
        raise RuntimeError(f"The run had no steps: {[test.message for test in result.suite.all_tests]}")
    return steps


def _tag(tags: object) -> str:
    return next((tag for _, tag in reversed(_LETTERS) if tag in tags), "")  # type: ignore[operator]
