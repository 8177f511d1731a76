from __future__ import annotations

import _thread
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from OcciLibrary.watch import Outcome, Pace, Timeline, Verdict, Watch


class Thing:
    """Stands for a site: a value that the test changes, asked by a lane."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.asked = 0
        self.closed_by = ""

    def __call__(self) -> tuple[str, str]:
        self.asked += 1
        return self.value, ""

    def close(self) -> None:
        self.closed_by = threading.current_thread().name


def until(condition: Callable[[Timeline], bool]) -> Callable[[Timeline], Verdict]:
    return lambda timeline: Verdict(Outcome.PASS if condition(timeline) else Outcome.PENDING, "")


def values(timeline: Timeline, lane: str) -> list[str]:
    found = timeline.lane(lane)
    return [span.value for span in found.spans] if found else []


def test_start_returns_when_every_lane_has_a_sample() -> None:
    with Watch({"state": Thing("active"), "echo": Thing("answers")}) as watch:
        timeline = watch.timeline()
    assert values(timeline, "state") == ["active"]
    assert values(timeline, "echo") == ["answers"]


def test_start_does_not_wait_for_a_lane_that_hangs() -> None:
    release = threading.Event()

    def hangs() -> tuple[str, str]:
        release.wait(10)
        return "late", ""

    watch = Watch({"state": Thing("active"), "echo": hangs})
    begun = time.perf_counter()
    watch.start(patience=0.2)
    assert time.perf_counter() - begun < 1.5
    final = watch.stop()
    assert time.perf_counter() - begun < 3.0
    release.set()
    assert values(final, "state") == ["active"]
    assert values(watch.timeline(), "echo") == [], "what comes after the end is dropped"


def test_a_change_is_seen_right_after_a_mark_and_told_in_the_callers_thread() -> None:
    site = Thing("active")
    told: list[tuple[str, list[str]]] = []
    with Watch({"state": site}, Pace(gentle=30.0, slowest=30.0)) as watch:
        at = watch.mark("action restart sent")
        site.value = "inactive"
        verdict = watch.wait(
            until(lambda timeline: values(timeline, "state") == ["active", "inactive"]),
            timeout=5.0,
            on_change=lambda timeline: told.append(
                (threading.current_thread().name, values(timeline, "state"))
            ),
        )
        final = watch.stop()
    assert verdict.outcome is Outcome.PASS
    assert final.marks[0].at == at
    assert final.marks[0].text == "action restart sent"
    assert final.lanes[0].spans[1].first - at < 4.0, (
        "the gentle pause before the action is cut short by the mark"
    )
    assert {name for name, _ in told} == {threading.current_thread().name}
    assert told[-1][1] == ["active", "inactive"]


def test_a_change_in_one_lane_makes_the_others_quick() -> None:
    site, echo = Thing("active"), Thing("answers")
    with Watch({"state": site, "echo": echo}) as watch:
        echo.value = "silent"
        watch.wait(until(lambda timeline: values(timeline, "echo")[-1] == "silent"), timeout=5.0)
        asked = site.asked
        verdict = watch.wait(until(lambda _: site.asked >= asked + 10), timeout=2.0)
    assert verdict.outcome is Outcome.PASS, "ten more state requests within two seconds, not four"


def test_wait_ticks_while_nothing_changes_and_ends_at_its_time_out() -> None:
    ticks: list[float] = []
    with Watch({"state": Thing("active")}) as watch:
        begun = time.perf_counter()
        verdict = watch.wait(
            until(lambda _: False), timeout=1.1, on_change=lambda timeline: ticks.append(timeline.ended)
        )
        spent = time.perf_counter() - begun
    assert verdict.outcome is Outcome.PENDING
    assert 1.0 < spent < 1.6
    assert 3 <= len(ticks) <= 6
    assert ticks == sorted(ticks)


def test_it_goes_on_across_several_waits() -> None:
    site = Thing("active")
    with Watch({"state": site}) as watch:
        watch.mark("stop sent")
        for value in ("waiting", "inactive"):
            site.value = value
            verdict = watch.wait(
                until(lambda timeline, v=value: values(timeline, "state")[-1] == v), timeout=5.0
            )
            assert verdict.outcome is Outcome.PASS
        assert values(watch.timeline(), "state") == ["active", "waiting", "inactive"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: None, "TypeError"),
        (lambda: ("active",), "ValueError"),
        (lambda: ("active", "", "soon"), "ValueError"),
    ],
)
def test_a_sampler_that_fails_is_shown_and_goes_on(answer: Callable[[], tuple[str, str]], told: str) -> None:
    with Watch({"state": answer}) as watch:
        watch.mark("go")
        watch.wait(until(lambda timeline: timeline.lanes[0].samples >= 3), timeout=5.0)
        span = watch.stop().lanes[0].spans[0]
    assert span.value == "(error)"
    assert told in span.detail
    assert span.samples >= 3


def test_a_lane_is_slowed_by_retry_after_even_after_a_mark() -> None:
    calls: list[float] = []

    def busy() -> tuple[str, str, float | None]:
        calls.append(time.perf_counter())
        return "(refused)", "HTTP 503", 0.4

    with Watch({"state": busy}) as watch:
        watch.mark("go")
        watch.wait(until(lambda timeline: timeline.lanes[0].samples >= 3), timeout=5.0)
    assert all(later - earlier >= 0.39 for earlier, later in itertools.pairwise(calls))


def test_a_sampler_is_closed_by_its_own_thread() -> None:
    site = Thing("active")
    watch = Watch({"state": site}).start()
    watch.stop()
    watch.stop()
    assert site.closed_by == "watch state"


def test_stop_fixes_the_timeline() -> None:
    watch = Watch({"state": Thing("active")}).start()
    final = watch.stop()
    watch.mark("too late")
    assert watch.timeline() == final


def test_ctrl_c_ends_a_wait_at_once() -> None:
    with Watch({"state": Thing("active")}) as watch:
        interrupter = threading.Timer(0.2, _thread.interrupt_main)
        interrupter.start()
        begun = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            watch.wait(until(lambda _: False), timeout=30.0)
        assert time.perf_counter() - begun < 2.0
    assert time.perf_counter() - begun < 3.0


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to another process on Windows")
def test_ctrl_c_ends_a_process_whose_lane_hangs() -> None:
    script = (
        "import threading\n"
        "from OcciLibrary.watch import Outcome, Verdict, Watch\n"
        "hangs = lambda: threading.Event().wait(60)\n"
        "pending = lambda timeline: Verdict(Outcome.PENDING, '')\n"
        "with Watch({'state': hangs}).start(0.1) as watch:\n"
        "    watch.wait(pending, 60, lambda timeline: print('tick', flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "tick\n"
        begun = time.perf_counter()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
        assert time.perf_counter() - begun < 5.0
    assert "KeyboardInterrupt" in errors
    assert process.returncode != 0
