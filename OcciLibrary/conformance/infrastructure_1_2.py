"""Checks of what OCCI 1.2 added to the infrastructure and removed from it: attributes, states, sizes, contextualisation (GFD.224)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError
from OcciLibrary.occi.contextualisation import OCCI_FAMILY
from OcciLibrary.occi.infrastructure import (
    ATTRIBUTES_BY_CATEGORY,
    COMPUTE_ID,
    COMPUTE_STATES,
    IPNETWORKINTERFACE_ID,
    RESOURCE_TPL_ID,
    actions_of,
)
from OcciLibrary.occi.model import AttributeValue, Category, Kind, Mixin, Resource
from OcciLibrary.occi.templates import sizes

COMPUTE = "GFD.224 §3.1"
NETWORKS = "GFD.224 §3"
SIZES = "GFD.224 §3.5.2"
SIZE_NAMES = ("occi.compute.cores", "occi.compute.memory")
_TOLERANCE = 0.01


def removed(categories: Sequence[Category]) -> Findings:
    """Returns a remark for each attribute and action of 1.1 that 1.2 has removed from a kind and discovery still shows.

    Such as the speed of a compute and the resize of a storage: what else a site offers harms nobody. Raises CannotBeShownError for a
    site without compute.
    """
    kinds = [one for one in categories if isinstance(one, Kind) and one.id in ATTRIBUTES_BY_CATEGORY]
    if COMPUTE_ID not in {kind.id for kind in kinds}:
        raise CannotBeShownError("discovery shows no compute")
    findings = []
    for kind in kinds:
        facts = ATTRIBUTES_BY_CATEGORY[kind.id]
        kept = {fact.name for fact in facts if "1.2" in fact.editions}
        kept |= {action.id for action in actions_of(kind.id, "1.2")}
        old = {fact.name for fact in facts} | {action.id for action in actions_of(kind.id, "1.1")}
        shown = {*(one.name for one in kind.attributes), *kind.actions}
        findings += [
            Finding(NETWORKS, f"{kind.term} without {one}, which 1.2 has removed", "it is there", one, True)
            for one in sorted((old - kept) & shown)
        ]
    return tuple(findings)


def state_is_known(vm: Resource) -> Findings:
    """Returns a failure unless the state of a VM is one that 1.2 knows."""
    state = vm.attributes.get("occi.compute.state")
    words = COMPUTE_STATES["1.2"]
    if state in words:
        return ()
    return (
        Finding(COMPUTE, f"the state {', '.join(words[:-1])} or {words[-1]}", f"{state!r}", str(state or "")),
    )


def addresses_are_shown(vm: Resource) -> Findings:
    """Returns a failure for each IP network interface of a VM without an address, or without how that was allocated.

    Raises CannotBeShownError where the VM has no such interface.
    """
    interfaces = [link for link in vm.links if IPNETWORKINTERFACE_ID in link.categories]
    if not interfaces:
        raise CannotBeShownError("the VM is in no network by ipnetworkinterface")
    return tuple(
        Finding(NETWORKS, f"{name} on the link {link.self_url}", "not there", ", ".join(link.attributes))
        for link in interfaces
        for name in ("occi.networkinterface.address", "occi.networkinterface.allocation")
        if not str(link.attributes.get(name, ""))
    )


# ---- contextualisation


def contextualisation(categories: Sequence[Category]) -> Findings:
    """Returns a failure where the mixins ssh_key and user_data lack their attribute, or apply to something else than compute.

    Raises NotOfferedError where discovery does not show both.
    """
    family = OCCI_FAMILY
    findings: list[Finding] = []
    for mixin_id, name in (
        (family.key.id, family.key_attribute),
        (family.user_data.id, family.user_data_attribute),
    ):
        mixin = next((one for one in categories if one.id == mixin_id), None)
        if not isinstance(mixin, Mixin):
            raise NotOfferedError(f"the mixin {mixin_id}")
        names = [one.name for one in mixin.attributes]
        if name not in names:
            findings.append(
                Finding(SIZES, f"the attribute {name} of {mixin_id}", "not there", ", ".join(names))
            )
        if mixin.applies and COMPUTE_ID not in mixin.applies:
            seen = "it applies to others"
            findings.append(
                Finding(SIZES, f"that {mixin_id} applies to compute", seen, ", ".join(mixin.applies))
            )
    return tuple(findings)


def has_mixins(vm: Resource, ids: Iterable[str]) -> Findings:
    """Returns a failure for each mixin that a VM was made with and does not show (GFD.221 §5.3.4)."""
    shown = {mixin.id for mixin in vm.mixins}
    return tuple(
        Finding("GFD.221 §5.3.4", f"{one} on the VM that was made with it", "not there", ", ".join(shown))
        for one in ids
        if one not in shown
    )


# ---- sizes


def sizes_tell(categories: Sequence[Category]) -> Findings:
    """Returns a remark for each size template that does not tell cores and memory as defaults of its attributes (SHOULD).

    Raises NotOfferedError for a site without sizes.
    """
    offered = sizes(categories)
    if not offered:
        raise NotOfferedError(f"sizes, which depend on {RESOURCE_TPL_ID}")
    return tuple(
        Finding(SIZES, f"a default of {name} in {size.id}", "none", ", ".join(defaults(size)), harmless=True)
        for size in offered
        for name in SIZE_NAMES
        if name not in defaults(size)
    )


def telling_sizes(categories: Sequence[Category]) -> list[Mixin]:
    """Returns the sizes that tell both. Raises CannotBeShownError for fewer than two different ones."""
    telling = [one for one in sizes(categories) if set(SIZE_NAMES) <= set(defaults(one))]
    told = [[defaults(one)[name] for name in SIZE_NAMES] for one in telling]
    if all(one == told[0] for one in told):
        raise CannotBeShownError("discovery does not tell of two sizes how large they are")
    return telling


def defaults(mixin: Mixin) -> dict[str, AttributeValue]:
    """Returns the defaults that a template gives to attributes."""
    return {one.name: one.default for one in mixin.attributes if one.default is not None}


def has_size(vm: Resource, size: Mixin) -> Findings:
    """Returns a failure for each attribute of a VM that is not what the size that it was made with says of it."""
    findings = [
        Finding(
            SIZES,
            f"{name} {value!r} on a VM of the size {size.term}",
            f"{vm.attributes.get(name)!r}",
            f"{name}={vm.attributes.get(name)!r}",
        )
        for name, value in defaults(size).items()
        if name in SIZE_NAMES and not _is_same(vm.attributes.get(name), value)
    ]
    return (*findings, *has_mixins(vm, [size.id]))


def _is_same(one: AttributeValue | None, other: AttributeValue) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= _TOLERANCE
    return one == other
