"""The matrix as MediaWiki markup, without templates or extensions; what runs and people wrote is text in it and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from OcciLibrary.results.footnotes import Footnotes
from OcciLibrary.results.matrix import Case, Group, Matrix, Site
from OcciLibrary.results.notes import is_web_address
from OcciLibrary.results.signs import NO_RECORD, SIGNS, Sign, day, sign_of

# All but plain letters, digits and blanks is written by its number: no sign is then markup, and no word a link.
_ACTING = re.compile(r"[^-A-Za-z0-9 .,/()À-ɏͰ-ӿ]")
_MAGIC = re.compile(r"\b(RFC|PMID|ISBN)(?= )")
_URL_SAFE = "%:/?#@!$&()*+,;=~-._"


def matrix_mediawiki(matrix: Matrix) -> str:
    """Returns the matrix for a wiki page: for each group a table of sites and test cases, then one of all steps."""
    notes = Footnotes(matrix)
    parts = [_legend()]
    for group in matrix.groups:
        parts.append(
            f"=== {plain(group.title)} ===\n{_cases(matrix, group, notes)}\n\n{_steps(matrix, group, notes)}"
        )
    if notes.all:
        parts.append("=== Footnotes ===\n" + "\n".join(_footnotes(notes)))
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Returns a text on one line that MediaWiki shows as it is."""
    line = " ".join(text.split())
    return _MAGIC.sub(r"\1&#8203;", _ACTING.sub(lambda sign: _numbered(sign[0]), line))


def link(url: str, words: str) -> str:
    """Returns an external link, or the words alone where the address is no http(s) URL."""
    if not is_web_address(url):
        return plain(words)
    return f"[{quote(url, safe=_URL_SAFE)} {plain(words)}]"


def _numbered(sign: str) -> str:
    return f"&#{ord(sign)};" if not 0xD800 <= ord(sign) <= 0xDFFF else "&#65533;"


def _legend() -> str:
    shown = (f"{_box(one)} {one.word}" for one in (*SIGNS.values(), NO_RECORD))
    return " &#183; ".join(shown)


def _box(one: Sign) -> str:
    return f'<span style="background:{one.colour};color:#000;padding:0 .4em">{_numbered(one.sign)}</span>'


def _cases(matrix: Matrix, group: Group, notes: Footnotes) -> str:
    rows = ['{| class="wikitable"', "|-", '! scope="col" | Site']
    rows += [f'! scope="col" | {plain(case.title)}' for case in group.cases]
    for site in matrix.sites:
        rows += ["|-", f'! scope="row" | {_name(site)}']
        for cell in site.cells_of(group):
            counted = (
                f" {cell.passed}/{len(cell.steps)}{_marks(notes.of_case(site, cell))}" if cell.run else ""
            )
            when = f"<br><small>{day(cell.run)}</small>" if cell.run else ""
            rows.append(_cell(sign_of(cell.verdict), f"{counted}{when}"))
    return "\n".join([*rows, "|}"])


def _steps(matrix: Matrix, group: Group, notes: Footnotes) -> str:
    rows = ['{| class="wikitable mw-collapsible"', "|-", '! scope="col" | Step']
    rows += [f'! scope="col" | {plain(site.name)}' for site in matrix.sites]
    for case in group.cases:
        rows += _steps_of(matrix, case, notes)
    return "\n".join([*rows, "|}"])


def _steps_of(matrix: Matrix, case: Case, notes: Footnotes) -> Iterator[str]:
    for title in case.steps:
        yield "|-"
        yield f'! scope="row" style="text-align:left;font-weight:normal" | {plain(title.name)}'
        for site in matrix.sites:
            cell, _ = site.cell(title)
            shown = sign_of(cell.step.verdict if cell.step else None)
            yield _cell(shown, _marks(notes.of_step(site, cell)))


def _cell(shown: Sign, beside: str) -> str:
    return f'| style="background:{shown.colour};color:#000;text-align:center" title="{shown.word}" | {_numbered(shown.sign)}{beside}'


def _name(site: Site) -> str:
    what = f"{site.implementation}, rehearsal" if site.rehearsal else site.implementation
    return f"{plain(site.name)}<br><small>{plain(what)}</small>"


def _marks(numbers: list[int]) -> str:
    return f"<sup>{', '.join(map(str, numbers))}</sup>" if numbers else ""


def _footnotes(notes: Footnotes) -> Iterator[str]:
    for note in notes.all:
        bug = f" {link(note.bug, 'bug report')}" if note.bug else ""
        cells = plain(note.where)
        yield f"# {plain(note.text)}{bug} <small>({cells})</small>"
