"""Records made up for rules that no quick real run shows."""

from __future__ import annotations

from datetime import datetime, timedelta

from OcciLibrary.results.agreed_steps import AGREED_CASES, AGREED_STEPS
from OcciLibrary.results.reading import Results
from OcciLibrary.results.records import Change, LeftOut, Run, Step, Transition, Verdict

_LETTERS = {
    "P": Verdict.PASS,
    "R": Verdict.REMARK,
    "F": Verdict.FAIL,
    "S": Verdict.NOT_RUN,
    "N": Verdict.NOT_OFFERED,
    "T": Verdict.CANNOT_TELL,
}
WHOLE = "PP PPPPPP PPPP PPPPP PPPPPPP PPPPP"
_BEGAN = datetime.fromisoformat("2026-03-01T12:00:00")


def step(
    key: str, verdict: Verdict, message: str = "", remarks: tuple[str, ...] = (), took: float = 0.0
) -> Step:
    case = key.partition(".")[0]
    moved = (Change("state", "inactive", -0.1), Change("state", "active", took))
    return Step(
        key=key,
        name=next((one.name for one in AGREED_STEPS if one.key == key), key),
        group="agreed",
        case=case,
        case_title=AGREED_CASES.get(case, case),
        verdict=verdict,
        message=message,
        remarks=remarks,
        log_id="s1-s1-t1",
        transition=Transition("start", moved) if took else None,
    )


def run(
    letters: str = WHOLE,
    *,
    site: str = "Alpha",
    tester: str = "Oxford",
    day: int = 0,
    complete: bool = True,
    message: str = "",
    remarks: tuple[str, ...] = (),
    fingerprints: tuple[tuple[str, str], ...] = (("a/b.robot", "0"),),
) -> Run:
    """Returns a run: a letter for each of the 29 steps, `.` where the run has no such step."""
    shown = [(one.key, letter) for one, letter in zip(AGREED_STEPS, letters.replace(" ", ""), strict=True)]
    began = _BEGAN + timedelta(days=day)
    return Run(
        run_id=f"{site} {tester} {day}",
        site=site,
        tester=tester,
        endpoint="https://occi.example.org/",
        rehearsal=False,
        implementation="ooi",
        server="ooi/1.2",
        library="0.1.0",
        robot="Robot 7.5",
        started=began,
        utc=True,
        seconds=12.0,
        complete=complete,
        steps=tuple(
            step(key, _LETTERS[letter], message, remarks) for key, letter in shown if letter in _LETTERS
        ),
        fingerprints=fingerprints,
        output=f"{site}/{day}/output.xml",
        log=f"{site}/{day}/log.html" if complete else "",
    )


def results(*runs: Run, left_out: tuple[LeftOut, ...] = ()) -> Results:
    return Results(tuple(sorted(runs, key=lambda run: run.started)), left_out)
