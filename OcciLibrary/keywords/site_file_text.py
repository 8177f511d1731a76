"""The text of a site file, looked at line by line: misspelt names and secrets that stand in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_VARIABLE = re.compile(r"^\$\{(?P<name>[^}:]+)(?P<type>:[^}]*)?\}(?P<gap>\s*=?\s*)(?P<value>.*)$")
_SEPARATOR = re.compile(r"\s\s|\t")  # one space alone is part of the name for Robot Framework
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


def secrets_in_text(path: Path) -> list[str]:
    """Returns the secrets that stand in a site file, where they should not: Robot Framework may repeat the line in an error."""
    try:
        text = path.read_bytes()[:_MAXIMUM].decode("utf-8-sig", "replace")
    except OSError:
        return []
    return [line["value"].strip() for _, line in _variables(text) if _holds_secret(line)]


def _holds_secret(line: re.Match[str]) -> bool:
    value = line["value"].strip()
    secret = _name(line) in _SECRET_NAMES or "secret" in (line["type"] or "").lower()
    return secret and bool(value) and not value.startswith(("%{", "${"))


def _name(line: re.Match[str]) -> str:
    return re.sub(r"[ _]", "_", line["name"].strip()).upper()


def _variables(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _VARIABLE.match(line.strip()):
            yield number, found


def _problems(number: int, line: re.Match[str], known: list[str]) -> Iterator[str]:
    name = _name(line)
    value = line["value"].strip()
    if name not in known:
        if close := difflib.get_close_matches(name, known, 1, 0.85):
            yield f"line {number} sets ${{{name}}}, which nothing reads: probably ${{{close[0]}}} is meant"
    elif name in _SECRET_NAMES and value and not value.startswith(("%{", "${EMPTY}")):
        yield f"line {number} holds a secret in plain text: write ${{{name}: Secret}}    %{{{name}=}} there, and {how_to_set(name)}"
    elif value and not _SEPARATOR.search(line["gap"]):
        yield f"line {number} needs two spaces or more between ${{{name}}} and its value"
    elif name in _SECRET_NAMES and not line["type"]:
        yield f"line {number} must read ${{{name}: Secret}}, so that the secret stays out of every log"


def how_to_set(name: str) -> str:
    """Returns how a tester gives a secret: by the environment."""
    return f"type 'export {name}=...' before the run (Windows: 'set {name}=...')"
