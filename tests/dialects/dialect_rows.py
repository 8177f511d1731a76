"""The runs of the dialect table: one for each dialect and media type, and what is expected of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.verdicts.site_runs import STEPS, Row

TABLE = Path(__file__).with_name("dialect_table.json")
AUTO = "auto"
FOUND_ACTIVE = "auto, found active"
TIMEOUT = 5.0


@dataclass(frozen=True)
class DialectRow(Row):
    """One run against a site in a dialect; ``tells`` is what the reader of docs/dialects.md should know of it."""

    media_type: str = AUTO
    tells: str = ""


def read_dialect_rows(path: Path = TABLE) -> list[DialectRow]:
    """Reads the table: each dialect has what holds in every media type, and where one differs."""
    return [
        _row(entry, media_type)
        for entry in json.loads(path.read_text("utf-8"))["dialects"]
        for media_type in entry["media_types"]
    ]


def _row(entry: Mapping[str, Any], media_type: str) -> DialectRow:
    here: dict[str, Any] = {**entry, **entry.get("differs", {}).get(media_type, {})}
    letters = "".join(here["steps"].split())
    assert len(letters) == len(STEPS), here
    variables = dict(here.get("variables", {}))
    if media_type not in (AUTO, FOUND_ACTIVE):
        variables["OCCI_MEDIA_TYPE"] = media_type
    if media_type == FOUND_ACTIVE:
        options = f"dialect={here['dialect']},seconds=0.2,machines=2,reference-state=active"
        variables["OCCI_ENDPOINT"] = f"sandbox:{options}"
    return DialectRow(
        fault=here.get("fault", ""),
        dialect=here["dialect"],
        variant=media_type,
        media_type=media_type,
        expected=dict(zip(STEPS, letters, strict=True)),
        either=here.get("either", {}),
        says=here.get("says", {}),
        tells=here.get("tells", ""),
        variables=variables,
        timeout=TIMEOUT,
        machines=2,
        tries=here.get("tries", 1),
    )
