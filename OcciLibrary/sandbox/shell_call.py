"""One command of a sandbox VM's shell as it runs, and what it gave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from OcciLibrary.sandbox.machine_files import MachineFacts

if TYPE_CHECKING:
    from OcciLibrary.sandbox.shell import Shell

MOST_OUTPUT = 1024 * 1024  # bytes that one command may hand on


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command line gave: its outputs, its exit status, and whether the session is to end."""

    output: bytes = b""
    errors: bytes = b""
    status: int = 0
    ended: bool = False


@dataclass(slots=True)
class Call:
    """One command as it runs: its arguments, its input and the shell around it."""

    name: str
    arguments: list[str]
    given: bytes
    shell: Shell

    @property
    def facts(self) -> MachineFacts:
        """The machine the command runs on."""
        return self.shell.files.facts

    def options(self) -> tuple[set[str], list[str]]:
        """Splits the arguments into single-letter options and the rest."""
        letters = {
            letter for word in self.arguments if re.fullmatch(r"-[A-Za-z]+", word) for letter in word[1:]
        }
        return letters, [word for word in self.arguments if not re.fullmatch(r"-[A-Za-z]+", word)]

    def fail(self, reason: str, status: int = 1) -> Outcome:
        """Returns a failure in the usual form."""
        return Outcome(errors=f"{self.name}: {reason}\n".encode(), status=status)


def text(line: str) -> Outcome:
    """Returns a success with one line of output."""
    return Outcome(f"{line}\n".encode())
