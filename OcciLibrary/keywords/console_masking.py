"""The console while a run lasts: `Log To Console` and all else that is printed shows no secret."""

from __future__ import annotations

import sys
from typing import Any, TextIO, cast

from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.occi.secrets_in_answers import learn_from_log


class MaskedStream:
    """Is a text stream that cleans what is written; in all else it is the stream behind it.

    A secret that is written in several pieces is not seen.
    """

    def __init__(self, stream: TextIO) -> None:
        self.behind = stream

    def write(self, text: str) -> int:
        """Writes a text without secrets; returns how long it was before."""
        learn_from_log(text)
        self.behind.write(masked(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Writes some lines."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)


class MaskedConsole:
    """Puts masked streams in the place of the process's own, and the own ones back."""

    _NAMES = ("__stdout__", "__stderr__", "stdout", "stderr")

    def mask(self) -> None:
        """Masks what is printed from now on; does nothing when it is so already."""
        for name in self._NAMES:
            stream = getattr(sys, name)
            own = name.startswith("__") or stream is _behind(getattr(sys, f"__{name}__"))
            if stream is not None and own and not isinstance(stream, MaskedStream):
                setattr(sys, name, cast("TextIO", MaskedStream(stream)))

    def unmask(self) -> None:
        """Gives the streams back."""
        for name in self._NAMES:
            setattr(sys, name, _behind(getattr(sys, name)))


def _behind(stream: Any) -> Any:
    return stream.behind if isinstance(stream, MaskedStream) else stream
