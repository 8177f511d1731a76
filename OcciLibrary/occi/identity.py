"""Whose details are these? A site may answer at one resource's address with another resource."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from OcciLibrary.occi.model import Resource


def other_owner(resource: Resource, url: str, listed: tuple[str, ...]) -> str:
    """Returns the listed URL of another resource whose id a rendering carries, or '' when nothing speaks for that.

    Ids are compared with the last part of the addresses; an id that no listed resource has proves nothing, for a site
    may put anything into its addresses. Source: GFD.183 §4.5.1 (occi.core.id is unique).
    """
    shown = _last_part(resource.id)
    if not shown or shown == _last_part(url):
        return ""
    return next((other for other in listed if _last_part(other) == shown), "")


def _last_part(name: str) -> str:
    return unquote(urlsplit(name).path.rstrip("/").rpartition("/")[2]).lower()
