"""What a site claims: the versions of OCCI that it speaks, and the optional features."""

from __future__ import annotations

import re
from dataclasses import dataclass

VERSIONS = ("1.1", "1.2")
# The optional features that a site file may claim, and what each is. What a site must have anyway is not among them.
FEATURES = {
    "create": "users create and delete resources of their own",
    "filters": "listings and discovery can be filtered (a matter of course in OCCI 1.1, deprecated in 1.2)",
    "full-update": "PUT replaces an entity",
    "json": "the JSON rendering (application/occi+json)",
    "pages": "listings come in pages (`?page=N&number=M`, OCCI 1.2)",
    "partial-update": "POST changes attributes of an entity",
    "user-mixins": "users define mixins of their own",
    "well-known": "discovery at /.well-known/org/ogf/occi/-/",
}
_TOKEN = re.compile(r"\bOCCI/(\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Profile:
    """Holds the versions that a site speaks, in ascending order, and the features that its file claims."""

    versions: tuple[str, ...] = ("1.1",)
    features: frozenset[str] = frozenset()

    def speaks(self, version: str) -> bool:
        """Tells whether the site speaks a version of OCCI."""
        return version in self.versions

    @property
    def only_new(self) -> bool:
        """Tells whether the site speaks OCCI 1.2 alone: what only 1.1 demands is not asked of it."""
        return self.versions == ("1.2",)


def profile_of(claimed: tuple[str, ...], features: tuple[str, ...], server: str) -> Profile:
    """Returns a site's profile: the versions that its file claims, else those of its Server header, else 1.1."""
    named = claimed or tuple(version for version in VERSIONS if version in _TOKEN.findall(server))
    return Profile(tuple(sorted(named)) or ("1.1",), frozenset(features))
