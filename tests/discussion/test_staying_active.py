"""Whether a VM stayed active while something else was done to it, read from timelines."""

from __future__ import annotations

from OcciLibrary.watch import TimelineRecorder
from OcciLibrary.watch.staying_active import Stay, stay

SINCE = 1.0


def seen(state: str, echo: str = "") -> Stay:
    """Records one sample each 0.5 s: A active, I inactive, S suspended, r an unknown word, - no answer, 0 not found; a and s for echo."""
    words = {
        "A": "active",
        "I": "inactive",
        "S": "suspended",
        "r": "resizing",
        "-": "(no answer)",
        "0": "(not found)",
    }
    answers = {"a": "answers", "s": "silent"}
    recorder = TimelineRecorder(["state", "echo"] if echo else ["state"])
    for lane, letters, known in (("state", state, words), ("echo", echo, answers)):
        for number, letter in enumerate(letters):
            recorder.record(lane, known[letter], number / 2, number / 2)
    return stay(recorder.timeline(), SINCE)


def test_vm_that_is_well() -> None:
    assert seen("AAAAAA", "aaaaaa") == Stay(probed=True)
    assert seen("AAAAAA") == Stay()
    assert seen("AAAAAA", "aaaaaa").is_up


def test_dip_is_told_with_its_times() -> None:
    dipped = seen("AAAIIAA", "aaassaa")
    assert (
        dipped.left
        == "its state was 'inactive' from 0.5 s to 1.0 s after the change; then it was active again"
    )
    assert dipped.away == "the echo service was away from 0.5 s to 1.5 s after the change"
    assert dipped.is_up


def test_vm_that_does_not_come_back_is_not_up() -> None:
    stopped = seen("AAAIII", "aaasss")
    assert stopped.left.endswith("it did not become active again")
    assert not stopped.is_up
    gone = seen("AAA000", "aaasss")
    assert "the site did not know the VM any more" in gone.left
    assert not gone.is_up


def test_what_was_before_the_change_is_not_its_doing() -> None:
    assert seen("IAAAAA", "saaaaa").left == ""


def test_machine_that_falls_silent_while_occi_says_active() -> None:
    silent = seen("AAAAAA", "aaasss")
    assert (silent.left, silent.silent) == (
        "",
        "the echo service has not answered since 0.5 s after the change",
    )
    assert not silent.is_up


def test_echo_that_never_answered_proves_nothing() -> None:
    mute = seen("AAAAAA", "ssssss")
    assert (mute.silent, mute.probed, mute.is_up) == ("", False, True)


def test_single_unreadable_samples_and_other_words_are_no_harm() -> None:
    odd = seen("AAA-rAA", "aaaaaaa")
    assert odd == Stay(words=("resizing",), probed=True)
