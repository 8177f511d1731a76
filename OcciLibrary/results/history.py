"""What changed at a site from run to run: new since the last run, flaky steps, how long transitions took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from OcciLibrary.results.records import Run, Step, Verdict

LOOKED_AT = 10
"""How many of the latest verdicts on a step show whether it is flaky."""
_TURNS = 2


@dataclass(frozen=True, slots=True)
class ChangedStep:
    """Says that a step has another verdict in the latest run than in the run before it that had the step."""

    step: Step
    now: Run
    before: Verdict
    before_run: Run


@dataclass(frozen=True, slots=True)
class FlakyStep:
    """Says that a step passed and failed by turns: how often it failed in so many of the latest runs."""

    step: Step
    failed: int
    of: int


@dataclass(frozen=True, slots=True)
class Times:
    """Holds how many seconds one transition took, run by run; `index` counts the site's runs."""

    step: Step
    action: str
    points: tuple[tuple[int, float], ...]


def changed_steps(runs: Sequence[Run]) -> tuple[ChangedStep, ...]:
    """Returns what is new in the latest run that told something, compared with those before it (in order of time)."""
    telling = [run for run in runs if run.told_something]
    if len(telling) < 2:
        return ()
    *earlier, latest = telling
    before = {(step.group, step.key): (step, run) for run in earlier for step in run.steps}
    changed = []
    for step in latest.steps:
        old, run = before.get((step.group, step.key), (step, latest))
        if old.verdict is not step.verdict:
            changed.append(ChangedStep(step, latest, old.verdict, run))
    return tuple(changed)


def flaky_steps(runs: Iterable[Run]) -> tuple[FlakyStep, ...]:
    """Returns the steps that went from pass to fail or back at least twice in their latest runs."""
    seen: dict[tuple[str, str], list[Step]] = {}
    for run in runs:
        for step in run.steps:
            if step.verdict.passed or step.verdict is Verdict.FAIL:
                seen.setdefault((step.group, step.key), []).append(step)
    found = (_flaky(steps[-LOOKED_AT:]) for steps in seen.values())
    return tuple(flaky for flaky in found if flaky)


def verdicts_since(runs: Iterable[Run]) -> dict[tuple[str, str], Run]:
    """Returns, by group and key of a step, the first of the latest runs in a row that came to the same verdict on it."""
    since: dict[tuple[str, str], tuple[Verdict, Run]] = {}
    for run in runs:
        if run.told_something:
            for step in run.steps:
                verdict, _ = since.get((step.group, step.key), (None, run))
                if verdict is not step.verdict:
                    since[step.group, step.key] = (step.verdict, run)
    return {key: run for key, (_, run) in since.items()}


def _flaky(steps: Sequence[Step]) -> FlakyStep | None:
    turns = sum(one.verdict.passed != other.verdict.passed for one, other in pairwise(steps))
    failed = sum(not step.verdict.passed for step in steps)
    return FlakyStep(steps[-1], failed, len(steps)) if turns >= _TURNS else None


def transition_times(runs: Sequence[Run]) -> tuple[Times, ...]:
    """Returns how long each transition took, by the first step of a test case that watched the action."""
    points: dict[tuple[str, str], list[tuple[int, float]]] = {}
    steps: dict[tuple[str, str], Step] = {}
    for index, run in enumerate(runs):
        watched: set[tuple[str, str, str]] = set()
        for step in run.steps:
            if not step.verdict.passed or step.transition is None or step.transition.arrival is None:
                continue
            what = (step.group, step.case, step.transition.action)
            if what not in watched:
                watched.add(what)
                points.setdefault((step.group, step.key), []).append((index, step.transition.arrival))
                steps[step.group, step.key] = step
    return tuple(_times(steps[key], points[key]) for key in sorted(points))


def _times(step: Step, points: Iterable[tuple[int, float]]) -> Times:
    return Times(step, step.transition.action if step.transition else "", tuple(points))
