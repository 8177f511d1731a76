"""The lines in which a check tells what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from OcciLibrary.keywords.harmless import harmless
from OcciLibrary.occi.known_secrets import masked

_LONGEST = 1000


class Sign(Enum):
    """What a line says: well, it keeps a run from being judged, worth knowing, it could not be looked at."""

    WELL = "ok"
    WRONG = "WRONG"
    NOTE = "note"
    LEFT_OUT = "--"


@dataclass(frozen=True)
class Line:
    """Holds one thing that was looked at, and in words what was found and what to do."""

    about: str
    sign: Sign
    words: str


def line(about: str, sign: Sign, words: str) -> Line:
    """Returns a line in which no secret stands and nothing acts on a terminal."""
    return Line(about, sign, " ".join(harmless(masked(words))[:_LONGEST].split()))


def sentence(words: str) -> str:
    """Returns words with a full stop."""
    return words if words.endswith((".", "!", "?")) else words + "."
