"""The conformance suites against pyssf and occi-py themselves: every verdict, and the clause of every complaint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.independent_servers.conformance_run import by_topic, run_conformance
from tests.independent_servers.python2 import find_python2, install
from tests.independent_servers.server_process import on_python2

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("conformance_table.json").read_text("utf-8"))


@pytest.mark.parametrize("name", TABLE)
def test_each_verdict_is_the_one_that_was_read_in_the_source_of_the_server(
    name: str, packages: Path, tmp_path: Path
) -> None:
    try:
        install(find_python2(), name, packages)
    except RuntimeError as problem:
        pytest.skip(str(problem))
    with on_python2(name, packages, tmp_path, seconds=0.1) as address:
        steps = run_conformance(address, tmp_path / "results")
    expected = TABLE[name]
    assert by_topic(steps) == expected["letters"]
    complaints = {number: step.message for number, step in steps.items() if step.letter in "RF"}
    assert set(complaints) == set(expected["departures"])
    missing = {
        number: (what, complaints[number])
        for number, told in expected["departures"].items()
        for what in told
        if what not in complaints[number]
    }
    assert missing == {}
