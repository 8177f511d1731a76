from __future__ import annotations

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.watch import TimelineRecorder
from OcciLibrary.watch.timeline import MAX_DETAIL, MAX_GAPS, MAX_MARKS, MAX_SPANS, MAX_VALUE


def test_equal_neighbours_become_one_span() -> None:
    recorder = TimelineRecorder(["state"])
    assert recorder.record("state", "active", 0.0, 0.1)
    assert not recorder.record("state", "active", 0.2, 0.4)
    assert recorder.record("state", "inactive", 0.5, 0.6, "why")
    lane = recorder.timeline().lane("state")
    assert lane is not None
    assert [(s.value, s.first, s.last, s.samples, s.detail) for s in lane.spans] == [
        ("active", 0.1, 0.4, 2, ""),
        ("inactive", 0.6, 0.6, 1, "why"),
    ]
    assert lane.samples == 3
    assert lane.largest_gap == pytest.approx(
        0.4
    )  # asked at 0.0, answered at 0.4: the later 0.2 to 0.6 is no larger
    assert recorder.changes("state") == 1


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.floats(0, 10, width=16), st.floats(0, 10, width=16)),
        min_size=1,
        max_size=60,
    )
)
def test_spans_and_gaps_account_for_every_sample(samples: list[tuple[str, float, float]]) -> None:
    recorder = TimelineRecorder()
    now = 0.0
    times = []
    for value, pause, latency in samples:
        sent, received = now + pause, now + pause + latency
        recorder.record("state", value, sent, received)
        times.append((sent, received))
        now = received
    lane = recorder.timeline().lanes[0]
    assert sum(span.samples for span in lane.spans) == lane.samples == len(samples)
    assert all(one.value != other.value for one, other in zip(lane.spans, lane.spans[1:], strict=False))
    assert all(one.last <= other.first for one, other in zip(lane.spans, lane.spans[1:], strict=False))
    gaps = [later[1] - earlier[0] for earlier, later in itertools.pairwise(times)]
    assert lane.largest_gap == max(gaps, default=0.0)
    assert [gap.seconds for gap in lane.gaps] == gaps


def test_memory_is_bounded_and_says_so() -> None:
    recorder = TimelineRecorder()
    count = 3 * MAX_SPANS
    for index in range(count):
        recorder.record("state", f"{index % 2}" * 500, index, index + 0.5, "d" * 5000)
    for index in range(MAX_MARKS * 2):
        recorder.mark(index, "m")
    timeline = recorder.timeline()
    lane = timeline.lanes[0]
    assert len(lane.spans) == MAX_SPANS
    assert lane.samples == count
    assert len(lane.spans[-1].value) == MAX_VALUE
    assert len(lane.spans[-1].detail) == MAX_DETAIL
    assert f"{count - MAX_SPANS} changes before this are left out" in lane.spans[-1].detail
    assert lane.spans[-1].first == count - 1 + 0.5, "the last span is what holds now"
    assert recorder.changes("state") == count - 1
    assert len(timeline.marks) == MAX_MARKS


def test_thinned_gaps_keep_the_largest_and_the_count() -> None:
    recorder = TimelineRecorder()
    at = 0.0
    for index in range(3 * MAX_GAPS):
        at += 7.0 if index == MAX_GAPS // 3 else 0.01
        recorder.record("state", "active", at, at)
    lane = recorder.timeline().lanes[0]
    assert len(lane.gaps) <= MAX_GAPS
    assert sum(gap.samples for gap in lane.gaps) == lane.samples - 1
    assert max(gap.seconds for gap in lane.gaps) == lane.largest_gap == pytest.approx(7.0)


def test_a_timeline_does_not_change_afterwards() -> None:
    recorder = TimelineRecorder(["state", "echo"])
    recorder.record("state", "active", 0, 1)
    before = recorder.timeline(5.0)
    recorder.record("state", "inactive", 1, 2)
    assert before.ended == 5.0
    assert [span.value for span in before.lanes[0].spans] == ["active"]
    assert before.lane("echo") is not None
    assert before.lane("ping") is None
    assert before.started.tzinfo is not None


def test_many_threads_lose_no_sample() -> None:
    recorder = TimelineRecorder()

    def feed(name: str) -> None:
        for index in range(500):
            recorder.record(name, str(index % 3), index, index + 0.5)

    threads = [threading.Thread(target=feed, args=(f"lane {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    lanes = recorder.timeline().lanes
    assert [lane.samples for lane in lanes] == [500] * 4
    assert all(len(lane.spans) == 500 for lane in lanes)
