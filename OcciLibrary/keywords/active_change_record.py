"""The record of an attribute that was changed while the VM was active: a line, metadata and a table, pure."""

from __future__ import annotations

from collections.abc import Callable

from OcciLibrary.keywords.active_change import (
    ActiveChange,
    Answer,
    Fit,
    Reading,
    Sight,
    in_machine,
    in_occi,
    shown_value,
    told_by,
)
from OcciLibrary.keywords.attribute_tables import table


def record(change: ActiveChange) -> dict[str, str]:
    """Returns the record as names and values, for the metadata of a test; docs/discussion.md describes them."""
    return {
        "Attribute": change.name,
        "Asked": f"{shown_value(change.asked)} instead of {shown_value(change.old)}",
        "Answer": change.answer_words or Answer.UNKNOWN.value,
        "Shown": _soon(change, in_occi),
        "In the machine": _soon(change, in_machine),
        "After a restart": _after(change),
        "Alive": f"no: {change.harm}" if change.harm else f"all the while, by {_listed(change.alive_by)}",
    }


def line(change: ActiveChange) -> str:
    """Returns the record as one line."""
    told = record(change)
    attribute = told.pop("Attribute")
    return f"{attribute}. {' '.join(f'{name}: {words}.' for name, words in told.items())}"


def seen_table(change: ActiveChange) -> str:
    """Returns an HTML table of what was seen of the attribute and when; everything is escaped and cut."""
    rows = [("before the change", shown_value(change.old), _inside_before(change))]
    rows += [
        (when, in_occi(change, sight).words, in_machine(change, sight).words)
        for when, sight in change.moments
    ]
    return table((change.name, "shown by OCCI", "in the machine"), [(row, "") for row in rows])


def _inside_before(change: ActiveChange) -> str:
    reading = in_machine(change, change.before)
    return (
        reading.words
        if reading.fit is Fit.UNKNOWN
        else shown_value(told_by(change.name, change.before.account))
    )


def _soon(change: ActiveChange, read: Callable[[ActiveChange, Sight], Reading]) -> str:
    """Says what was seen in one place before any restart."""
    if change.later is None:
        return read(change, change.at_once).words if change.at_once is not None else "not looked at"
    later = read(change, change.later)
    if change.at_once is None or Fit.UNKNOWN in (later.fit, read(change, change.at_once).fit):
        return later.words
    first = read(change, change.at_once)
    if first == later:
        return f"{later.words} at once" if later.fit is Fit.AS_ASKED else later.words
    return f"{first.words} at once, {later.words} after {change.later.seconds:.1f} s"


def _after(change: ActiveChange) -> str:
    after = [(when, sight) for when, sight in change.moments if sight in (change.restarted, change.started)]
    if not after:
        return f"not looked at: {change.not_restarted or 'the VM was not restarted'}"
    return "; ".join(
        f"{'' if sight is change.restarted else f'{when}: '}shown {in_occi(change, sight).words}, "
        f"in the machine {in_machine(change, sight).words}"
        for when, sight in after
    )


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
