"""What changed on the VM though this run did nothing is noticed, and nothing else is."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from OcciLibrary.keywords.unexpected_changes import SETTLING, LastSeen
from OcciLibrary.occi.model import AttributeValue

CORES = "occi.compute.cores"
UNDER_LOAD = settings(
    suppress_health_check=[HealthCheck.too_slow], deadline=None
)  # about the machine, not the code
STATES = st.sampled_from(["active", "inactive", "suspended", "waiting", "error", ""])
ATTRIBUTES = st.dictionaries(
    st.sampled_from([CORES, "occi.compute.memory", "occi.compute.hostname"]),
    st.one_of(st.integers(0, 3), st.floats(0, 3), st.text(max_size=3)),
)


def seen(state: str = "inactive", cores: AttributeValue = 1) -> LastSeen:
    last_seen = LastSeen()
    assert last_seen.look(state, {CORES: cores}, 0.0, "10:00:00") == ""
    return last_seen


def test_state_that_changed_is_named_with_both_times() -> None:
    words = seen().look("active", {CORES: 1}, 1.0, "10:00:01")
    assert words == (
        "Somebody else seems to be working on this VM, or the site changed it by itself: between 10:00:00 and 10:00:01 "
        "its state went from 'inactive' to 'active', and this run did nothing meanwhile."
    )


def test_attribute_that_changed_is_named_once() -> None:
    last_seen = seen()
    assert f"{CORES} went from 1 to 2" in last_seen.look("inactive", {CORES: 2}, 1.0, "10:00:01")
    assert last_seen.look("inactive", {CORES: 2}, 2.0, "10:00:02") == ""


@UNDER_LOAD
@given(st.lists(st.tuples(STATES, ATTRIBUTES), min_size=1, max_size=6))
def test_vm_that_stays_as_it_is_is_never_remarked_on(
    found: list[tuple[str, dict[str, AttributeValue]]],
) -> None:
    for state, attributes in found:
        last_seen = LastSeen()
        for moment in range(3):
            assert last_seen.look(state, attributes, moment, str(moment)) == ""


@UNDER_LOAD
@given(STATES, STATES, ATTRIBUTES, ATTRIBUTES, st.floats(0, SETTLING, exclude_max=True))
def test_nothing_counts_while_an_own_change_settles(
    one: str,
    other: str,
    before: dict[str, AttributeValue],
    after: dict[str, AttributeValue],
    later: float,
) -> None:
    last_seen = LastSeen()
    last_seen.look(one, before, 0.0, "a")
    last_seen.changing(0.0)
    assert last_seen.look(one, before, 0.0, "b") == ""
    assert last_seen.look(other, after, later, "c") == ""


@UNDER_LOAD
@given(STATES, STATES, st.floats(0, 1e6))
def test_state_after_an_action_whose_end_nobody_saw_never_counts(one: str, other: str, later: float) -> None:
    """A transition that timed out may still happen, however late."""
    last_seen = seen(one)
    last_seen.moving(1.0)
    last_seen.look(one, {CORES: 1}, 2.0, "b")
    assert last_seen.look(other, {CORES: 1}, 2.0 + later, "c") == ""


def test_state_that_an_action_led_to_is_expected_to_stay() -> None:
    last_seen = seen()
    last_seen.moving(1.0)
    last_seen.arrived("active", 2.0, "10:00:02")
    assert "from 'active' to 'inactive'" in last_seen.look("inactive", {}, 2.0 + SETTLING, "10:01:00")
    last_seen.arrived("active", 100.0, "10:02:00")
    assert (
        last_seen.look("inactive", {}, 101.0, "10:02:01") == ""
    )  # a VM that falls back at once is the site's own


@UNDER_LOAD
@given(st.one_of(st.integers(), st.floats(), st.text(max_size=5)), st.floats(0, 1e6))
def test_attribute_that_this_run_asked_to_change_never_counts(value: AttributeValue, later: float) -> None:
    """Sites round, and store late."""
    last_seen = seen()
    last_seen.asked([CORES])
    assert last_seen.look("inactive", {CORES: value}, later, "b") == ""


def test_rounding_and_attributes_that_come_and_go_do_not_count() -> None:
    last_seen = seen(cores=2.4)
    assert last_seen.look("inactive", {CORES: 2.404, "occi.compute.memory": 1.0}, 1.0, "b") == ""
    assert last_seen.look("inactive", {}, 2.0, "c") == ""


def test_enormous_value_is_shortened() -> None:
    assert len(seen().look("inactive", {CORES: "x" * 100_000}, 1.0, "b")) < 400
