"""Reads what `robot --output output.json` writes (Robot Framework's JSON results), in bounded size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from OcciLibrary.results.output_tree import (
    DEEPEST,
    INTRODUCTION,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ITEMS,
    MOST_OF_A_KIND,
    PREPARE,
    Output,
    Suite,
    Test,
    UnreadableError,
    file_name,
)

LARGEST_FILE = 32_000_000
_HEAD = 4096
_Wanted = TypeVar("_Wanted")


def looks_like_robot_json(path: Path) -> bool:
    """Tells whether a file begins as Robot Framework's JSON results do; other JSON is somebody else's business."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return b'"generator"' in head and (b"Robot " in head or b"Rebot " in head)


def read_json(path: Path) -> Output:
    """Returns what an output in JSON holds. Raises `UnreadableError`, and `OSError`."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise UnreadableError(
            f"it is too large ({size // 1_000_000} MB; of JSON {LARGEST_FILE // 1_000_000} MB are read)"
        )
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise UnreadableError("it is not JSON, or its end is missing") from None
    generator = _of(data, "generator", str)
    if not generator.startswith(("Robot ", "Rebot ")):
        raise UnreadableError("it does not say that Robot Framework wrote it")
    return Output(generator[:LONGEST_NAME], _Counted().suite(_of(data, "suite", dict)))


def _of(item: Any, name: str, kind: type[_Wanted]) -> _Wanted:
    """Returns a member of the kind that Robot Framework writes; an empty one where it is absent."""
    value = item.get(name, kind()) if isinstance(item, dict) else item
    if not isinstance(value, kind):
        raise UnreadableError(f"its '{name}' is not what Robot Framework writes there")
    return value


class _Counted:
    """Makes the tree, and counts what it makes."""

    def __init__(self) -> None:
        self._items = 0

    def suite(self, data: dict[str, Any], depth: int = 1) -> Suite:
        self._count()
        if depth > DEEPEST:
            raise UnreadableError(f"it has suites in more than {DEEPEST} others")
        return Suite(
            name=_of(data, "name", str)[:LONGEST_NAME],
            source=file_name(_of(data, "source", str)),
            metadata=_metadata(data),
            suites=[self.suite(_dict(inner), depth + 1) for inner in _of(data, "suites", list)],
            tests=[self._test(_dict(test)) for test in _of(data, "tests", list)],
            start=_of(data, "start_time", str)[:LONGEST_NAME],
            elapsed=str(data.get("elapsed_time", ""))[:LONGEST_NAME],
            ended=True,
            introduction=_introduction(_of(data, "setup", dict)),
        )

    def _test(self, data: dict[str, Any]) -> Test:
        self._count()
        return Test(
            log_id=_of(data, "id", str)[:LONGEST_NAME],
            name=_of(data, "name", str)[:LONGEST_NAME],
            doc=_of(data, "doc", str)[:LONGEST_TEXT],
            tags=[str(tag)[:LONGEST_NAME] for tag in _of(data, "tags", list)[:MOST_OF_A_KIND]],
            metadata=_metadata(data),
            status=_of(data, "status", str)[:LONGEST_NAME],
            message=_of(data, "message", str)[:LONGEST_TEXT],
            start=_of(data, "start_time", str)[:LONGEST_NAME],
            elapsed=str(data.get("elapsed_time", ""))[:LONGEST_NAME],
        )

    def _count(self) -> None:
        self._items += 1
        if self._items > MOST_ITEMS:
            raise UnreadableError(f"it has more than {MOST_ITEMS} tests")


def _dict(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise UnreadableError("its suites and tests are not what Robot Framework writes")
    return item


def _metadata(data: dict[str, Any]) -> dict[str, str]:
    pairs = list(_of(data, "metadata", dict).items())[:MOST_OF_A_KIND]
    return {str(name)[:LONGEST_NAME]: str(value)[:LONGEST_TEXT] for name, value in pairs}


def _introduction(setup: dict[str, Any]) -> str:
    if setup.get("name") != PREPARE:
        return ""
    messages = (item.get("message", "") for item in _of(setup, "body", list) if isinstance(item, dict))
    return next((text for text in messages if isinstance(text, str) and text.startswith(INTRODUCTION)), "")
