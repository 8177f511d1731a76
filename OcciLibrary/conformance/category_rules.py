"""The rules of the core model for what discovery offers: identity, relations, names, locations (GFD.183 §4.4, GFD.221 §5.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from urllib.parse import urlsplit

from OcciLibrary.conformance.findings import Finding, Findings
from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.infrastructure import CORE_SCHEME, ENTITY_ID, LINK_ID, RESOURCE_ID, Edition
from OcciLibrary.occi.model import Action, Category, Kind, Mixin

CategoryRule = Callable[[Sequence[Category], Edition], Findings]
_DISCOVERY = "GFD.185 §3.4.1; GFD.223 §9"
_IDENTITY = "GFD.183 §4.4.1; GFD.221 §5.3.1"
_KINDS = "GFD.183 §4.4.2; GFD.221 §5.3.3"
_ACTIONS = "GFD.183 §4.5.4; GFD.221 §5.3.5"
_GRAMMAR: dict[Edition, str] = {"1.1": "GFD.185 §3.5.1", "1.2": "GFD.229 §4"}
_COMPONENT = r"[a-z][a-z0-9_-]*"
_TERM: dict[Edition, re.Pattern[str]] = {
    "1.1": re.compile(_COMPONENT),
    "1.2": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"),
}
_NAME: dict[Edition, re.Pattern[str]] = {
    "1.1": re.compile(rf"{_COMPONENT}(?:\.{_COMPONENT})*"),
    "1.2": _TERM["1.2"],
}
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_OGF = "http://schemas.ogf.org/occi/"
# What the documents of the OGF define besides core and infrastructure (GFD.222, GFD.224 §3.5.2, GFD.227, GFD.228).
_OGF_SCHEMES = frozenset(
    {
        CORE_SCHEME,
        infrastructure.INFRASTRUCTURE_SCHEME,
        infrastructure.COMPUTE_ACTION_SCHEME,
        infrastructure.NETWORK_ACTION_SCHEME,
        infrastructure.STORAGE_ACTION_SCHEME,
        infrastructure.NETWORK_MIXIN_SCHEME,
        infrastructure.NETWORKINTERFACE_MIXIN_SCHEME,
        f"{_OGF}infrastructure/credentials#",
        f"{_OGF}infrastructure/compute#",
    }
)
_OGF_EXTENSIONS = (f"{_OGF}infrastructure/compute/template/", f"{_OGF}platform", f"{_OGF}sla")
_TYPES = frozenset({"", "string", "number", "integer", "boolean", "array", "object"})
_ROOTS = {RESOURCE_ID: ENTITY_ID, LINK_ID: ENTITY_ID, ENTITY_ID: ""}


def kinds_of(categories: Iterable[Category]) -> dict[str, Kind]:
    """Returns the kinds by id."""
    return {one.id: one for one in categories if isinstance(one, Kind)}


def core_kinds_missing(categories: Sequence[Category]) -> Findings:
    """Finds the kinds of the core model that discovery does not offer (a remark), or offers as something else.

    The documents have all kinds shown; servers of the documents' own authors leave these out, of which nobody makes instances.
    """
    offered = {one.id: one for one in categories}
    return tuple(
        Finding(
            f"GFD.183 §4.5; GFD.221 §5.4; {_DISCOVERY}",
            f"discovery to offer the kind {wanted}",
            "it offers no such category"
            if wanted not in offered
            else "it offers something other than a kind",
            wanted if wanted in offered else "",
            harmless=wanted not in offered,
        )
        for wanted in _ROOTS
        if not isinstance(offered.get(wanted), Kind)
    )


def wrong_parents(categories: Sequence[Category]) -> Findings:
    """Finds kinds whose line of parents does not end in the kind entity; those of the core are known if not offered."""
    kinds = kinds_of(categories)
    known = {**{one.id: one for one in infrastructure.standard_kinds() if one.id in _ROOTS}, **kinds}
    told: dict[str, str] = {}
    found = [_root_problem(kind) for kind in kinds.values() if kind.id in _ROOTS]
    for kind in kinds.values():
        if kind.id not in _ROOTS and (why := _why_not(kind.id, known, told)):
            expected = f"the parents of the kind {kind.id} to lead to {ENTITY_ID}"
            found.append(Finding(_KINDS, expected, why, f'rel="{kind.parent}"' if kind.parent else ""))
    return tuple(one for one in found if one is not None)


def _root_problem(kind: Kind) -> Finding | None:
    wanted = _ROOTS[kind.id]
    if kind.parent == wanted:
        return None
    expected = f"the kind {kind.id} to have {f'the parent {wanted}' if wanted else 'no parent'}"
    seen = f"its parent is {kind.parent}" if kind.parent else "it names none"
    return Finding(_KINDS, expected, seen, f'rel="{kind.parent}"' if kind.parent else "")


def _why_not(kind_id: str, known: Mapping[str, Kind], told: dict[str, str]) -> str:
    """Returns why a line of parents does not lead to entity, '' when it does; what is found is noted for all who are on the way."""
    walked: dict[str, None] = {}
    at = kind_id
    while at not in told:
        if at == ENTITY_ID or at not in known:
            told[at] = "" if at == ENTITY_ID else f"{at} is not offered"
        elif at in walked:
            told[at] = f"{at} is a parent of its own: they lead in a circle"
        elif not known[at].parent:
            told[at] = f"{at} names no parent"
        else:
            walked[at] = None
            at = known[at].parent
    told.update(dict.fromkeys(walked, told[at]))
    return told[kind_id]


def repeated(categories: Sequence[Category]) -> Findings:
    """Finds categories that are offered more than once: with different content a failure, else a remark."""
    by_id: dict[str, list[Category]] = {}
    for one in categories:
        by_id.setdefault(one.id, []).append(one)
    return tuple(
        Finding(
            _IDENTITY,
            f"scheme and term of {same[0].id} to name one category",
            f"it is offered {len(same)} times, with {'the same' if _all_same(same) else 'different'} content",
            same[0].id,
            harmless=_all_same(same),
        )
        for same in by_id.values()
        if len(same) > 1
    )


def _all_same(categories: Sequence[Category]) -> bool:
    return all(one == categories[0] for one in categories)


def ill_formed_identifiers(categories: Sequence[Category], edition: Edition) -> Findings:
    """Finds categories whose scheme is no URI (or does not end in #: a remark), or whose term is not of the grammar."""
    found = [_scheme_problem(one) for one in categories]
    found += [
        Finding(
            _GRAMMAR[edition], f"a term of OCCI {edition}'s grammar", f"'{one.term}' in {one.id}", one.term
        )
        for one in categories
        if not _TERM[edition].fullmatch(one.term)
    ]
    return tuple(one for one in found if one is not None)


def _scheme_problem(category: Category) -> Finding | None:
    if not _URI.fullmatch(category.scheme) or not _is_split(category.scheme):
        return Finding(
            _IDENTITY, f"the scheme of {category.term} to be a URI", f"'{category.scheme}'", category.scheme
        )
    if not category.scheme.endswith("#"):
        expected = f"the scheme of {category.term} to end in #, as all schemes of the documents do"
        return Finding(_IDENTITY, expected, f"'{category.scheme}'", category.scheme, harmless=True)
    return None


def _is_split(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.netloc or parts.path or parts.fragment)


def foreign_names(categories: Sequence[Category]) -> Findings:
    """Finds what a site calls its own by names that are the OGF's: schemes below its address, attributes below ``occi.``."""
    found = [
        Finding(
            "GFD.221 §5.3.1; GFD.221 §5.5.1",
            f"{_OGF} to be left to the categories of the OGF",
            f"{one.id}, which no document defines",
            one.scheme,
            harmless=True,
        )
        for one in categories
        if one.scheme.startswith(_OGF) and not _is_of_the_ogf(one)
    ]
    found += [
        Finding(
            "GFD.221 §5.3.2",
            "attribute names below occi. to be left to the OGF",
            f"{definition.name} of {one.id}",
            definition.name,
            harmless=True,
        )
        for one in categories
        if not one.scheme.startswith(_OGF)
        for definition in one.attributes
        if definition.name.startswith("occi.") and not _is_known_attribute(definition.name)
    ]
    return tuple(found)


def _is_known_attribute(name: str) -> bool:
    known = name in infrastructure.ATTRIBUTES
    return known or name.startswith(
        ("occi.credentials.ssh.", "occi.compute.userdata", "occi.compute.ephemeral_storage.")
    )


def _is_of_the_ogf(category: Category) -> bool:
    if category.scheme.startswith(_OGF_EXTENSIONS):
        return True
    if category.scheme not in _OGF_SCHEMES:
        return False
    return category.id in _documented() or category.term in ("ssh_key", "user_data")


@cache
def _documented() -> frozenset[str]:
    """Returns the ids of all categories of core and infrastructure."""
    return frozenset(one.id for edition in _TERM for one in infrastructure.standard_categories(edition))


def wrong_locations(categories: Sequence[Category], edition: Edition) -> Findings:
    """Finds kinds and mixins that can have instances and no location, or a location of another form than a collection's."""
    found: list[Finding] = []
    for one in categories:
        if isinstance(one, (Kind, Mixin)):
            found += _location_problems(one, edition)
    return tuple(found)


def _location_problems(category: Kind | Mixin, edition: Edition) -> list[Finding]:
    place = "GFD.185 §3.3.1" if edition == "1.1" else "GFD.223 §4"
    shown = f'location="{category.location}"'
    if category.id == ENTITY_ID:
        if edition == "1.2" and category.location:
            return [
                Finding(
                    place,
                    f"{ENTITY_ID}, which has no instances, to have no location",
                    category.location,
                    shown,
                )
            ]
        return []
    if not category.location:
        # Of resource and link themselves few sites make instances; what has none needs no location.
        if category.id in _ROOTS:
            return []
        # Who has a mixin can be asked of the entities, too, and the grammar lets a category do without a location.
        is_mixin = isinstance(category, Mixin)
        return [Finding(place, f"{category.id} to have a location", "it has none", harmless=is_mixin)]
    if not category.location.endswith("/") and (edition == "1.1" or "{" not in category.location):
        expected = f"the location of {category.id} to end in /"
        return [Finding(place, expected, category.location, shown, harmless=edition == "1.2")]
    return []


def dangling_actions(categories: Sequence[Category]) -> Findings:
    """Finds actions that a kind or mixin names and discovery does not offer; offered ones that nothing names are remarks."""
    offered = {one.id for one in categories if isinstance(one, Action)}
    owners: dict[str, list[str]] = {}
    for one in categories:
        if isinstance(one, (Kind, Mixin)):
            for action_id in one.actions:
                owners.setdefault(action_id, []).append(one.id)
    found = [
        Finding(
            f"{_ACTIONS}; {_DISCOVERY}",
            f"the action {action_id}, which {names[0]} names, to be offered",
            "discovery offers no such action",
            action_id,
        )
        for action_id, names in owners.items()
        if action_id not in offered
    ]
    found += [
        Finding(
            _ACTIONS,
            f"the action {action_id} to belong to a kind or mixin",
            "none names it",
            action_id,
            harmless=True,
        )
        for action_id in sorted(offered - set(owners))
    ]
    return tuple(found)


def dangling_relations(categories: Sequence[Category]) -> Findings:
    """Finds mixins that depend on mixins, or apply to kinds, which discovery does not offer."""
    by_id = {one.id: one for one in categories}
    found: list[Finding] = []
    for mixin in categories:
        if not isinstance(mixin, Mixin):
            continue
        for wanted in mixin.depends:
            found += _dependency_problem(mixin, wanted, by_id.get(wanted))
        for wanted in mixin.applies:
            if not isinstance(by_id.get(wanted), Kind):
                expected = f"the mixin {mixin.id} to apply to kinds that are offered"
                found.append(Finding("GFD.221 §5.3.4", expected, f"{wanted} is no kind that is", wanted))
    return tuple(found)


def _dependency_problem(mixin: Mixin, wanted: str, other: Category | None) -> list[Finding]:
    place = "GFD.221 §5.3.4"
    expected = f"the mixin {mixin.id} to depend on mixins that are offered"
    if isinstance(other, Kind):
        # rel holds the mixins that it depends on; what it applies to is not rendered in text.
        seen = f"it names the kind {wanted}, to which it can only apply"
        return [Finding("GFD.229 §5.5.2", expected, seen, wanted, harmless=True)]
    return [] if isinstance(other, Mixin) else [Finding(place, expected, f"{wanted} is not offered", wanted)]


def wrong_attribute_definitions(categories: Sequence[Category], edition: Edition) -> Findings:
    """Finds attributes that are declared twice in a category, under a name that is not of the grammar, or of no known type."""
    found: list[Finding] = []
    for one in categories:
        names: set[str] = set()
        for definition in one.attributes:
            where = f"of {one.id}"
            if not _NAME[edition].fullmatch(definition.name):
                expected = f"an attribute name of OCCI {edition}'s grammar"
                found.append(
                    Finding(_GRAMMAR[edition], expected, f"'{definition.name}' {where}", definition.name)
                )
            if definition.type.lower() not in _TYPES:
                expected = "string, number, boolean, array or object as the type of an attribute"
                seen = f"{definition.name} {where} has the type '{definition.type}'"
                found.append(Finding("GFD.226 §11", expected, seen, definition.type))
            if definition.name in names:
                expected = f"the attribute {definition.name} to be declared once in {one.id}"
                found.append(
                    Finding(_IDENTITY, expected, "it stands there twice", definition.name, harmless=True)
                )
            names.add(definition.name)
    return tuple(found)
