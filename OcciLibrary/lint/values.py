"""What values attributes may have: their form in text, and what the infrastructure documents say of them."""

from __future__ import annotations

import re

from OcciLibrary.lint.findings import FindingLog, quoted
from OcciLibrary.lint.rules import Edition
from OcciLibrary.lint.text_items import Word
from OcciLibrary.occi.infrastructure import ATTRIBUTES_BY_CATEGORY, AttributeFact

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_ANY_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NEEDLESS = re.compile(r'\\([^"\\])|\\["\\]')
_FACTS: dict[str, list[AttributeFact]] = {}
for _facts in ATTRIBUTES_BY_CATEGORY.values():
    for _fact in _facts:
        _FACTS.setdefault(_fact.name, []).append(_fact)


def check_text_value(name: str, value: Word, log: FindingLog, in_link: bool = False) -> None:
    """Records what is wrong with the value of an attribute in text; a Link may have any token for a value."""
    kind = _type_of(name)
    if value.is_quoted:
        check_quoted(value, log)
        if kind != "string" and _NUMBER.fullmatch(value.value):
            if not in_link:
                log.add(
                    "quoted-number", value.begin, value.end, f"the number of {name} is in quotes", value.value
                )
        elif kind != "string":
            _wrong_type(name, value, log)
        else:
            check_word(name, value.value, value.begin, value.end, log)
        return
    if not value.text:
        log.add("missing-value", value.begin, value.end, f"{quoted(name)} has no value", f'{name}="value"')
    elif value.text not in ("true", "false") and not _NUMBER.fullmatch(value.text):
        _check_bare(name, value, log, in_link)
    elif kind == "string" and not in_link and _is_known(name):
        words = f"the string {quoted(value.text)} of {name} is not quoted"
        log.add("unquoted-string", value.begin, value.end, words, f'"{value.text}"')
    elif kind != "string" and value.text in ("true", "false"):
        _wrong_type(name, value, log)


def _check_bare(name: str, value: Word, log: FindingLog, in_link: bool) -> None:
    if _ANY_NUMBER.fullmatch(value.text) and _type_of(name) != "string":
        words = f"the number {quoted(value.text)} of {name} has a sign or an exponent"
        log.add("number-format", value.begin, value.end, words, "digits, and a point at most")
    elif _ANY_NUMBER.fullmatch(value.text) and not _is_known(name):
        words = f"{quoted(value.text)} of {name} is a number with a sign or an exponent, or a string without quotes"
        log.add("number-format", value.begin, value.end, words, "digits, and a point at most")
    elif not (in_link and _TOKEN.fullmatch(value.text)):
        words = f"the string {quoted(value.text)} of {name} is not quoted"
        log.add("unquoted-string", value.begin, value.end, words, f'"{value.text}"')
    if _type_of(name) == "string":
        check_word(name, value.text, value.begin, value.end, log)


def check_quoted(value: Word, log: FindingLog) -> None:
    """Records control characters and needless escapes in a quoted string."""
    control = _CONTROL.search(value.text)
    if control:
        at = value.begin + control.start()
        log.add(
            "control-character", at, at + 1, f"the value holds the character {control[0]!a}", "printable text"
        )
    for escape in _NEEDLESS.finditer(value.text) if "\\" in value.text else ():
        if escape[1]:
            at = value.begin + escape.start()
            words = f"the backslash in front of {escape[1]!a} is dropped by readers, for it escapes nothing"
            log.add("needless-escape", at, at + 2, words, r"\" or \\ alone")


def check_word(name: str, text: str, begin: int, end: int, log: FindingLog) -> None:
    """Records a value that is none of the words which the infrastructure documents allow."""
    legal = {
        word for fact in _FACTS.get(name, ()) for edition in log.editions for word in _words(fact, edition)
    }
    if legal and text not in legal:
        log.add(
            "unknown-value", begin, end, f"{name} is {quoted(text)}", f"one of {', '.join(sorted(legal))}"
        )


def _words(fact: AttributeFact, edition: Edition) -> tuple[str, ...]:
    """Gives the words that an edition allows, none when any value is legal or the edition has no such attribute."""
    if edition not in fact.editions or not fact.values:
        return ()
    return (*fact.values, "error") if edition == "1.2" and fact.name.endswith(".state") else fact.values


def check_json_value(name: str, value: object, begin: int, end: int, log: FindingLog) -> None:
    """Records a value in JSON that is not of the attribute's type, or none of its words."""
    if not _is_known(name) or value is None:
        return
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if _type_of(name) == "string":
        if not isinstance(value, str):
            log.add("wrong-type", begin, end, f"the value of {name} is no string", "a string")
        else:
            check_word(name, value, begin, end, log)
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        log.add("number-as-string", begin, end, f"the number of {name} is a string", value)
    elif not is_number:
        log.add("wrong-type", begin, end, f"the value of {name} is no number", "a number")


def is_defined(name: str, editions: frozenset[Edition]) -> bool:
    """Tells whether core or infrastructure define an attribute in one of these editions."""
    return any(not editions.isdisjoint(fact.editions) for fact in _FACTS.get(name, ()))


def _wrong_type(name: str, value: Word, log: FindingLog) -> None:
    words = f"{name} is {quoted(value.value)}, which is no number"
    log.add("wrong-type", value.begin, value.end, words, "a number")


def _is_known(name: str) -> bool:
    return name in _FACTS


def _type_of(name: str) -> str:
    """Gives the type of an attribute; a string for all that no document types."""
    return _FACTS[name][0].type if name in _FACTS else "string"
