from __future__ import annotations

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.watch import Pace

PACE = Pace()


def moments(lane: str, until: float, latency: float, pace: Pace = PACE) -> list[float]:
    """Gives the times at which a lane is asked when the last thing that happened was at 0."""
    times = [0.0]
    while times[-1] < until:
        answered = times[-1] + latency
        times.append(answered + pace.pause(lane, answered, None, len(times), latency, latency))
    return times


def test_five_quiet_minutes_cost_fewer_than_400_state_requests() -> None:
    assert len(moments("state", 300.0, latency=0.0)) < 400
    assert len(moments("state", 300.0, latency=0.05)) < 400


def test_two_marks_close_together_stay_below_400_too() -> None:
    before_the_answer = len(moments("state", 0.1, latency=0.001))
    assert before_the_answer + len(moments("state", 300.0, latency=0.001)) < 400


@given(start=st.floats(0.0, 0.2))
def test_a_dip_of_10_ms_in_the_first_fifth_of_a_second_is_seen(start: float) -> None:
    assert any(start <= at < start + 0.010 for at in moments("state", 0.3, latency=0.001))


@given(start=st.floats(0.1, 200.0))
def test_a_dip_of_a_few_per_cent_of_the_time_is_seen(start: float) -> None:
    assert any(start <= at < start * 1.06 + 0.002 for at in moments("state", 250.0, latency=0.0))


def test_a_dip_of_5_ms_right_after_the_action_is_seen() -> None:
    times = moments("state", 0.11, latency=0.001)
    assert all(later - earlier <= 0.005 for earlier, later in itertools.pairwise(times))


def test_a_strained_site_is_given_as_long_again_as_it_took() -> None:
    assert PACE.pause("state", 0.01, None, 1, latency=0.9, best_latency=0.1) == 0.9
    assert PACE.pause("state", 0.01, None, 1, latency=0.3, best_latency=0.1) == PACE.quickest
    assert PACE.pause("state", 0.01, None, 1, latency=0.05, best_latency=0.001) == PACE.quickest
    assert PACE.pause("state", 0.01, None, 1, latency=20.0, best_latency=0.1) == PACE.slowest


@given(since=st.one_of(st.none(), st.floats(-10, 1e6)), retry=st.one_of(st.none(), st.floats(allow_nan=True)))
def test_a_pause_is_always_bounded(since: float | None, retry: float | None) -> None:
    for lane in ("state", "echo", "ping"):
        pause = PACE.pause(lane, since, retry)
        assert PACE.quickest <= pause <= PACE.longest_patience
        assert lane == "state" or pause >= {"echo": 0.03, "ping": 0.05}[lane]


def test_it_is_gentle_before_anything_happens_and_slow_at_the_end() -> None:
    assert PACE.pause("state", None) == 0.5
    assert PACE.pause("state", 0.0) == PACE.quickest
    assert PACE.pause("state", 10_000.0, None, 1000) == PACE.slowest


def test_it_honours_retry_after_within_bounds() -> None:
    assert PACE.pause("state", 0.0, 7.0) == 7.0
    assert PACE.pause("state", 0.0, math.inf) == PACE.longest_patience
    assert PACE.pause("state", 0.0, -5.0) == PACE.quickest


def test_a_flapping_lane_stops_to_quicken() -> None:
    assert PACE.quickens(1)
    assert not PACE.quickens(31)
