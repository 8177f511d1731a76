"""Is a mixin of a user's own defined, and who has it? Judged by discovery, by its collection and by the entities (GFD.185 §3.4.1, §3.4.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from OcciLibrary.conformance.findings import Finding, Findings
from OcciLibrary.conformance.instance_rules import Entity
from OcciLibrary.occi.identity import path_of
from OcciLibrary.occi.model import Category, Kind, Mixin

DEFINED = "GFD.185 §3.4.1; GFD.221 §5.5.3; GFD.223 §9"
MEMBERS = "GFD.185 §3.4.3; GFD.223 §11"


def defined_problems(categories: Sequence[Category], mixin_id: str) -> Findings:
    """Finds a mixin that the site took and does not offer, as a mixin with a location."""
    found = next((one for one in categories if one.id == mixin_id), None)
    expected = f"discovery to offer the mixin {mixin_id}, which was defined"
    if found is None:
        return (Finding(DEFINED, expected, "it is not there"),)
    if not isinstance(found, Mixin):
        return (Finding(DEFINED, expected, "it is there as something else", mixin_id),)
    if not found.location:
        return (Finding(DEFINED, f"{mixin_id} to have the location that it was defined with", "it has none"),)
    return ()


def location_problems(categories: Sequence[Category], mixin_id: str, vm: str) -> Findings:
    """Finds a new mixin whose collection is another one's, or holds the tester's VM by its path: what is asked of it would reach others.

    ``vm`` is the URL of the VM.
    """
    place = next((path_of(one.location) for one in _located(categories) if one.id == mixin_id), None)
    if place is None:
        return ()
    others = [one.id for one in _located(categories) if one.id != mixin_id and path_of(one.location) == place]
    if f"{path_of(vm)}/".startswith(f"{place}/"):
        others.append("the tester's VM")
    if not others:
        return ()
    expected = f"{mixin_id} to have a location of its own"
    return (Finding(DEFINED, expected, f"it is at {place or '/'}, as {others[0]} is", place or "/"),)


def _located(categories: Sequence[Category]) -> list[Kind | Mixin]:
    return [one for one in categories if isinstance(one, (Kind, Mixin)) and one.location]


def member_problems(entity: Entity, mixin_id: str, listed: Collection[str], member: bool) -> Findings:
    """Finds an entity that should have a mixin and has not, or the reverse: on itself, and in the mixin's collection."""
    found = []
    told = "have" if member else "no longer have"
    if (mixin_id in entity.mixins) != member:
        expected = f"{entity.url} to {told} the mixin {mixin_id}"
        found.append(
            Finding(MEMBERS, expected, f"it is shown {'without' if member else 'with'} it", mixin_id)
        )
    if (path_of(entity.url) in {path_of(url) for url in listed}) != member:
        expected = f"the collection of {mixin_id} {'to' if member else 'no longer to'} hold {entity.url}"
        found.append(Finding(MEMBERS, expected, f"it {'does not' if member else 'does'}", entity.url))
    return tuple(found)


def stranger_problems(mixin_id: str, listed: Collection[str], members: Collection[str]) -> Findings:
    """Finds what is in a mixin's collection though nobody put it there."""
    own = {path_of(url) for url in members}
    return tuple(
        Finding(MEMBERS, f"the collection of {mixin_id} to hold what has it", f"it holds {url} too", url)
        for url in listed
        if path_of(url) not in own
    )


def removed_problems(categories: Sequence[Category], mixin_id: str) -> Findings:
    """Finds a mixin that is still offered after the site accepted its removal."""
    if all(one.id != mixin_id for one in categories):
        return ()
    return (Finding(DEFINED, f"discovery no longer to offer {mixin_id}", "it does", mixin_id),)
