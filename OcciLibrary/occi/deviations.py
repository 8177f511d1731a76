"""Collects the departures from the OCCI documents that a reader meets and survives."""

from __future__ import annotations

from OcciLibrary.occi.model import Deviation

# Where the documents say how it should have been, for the OCCI fields ...
_FIELD_SECTIONS = {
    "Category": "GFD.185 §3.5.1",
    "Link": "GFD.185 §3.5.2",
    "X-OCCI-Attribute": "GFD.185 §3.5.4",
    "X-OCCI-Location": "GFD.185 §3.5.5",
    "Location": "GFD.185 §3.6.6",
    "Content-Type": "GFD.185 §3.6.6",
    "text/uri-list": "RFC 2483 §5",
}
# ... and for departures that have a place of their own.
_NAME_SECTIONS = {
    "fields-in-body": "GFD.185 §3.6.6",
    "fields-in-headers": "GFD.185 §3.6.6",
    "ok-body-in-json": "GFD.226 §3",
    "backslash-continuation": "RFC 7230 §3.2.4",
    "leading-blank": "GFD.185 §3.5",
    "blank-first-line": "GFD.185 §3.5",
    "several-entities": "GFD.185 §3.5.5",
    "unknown-field": "GFD.185 §3.5",
    "missing-line-end": "GFD.185 §3.5",
    "draft-media-type": "GFD.226 §3",
    "renamed-field": "GFD.185 §3.5",
    "quoted-field-name": "GFD.185 §3.5",
    "not-utf-8": "RFC 3629 §3",
    "lone-surrogate": "RFC 8259 §8.2",
    "repeated-member": "RFC 8259 §4",
    "non-ascii-header": "RFC 7230 §3.2.4",
    "missing-content-type": "GFD.185 §3.6.6",
    "media-type-list": "RFC 7231 §3.1.1.5",
    "empty-list-item": "RFC 7230 §7",
    "scheme-without-hash": "GFD.183 §4.4.1",
    "duplicate-category": "GFD.183 §4.4.1",
}
_JSON_SECTION = "GFD.226 §3"


# What a log holds: name, field, the first example, and how often.
Notes = tuple[tuple[str, str, str, int], ...]


class DeviationLog:
    """Keeps each departure once per field, with the first example and a count, so that memory stays small."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[str, int]] = {}

    def note(self, name: str, field: str, detail: str) -> None:
        """Records a departure; ``detail`` is a plain sentence without its full stop."""
        self.repeat(((name, field, detail, 1),))

    def repeat(self, notes: Notes) -> None:
        """Records again what another log holds."""
        for name, field, detail, count in notes:
            first, before = self._found.get((name, field), (detail, 0))
            self._found[name, field] = (first, before + count)

    def notes(self) -> Notes:
        """Gives what was recorded in a form that ``repeat`` takes."""
        return tuple((*key, *entry) for key, entry in self._found.items())

    def result(self) -> tuple[Deviation, ...]:
        """Gives what was recorded, in the order of first sight."""
        return tuple(_deviation(*note) for note in self.notes())


def _deviation(name: str, field: str, detail: str, count: int) -> Deviation:
    more = f" (and {count - 1} more of the kind)." if count > 1 else "."
    section = _NAME_SECTIONS.get(name) or _FIELD_SECTIONS.get(field, _JSON_SECTION)
    return Deviation(name, field, detail + more, section)
