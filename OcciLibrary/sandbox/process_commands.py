"""Commands about the processes of a sandbox VM: what runs in the background, kill, ps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from OcciLibrary.sandbox.shell_call import Call, Outcome, text

if TYPE_CHECKING:
    from OcciLibrary.sandbox.shell import Shell


def begin_in_background(shell: Shell, words: Sequence[str]) -> Outcome:
    """Starts ``sleep SECONDS`` in the background, the one thing that this shell can do there."""
    words = words[1:] if words[0] == "nohup" else words
    if len(words) != 2 or words[0] != "sleep" or not re.fullmatch(r"\d{1,7}", words[1]):
        return Outcome(errors=b"sh: the sandbox's shell runs nothing but sleep in the background\n", status=2)
    number = shell.files.processes.begin(int(words[1]))
    if number is None:
        return Outcome(errors=b"sh: fork: Resource temporarily unavailable\n", status=2)
    shell.last_background = str(number)
    return Outcome()


def kill(call: Call) -> Outcome:
    """Ends processes in the background; with -0 it only asks whether they are there."""
    only_asked = call.arguments[:1] == ["-0"]
    numbers = [word for word in call.arguments if not word.startswith("-")]
    if not numbers or not all(re.fullmatch(r"\d{1,9}", word) for word in numbers):
        return call.fail("usage: kill [-s sigspec | -n signum | -sigspec] pid", 2)
    processes = call.shell.files.processes
    missing = [
        word
        for word in numbers
        if not (int(word) in processes.all() if only_asked else processes.end(int(word)))
    ]
    errors = "".join(f"sh: kill: ({word}) - No such process\n" for word in missing)
    return Outcome(errors=errors.encode(), status=1 if missing else 0)


def ps(call: Call) -> Outcome:
    """Lists the processes in the background."""
    rows = [f"{number:>7} ?        00:00:00 sleep" for number in call.shell.files.processes.all()]
    return text("\n".join(["    PID TTY          TIME CMD", *rows]))
