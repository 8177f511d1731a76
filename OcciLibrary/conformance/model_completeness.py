"""Is the infrastructure model that discovery offers complete? Kinds, mixins and actions against GFD.184 §3 and GFD.224 §3."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from OcciLibrary.conformance.findings import Finding, Findings, NotOfferedError
from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    IPNETWORK_ID,
    IPNETWORKINTERFACE_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
    OS_TPL_ID,
    RESOURCE_TPL_ID,
    STORAGE_ID,
    STORAGELINK_ID,
    Edition,
)
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, Kind, Mixin
from OcciLibrary.occi.templates import images, sizes

ModelRule = Callable[[Sequence[Category], str, Edition], Findings]
_DISCOVERY = "GFD.185 §3.4.1; GFD.223 §9"
_SECTIONS = {
    COMPUTE_ID: "3.1",
    NETWORK_ID: "3.2",
    STORAGE_ID: "3.3",
    NETWORKINTERFACE_ID: "3.4",
    STORAGELINK_ID: "3.4",
    IPNETWORK_ID: "3.2.1",
    IPNETWORKINTERFACE_ID: "3.4",
    OS_TPL_ID: "3.5.1",
    RESOURCE_TPL_ID: "3.5.2",
}
_DOCUMENT: Mapping[Edition, str] = {"1.1": "GFD.184", "1.2": "GFD.224"}
# What a type may be called: text shows none, and JSON has no type of its own for whole numbers.
_TYPES = {
    "string": ("", "string"),
    "integer": ("", "integer", "number"),
    "number": ("", "number", "integer"),
}
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def clause(category_id: str, edition: Edition) -> str:
    """Returns where a document defines a kind, a mixin or the actions of a kind."""
    section = _SECTIONS.get(category_id, "3")
    return f"{_DOCUMENT[edition]} §{'3' if edition == '1.2' and section == '3.2.1' else section}"


def offered(categories: Sequence[Category], category_id: str) -> Category:
    """Returns an offered category. Raises `NotOfferedError`."""
    found = next((one for one in categories if one.id == category_id), None)
    if found is None:
        raise NotOfferedError(f"discovery shows no {category_id}")
    return found


def kind_problems(categories: Sequence[Category], kind_id: str, edition: Edition) -> Findings:
    """Finds what the document's kind has and the site's lacks: parent, attributes, actions. Raises `NotOfferedError`."""
    shown = offered(categories, kind_id)
    wanted = next(one for one in infrastructure.standard_kinds(edition) if one.id == kind_id)
    place = f"{clause(kind_id, edition)}; {_DISCOVERY}"
    if not isinstance(shown, Kind):
        return (Finding(place, f"{kind_id} to be a kind", "it is offered as something else", kind_id),)
    found = []
    if shown.parent != wanted.parent:
        seen = f"it names {shown.parent}" if shown.parent else "it names no parent"
        found.append(Finding(place, f"{kind_id} to have the parent {wanted.parent}", seen, shown.parent))
    found += _attribute_problems(shown, edition)
    found += [
        Finding(place, f"{kind_id} to name the action {action_id}", _named(shown.actions, "action"))
        for action_id in wanted.actions
        if action_id not in shown.actions
    ]
    return tuple(found)


def mixin_problems(categories: Sequence[Category], mixin_id: str, edition: Edition) -> Findings:
    """Finds what the document's mixin has and the site's lacks. Raises `NotOfferedError`."""
    shown = offered(categories, mixin_id)
    place = f"{clause(mixin_id, edition)}; {_DISCOVERY}"
    if not isinstance(shown, Mixin):
        return (Finding(place, f"{mixin_id} to be a mixin", "it is offered as something else", mixin_id),)
    wanted = next(one for one in infrastructure.standard_mixins(edition) if one.id == mixin_id)
    found = list(_attribute_problems(shown, edition))
    if shown.applies and not set(wanted.applies) & set(shown.applies):
        seen = f"it applies to {', '.join(shown.applies)}"
        found.append(Finding(place, f"{mixin_id} to apply to {wanted.applies[0]}", seen, shown.applies[0]))
    return tuple(found)


def action_problems(categories: Sequence[Category], kind_id: str, edition: Edition) -> Findings:
    """Finds actions of a kind that discovery does not describe, or without the attributes and values that the document gives.

    Raises `NotOfferedError` when the kind is not offered.
    """
    offered(categories, kind_id)
    by_id = {one.id: one for one in categories}
    found: list[Finding] = []
    place = f"{clause(kind_id, edition)}; {_DISCOVERY}"
    for wanted in infrastructure.actions_of(kind_id, edition):
        shown = by_id.get(wanted.id)
        if not isinstance(shown, Action):
            seen = (
                "it offers no such action"
                if shown is None
                else "it is offered as something other than an action"
            )
            found.append(Finding(place, f"discovery to describe the action {wanted.id}", seen))
            continue
        has = {one.name: one for one in shown.attributes}
        for definition in wanted.attributes:
            if definition.name not in has:
                expected = f"the action {wanted.id} to have the attribute {definition.name}"
                found.append(Finding(place, expected, _named(tuple(has), "attribute")))
            else:
                found += _value_problems(has[definition.name], definition, wanted.id, place)
    return tuple(found)


def template_problems(categories: Sequence[Category]) -> Findings:
    """Finds templates that do not depend on os_tpl or resource_tpl, told by their schemes. Raises `NotOfferedError`."""
    templates = [(one, OS_TPL_ID) for one in images(categories)] + [
        (one, RESOURCE_TPL_ID) for one in sizes(categories)
    ]
    if not templates:
        raise NotOfferedError("discovery shows no template, neither of an operating system nor of a resource")
    return tuple(
        Finding(
            "GFD.224 §3.5.1" if root == OS_TPL_ID else "GFD.184 §3.5.2; GFD.224 §3.5.2",
            f"the template {one.id} to depend on {root}",
            _named(one.depends, "mixin"),
            one.depends[0] if one.depends else "",
        )
        for one, root in templates
        if root not in one.depends
    )


def _attribute_problems(shown: Kind | Mixin, edition: Edition) -> Findings:
    has = {definition.name: definition for definition in shown.attributes}
    place = f"{clause(shown.id, edition)}; {_DISCOVERY}"
    found: list[Finding] = []
    for wanted in infrastructure.attributes_of(shown.id, edition):
        mine = has.get(wanted.name)
        if mine is None:
            # The names of all: what a site calls it instead stands there.
            found.append(
                Finding(
                    place,
                    f"{shown.id} to declare the attribute {wanted.name}",
                    _named(tuple(has), "attribute"),
                )
            )
            continue
        found += _value_problems(mine, wanted, shown.id, place)
        if wanted.immutable and not mine.immutable:
            expected = f"{wanted.name} of {shown.id} to be declared immutable"
            found.append(Finding(place, expected, "it is declared mutable", wanted.name, harmless=True))
        elif mine.immutable and not wanted.immutable:
            expected = f"{wanted.name} of {shown.id} to be declared mutable"
            found.append(Finding(place, expected, "it is declared immutable", wanted.name, harmless=True))
    return tuple(found)


def _value_problems(
    mine: AttributeDefinition, wanted: AttributeDefinition, owner: str, place: str
) -> list[Finding]:
    """Finds a declared type that is another one, or a declared enumeration that lacks a value or has one more."""
    found = []
    if mine.type.lower() not in _TYPES.get(wanted.type, ("", mine.type.lower())):
        expected = f"{mine.name} of {owner} to be of the type {wanted.type}"
        found.append(Finding(place, expected, f"it is declared as {mine.type}", mine.type))
    if words := _enumerated(mine.pattern):
        legal = _enumerated(wanted.pattern)
        if legal and words != legal:
            expected = f"the values {', '.join(sorted(legal))} of {mine.name} of {owner}"
            lacking = legal - words
            seen = f"the declared pattern has {', '.join(sorted(words))}"
            found.append(Finding(place, expected, seen, mine.pattern, harmless=not lacking))
    return found


def _enumerated(pattern: str) -> frozenset[str]:
    """Returns the words of a pattern that is a choice between words, nothing for any other pattern."""
    is_whole = pattern.startswith("^") and pattern.endswith("$")
    words = pattern.strip("^$").removeprefix("(?:").removeprefix("(").removesuffix(")").split("|")
    is_choice = (is_whole or len(words) > 1) and all(_WORDS.fullmatch(word) for word in words)
    return frozenset(words) if is_choice else frozenset()


def _named(names: Sequence[str], what: str) -> str:
    shown = ", ".join(names)
    return f"it names the {what}s {shown}" if shown else f"it names no {what} at all"
