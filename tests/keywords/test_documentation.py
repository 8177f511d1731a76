"""The keywords' documentation is the product's face: complete, linked, and its examples run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runs.conftest import ROOT


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("libdoc") / "keywords.json"
    command = [sys.executable, "-m", "robot.libdoc", "--specdocformat", "RAW", "OcciLibrary", str(target)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    content: dict[str, Any] = json.loads(target.read_text("utf-8"))
    return content


def documentation(keyword: dict[str, Any]) -> str:
    return str(keyword["doc"])


def test_every_keyword_begins_with_a_sentence_in_the_third_person(library: dict[str, Any]) -> None:
    for keyword in library["keywords"]:
        first = documentation(keyword).split()[0]
        assert first.endswith("s"), f"{keyword['name']}: {first}"
        assert documentation(keyword).splitlines()[0].rstrip().endswith(
            (".", ")", ",")
        ) or "." in documentation(keyword)


def test_every_argument_is_documented_and_typed(library: dict[str, Any]) -> None:
    for keyword in [*library["keywords"], *library["inits"]]:
        for argument in keyword["args"]:
            if argument["kind"] in ("POSITIONAL_ONLY_MARKER", "NAMED_ONLY_MARKER"):
                continue
            where = f"{keyword['name']}: {argument['name']}"
            documented = argument.get("doc") or f"{argument['name']}:" in documentation(keyword)
            assert documented, where
            assert argument["type"] is not None, where


def test_every_keyword_has_an_example(library: dict[str, Any]) -> None:
    assert [k["name"] for k in library["keywords"] if not example(k)] == []


def test_every_link_in_the_documentation_leads_to_a_keyword(library: dict[str, Any]) -> None:
    names = {keyword["name"] for keyword in library["keywords"]}
    linked = re.compile(r"`([A-Z][A-Za-z]+(?: [A-Z][A-Za-z]+)+)`")
    for text in [library["doc"], *(documentation(keyword) for keyword in library["keywords"])]:
        assert set(linked.findall(text)) <= names


def test_every_example_passes_a_dry_run(library: dict[str, Any], tmp_path: Path) -> None:
    libraries = [f"Library    {name}" for name in ("OcciLibrary", "RequestsLibrary", "SSHLibrary")]
    suite = ["*** Settings ***", *libraries, "*** Test Cases ***"]
    for keyword in library["keywords"]:
        suite += [keyword["name"], *(f"    {line}" for line in example(keyword))]
    file = tmp_path / "examples.robot"
    file.write_text("\n".join(suite) + "\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "robot",
        "--dryrun",
        "--output",
        "NONE",
        "--log",
        "NONE",
        "--report",
        "NONE",
        str(file),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def example(keyword: dict[str, Any]) -> list[str]:
    _, _, after = documentation(keyword).partition("Example:")
    return [line.strip()[2:] for line in after.splitlines() if line.strip().startswith("| ")]
