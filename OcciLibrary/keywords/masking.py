"""Keeps secrets out of everything that a run writes, whatever keyword of whatever library lets one out (design §7).

Robot Framework asks its loggers in this order: where something begins, first the debug file, then console and output
file, then the listeners; where it ends and for messages, the listeners first. So a `_Gate` stands before the debug file,
and the library has a listener before all others and one behind them. What they clean is what is *written*: a failure's
message goes on to the keywords around it as it was, so that `Run Keyword And Expect Error`, and each verdict, is the same
with and without masking.

Source: robot-facts A5; Robot Framework 7.5, robot/output/logger.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError
from robot.output import LOGGER
from robot.output.loggerapi import LoggerApi

from OcciLibrary.keywords.console_masking import MaskedConsole
from OcciLibrary.keywords.harmless import cut, harmless
from OcciLibrary.keywords.secret_variables import learn_from_environment, learn_from_variables
from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.occi.secrets_in_answers import learn_from_log

FIRST = 1_000_000
LAST = -FIRST
_IN_HTML = "&lt;secret&gt;"
_HTML = "*HTML*"
_LONGEST_MESSAGE = 100_000  # at TRACE a listing of 100,000 VMs is logged by each keyword that returns it
_FIELDS_OF_KEYWORDS = ("name", "doc", "args", "assign", "source_name")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "KEYWORD": _FIELDS_OF_KEYWORDS,
    "SETUP": _FIELDS_OF_KEYWORDS,
    "TEARDOWN": _FIELDS_OF_KEYWORDS,
    "FOR": ("assign", "values", "start", "mode", "fill"),
    "ITERATION": ("assign",),
    "WHILE": ("condition", "limit", "on_limit", "on_limit_message"),
    "IF": ("condition",),
    "ELSE IF": ("condition",),
    "EXCEPT": ("patterns", "assign"),
    "GROUP": ("name",),
    "VAR": ("name", "value", "separator"),
    "RETURN": ("values",),
    "ERROR": ("values",),
    "TEST": ("name", "doc", "metadata"),
    "SUITE": ("name", "doc", "metadata"),
}
_TAGGED = frozenset({"KEYWORD", "SETUP", "TEARDOWN", "TEST"})
_OWN_TAGS = re.compile(r"robot:.*|agreed|tc\d|tester-side|remark|not-offered")  # what results are sorted by
_SETTERS = frozenset(
    {
        "setglobalvariable",
        "setsuitevariable",
        "settestvariable",
        "settaskvariable",
        "setlocalvariable",
        "importlibrary",
        "importvariables",
        "importresource",
    }
)


class MaskingListener:
    """Cleans messages and results; the library has one before all other listeners (`FIRST`) and one behind (`LAST`)."""

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, priority: int) -> None:
        self.ROBOT_LISTENER_PRIORITY = priority
        self._is_first = priority > 0

    def start_suite(self, data: Any, result: Any) -> None:
        """Learns the secrets of a suite before anything in it runs."""
        self._begin()
        hide(result)

    def start_test(self, data: Any, result: Any) -> None:
        """Learns the variables that came since."""
        self._begin()
        hide(result)

    def _begin(self) -> None:
        if self._is_first:
            _GATE.open()
            _learn_variables()

    def start_body_item(self, data: Any, result: Any) -> None:
        """Cleans what is known at the beginning of a keyword or control structure."""
        hide(result)

    def end_body_item(self, data: Any, result: Any) -> None:
        """Learns what a keyword may have set, and cleans all of its result."""
        if self._is_first and _may_have_set(result):
            self._begin()  # the keyword may have been the one that imported the library
        hide(result)
        _GATE.hide_message(result)

    def end_test(self, data: Any, result: Any) -> None:
        """Cleans the verdict."""
        hide(result)
        result.message = _clean(result.message)

    def end_suite(self, data: Any, result: Any) -> None:
        """Cleans the suite, and the tests in it that a suite teardown gave a message."""
        hide(result)
        result.message = _clean(result.message)
        for test in result.all_tests:
            test.message = _clean(test.message)

    def log_message(self, message: Any) -> None:
        """Cleans what a keyword logs."""
        hide_in_message(message)

    def message(self, message: Any) -> None:
        """Cleans what Robot Framework itself says: warnings, errors, its system log."""
        hide_in_message(message)

    def close(self) -> None:
        """Gives the console back."""
        if not self._is_first:
            _GATE.close()


class _Gate(LoggerApi):
    """Stands before the debug file: cleans what begins, and puts back each keyword's message when it has been written."""

    def __init__(self) -> None:
        self._console = MaskedConsole()
        self._hidden: dict[int, tuple[Any, str, str]] = {}

    def open(self) -> None:
        """Takes its place, unless it has it."""
        if self in LOGGER._other_loggers:
            return
        LOGGER._other_loggers.insert(0, self)
        self._console.mask()
        learn_from_environment()

    def close(self) -> None:
        """Leaves its place."""
        LOGGER._other_loggers = [logger for logger in LOGGER._other_loggers if logger is not self]
        self._console.unmask()
        self._hidden.clear()

    def hide_message(self, result: Any) -> None:
        """Cleans the message of a keyword while it is written; what fails around it gets the message as it was."""
        shown = _clean(result.message)
        if shown != result.message:
            _, original, _ = self._hidden.get(id(result), (result, result.message, ""))
            self._hidden[id(result)] = (result, original, shown)
            result.message = shown

    def start_suite(self, data: Any, result: Any) -> None:
        """Cleans a suite's name and documentation."""
        hide(result)

    def start_test(self, data: Any, result: Any) -> None:
        """Cleans a test's name, documentation and tags."""
        hide(result)

    def start_body_item(self, data: Any, result: Any) -> None:
        """Cleans the arguments and values that the debug file shows."""
        hide(result)

    def end_body_item(self, data: Any, result: Any) -> None:
        """Puts the message back for whoever catches the failure."""
        hidden = self._hidden.pop(id(result), None)
        if hidden is not None and result.message == hidden[2]:
            result.message = hidden[1]

    def log_message(self, msg: Any) -> None:
        """Cleans messages below the log level too, for the debug file takes them."""
        hide_in_message(msg)


_GATE = _Gate()


def hide(result: Any) -> None:
    """Cleans what a result shows, but for its message."""
    for field in _FIELDS.get(result.type, ()):
        value = getattr(result, field, None)
        if value and (shown := _cleaned(value)) is not None:
            setattr(result, field, shown)
    tags = list(result.tags) if result.type in _TAGGED else []
    if tags != (cleaned := [_clean_tag(tag) for tag in tags]):
        result.tags = cleaned


def hide_in_message(message: Any) -> None:
    """Cleans one message; in one that is HTML the mark is text, too."""
    text = message.message
    if text:
        learn_from_log(text)
        shown = harmless(masked(text, _IN_HTML)) if message.html else cut(_clean(text), _LONGEST_MESSAGE)
        if shown != text:
            message.message = shown


def _clean(text: str) -> str:
    return harmless(masked(text, _IN_HTML) if text.startswith(_HTML) else masked(text))


def _clean_tag(tag: str) -> str:
    return tag if _OWN_TAGS.fullmatch(tag) else _clean(tag)


def _cleaned(value: Any) -> Any:
    """Returns a text, a list or a mapping of texts cleaned; None when there is nothing to clean."""
    if isinstance(value, str):
        shown = _clean(value)
        return None if shown == value else shown
    if isinstance(value, Mapping):
        texts = {str(name): str(item) for name, item in value.items()}
        pairs = {_clean(name): _clean(item) for name, item in texts.items()}
        return None if pairs == texts else pairs
    texts_of_list = [str(item) for item in value]
    cleaned = [_clean(text) for text in texts_of_list]
    return None if cleaned == texts_of_list else cleaned


def _may_have_set(result: Any) -> bool:
    if result.type == "VAR":
        return True
    if _FIELDS.get(result.type) is not _FIELDS_OF_KEYWORDS:
        return False
    return bool(result.assign) or (result.name or "").lower().replace(" ", "").replace("_", "") in _SETTERS


def _learn_variables() -> None:
    try:
        learn_from_variables(BuiltIn().get_variables())
    except RobotNotRunningError:
        return
