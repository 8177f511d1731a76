"""Checks of collections: what they list, that filters filter, and that every form of a listing says the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from OcciLibrary.conformance.answers import status_among, understood
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError
from OcciLibrary.conformance.profile import Profile
from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.identity import below, path_of
from OcciLibrary.occi.model import AttributeValue

LISTING = "GFD.185 §3.4.3; GFD.223 §11.1"
FILTERING = "GFD.185 §3.4.3; GFD.223 §7"
URI_LISTS = "GFD.185 §3.6.6"
NAME_SPACE = "GFD.185 §3.4.2; GFD.223 §4.1"
_SHOWN = 3
_NOTHING = (204, 404)


@dataclass(frozen=True, slots=True)
class Listing:
    """Holds the paths that a collection lists, and the exchange that showed them.

    `ids` are those of entities that are shown without a location: where they are is not known.
    """

    paths: frozenset[str]
    exchange: Exchange
    ids: frozenset[str] = frozenset()

    def has(self, path: str) -> bool:
        """Tells whether an entity is listed, by its path or else by its id, which the path then ends in."""
        return path in self.paths or path.rpartition("/")[2] in self.ids

    def told(self) -> str:
        """Returns the first paths, for a message."""
        return ", ".join(sorted(self.paths)[:_SHOWN]) or "nothing"


def listing(
    exchange: Exchange, what: str, clause: str = LISTING, allowed: tuple[int, ...] = (200, 204)
) -> tuple[Listing, Findings]:
    """Returns what an answer lists, and what is wrong with it: its status, or that it is no listing.

    Paths are compared, for sites have several host names. An entity without a location lies below the collection.
    """
    nothing = Listing(frozenset(), exchange)
    if findings := status_among(exchange, allowed, what, clause):
        return nothing, findings
    if not exchange.succeeded:
        return nothing, ()
    message, findings = understood(exchange, clause)
    if findings:
        return nothing, findings
    located = tuple(each.location or below(exchange.answer.url, each.id) for each in message.resources)
    urls = message.locations or located
    ids = frozenset(each.id.rpartition("/")[2] for each in message.resources if not each.location and each.id)
    if not urls and message.categories:
        seen = f"{len(message.categories)} categories, which are those of discovery or of one entity"
        return nothing, (Finding(clause, f"{what} as a list of what is in it", seen, exchange.beginning()),)
    return Listing(frozenset(map(path_of, urls)), exchange, ids), ()


def lists(seen: Listing, path: str, what: str, clause: str = LISTING) -> Findings:
    """Returns a failure unless a path is listed."""
    if seen.has(path):
        return ()
    return (Finding(clause, f"{path} in {what}", f"{len(seen.paths)} listed", seen.told()),)


@dataclass(frozen=True, slots=True)
class Filtered:
    """Holds the three listings that show a filter at work.

    `plain` is the listing without a filter; by `fitting` the VM has to stay, by `strange`, which the VM does not fit, it
    has to go. `path` is the VM's.
    """

    path: str
    plain: Exchange
    fitting: Exchange
    strange: Exchange


def filters(seen: Filtered, what: str, profile: Profile) -> tuple[Listing, Findings]:
    """Returns what stays by the fitting filter, and a failure unless the VM stays by it and goes by the strange one.

    Raises CannotBeShownError where the VM is not even listed without a filter, NotOfferedError where a site of 1.2 alone, which
    deprecates filters (GFD.223 §7), ignores them.
    """
    plain, findings = listing(seen.plain, "the collection without a filter")
    if not findings and not plain.has(seen.path):
        raise CannotBeShownError("the VM is not listed without a filter, so none can be seen to leave it out")
    if findings:
        return plain, findings
    fitting, findings = listing(seen.fitting, f"the collection filtered by {what}", FILTERING)
    if findings:
        return fitting, findings
    stays = lists(fitting, seen.path, f"the collection filtered by {what} that it has", FILTERING)
    strange, findings = listing(
        seen.strange, f"the collection filtered by {what} that it has not", FILTERING, (200, *_NOTHING)
    )
    if seen.strange.refused:  # it leaves the VM out, in a way that no document names
        findings = tuple(replace(one, harmless=True) for one in findings)
    if findings or stays:
        return fitting, (*stays, *findings)
    if not strange.has(seen.path):
        return fitting, ()
    if profile.only_new:
        raise NotOfferedError("the site ignores filters, which OCCI 1.2 deprecates (GFD.223 §7)", "filters")
    expected = f"that a filter by {what} leaves the VM out, which has another one"
    return fitting, (Finding(FILTERING, expected, "the VM is still listed", seen.path),)


def only_fitting(
    listed: Listing,
    own: str,
    name: str,
    value: AttributeValue,
    read: Callable[[str], Mapping[str, AttributeValue]],
) -> Findings:
    """Returns a failure for each other entity that stays though its attribute has another value; a few are read.

    `read` returns the attributes of what is at a path, none where that cannot be read.
    """
    findings = []
    for path in sorted(listed.paths - {own})[:_SHOWN]:
        attributes = read(path)
        if attributes and not same_value(attributes.get(name), value):
            seen = f"{path} is listed, whose {name} is {attributes.get(name)!r}"
            findings.append(Finding(FILTERING, f"only what has {name}={value!r}", seen, path))
    return tuple(findings)


def same_listing(one: Listing, other: Listing, where: str, clause: str) -> Findings:
    """Returns what two forms of one listing do not have in common. Raises CannotBeShownError where both are empty."""
    if not one.paths and not other.paths:
        raise CannotBeShownError("nothing is listed")
    if one.paths == other.paths:
        return ()
    lacking, more = sorted(one.paths - other.paths), sorted(other.paths - one.paths)
    seen = "; ".join(
        f"{what} {', '.join(paths[:_SHOWN])}"
        for what, paths in (("it lacks", lacking), ("it has besides", more))
        if paths
    )
    return (Finding(clause, f"the same entities {where}", seen, (lacking or more)[0]),)
