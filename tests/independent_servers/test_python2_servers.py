"""The agreed test cases against pyssf and occi-py themselves, where a CPython 2.7 is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.independent_servers.agreed_run import Step, run_agreed
from tests.independent_servers.python2 import find_python2, install
from tests.independent_servers.server_process import on_python2

SECONDS = 0.2


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not find_python2():
        pytest.skip("there is no CPython 2.7 here, and pyssf and occi-py run on nothing newer")
    return tmp_path_factory.mktemp("packages")


@pytest.fixture
def steps(request: pytest.FixtureRequest, packages: Path, tmp_path: Path) -> Iterator[dict[str, Step]]:
    """The 29 steps of one run against the server that the test names."""
    name = str(request.param)
    try:
        install(find_python2(), name, packages)
    except RuntimeError as problem:
        pytest.skip(str(problem))
    with on_python2(name, packages, tmp_path, SECONDS) as address:
        yield run_agreed(address, "auto", tmp_path / "results")


@pytest.mark.parametrize("steps", ["pyssf"], indirect=True)
def test_pyssf_passes_all_29_steps(steps: dict[str, Step]) -> None:
    assert len(steps) == 29
    assert {number: step.message for number, step in steps.items() if step.status != "PASS"} == {}


@pytest.mark.parametrize("steps", ["occi-py"], indirect=True)
def test_occi_py_passes_all_steps_that_only_read_or_act(steps: dict[str, Step]) -> None:
    assert len(steps) == 29
    others = {n: step.message for n, step in steps.items() if step.status != "PASS" and n[0] != "2"}
    assert others == {}
