"""What a conformance test may send, by its level: `read`, `change` or `create`. The library enforces it; no test can forget it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from posixpath import normpath
from urllib.parse import parse_qsl, urlsplit

from OcciLibrary.occi.identity import path_of


class Level(str, Enum):
    """Names the levels: nothing but GET; POST and PUT to the tester's VM; creating, and deleting what this run created."""

    READ = "read"
    CHANGE = "change"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Holds what a request is measured by.

    `vm` is the URL of the tester's VM, `collections` the URLs where things can be created, `created` those that this run
    created (or announced before it did), `discovery` the URL of the query interface, `own_mixins` the ids of the mixins that
    this run defines.
    """

    vm: str = ""
    collections: frozenset[str] = frozenset()
    created: frozenset[str] = frozenset()
    discovery: str = ""
    own_mixins: frozenset[str] = frozenset()
    may_create: bool = False


def level_of(tags: set[str]) -> Level | None:
    """Returns the level that a test's tags name, None for a test that is no conformance test.

    A conformance test without a level, or with two, has the least of them.
    """
    if "conformance" not in tags:
        return None
    named = [level for level in Level if level.value in tags]
    return named[0] if named else Level.READ


def beyond(
    level: Level, bounds: Bounds, method: str, url: str, categories: frozenset[str] = frozenset()
) -> str:
    """Returns why a request may not be sent at a level, '' when it may.

    `categories` are the ids of the categories that the request names; they matter for the query interface alone.
    """
    if method == "GET":
        return ""
    if level is Level.READ:
        return "a test tagged 'read' sends nothing but GET"
    there = _place(url)
    if method in ("POST", "PUT") and bounds.vm and there == _place(bounds.vm):
        return "" if level is Level.CHANGE else "a test tagged 'create' leaves the tester's VM alone"
    if level is Level.CHANGE:
        return "a test tagged 'change' sends POST and PUT to the tester's VM, and nothing to anything else"
    if not bounds.may_create:
        return "${MAY_CREATE} in the site file is not True"
    return _beyond_creating(bounds, method, url, there, categories)


def _beyond_creating(bounds: Bounds, method: str, url: str, there: str, categories: frozenset[str]) -> str:
    if there in {_place(one) for one in bounds.created}:
        holds_vm = bounds.vm and f"{_place(bounds.vm)}/".startswith(f"{there.rstrip('/')}/")
        return "the tester's VM lies there, though the site says that this run created it" if holds_vm else ""
    if bounds.discovery and there == _place(bounds.discovery):
        own = method in ("POST", "DELETE") and categories and categories <= bounds.own_mixins
        return "" if own else "the query interface is asked to take and drop mixins of this run alone"
    invokes = any(name == "action" for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True))
    if method == "POST" and not invokes and there in {_place(one) for one in bounds.collections}:
        return ""
    return "a test tagged 'create' acts on and deletes only what this run created, and never a collection"


def _place(url: str) -> str:
    return normpath(path_of(url) or "/")
