"""Prints docs/dialects.md from the dialects and dialect_table.json: ``python -m tests.dialects.print_table``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from OcciLibrary.sandbox.dialects.catalogue import DIALECTS
from tests.dialects.dialect_rows import DialectRow, read_dialect_rows
from tests.verdicts.print_table import CASES
from tests.verdicts.site_runs import ROOT, grouped

PAGE = ROOT / "docs" / "dialects.md"
_HEAD = """\
# The dialects

What the suites say about known OCCI servers: the sandbox answers as each of them would, {runs} runs of the wiki's six test cases
in every media type that the server has. `tests/dialects/` runs the real suites and compares; this page is printed from the same
data. Try one: `.venv/bin/robot --variable OCCI_ENDPOINT:sandbox:dialect=ooi --outputdir results suites/`.

The letters are those of [the verdict table](verdict_table.md): **P** pass, **R** pass with remark, **F** fail, **S** not run.
A server fails a step here as it would in the field: the test cases ask for what it does not do.

Five dialects are held against recordings of their servers, request by request: rocci1, ooi, pyssf, snf-pyssf and occi-py. The
others follow what was seen of their servers on the wire, and in their sources where nothing was (mart, and what the back-ends
rocci1-one, rocci1-ec2 and rocci2-one make of the states).
"""


def page(rows: Sequence[DialectRow]) -> str:
    """Returns the page as Markdown."""
    parts = [_HEAD.format(runs=len(rows))]
    for name, members in groupby(rows, key=lambda row: row.dialect):
        runs = list(members)
        parts.append(f"\n## {name}\n\n{DIALECTS[name].likeness}.\n")
        parts.append(f"{runs[0].tells}\n")
        parts.append(f"| Media type | {' | '.join(CASES)} |")
        parts.append("|---|---|---|---|---|---|---|")
        for row in runs:
            cases = " | ".join(f"`{case}`" for case in grouped(row.expected).split())
            fault = f", `fault={row.fault}`" if row.fault else ""
            parts.append(f"| {row.media_type}{fault} | {cases} |")
    return "\n".join(parts) + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(read_dialect_rows()), "utf-8")


if __name__ == "__main__":
    main()
