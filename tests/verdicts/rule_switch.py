"""A listener for Robot Framework that switches one verdict rule off before the run: ``--listener tests.verdicts.rule_switch``.

The environment variable OCCI_RULE_OFF names the rule (switch_off_rules.py).
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.verdicts.switch_off_rules import RULES, Rule

ROBOT_LISTENER_API_VERSION = 3


def switched_off(rule: Rule) -> tuple[FunctionType, CodeType]:
    """Returns the function that holds a rule, and its code without the rule; the rule's text must be there once."""
    module = importlib.import_module(rule.module)
    function = _function(vars(module), rule.function)
    source = inspect.getsource(module)
    text = inspect.getsource(function)
    assert text.count(rule.text) == 1, (
        f"{rule.name}: {rule.text!r} stands {text.count(rule.text)} times in {rule.function}"
    )
    mutated = source.replace(text, text.replace(rule.text, rule.instead), 1)
    without = ModuleType(f"{rule.module}_without")
    without.__package__ = module.__package__
    sys.modules[without.__name__] = without  # dataclasses look their module up
    exec(compile(mutated, str(module.__file__), "exec", dont_inherit=True), vars(without))
    return function, _function(vars(without), rule.function).__code__


def _function(space: dict[str, Any], name: str) -> FunctionType:
    found: Any = None
    for part in name.split("."):
        found = space[part] if found is None else inspect.getattr_static(found, part)
    found = found.fget if isinstance(found, property) else inspect.unwrap(found)
    assert isinstance(found, FunctionType), name
    return found


def _switch_off(name: str) -> None:
    function, code = switched_off(next(rule for rule in RULES if rule.name == name))
    function.__code__ = code


if "OCCI_RULE_OFF" in os.environ:
    _switch_off(os.environ["OCCI_RULE_OFF"])
