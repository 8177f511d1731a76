"""Checks of actions and of what a change leaves alone: states reached, types and links as before."""

from __future__ import annotations

from collections.abc import Sequence

from OcciLibrary.conformance.findings import Finding, Findings
from OcciLibrary.occi.identity import path_of
from OcciLibrary.occi.model import Resource

ACTION = "GFD.185 §3.4.4; GFD.223 §10.3.2"
STATES = "GFD.184 §3.1; GFD.224 §3.1"


def reached(states: Sequence[str], target: str, term: str) -> Findings:
    """Returns a failure unless the last of the states seen after an action is the one that it leads to."""
    if states and states[-1] == target:
        return ()
    seen = ", then ".join(f"'{state}'" for state in states) or "no state"
    expected = f"that {term} leads to the state '{target}'"
    return (Finding(f"{ACTION}; {STATES}", expected, seen, states[-1] if states else ""),)


def same_types(before: Resource, after: Resource, clause: str) -> Findings:
    """Returns a failure for a kind, mixins or links that changed though nobody asked for it."""
    findings = []
    for what, then, now in (
        ("kind", _kind(before), _kind(after)),
        ("mixins", {each.id for each in before.mixins}, {each.id for each in after.mixins}),
        ("links", _links(before), _links(after)),
    ):
        if then != now:
            seen = f"{', '.join(sorted(now)) or 'none'} instead of {', '.join(sorted(then)) or 'none'}"
            findings.append(Finding(clause, f"the VM's {what} as before", seen, sorted(then ^ now)[0]))
    return tuple(findings)


def _kind(resource: Resource) -> set[str]:
    return {resource.kind.id} if resource.kind else set()


def _links(resource: Resource) -> set[str]:
    return {path_of(link.self_url) or path_of(link.target) for link in resource.links}
