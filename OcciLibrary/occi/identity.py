"""Which address is the VM's? Ids and addresses are compared, never made of each other (GFD.183 §4.5.1)."""

from __future__ import annotations

from urllib.parse import quote, unquote, urljoin, urlsplit

from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.request_errors import AmbiguousName
from OcciLibrary.occi.transport import printable, shown_url


def listed_url(name: str, listed: tuple[str, ...]) -> str:
    """Returns the listed URL that an id, path or URL names by its end, or '' when none does.

    An id, or a path of several parts, is the end of the URL's path; a whole URL is compared by its path, for sites have
    several host names. Raises `AmbiguousName` when several resources end so.
    """
    is_url = "://" in name
    wanted = path_of(name) if is_url else unquote(name).strip("/")
    if not wanted:
        return ""
    paths = {url: path_of(url) for url in listed}
    same = [url for url, path in paths.items() if path in (wanted, "/" + wanted)]
    ending = [] if is_url else [url for url, path in paths.items() if path.endswith("/" + wanted)]
    found = same or ending
    if len({paths[url] for url in found}) > 1:
        shown = ", ".join(shown_url(url) for url in found[:3])
        raise AmbiguousName(
            f"'{printable(name, 200)}' names several resources ({shown}): name one by its whole URL"
        )
    return found[0] if found else ""


def has_id(resource: Resource, name: str) -> bool:
    """Tells whether a resource calls itself so: `urn:uuid:` and capitals aside, which sites use as they like."""
    return bool(resource.id) and _plain_id(resource.id) == _plain_id(name)


def _plain_id(name: str) -> str:
    plain = unquote(name).strip("/").lower()
    return plain.removeprefix("urn:uuid:")


def other_owner(resource: Resource, url: str, listed: tuple[str, ...]) -> str:
    """Returns the listed URL of another resource whose id a rendering carries, or '' when nothing speaks for that.

    Ids are compared with the last part of the addresses; an id that no listed resource has proves nothing, for a site
    may put anything into its addresses. Source: GFD.183 §4.5.1 (occi.core.id is unique).
    """
    shown = _plain_id(resource.id).rpartition("/")[2]
    if not shown or shown == _last_part(url):
        return ""
    return next((other for other in listed if _last_part(other) == shown), "")


def path_of(url: str) -> str:
    """Returns the path that identifies a resource: decoded, without slash at its end; '' for what is no URL."""
    try:
        return unquote(urlsplit(url).path).rstrip("/")
    except ValueError:
        return ""


def same_place(one: str, other: str) -> bool:
    """Tells whether two addresses name one entity: by their paths, or one by the end of the other (ids are addresses too)."""
    first, second = (_plain_place(place) for place in (one, other))
    if not first or not second:
        return False
    return first == second or first.endswith("/" + second) or second.endswith("/" + first)


def _plain_place(place: str) -> str:
    path = path_of(place) if "://" in place or place.startswith("/") else unquote(place)
    return path.removeprefix("urn:uuid:").strip("/")


def authority(netloc: str, scheme: str) -> tuple[str, int]:
    """Returns host and port. Raises ValueError for a port that is none."""
    parts = urlsplit(f"//{netloc}")
    return parts.hostname or "", parts.port or (443 if scheme == "https" else 80)


def joined(base: str, location: str) -> str:
    """Returns a location as an absolute URL, '' for what is no URL."""
    try:
        return urljoin(base, location)
    except ValueError:
        return ""


def below(collection: str, entity_id: str) -> str:
    """Returns the URL of an entity that is known by its id only: a path, a URL, or a name in the collection."""
    if entity_id.startswith("/") or "://" in entity_id:
        return joined(collection, entity_id)
    return f"{collection.rstrip('/')}/{quote(entity_id, safe='/:@')}"


def _last_part(url: str) -> str:
    return _plain_id(path_of(url).rpartition("/")[2])
