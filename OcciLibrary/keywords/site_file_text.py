"""The text of a site file, looked at line by line: misspelt names and secrets that stand in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_VARIABLE = re.compile(r"^\$\{(?P<name>[^}:]+)(?P<type>:[^}]*)?\}\s*=?(?P<value>.*)$")
_SECRET_NAMES = frozenset({"OCCI_PASSWORD", "OCCI_TOKEN", "OCCI_KEY_PASSWORD", "SSH_PASSWORD"})
_MAXIMUM = 1_000_000


def problems_in_text(path: Path, known: Iterable[str]) -> list[str]:
    """Returns what is wrong in a site file's text, a phrase each that names the line.

    `known` are the names of the variables that a site file may have. A variable that is not among them is a problem
    only where it looks like a misspelt one: testers may add their own.
    """
    try:
        text = path.read_bytes()[:_MAXIMUM].decode("utf-8-sig")
    except OSError as problem:
        return [f"it cannot be read ({problem.strerror})"]
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        return [f"line {line} is not UTF-8 text: save the file with the encoding UTF-8"]
    names = sorted(known)
    return [words for number, line in _variables(text) for words in _problems(number, line, names)]


def _variables(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _VARIABLE.match(line.strip()):
            yield number, found


def _problems(number: int, line: re.Match[str], known: list[str]) -> Iterator[str]:
    name = re.sub(r"[ _]", "_", line["name"].strip()).upper()
    value = line["value"].strip()
    if name not in known:
        if close := difflib.get_close_matches(name, known, 1, 0.85):
            yield f"line {number} sets ${{{name}}}, which nothing reads: did you mean ${{{close[0]}}}"
    elif name in _SECRET_NAMES and value and not value.startswith(("%{", "${EMPTY}")):
        yield f"line {number} holds a secret in plain text: write ${{{name}: Secret}}    %{{{name}=}} there, and {how_to_set(name)}"
    elif name in _SECRET_NAMES and not line["type"]:
        yield f"line {number} must read ${{{name}: Secret}}, so that the secret stays out of every log"


def how_to_set(name: str) -> str:
    """Returns how a tester gives a secret: by the environment."""
    return f"type 'export {name}=...' before the run (Windows: 'set {name}=...')"
