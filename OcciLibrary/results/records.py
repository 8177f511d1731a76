"""Records of runs: what one run of the suites on one site came to, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Verdict(str, Enum):
    """What became of a step; the words are those of log.html."""

    PASS = "pass"
    REMARK = "pass with remark"
    FAIL = "fail"
    CANNOT_TELL = "cannot tell"
    NOT_OFFERED = "not offered"
    NOT_RUN = "not run"

    @property
    def passed(self) -> bool:
        """Tells whether the wiki's condition held."""
        return self in (Verdict.PASS, Verdict.REMARK)

    @property
    def about_the_site(self) -> bool:
        """Tells whether something was learned about the site."""
        return self not in (Verdict.CANNOT_TELL, Verdict.NOT_RUN)


GROUPS = {
    "agreed": "Agreed test cases",
    "discussion": "Test cases under discussion",
    "reference-vm": "The reference VM",
    "user": "The user's perspective",
    "conformance": "OCCI conformance",
}
"""The groups of test cases by their tag, in the order in which they are shown, with their titles."""
DOCUMENTS = {
    "CO": "Core",
    "IN": "Infrastructure",
    "HP": "HTTP protocol",
    "TX": "Text rendering",
    "JS": "JSON rendering",
    "NV": "OCCI 1.2",
}
"""The documents that the conformance tests are about, by the letters of the tests' numbers, in the order in which they are shown.

Each is shown as one test case: by topic there would be some thirty columns.
"""


_STOPPED = ("Not run: the run was interrupted", "Not run: see '")  # a listener of the run says so


@dataclass(frozen=True, slots=True)
class Change:
    """Says that a lane of the watch (state, echo, ping) had a value from some seconds after the action on."""

    lane: str
    value: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Transition:
    """Holds what the watch saw after an action."""

    action: str
    changes: tuple[Change, ...]

    @property
    def arrival(self) -> float | None:
        """Returns how many seconds after the action the site showed the state in which the VM ended."""
        states = [change.seconds for change in self.changes if change.lane == "state"]
        return max(states[-1], 0.0) if len(states) > 1 else None


@dataclass(frozen=True, slots=True)
class Step:
    """Holds what became of one step.

    `key` is its number (`4.3`, `R1.2`) or, where the name has none, the name. `case` is the key of its test case (`4`, `R1`),
    `log_id` its anchor in log.html, `seconds` how long it took.
    """

    key: str
    name: str
    group: str
    case: str
    case_title: str
    verdict: Verdict
    message: str = ""
    remarks: tuple[str, ...] = ()
    doc: str = ""
    log_id: str = ""
    seconds: float = 0.0
    transition: Transition | None = None

    @property
    def not_reached(self) -> bool:
        """Tells whether the run was stopped (Ctrl-C, lost network or login) before it came to this step."""
        return self.verdict is Verdict.NOT_RUN and self.message.startswith(_STOPPED)


@dataclass(frozen=True, slots=True)
class Run:
    """Holds one run of the suites on one site.

    `started` is in UTC where `utc` is set, else in the unknown time of the tester's computer. `complete` is False for a run that
    was cut off (killed, or ended by a second Ctrl-C). `fingerprints` has one per suite file, by the file's name. `own_tests` counts the tests that belong to
    no group: a tester's own. `output` and `log` are paths relative to the folder of results ('' = there is no log).
    """

    run_id: str
    site: str
    tester: str
    endpoint: str
    rehearsal: bool
    implementation: str
    server: str
    library: str
    robot: str
    started: datetime
    utc: bool
    seconds: float
    complete: bool
    steps: tuple[Step, ...]
    fingerprints: tuple[tuple[str, str], ...] = ()
    own_tests: int = 0
    output: str = ""
    log: str = ""

    @property
    def told_something(self) -> bool:
        """Tells whether anything was learned about the site."""
        return any(step.verdict.about_the_site for step in self.steps)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Says in one sentence why a file, named by its path in the folder of results, is not in the matrix."""

    path: str
    why: str
