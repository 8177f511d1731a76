"""What the library does around suites and tests: checks the site first, stops once, shows verdict and timeline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from robot.api import logger
from robot.libraries.BuiltIn import BuiltIn

from OcciLibrary.keywords.after_interruption import (
    EXIT,
    AfterInterruption,
    listen_to_the_end,
    not_run_because,
)
from OcciLibrary.keywords.findings import Finding, told
from OcciLibrary.keywords.masking import FIRST
from OcciLibrary.keywords.putting_back import put_back_at_the_end
from OcciLibrary.keywords.run_record import fingerprint_of, identity, transition_times
from OcciLibrary.keywords.secret_variables import secret_in_command_line
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.known_secrets import masked

if TYPE_CHECKING:
    from robot import result as robot_result
    from robot import running

    from OcciLibrary.keywords.site_run import Picture

TESTER_SIDE = "tester-side"
REMARK = "remark"
NOT_OFFERED = "not-offered"
_CANNOT_TELL = "Cannot tell"
_SIGNAL = "Execution terminated by signal"
_TEARDOWN = "Teardown failed:\n"


class RunListener:
    """Listens to the run (listener API 3); PythonLibCore registers it with the library."""

    ROBOT_LISTENER_API_VERSION = 3
    ROBOT_LISTENER_PRIORITY = FIRST + 1  # it judges by the words as they are, before they are masked

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    def start_suite(self, data: running.TestSuite, result: robot_result.TestSuite) -> None:
        """Checks the site file before the first test; when it cannot be used, one sentence is all that runs."""
        run = self._run
        shown_to_all = secret_in_command_line(sys.argv[1:])
        if run.folder is None:
            if shown_to_all:
                run.stop(shown_to_all)
            return
        if problem := shown_to_all or run.check_site(BuiltIn().get_variables(), dry=_is_dry_run()):
            _run_only(data, "The site file", problem, TESTER_SIDE)
            run.problem = problem
            return
        run.new_case(data)
        if not _is_dry_run():
            if data.parent is None:
                listen_to_the_end(AfterInterruption(run))
            result.metadata.update(fingerprint_of(data.source))

    def end_suite(self, data: running.TestSuite, result: robot_result.TestSuite) -> None:
        """Hands the word back to the suite around the one that ended, and says at the top what was tested."""
        self._run.new_case(data.parent)
        if not _is_dry_run():
            _describe(_outermost(result), self._run)

    def start_test(self, data: running.TestCase, result: robot_result.TestCase) -> None:
        """Lets the first test say why the site cannot be judged, and no further test run."""
        run = self._run
        run.guard.begin(set(result.tags))
        run.remarks.clear()
        run.pictures.clear()
        run.cannot_tell = ""
        if not run.stopped or _is_dry_run():
            return
        if not run.stopped_at:
            run.stopped_at = data.name
            _run_instead(data, "Fail", run.stopped)
            result.tags.add(TESTER_SIDE)
        else:
            _run_instead(data, "Skip", f"Not run: see '{run.stopped_at}'.")

    def end_test(self, data: running.TestCase, result: robot_result.TestCase) -> None:
        """Puts the verdict into status, tags, metadata and message, and the timeline under the test."""
        run = self._run
        run.guard.end()
        if _is_dry_run():
            if run.problem:  # a dry run runs no keyword, so the sentence is said here
                result.status, result.message = "FAIL", run.problem
            return
        for picture in run.pictures:
            _draw(picture)
        self._judge_interruption(data, result)
        if run.stopped and not run.stopped_at and result.failed:
            run.stopped_at = data.name
            result.tags.add(TESTER_SIDE)
        if result.failed and run.cannot_tell and run.cannot_tell in result.message:
            result.tags.add(TESTER_SIDE)
        if result.passed:
            run.arrived()
        _tell(result, run)
        if run.pictures and (times := transition_times(run.pictures[-1].timeline, run.pictures[-1].action)):
            result.metadata["Transition"] = times
        run.findings.append(Finding(data.name, str(result.metadata["Verdict"]), masked(result.message)))

    def _judge_interruption(self, data: running.TestCase, result: robot_result.TestCase) -> None:
        """Says of a run that was cut off which step it was, and that the later ones were not run."""
        run = self._run
        if result.message == _TEARDOWN + _SIGNAL:
            run.interrupted = True  # the step itself was over and had passed
            result.status, result.message = "PASS", ""
            return
        cut_off = result.message.endswith(_SIGNAL) and "Also teardown failed" not in result.message
        run.interrupted = run.interrupted or _SIGNAL in result.message or _setup_was_cut_off(result.parent)
        if not cut_off and EXIT not in result.tags:
            return
        if run.interrupted and not run.interrupted_at:
            run.interrupted_at = data.name
            result.tags.add(TESTER_SIDE)
            result.message = "The run was interrupted (Ctrl-C, or a signal) before this step was over."
        else:
            result.status = "SKIP"
            result.message = not_run_because(run, result.message)

    def close(self) -> None:
        """Ends the embedded site and all connections, having put the VM back where no suite teardown did."""
        run = self._run
        try:
            if run.found is not None and not run.left:
                put_back_at_the_end(run, logger.warn)  # what is only informed of here stands in no log
        finally:
            run.close()


def _setup_was_cut_off(suite: Any) -> bool:
    """Tells whether a signal ended the setup of a suite or of one around it: its tests are not told why they do not run."""
    if suite is None:
        return False
    return (suite.has_setup and _SIGNAL in suite.setup.message) or _setup_was_cut_off(suite.parent)


def _tell(result: robot_result.TestCase, run: SiteRun) -> None:
    """Makes the verdict of design §5 readable in the console, in the log and in output.xml alone."""
    if result.failed and TESTER_SIDE in result.tags and not result.message.startswith(_CANNOT_TELL):
        result.message = f"{_CANNOT_TELL}: {result.message}"
    parts = [result.message, *(f"Remark: {words}" for words in run.remarks)]
    if result.failed and TESTER_SIDE not in result.tags and run.case.noticed not in run.remarks:
        parts.append(run.case.noticed)
    if result.failed and TESTER_SIDE not in result.tags:
        parts.append(run.guard.clauses(result.message))
    result.message = "\n".join(part for part in parts if part)
    if run.remarks and result.passed:
        result.tags.add(REMARK)
    if result.skipped and result.message.lower().startswith("not offered"):
        result.tags.add(NOT_OFFERED)
    result.metadata["Verdict"] = _verdict(result)


def _verdict(result: robot_result.TestCase) -> str:
    if result.passed:
        return "pass with remark" if REMARK in result.tags else "pass"
    if result.skipped:
        return "not run"
    return "cannot tell" if TESTER_SIDE in result.tags else "fail"


def _outermost(result: robot_result.TestSuite) -> robot_result.TestSuite:
    above = result.parent
    return result if above is None else _outermost(cast("robot_result.TestSuite", above))


def _describe(result: robot_result.TestSuite, run: SiteRun) -> None:
    """Writes down in the outermost suite what was tested, by whom and with what."""
    findings = {"Findings": masked(told(run.findings))} if run.findings else {}
    result.metadata.update({**identity(run), **findings})


def _draw(picture: Picture) -> None:
    from OcciLibrary.watch.drawing import page  # noqa: PLC0415

    logger.info(page(picture.timeline, picture.words, picture.beside), html=True)


def _run_only(data: running.TestSuite, name: str, sentence: str, tag: str) -> None:
    """Leaves one failing test in a suite, so that the sentence is said once and the exit code is not 0."""
    data.suites = []
    data.tests = []
    data.setup = None
    data.teardown = None
    test = data.tests.create(name=name, tags=[tag])
    test.body.create_keyword(name="Fail", args=[_literal(sentence)])


def _run_instead(data: running.TestCase, keyword: str, sentence: str) -> None:
    data.setup = None
    data.teardown = None
    data.body = []
    data.body.create_keyword(name=keyword, args=[_literal(sentence)])


def _literal(text: str) -> str:
    """Returns a text so escaped that Robot Framework takes nothing in it for a variable."""
    text = masked(text)
    for sign in ("\\", "$", "@", "&", "%", "=", "#"):
        text = text.replace(sign, "\\" + sign)
    return text


def _is_dry_run() -> bool:
    return bool(BuiltIn()._context.dry_run)
