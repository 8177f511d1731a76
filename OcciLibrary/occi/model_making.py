"""Makes the values of the model for the readers, which make them by the hundred thousand, at a fraction of the usual cost.

A frozen dataclass refuses assignments, so that its own __init__ sets each field with a call of object.__setattr__. Here,
links and resources are made as values of open classes with the same slots, filled by plain assignments, and then given
their real class, for Python lets the class of an object change to one of the same layout. No open class has the layout
of a class that inherits slots: of kinds and mixins the slots are set one by one, past the class. What comes out is the
frozen value itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from OcciLibrary.occi.model import (
    ActionLink,
    AttributeDefinition,
    AttributeValue,
    Category,
    Kind,
    Link,
    Mixin,
    Resource,
)

# mypy: disable-error-code="assignment, misc"


class _OpenLink:
    __slots__ = Link.__slots__

    def __init__(
        self,
        target: str,
        rel: tuple[str, ...],
        self_url: str,
        categories: tuple[str, ...],
        attributes: Mapping[str, AttributeValue],
        title: str,
    ) -> None:
        self.target = target
        self.rel = rel
        self.self_url = self_url
        self.categories = categories
        self.attributes = attributes
        self.title = title
        self.__class__ = Link


class _OpenActionLink:
    __slots__ = ActionLink.__slots__

    def __init__(self, url: str, action_id: str, term: str, title: str) -> None:
        self.url = url
        self.action_id = action_id
        self.term = term
        self.title = title
        self.__class__ = ActionLink


class _OpenResource:
    __slots__ = Resource.__slots__

    def __init__(
        self,
        kind: Kind | None,
        mixins: tuple[Mixin, ...],
        attributes: Mapping[str, AttributeValue],
        links: tuple[Link, ...],
        actions: tuple[ActionLink, ...],
        location: str,
    ) -> None:
        self.kind = kind
        self.mixins = mixins
        self.attributes = attributes
        self.links = links
        self.actions = actions
        self.location = location
        self.__class__ = Resource


new_link = cast("type[Link]", _OpenLink)
new_action_link = cast("type[ActionLink]", _OpenActionLink)
new_resource = cast("type[Resource]", _OpenResource)

_new = object.__new__
_set_term = Category.__dict__["term"].__set__
_set_scheme = Category.__dict__["scheme"].__set__
_set_title = Category.__dict__["title"].__set__
_set_attributes = Category.__dict__["attributes"].__set__
_set_location = Category.__dict__["location"].__set__
_set_parent = Kind.__dict__["parent"].__set__
_set_actions_of_kind = Kind.__dict__["actions"].__set__
_set_depends = Mixin.__dict__["depends"].__set__
_set_applies = Mixin.__dict__["applies"].__set__
_set_actions_of_mixin = Mixin.__dict__["actions"].__set__


def new_kind(
    term: str,
    scheme: str,
    title: str,
    attributes: tuple[AttributeDefinition, ...],
    location: str,
    parent: str,
    actions: tuple[str, ...],
) -> Kind:
    """Makes a kind."""
    kind = _new(Kind)
    _set_term(kind, term)
    _set_scheme(kind, scheme)
    _set_title(kind, title)
    _set_attributes(kind, attributes)
    _set_location(kind, location)
    _set_parent(kind, parent)
    _set_actions_of_kind(kind, actions)
    return kind


def new_mixin(
    term: str,
    scheme: str,
    title: str,
    attributes: tuple[AttributeDefinition, ...],
    location: str,
    depends: tuple[str, ...],
    applies: tuple[str, ...],
    actions: tuple[str, ...],
) -> Mixin:
    """Makes a mixin."""
    mixin = _new(Mixin)
    _set_term(mixin, term)
    _set_scheme(mixin, scheme)
    _set_title(mixin, title)
    _set_attributes(mixin, attributes)
    _set_location(mixin, location)
    _set_depends(mixin, depends)
    _set_applies(mixin, applies)
    _set_actions_of_mixin(mixin, actions)
    return mixin
