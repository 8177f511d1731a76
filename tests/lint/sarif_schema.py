"""What the schema of SARIF 2.1.0 requires of the parts that the lint writes (OASIS, SARIF 2.1.0 §3.13-3.52)."""

from __future__ import annotations

from typing import Any

_LEVELS = ("none", "note", "warning", "error")
# Each object's members: their type, and whether the schema requires them.
_OBJECTS: dict[str, dict[str, tuple[Any, bool]]] = {
    "log": {"$schema": (str, False), "version": (str, True), "runs": (["run"], True)},
    "run": {
        "tool": ("tool", True),
        "invocations": (["invocation"], False),
        "results": (["result"], False),
        "columnKind": (str, False),
    },
    "tool": {"driver": ("component", True)},
    "component": {"name": (str, True), "version": (str, False), "rules": (["rule"], False)},
    "rule": {
        "id": (str, True),
        "shortDescription": ("message", False),
        "help": ("message", False),
        "defaultConfiguration": ("configuration", False),
    },
    "configuration": {"level": (str, False)},
    "message": {"text": (str, True)},
    "invocation": {
        "executionSuccessful": (bool, True),
        "toolExecutionNotifications": (["notification"], False),
    },
    "notification": {"message": ("message", True), "level": (str, False), "locations": (["location"], False)},
    "result": {
        "message": ("message", True),
        "ruleId": (str, False),
        "ruleIndex": (int, False),
        "level": (str, False),
        "locations": (["location"], False),
        "properties": (dict, False),
    },
    "location": {"physicalLocation": ("physical", False)},
    "physical": {"artifactLocation": ("artifact", False), "region": ("region", False)},
    "artifact": {"uri": (str, False)},
    "region": {
        "startLine": (int, False),
        "startColumn": (int, False),
        "endLine": (int, False),
        "endColumn": (int, False),
        "snippet": ("message", False),
    },
}


def problems_in_sarif(log: Any) -> list[str]:
    """Gives what the schema has against a log, a phrase each."""
    found = list(_problems(log, "log", "$"))
    if found:
        return found
    if log["version"] != "2.1.0":
        found.append("the version is not 2.1.0")
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"].get("rules", ())]
        if len(set(rules)) != len(rules):
            found.append("two rules have the same id")
        if run.get("columnKind") not in (None, "utf16CodeUnits", "unicodeCodePoints"):
            found.append("columnKind is unknown")
        for result in run.get("results", ()):
            if "ruleIndex" in result and rules[result["ruleIndex"]] != result["ruleId"]:
                found.append(f"ruleIndex of {result['ruleId']} names another rule")
    return found


def _problems(value: Any, name: str, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path} is no object"]
    members = _OBJECTS[name]
    found = [
        f"{path} has no {member}"
        for member, (_, required) in members.items()
        if required and member not in value
    ]
    for member, inner in value.items():
        where = f"{path}.{member}"
        if member not in members:
            found.append(f"{where} is unknown")
            continue
        found += _of_type(inner, members[member][0], where)
        if member == "level" and inner not in _LEVELS:
            found.append(f"{where} is {inner!r}")
        if member in ("startLine", "startColumn", "endLine", "endColumn") and not inner >= 1:
            found.append(f"{where} is below 1")
        if member == "uri" and any(character in inner for character in ' "<>\\^`{|}'):
            found.append(f"{where} is no URI reference")
    return found


def _of_type(value: Any, expected: Any, path: str) -> list[str]:
    if isinstance(expected, list):
        if not isinstance(value, list):
            return [f"{path} is no array"]
        return [
            problem
            for index, item in enumerate(value)
            for problem in _problems(item, expected[0], f"{path}[{index}]")
        ]
    if isinstance(expected, str):
        return _problems(value, expected, path)
    return [] if type(value) is expected else [f"{path} is no {expected.__name__}"]
