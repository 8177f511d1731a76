"""Errors of the OCCI package."""

from __future__ import annotations


class OcciError(Exception):
    """Stands above every error that an OCCI site or a tester's input can cause."""

    ROBOT_SUPPRESS_NAME = True


class RenderingError(OcciError):
    """Says that a rendering cannot be read or written.

    Attributes: ``seen`` (what is there), ``field`` (the OCCI field, header or JSON member, may be empty), ``position`` (offset in
    characters in the field's value or in the body, None when there is none) and ``expected``.
    """

    def __init__(self, seen: str, field: str = "", position: int | None = None, expected: str = "") -> None:
        self.seen = seen
        self.field = field
        self.position = position
        self.expected = expected
        place = field or "The rendering"
        if position is not None:
            place += f", at character {position + 1}"
        super().__init__(f"{place}: {seen}." + (f" Expected {expected}." if expected else ""))

    def within(self, outer: str) -> RenderingError:
        """Gives the same error about a field that stands inside another one."""
        field = self.field.removeprefix(".")
        inner = field if field.startswith("[") or not field else f".{field}"
        return RenderingError(self.seen, outer + inner, self.position, self.expected)


def excerpt(text: str, limit: int = 60) -> str:
    """Gives the beginning of a foreign text, quoted and without control characters, for an error message."""
    return repr(text if len(text) <= limit else text[:limit] + "...")
