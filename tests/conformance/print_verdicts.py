"""Runs the suites against every dialect anew and writes what came of it into the table:
``python -m tests.conformance.print_verdicts [DIALECT ...]``.

What changed is to be read before it is kept: each letter is a verdict about a server.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from OcciLibrary.sandbox.dialects.catalogue import DIALECTS
from tests.conformance.dialect_runs import TABLE, SiteRow, SiteRuns, read_table


def main(names: list[str]) -> None:
    """Writes the table; with names only those dialects are run."""
    old = read_table() if TABLE.exists() else []
    kept = {row.dialect: row for row in old}
    rows = [SiteRow(name) for name in DIALECTS]
    chosen = [row for row in rows if not names or row.dialect in names]
    with tempfile.TemporaryDirectory() as folder:
        runs = SiteRuns(chosen, Path(folder))
        for row in chosen:
            seen = runs.of(row)
            before = kept.get(row.dialect, row)
            for topic, letters in seen.letters.items():
                if before.letters.get(topic, "") not in ("", letters):
                    print(f"{row.dialect} {topic}: {before.letters[topic]} -> {letters}")  # noqa: T201
            kept[row.dialect] = replace(row, letters=dict(seen.letters), either=before.either)
        runs.close()
    sites = [
        {name: value for name, value in asdict(kept[row.dialect]).items() if value}
        for row in rows
        if row.dialect in kept
    ]
    TABLE.write_text(json.dumps({"sites": sites}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
