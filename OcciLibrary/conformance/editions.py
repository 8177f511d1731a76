"""Judges a site by every version of OCCI that it speaks: what one of them allows is no failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, failures
from OcciLibrary.occi.infrastructure import Edition

Rule = Callable[[Edition], Findings]
_EDITIONS: tuple[Edition, ...] = ("1.1", "1.2")


def by_editions(versions: Sequence[str], rule: Rule) -> Findings:
    """Returns what a rule finds by the versions that a site speaks.

    Where it holds by one of them, what departs from another one is a remark. Where it holds by none, the findings are those
    of the version from which the site departs least. Raises `CannotBeShownError` where no version can tell.
    """
    found: dict[Edition, Findings] = {}
    mute: CannotBeShownError | None = None
    for edition in _EDITIONS:
        if edition in versions:
            try:
                found[edition] = rule(edition)
            except CannotBeShownError as why:
                mute = why
    if not found:
        raise mute or CannotBeShownError("the site speaks no version of OCCI that these tests know")
    nearest = min(found, key=lambda edition: len(failures(found[edition])))
    if failures(found[nearest]):
        return found[nearest]
    others = [
        _of_the_other(one, edition) for edition, some in found.items() if edition != nearest for one in some
    ]
    return tuple(dict.fromkeys((*found[nearest], *others)))


def _of_the_other(finding: Finding, edition: Edition) -> Finding:
    """Returns a finding by a version that the site speaks besides the one whose rule it keeps."""
    if finding.harmless:
        return finding
    return replace(
        finding, expected=f"by OCCI {edition}, which the site speaks too, {finding.expected}", harmless=True
    )
