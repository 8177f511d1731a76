"""What can be chosen for a sandbox, on the command line and in a site file alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from OcciLibrary.sandbox.engine import ACCELERATIONS, ENGINES

REFERENCE_STATES = ("inactive", "active")
MOST_MACHINES = 20
LONGEST_TRANSITION = 3600.0
PREFIX = "sandbox"


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """The choices for one sandbox.

    ``seconds`` is how long a transition takes, ``reference_state`` the state in which the tester's VM (the first) is
    found; with a ``username`` the server asks for it and for ``password``. ``fault`` names what the site does wrong, several
    faults joined by ``+`` (faults.py); ``dialect`` the known server as which it speaks (dialects/catalogue.py). ``engine`` is what
    the VMs are made of (engine.py), ``acceleration`` how real ones run; with ``may_create`` users can make VMs and images.
    """

    port: int = 0
    seconds: float = 1.0
    machines: int = 3
    reference_state: str = "inactive"
    username: str = ""
    journal: Path | None = None
    fault: str = ""
    dialect: str = ""
    password: str = field(default="", repr=False)
    ssh_password: str = field(default="sandbox", repr=False)
    engine: str = "light"
    acceleration: str = "tcg"
    may_create: bool = False


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Returns a reader of whole numbers in a range. The reader raises ValueError with what it expects."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:10]) <= high):
            raise ValueError(f"a whole number from {low} to {high} is expected")
        return int(text)

    return read


def seconds(text: str) -> float:
    """Reads a number of seconds. Raises ValueError with what is expected."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not math.isfinite(value) or not 0 <= value <= LONGEST_TRANSITION:
        raise ValueError(f"a number of seconds from 0 to {LONGEST_TRANSITION:g} is expected")
    return value


def reference_state(text: str) -> str:
    """Reads a state. Raises ValueError with what is expected."""
    if text not in REFERENCE_STATES:
        raise ValueError(f"{' or '.join(REFERENCE_STATES)} is expected")
    return text


def name(text: str) -> str:
    """Reads a user name, which basic authentication forbids to hold a colon. Raises ValueError."""
    if not text.isprintable() or not text or ":" in text:
        raise ValueError("a name without colon is expected")
    return text


def fault(text: str) -> str:
    """Reads the names of faults, joined by ``+``. Raises ValueError with the names that come close."""
    from OcciLibrary.sandbox.faults import conduct_of  # noqa: PLC0415 - most sandboxes have no fault

    conduct_of(text)
    return text


def dialect(text: str) -> str:
    """Reads the name of a dialect. Raises ValueError with the names there are."""
    from OcciLibrary.sandbox.dialects.catalogue import dialect_of  # noqa: PLC0415 - most sandboxes have no dialect

    dialect_of(text)
    return text


def machines(text: str) -> int | str:
    """Reads how many VMs there are, or what all of them are: an engine. Raises ValueError with what is expected."""
    if text in ENGINES:
        return text
    try:
        return whole_number(1, MOST_MACHINES)(text)
    except ValueError as problem:
        raise ValueError(f"{problem}, or one of {', '.join(ENGINES)}") from None


def one_of(*words: str) -> Callable[[str], str]:
    """Returns a reader of one of some words. The reader raises ValueError with what it expects."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)} is expected")
        return text

    return read


def truth(text: str) -> bool:
    """Reads yes or no. Raises ValueError with what is expected."""
    if text not in ("yes", "no"):
        raise ValueError("yes or no is expected")
    return text == "yes"


READERS: Mapping[str, Callable[[str], Any]] = {
    "port": whole_number(0, 65535),
    "seconds": seconds,
    "machines": machines,
    "engine": one_of(*ENGINES),
    "acceleration": one_of(*ACCELERATIONS),
    "reference-state": reference_state,
    "username": name,
    "journal": Path,
    "fault": fault,
    "dialect": dialect,
    "may-create": truth,
}


def read_option(option: str, value: str) -> Any:
    """Reads one option. Raises ValueError, a plain sentence, for an unknown option or a bad value."""
    if option not in READERS:
        raise ValueError(f"The sandbox has no option {option!r}. Its options: {', '.join(READERS)}.")
    try:
        return READERS[option](value)
    except ValueError as problem:
        raise ValueError(
            f"The sandbox's option {option} cannot be {value!r}: {problem}. Options: {', '.join(READERS)}."
        ) from None


def contradiction(options: SandboxOptions) -> str:
    """Returns a sentence on options that cannot be had together, '' where there are none."""
    if not (options.may_create and options.dialect):
        return ""
    from OcciLibrary.sandbox.dialects.catalogue import DIALECTS  # noqa: PLC0415 - most sandboxes have no dialect

    if DIALECTS[options.dialect].creating is not None:
        return ""
    able = ", ".join(name for name, dialect in DIALECTS.items() if dialect.creating is not None)
    return f"The sandbox cannot let users create in the dialect {options.dialect}: leave may-create out, or choose one of {able}."


def parse_options(text: str) -> SandboxOptions:
    """Reads ``sandbox`` or ``sandbox:NAME=VALUE,NAME=VALUE``, as a site file's OCCI_ENDPOINT has it.

    Raises ValueError: one plain sentence that lists the options.
    """
    prefix, _, given = text.partition(":")
    if prefix.strip() != PREFIX:
        raise ValueError(f"An embedded site is written 'sandbox' or 'sandbox:NAME=VALUE,...', not {text!r}.")
    chosen: dict[str, Any] = {}
    for item in filter(None, (part.strip() for part in given.split(","))):
        option, equals, value = (part.strip() for part in item.partition("="))
        if not equals:
            raise ValueError(
                f"The sandbox's option {item!r} needs a value: NAME=VALUE. Options: {', '.join(READERS)}."
            )
        read = read_option(option, value)
        engine = option == "machines" and isinstance(
            read, str
        )  # machines=qemu says of what kind, not how many
        chosen["engine" if engine else option.replace("-", "_")] = read
    options = SandboxOptions(**chosen)
    if problem := contradiction(options):
        raise ValueError(problem)
    return options
