"""What the documents tell a tester to write or type works as it is printed."""

from __future__ import annotations

import re

from robot.api import ExecutionResult

from tests.runs.conftest import ROOT, Robot


def _printed() -> list[str]:
    """The whole suites in the document, in its order."""
    text = (ROOT / "docs" / "own_tests.md").read_text("utf-8")
    return re.findall(r"```robotframework\n(\*\*\* Settings.*?)```", text, re.DOTALL)


def test_suites_printed_in_the_documents_run(robot: Robot) -> None:
    resource = (ROOT / "resources" / "occi.resource").as_posix()
    folder = robot.folder / "suites"
    folder.mkdir()
    for number, printed in enumerate(_printed()):
        (folder / f"{number}.robot").write_text(
            printed.replace("../resources/occi.resource", resource), "utf-8"
        )
    finished = robot("--variable", "OCCI_ENDPOINT:sandbox:seconds=0.2", "--loglevel", "TRACE", folder)
    results = ExecutionResult(finished.folder / "output.xml").suite.all_tests
    messages = {test.name: (test.status, test.message) for test in results}
    # The sandbox's VM has one core: the first test is meant to show what a failure looks like.
    assert messages["The VM has at least two cores"][0] == "FAIL"
    assert "occi.compute.cores" in messages["The VM has at least two cores"][1]
    for name in (
        "A VM that was started can be stopped gracefully",
        "Discovery is also offered as JSON",
        "A VM that does not exist is not found",
        "Compute can be discovered",
        "The VM keeps to the grammar of text/plain",
        "A picture of the VM is refused",
        "The VM knows its boot id",
    ):
        assert messages[name] == ("PASS", ""), name


def test_every_document_that_the_readme_names_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert [name for name in linked if "://" not in name and not (ROOT / name).exists()] == []
