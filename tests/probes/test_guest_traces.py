"""The commands that leave traces in a machine, and how what it answers is read: nothing in it is trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.probes.guest_traces import (
    NO_PROCESS,
    ask_process,
    folders_in_ram,
    process_begin,
    process_number,
)

STAT = "197 (sleep) S 1 190 190 0 -1 4194304 94 0 0 0 0 0 0 0 20 0 1 0 1234 3190784 300 18446744073709551615"


@pytest.mark.parametrize(
    ("answer", "number"),
    [("197", 197), ("Welcome!\n197\n", 197), ("", None), ("1", None), ("-5", None), ("197; reboot", None)],
)
def test_number_of_the_process_is_read(answer: str, number: int | None) -> None:
    assert process_number(answer) == number


@pytest.mark.parametrize(
    ("answer", "begin"),
    [
        (STAT, 1234),
        (STAT.replace("(sleep)", "(a ) b)"), 1234),
        (STAT.replace("197 ", "198 "), NO_PROCESS),
        ("cat: can't open", NO_PROCESS),
        ("197 (sleep)", NO_PROCESS),
        ("", NO_PROCESS),
    ],
)
def test_begin_of_the_process_is_read(answer: str, begin: int) -> None:
    assert process_begin(answer, 197) == begin


@given(st.text(max_size=200))
def test_any_answer_is_read_without_an_error(answer: str) -> None:
    number = process_number(answer)
    assert number is None or ask_process(number) == f"cat /proc/{number}/stat"
    assert process_begin(answer, 197) >= NO_PROCESS
    assert set(folders_in_ram(answer)) <= {"/tmp", "/run/lock", "/var/tmp", "/dev/shm"}


def test_folders_in_ram_are_those_that_last_and_can_be_written() -> None:
    mounts = """/dev/vda1 / ext4 rw,relatime 0 0
tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0
tmpfs /run/lock tmpfs rw,nosuid,nodev,noexec 0 0
tmpfs /run/user/1000 tmpfs rw,nosuid 0 0
tmpfs /var/tmp tmpfs ro,nosuid 0 0
tmpfs /tmp;reboot tmpfs rw 0 0
"""
    assert folders_in_ram(mounts) == ["/run/lock", "/dev/shm"]
