"""Prints docs/conformance.md from the tags of the suites: ``python -m tests.conformance.print_pages``."""

from __future__ import annotations

from itertools import groupby

from OcciLibrary.conformance.profile import FEATURES
from tests.conformance.dialect_runs import SiteRow, read_table
from tests.conformance.suite_tests import (
    ROOT,
    ConformanceTest,
    PeerTest,
    all_tests,
    clause_order,
    peer_tests,
)

PAGE = ROOT / "docs" / "conformance.md"
_TITLES = {
    "core": "Core",
    "infrastructure": "Infrastructure",
    "http_protocol": "HTTP protocol",
    "text_rendering": "Text rendering",
    "json_rendering": "JSON rendering",
    "occi_1_2": "OCCI 1.2",
}
_DOCUMENTS = {
    "GFD.183": "Core 1.1",
    "GFD.184": "Infrastructure 1.1",
    "GFD.185": "HTTP and text rendering 1.1",
    "GFD.221": "Core 1.2",
    "GFD.222": "Compute resource templates 1.1",
    "GFD.223": "HTTP protocol 1.2",
    "GFD.224": "Infrastructure 1.2",
    "GFD.226": "JSON rendering 1.2",
    "GFD.229": "Text rendering 1.2",
}
_LETTERS_OF = ("CO", "IN", "HP", "TX", "JS", "NV")
_SITES = """\
## What known servers come to

Each sandbox dialect, which talks like a known server ([docs/sandbox.md](sandbox.md)), with a letter for each test in the order
above, a group for each topic: **P** pass, **R** pass with remark, **F** fail, **S** not run, **N** not
offered. `tests/conformance/` runs the suites against them and compares; each failure and each remark cites its clause. Try one:
`.venv/bin/robot --variable OCCI_ENDPOINT:sandbox:dialect=ooi --variable OCCI_VERSIONS: suites/05__occi_conformance`.
"""
_HEAD = """\
# The conformance suites

`suites/05__occi_conformance/` asks how far a site follows the OCCI documents: {count} tests, each about a clause that it
names. This page is printed from the tags of the tests.

```sh
.venv/bin/robot --variable SITE:NAME --outputdir results suites/05__occi_conformance
.venv/bin/robot --variable SITE:NAME --include read --outputdir results suites/05__occi_conformance
```

Each test has a **level**, and the library keeps it to that: a request that the level does not allow is not sent.

| Level | What it may send | Tests |
|---|---|---|
| `read` | nothing but GET | {read} |
| `change` | POST and PUT to the tester's VM, which is put back at the end | {change} |
| `create` | where `${{MAY_CREATE}}` is True: it creates, acts on what it created, and deletes that; never a collection | {create} |

What a test asserts is the effect, not the status: an update is read back, a filter is shown to filter. Where a site's data
cannot show that, the test is SKIP ("Cannot be shown here"). What is optional and not there is SKIP with the tag
`not-offered`, unless the site file claims it. A departure in form whose effect held is a remark.

Tags select tests: `--include GFD.185-3.4.1` those about a clause, `--include dyso:ctf_341` those that cover another suite's
test. A name with OR, AND or NOT in it is written in lower case, which means the same: `--include pocci:occi/core/read/001`.

A site file claims versions and optional features, `${{OCCI_VERSIONS}}` and `${{OCCI_FEATURES}}`:

| Feature | What it is |
|---|---|
{features}

## The tests
"""


def page(tests: list[ConformanceTest], peers: list[PeerTest], sites: list[SiteRow]) -> str:
    """Returns the page as Markdown."""
    counts = {level: sum(level in test.tags for test in tests) for level in ("read", "change", "create")}
    features = "\n".join(f"| `{name}` | {what} |" for name, what in FEATURES.items())
    parts = [_HEAD.format(count=len(tests), features=features, **counts)]
    parts += [_tests(tests), _clauses(tests), _sites(sites), _peers(tests, peers)]
    return "\n".join(parts) + "\n"


def _tests(tests: list[ConformanceTest]) -> str:
    lines = []
    for document, members in groupby(tests, key=lambda test: test.document):
        lines += [f"### {_TITLES[document]}", "", "| Test | | Level | Clauses |", "|---|---|---|---|"]
        lines += [
            f"| {test.number} | {test.sentence} | {', '.join(test.levels)} | {', '.join(map(_shown, test.clauses))} |"
            for test in members
        ]
        lines.append("")
    return "\n".join(lines)


def _clauses(tests: list[ConformanceTest]) -> str:
    lines = ["## Tests per clause", "", "| Clause | Tests | Which |", "|---|---|---|"]
    clauses = sorted({clause for test in tests for clause in test.clauses}, key=clause_order)
    for document, members in groupby(clauses, key=lambda clause: clause.partition("-")[0]):
        lines.append(f"| **{document} {_DOCUMENTS[document]}** | | |")
        for clause in members:
            about = [test.number for test in tests if clause in test.clauses]
            lines.append(f"| {_shown(clause)} | {len(about)} | {', '.join(about)} |")
    return "\n".join([*lines, ""])


def _sites(sites: list[SiteRow]) -> str:
    lines = [_SITES, f"| Dialect | {' | '.join(_LETTERS_OF)} |", "|---" * (len(_LETTERS_OF) + 1) + "|"]
    for row in sites:
        cells = [
            " ".join(letters for topic, letters in row.letters.items() if topic.startswith(document))
            for document in _LETTERS_OF
        ]
        lines.append(f"| {row.dialect} | {' | '.join(f'`{cell}`' for cell in cells)} |")
    return "\n".join([*lines, ""])


def _peers(tests: list[ConformanceTest], peers: list[PeerTest]) -> str:
    lines = ["## What other suites test"]
    for suite, members in groupby(peers, key=lambda row: row.suite):
        lines += ["", f"### {suite}", "", "| Their test | What it asserts | Here |", "|---|---|---|"]
        lines += [f"| {row.id} | {row.asserts} | {_covered(row, tests)} |" for row in members]
    return "\n".join(lines)


def _covered(row: PeerTest, tests: list[ConformanceTest]) -> str:
    covered = ", ".join(row.covered_by(tests)) or f"not covered: {row.why_not}"
    return f"{covered} ({row.besides})" if row.besides else covered


def _shown(clause: str) -> str:
    return clause.replace("-", " §")


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(all_tests(), peer_tests(), read_table()), "utf-8")


if __name__ == "__main__":
    main()
