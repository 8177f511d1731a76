"""Foreign text for a log and a console: nothing in it acts, and no piece of it is without end."""

from __future__ import annotations

import re

# Escape sequences and other controls act on a terminal; marks of direction, and halves of characters, on what is read.
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Robot Framework makes a link of whatever looks like a URL.
_SCRIPT = re.compile(r"\b(javascript|vbscript|data)(?=://)", re.IGNORECASE)
_CELL_SHOWN = 2000


def harmless(text: str) -> str:
    """Returns a text in which nothing acts on a terminal or a browser; what it says can still be read."""
    if _ACTING.search(text):
        text = _ACTING.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))
    return _SCRIPT.sub("\\1\N{ZERO WIDTH SPACE}", text) if "://" in text else text


def cut(text: str, limit: int = _CELL_SHOWN) -> str:
    """Returns a text, or its beginning and how long it was."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
