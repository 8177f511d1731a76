"""The VM's attributes as tables for log.html: what it is like, and what became of a change."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from OcciLibrary.keywords.harmless import cut
from OcciLibrary.occi.attribute_changes import Comparison
from OcciLibrary.occi.infrastructure import ATTRIBUTES
from OcciLibrary.occi.model import AttributeValue, Resource

_ROW = "<tr{style}>{cells}</tr>"
_ROWS_SHOWN = 300
_BROKEN = ' style="font-weight: bold; background: #fdd"'


def details_table(resource: Resource, memory_in_mib: bool = False) -> str:
    """Returns an HTML table of what a site shows of a VM."""
    rows = [
        (f"{name}{_unit(name, memory_in_mib)}", str(value))
        for name, value in sorted(resource.attributes.items())
    ]
    rows += [
        ("kind", resource.kind.id if resource.kind else "(none)"),
        ("mixins", ", ".join(mixin.id for mixin in resource.mixins) or "(none)"),
        ("actions offered", ", ".join(sorted(action.term for action in resource.actions)) or "(none)"),
    ]
    return table(("Attribute", "Value"), [(row, "") for row in rows])


def changes_table(
    before: Resource,
    after: Resource,
    asked: Mapping[str, AttributeValue],
    comparison: Comparison,
    memory_in_mib: bool = False,
) -> str:
    """Returns an HTML table of what became of each attribute; the rows that break the wiki's condition stand out."""
    words = {
        **{change.name: ("as asked", "") for change in comparison.changed},
        **{change.name: ("changed, but not to what was asked", "") for change in comparison.differently},
        **{change.name: ("NOT CHANGED", _BROKEN) for change in comparison.unchanged},
        **{
            change.name: ("changed, nobody asked", _BROKEN if change.name.startswith("occi.") else "")
            for change in comparison.unasked
        },
    }
    rows = []
    for name in sorted({*before.attributes, *after.attributes, *asked}):
        what, style = words.get(name, ("", ""))
        values = (before.attributes.get(name, ""), asked.get(name, ""), after.attributes.get(name, ""))
        rows.append(((f"{name}{_unit(name, memory_in_mib)}", *map(str, values), what), style))
    return table(("Attribute", "Before", "Asked for", "Now", ""), rows)


def _unit(name: str, memory_in_mib: bool) -> str:
    fact = ATTRIBUTES.get(name)
    unit = fact.unit if fact else ""
    if name == "occi.compute.memory" and memory_in_mib:
        unit = "MiB"
    return f" ({unit})" if unit else ""


def table(heads: tuple[str, ...], rows: Sequence[tuple[tuple[str, ...], str]]) -> str:
    """Draws an HTML table of rows, each with its style: cells are escaped and cut; of hundreds of rows the first are shown, and those that stand out."""
    shown = [*rows[:_ROWS_SHOWN], *[row for row in rows[_ROWS_SHOWN:] if row[1]][:_ROWS_SHOWN]]
    if len(shown) < len(rows):
        shown.append(((f"... and {len(rows) - len(shown)} more", *[""] * (len(heads) - 1)), ""))
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in heads)
    body = "".join(
        _ROW.format(style=style, cells="".join(f"<td>{html.escape(cut(cell))}</td>" for cell in row))
        for row, style in shown
    )
    return f"<table><tr>{head}</tr>{body}</table>"
