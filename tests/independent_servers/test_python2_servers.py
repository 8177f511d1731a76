"""The agreed test cases against pyssf and occi-py themselves, where a CPython 2.7 is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.independent_servers.agreed_run import Step, run_agreed
from tests.independent_servers.python2 import find_python2, install
from tests.independent_servers.server_process import on_python2
from tests.independent_servers.through_the_client import Checked, check_through_the_client

SECONDS = 0.2
# How many values each attribute had in all: its own, the suites', and for two of them the client's.
CHANGED = {
    "occi.compute.cores": 2,
    "occi.compute.hostname": 3,
    "occi.compute.speed": 2,
    "occi.compute.memory": 3,
    "occi.compute.architecture": 1,
}


def run(name: str, packages: Path, folder: Path) -> tuple[dict[str, Step], Checked]:
    """One run of the agreed test cases and one of the client alone, against the same server."""
    try:
        install(find_python2(), name, packages)
    except RuntimeError as problem:
        pytest.skip(str(problem))
    with on_python2(name, packages, folder, SECONDS) as address:
        return run_agreed(address, "auto", folder / "results"), check_through_the_client(address, "auto")


@pytest.mark.parametrize(("name", "update"), [("pyssf", "POST"), ("occi-py", "PUT")])
def test_all_29_steps_pass_and_the_client_reads_what_the_machine_has(
    name: str, update: str, packages: Path, tmp_path: Path
) -> None:
    steps, checked = run(name, packages, tmp_path)
    assert len(steps) == 29
    assert {number: step.message for number, step in steps.items() if step.status != "PASS"} == {}
    assert checked.wrong == []
    assert f"update: taken by {update} in text/occi" in checked.noted
    took, had = told_by_the_machine(tmp_path / "server.log")
    assert took == ["start", "restart", "suspend", "start", "stop"] * 2  # the run's, and the client's
    assert had[-1]["occi.compute.hostname"] == "vm1"  # both put back what they changed
    assert {name: len({line[name] for line in had}) for name in CHANGED} == CHANGED


def told_by_the_machine(log: Path) -> tuple[list[str], list[dict[str, object]]]:
    """The orders that the machine took, and its attributes after each change."""
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
    return [line["took"] for line in lines if "took" in line], [
        line["has"] for line in lines if "has" in line
    ]
