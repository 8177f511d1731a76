"""Timelines for tests, sampled from scripted lanes."""

from __future__ import annotations

from collections.abc import Sequence

from OcciLibrary.watch import Timeline, TimelineRecorder

Script = Sequence[tuple[str, float]]  # value, until when


def sampled(script: Script, step: float = 0.05) -> list[str]:
    """Gives the values that sampling a script every ``step`` seconds sees."""
    values: list[str] = []
    for value, until in script:
        while len(values) * step < until - 1e-9:
            values.append(value)
    return values


def build(
    *,
    ended: float | None = None,
    step: float = 0.05,
    marks: Sequence[tuple[float, str]] = (),
    **lanes: Script,
) -> Timeline:
    """Samples scripted lanes every ``step`` seconds and gives the timeline."""
    recorder = TimelineRecorder(lanes)
    for name, script in lanes.items():
        for count, value in enumerate(sampled(script, step)):
            at = count * step
            recorder.record(name, value, at, at + step / 10, f"detail of {value}")
    for at, text in marks:
        recorder.mark(at, text)
    return recorder.timeline(ended)
