"""What an output of Robot Framework holds that records are made of: suites and tests, without keywords, in bounded size."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_ITEMS = 20_000
"""Suites and tests read of one output."""
LONGEST_TEXT = 20_000
"""Characters kept of a message, documentation or metadata."""
LONGEST_NAME = 300
MOST_OF_A_KIND = 100
"""Tags and metadata kept of one suite or test."""
DEEPEST = 50
"""Suites within suites."""
INTRODUCTION = "This run: "
PREPARE = "Prepare The Site"


class UnreadableError(Exception):
    """Says in one sentence why a file cannot be read as an output of Robot Framework."""


@dataclass(slots=True)
class Test:
    """Holds one test as the output has it; `start` is ISO 8601 without a time zone."""

    log_id: str = ""
    name: str = ""
    doc: str = ""
    tags: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    status: str = ""
    message: str = ""
    start: str = ""
    elapsed: str = ""


@dataclass(slots=True)
class Suite:
    """Holds one suite; `ended` is False when the output ends within it, `introduction` what a run of the kit says of itself."""

    name: str = ""
    source: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    suites: list[Suite] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    start: str = ""
    elapsed: str = ""
    ended: bool = False
    introduction: str = ""


@dataclass(slots=True)
class Output:
    """Holds a whole output: its generator such as `Robot 7.5 (Python 3.11.7 on linux)`, and whether its end is there."""

    generator: str
    suite: Suite
    complete: bool = True


def file_name(source: str) -> str:
    """Returns the name of a suite's file and of the folder it lies in: where that is on a tester's computer tells nothing."""
    return "/".join(source.replace("\\", "/").split("/")[-2:])[:LONGEST_NAME]
