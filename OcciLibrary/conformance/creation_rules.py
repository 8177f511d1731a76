"""Is what was created what was asked for? Judged by what is read at its address, never by the status of the creation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from OcciLibrary.conformance.findings import Finding, Findings
from OcciLibrary.conformance.instance_rules import Entity
from OcciLibrary.conformance.link_rules import SOURCE, TARGET, target_of
from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.identity import same_place
from OcciLibrary.occi.model import AttributeDefinition, AttributeValue

CREATION = "GFD.185 §3.4.4; GFD.223 §11.3.1"
COMPOSITION = "GFD.183 §4.5.2; GFD.221 §5.4"
INLINE = "GFD.185 §3.4.5; GFD.185 §3.5.2"
_TITLE = "occi.core.title"
# What a client gives where the site's discovery says that it must.
_EXAMPLES: Mapping[str, AttributeValue] = {
    "occi.networkinterface.interface": "eth1",
    "occi.networkinterface.mac": "02:00:5e:00:53:01",
    "occi.networkinterface.address": "192.0.2.10",
    "occi.networkinterface.allocation": "dynamic",
    "occi.storagelink.deviceid": "/dev/vdb",
    "occi.storage.size": 1.0,
}


def demanded(definitions: Sequence[AttributeDefinition]) -> dict[str, AttributeValue]:
    """Returns values for the attributes that a site's discovery demands of a creation, so far as examples are known."""
    wanted = (one.name for one in definitions if one.required and not one.immutable)
    return {name: _EXAMPLES[name] for name in wanted if name in _EXAMPLES}


def created_problems(entity: Entity, asked: Mapping[str, AttributeValue], mixins: Sequence[str]) -> Findings:
    """Finds attributes and mixins that were asked for and are not there.

    A title that the site adorned, or does not keep of a link, is a remark.
    """
    found: list[Finding] = []
    for name, value in asked.items():
        seen = entity.attributes.get(name)
        if _same(name, seen, value):
            continue
        adorned = name == _TITLE and (SOURCE in asked or str(value) in str(seen or ""))
        expected = f"{name} of {entity.url} to be {value!r}, as it was asked for"
        shown = f"it is {seen!r}" if seen is not None else "it is not shown"
        found.append(
            Finding(CREATION, expected, shown, f"{name}={seen!r}" if seen is not None else "", adorned)
        )
    found += [
        Finding(CREATION, f"{entity.url} to have the mixin {one}, which was asked for", "it has not", one)
        for one in mixins
        if one not in entity.mixins
    ]
    return tuple(found)


def _same(name: str, seen: AttributeValue | None, asked: AttributeValue) -> bool:
    if name in (SOURCE, TARGET):
        return seen is not None and same_place(str(seen), str(asked))
    return same_value(seen, asked)


def unlisted_problems(url: str, kind_id: str, listed: bool) -> Findings:
    """Finds a new entity that is not in the collection of its kind."""
    if listed:
        return ()
    expected = f"{url} in the collection of {kind_id} after it was created there"
    return (Finding("GFD.185 §3.4.3; GFD.223 §11.1", expected, "it is not listed", url),)


def missing_links(resource: Entity, targets: Sequence[str]) -> Findings:
    """Finds resources to which a link was asked for, and none is shown."""
    shown = [target_of(link) for link in resource.links]
    return tuple(
        Finding(
            INLINE,
            f"{resource.url} to show a link to {target}",
            f"its links lead to {', '.join(shown) or 'nothing'}",
            target,
        )
        for target in targets
        if not any(same_place(one, target) for one in shown)
    )


def left_links(resource: Entity, link_url: str) -> Findings:
    """Finds a link that a resource still shows after the link was deleted."""
    still = [link for link in resource.links if link.self_url and same_place(link.self_url, link_url)]
    return tuple(
        Finding(COMPOSITION, f"{resource.url} not to show the deleted link {link_url}", "it does", link_url)
        for _ in still
    )


def outlived(link_url: str, owner: str, status: int) -> Findings:
    """Finds a link that is still there after its resource was deleted: it belonged to that alone."""
    if status in (404, 410):
        return ()
    expected = f"the link {link_url} to be gone with {owner}"
    return (Finding(COMPOSITION, expected, f"GET was answered {status}", str(status)),)


def not_left(url: str, what: str, status: int) -> Findings:
    """Finds something that went although only something beside it was deleted."""
    if 200 <= status < 300:
        return ()
    expected = f"{url} to be left when {what} is deleted"
    return (Finding(COMPOSITION, expected, f"GET was answered {status}", str(status)),)
