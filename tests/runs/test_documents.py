"""What the documents tell a tester to write or type works as it is printed."""

from __future__ import annotations

import re

from tests.runs.conftest import ROOT, Robot


def test_suite_printed_in_the_documents_runs(robot: Robot) -> None:
    (printed,) = re.findall(
        r"```robotframework\n(\*\*\* Settings.*?)```",
        (ROOT / "docs" / "own_tests.md").read_text("utf-8"),
        re.DOTALL,
    )
    suite = robot.folder / "my_tests.robot"
    resource = (ROOT / "resources" / "occi.resource").as_posix()
    suite.write_text(printed.replace("../resources/occi.resource", resource), "utf-8")
    finished = robot("--variable", "OCCI_ENDPOINT:sandbox:seconds=0.2", suite)
    messages = {test.name: (test.status, test.message) for test in finished.tests.values()}
    # The sandbox's VM has one core: the first test is meant to show what a failure looks like.
    assert messages["The VM has at least two cores"][0] == "FAIL"
    assert "occi.compute.cores" in messages["The VM has at least two cores"][1]
    assert messages["A VM that was started can be stopped gracefully"] == ("PASS", "")


def test_every_document_that_the_readme_names_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert [name for name in linked if "://" not in name and not (ROOT / name).exists()] == []
