"""The matrix: which site passes which step of which test case, by the latest run that tells."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from OcciLibrary.results.agreed_steps import AGREED_CASES, AGREED_STEPS
from OcciLibrary.results.history import ChangedStep, FlakyStep, changed_steps, flaky_steps, verdicts_since
from OcciLibrary.results.notes import Note
from OcciLibrary.results.reading import Results
from OcciLibrary.results.records import DOCUMENTS, GROUPS, LeftOut, Run, Step, Verdict

_WORST_FIRST = (
    Verdict.FAIL,
    Verdict.CANNOT_TELL,
    Verdict.NOT_RUN,
    Verdict.NOT_OFFERED,
    Verdict.REMARK,
    Verdict.PASS,
)


@dataclass(frozen=True, slots=True)
class StepTitle:
    """Names a step of the matrix; `doc` says when it passes and fails, `wiki` and `wiki_fails` what the wiki says (or '')."""

    group: str
    key: str
    name: str
    doc: str
    wiki: str = ""
    wiki_fails: str = ""

    @property
    def slug(self) -> str:
        """Returns the step's name for files and anchors."""
        return f"step-{self.group}-{slug(self.key)}"


@dataclass(frozen=True, slots=True)
class Case:
    """Names a test case of the matrix and its steps."""

    group: str
    key: str
    title: str
    steps: tuple[StepTitle, ...]

    @property
    def slug(self) -> str:
        """Returns the test case's name for anchors."""
        return f"case-{self.group}-{slug(self.key)}"


@dataclass(frozen=True, slots=True)
class Group:
    """Names a group of test cases by its tag and title."""

    tag: str
    title: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class StepCell:
    """Holds what a site's latest run that tells came to in one step; no step where there is no record."""

    title: StepTitle
    step: Step | None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseCell:
    """Holds what one run came to in one test case: all its steps are of the same run. No run, no record."""

    case: Case
    run: Run | None
    steps: tuple[StepCell, ...]

    @property
    def verdict(self) -> Verdict | None:
        """Returns the worst that became of its steps: nothing passes of which an agreed step is not known to have passed.

        Conformance tests do not build on one another: of those that were not run, or ask for what is not offered, the count tells.
        """
        if self.run is None:
            return None
        seen = {cell.step.verdict for cell in self.steps if cell.step}
        if any(cell.step is None for cell in self.steps) and (
            self.case.group == "agreed" or not self.run.complete
        ):
            seen.add(Verdict.CANNOT_TELL)
        return worst(_weighed(seen) if self.case.group == "conformance" else seen)

    @property
    def tells(self) -> bool:
        """Tells whether the run came to the end of the test case, or at least to a failure: else an earlier run's verdict stands."""
        stopped = any(cell.step and cell.step.not_reached for cell in self.steps)
        return self.verdict is Verdict.FAIL or (self.verdict is not Verdict.CANNOT_TELL and not stopped)

    @property
    def passed(self) -> int:
        """Counts the steps that passed."""
        return sum(cell.step is not None and cell.step.verdict.passed for cell in self.steps)


@dataclass(frozen=True, slots=True)
class Site:
    """Holds all that is known of one site; runs are in the order in which they began."""

    name: str
    runs: tuple[Run, ...]
    cases: tuple[CaseCell, ...]
    changes: tuple[ChangedStep, ...]
    flaky: tuple[FlakyStep, ...]
    since: Mapping[tuple[str, str], Run]

    @property
    def slug(self) -> str:
        """Returns the site's name for files and anchors."""
        return f"site-{slug(self.name)}"

    @property
    def implementation(self) -> str:
        """Returns the OCCI server that the site was last known to run."""
        known = (run.implementation for run in reversed(self.runs) if run.implementation != "(unknown)")
        return next(known, "(unknown)")

    @property
    def latest(self) -> Run:
        """Returns the run that began last."""
        return self.runs[-1]

    @property
    def testers(self) -> tuple[str, ...]:
        """Returns who tested the site."""
        return tuple(sorted({run.tester for run in self.runs}, key=_by_name))

    @property
    def rehearsal(self) -> bool:
        """Tells whether this is no cloud site, but a sandbox inside the run."""
        return all(run.rehearsal for run in self.runs)

    def cells_of(self, group: Group) -> list[CaseCell]:
        """Returns the cells of a group's test cases, in order."""
        return [cell for cell in self.cases if cell.case.group == group.tag]

    def since_before(self, title: StepTitle, run: Run) -> Run | None:
        """Returns the run since which a step has had its verdict, where that is an earlier one."""
        first = self.since.get((title.group, title.key))
        return first if first is not None and first.started < run.started else None

    def cell(self, title: StepTitle) -> tuple[StepCell, Run | None]:
        """Returns what became of a step, and in which run."""
        found = ((cell, case.run) for case in self.cases for cell in case.steps if cell.title == title)
        return next(found, (StepCell(title, None), None))


@dataclass(frozen=True, slots=True)
class Matrix:
    """Holds the whole matrix, in an order that depends on nothing but the results."""

    groups: tuple[Group, ...]
    sites: tuple[Site, ...]
    runs: tuple[Run, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[Note, ...] = ()
    edited: frozenset[str] = field(default_factory=frozenset)

    @property
    def testers(self) -> tuple[str, ...]:
        """Returns who tested."""
        return tuple(sorted({run.tester for run in self.runs}, key=_by_name))

    @property
    def steps(self) -> tuple[StepTitle, ...]:
        """Returns all steps in order."""
        return tuple(step for group in self.groups for case in group.cases for step in case.steps)

    def is_edited(self, run: Run) -> bool:
        """Tells whether a run's suites are others than those that the matrix is built with."""
        return run.run_id in self.edited

    def notes_without_cell(self) -> tuple[str, ...]:
        """Returns a sentence for each note whose site or step the matrix does not have."""
        sites, steps = {site.name for site in self.sites}, {step.key for step in self.steps}
        return tuple(
            f"there is no cell for the note on site '{note.site}', step '{note.step}'."
            for note in self.notes
            if note.site not in sites or note.step not in steps
        )

    def latest_by(self, tester: str, site: Site) -> Run | None:
        """Returns a tester's latest run on a site that tells something, else the latest."""
        return _telling([run for run in site.runs if run.tester == tester])


def build_matrix(
    results: Results, notes: Sequence[Note] = (), suites: Mapping[str, str] | None = None
) -> Matrix:
    """Returns the matrix of all runs.

    `suites` has the fingerprints of the suites that runs are expected to have run, by file; without it no run is called
    edited. Test cases come group by group, sites by name.
    """
    runs = results.runs
    groups = tuple(_groups(runs))
    names = sorted({run.site for run in runs}, key=_by_name)
    sites = tuple(_site(name, [run for run in runs if run.site == name], groups, notes) for name in names)
    edited = frozenset(run.run_id for run in runs if suites and _differs(run, suites))
    return Matrix(groups, sites, runs, results.left_out, tuple(notes), edited)


def verdict_of_run(run: Run) -> Verdict:
    """Returns the worst that became of a run's deciding steps; of tests that need not be run, only what was counts."""
    steps = deciding_steps(run)
    seen = {step.verdict for step in steps} | ({Verdict.CANNOT_TELL} if not run.complete else set())
    return worst(seen if any(step.group == "agreed" for step in steps) else _weighed(seen))


def deciding_steps(run: Run) -> tuple[Step, ...]:
    """Returns the steps of the agreed test cases, for they say what to conclude about a site; of a run without any, all steps."""
    return tuple(step for step in run.steps if step.group == "agreed") or run.steps


def worst(seen: Iterable[Verdict]) -> Verdict:
    """Returns the verdict that weighs most; there is at least one."""
    return min(seen, key=_WORST_FIRST.index)


def _weighed(seen: set[Verdict]) -> set[Verdict]:
    return seen - {Verdict.NOT_RUN, Verdict.NOT_OFFERED} or seen


def slug(name: str) -> str:
    """Returns a name for files and anchors: plain letters and digits, and where that loses something, a hash of the name."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    if plain == name or re.fullmatch(r"[A-Za-z]{0,3}[0-9]+(\.[0-9]+)?", name):
        return plain
    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]}".strip("-")


def natural(key: str) -> list[tuple[int, int, str]]:
    """Returns what to sort keys by: 2.10 comes after 2.9."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d{1,9}|\D+", key)
    ]


def _by_name(name: str) -> tuple[str, str]:
    return (name.casefold(), name)


def _differs(run: Run, suites: Mapping[str, str]) -> bool:
    return not run.fingerprints or any(suites.get(file) != found for file, found in run.fingerprints)


def _groups(runs: Iterable[Run]) -> Iterable[Group]:
    latest: dict[tuple[str, str, str], Step] = {}
    for run in runs:
        latest.update({(step.group, step.case, step.key): step for step in run.steps})
    for tag, title in GROUPS.items():
        cases = sorted({case for group, case, _ in latest if group == tag} | _agreed(tag), key=_in_order)
        if found := tuple(_case(tag, case, latest) for case in cases):
            yield Group(tag, title, found)


def _in_order(case: str) -> tuple[int, list[tuple[int, int, str]]]:
    return list(DOCUMENTS).index(case) if case in DOCUMENTS else len(DOCUMENTS), natural(case)


def _agreed(tag: str) -> set[str]:
    return set(AGREED_CASES) if tag == "agreed" else set()


def _case(tag: str, case: str, latest: Mapping[tuple[str, str, str], Step]) -> Case:
    steps = {
        key: StepTitle(tag, key, step.name, step.doc)
        for (group, of, key), step in latest.items()
        if (group, of) == (tag, case)
    }
    title = next(
        (step.case_title for (group, of, _), step in latest.items() if (group, of) == (tag, case)), ""
    )
    if case in _agreed(tag):
        title = AGREED_CASES[case]
        agreed = (step for step in AGREED_STEPS if step.key.startswith(f"{case}."))
        steps |= {
            step.key: StepTitle(tag, step.key, step.name, _doc(steps.get(step.key)), step.wiki, step.fails)
            for step in agreed
        }
    return Case(tag, case, title, tuple(steps[key] for key in sorted(steps, key=natural)))


def _doc(title: StepTitle | None) -> str:
    return title.doc if title else ""


def _site(name: str, runs: Sequence[Run], groups: Iterable[Group], notes: Iterable[Note]) -> Site:
    own = [note for note in notes if note.site == name]
    cases = tuple(_case_cell(case, runs, own) for group in groups for case in group.cases)
    return Site(name, tuple(runs), cases, changed_steps(runs), flaky_steps(runs), verdicts_since(runs))


def _case_cell(case: Case, runs: Sequence[Run], notes: Sequence[Note]) -> CaseCell:
    """Returns a test case of a site by the latest run that tells: a wrong password or a run that was cut off hides nothing."""
    own = [[note for note in notes if note.step == title.key] for title in case.steps]
    latest: CaseCell | None = None
    for run in reversed(runs):
        by_key = {step.key: step for step in run.steps if (step.group, step.case) == (case.group, case.key)}
        if not by_key:
            continue
        steps = zip(case.steps, own, strict=True)
        cell = CaseCell(
            case, run, tuple(StepCell(title, by_key.get(title.key), tuple(put)) for title, put in steps)
        )
        if run.told_something and cell.tells:
            return cell
        latest = latest or cell
    nothing = (StepCell(title, None, tuple(put)) for title, put in zip(case.steps, own, strict=True))
    return latest or CaseCell(case, None, tuple(nothing))


def _telling(runs: Sequence[Run]) -> Run | None:
    return next((run for run in reversed(runs) if run.told_something), runs[-1] if runs else None)
