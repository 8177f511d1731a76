"""Shows how a build goes on: a bar in place on a terminal, a plain line for each step elsewhere."""

from __future__ import annotations

import contextlib
from typing import TextIO

_BAR = 24
_WIDTH = 78


class BuildProgress:
    """Reports to a stream; call `end` when the build is over."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._terminal = bool(stream and stream.isatty())
        self._last = ""

    def __call__(self, words: str, share: float) -> None:
        """Shows what is being done and which share of the whole (0 to 1) is done.

        What stands behind a colon goes by too fast for a log: only a terminal shows it.
        """
        if self._terminal:
            full = round(_BAR * share)
            self._write(f"\r\x1b[2K[{'#' * full}{' ' * (_BAR - full)}] {words}"[: _WIDTH + 5])
        elif words.partition(":")[0] != self._last.partition(":")[0]:
            self._last = words
            self._write(f"{words.partition(':')[0]}\n")

    def end(self) -> None:
        """Takes the bar away."""
        if self._terminal:
            self._write("\r\x1b[2K")

    def _write(self, text: str) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(text)
                self._stream.flush()
