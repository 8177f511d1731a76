"""A run of the tests tagged `read`, as the site sees it: every request that arrives is a GET."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.exchange import Answer, Request
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from tests.conformance.suite_tests import SUITES, all_tests
from tests.runs.conftest import Finished, Robot


@dataclass
class Recorded:
    """A sandbox that writes down the requests that it gets, and what a run on it came to."""

    requests: list[tuple[str, str]] = field(default_factory=list)
    finished: Finished | None = None

    def hear(self, request: Request, vm: VirtualMachine | None) -> Answer | None:
        self.requests.append((request.method, request.asked_path))
        return None


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder: Path = tmp_path_factory.mktemp("read")
    record = Recorded()
    site = SandboxSite(SandboxOptions(seconds=0.2, machines=2, may_create=True), Conduct(instead=record.hear))
    site.start()
    try:
        vm = site.description()["machines"][0]
        variables = {
            "OCCI_ENDPOINT": site.description()["endpoint"],
            "VM_ID": vm["id"],
            "ECHO_HOST": vm["echo_host"],
            "ECHO_PORT": vm["echo_port"],
            "MAY_CREATE": "True",
        }
        given = [part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")]
        own = folder / "own.robot"
        own.write_text(_OWN_TESTS, "utf-8")
        record.finished = Robot(folder)("--include", "read", *given, SUITES, own)
    finally:
        site.stop()
    return record


_OWN_TESTS = """\
*** Settings ***
Resource    {ROOT}/resources/conformance.resource
Library    RequestsLibrary
Test Tags    conformance    read

*** Test Cases ***
X1 A change in a test that only reads
    Change VM Attribute    occi.core.title    changed

X2 An action in a test that only reads
    Invoke Action    start

X3 A deletion in a test that only reads
    Exchange With The Site    DELETE    compute

X4 A request of another library
    Create OCCI Session    occi
    POST On Session    occi    /compute/    data=X

X5 Renderings that conform
    Rendering Should Conform
    Rendering Should Conform    discovery    text/occi
    Rendering Should Conform    compute    text/uri-list
    Rendering Should Conform    compute    application/occi+json

X6 A page that is none
    Rendering Should Conform    /nobody/has/this

X7 A wrong update about what discovery does not show
    Wrong Update Should Be Refused
    ...    a category of the wrong class
    ...    Category: nobody; scheme="http://example.org/occi/nothing#"; class="mixin"
    ...    offered=http://example.org/occi/nothing#nobody
""".replace("{ROOT}", str(SUITES.parents[1]))


def test_nothing_but_get_is_sent(recorded: Recorded) -> None:
    assert len(recorded.requests) >= 10
    assert {method for method, _ in recorded.requests} == {"GET"}


def test_every_test_tagged_read_ran(recorded: Recorded) -> None:
    assert recorded.finished is not None
    reading = {test.number for test in all_tests() if "read" in test.tags}
    assert reading <= set(recorded.finished.tests)


@pytest.mark.parametrize("number", ["X1", "X2", "X3", "X4"])
def test_what_a_test_may_not_send_is_its_own_fault(recorded: Recorded, number: str) -> None:
    assert recorded.finished is not None
    test = recorded.finished.tests[number]
    assert test.status == "FAIL"
    assert "tester-side" in test.tags
    assert "was not sent: a test tagged 'read' sends nothing but GET" in test.message


def test_a_refusal_of_what_is_unknown_anyway_shows_nothing(recorded: Recorded) -> None:
    assert recorded.finished is not None
    test = recorded.finished.tests["X7"]
    assert test.status == "SKIP"
    assert "discovery shows no http://example.org/occi/nothing#nobody" in test.message


def test_renderings_are_judged_whole(recorded: Recorded) -> None:
    """What a listing in JSON has beyond the schema, the addresses of its entities, is a remark."""
    assert recorded.finished is not None
    well, ill = (recorded.finished.tests[number] for number in ("X5", "X6"))

    assert (well.status, ill.status) == ("PASS", "FAIL")
    assert "rule location-in-entity" in well.message
    assert "404" in ill.message
    assert "GFD.185 §3.6.6" in ill.message
