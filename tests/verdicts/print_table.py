"""Prints docs/verdict_table.md from verdict_table.json: ``python -m tests.verdicts.print_table``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from OcciLibrary.sandbox.faults import FAULTS
from tests.verdicts.site_runs import ROOT, Row, grouped, read_table

PAGE = ROOT / "docs" / "verdict_table.md"
CASES = ("1 Query", "2 Change", "3 Start", "4 Restart", "5 Suspend", "6 Stop")
_HEAD = f"""\
# The verdict table

What the suites say about sites that misbehave: {{rows}} sandbox sites, each with the verdict of all 29 steps of the wiki's six
test cases. `tests/verdicts/` runs the real suites against every one and compares; this page is printed from the same data.
Try one: `.venv/bin/robot --variable OCCI_ENDPOINT:sandbox:fault=start-ignored --outputdir results suites/`.

One letter stands for one step, in the wiki's order. **P** pass, **R** pass with remark, **F** fail, **S** not run (an earlier
step failed, or the prerequisite does not hold), **T** cannot tell (tester-side).

| Test case | Steps |
|---|---|
| {CASES[0]} | 1.1 listing, 1.2 details |
| {CASES[1]} | 2.1 inactive, 2.2 cores, 2.3 hostname, 2.4 speed, 2.5 memory, 2.6 changed |
| {CASES[2]} | 3.1 inactive, 3.2 start, 3.3 is up, 3.4 echo |
| {CASES[3]} | 4.1 active, 4.2 restart, 4.3 is up, 4.4 active → inactive → active, 4.5 echo |
| {CASES[4]} | 5.1 active, 5.2 suspend, 5.3 suspended, 5.4 no echo, 5.5 start, 5.6 active, 5.7 echo |
| {CASES[5]} | 6.1 active, 6.2 active, 6.3 echo, 6.4 stop, 6.5 stopped |
"""


def page(rows: Sequence[Row]) -> str:
    """Returns the page as Markdown."""
    breaks = {fault.name: (fault.aimed_at, fault.breaks) for fault in FAULTS}
    parts = [_HEAD.format(rows=len(rows))]
    for group, members in groupby(rows, key=lambda row: row.group):
        parts.append(f"\n## {group}\n")
        parts.append(f"| Fault | {' | '.join(CASES)} | What it breaks |")
        parts.append("|---|---|---|---|---|---|---|---|")
        for row in members:
            _, what = breaks.get(row.fault, ("", ""))
            words = " ".join(part for part in (what or row.breaks, row.because) if part)
            cases = " | ".join(f"`{case}`" for case in grouped(row.expected).split())
            parts.append(f"| `{row.name}` | {cases} | {words} |")
    return "\n".join(parts) + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(read_table()), "utf-8")


if __name__ == "__main__":
    main()
