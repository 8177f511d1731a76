"""Turns attribute values from text or JSON into typed values, and back into text."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError, excerpt
from OcciLibrary.occi.infrastructure import ATTRIBUTE_TYPES
from OcciLibrary.occi.model import AttributeValue

_PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_ANY_NUMBER = re.compile(r"[+-]?(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?")
# Longer numbers cannot come from a cloud, and int() of thousands of digits is slow or refused by Python.
_MAX_DIGITS = 350
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


def quoted_value(name: str, text: str, field: str, log: DeviationLog) -> AttributeValue:
    """Types a value that stood in quotes: a string, unless the documents call the attribute a number."""
    if ATTRIBUTE_TYPES.get(name, "string") == "string":
        return text
    number = _number(name, text, field, log)
    if number is None:
        log.note("wrong-type", field, f"{name} is {excerpt(text)}, which is no number")
        return text
    log.note("quoted-number", field, f"the number of {name} is written in quotes")
    return number


def bare_value(name: str, text: str, field: str, log: DeviationLog) -> AttributeValue:
    """Types a value without quotes: int, float, true or false; anything else is a string."""
    known = ATTRIBUTE_TYPES.get(name)
    if known == "string":
        log.note("unquoted-string", field, f"the string {excerpt(text)} of {name} is not quoted")
        return text
    if text in ("true", "false"):
        if known is not None:
            log.note("wrong-type", field, f"{name} is {text}, which is no number")
        return text == "true"
    number = _number(name, text, field, log)
    if number is None:
        log.note("unquoted-string", field, f"the string {excerpt(text)} of {name} is not quoted")
        return text
    return number


def json_value(name: str, value: AttributeValue, path: str, log: DeviationLog) -> AttributeValue:
    """Checks a JSON value against the type that the documents give the attribute and mends what is clear."""
    known = ATTRIBUTE_TYPES.get(name)
    if known is None or isinstance(value, (list, dict)):
        return value
    if isinstance(value, str):
        return quoted_value(name, value, path, log)
    if known == "string":
        log.note("wrong-type", path, f"{name} is the bare value {value}, where a string is due")
        return str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, bool):
        log.note("wrong-type", path, f"{name} is {str(value).lower()}, which is no number")
    return value


def to_text(name: str, value: AttributeValue) -> str:
    """Writes a value for text/plain or text/occi: strings quoted, numbers and booleans bare.

    Raises RenderingError for lists, objects, unprintable characters and numbers that are not finite.
    """
    if isinstance(value, str):
        return quote(value, name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) >= 10**_MAX_DIGITS:
            raise RenderingError("the number is too long", name, expected=f"at most {_MAX_DIGITS} digits")
        return str(value)
    if isinstance(value, float):
        return _float_text(name, value)
    raise RenderingError(
        "lists and objects have no text form", name, expected="a string, a number or true or false"
    )


def quote(text: str, field: str) -> str:
    """Writes a quoted-string; raises RenderingError for line ends and control characters (GFD.185 §3.6.6)."""
    unsafe = _UNSAFE.search(text)
    if unsafe:
        seen = f"the value holds the character {unsafe.group()!a}"
        raise RenderingError(seen, field, unsafe.start(), "one line of printable text")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number(name: str, text: str, field: str, log: DeviationLog) -> int | float | None:
    match = _PLAIN_NUMBER.fullmatch(text)
    if match is None:
        match = _ANY_NUMBER.fullmatch(text)
        if match is None:
            return None
        log.note("number-format", field, f"the number {excerpt(text)} of {name} has a sign or an exponent")
    if len(text) > _MAX_DIGITS:
        raise RenderingError(
            f"{name} is a number of {len(text)} characters", field, expected="a number of sensible size"
        )
    if not any(match.groups()) and "." not in text:
        return int(text)
    number = float(text)
    if math.isinf(number):
        raise RenderingError(f"{name} is {excerpt(text)}", field, expected="a number of sensible size")
    return number


def _float_text(name: str, value: float) -> str:
    if not math.isfinite(value):
        raise RenderingError(f"{value} is no number that can be sent", name, expected="a finite number")
    text = f"{Decimal(repr(value)):f}"
    return text if "." in text else text + ".0"
