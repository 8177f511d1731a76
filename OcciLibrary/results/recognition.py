"""Makes records of an output's suites: finds the runs of this kit in it, and judges each step by what the run itself said."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from OcciLibrary.keywords.harmless import harmless
from OcciLibrary.results.output_tree import INTRODUCTION, Output, Suite, Test, UnreadableError
from OcciLibrary.results.records import DOCUMENTS, GROUPS, Change, Run, Step, Transition, Verdict

_OURS = "Library version"
_REHEARSAL = "sandbox (embedded)"
_LONGEST_SHOWN = 200
_LONGEST_MESSAGE = 3000
_NUMBER = re.compile(r"([A-Z]{0,3}\d{1,3})\.\d{1,3}\b")
_LOG_ID = re.compile(r"s\d+(-s\d+)*-t\d+")
_RUN_ID = re.compile(r"(\d{8}T\d{6}Z)-[0-9a-f]{8}")
_CHANGE = re.compile(r"(.{1,100}?) ([+-]\d{1,7}\.\d{3}) s(?:, |$)")
_REMARK = "Remark: "
_STATUS = {
    "PASS": (Verdict.PASS, Verdict.REMARK),
    "FAIL": (Verdict.FAIL, Verdict.CANNOT_TELL),
    "SKIP": (Verdict.NOT_RUN,),
}
_BEGINNING = datetime(1970, 1, 1)  # noqa: DTZ001 -- times in an output have no zone
_NOT_OVER = "The run was cut off before this step was over."
_CONTRADICTION = (
    "The output contradicts itself: the status is {status}, the verdict '{verdict}'. It may have been edited."
)


def runs_in(output: Output) -> list[Run]:
    """Returns the records of all runs in an output, without paths. Raises `UnreadableError` when there is none of this kit."""
    found = [_run(suite, told, output) for suite, told in _of_this_kit(output.suite)]
    if steps := [run for run in found if run.steps]:
        return steps
    raise UnreadableError(_why_nothing(output, bool(found)))


def _why_nothing(output: Output, ours: bool) -> str:
    tests = [test for _, test in _tests(output.suite)]
    if not ours and any(map(_group, tests)):
        return "it is a dry run of the kit's suites: nothing was tested"
    if not ours:
        return f"it is no run of this kit (written by {output.generator[:60]})"
    if stopped := next((test.message for test in tests if "tester-side" in test.tags), ""):
        return f"nothing was tested: {_cut(stopped, _LONGEST_SHOWN)}".rstrip(".")
    return "it has no step of any group of test cases, only a tester's own tests"


def _of_this_kit(suite: Suite) -> Iterator[tuple[Suite, dict[str, str]]]:
    """Gives each outermost suite that says it is a run of this kit, and what it says."""
    told = suite.metadata if _OURS in suite.metadata else _introduced(suite)
    if told:
        yield suite, told
        return
    for inner in suite.suites:
        yield from _of_this_kit(inner)


def _introduced(suite: Suite) -> dict[str, str]:
    """Returns what a run said at its beginning, where it was cut off before it could write it down at its end."""
    if suite.ended or not suite.introduction:
        return {}
    try:
        told = json.loads(suite.introduction.removeprefix(INTRODUCTION))
    except (ValueError, RecursionError):
        return {}
    is_ours = isinstance(told, dict) and _OURS in told
    return {str(name): str(value) for name, value in told.items()} if is_ours else {}


def _run(suite: Suite, told: dict[str, str], output: Output) -> Run:
    tests = list(_tests(suite))
    steps = tuple(
        _step(group, inner, test) for inner, test in tests if (group := _group(test)) and _is_judged(test)
    )
    started, utc = _began(told.get("Run", ""), suite, [test for _, test in tests])
    site, tester = _line(told.get("Site", "")) or "(no name)", _line(told.get("Tester", ""))
    return Run(
        run_id=_line(told.get("Run", "")) or _made_up_id(site, tester, suite, steps),
        site=site,
        tester=tester or "(no name)",
        endpoint=_without_login(_line(told.get("Endpoint", ""))),
        rehearsal=told.get("Endpoint", "").startswith(_REHEARSAL),
        implementation=_line(told.get("Implementation", ""))
        or _product(told.get("Server", ""))
        or "(unknown)",
        server=_line(told.get("Server", "")),
        library=_line(told.get(_OURS, "")),
        robot=_line(output.generator),
        started=started,
        utc=utc,
        seconds=_number(suite.elapsed) or round(sum(_number(test.elapsed) for _, test in tests), 3),
        complete=suite.ended,
        steps=steps,
        fingerprints=tuple(sorted(_fingerprints(suite))),
        own_tests=sum(not _group(test) for _, test in tests),
    )


def _tests(suite: Suite) -> Iterator[tuple[Suite, Test]]:
    for test in suite.tests:
        yield suite, test
    for inner in suite.suites:
        yield from _tests(inner)


def _group(test: Test) -> str:
    return next((group for group in GROUPS if group in test.tags), "")


def _is_judged(test: Test) -> bool:
    """Tells whether a test has a verdict, or ought to: a dry run gives none."""
    return "Verdict" in test.metadata or not test.status


def _step(group: str, suite: Suite, test: Test) -> Step:
    number = _NUMBER.match(test.name)
    case, case_title = _case(group, number[1] if number else "", suite)
    verdict, message = _verdict(test)
    lines = message.split("\n")
    remarks = tuple(line.removeprefix(_REMARK) for line in lines if line.startswith(_REMARK))
    return Step(
        key=number[0] if number else _line(test.name),
        name=_line(test.name),
        group=group,
        case=case,
        case_title=case_title,
        verdict=verdict,
        message=_cut(
            "\n".join(line for line in lines if not line.startswith(_REMARK)).strip(), _LONGEST_MESSAGE
        ),
        remarks=tuple(_cut(remark, _LONGEST_MESSAGE) for remark in remarks),
        doc=_cut(test.doc, _LONGEST_MESSAGE),
        log_id=test.log_id if _LOG_ID.fullmatch(test.log_id) else "",
        seconds=_number(test.elapsed),
        transition=_transition(test.metadata.get("Transition", "")),
    )


def _case(group: str, number: str, suite: Suite) -> tuple[str, str]:
    """Returns key and title of a step's test case: of conformance tests, that is the document that they are about."""
    letters = number.rstrip("0123456789")
    if group == "conformance" and letters in DOCUMENTS:
        return letters, f"{letters} {DOCUMENTS[letters]}"
    return number or _line(suite.name), _line(suite.name)


def _verdict(test: Test) -> tuple[Verdict, str]:
    """Returns the verdict and the message; where status and verdict contradict each other, nothing can be told."""
    if not test.status:
        return Verdict.CANNOT_TELL, _NOT_OVER
    told = test.metadata.get("Verdict", "")
    verdict = next((one for one in _STATUS.get(test.status, ()) if one.value == told), None)
    if verdict is None:
        return Verdict.CANNOT_TELL, _CONTRADICTION.format(status=test.status[:20], verdict=told[:40])
    if verdict is Verdict.NOT_RUN and "not-offered" in test.tags:
        verdict = Verdict.NOT_OFFERED
    return verdict, test.message


def _transition(told: str) -> Transition | None:
    action, colon, lanes = told.partition(": ")
    if not colon:
        return None
    changes = []
    for lane in lanes.split("; "):
        name, _, values = lane.partition(" ")
        changes += [Change(name[:20], value, float(at)) for value, at in _CHANGE.findall(values)]
    return Transition(action[:20], tuple(changes))


def _fingerprints(suite: Suite) -> Iterator[tuple[str, str]]:
    if (found := suite.metadata.get("Fingerprint", "")) and any(map(_group, suite.tests)):
        yield suite.source, _line(found)
    for inner in suite.suites:
        yield from _fingerprints(inner)


def _began(run_id: str, suite: Suite, tests: list[Test]) -> tuple[datetime, bool]:
    """Returns when a run began, in UTC by its id, else by the clock of the computer it ran on."""
    if matched := _RUN_ID.fullmatch(run_id):
        try:
            return datetime.strptime(matched[1], "%Y%m%dT%H%M%SZ"), True  # noqa: DTZ007 -- UTC without saying so
        except ValueError:
            pass
    for start in (suite.start, *(test.start for test in tests)):
        try:
            return datetime.fromisoformat(start).replace(tzinfo=None, microsecond=0), False
        except ValueError:
            continue
    return _BEGINNING, False


def _made_up_id(site: str, tester: str, suite: Suite, steps: tuple[Step, ...]) -> str:
    """Returns an id for a run that gave itself none: the same for the same run in several files."""
    told = json.dumps([site, tester, suite.start, [(step.key, step.verdict, step.seconds) for step in steps]])
    return f"unnamed-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def _product(server: str) -> str:
    """Returns the first product of a Server header, with its version."""
    return _line(server).split(" ")[0]


def _without_login(endpoint: str) -> str:
    """Returns an endpoint without user name, password and query, whoever wrote it."""
    if "://" not in endpoint:
        return endpoint
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _line(text: str) -> str:
    """Returns a text on one line and not too long; what only kept links from working is taken out."""
    return _cut(" ".join(text.replace("\N{ZERO WIDTH SPACE}", "").split()), _LONGEST_SHOWN)


def _cut(text: str, longest: int) -> str:
    text = harmless(text)
    return text if len(text) <= longest else f"{text[:longest]}…"


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value < 1e8 else 0.0
