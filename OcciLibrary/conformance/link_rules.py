"""The rules of the core model for links: source, target, kinds at both ends (GFD.183 §4.5.3, GFD.185 §3.5.2, GFD.221 §5.4)."""

from __future__ import annotations

from urllib.parse import urlsplit

from OcciLibrary.conformance.findings import Finding, Findings
from OcciLibrary.conformance.instance_rules import Entity, Model
from OcciLibrary.occi.identity import joined, same_place
from OcciLibrary.occi.infrastructure import LINK_ID
from OcciLibrary.occi.model import Link

SOURCE, TARGET = "occi.core.source", "occi.core.target"
_LINK = "GFD.183 §4.5.3; GFD.221 §5.4"
_RENDERED = "GFD.185 §3.5.2; GFD.229 §4"


def target_of(link: Link) -> str:
    """Returns where a link that a resource shows leads: its occi.core.target, else the address in the angle brackets."""
    return str(link.attributes.get(TARGET, "")) or link.target


def is_on_site(place: str, endpoint: str) -> bool:
    """Tells whether an address lies on the site: a path, or a URL with the site's own host."""
    other, own = urlsplit(joined(endpoint, place)), urlsplit(endpoint)
    return (
        bool(other.netloc)
        and other.netloc.rpartition("@")[2].lower() == own.netloc.rpartition("@")[2].lower()
    )


def shown_link_problems(resource: Entity, model: Model) -> Findings:
    """Finds links of a resource without a target, without the target's kind, or of a kind that is no link's."""
    found: list[Finding] = []
    for number, link in enumerate(resource.links, start=1):
        where = f"link {number} of {resource.url}"
        piece = f"<{link.target}>"
        if not target_of(link):
            found.append(Finding(_LINK, f"{where} to have a target", "it has none", link.self_url or piece))
        if not link.rel and not resource.in_json:  # in JSON the target's kind may be left out
            found.append(
                Finding(_RENDERED, f"{where} to name its target's kind in rel", "it names none", piece)
            )
        unknown = [one for one in link.categories if one not in model.kinds and one not in model.mixins]
        if unknown:
            expected = f"the categories of {where} to be among those that discovery offers"
            found.append(
                Finding("GFD.185 §3.4.1; GFD.221 §5.3.3", expected, f"{unknown[0]} is not", unknown[0])
            )
        kinds = [one for one in link.categories if one in model.kinds]
        if kinds and not any(LINK_ID in model.line(one) for one in kinds):
            found.append(
                Finding(
                    _LINK, f"the kind of {where} to descend from {LINK_ID}", f"it is {kinds[0]}", kinds[0]
                )
            )
    return tuple(found)


def link_entity_problems(link: Entity, owner: str = "", target: str = "") -> Findings:
    """Finds a link entity without source or target, or with others than the resource shows that has it (paths are compared)."""
    found: list[Finding] = []
    for name in (SOURCE, TARGET):
        if not link.attributes.get(name):
            found.append(Finding(_LINK, f"the link {link.url} to have {name}", "it is not shown"))
    source = str(link.attributes.get(SOURCE, ""))
    if owner and source and not same_place(source, owner):
        expected = f"the link {link.url} to lead from {owner}, which shows it"
        found.append(Finding(_LINK, expected, f"it leads from {source}", f'{SOURCE}="{source}"'))
    there = str(link.attributes.get(TARGET, ""))
    if target and there and not same_place(there, target):
        expected = f"the link {link.url} to lead to {target}, as {owner or 'the resource'} shows it"
        found.append(Finding(_LINK, expected, f"it leads to {there}", f'{TARGET}="{there}"'))
    return tuple(found)


def end_problems(owner: Entity, target: str, status: int, kind: str, model: Model) -> Findings:
    """Finds what is wrong at the end of a link: nothing is there, it is a link itself, or of another kind than rel says.

    `status` is what GET of the target was answered with, `kind` the kind of what is there, '' when that is not known.
    """
    if not 200 <= status < 300:
        expected = f"{target}, to which a link of {owner.url} leads, to be there"
        return (Finding(_LINK, expected, f"GET was answered {status}", target),)
    line = model.line(kind)
    if LINK_ID in line:
        expected = f"{target}, to which a link of {owner.url} leads, to be a resource"
        return (Finding(_LINK, expected, f"it is {kind}", kind),)
    found = []
    for link in owner.links:
        if kind and target_of(link) == target and link.rel and not set(link.rel) & set(line):
            expected = f"the link of {owner.url} to {target} to name its kind {kind} in rel"
            found.append(Finding(_RENDERED, expected, f"it names {link.rel[0]}", f'rel="{link.rel[0]}"'))
    return tuple(found)
