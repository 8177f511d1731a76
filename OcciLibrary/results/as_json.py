"""The matrix and the records as JSON; docs/matrix.md describes every field."""

from __future__ import annotations

import json
from typing import Any

from OcciLibrary.results.history import ChangedStep, FlakyStep
from OcciLibrary.results.matrix import CaseCell, Matrix, Site, StepCell, verdict_of_run
from OcciLibrary.results.record_json import run_to_json
from OcciLibrary.results.records import Run, Verdict

SCHEMA = 2


def matrix_json(matrix: Matrix) -> str:
    """Returns the matrix: what each site came to, and a line for each run."""
    return _written(
        {
            "schema": SCHEMA,
            "groups": [
                {
                    "tag": group.tag,
                    "title": group.title,
                    "cases": [
                        {
                            "key": case.key,
                            "title": case.title,
                            "steps": [{"key": step.key, "name": step.name} for step in case.steps],
                        }
                        for case in group.cases
                    ],
                }
                for group in matrix.groups
            ],
            "sites": [_site(site) for site in matrix.sites],
            "runs": [_run(run, matrix) for run in matrix.runs],
            "left_out": [{"path": one.path, "why": one.why} for one in matrix.left_out],
        }
    )


def records_json(matrix: Matrix) -> str:
    """Returns the whole records of all runs, step by step; one run a line."""
    lines = [json.dumps(_record(run, matrix), ensure_ascii=False) for run in matrix.runs]
    body = ",\n".join(lines)
    return f'{{"schema": {SCHEMA}, "runs": [\n{body}\n]}}\n'


def _written(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _record(run: Run, matrix: Matrix) -> dict[str, Any]:
    record = {**run_to_json(run), "other_suites": matrix.is_edited(run)}
    for step in record["steps"]:
        del step["doc"]
    return record


def _run(run: Run, matrix: Matrix) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "site": run.site,
        "tester": run.tester,
        "started": run.started.isoformat(),
        "utc": run.utc,
        "seconds": run.seconds,
        "complete": run.complete,
        "other_suites": matrix.is_edited(run),
        "library": run.library,
        "verdict": verdict_of_run(run).value,
        "steps": {one.value: sum(step.verdict is one for step in run.steps) for one in Verdict},
        "output": run.output,
        "log": run.log,
    }


def _site(site: Site) -> dict[str, Any]:
    return {
        "name": site.name,
        "endpoint": site.latest.endpoint,
        "implementation": site.implementation,
        "server": site.latest.server,
        "rehearsal": site.rehearsal,
        "testers": list(site.testers),
        "latest_run": site.latest.run_id,
        "cases": [_case(site, cell) for cell in site.cases],
        "new_since_last_run": [_changed(one) for one in site.changes],
        "flaky": [_flaky(one) for one in site.flaky],
    }


def _case(site: Site, cell: CaseCell) -> dict[str, Any]:
    return {
        "group": cell.case.group,
        "key": cell.case.key,
        "verdict": cell.verdict.value if cell.verdict else None,
        "passed": cell.passed,
        "run": cell.run.run_id if cell.run else None,
        "steps": [_step(site, step) for step in cell.steps],
    }


def _step(site: Site, cell: StepCell) -> dict[str, Any]:
    step = cell.step
    since = site.since.get((cell.title.group, cell.title.key)) if step else None
    return {
        "key": cell.title.key,
        "verdict": step.verdict.value if step else None,
        "since": since.run_id if since else None,
        "message": step.message if step else "",
        "remarks": list(step.remarks) if step else [],
        "log_id": step.log_id if step else "",
        "notes": [{"text": note.text, "bug": note.bug} for note in cell.notes],
    }


def _changed(one: ChangedStep) -> dict[str, Any]:
    return {
        "group": one.step.group,
        "key": one.step.key,
        "verdict": one.step.verdict.value,
        "before": one.before.value,
        "run_before": one.before_run.run_id,
    }


def _flaky(one: FlakyStep) -> dict[str, Any]:
    return {"group": one.step.group, "key": one.step.key, "failed": one.failed, "of": one.of}
