"""Software in the VM: installed, used, still there and removed; on a machine whose commands really run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.conftest import Robot
from tests.user_perspective.conftest import SUITES, OpenSite
from tests.user_perspective.real_shell import real_shell

UNPINNED = ("--variable", "SSH_HOST_KEY:")
SOFTWARE = SUITES / "01__install_software.robot"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="it needs a POSIX shell")
COMPILES = "PASS" if shutil.which("cc") and Path("/usr/include/stdio.h").exists() else "SKIP"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Programs of the machine: a package manager that reaches nothing."""
    folder = tmp_path / "tools"
    folder.mkdir()
    manager = folder / "apt-get"
    manager.write_text("#!/bin/sh\necho 'E: Failed to fetch http://deb.example.org/hello.deb'\nexit 100\n")
    manager.chmod(0o755)
    return folder


def test_software_is_installed_used_and_removed(
    robot: Robot, open_site: Callable[..., OpenSite], tmp_path: Path, tools: Path
) -> None:
    site, home = open_site(), tmp_path / "home"
    (home / ".occilibrary-of-a-killed-run").mkdir(parents=True)
    with real_shell(lambda: home, tools, b"Welcome to the cloud!\n") as port:
        finished = robot(*site.variables, *site.login, "--variable", f"SSH_PORT:{port}", *UNPINNED, SOFTWARE)
    tests = finished.tests
    expected = {"U1.1": "PASS", "U1.2": COMPILES, "U1.3": "PASS", "U1.4": "SKIP", "U1.5": "SKIP"}
    expected |= dict.fromkeys(("U1.6", "U1.7", "U1.8"), "PASS")
    assert finished.statuses() == expected, finished.out
    assert "the VM does not reach its distribution's servers" in tests["U1.4"].message
    assert "a restart that did not take place" in tests["U1.5"].message, (
        "what answers is not the machine that restarted"
    )
    assert list(home.iterdir()) == []
    assert site.state() == "inactive"


def test_home_that_does_not_outlive_a_stop_fails(
    robot: Robot, open_site: Callable[..., OpenSite], tmp_path: Path, tools: Path
) -> None:
    site = open_site()
    machine = site.site.machines[0]
    with real_shell(lambda: tmp_path / f"home-{machine.pid}", tools) as port:
        variables = [*site.variables, *site.login, "--variable", f"SSH_PORT:{port}", *UNPINNED]
        finished = robot(*variables, "--test", "U1.1*", "--test", "U1.[678]*", SOFTWARE)
    assert finished.statuses() == {"U1.1": "PASS", "U1.6": "PASS", "U1.7": "FAIL", "U1.8": "PASS"}
    assert "Expected adder in" in finished.tests["U1.7"].message
    assert "whether their home outlives what was done to the VM" in finished.tests["U1.7"].message


def test_home_in_which_nobody_can_write_fails(
    robot: Robot, open_site: Callable[..., OpenSite], tmp_path: Path, tools: Path
) -> None:
    site = open_site()
    mkdir = tools / "mkdir"
    mkdir.write_text('#!/bin/sh\necho "mkdir: cannot create directory: Read-only file system" >&2\nexit 1\n')
    mkdir.chmod(0o755)
    with real_shell(lambda: tmp_path / "home", tools) as port:
        variables = [*site.variables, *site.login, "--variable", f"SSH_PORT:{port}", *UNPINNED]
        finished = robot(*variables, "--test", "U1.1*", SOFTWARE)
    assert finished.statuses()["U1.1"] == "FAIL"
    assert "Expected to unpack a program in the user's home" in finished.tests["U1.1"].message


def test_machine_without_tar_is_not_judged_at_all(
    robot: Robot, open_site: Callable[..., OpenSite], tmp_path: Path, tools: Path
) -> None:
    site = open_site()
    # The machine's shell finds no program, though its compiler would be there.
    hidden = b"/usr/bin/cc\n/usr/bin/base64\n"
    with real_shell(lambda: tmp_path / "home", tools / "none", hidden, path="/nowhere") as port:
        variables = [*site.variables, *site.login, "--variable", f"SSH_PORT:{port}", *UNPINNED]
        finished = robot(*variables, "--test", "U1.[128]*", SOFTWARE)
    assert set(finished.statuses().values()) == {"SKIP"}, finished.out
