"""Takes members out of JSON objects and says by name which one has the wrong type."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, TypeVar

from OcciLibrary.occi.errors import RenderingError, excerpt

JsonObject = dict[str, Any]
_ONLY_TEXT = frozenset({str})
_T = TypeVar("_T")


def as_object(value: Any, path: str) -> JsonObject:
    """Gives the value when it is an object, raises RenderingError otherwise."""
    if not isinstance(value, dict):
        raise _wrong(value, path, "an object")
    return value


def as_list(value: Any, path: str) -> list[Any]:
    """Gives the value when it is an array (null counts as an empty one), raises RenderingError otherwise."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(value, path, "an array")
    return value


def as_text(value: Any, path: str) -> str:
    """Gives the value when it is a string (null counts as an empty one), raises RenderingError otherwise."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(value, path, "a string")
    return value


def text_of(data: JsonObject, name: str) -> str:
    """Gives a member when it is a string (absent or null counts as an empty one), raises RenderingError otherwise."""
    value = data.get(name)
    return value if isinstance(value, str) else as_text(value, name)


def texts(value: Any, path: str) -> tuple[str, ...]:
    """Gives the strings of an array, raises RenderingError for anything else."""
    if value is None:
        return ()
    if type(value) is list and _ONLY_TEXT.issuperset(map(type, value)):
        return tuple(value)
    return tuple(as_text(item, f"{path}[{index}]") for index, item in enumerate(as_list(value, path)))


def numbered(items: list[Any], field: str, read: Callable[[Any], _T]) -> list[_T]:
    """Reads the items of an array; an error says which of them it is about."""
    found: list[_T] = []
    try:
        for item in items:
            found.append(read(item))  # a comprehension would not know how far it came
    except RenderingError as error:
        raise error.within(f"{field}[{len(found)}]") from None
    return found


def check_finite(value: Any, field: str) -> None:
    """Raises RenderingError when a number, or one inside a list or object, is none that can be counted with."""
    if isinstance(value, float) and not isfinite(value):
        raise RenderingError(f"the value is {value}, or too large", field[:200], expected="a finite number")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        check_finite(inner, field)


def _wrong(value: Any, path: str, expected: str) -> RenderingError:
    names = {dict: "an object", list: "an array", str: "a string", bool: "true or false", type(None): "null"}
    seen = names.get(type(value), "a number")
    if isinstance(value, str):
        seen += f", {excerpt(value)}"
    return RenderingError(f"the value is {seen}", path, expected=expected)
