"""The categories that a site knows at one moment: looked up, related to each other, and held against what a request names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import LINK_ID
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, Kind, Mixin
from OcciLibrary.sandbox.exchange import RefusedError, Why


class Known:
    """The categories of a site, by type identifier."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self.categories = tuple(categories)
        self._by_id = {category.id: category for category in categories}

    def __contains__(self, category_id: object) -> bool:
        return category_id in self._by_id

    def kind(self, kind_id: str) -> Kind:
        """Returns a kind that the site has."""
        found = self._by_id[kind_id]
        assert isinstance(found, Kind)
        return found

    def mixins(self, ids: Iterable[str]) -> tuple[Mixin, ...]:
        """Returns the mixins of these ids that the site still has."""
        found = (self._by_id.get(one) for one in ids)
        return tuple(mixin for mixin in found if isinstance(mixin, Mixin))

    def at(self, location: str) -> Kind | Mixin | None:
        """Returns the kind or mixin whose collection lies at this path."""
        for category in self.categories:
            if isinstance(category, (Kind, Mixin)) and category.location == location:
                return category
        return None

    def lineage(self, category_id: str) -> frozenset[str]:
        """Returns a category with all that it descends from: parents of a kind, dependencies of a mixin."""
        found: set[str] = set()
        waiting = [category_id]
        while waiting:
            one = waiting.pop()
            if one in found or one not in self._by_id:
                continue
            found.add(one)
            category = self._by_id[one]
            waiting += [category.parent] if isinstance(category, Kind) and category.parent else []
            waiting += category.depends if isinstance(category, Mixin) else ()
        return frozenset(found)

    def is_link(self, kind_id: str) -> bool:
        """Tells whether entities of a kind are links."""
        return LINK_ID in self.lineage(kind_id)

    def definitions(self, category_ids: Iterable[str]) -> dict[str, AttributeDefinition]:
        """Returns the attributes of these categories and of all that they descend from, by name."""
        every = {one for category_id in category_ids for one in self.lineage(category_id)}
        return {
            definition.name: definition
            for category in self.categories
            if category.id in every
            for definition in category.attributes
        }

    def checked(self, named: Category) -> Category:
        """Returns what a request means by a category.

        Raises RefusedError: 404 for one that the site does not know, 400 for one of another class.
        """
        found = self._by_id.get(named.id)
        if found is None:
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"Not known here: {named.id[:300]!r}.",
                why=Why.UNKNOWN_CATEGORY,
                named=named.id[:200],
            )
        if named.category_class is not found.category_class and found.category_class is not None:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                f"{named.id[:300]} is a {found.category_class.value}, and no other class.",
            )
        return found

    def checked_type(self, named: Category) -> Kind | Mixin:
        """Returns the kind or mixin that a request names. Raises RefusedError as checked does, and 400 for an action."""
        found = self.checked(named)
        if isinstance(found, Action) or not isinstance(found, (Kind, Mixin)):
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, f"{named.id[:300]} is an action: a kind or a mixin is expected."
            )
        return found

    def check_applies(self, mixin: Mixin, kind_id: str) -> None:
        """Raises RefusedError 403 when entities of a kind cannot have a mixin (GFD.185 §3.6.8)."""
        lineage = self.lineage(kind_id)
        every = [one for one in self.mixins(self.lineage(mixin.id)) if one.applies]
        if all(lineage & set(one.applies) for one in every):
            return
        raise RefusedError(
            HTTPStatus.FORBIDDEN,
            f"{mixin.id[:300]} does not apply to {kind_id}.",
        )
