"""Footnotes: what runs remarked and people noted on cells, each text once and numbered in the order of the matrix."""

from __future__ import annotations

from dataclasses import dataclass, field

from OcciLibrary.results.matrix import CaseCell, Matrix, Site, StepCell


@dataclass(slots=True)
class Footnote:
    """Holds one text, the bug's address where a person gave one, and the cells it is about: site and step."""

    number: int
    text: str
    bug: str
    by_a_person: bool
    cells: list[tuple[str, str]] = field(default_factory=list)


class Footnotes:
    """Numbers the remarks and notes of a matrix."""

    def __init__(self, matrix: Matrix) -> None:
        self._by_text: dict[tuple[str, str, bool], Footnote] = {}
        self._of_cell: dict[tuple[str, str, str], list[int]] = {}
        for site in matrix.sites:
            for case in site.cases:
                for cell in case.steps:
                    self._number(site, cell)

    @property
    def all(self) -> list[Footnote]:
        """Returns the footnotes by number."""
        return list(self._by_text.values())

    def of_step(self, site: Site, cell: StepCell) -> list[int]:
        """Returns the numbers on a step's cell."""
        return self._of_cell.get((site.name, cell.title.group, cell.title.key), [])

    def of_case(self, site: Site, case: CaseCell) -> list[int]:
        """Returns the numbers on a test case's cell: those of its steps."""
        return sorted({number for cell in case.steps for number in self.of_step(site, cell)})

    def _number(self, site: Site, cell: StepCell) -> None:
        texts = [(remark, "", False) for remark in (cell.step.remarks if cell.step else ())]
        texts += [(note.text, note.bug, True) for note in cell.notes]
        for text in texts:
            known = self._by_text.setdefault(text, Footnote(len(self._by_text) + 1, *text))
            known.cells.append((site.name, cell.title.key))
            self._of_cell.setdefault((site.name, cell.title.group, cell.title.key), []).append(known.number)
