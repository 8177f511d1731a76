"""What the library does around suites and tests: checks the site first, stops once, shows verdict and timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robot.api import logger
from robot.libraries.BuiltIn import BuiltIn

from OcciLibrary.keywords.site_run import SiteRun

if TYPE_CHECKING:
    from robot import result as robot_result
    from robot import running

    from OcciLibrary.watch import Timeline

TESTER_SIDE = "tester-side"
REMARK = "remark"
_INTERRUPTED = "Execution terminated by signal"


class RunListener:
    """Listens to the run (listener API 3); PythonLibCore registers it with the library."""

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, run: SiteRun) -> None:
        self._run = run

    def start_suite(self, data: running.TestSuite, result: robot_result.TestSuite) -> None:
        """Checks the site file before the first test; when it cannot be used, one sentence is all that runs."""
        run = self._run
        if run.folder is None:
            return
        if problem := run.check_site(BuiltIn().get_variables(), dry=_is_dry_run()):
            _run_only(data, "The site file", problem, TESTER_SIDE)
            run.problem = problem
            return
        run.new_case(data)
        if run.settings is not None:
            _describe(result, run)

    def end_suite(self, data: running.TestSuite, result: robot_result.TestSuite) -> None:
        """Hands the word back to the suite around the one that ended."""
        self._run.new_case(data.parent)

    def start_test(self, data: running.TestCase, result: robot_result.TestCase) -> None:
        """Lets the first test say why the site cannot be judged, and no further test run."""
        run = self._run
        run.remarks.clear()
        run.pictures.clear()
        if not run.stopped or _is_dry_run():
            return
        if not run.stopped_at:
            run.stopped_at = data.name
            _run_instead(data, "Fail", run.stopped)
            result.tags.add(TESTER_SIDE)
        else:
            _run_instead(data, "Skip", f"Not run: see '{run.stopped_at}'.")

    def end_test(self, data: running.TestCase, result: robot_result.TestCase) -> None:
        """Puts the verdict into tags, metadata and message, and the timeline under the test."""
        run = self._run
        run.interrupted = run.interrupted or _INTERRUPTED in result.message
        if run.stopped and not run.stopped_at:
            run.stopped_at = data.name
            result.tags.add(TESTER_SIDE)
        for timeline, words in run.pictures:
            _draw(timeline, words)
        if run.remarks and not result.not_run:
            result.tags.add(REMARK)
            remarks = " ".join(f"Remark: {words}" for words in run.remarks)
            result.message = f"{result.message}\n{remarks}" if result.message else remarks
        if "agreed" in result.tags:
            result.metadata["Verdict"] = _verdict(result)

    def close(self) -> None:
        """Ends the embedded site and all connections when the run is over."""
        self._run.close()


def _verdict(result: robot_result.TestCase) -> str:
    if result.passed:
        return "pass with remark" if REMARK in result.tags else "pass"
    if result.skipped:
        return "not run"
    return "cannot tell" if TESTER_SIDE in result.tags else "fail"


def _describe(result: robot_result.TestSuite, run: SiteRun) -> None:
    settings = run.settings
    if settings is None:
        return
    result.metadata["Site"] = settings.site_name or run.site
    result.metadata["Endpoint"] = "sandbox (embedded)" if run.is_embedded else settings.occi_endpoint
    if settings.tester:
        result.metadata["Tester"] = settings.tester


def _draw(timeline: Timeline, words: str) -> None:
    from OcciLibrary.watch.drawing import page  # noqa: PLC0415

    logger.info(page(timeline, words), html=True)


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
    for sign in ("\\", "$", "@", "&", "%", "=", "#"):
        text = text.replace(sign, "\\" + sign)
    return text


def _is_dry_run() -> bool:
    return bool(BuiltIn()._context.dry_run)
