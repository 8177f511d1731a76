"""Do two clocks agree? What each of them tells is held against the tester's own clock at the same moment.

So a round trip only adds to the uncertainty, and the tester's own clock may be wrong: it cancels out. Pure functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

TOLERANCE = 3.0
"""Seconds by which two clocks may differ: a machine's clock may be a second behind at its boot, and be put right in steps."""

_ZONE_STEP = 900.0  # zones differ by quarters of an hour
_MOST_HOURS = 14
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?(?![\d:])"
)
_UNIX = re.compile(
    r"(?:[A-Z][a-z]{2},? )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}:\d{2}:\d{2}) (?:(UTC|GMT|[A-Z]{2,5}) )?(\d{4})"
)
_EPOCH = re.compile(r"(?<![\d.])(\d{10})(?:\.(\d{1,9}))?(?![\d.])")
_MAIL = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]\d{4})")


@dataclass(frozen=True, slots=True)
class Told:
    """A time as it was told: seconds since 1970, in which steps (seconds) it counts, and whether it named its zone."""

    seconds: float
    step: float
    has_zone: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock's reading: by how many seconds it is ahead of the tester's, and by how many that may be wrong."""

    name: str
    ahead: float
    uncertain: float
    shown: str
    has_zone: bool = True


@dataclass(frozen=True, slots=True)
class ClockVerdict:
    """What came of comparing two clocks: whether they agree, in words, and a remark or ''."""

    agree: bool
    told: str
    remark: str = ""


def read_time(text: str) -> Told | None:
    """Finds the first time in a text: ISO 8601, what ``date`` and HTTP write, or seconds since 1970; None when there is none."""
    try:
        return _iso(text) or _mail(text) or _unix(text) or _epoch(text)
    except (ValueError, OverflowError):
        return None


def reading(name: str, told: Told, asked: float, answered: float, shown: str) -> Reading:
    """Makes a reading of a time that was told between two moments of the tester's clock (seconds since 1970)."""
    middle = (asked + answered) / 2
    # A clock that counts whole seconds is half of one behind, on the average.
    ahead = told.seconds + told.step / 2 - middle
    return Reading(name, ahead, told.step / 2 + max(0.0, answered - asked) / 2, shown, told.has_zone)


def compare_clocks(one: Reading, other: Reading, tolerance: float = TOLERANCE) -> ClockVerdict:
    """Tells whether two clocks agree within a tolerance and the uncertainty of both readings."""
    difference = one.ahead - other.ahead
    allowed = tolerance + one.uncertain + other.uncertain
    told = f"{_capital(one.name)} ('{one.shown}') is {_by(difference)} {other.name} ('{other.shown}'); {allowed:.1f} s are allowed"
    if abs(difference) <= allowed:
        return ClockVerdict(True, told)
    without = next((clock for clock in (one, other) if not clock.has_zone), None)
    shift = round(difference / _ZONE_STEP) * _ZONE_STEP
    if without is None or abs(shift) > _MOST_HOURS * 3600 or abs(difference - shift) > allowed:
        return ClockVerdict(False, told)
    remark = f"{_capital(without.name)} tells its time without a zone ('{without.shown}'): a local time, {abs(shift) / 3600:g} h from the other."
    return ClockVerdict(True, told, remark)


def _by(difference: float) -> str:
    if abs(difference) < 0.05:
        return "as"
    return f"{abs(difference):.1f} s {'ahead of' if difference > 0 else 'behind'}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _iso(text: str) -> Told | None:
    if not (match := _ISO.search(text)):
        return None
    day, clock, fraction, zone = match.groups()
    moment = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=_zone(zone))
    return _told(moment, fraction, bool(zone))


def _unix(text: str) -> Told | None:
    if not (match := _UNIX.search(text)):
        return None
    month, day, clock, zone, year = match.groups()
    moment = datetime.strptime(f"{day} {month} {year} {clock}", "%d %b %Y %H:%M:%S").replace(
        tzinfo=timezone.utc
    )
    return _told(moment, None, zone in ("UTC", "GMT"))


def _mail(text: str) -> Told | None:
    match = _MAIL.search(text)
    return _told(parsedate_to_datetime(match.group()), None, True) if match else None


def _epoch(text: str) -> Told | None:
    if not (match := _EPOCH.search(text)):
        return None
    whole, fraction = match.groups()
    return Told(float(f"{whole}.{fraction or 0}"), 10.0 ** -len(fraction) if fraction else 1.0)


def _told(moment: datetime, fraction: str | None, has_zone: bool) -> Told:
    part = float(f"0.{fraction}") if fraction else 0.0
    return Told(moment.timestamp() + part, 10.0 ** -len(fraction) if fraction else 1.0, has_zone)


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return timezone.utc
    shift = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-shift if text[0] == "-" else shift)
