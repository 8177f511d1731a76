"""Clocks that are read and compared: round trips, whole seconds, zones, and what must not pass."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.probes.clocks import TOLERANCE, Told, compare_clocks, read_time, reading

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-22T12:00:00.250Z 10.0.2.15", Told(NOON + 0.25, 0.001)),
        ("2026-11-22 12:00:00 10.0.2.15", Told(NOON, 1.0, has_zone=False)),
        ("[2026-11-22T13:00:00+01:00]", Told(NOON, 1.0)),
        ("2026-11-22T13:00:00,5 +0100", Told(NOON + 0.5, 0.1)),
        ("2026-11-22T06:30:00-05:30", Told(NOON, 1.0)),
        ("Sun, 22 Nov 2026 12:00:00 GMT", Told(NOON, 1.0)),
        ("Sun Nov 22 12:00:00 2026 10.0.2.15", Told(NOON, 1.0, has_zone=False)),
        ("Sun Nov 22 12:00:00 UTC 2026", Told(NOON, 1.0)),
        ("Sun Nov 22 12:00:00 CET 2026", Told(NOON, 1.0, has_zone=False)),
        (f"{NOON:.0f} 10.0.2.15", Told(NOON, 1.0)),
        (f"{NOON:.0f}.50", Told(NOON + 0.5, 0.01)),
        ("12:00 o'clock at 10.0.2.15", None),
        ("2026-13-22T12:00:00Z", None),
        ("", None),
    ],
)
def test_times_are_read_as_servers_write_them(text: str, told: Told | None) -> None:
    assert read_time(text) == told


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    read_time(text)


@given(
    off=st.floats(-2.9, 2.9),
    tester=st.floats(-1e6, 1e6),
    trips=st.tuples(st.floats(0, 5), st.floats(0, 5)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_clocks_within_the_tolerance_agree_whatever_the_round_trips_and_the_testers_clock(
    off: float, tester: float, trips: tuple[float, float], shares: tuple[float, float]
) -> None:
    # Two clocks in whole seconds, asked one after the other; each answers somewhere in its round trip.
    readings = []
    for name, ahead, trip, share, begin in (
        ("one", off, trips[0], shares[0], NOON),
        ("two", 0.0, trips[1], shares[1], NOON + 100),
    ):
        told = Told(float(int(begin + ahead + trip * share)), 1.0)
        readings.append(reading(name, told, begin + tester, begin + trip + tester, "shown"))
    assert compare_clocks(*readings).agree


@pytest.mark.parametrize("off", [-60.0, -5.1, 5.1, 3600.0])
def test_clocks_that_are_off_do_not_agree_and_the_words_say_by_how_much(off: float) -> None:
    one = reading("the machine's clock", Told(NOON + off, 0.001), NOON, NOON + 0.2, "its time")
    other = reading("the site's clock", Told(NOON, 1.0), NOON, NOON + 0.2, "its date")
    verdict = compare_clocks(one, other)
    assert not verdict.agree
    assert ("ahead of" if off > 0 else "behind") in verdict.told
    assert verdict.told.startswith("The machine's clock ('its time') is ")


def test_local_time_without_a_zone_is_a_remark_and_one_with_a_zone_is_not_shifted() -> None:
    site = reading("the site's clock", Told(NOON, 1.0), NOON, NOON, "noon")
    local = reading("the echo service's clock", Told(NOON + 5400, 1.0, has_zone=False), NOON, NOON, "13:30")
    verdict = compare_clocks(local, site)
    assert verdict.agree
    assert "without a zone ('13:30'): a local time, 1.5 h" in verdict.remark
    minutes_off = reading(
        "the echo service's clock", Told(NOON + 5400 + 60, 1.0, has_zone=False), NOON, NOON, "13:31"
    )
    assert not compare_clocks(minutes_off, site).agree
    zoned = reading("the echo service's clock", Told(NOON + 3600, 1.0), NOON, NOON, "13:00Z")
    assert not compare_clocks(zoned, site).agree
    years_off = reading("the echo service's clock", Told(NOON - 9e8, 1.0, has_zone=False), NOON, NOON, "1998")
    assert not compare_clocks(years_off, site).agree


def test_tolerance_is_what_the_documents_say() -> None:
    assert TOLERANCE == 3.0
