"""The fingerprint of a suite file changes with what its tests do, and with nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from OcciLibrary.fingerprint import fingerprint
from tests.runs.conftest import ROOT

FILE = Path("suites/01__agreed_test_cases/04__restart_the_vm.robot")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("suites", "resources"):
        shutil.copytree(ROOT / name, tmp_path / "kit" / name)
    return tmp_path / "kit"


def add_to(path: Path) -> None:
    path.write_text(path.read_text("utf-8") + "\n# edited\n", "utf-8")


def test_same_files_elsewhere_have_the_same_fingerprint(copy: Path) -> None:
    assert len(fingerprint(copy / FILE)) == 16
    assert fingerprint(copy / FILE) == fingerprint(ROOT / FILE)


def test_line_ends_do_not_count(copy: Path) -> None:
    for path in copy.rglob("*.r*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert fingerprint(copy / FILE) == fingerprint(ROOT / FILE)


@pytest.mark.parametrize(
    "edited",
    [FILE, Path("resources/occi.resource"), Path("suites/__init__.robot"), FILE.with_name("__init__.robot")],
    ids=str,
)
def test_an_edit_of_what_the_tests_do_counts(copy: Path, edited: Path) -> None:
    add_to(copy / edited)
    assert fingerprint(copy / FILE) != fingerprint(ROOT / FILE)


@pytest.mark.parametrize(
    "edit",
    [
        lambda kit: add_to(kit / "resources/sites/sandbox.resource"),
        lambda kit: add_to(kit / FILE.with_name("03__start_the_vm.robot")),
        lambda kit: shutil.copy(
            kit / "resources/sites/sandbox.resource", kit / "resources/sites/mine.resource"
        ),
    ],
    ids=["site file", "another test case", "a site file more"],
)
def test_what_the_tests_do_not_use_does_not_count(copy: Path, edit: Callable[[Path], object]) -> None:
    edit(copy)
    assert fingerprint(copy / FILE) == fingerprint(ROOT / FILE)


def test_what_cannot_be_read_has_none(tmp_path: Path) -> None:
    assert fingerprint(tmp_path / "none.robot") == ""
    endless = tmp_path / "endless.robot"
    endless.write_bytes(b"#" * 3_000_000)
    assert fingerprint(endless) == ""


def test_resources_that_use_each_other_come_to_an_end(tmp_path: Path) -> None:
    for name, other in (
        ("a.resource", "b.resource"),
        ("b.resource", "a.resource"),
        ("t.robot", "a.resource"),
    ):
        (tmp_path / name).write_text(f"*** Settings ***\nResource    {other}\n")
    assert len(fingerprint(tmp_path / "t.robot")) == 16
