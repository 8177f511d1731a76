"""Writes findings for people (one line each), as JSON, and as SARIF 2.1.0; known secrets are masked in all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from OcciLibrary import __version__
from OcciLibrary.lint.findings import Finding
from OcciLibrary.lint.rules import RULES, Rule
from OcciLibrary.lint.sources import STANDARD_INPUT, is_url
from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.occi.transport import printable, shown_url

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LONGEST = 600


@dataclass(frozen=True)
class Looked:
    """Holds what came of one file or URL: its findings, or why it could not be read."""

    name: str
    findings: tuple[Finding, ...] = ()
    problem: str = ""

    @property
    def shown_name(self) -> str:
        """Gives the name as outputs show it: without a password that stands in a URL."""
        return masked(shown_url(self.name)) if is_url(self.name) else self.name


def as_text(looked: Iterable[Looked]) -> str:
    """Gives a line for each finding, ``file:line:column: level: sentence [rule; clause]``, and one for what was not readable."""
    lines = []
    for one in looked:
        if one.problem:
            lines.append(f"{one.shown_name}: not read: {_clean(one.problem)}")
        lines += [_line(one.shown_name, finding) for finding in one.findings]
    return "".join(line + "\n" for line in lines)


def _line(name: str, finding: Finding) -> str:
    place = finding.place
    expected = f"; expected {_clean(finding.expected)}" if finding.expected else ""
    seen = f"; seen {_clean(finding.seen)}" if finding.seen.strip() else ""
    words = f"{_clean(finding.message)}{expected}{seen} [{finding.rule}; {finding.clause}]"
    return f"{name}:{place.line}:{place.column}: {finding.level}: {words}"


def as_json(looked: Iterable[Looked]) -> str:
    """Gives one JSON object: ``files``, each with its ``findings`` (rule, level, message, expected, seen, place, clauses)."""
    files = [
        {
            "name": one.shown_name,
            "problem": _clean(one.problem),
            "findings": [_object(finding) for finding in one.findings],
        }
        for one in looked
    ]
    return json.dumps({"version": 1, "files": files}, ensure_ascii=False, indent=1) + "\n"


def _object(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "rule": finding.rule,
        "level": finding.level,
        "message": _clean(finding.message),
        "expected": _clean(finding.expected),
        "seen": _clean(finding.seen),
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "field": finding.field,
        "clauses": dict(finding.clauses),
    }


def as_sarif(looked: Sequence[Looked]) -> str:
    """Gives a SARIF 2.1.0 log with one run; what could not be read is a notification of its invocation."""
    names = sorted({finding.rule for one in looked for finding in one.findings})
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "OcciLibrary.lint",
                "version": __version__,
                "rules": [_sarif_rule(RULES[name]) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(looked)],
        "results": [
            _result(one, finding, names.index(finding.rule)) for one in looked for finding in one.findings
        ],
    }
    return (
        json.dumps(
            {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1
        )
        + "\n"
    )


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    clauses = "; ".join(f"{clause} (OCCI {edition})" for edition, clause in rule.clauses.items())
    return {
        "id": rule.name,
        "shortDescription": {"text": f"{rule.summary[:1].upper()}{rule.summary[1:]}."},
        "help": {"text": f"See {clauses}."},
        "defaultConfiguration": {"level": rule.level},
    }


def _invocation(looked: Iterable[Looked]) -> dict[str, Any]:
    problems = [
        {
            "level": "error",
            "message": {"text": _clean(one.problem)},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(one)}}}],
        }
        for one in looked
        if one.problem
    ]
    return {"executionSuccessful": not problems, "toolExecutionNotifications": problems}


def _result(one: Looked, finding: Finding, index: int) -> dict[str, Any]:
    expected = f" Expected {_clean(finding.expected)}." if finding.expected else ""
    place = finding.place
    region: dict[str, Any] = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
        "snippet": {"text": _clean(finding.seen)},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level,
        "message": {"text": f"{_clean(finding.message)}.{expected} {finding.clause}."},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(one)}, "region": region}}],
        "properties": {"clauses": dict(finding.clauses)},
    }


def _uri(one: Looked) -> str:
    if one.name == STANDARD_INPUT:
        return "stdin"
    return one.shown_name if is_url(one.name) else quote(one.name.replace("\\", "/"), safe="/:~")


def _clean(text: str) -> str:
    """Gives a foreign text as one line without secrets and without what acts on a terminal."""
    return printable(masked(text), _LONGEST)
