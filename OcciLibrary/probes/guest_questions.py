"""Several questions to a machine in one command line, and its answers, line by line; nothing in them is trusted.

The command line is for any login shell: it hands the questions, quoted once, to the machine's sh. So no question may have a single
quote or an exclamation mark in it. What a machine lacks complains on its standard error, which nobody reads.
"""

from __future__ import annotations

from collections.abc import Mapping

_MARK = "occi:"
_ENGLISH = "LC_ALL=C; export LC_ALL"
MOST_LINES = 50_000
LONGEST_LINE = 4000  # the flags of a processor are long


def command_line(questions: Mapping[str, str]) -> str:
    """Returns the command line that asks the questions: a name, and the command that answers it."""
    asked = "; ".join(f"echo {_MARK}{name}; {command}" for name, command in questions.items())
    return f"sh -c '{_ENGLISH}; {asked}'"


def answers(output: bytes, questions: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns the lines that follow each mark, empty ones left out and long ones cut; the first answer to a question counts."""
    said: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in output.decode("utf-8", "replace").splitlines()[:MOST_LINES]:
        name = line[len(_MARK) :].strip() if line.startswith(_MARK) else ""
        if name in questions:
            lines = []
            said.setdefault(name, lines)
        elif line.strip():
            lines.append(line.rstrip()[:LONGEST_LINE])
    return {name: said.get(name, []) for name in questions}
