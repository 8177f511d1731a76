"""What a run says of itself for its record."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from OcciLibrary.keywords.run_record import transition_times
from OcciLibrary.watch.timeline import TimelineRecorder

BEGAN = datetime(2026, 11, 22, tzinfo=timezone.utc)


def recorded(*samples: tuple[str, float], acted_at: float = 1.0) -> TimelineRecorder:
    recorder = TimelineRecorder(["state", "echo"], BEGAN)
    recorder.mark(acted_at, "start sent")
    for value, at in samples:
        recorder.record("state", value, at, at)
    return recorder


def test_times_count_from_the_action() -> None:
    recorder = recorded(("inactive", 0.5), ("active", 2.25))
    recorder.record("echo", "silent", 0.5, 0.5)
    assert transition_times(recorder.timeline(), "start") == (
        "start: state inactive -0.500 s, active +1.250 s; echo silent -0.500 s"
    )


def test_of_many_changes_the_first_and_the_last_are_told() -> None:
    recorder = recorded(*((f"state{n}", float(n)) for n in range(100)))
    told = transition_times(recorder.timeline(), "start")
    assert len(re.findall(r"[+-]\d+\.\d{3} s", told)) == 12
    assert "state0 " in told
    assert told.endswith("state99 +98.000 s")


def test_words_of_a_site_do_not_look_like_more_than_one_value() -> None:
    told = transition_times(recorded(("odd, +9.000 s; echo answers", 1.5)).timeline(), "start")
    assert told == "start: state odd +9.000 s echo answers +0.500 s"


def test_nothing_seen_is_nothing_told() -> None:
    assert transition_times(recorded().timeline(), "start") == ""
