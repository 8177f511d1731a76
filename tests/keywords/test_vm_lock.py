"""One run at a time on one VM, however the other one ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from OcciLibrary.keywords.vm_lock import VmLock, when

HOLDER = """
import sys
from pathlib import Path
from OcciLibrary.keywords.vm_lock import VmLock
lock = VmLock(Path(sys.argv[1]))
print(lock.take() or "mine", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes" / "vm.lock"


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    return process


def test_second_process_is_told_who_holds_it_and_since_when(path: Path) -> None:
    other = holder(path)
    lock = VmLock(path)
    assert lock.take().startswith(f"process {other.pid}, since ")
    lock.give_back()  # of what it never had: nothing
    assert path.exists()
    other.communicate()


def test_lock_of_a_process_that_was_killed_is_taken_over(path: Path) -> None:
    other = holder(path)
    other.kill()
    other.communicate()
    assert path.exists()
    lock = VmLock(path)
    assert lock.take() == ""
    assert json.loads(path.read_text())["process"] == os.getpid()
    lock.give_back()


def test_taking_twice_and_giving_back_twice_does_no_harm(path: Path) -> None:
    lock = VmLock(path)
    assert lock.take() == lock.take() == ""
    lock.give_back()
    lock.give_back()
    assert not path.exists()
    assert VmLock(path).take() == ""


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 999, '{"process": "x", "since": 1e300, "host": 5}'])
def test_nonsense_in_the_file_is_no_obstacle(path: Path, content: str) -> None:
    other = holder(path)
    path.write_text(content)
    assert VmLock(path).take() == "a process"
    other.communicate()
    lock = VmLock(path)
    assert lock.take() == ""
    lock.give_back()


def test_holder_on_another_computer_is_named(path: Path) -> None:
    other = holder(path)
    path.write_text(json.dumps({"process": 7, "host": "elsewhere", "since": time.time()}))
    assert VmLock(path).take().startswith("process 7 on elsewhere, since ")
    other.communicate()


def test_never_two_at_once(path: Path) -> None:
    """Many take and give back as fast as they can; the file comes and goes meanwhile."""
    inside, most = 0, 0
    counting = threading.Lock()

    def work(_: int) -> int:
        nonlocal inside, most
        got = 0
        for _ in range(200):
            lock = VmLock(path)
            if lock.take():
                continue
            got += 1
            with counting:
                inside += 1
                most = max(most, inside)
            with counting:
                inside -= 1
            lock.give_back()
        return got

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) > 0
    assert most == 1
    assert not path.exists()


def test_folder_that_takes_no_file_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        VmLock(tmp_path / "file" / "vm.lock").take()


def test_moments_are_told_as_a_clock_shows_them() -> None:
    now = time.time()
    assert when(now) == time.strftime("%H:%M", time.localtime(now))
    assert when(0.0) == time.strftime("%Y-%m-%d %H:%M", time.localtime(0.0))
