"""Progress of a long wait on the console: in place on a terminal, one line per change elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

from OcciLibrary.keywords.harmless import harmless
from OcciLibrary.occi.known_secrets import masked

# A line below the one that Robot Framework is writing: make room, remember the place, write, come back.
_MAKE_ROOM = "\x1bD\x1b[1A"
_BELOW = "\x1b7\x1b[1B\r\x1b[2K"
_BACK = "\x1b8"
_WIDTH = 78


class Progress:
    """Shows how a wait goes on; `allowed` is the seconds that it may take."""

    def __init__(self, allowed: float, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.__stdout__
        self._allowed = allowed
        self._terminal = bool(self._stream and self._stream.isatty())
        self._shown = ""
        self._drawn = False

    def show(self, seconds: float, words: str) -> None:
        """Shows what is seen now, for instance `state inactive, echo silent`, after so many seconds."""
        changed = words != self._shown
        self._shown = words
        line = f"  {seconds:.1f} s of {self._allowed:g} s: {harmless(masked(words))}"[:_WIDTH]
        if self._terminal:
            self._write(("" if self._drawn else _MAKE_ROOM) + _BELOW + line + _BACK)
        elif changed:
            self._write(("" if self._drawn else "\n") + line + "\n")
        self._drawn = self._drawn or self._terminal or changed

    def end(self) -> None:
        """Takes the progress line away again on a terminal."""
        if self._terminal and self._drawn:
            self._write(_BELOW + _BACK)

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None
