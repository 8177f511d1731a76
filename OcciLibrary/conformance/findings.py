"""What a check finds: a departure with its clause and the smallest wrong piece, or why nothing can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from OcciLibrary.occi.transport import printable

_PIECE_SHOWN = 300
_EXPECTED_SHOWN = 600
_SEEN_SHOWN = 400
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Holds one departure from a document.

    `clause` is the place departed from, such as ``GFD.185 §3.4.1`` (several: joined by ``; ``). `expected` and `seen` are
    phrases without a full stop, `piece` the smallest part of the message that is wrong ('': there is none, something
    is missing). `harmless` is True for a departure in form whose effect held all the same: a remark, no failure.
    """

    clause: str
    expected: str
    seen: str
    piece: str = ""
    harmless: bool = False

    def told(self) -> str:
        """Returns the finding as sentences for a tester."""
        expected = printable(self.expected, _EXPECTED_SHOWN)  # it may hold names that the site chose
        words = f"Expected {expected} ({self.clause}). Seen: {printable(self.seen, _SEEN_SHOWN).rstrip('.')}."
        return f"{words} The piece: {printable(self.piece, _PIECE_SHOWN)}" if self.piece else words


Findings = tuple[Finding, ...]


class CannotBeShownError(Exception):
    """Says why a site's data cannot show whether it keeps a rule: the test is skipped, never passed."""


class NotOfferedError(Exception):
    """Says that a site does not offer something optional; `feature` is its name in ${OCCI_FEATURES}, '' when it has none."""

    def __init__(self, words: str, feature: str = "") -> None:
        super().__init__(words)
        self.feature = feature


def failures(findings: Sequence[Finding]) -> Findings:
    """Returns the findings that fail a test."""
    return tuple(finding for finding in findings if not finding.harmless)


def remarks(findings: Sequence[Finding]) -> Findings:
    """Returns the findings that are remarks."""
    return tuple(finding for finding in findings if finding.harmless)


def told(findings: Sequence[Finding]) -> str:
    """Returns findings as lines of text: the first five, and how many more there are."""
    lines = [finding.told() for finding in findings[:MOST_TOLD]]
    left = len(findings) - MOST_TOLD
    return "\n".join([*lines, f"And {left} more of the kind."] if left > 0 else lines)
