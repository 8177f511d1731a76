"""What traces in a machine prove: a boot, a memory that was kept, or nothing."""

from __future__ import annotations

import pytest

from OcciLibrary.watch.restart_signs import Boot
from OcciLibrary.watch.traces import Traces, booted_anew, went_on

OLD = "0ce4a894-0000-4000-8000-000000000000"
NEW = "e9301dbc-0000-4000-8000-000000000000"
BEFORE = Traces(Boot(OLD, 1000.0, 1100.0, 1, 1100.0), process=500, file="word")


def later(boot_id: str, process: int | None, file: str, up: float = 160.0, first: int = 1) -> Traces:
    return Traces(Boot(boot_id, 1160.0 - up, 1160.0, first, 1160.0), process, file)


REBOOTED = later(NEW, -1, "-", up=20.0)
WENT_ON = later(OLD, 500, "word")


@pytest.mark.parametrize(
    ("after", "anew", "on"),
    [
        (REBOOTED, True, False),
        (WENT_ON, False, True),
        (
            later(NEW, 500, "-", up=20.0),
            True,
            False,
        ),  # another process that happened to begin at the same tick
        (later(NEW, -1, "word", up=20.0), True, False),  # the folder was not in RAM after all
        (later(OLD, -1, "-"), False, False),  # a container that was restarted: the boot id is the host's
        (later(OLD, -1, "-", first=7), True, False),
        (later(OLD, -1, "word"), False, True),
        (later(OLD, 500, "-"), False, True),
        (later(OLD, None, ""), False, True),
    ],
)
def test_each_combination_of_signs(after: Traces, anew: bool, on: bool) -> None:
    assert booted_anew(BEFORE, after).holds is anew
    assert went_on(BEFORE, after).holds is on


def test_machine_without_boot_id_and_boot_time_is_judged_by_its_traces_or_not_at_all() -> None:
    before = Traces(Boot(), 500, "word")
    assert booted_anew(before, Traces(Boot(), -1, "-")).holds is True
    assert booted_anew(before, Traces(Boot(), 500, "word")).holds is False
    assert booted_anew(before, Traces(Boot(), -1, "")).holds is None
    assert went_on(before, Traces(Boot(), 500, "")).holds is True
    assert went_on(before, Traces(Boot(), -1, "-")).holds is False
    for nothing in (Traces(Boot()), Traces(Boot(), None, "")):
        assert booted_anew(before, nothing).holds is None
        assert went_on(before, nothing).holds is None
        assert "it tells neither" in went_on(before, nothing).told


def test_traces_that_could_not_be_left_are_no_signs() -> None:
    before = Traces(BEFORE.boot, process=-1, file="")
    assert went_on(before, later(OLD, -1, "")).holds is True
    assert booted_anew(before, later(OLD, -1, "")).holds is False
    assert "process" not in went_on(before, later(OLD, -1, "")).told


def test_words_name_each_sign_that_is_known() -> None:
    assert booted_anew(BEFORE, REBOOTED).told == (
        "new boot id e9301dbc instead of 0ce4a894, its process is gone, the file in RAM is gone"
    )
    assert went_on(BEFORE, WENT_ON).told == (
        "same boot id 0ce4a894, its process is still there, the file in RAM is still there"
    )
    assert "outlived the boot" in booted_anew(BEFORE, later(NEW, -1, "word", up=20.0)).remark
    assert "The process left in the machine is gone" in went_on(BEFORE, later(OLD, -1, "word")).remark
