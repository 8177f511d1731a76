"""robotframework-dashboard over the same runs, in one page that asks nothing of any network.

Its page puts names and messages of the runs into HTML as they are, so it gets copies of the outputs in which no sign can be
markup; and the page is told (Content-Security-Policy) to run its own scripts only and to load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from robot.api import ExecutionResult, ResultVisitor
from robot.errors import DataError
from robot.result import Keyword

from OcciLibrary.occi.transport import printable
from OcciLibrary.results.records import Run

PACKAGE = "robotframework_dashboard"
MOST_RUNS = 2000
"""How many runs a page has: the latest. A browser has to hold all of them."""
LARGEST_OUTPUT = 64_000_000
_SECONDS = 1800.0
# Signs that look alike and mean nothing to HTML and JavaScript.
_INERT = str.maketrans(
    {"<": "\u2039", ">": "\u203a", "&": "+", '"': "\u201d", "'": "\u2019", "`": "\u2019", "\\": "/"}
)
# What separates an output's tags in the dashboard's command line and in its page.
_SEPARATORS = str.maketrans({":": "\ua789", ",": "\u201a"})
_LONGEST = 500
_GENERATED = re.compile(r'generated="[^"]*"')
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_INSTALL = "install the version that the kit's extra 'dashboard' names"


class NoDashboard(Exception):
    """Says in a sentence why there is no dashboard, and what to do."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Holds the page, and the runs that are not in it."""

    page: str
    without: tuple[Run, ...]


def dashboard_of(
    runs: Sequence[Run], results: Path, shown: Callable[[Sequence[Run]], Iterable[Run]] = iter
) -> Dashboard:
    """Returns the page, with each site as a project of its own. The same runs give the same page.

    Runs that were cut off are not in it, nor outputs of more than 64 MB, nor more than the latest 2000 runs. `shown` is given the runs and
    gives them back one by one (a progress bar). Raises `NoDashboard`.
    """
    if find_spec(PACKAGE) is None:
        raise NoDashboard(
            "occi-matrix dashboard needs the package robotframework-dashboard: install the kit's extra with  pip install "
            "'robotframework-occilibrary[dashboard]'"
        )
    whole = [run for run in runs if run.complete][-MOST_RUNS:]
    with TemporaryDirectory(prefix="occi-dashboard-") as folder:
        copied = {}
        for number, run in enumerate(shown(whole)):
            name = f"output_{number}.xml"
            if _copy(results / run.output, Path(folder, name), run, number):
                copied[run.run_id] = f"--outputpath={name}:{_tag(run)}"
        if not copied:
            raise NoDashboard("There is no run that was not cut off, of which a dashboard could be made")
        page = _guarded(_made(Path(folder), list(copied.values())))
    return Dashboard(page, tuple(run for run in runs if run.run_id not in copied))


def inert(text: str) -> str:
    """Returns a text on one line, at most 500 characters, in which no sign means anything to HTML or JavaScript."""
    return printable(text, _LONGEST).translate(_INERT)


def _tag(run: Run) -> str:
    # Words before the name: a tag that begins with 'project_' or 'version_' would be taken for one.
    return f"tested by {inert(run.tester).translate(_SEPARATORS)}"


def _copy(output: Path, copy: Path, run: Run, number: int) -> bool:
    """Writes what the dashboard reads of an output; tells whether there was something.

    The dashboard knows a run by the time in the file's first line, so that must be when it began, and of no two the same.
    """
    try:
        if output.stat().st_size > LARGEST_OUTPUT:
            return False
        result = ExecutionResult(str(output))
        result.suite = _suite_of(result.suite, run)
        result.visit(_Inert())
        result.suite.name = inert(run.site)
        result.save(str(copy))
    except (DataError, OSError, RecursionError):
        return False
    began = run.started.replace(tzinfo=None) + timedelta(microseconds=number)
    text = copy.read_text("utf-8")
    generated = f'generated="{began.isoformat(timespec="microseconds")}"'
    copy.write_text(_GENERATED.sub(generated, text, count=1), "utf-8")
    return True


def _suite_of(suite: Any, run: Run) -> Any:
    """Returns the suite of a run: an output that was merged holds several runs, maybe of other sites."""
    found = _suite_with(suite, run.run_id) or suite
    found.parent = None
    return found


def _suite_with(suite: Any, run_id: str) -> Any:
    if suite.metadata.get("Run") == run_id:
        return suite
    return next((found for inner in suite.suites if (found := _suite_with(inner, run_id))), None)


class _Inert(ResultVisitor):
    """Changes everything that people and sites have written in a result; times and statuses stay."""

    def start_suite(self, suite: Any) -> None:
        suite.name, suite.doc, suite.message = inert(suite.name), "", inert(suite.message)
        suite.metadata.clear()
        suite.setup = suite.teardown = None

    def start_test(self, test: Any) -> None:
        test.name, test.doc, test.message = inert(test.name), "", inert(test.message)
        test.tags = [inert(tag) for tag in (*test.tags, _verdict(test))]
        # Only the keywords of the test itself: what is below them is for log.html.
        test.body = [_keyword(one) for one in test.body if isinstance(one, Keyword)]
        test.setup = test.teardown = None


def _verdict(test: Any) -> str:
    """Returns the tag that tells a site's failure from a run in which nothing could be told; the dashboard drops blanks."""
    return str(getattr(test, "metadata", {}).get("Verdict", "")).replace(" ", "-")


def _keyword(one: Keyword) -> Keyword:
    return Keyword(
        name=inert(one.name or ""),
        owner=inert(one.owner or ""),
        status=one.status,
        start_time=one.start_time,
        elapsed_time=one.elapsed_time,
    )


def _made(folder: Path, given: Sequence[str]) -> str:
    page = folder / "dashboard.html"
    command = [
        *(sys.executable, "-m", f"{PACKAGE}.main", "--offlinedependencies", "--listruns=false"),
        *("--databasepath=runs.db", f"--namedashboard={page.name}", "--dashboardtitle=OCCI runs"),
        # The outputs' paths would stand in the page, and these are gone when it is read.
        *("--timezone=+00:00", "--logurl=output_{run_alias}.xml"),
        *given,
    ]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=True)
        text = page.read_text("utf-8")
    except subprocess.TimeoutExpired:
        raise NoDashboard(f"The dashboard was not made within {_SECONDS / 60:.0f} minutes") from None
    except (subprocess.CalledProcessError, OSError, UnicodeDecodeError):
        raise NoDashboard(f"robotframework-dashboard has made no page; {_INSTALL}") from None
    if b"ERROR" in done.stdout:  # it tells so what it has not read, and returns 0
        raise NoDashboard(f"robotframework-dashboard could not read the runs; {_INSTALL}")
    return text


def _guarded(page: str) -> str:
    """Returns a page that loads nothing and runs no scripts but those that stand in it.

    The charset comes first: browsers look for it in the first 1024 bytes, and the policy is longer.
    """
    scripts = (hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(page))
    allowed = " ".join(f"'sha256-{base64.b64encode(script).decode()}'" for script in scripts)
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = f'<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    if "<head>" not in page:
        raise NoDashboard(f"robotframework-dashboard has made a page without a head; {_INSTALL}")
    return page.replace("<head>", head, 1)
