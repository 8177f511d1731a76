"""How a verdict is shown: a sign, a class for its colour, and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from OcciLibrary.results.matrix import slug
from OcciLibrary.results.records import Run, Verdict


@dataclass(frozen=True, slots=True)
class Sign:
    """Holds how a verdict is shown; `colour` is for markup without style sheets, legible under black text."""

    sign: str
    word: str
    name: str
    colour: str
    means: str


SIGNS = {
    Verdict.PASS: Sign(
        "✓",
        "pass",
        "pass",
        "#b7e4d3",
        "The condition of the wiki, or of an OCCI document, held; the evidence is in the log.",
    ),
    Verdict.REMARK: Sign(
        "≈",
        "pass with remark",
        "remark",
        "#bfe0f5",
        "It held, and the site deviates from OCCI in a way that did no harm.",
    ),
    Verdict.FAIL: Sign("✗", "fail", "fail", "#f4a261", "The site broke the condition."),
    Verdict.CANNOT_TELL: Sign(
        "?",
        "cannot tell",
        "unknown",
        "#f3e58a",
        "Nothing was learned: login, network or site file, or the run was cut off.",
    ),
    Verdict.NOT_OFFERED: Sign(
        "∅", "not offered", "not-offered", "#e3c7da", "The site says that it does not have this."
    ),
    Verdict.NOT_RUN: Sign(
        "\N{EN DASH}",
        "not run",
        "not-run",
        "#dcdcdc",
        "An earlier step failed, or a prerequisite does not hold.",
    ),
}
NO_RECORD = Sign("·", "no record", "none", "#ffffff", "No run has had this.")


def sign_of(verdict: Verdict | None) -> Sign:
    """Returns how a verdict, or its absence, is shown."""
    return SIGNS[verdict] if verdict is not None else NO_RECORD


def anchor(run: Run) -> str:
    """Returns a run's anchor on the page of its site."""
    return f"run-{slug(run.run_id)}"


def day(run: Run) -> str:
    """Returns the day on which a run began."""
    return f"{run.started:%Y-%m-%d}"


def moment(run: Run) -> str:
    """Returns when a run began, and by which clock."""
    return f"{run.started:%Y-%m-%d %H:%M}{' UTC' if run.utc else ' (local time of the tester)'}"
