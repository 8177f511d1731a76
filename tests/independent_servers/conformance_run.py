"""One run of the conformance suites against a server, and what each of their tests got."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from tests.independent_servers.agreed_run import Step, run_suites, steps_of
from tests.independent_servers.server_process import Address

_SUITES = "suites/05__occi_conformance"
_NUMBER = r"[A-Z]{2}\d+\.\d+ "


def run_conformance(address: Address, folder: Path, transition_timeout: str = "30 s") -> dict[str, Step]:
    """Runs all three levels and returns the tests by their numbers; log.html lies in the folder."""
    values = {"MAY_CREATE": "True", "TRANSITION_TIMEOUT": transition_timeout}
    return steps_of(run_suites(address, _SUITES, folder, values), _NUMBER)


def by_topic(steps: Mapping[str, Step]) -> dict[str, str]:
    """Returns the letters of the tests by topic (``HP1``), in the order of their numbers."""
    return {
        topic: "".join(steps[number].letter for number in numbers)
        for topic, numbers in groupby(steps, key=lambda number: number.partition(".")[0])
    }
