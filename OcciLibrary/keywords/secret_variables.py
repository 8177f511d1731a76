"""Finds the secrets that a run holds: among Robot Framework's variables, in key files, and in the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from robot.api.types import Secret

from OcciLibrary.occi.known_secrets import knows, learn
from OcciLibrary.occi.secrets_in_answers import learn_private_keys

# What a name ends with that names a secret, whatever the type of its value.
_NAMES = re.compile(r"(?:PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET)\}?$")
_KEY_FILES = ("${OCCI_KEY}", "${OCCI_CERTIFICATE}", "${SSH_KEY}")
_LONGEST_KEY = 256 * 1024
_IN_URL = re.compile(r"://[^/\s:@]*:([^/\s@]{4,})@")
_DEEPEST, _MOST = 4, 1000
# A variable that the command line gives a secret: the text is there for everybody who lists the processes.
_GIVEN = re.compile(
    r"\s*(?P<name>[\w ]*(?:PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET))\s*(?::\s*Secret\s*)?:\s*\S"
    r"|\s*(?P<typed>\w[\w ]*?)\s*:\s*Secret\s*:\s*\S",
    re.IGNORECASE,
)
_OPTION = re.compile(r"--v[a-z]*=?|-v", re.IGNORECASE)


def learn_from_variables(variables: Mapping[str, Any]) -> None:
    """Learns the secrets among variables: each `Secret`, passwords in URLs, texts that are named as secrets, key files."""
    for name, value in variables.items():
        if isinstance(value, str):
            _learn_text(name.upper(), value)
        else:
            for secret in _secrets_in(value, 0):
                learn(secret)
    for name in _KEY_FILES:
        if isinstance(path := variables.get(name), str) and path:
            _learn_key(path)


def _learn_text(name: str, value: str) -> None:
    if _NAMES.search(name):
        learn(value)
    if "@" in value:
        for found in _IN_URL.finditer(value):
            learn(found[1])


def _secrets_in(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Secret):
        yield str(value.value)
    elif depth < _DEEPEST and isinstance(value, Mapping):
        for item in list(value.values())[:_MOST]:
            yield from _secrets_in(item, depth + 1)
    elif depth < _DEEPEST and isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        for item in value[:_MOST]:
            yield from _secrets_in(item, depth + 1)


@lru_cache(maxsize=64)
def _learn_key(path: str) -> None:
    """Learns the lines of the private keys in a PEM file; certificates are no secrets."""
    try:
        with Path(path).expanduser().open(encoding="ascii", errors="replace") as file:
            learn_private_keys(file.read(_LONGEST_KEY))
    except (OSError, ValueError):
        return  # the one who uses the file says what is wrong with it


def learn_from_environment() -> None:
    """Learns what the environment calls a password, token or the like: a test may print `%{MY_TOKEN}`."""
    for name, value in os.environ.items():
        if _NAMES.search(name.upper()) and not knows(value):
            learn(value)


def secret_in_command_line(arguments: Sequence[str]) -> str:
    """Returns a sentence when the command line of robot sets a secret, else ''."""
    for text in _variables_given(arguments):
        if found := _GIVEN.match(text):
            name = (found["name"] or found["typed"]).strip().upper().replace(" ", "_")
            return (
                f"${{{name}}} is set in the command line, which everybody on this computer can read while the run lasts: leave "
                f"--variable {name} out and type 'export {name}=...' before the run (Windows: 'set {name}=...'); "
                "as it has been shown, choose a new one. Nothing was run."
            )
    return ""


def _variables_given(arguments: Sequence[str]) -> Iterator[str]:
    for before, argument in zip(["", *arguments], arguments, strict=False):
        option = _OPTION.match(argument)
        if _OPTION.fullmatch(before):
            yield argument
        elif option and option.end() < len(argument):
            yield argument[option.end() :]
