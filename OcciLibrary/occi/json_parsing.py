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
_EXPECTED = "a JSON document"


class _TooManyDigits(ValueError):
    """Says that an integer has too many digits to be one of a cloud's."""


def parse(text: str, log: DeviationLog) -> Any:
    """Gives the data of a JSON document; numbers that are not finite are left to those who read them.

    Raises RenderingError, with the position, for what is no JSON, nests deeper than 64 levels or holds an integer
    of more than 350 digits.
    """
    try:
        data = json.loads(text, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise RenderingError(f"this is no JSON: {error.msg}", "JSON", error.pos, _EXPECTED) from None
    except _TooManyDigits as error:
        digits = str(error)
        seen = f"a number has {len(digits)} digits"
        expected = f"at most {MAXIMUM_DIGITS} digits"
        raise RenderingError(seen, "JSON", text.find(digits), expected) from None
    except RecursionError:
        raise _too_deep(text) from None
    if _members(data, text) != _names(text):
        _note_repeated(text, log)
    if "\\ud" in text or "\\uD" in text:
        data = _mended(data, log)
    return data


def _integer(digits: str) -> int:
    if len(digits) > MAXIMUM_DIGITS:
        raise _TooManyDigits(digits)
    return int(digits)


def _members(data: Any, text: str) -> int:
    """Counts the members of all objects. Raises RenderingError when they nest too deep."""
    count = 0
    level = [data]
    for _ in range(MAXIMUM_DEPTH):
        inside: list[Any] = []
        for parent in level:
            children = parent
            if type(parent) is dict:
                count += len(parent)
                children = parent.values()
            elif type(parent) is not list:
                continue
            for child in children:
                if type(child) is dict or type(child) is list:
                    inside.append(child)
        if not inside:
            return count
        level = inside
    raise _too_deep(text)


def _names(text: str) -> int:
    """Counts the names of members as they stand in the text; -1 where they are written in an unusual way.

    What looks like a name inside a string makes the count differ, never agree, so that it costs time, not truth.
    """
    if any(unusual in text for unusual in ("\n:", "\t:", "\r:", "  :")):
        return -1
    return text.count('":') + text.count('" :')


def _note_repeated(text: str, log: DeviationLog) -> None:
    def members(pairs: list[tuple[str, Any]]) -> None:
        names = Counter(name for name, _ in pairs)
        if len(names) != len(pairs):
            twice = excerpt(names.most_common(1)[0][0])
            log.note("repeated-member", "JSON", f"the member {twice} stands twice; the last one was taken")

    json.loads(text, object_pairs_hook=members)


def _too_deep(text: str) -> RenderingError:
    depth, position = 0, None
    for match in _BRACKETS.finditer(text):
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
