"""The OCCI core model as plain values: categories, links, resources, and what one HTTP message says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from OcciLibrary.occi.errors import RenderingError

AttributeValue = str | int | float | bool | list[Any] | dict[str, Any]


class CategoryClass(str, Enum):
    """Names the three discoverable sorts of category (GFD.183 §4.4.1, GFD.185 §3.5.1)."""

    KIND = "kind"
    MIXIN = "mixin"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class AttributeDefinition:
    """Describes one attribute of a category (GFD.185 §3.5.1 flags; GFD.221 §5.3.2 for the rest).

    ``type`` is one of string, integer, number, boolean, array, object, or empty when the site does not tell;
    ``pattern`` is a regular expression as the site wrote it.
    """

    name: str
    required: bool = False
    immutable: bool = False
    type: str = ""
    default: AttributeValue | None = None
    pattern: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """Identifies a type by scheme and term; bare only where a site names no legal class (GFD.183 §4.4.1)."""

    term: str
    scheme: str
    title: str = ""
    attributes: tuple[AttributeDefinition, ...] = ()
    location: str = ""

    @property
    def id(self) -> str:
        """Gives the type identifier: scheme and term glued together; compare categories by it."""
        return self.scheme + self.term

    @property
    def category_class(self) -> CategoryClass | None:
        """Gives the class, None when the site named none that OCCI knows."""
        return None


@dataclass(frozen=True, slots=True)
class Kind(Category):
    """Describes the type of an entity; ``parent`` and ``actions`` are type identifiers (GFD.183 §4.4.2)."""

    parent: str = ""
    actions: tuple[str, ...] = ()

    @property
    def category_class(self) -> CategoryClass:
        """Gives CategoryClass.KIND."""
        return CategoryClass.KIND


@dataclass(frozen=True, slots=True)
class Mixin(Category):
    """Describes an extension, template or tag; the tuples hold type identifiers (GFD.221 §5.3.4)."""

    depends: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()

    @property
    def category_class(self) -> CategoryClass:
        """Gives CategoryClass.MIXIN."""
        return CategoryClass.MIXIN


@dataclass(frozen=True, slots=True)
class Action(Category):
    """Describes an operation on an entity (GFD.183 §4.5.4)."""

    @property
    def category_class(self) -> CategoryClass:
        """Gives CategoryClass.ACTION."""
        return CategoryClass.ACTION


@dataclass(frozen=True, slots=True)
class Link:
    """Shows a link as a resource renders it (GFD.185 §3.5.2).

    ``target`` is the URI between the angle brackets, ``rel`` the type identifiers of the target, ``self_url``
    the URL of the link entity, ``categories`` its kind and mixins as type identifiers.
    """

    target: str
    rel: tuple[str, ...] = ()
    self_url: str = ""
    categories: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class ActionLink:
    """Shows an action that an entity offers; ``url`` is empty where only an id is given (GFD.185 §3.5.3)."""

    url: str
    action_id: str
    term: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """Shows one entity: a resource, or a link entity, which has occi.core.source among its attributes."""

    kind: Kind | None
    mixins: tuple[Mixin, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    actions: tuple[ActionLink, ...] = ()
    location: str = ""

    @property
    def id(self) -> str:
        """Gives occi.core.id, empty when the site does not render it."""
        return str(self.attributes.get("occi.core.id", ""))

    @property
    def title(self) -> str:
        """Gives occi.core.title, empty when there is none."""
        return str(self.attributes.get("occi.core.title", ""))


@dataclass(frozen=True, slots=True)
class Deviation:
    """Records one departure from the OCCI documents that was read all the same.

    ``name`` is kebab-case, ``field`` the OCCI field or JSON member, ``detail`` one plain sentence, and
    ``section`` the place of the document departed from, such as "GFD.185 §3.5.1".
    """

    name: str
    field: str
    detail: str
    section: str


# These kinds are ancestors: some servers render them next to the kind that an entity really has.
_ANCESTORS = frozenset(f"http://schemas.ogf.org/occi/core#{term}" for term in ("entity", "resource", "link"))


@dataclass(frozen=True, slots=True)
class Message:
    """Holds what one request or answer says, whatever the rendering.

    One entity, a discovery answer or an action invocation fills ``categories``, ``attributes``, ``links`` and
    ``actions``; a listing fills ``locations``; a JSON collection fills ``resources``.
    """

    categories: tuple[Category, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    actions: tuple[ActionLink, ...] = ()
    locations: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    deviations: tuple[Deviation, ...] = ()

    def resource(self) -> Resource:
        """Gives the one entity that the message shows.

        Raises RenderingError when the message shows no entity, several of them, or several kinds at once.
        """
        if self.resources:
            return self._only_resource()
        if not self.categories and not self.attributes:
            raise RenderingError("no entity was found", expected="the rendering of one entity, with its Kind")
        return Resource(
            kind=self._kind(),
            mixins=tuple(category for category in self.categories if isinstance(category, Mixin)),
            attributes=self.attributes,
            links=self.links,
            actions=self.actions,
            location=self.locations[0] if len(self.locations) == 1 else "",
        )

    def action_invocation(self) -> tuple[Action, Mapping[str, AttributeValue]]:
        """Gives the action that a POST invokes and its attributes (GFD.185 §3.4.3, GFD.226 §3).

        A single category without class counts as an action when its scheme says so. Raises RenderingError
        when the message does not hold exactly one category, or one that is no action.
        """
        if len(self.categories) != 1:
            raise RenderingError(
                f"{len(self.categories)} categories were found",
                "Category",
                expected="exactly one, of class action",
            )
        category = self.categories[0]
        if isinstance(category, Action):
            return category, self.attributes
        if category.category_class is None and "/action#" in category.scheme:
            return Action(category.term, category.scheme, category.title), self.attributes
        raise RenderingError(f"{category.id} is no action", "Category", expected="a category of class action")

    def _only_resource(self) -> Resource:
        if len(self.resources) > 1:
            raise RenderingError(
                f"{len(self.resources)} entities were found", "resources", expected="one entity"
            )
        return self.resources[0]

    def _kind(self) -> Kind | None:
        kinds = {category.id: category for category in self.categories if isinstance(category, Kind)}
        if len(kinds) > 1:
            kinds = {key: kind for key, kind in kinds.items() if key not in _ANCESTORS} or kinds
        if len(kinds) > 1:
            raise RenderingError(
                f"{len(kinds)} kinds were found", "Category", expected="one entity, which has one Kind"
            )
        return next(iter(kinds.values()), None)
