"""A machine that lets people in for a moment after the site said that it is stopped, and one that goes on doing so."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.runs.conftest import ROOT, Robot
from tests.user_perspective.conftest import OpenSite, open_site, robot
from tests.user_perspective.real_shell import real_shell

__all__ = ["open_site", "robot"]

CHANGED = ROOT / "suites" / "03__reference_vm" / "04__changed_attributes.robot"
_LIMIT = 30.0


def stays(site: OpenSite, seconds: float, leave: Callable[[], None]) -> None:
    """Leaves so many seconds after the VM was active and is inactive."""
    for state in ("active", "inactive"):
        deadline = time.monotonic() + _LIMIT
        while site.state() != state and time.monotonic() < deadline:
            threading.Event().wait(0.05)
    threading.Event().wait(seconds)
    leave()


@pytest.mark.skipif(os.name != "posix", reason="it needs a POSIX shell")
def test_machine_that_goes_silent_a_moment_later_is_a_remark(
    robot: Robot,
    open_site: Callable[..., OpenSite],
    tmp_path: Path,
) -> None:
    site = open_site()
    with ExitStack() as serving:
        port = serving.enter_context(real_shell(lambda: tmp_path / "home", tmp_path))
        leaving = threading.Thread(target=stays, args=(site, 1.0, serving.close))
        leaving.start()
        variables = [*site.variables, *site.login, "--variable", f"SSH_PORT:{port}"]
        finished = robot(*variables, "--variable", "SSH_HOST_KEY:", "--test", "R4.1*", CHANGED)
        leaving.join()
    assert finished.statuses()["R4.1"] == "PASS", finished.out
    assert "after the site said that it is not active" in finished.tests["R4.1"].message
