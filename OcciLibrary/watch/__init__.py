"""The watch: samples the OCCI state, the echo service and the ping side by side, and judges what was seen."""

from __future__ import annotations

from .drawing import changes_table, page, svg
from .pace import Pace
from .timeline import Gap, Lane, Mark, Span, Timeline, TimelineRecorder
from .verdicts import (
    Outcome,
    Settling,
    Verdict,
    came_up,
    cannot_tell,
    reached,
    restarted,
    went_down,
    went_through,
)
from .watch import Sample, Sampler, Watch

__all__ = [
    "Gap",
    "Lane",
    "Mark",
    "Outcome",
    "Pace",
    "Sample",
    "Sampler",
    "Settling",
    "Span",
    "Timeline",
    "TimelineRecorder",
    "Verdict",
    "Watch",
    "came_up",
    "cannot_tell",
    "changes_table",
    "page",
    "reached",
    "restarted",
    "svg",
    "went_down",
    "went_through",
]
