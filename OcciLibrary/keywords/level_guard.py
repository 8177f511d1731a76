"""Keeps a conformance test to its level: what a test may not send never leaves, whatever keyword of whatever library asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from OcciLibrary.conformance.levels import Bounds, Level, beyond, level_of

if TYPE_CHECKING:
    from OcciLibrary.keywords.site_run import SiteRun

_CLAUSE = re.compile(r"GFD\.\d{3}-[\d.]+")
_CITED = re.compile(r"\b(GFD\.\d{3}|RFC \d{4}) §\d")


class BeyondLevel(AssertionError):
    """Says that a test would have sent what its level does not allow: the test is wrong, not the site."""

    ROBOT_SUPPRESS_NAME = True


class LevelGuard:
    """Knows the level of the running test, and what this run created.

    `created` are URLs, put in before a PUT that creates or after a POST that did; `own_mixins` the ids of user mixins, put in
    before they are defined.
    """

    def __init__(self, run: SiteRun) -> None:
        self._run = run
        self.level: Level | None = None
        self._clauses: list[str] = []
        self.tests = 0  # how many tests have begun: what belongs to one is not the next one's
        self.created: set[str] = set()
        self.own_mixins: set[str] = set()

    def begin(self, tags: set[str]) -> None:
        """Begins a test."""
        self.level = level_of(tags)
        self._clauses = sorted(tag.replace("-", " §") for tag in tags if _CLAUSE.fullmatch(tag))
        self.tests += 1

    def end(self) -> None:
        """Ends a test: what puts the VM back is no test's."""
        self.level = None

    def clauses(self, message: str) -> str:
        """Returns a sentence with the clauses that the test is about, '' where its message cites one already."""
        if not self._clauses or _CITED.search(message):
            return ""
        return f"The test is about {', '.join(self._clauses)}."

    def check(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Raises `BeyondLevel` for a request that the running test may not send; the client asks before it sends one."""
        level = self.level
        if level is None or method == "GET":
            return
        bounds = Bounds() if level is Level.READ else self._bounds()
        if why := beyond(level, bounds, method, url, _categories(headers, body)):
            words = f"{method} {url} was not sent: {why}."
            self._run.cannot_tell = words
            raise BeyondLevel(words)

    def _bounds(self) -> Bounds:
        run = self._run
        client = run.client
        found = run.found
        noted = {one.url for one in found.created if "://" in one.url} if found is not None else set()
        return Bounds(
            vm=run.vm_url,
            collections=frozenset(client.collection_urls()),
            created=frozenset(self.created | noted),
            discovery=client.discovery_location(),
            own_mixins=frozenset(self.own_mixins),
            may_create=run.site_settings().may_create,
        )


def _categories(headers: Mapping[str, str], body: bytes) -> frozenset[str]:
    """Returns the ids of the categories that a request names; none where it cannot be read."""
    from OcciLibrary.occi.errors import RenderingError  # noqa: PLC0415
    from OcciLibrary.occi.renderings import read  # noqa: PLC0415

    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    try:
        message = read(kind, headers.items(), body)
    except RenderingError:
        return frozenset()
    return frozenset(category.id for category in message.categories)
