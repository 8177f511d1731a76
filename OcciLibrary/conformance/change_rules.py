"""Did a change take effect, and nothing besides? Judged by what is read before and after, never by a status alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from OcciLibrary.conformance.findings import Finding, Findings
from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.model import AttributeValue, Resource

Attributes = Mapping[str, AttributeValue]
# These move by themselves: a message tells what goes on, and a site may count.
_MOVING = (".state.message",)


def stored_problems(
    clause: str, url: str, before: Attributes, after: Attributes, asked: Attributes
) -> Findings:
    """Finds attributes that an accepted update did not store, and others that it changed."""
    found = []
    for name, value in asked.items():
        seen = after.get(name)
        if not same_value(seen, value):
            was = " as before" if same_value(seen, before.get(name)) else ""
            shown = f"{name} is {_told(seen)}{was}"
            expected = f"{name} of {url} to be {_told(value)} after the site accepted that"
            found.append(Finding(clause, expected, shown, f"{name}={_told(seen)}"))
    return (*found, *moved_problems(clause, url, before, after, tuple(asked)))


def left_out_problems(clause: str, url: str, names: Collection[str]) -> Findings:
    """Finds what a full update had to do without: a remark, for the rest of it was taken."""
    if not names:
        return ()
    seen = f"it was refused until {', '.join(names)} was left out, which discovery does not call immutable"
    return (
        Finding(
            clause,
            f"a full update that holds what {url} shows to be taken",
            seen,
            ", ".join(names),
            harmless=True,
        ),
    )


def moved_problems(
    clause: str, url: str, before: Attributes, after: Attributes, besides: Collection[str] = ()
) -> Findings:
    """Finds attributes that changed though nobody asked for it. Those of the site's own are remarks."""
    found = []
    for name in sorted({*before, *after} - set(besides)):
        was, now = before.get(name), after.get(name)
        if same_value(was, now) or name.endswith(_MOVING):
            continue
        expected = f"{name} of {url} to stay {_told(was)}"
        found.append(
            Finding(
                clause,
                expected,
                f"it is {_told(now)} now",
                f"{name}={_told(now)}",
                harmless=not name.startswith("occi."),
            )
        )
    return tuple(found)


def refusal_problems(
    clause: str,
    what: str,
    status: int,
    wanted: Collection[int],
    before: Attributes,
    after: Attributes,
    url: str,
) -> Findings:
    """Finds a wrong request that was not refused, or that changed something all the same.

    `wanted` are the statuses that the documents name; another 4xx (and 501, which says that the site cannot do it) is a
    remark, whatever else is a failure.
    """
    found = list(moved_problems(clause, url, before, after))
    named = " or ".join(map(str, sorted(wanted)))
    if status in wanted:
        return tuple(found)
    expected = f"{what} to be refused with {named}"
    if 400 <= status < 500 or status == 501:
        found.append(Finding(clause, expected, f"it was refused with {status}", str(status), harmless=True))
    else:
        found.append(Finding(clause, expected, f"it was answered {status}", str(status)))
    return tuple(found)


def left_mixins(before: Resource, now: Resource, url: str) -> Findings:
    """Finds mixins that a wrong update left on the tester's VM: somebody else has to take them away."""
    had = {each.id for each in before.mixins}
    return tuple(
        Finding(
            "GFD.185 §3.6.8; GFD.223 §5.4",
            f"{url} without {each.id} once more, which a full update was to take away",
            "it is still on the VM: ask the site's admin to remove it",
            each.id,
        )
        for each in now.mixins
        if each.id not in had
    )


def gone_problems(clause: str, url: str, status: int, listed: bool) -> Findings:
    """Finds an entity that is still there after the site accepted its deletion."""
    found = []
    if status not in (404, 410):
        expected = f"{url} to answer 404 or 410 after its deletion"
        found.append(Finding(clause, expected, f"GET was answered {status}", str(status)))
    if listed:
        found.append(Finding(clause, f"{url} not to be listed after its deletion", "it is", url))
    return tuple(found)


def _told(value: AttributeValue | None) -> str:
    return "not there" if value is None else repr(value)
