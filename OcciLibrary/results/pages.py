"""The static site: pages that open from a file, ask nothing of any network, and can be mailed one by one."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from OcciLibrary.results.footnotes import Footnotes
from OcciLibrary.results.history import transition_times
from OcciLibrary.results.matrix import (
    Case,
    CaseCell,
    Group,
    Matrix,
    Site,
    StepTitle,
    deciding_steps,
    verdict_of_run,
)
from OcciLibrary.results.plots import MOST_RUNS, Row, transition_plot, verdict_history
from OcciLibrary.results.records import Run, Verdict
from OcciLibrary.results.signs import SIGNS, anchor, day, moment, sign_of

_TEMPLATES = Path(__file__).with_name("templates")
BESIDE = "matrix"
"""The folder of the pages beside index.html."""
MADE_BY = "made by <code>occi-matrix build</code>"
"""What stands at the foot of every page."""
_MOST_CHANGES = 10
_STRONG = re.compile(r"\*([^*\n]+)\*")


class Pages:
    """Makes the pages of a matrix; paths of logs are relative to `results`, the pages go to `output`."""

    def __init__(self, matrix: Matrix, results: Path, output: Path) -> None:
        self._matrix = matrix
        self._to_results = _way(output, results)
        css, js = ((_TEMPLATES / name).read_text("utf-8") for name in ("matrix.css", "matrix.js"))
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._environment.globals.update(
            css=Markup(css),  # our own file
            js=Markup(js),  # our own file
            policy=f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; base-uri 'none'; form-action 'none'",
            made_by=Markup(MADE_BY),  # our own words
            matrix=matrix,
            footnotes=Footnotes(matrix),
            signs=tuple(SIGNS),
            sign_of=sign_of,
            anchor=anchor,
            day=day,
            moment=moment,
            verdict_of_run=verdict_of_run,
            passed_of=_passed_of,
            tally=self._tally,
            counted=_counted,
        )

    def all(self) -> Iterator[tuple[str, str]]:
        """Gives the path of each page, relative to the folder of pages, and its text."""
        yield "index.html", self._index()
        for site in self._matrix.sites:
            yield f"{BESIDE}/{site.slug}.html", self._site(site)
        steps = self._matrix.steps
        cases = {step: case for group in self._matrix.groups for case in group.cases for step in case.steps}
        for index, title in enumerate(steps):
            before, after = (
                steps[index - 1] if index else None,
                steps[index + 1] if index + 1 < len(steps) else None,
            )
            yield f"{BESIDE}/{title.slug}.html", self._step(title, cases[title], before, after)

    def _tally(self, group: Group) -> list[tuple[Verdict, int]]:
        """Returns how many cells of a group came to which verdict."""
        seen = [cell.verdict for site in self._matrix.sites for cell in site.cells_of(group)]
        return [(verdict, seen.count(verdict)) for verdict in SIGNS if verdict in seen]

    def _index(self) -> str:
        matrix = self._matrix
        implementations = sorted(
            {site.implementation for site in matrix.sites}, key=lambda name: (name.casefold(), name)
        )
        testers = matrix.testers
        return self._render(
            "index.html.j2",
            below=False,
            implementations=implementations,
            implementation_of=lambda site: implementations.index(site.implementation) + 1,
            testers_of=lambda site: " ".join(str(testers.index(tester) + 1) for tester in site.testers),
            verdicts_of=_verdicts_of,
            number_of=lambda case: case.key if case.title.startswith(f"{case.key} ") else "",
            words_of=lambda case: case.title.removeprefix(f"{case.key} "),
            most_changes=_MOST_CHANGES,
        )

    def _site(self, site: Site) -> str:
        first = max(0, len(site.runs) - MOST_RUNS)
        drawn = site.runs[first:]
        return self._render(
            "site.html.j2",
            below=True,
            site=site,
            drawn=MOST_RUNS,
            histories=[
                (group, history) for group in self._matrix.groups if (history := _history(group, drawn))
            ],
            times=Markup(transition_plot(transition_times(site.runs), site.runs, first)),  # likewise
        )

    def _step(self, title: StepTitle, case: Case, before: StepTitle | None, after: StepTitle | None) -> str:
        rows = [(site, *site.cell(title)) for site in self._matrix.sites]
        paragraphs = _paragraphs(title)
        return self._render(
            "step.html.j2",
            below=True,
            title=title,
            case=case,
            rows=rows,
            conditions=paragraphs,
            before=before,
            after=after,
        )

    def _render(self, template: str, *, below: bool, **values: Any) -> str:
        """Renders a page; `below` tells whether it lies in the folder beside index.html."""
        up = "../" if below else ""
        beside = "" if below else f"{BESIDE}/"

        def file_of(path: str) -> str:
            return quote(f"{up}{self._to_results}{path}") if self._to_results is not None else ""

        def log_of(run: Run, log_id: str) -> str:
            to = file_of(run.log) if run.log else ""
            return f"{to}#{log_id}" if to and log_id else to

        return self._environment.get_template(template).render(
            file_of=file_of,
            log_of=log_of,
            page_of=lambda site: f"{beside}{site.slug}.html",
            page_of_step=lambda title: f"{beside}{title.slug}.html",
            **values,
        )


def _way(output: Path, results: Path) -> str | None:
    """Returns the way from the pages to the results, '' or ending in a slash; None where there is none (another drive)."""
    try:
        way = os.path.relpath(results.resolve(), output.resolve()).replace("\\", "/")
    except ValueError:
        return None
    return "" if way == "." else f"{way}/"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _verdicts_of(cells: list[CaseCell]) -> str:
    seen = {sign_of(one.step.verdict if one.step else None).name for cell in cells for one in cell.steps}
    seen |= {sign_of(cell.verdict).name for cell in cells}
    return " ".join(sorted(seen))


def _history(group: Group, runs: tuple[Run, ...]) -> Markup | None:
    titles = (title for case in group.cases for title in case.steps)
    rows = [row for title in titles if any((row := _row(title, runs)).verdicts)]
    return Markup(verdict_history(rows, runs, group.tag)) if rows else None  # an element tree, escaped


def _row(title: StepTitle, runs: tuple[Run, ...]) -> Row:
    verdicts = (
        next((step.verdict for step in run.steps if (step.group, step.key) == (title.group, title.key)), None)
        for run in runs
    )
    return Row(title.name, tuple(verdicts))


def _paragraphs(title: StepTitle) -> list[list[tuple[str, bool]]]:
    """Returns what the suites say of a step, without the wiki's words; Robot Framework's *bold* is told apart."""
    paragraphs = [" ".join(part.split()) for part in title.doc.split("\n\n")]
    lines = [
        line
        for part in paragraphs
        for line in re.split(r" (?=\*\w+\*)", part)
        if not line.startswith("Wiki: ")
    ]
    return [
        [(words, bool(index % 2)) for index, words in enumerate(_STRONG.split(line)) if words]
        for line in lines
        if line
    ]


def _passed_of(run: Run) -> str:
    steps = deciding_steps(run)
    return f"{sum(step.verdict.passed for step in steps)}/{len(steps)}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
