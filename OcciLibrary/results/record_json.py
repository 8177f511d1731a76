"""Records as JSON and back: for the cache, and for whoever reads the matrix with a program."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from OcciLibrary.results.records import Change, Run, Step, Transition, Verdict

_STEP_TEXTS = ("key", "name", "group", "case", "case_title", "message", "doc", "log_id")
_RUN_TEXTS = (
    "run_id",
    "site",
    "tester",
    "endpoint",
    "implementation",
    "server",
    "library",
    "robot",
    "output",
    "log",
)


def run_to_json(run: Run) -> dict[str, Any]:
    """Returns a run as plain data."""
    return {
        **{name: getattr(run, name) for name in _RUN_TEXTS},
        "rehearsal": run.rehearsal,
        "started": run.started.isoformat(),
        "utc": run.utc,
        "seconds": run.seconds,
        "complete": run.complete,
        "fingerprints": [{"file": file, "fingerprint": found} for file, found in run.fingerprints],
        "own_tests": run.own_tests,
        "steps": [step_to_json(step) for step in run.steps],
    }


def step_to_json(step: Step) -> dict[str, Any]:
    """Returns a step as plain data."""
    return {
        **{name: getattr(step, name) for name in _STEP_TEXTS},
        "verdict": step.verdict.value,
        "remarks": list(step.remarks),
        "seconds": step.seconds,
        "transition": _transition_to_json(step.transition),
    }


def _transition_to_json(transition: Transition | None) -> dict[str, Any] | None:
    if transition is None:
        return None
    changes = [{"lane": one.lane, "value": one.value, "seconds": one.seconds} for one in transition.changes]
    return {"action": transition.action, "changes": changes}


def run_from_json(data: dict[str, Any]) -> Run:
    """Returns the run that `run_to_json` wrote. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return Run(
        **{name: _text(data[name]) for name in _RUN_TEXTS},
        rehearsal=bool(data["rehearsal"]),
        started=datetime.fromisoformat(data["started"]),
        utc=bool(data["utc"]),
        seconds=float(data["seconds"]),
        complete=bool(data["complete"]),
        fingerprints=tuple((_text(one["file"]), _text(one["fingerprint"])) for one in data["fingerprints"]),
        own_tests=int(data["own_tests"]),
        steps=tuple(_step(step) for step in data["steps"]),
    )


def _step(data: dict[str, Any]) -> Step:
    return Step(
        **{name: _text(data[name]) for name in _STEP_TEXTS},
        verdict=Verdict(data["verdict"]),
        remarks=tuple(map(_text, data["remarks"])),
        seconds=float(data["seconds"]),
        transition=_transition(data["transition"]),
    )


def _transition(data: dict[str, Any] | None) -> Transition | None:
    if data is None:
        return None
    changes = (
        Change(_text(one["lane"]), _text(one["value"]), float(one["seconds"])) for one in data["changes"]
    )
    return Transition(_text(data["action"]), tuple(changes))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text.")
    return value
