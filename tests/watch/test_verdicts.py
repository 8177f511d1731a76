from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from OcciLibrary.watch import (
    Outcome,
    Timeline,
    TimelineRecorder,
    Verdict,
    came_up,
    cannot_tell,
    reached,
    restarted,
    went_down,
    went_through,
)
from OcciLibrary.watch.verdicts import lacks_only_the_machine
from OcciLibrary.watch.wording import LONGEST

from .scripted import Script, build, sampled

DIP = ["active", "inactive", "active"]
PSEUDO = ["(no answer)", "(refused)", "(login refused)", "(not found)", "(no state)", "(error)"]


def up_again(at: float, until: float) -> dict[str, Script]:
    return {
        "state": [("active", 1.0), ("inactive", at), ("active", until)],
        "echo": [("answers", 1.2), ("silent", at), ("answers", until)],
    }


# --- came_up


@pytest.mark.parametrize(
    ("state", "wanting"),
    [
        ([("inactive", 2), ("active", 6)], True),
        ([("active", 6)], True),
        ([("inactive", 6)], False),
        ([("inactive", 5.95), ("active", 6)], False),
        ([("active", 3), ("inactive", 6)], False),
        ([("active", 3), ("error", 6)], False),
        ([("inactive", 5.5), ("active", 7)], False),
    ],
)
def test_only_the_machine_is_wanting_where_the_api_said_active_in_time(state: Script, wanting: bool) -> None:
    timeline = build(state=state, echo=[("silent", state[-1][1])])
    assert lacks_only_the_machine(timeline, 0.5, 4.5) is wanting


def test_up_when_api_and_echo_agree_and_settle() -> None:
    verdict = came_up(
        build(state=[("inactive", 2), ("active", 6)], echo=[("silent", 3), ("answers", 6)]), 0.5
    )
    assert verdict.outcome is Outcome.PASS
    assert verdict.message.startswith("The VM is up since 2.5")
    assert verdict.remarks == ()


@pytest.mark.parametrize(
    "lanes",
    [
        {"state": [("inactive", 2), ("active", 6)], "echo": [("silent", 6)]},
        {"state": [("inactive", 6)], "echo": [("silent", 3), ("answers", 6)]},
        {"state": [("inactive", 2), ("active", 6)], "echo": [("silent", 5.9), ("answers", 6)]},
        {"state": [("active", 3), ("inactive", 6)], "echo": [("silent", 3), ("answers", 6)]},
        {"state": [("inactive", 2), ("active", 6)], "echo": [("garbled", 6)]},
        {"state": [("inactive", 2), ("active", 6)], "echo": [("silent", 6)], "ping": [("answers", 6)]},
        {"state": [("waiting", 6)], "echo": [("answers", 6)]},
        {"state": [("active", 5), ("waiting", 6)], "echo": [("silent", 5), ("answers", 6)]},
    ],
)
def test_not_yet_up_is_pending(lanes: dict[str, Script]) -> None:
    assert came_up(build(**lanes), 0.5).outcome is Outcome.PENDING


def test_the_settle_time_grows_with_the_time_since_the_action() -> None:
    def after(active_for: float) -> Outcome:
        return came_up(
            build(state=[("inactive", 20), ("active", 20 + active_for)], echo=[("answers", 25)]), 0.0
        ).outcome

    assert after(1.5) is Outcome.PENDING
    assert after(2.5) is Outcome.PASS


def test_a_message_says_which_side_says_what_since_when() -> None:
    timeline = build(state=[("inactive", 3.5), ("active", 11)], echo=[("silent", 11)], step=0.1)
    verdict = came_up(timeline, 0.5, timeout=10.0)
    assert verdict.outcome is Outcome.FAIL
    assert "the API says 'active' since 3.0" in verdict.message
    assert "the echo service was silent all the time" in verdict.message
    assert "105 queries" in verdict.message
    assert "admin" in verdict.message
    other = came_up(build(state=[("inactive", 11)], echo=[("silent", 3), ("answers", 11)]), 0.5, timeout=10.0)
    assert other.outcome is Outcome.FAIL
    assert "the API says 'inactive' since before the action" in other.message
    assert "the API does not say 'active' though the machine answers" in other.message


def test_garbled_counts_when_it_stays_and_says_so() -> None:
    verdict = came_up(build(state=[("active", 15)], echo=[("silent", 1), ("garbled", 15)]), 0.5)
    assert verdict.outcome is Outcome.PASS
    assert "no proper echo" in verdict.remarks[0]


def test_ping_alone_counts_late_and_says_so() -> None:
    lanes = {"state": [("active", 40)], "echo": [("silent", 40)], "ping": [("answers", 40)]}
    verdict = came_up(build(**lanes, step=0.5), 0.5)
    assert verdict.outcome is Outcome.PASS
    assert "The echo service does not answer" in verdict.remarks[0]
    del lanes["echo"]
    assert (
        came_up(build(state=[("active", 3)], ping=[("silent", 1), ("answers", 3)]), 0.5).outcome
        is Outcome.PASS
    )


def test_without_probes_the_state_decides_with_a_remark() -> None:
    verdict = came_up(build(state=[("inactive", 1), ("active", 3)]), 0.5)
    assert verdict.outcome is Outcome.PASS
    assert "Neither echo nor ping" in verdict.remarks[0]


def test_up_just_in_time_passes_and_too_late_fails() -> None:
    def at(moment: float) -> Verdict:
        lanes: dict[str, Script] = {
            "state": [("inactive", moment), ("active", 10.2)],
            "echo": [("answers", 10.2)],
        }
        return came_up(build(**lanes, ended=10.3), 0.0, timeout=10.0)

    assert at(9.8).outcome is Outcome.PASS
    assert any("time was over" in remark for remark in at(9.8).remarks)
    assert at(10.05).outcome is Outcome.FAIL
    assert "too late" in at(10.05).message


def test_error_ends_the_wait_only_when_it_stays() -> None:
    passing = build(
        state=[("inactive", 1), ("error", 3), ("active", 6)], echo=[("silent", 3), ("answers", 6)]
    )
    assert came_up(passing, 0.5).outcome is Outcome.PASS
    assert came_up(build(state=[("inactive", 1), ("error", 8)]), 0.5).outcome is Outcome.PENDING
    verdict = came_up(build(state=[("inactive", 1), ("error", 12)], echo=[("silent", 12)]), 0.5)
    assert verdict.outcome is Outcome.FAIL
    assert "'error'" in verdict.message


def test_what_was_before_an_unreadable_stretch_does_not_count_as_settled() -> None:
    lanes: dict[str, Script] = {
        "state": [("active", 10.1), ("(refused)", 13), ("active", 13.3)],
        "echo": [("answers", 13.3)],
    }
    assert came_up(build(**lanes), 10.0).outcome is Outcome.PENDING
    later: dict[str, Script] = {"state": [*lanes["state"], ("active", 14.0)], "echo": [("answers", 14.0)]}
    assert came_up(build(**later), 10.0).outcome is Outcome.PASS


# --- cannot tell


@pytest.mark.parametrize(
    "judge", [came_up, restarted, went_down, lambda *a, **k: reached("suspended", *a, **k)]
)
def test_a_site_that_cannot_be_asked_is_unknown_never_a_fail(judge) -> None:  # type: ignore[no-untyped-def]
    gone = build(state=[("active", 2), ("(no answer)", 13)], echo=[("silent", 13)])
    verdict = judge(gone, 1.0)
    assert verdict.outcome is Outcome.UNKNOWN
    assert "cannot be reached since 1.0" in verdict.message
    assert "220 tries" in verdict.message
    assert judge(build(state=[("active", 2), ("(no answer)", 9)]), 1.0).outcome is Outcome.PENDING
    assert (
        judge(build(state=[("active", 2), ("(no answer)", 9)]), 1.0, timeout=5.0).outcome is Outcome.UNKNOWN
    )
    refused = judge(build(state=[("active", 2), ("(login refused)", 4)]), 1.0)
    assert refused.outcome is Outcome.UNKNOWN
    assert "credentials" in refused.message
    assert judge(build(state=[("active", 2), ("(login refused)", 2.5)]), 1.0).outcome is Outcome.PENDING
    silent = build(state=[], ended=6.0)
    assert judge(silent, 1.0, timeout=5.0).outcome is Outcome.UNKNOWN
    assert judge(silent, 1.0, timeout=50.0).outcome is Outcome.PENDING


def test_an_error_answer_of_the_site_is_the_sites_fault() -> None:
    verdict = came_up(
        build(state=[("inactive", 2), ("(refused)", 13)], echo=[("silent", 13)]), 1.0, timeout=10.0
    )
    assert verdict.outcome is Outcome.FAIL
    assert "(refused)" in verdict.message
    assert "detail of (refused)" in verdict.message
    assert cannot_tell(build(state=[("(refused)", 30)]), 1.0) is None


# --- restarted


def test_restarted_waits_for_the_dip_and_the_return() -> None:
    whole = up_again(3.0, 6.0)
    assert restarted(build(**whole), 1.0).outcome is Outcome.PASS
    assert restarted(build(**up_again(3.0, 3.1)), 1.0).outcome is Outcome.PENDING
    before = {name: [(script[0][0], 6.0)] for name, script in whole.items()}
    assert restarted(build(**before), 1.0).outcome is Outcome.PENDING, "up all the time is no restart"


def test_restarted_with_a_dip_but_an_echo_that_never_went_away_settles_longer() -> None:
    def after(seconds: float) -> Outcome:
        lanes: dict[str, Script] = {"state": [("active", 1), ("inactive", 2), ("active", 2 + seconds)]}
        return restarted(build(**lanes, echo=[("answers", 2 + seconds)]), 0.9).outcome

    assert after(1.0) is Outcome.PENDING
    assert after(3.5) is Outcome.PASS


def test_restarted_without_a_dip_waits_a_sensible_time_after_the_probes_return() -> None:
    def at(end: float) -> Verdict:
        lanes: dict[str, Script] = {
            "state": [("active", end)],
            "echo": [("answers", 2), ("silent", 4), ("answers", end)],
        }
        return restarted(build(**lanes), 1.0)

    assert at(8.0).outcome is Outcome.PENDING
    verdict = at(14.5)
    assert verdict.outcome is Outcome.PASS
    assert "was away from 1.0" in verdict.remarks[0]
    assert "'active' all the time" in verdict.remarks[0]


def test_restarted_passes_at_the_time_out_for_a_vm_that_is_up() -> None:
    steady = build(state=[("active", 12)], echo=[("answers", 12)])
    assert restarted(steady, 1.0, timeout=60.0).outcome is Outcome.PENDING
    over = restarted(steady, 1.0, timeout=10.0)
    assert over.outcome is Outcome.PASS
    assert "neither the API nor a probe" in over.remarks[0]
    dead = build(state=[("active", 12)], echo=[("answers", 2), ("silent", 12)])
    assert restarted(dead, 1.0, timeout=10.0).outcome is Outcome.FAIL


def test_one_lost_ping_is_no_outage_but_a_refused_echo_is() -> None:
    def remarks(lane: str, away: float) -> tuple[str, ...]:
        probe: Script = [("answers", 2.0), ("silent", 2.0 + away), ("answers", 20.0)]
        return restarted(build(state=[("active", 20.0)], **{lane: probe}), 1.0, timeout=18.0).remarks

    assert "neither the API nor a probe" in remarks("ping", 0.05)[0]
    assert "The ping was away" in remarks("ping", 0.1)[0]
    assert "The echo service was away" in remarks("echo", 0.05)[0]


# --- went_through


def test_the_wanted_order_passes_and_flapping_is_remarked() -> None:
    assert went_through(build(**up_again(3.0, 6.0)), 0.9, DIP).remarks == ()
    flapping = build(state=[("active", 1), ("inactive", 2), ("active", 3), ("inactive", 4), ("active", 5)])
    verdict = went_through(flapping, 0.9, DIP)
    assert verdict.outcome is Outcome.PASS
    assert "more than once" in verdict.remarks[0]


def test_unknown_words_are_left_out_with_a_remark() -> None:
    timeline = build(state=[("active", 1), ("waiting", 1.5), ("inactive", 2), ("waiting", 3), ("active", 5)])
    verdict = went_through(timeline, 0.9, DIP)
    assert verdict.outcome is Outcome.PASS
    assert "'waiting'" in verdict.remarks[0]


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (["active"], "only active"),
        (["inactive", "active"], "inactive (before the action), active"),
        (["active", "inactive"], "active (before the action), inactive (at 1.0"),
        (["active", "suspended", "active"], "It went through 'suspended', which a restart does not"),
        (["active", "inactive", "suspended", "active"], "suspended (at"),
        (["active", "inactive", "error", "inactive", "active"], "error (at"),
        (["active", "waiting", "active"], "only active"),
        ([], "no state that OCCI knows"),
    ],
)
def test_any_other_order_fails_and_is_shown(states: list[str], shown: str) -> None:
    script = [(state, float(2 + index)) for index, state in enumerate(states)]
    verdict = went_through(build(state=script or [("(refused)", 3.0)]), 0.99, DIP)
    assert verdict.outcome is Outcome.FAIL
    assert shown in verdict.message
    assert "admin" in verdict.message


def test_a_dip_before_the_action_does_not_count() -> None:
    timeline = build(state=[("active", 1), ("inactive", 2), ("active", 6)])
    assert went_through(timeline, 0.9, DIP).outcome is Outcome.PASS
    assert went_through(timeline, 3.0, DIP).outcome is Outcome.FAIL


def test_a_missed_dip_names_the_gap_and_what_the_probes_saw() -> None:
    timeline = build(state=[("active", 6)], echo=[("answers", 2.2), ("silent", 3), ("answers", 6)], step=0.1)
    message = went_through(timeline, 1.0, DIP).message
    assert "at most 0.11 s apart" in message
    assert "50 queries" in message
    assert "The echo service was away from 1.21 s to 2.01 s" in message
    assert "the machine did restart, but the API did not show it" in message


def test_a_dip_that_hid_while_the_site_gave_no_answer_is_unknown() -> None:
    hidden = build(state=[("active", 1.1), ("(no answer)", 4.1), ("active", 8)])
    verdict = went_through(hidden, 1.0, DIP)
    assert verdict.outcome is Outcome.UNKNOWN
    assert "could not be asked" in verdict.message
    brief = build(state=[("active", 1.1), ("(no answer)", 1.5), ("active", 8)])
    assert went_through(brief, 1.0, DIP).outcome is Outcome.FAIL


# --- reached, went_down


def test_suspended_is_reached_or_the_other_state_is_named() -> None:
    timeline = build(state=[("active", 2), ("suspended", 5)], echo=[("answers", 2), ("silent", 5)])
    assert reached("suspended", timeline, 1.0).outcome is Outcome.PASS
    lying = build(state=[("active", 2), ("suspended", 5)], echo=[("answers", 5)])
    assert reached("suspended", lying, 1.0).remarks == ("The echo service still answers.",)
    other = reached("suspended", build(state=[("active", 2), ("inactive", 12)]), 1.0, timeout=10.0)
    assert other.outcome is Outcome.FAIL
    assert "it says 'inactive'" in other.message
    passing_by = build(state=[("active", 2), ("suspended", 2.1), ("inactive", 12)])
    assert reached("suspended", passing_by, 1.0, timeout=10.0).outcome is Outcome.FAIL
    assert reached("suspended", passing_by, 1.0, timeout=30.0).outcome is Outcome.PENDING


@pytest.mark.parametrize(
    ("lanes", "outcome"),
    [
        ({"state": [("active", 2), ("inactive", 5)], "echo": [("answers", 2), ("silent", 5)]}, Outcome.PASS),
        (
            {
                "state": [("active", 2), ("inactive", 5)],
                "echo": [("answers", 2), ("garbled", 3), ("silent", 5)],
            },
            Outcome.PASS,
        ),
        ({"state": [("active", 2), ("inactive", 5)], "echo": [("answers", 5)]}, Outcome.PENDING),
        ({"state": [("active", 5)], "echo": [("answers", 2), ("silent", 5)]}, Outcome.PENDING),
        (
            {"state": [("active", 2), ("suspended", 5)], "echo": [("answers", 2), ("silent", 5)]},
            Outcome.PENDING,
        ),
        (
            {
                "state": [("active", 2), ("inactive", 5)],
                "echo": [("answers", 2), ("silent", 5)],
                "ping": [("silent", 5)],
            },
            Outcome.PASS,
        ),
        (
            {
                "state": [("active", 2), ("inactive", 5)],
                "echo": [("answers", 2), ("silent", 5)],
                "ping": [("answers", 5)],
            },
            Outcome.PENDING,
        ),
    ],
)
def test_stopped_needs_both_sides(lanes: dict[str, Script], outcome: Outcome) -> None:
    assert went_down(build(**lanes), 1.0).outcome is outcome
    if outcome is Outcome.PENDING:
        assert went_down(build(**lanes), 1.0, timeout=3.0).outcome is Outcome.FAIL


def test_a_stop_that_is_only_reported_names_both_sides() -> None:
    verdict = went_down(
        build(state=[("active", 2), ("inactive", 12)], echo=[("answers", 12)]), 1.0, timeout=10.0
    )
    assert verdict.outcome is Outcome.FAIL
    assert "reported inactive while the machine still answers" in verdict.message
    assert "the API says 'inactive' since 1.0" in verdict.message
    assert "the echo service answers since before the action" in verdict.message


def test_a_stop_without_probes_is_remarked() -> None:
    verdict = went_down(build(state=[("active", 2), ("inactive", 5)]), 1.0)
    assert verdict.outcome is Outcome.PASS
    assert "Neither echo nor ping" in verdict.remarks[0]


# --- properties

LENGTH = st.floats(0.5, 8.0)
SPRINKLED = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(PSEUDO)), max_size=8)


def scripts(values: list[str], lengths: list[float]) -> Script:
    ends = itertools.accumulate(lengths)
    return [(value, end) for value, end in zip(values, ends, strict=False)]


def sprinkled(script: Script, pseudo: list[tuple[int, str]], step: float = 0.05) -> Script:
    """Replaces single samples, never two in a row and never the first, by unreadable ones."""
    values = sampled(script, step)
    count = len(values)
    for index, value in pseudo:
        place = 1 + index % max(1, count - 1)
        near = [*values[max(0, place - 2) : place], *values[place + 1 : place + 3]]
        same = place + 1 < count and place > 0 and values[place - 1] == values[place] == values[place + 1]
        if same and not any(value.startswith("(") for value in near):
            values[place] = value
    return [(value, (index + 1) * step) for index, value in enumerate(values)]


@settings(max_examples=80, deadline=None)
@given(LENGTH, LENGTH, st.floats(4.0, 8.0), st.booleans(), SPRINKLED)
def test_a_restart_always_passes_whatever_the_times_and_the_weather(
    before: float, away: float, after: float, waiting: bool, pseudo: list[tuple[int, str]]
) -> None:
    words = ["active", "waiting", "inactive", "waiting", "active"] if waiting else DIP
    lengths = [before, 0.3, away, 0.3, after] if waiting else [before, away, after]
    state = scripts(words, lengths)
    echo = scripts(["answers", "silent", "answers"], [before, sum(lengths[1:-1]), after])
    clear = build(state=state, echo=echo)
    weather = build(state=sprinkled(state, pseudo), echo=echo)
    for timeline in (clear, weather):
        assert went_through(timeline, before - 0.1, DIP).outcome is Outcome.PASS
        assert restarted(timeline, before - 0.1).outcome is Outcome.PASS
        assert came_up(timeline, before - 0.1).outcome is Outcome.PASS


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(["active", "inactive", "suspended", "error", "waiting"]), min_size=1, max_size=6
    ),
    st.lists(st.floats(0.3, 3.0), min_size=6, max_size=6),
    SPRINKLED,
    st.lists(st.sampled_from(["answers", "silent", "garbled"]), min_size=1, max_size=4),
)
def test_single_unreadable_samples_never_change_a_verdict(
    states: list[str], lengths: list[float], pseudo: list[tuple[int, str]], probe: list[str]
) -> None:
    state = scripts(states, lengths)
    ended = max(end for _, end in state) + 1
    echo = scripts(probe, lengths)
    clear = build(state=state, echo=echo, ended=ended)
    weather = build(state=sprinkled(state, pseudo), echo=sprinkled(echo, pseudo), ended=ended)
    for timeout in (1.0, 300.0):
        assert outcomes(clear, timeout) == outcomes(weather, timeout)


def outcomes(timeline: Timeline, timeout: float) -> list[Outcome]:
    verdicts = [
        came_up(timeline, 0.2, timeout=timeout),
        restarted(timeline, 0.2, timeout=timeout),
        reached("suspended", timeline, 0.2, timeout=timeout),
        went_down(timeline, 0.2, timeout=timeout),
        went_through(timeline, 0.2, DIP),
    ]
    for verdict in verdicts:
        assert 0 < len(verdict.message) <= LONGEST
    return [verdict.outcome for verdict in verdicts]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(["active", "inactive", "suspended", "error", "waiting"]), min_size=1, max_size=7
    ),
    st.lists(st.floats(0.2, 2.0), min_size=7, max_size=7),
)
def test_the_order_passes_exactly_when_it_is_active_inactive_active(
    states: list[str], lengths: list[float]
) -> None:
    known = [state for state in states if state != "waiting"]
    collapsed = [state for state, _ in itertools.groupby(known)]
    dips = len(collapsed) >= 3 and collapsed == [DIP[index % 2] for index in range(len(collapsed))]
    wanted = dips and len(collapsed) % 2 == 1
    verdict = went_through(build(state=scripts(states, lengths)), 0.1, DIP)
    # What came before the action counts only as the state just before it.
    if states[0] != "waiting":
        assert verdict.outcome is (Outcome.PASS if wanted else Outcome.FAIL)


@settings(max_examples=60, deadline=None)
@given(LENGTH, LENGTH, st.floats(4.0, 8.0), st.sampled_from(["dip", "return", "echo return"]))
def test_a_restart_fails_when_any_part_is_missing(
    before: float, away: float, after: float, missing: str
) -> None:
    state = scripts(DIP, [before, away, after])
    echo = scripts(["answers", "silent", "answers"], [before, away, after])
    end = before + away + after
    if missing == "dip":
        assert (
            went_through(build(state=[("active", end)], echo=echo), before - 0.1, DIP).outcome is Outcome.FAIL
        )
    if missing == "return":
        gone = build(state=[*state[:-1], ("inactive", end)], echo=echo)
        assert went_through(gone, before - 0.1, DIP).outcome is Outcome.FAIL
        assert restarted(gone, before - 0.1, timeout=1.0).outcome is Outcome.FAIL
    if missing == "echo return":
        silent = build(state=state, echo=[*echo[:-1], ("silent", end)])
        assert restarted(silent, before - 0.1, timeout=1.0).outcome is Outcome.FAIL


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=120).filter(lambda word: not word.startswith("(")), st.text(max_size=400))
def test_messages_stay_short_and_printable_whatever_a_site_sends(word: str, detail: str) -> None:
    recorder = TimelineRecorder(["state", "echo"])
    for index in range(200):
        recorder.record("state", word if index % 2 else "(refused)", index * 0.1, index * 0.1, detail)
        recorder.record("echo", word, index * 0.1, index * 0.1, detail)
    timeline = recorder.timeline()
    for timeout in (1.0, 300.0):
        outcomes(timeline, timeout)
    verdict = came_up(timeline, 0.2, timeout=1.0)
    assert verdict.outcome is Outcome.FAIL or word in ("active", "answers")
    assert verdict.message.isprintable()
