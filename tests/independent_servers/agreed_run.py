"""One run of the agreed test cases against a server, and what each of the 29 steps got."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from robot.api import ExecutionResult

from tests.independent_servers.server_process import Address

ROOT = Path(__file__).parents[2]
MEDIA_TYPES = ("auto", "text/plain", "text/occi", "application/occi+json")
_AGREED = "suites/01__agreed_test_cases"
_RUN_SECONDS = 600


@dataclass(frozen=True)
class Step:
    """What one step got: PASS, FAIL or SKIP, `remark` or `tester-side` where it is tagged so, and the message."""

    status: str
    tag: str
    message: str

    @property
    def letter(self) -> str:
        """P pass, R pass with remark, F fail, T cannot tell (tester-side), S not run: as in the verdict table."""
        return {"remark": "R", "tester-side": "T"}.get(self.tag) or self.status[0]


def run_agreed(
    address: Address, media_type: str, folder: Path, transition_timeout: str = "30 s"
) -> dict[str, Step]:
    """Runs the six agreed test cases and returns the 29 steps by the wiki's number; log.html lies in the folder."""
    shutil.copytree(ROOT / "suites", folder / "suites")
    shutil.copytree(ROOT / "resources", folder / "resources")
    site = folder / "resources" / "sites" / "independent.resource"
    site.write_text(_site_file(address, media_type, transition_timeout), encoding="utf-8")
    environment = {**os.environ, "OCCI_NOTES": str(folder / "notes"), "PYTHONPATH": str(ROOT)}
    environment |= {"OCCI_SITE": "independent", **address.secrets}
    answer = subprocess.run(
        [sys.executable, "-m", "robot", "--outputdir", str(folder), _AGREED],
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
    return steps_of(output)


def _site_file(address: Address, media_type: str, transition_timeout: str) -> str:
    values = {
        "SITE_NAME": "independent",
        "OCCI_ENDPOINT": address.endpoint,
        "OCCI_AUTH": "none",
        "OCCI_MEDIA_TYPE": media_type,
        "VM_ID": address.vm_id,
        "ECHO_HOST": "127.0.0.1",
        "ECHO_PORT": address.echo_port,
        "TRANSITION_TIMEOUT": transition_timeout,
        **address.login,
        **{f"{name}: Secret": f"%{{{name}}}" for name in address.secrets},
    }
    lines = [f"${{{name}}}    {value}" for name, value in values.items()]
    return "\n".join(["*** Variables ***", *lines, ""])


def steps_of(output: Path) -> dict[str, Step]:
    """Returns the steps of an output.xml by the wiki's number."""
    result = ExecutionResult(output)
    steps = {
        test.name.split()[0]: Step(test.status, _tag(test.tags), test.message)
        for test in result.suite.all_tests
        if re.match(r"\d\.\d ", test.name)
    }
    if not steps:
        raise RuntimeError(f"The run had no steps: {[test.message for test in result.suite.all_tests]}")
    return steps


def _tag(tags: object) -> str:
    return next((tag for tag in ("tester-side", "remark") if tag in tags), "")  # type: ignore[operator]
