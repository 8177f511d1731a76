"""Turns the text of a JSON document into plain data: bounded in depth and digits, departures from RFC 8259 noted."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt

MAXIMUM_DEPTH = 64
# Longer integers cannot come from a cloud, and to read thousands of digits is slow or refused by Python.
MAXIMUM_DIGITS = 350
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_CONTAINERS = frozenset({dict, list})
_BLANKS = re.compile(r"[ \t\r\n]*")
_EXPECTED = "a JSON document"


class _TooManyDigits(ValueError):
    """Says that an integer has too many digits to be one of a cloud's."""


def parse(text: str, log: DeviationLog) -> Any:
    """Gives the data of a JSON document; numbers that are not finite are left to those who read them.

    Raises RenderingError, with the position, for what is no JSON, nests deeper than 64 levels or holds an integer
    of more than 350 digits.
    """
    data, end = _decoded(text, _BLANKS.match(text).end())  # type: ignore[union-attr]
    end = _BLANKS.match(text, end).end()  # type: ignore[union-attr]
    if end != len(text):
        raise RenderingError("this is no JSON: Extra data", "JSON", end, _EXPECTED)
    return _checked(data, text, 0, end, log)


def parse_next(text: str, position: int, log: DeviationLog) -> tuple[Any, int]:
    """Gives the data of the value that begins at a position, and the position behind it; raises as parse does."""
    data, end = _decoded(text, position)
    return _checked(data, text, position, end, log), end


def _decoded(text: str, position: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise RenderingError(f"this is no JSON: {error.msg}", "JSON", error.pos, _EXPECTED) from None
    except _TooManyDigits as error:
        digits = str(error)
        seen = f"a number has {len(digits)} digits"
        expected = f"at most {MAXIMUM_DIGITS} digits"
        raise RenderingError(seen, "JSON", text.find(digits), expected) from None
    except RecursionError:
        raise _too_deep(text) from None


def _checked(data: Any, text: str, begin: int, end: int, log: DeviationLog) -> Any:
    """Gives the data, its departures noted; what looks like a name inside a string costs time, not truth."""
    if _members(data, text, begin) != text.count('":', begin, end) + text.count('" :', begin, end):
        _note_repeated(text[begin:end], log)
    has_escapes = text.find("\\", begin, end) >= 0
    if has_escapes and (text.find("\\ud", begin, end) >= 0 or text.find("\\uD", begin, end) >= 0):
        data = _mended(data, log)
    return data


def _integer(digits: str) -> int:
    if len(digits) > MAXIMUM_DIGITS:
        raise _TooManyDigits(digits)
    return int(digits)


_DECODER = json.JSONDecoder(parse_int=_integer)


def _members(data: Any, text: str, begin: int) -> int:
    """Counts the members of all objects. Raises RenderingError when they nest too deep."""
    count = 0
    objects = [data] if type(data) is dict else []
    arrays = [data] if type(data) is list else []
    for _ in range(MAXIMUM_DEPTH):
        if not objects and not arrays:
            return count
        count += sum(map(len, objects))
        inside = [child for parent in objects for child in parent.values() if type(child) in _CONTAINERS]
        inside += [child for parent in arrays for child in parent if type(child) in _CONTAINERS]
        objects = [child for child in inside if type(child) is dict]
        arrays = [child for child in inside if type(child) is list]
    if objects or arrays:
        raise _too_deep(text, begin)
    return count


def _note_repeated(text: str, log: DeviationLog) -> None:
    def members(pairs: list[tuple[str, Any]]) -> None:
        names = Counter(name for name, _ in pairs)
        if len(names) != len(pairs):
            twice = excerpt(names.most_common(1)[0][0])
            log.note("repeated-member", "JSON", f"the member {twice} stands twice; the last one was taken")

    json.loads(text, object_pairs_hook=members)


def _too_deep(text: str, begin: int = 0) -> RenderingError:
    depth, position = 0, None
    for match in _BRACKETS.finditer(text, begin):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match.group(), 0)
        if depth > MAXIMUM_DEPTH:
            position = match.start()
            break
    seen = "objects and arrays are nested too deep"
    return RenderingError(seen, "JSON", position, f"at most {MAXIMUM_DEPTH} levels")


def _mended(value: Any, log: DeviationLog) -> Any:
    """Gives the data with halves of surrogate pairs replaced, which no text can hold (RFC 8259 §8.2)."""
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if whole != value:
            log.note("lone-surrogate", "JSON", "a string holds half a character, which was replaced")
        return whole
    if isinstance(value, list):
        return [_mended(item, log) for item in value]
    if isinstance(value, dict):
        return {_mended(name, log): _mended(item, log) for name, item in value.items()}
    return value
