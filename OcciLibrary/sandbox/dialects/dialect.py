"""What a dialect is: how a known OCCI server departs from the sandbox's own manners, layer by layer, as data.

Left out, a field is what the sandbox does by itself. The server asks its dialect and knows no server by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from http import HTTPStatus
from typing import Protocol

from OcciLibrary.occi import json_writing
from OcciLibrary.occi.infrastructure import COMPUTE, COMPUTE_ACTIONS, standard_categories
from OcciLibrary.occi.model import AttributeValue, Category, Kind, Mixin, Resource
from OcciLibrary.occi.renderings import (
    OCCI_JSON,
    TEXT_OCCI,
    TEXT_PLAIN,
    Payload,
    write_collection,
    write_discovery,
    write_entity,
    write_locations,
)
from OcciLibrary.sandbox.dialects.creating import OWN_CREATING, Creating
from OcciLibrary.sandbox.exchange import NEWEST_OCCI, Answer, RefusedError, Why, answer_type, request_type
from OcciLibrary.sandbox.transitions import Plan
from OcciLibrary.sandbox.whole_model.rules import OWN_RULES, Rules

OWN_SERVER = "OcciLibrary-sandbox OCCI/1.1"  # of 1.2 it has JSON and pages, not the model
DISCOVERY = "/-/"
ROOT = "/"
WELL_KNOWN = "/.well-known/org/ogf/occi/-/"

ActionAnswer = Callable[[str, str, Callable[[], Answer]], Answer]
ErrorForm = Callable[[str, HTTPStatus, str], Answer]
MethodRule = Callable[[str, Mapping[str, AttributeValue]], None]


class Writer(Protocol):
    """Writes what the server answers. Locations in resources and categories are paths; ``base_url`` makes URLs of them."""

    def entity(self, resource: Resource, media_type: str, base_url: str) -> Payload:
        """Writes one entity."""

    def listing(
        self, resources: Sequence[Resource], media_type: str, base_url: str, asked_path: str
    ) -> Payload:
        """Writes a collection."""

    def discovery(self, categories: Sequence[Category], media_type: str, base_url: str) -> Payload:
        """Writes what the query interface shows."""


class OwnWriter:
    """Writes as the kit does: the subset that every reader understands."""

    def entity(self, resource: Resource, media_type: str, base_url: str) -> Payload:
        """Writes one entity."""
        return write_entity(resource, media_type)

    def listing(
        self, resources: Sequence[Resource], media_type: str, base_url: str, asked_path: str
    ) -> Payload:
        """Writes a collection: whole entities in JSON, URLs in the other media types."""
        if media_type == OCCI_JSON:
            return write_collection(resources, media_type)
        return write_locations([base_url + resource.location for resource in resources], media_type)

    def discovery(self, categories: Sequence[Category], media_type: str, base_url: str) -> Payload:
        """Writes the categories in full."""
        return write_discovery(categories, media_type)


@dataclass(frozen=True, slots=True)
class Front:
    """What HTTP shows of the server. ``charset`` follows the media type of what it renders, such as ``; charset=utf8``."""

    server: str = OWN_SERVER
    server_field: str = "Server"
    version: str = "HTTP/1.1"
    charset: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things are. ``base`` is the root path, without a final slash; the others begin behind it.

    ``collections`` are those of other kinds (a sandbox has nothing in them). With ``loose`` a collection answers without
    its final slash too, with ``loose_entities`` an entity with one. ``lists_all`` answers any other path that ends in a
    slash with an empty listing; ``root`` is False where the root is nothing.
    """

    base: str = ""
    listing: str = "/compute/"
    entities: str = "/compute/"
    discovery: tuple[str, ...] = (DISCOVERY, WELL_KNOWN)
    collections: tuple[str, ...] = ()
    loose: bool = False
    loose_entities: bool = False
    lists_all: bool = False
    root: bool = True

    def inner(self, asked: str) -> str:
        """Returns what a path means on a sandbox without a dialect; '' when there is nothing."""
        if not asked.startswith(self.base + "/"):
            return ""
        path = asked[len(self.base) :]
        if path in self.discovery:
            return DISCOVERY
        if path == ROOT:
            return ROOT if self.root else ""
        if path == self.listing or (self.loose and path + "/" == self.listing):
            return COMPUTE.location
        slash = "/?" if self.loose_entities else ""
        if found := re.fullmatch(f"{re.escape(self.entities)}([^/]+){slash}", path):
            return COMPUTE.location + found[1]
        collection = path + "/" if self.loose and not path.endswith("/") else path
        return collection if collection in self.collections or (self.lists_all and path.endswith("/")) else ""

    def location(self, vm_id: str) -> str:
        """Returns the path of a VM."""
        return f"{self.base}{self.entities}{vm_id}"


OWN_PATHS = Paths(
    collections=tuple(
        category.location
        for category in standard_categories()
        if category.location and category.location != COMPUTE.location
    )
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the server's own: status, words with facts in braces (``{said}``: the sandbox's words), a content type."""

    status: HTTPStatus
    words: str = "{said}"
    content_type: str = ""


class Linked(Enum):
    """Which actions an entity links."""

    APPLICABLE = auto()
    ALL = auto()
    NONE = auto()


def checked_method(term: str, attributes: Mapping[str, AttributeValue]) -> None:
    """Takes the methods of GFD.184 §3.1 and nothing else. Raises RefusedError 400."""
    methods = COMPUTE_ACTIONS[term].methods
    if unknown := sorted(set(attributes) - ({"method"} if methods else set())):
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, f"The action {term} has no attribute {', '.join(unknown)[:200]!r}."
        )
    if "method" in attributes and attributes["method"] not in methods:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST,
            f"{str(attributes['method'])[:100]!r} is no method of {term}. Possible: {', '.join(methods)}.",
        )


def no_answer(media_type: str, url: str, rendered: Callable[[], Answer]) -> Answer:
    """Answers an action 200 without a body, as text/plain (GFD.185 §3.4.4)."""
    return Answer(content_type=TEXT_PLAIN)


def empty_answer(media_type: str, url: str, rendered: Callable[[], Answer]) -> Answer:
    """Answers an action 200 without a body, in the media type asked for; JSON is an empty object."""
    return Answer(content_type=media_type, body=b"{}" if media_type == OCCI_JSON else b"")


def ok_answer(media_type: str, url: str, rendered: Callable[[], Answer]) -> Answer:
    """Answers 200 with the word OK, as text/plain whatever was asked for."""
    return Answer(content_type="text/plain; charset=utf-8", body=b"OK")


def no_content(media_type: str, url: str, rendered: Callable[[], Answer]) -> Answer:
    """Answers an action 204."""
    return Answer(HTTPStatus.NO_CONTENT, media_type)


def untyped_no_content(media_type: str, url: str, rendered: Callable[[], Answer]) -> Answer:
    """Answers an action 204 without a Content-Type."""
    return Answer(HTTPStatus.NO_CONTENT, "")


def old_rendering(media_type: str, url: str, rendered: Callable[[], Answer]) -> Answer:
    """Answers an action 200 with the entity as it was before."""
    return rendered()


def old_rendering_located(media_type: str, url: str, rendered: Callable[[], Answer]) -> Answer:
    """Answers an action 200 with the entity as it was before, and the URL of the action as its Location."""
    answer = rendered()
    return replace(answer, headers=(*answer.headers, ("Location", url)))


@dataclass(frozen=True, slots=True)
class Actions:
    """How actions are shown and taken. ``beyond`` are linked too, though nobody can invoke them; ``unlinked`` never are.

    ``refused`` are those that the server cannot do; with ``compares_query`` the query has to name the body's action;
    ``linked_while_busy`` keeps the links in the answer to an action that renders the entity.
    """

    linked: Linked = Linked.APPLICABLE
    absolute: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
    beyond: tuple[str, ...] = ()
    unlinked: tuple[str, ...] = ()
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    compares_query: bool = True
    needs_class: bool = False
    linked_while_busy: bool = False
    method: MethodRule = checked_method
    answer: ActionAnswer = no_answer


@dataclass(frozen=True, slots=True)
class Updates:
    """How updates are taken: None stores them.

    ``kind_first`` looks for the kind before it refuses a PUT;
    with ``put_merges`` a PUT changes what it names and needs no kind. ``answer`` is that of a stored one (None: the entity).
    """

    post: Refusal | None = None
    put: Refusal | None = None
    kind_first: bool = False
    put_merges: bool = False
    answer: ActionAnswer | None = None


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is shown of a VM's attributes, in this ``order`` (empty: all, as they are).

    ``id_form`` is how occi.core.id is written around ``{id}``; '' leaves it out. ``memory_unit`` is how many of the unit
    make a GiB; ``states`` are the words for states that it words in its own way; ``added`` are always the same;
    ``renamed`` are shown, and taken, under another name; ``beyond`` are whole numbers that no machine of the sandbox has and clients
    can change, with what they are at first.
    """

    order: tuple[str, ...] = ()
    id_form: str = "{id}"
    memory_unit: int = 1
    states: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, AttributeValue] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    beyond: Mapping[str, int] = field(default_factory=dict)

    def taken(self, attributes: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        """Returns the attributes of a request under the names of OCCI; what is always the same and stays so is no change."""
        names = {own: name for name, own in self.renamed.items()}
        return {
            names.get(name, name): value
            for name, value in attributes.items()
            if name not in self.added or value != self.added[name]
        }

    def shown(self, attributes: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        """Returns the attributes as the server shows them."""
        shown = {**self.beyond, **attributes, **self.added}
        if "occi.core.id" in shown:
            shown["occi.core.id"] = self.id_form.format(id=shown["occi.core.id"])
        memory = shown.get("occi.compute.memory")
        if self.memory_unit != 1 and isinstance(memory, (int, float)):
            shown["occi.compute.memory"] = int(memory * self.memory_unit)
        if "occi.compute.state" in shown:
            state = str(shown["occi.compute.state"])
            shown["occi.compute.state"] = self.states.get(state, state)
        names = self.order or tuple(shown)
        return {
            self.renamed.get(name, name): shown[name] for name in names if name in shown and shown[name] != ""
        }


def own_error(media_type: str, status: HTTPStatus, words: str) -> Answer:
    """Answers an error in words, as text/plain."""
    return Answer(status, "text/plain; charset=utf-8", body=f"{words}\n".encode())


def worded(charset: str = "", silent_text_occi: bool = False, json: bool = False) -> ErrorForm:
    """Returns a form of errors: the words in the media type asked for.

    ``silent_text_occi`` leaves the body of text/occi empty, ``json`` answers JSON with code and message.
    """

    def form(media_type: str, status: HTTPStatus, words: str) -> Answer:
        body = words.encode()
        if media_type == OCCI_JSON and json:
            body = json_writing.dump({"code": status.value, "message": words})
        if media_type == TEXT_OCCI and silent_text_occi:
            body = b""
        return Answer(status, media_type + charset, body=body)

    return form


def json_error(media_type: str, status: HTTPStatus, words: str) -> Answer:
    """Answers an error as rOCCI 2 does: JSON with status and error, a header field in text/occi, else words."""
    if media_type == TEXT_OCCI:
        return Answer(status, TEXT_OCCI, (("X-OCCI-Error", words),))
    if media_type == OCCI_JSON:
        body = json_writing.dump({"status": status.value, "error": words})
        return Answer(status, OCCI_JSON, body=body)
    return Answer(status, TEXT_PLAIN, body=words.encode())


def plain_error(media_type: str, status: HTTPStatus, words: str) -> Answer:
    """Answers an error in words as text/plain, whatever was asked for."""
    return Answer(status, TEXT_PLAIN, body=words.encode())


def own_id(number: int, vm_id: str) -> str:
    """Returns the UUID of a VM as its id."""
    return vm_id


@dataclass(frozen=True, slots=True)
class Dialect:
    """A known server. ``likeness`` says in a line whose it is; ``categories`` are what discovery shows.

    ``accepts`` turns an Accept header into a media type (``accepts_for_listing``: where a listing has a choice of its own),
    ``takes`` a Content-Type; all raise RefusedError. ``entity_types`` and ``discovery_types`` tell in what these can be
    rendered. ``plans`` replace what a VM shows in a transition; ``vm_id``
    makes the id of a VM of its number and UUID; with ``filters`` a listing can be filtered (GFD.185 §3.4);
    ``newest`` is the newest OCCI of a client that is not refused, None never refuses. ``creating`` is how users make VMs where
    the site lets them. With ``whole`` the server has everything of an edition of OCCI, by these rules.
    """

    name: str = ""
    likeness: str = ""
    front: Front = field(default_factory=Front)
    paths: Paths = OWN_PATHS
    accepts: Callable[[str], str] = answer_type
    accepts_for_listing: Callable[[str], str] | None = None
    takes: Callable[[str], str] = request_type
    entity_types: tuple[str, ...] = (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON)
    discovery_types: tuple[str, ...] = (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON)
    writer: Writer = field(default_factory=OwnWriter)
    categories: tuple[Category, ...] = field(default_factory=standard_categories)
    kind: Kind = COMPUTE
    mixins: tuple[Mixin, ...] = ()
    attributes: Attributes = field(default_factory=Attributes)
    actions: Actions = field(default_factory=Actions)
    updates: Updates = field(default_factory=Updates)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    refusals: Mapping[Why, Refusal] = field(default_factory=dict)
    error: ErrorForm = own_error
    vm_id: Callable[[int, str], str] = own_id
    filters: bool = True
    newest: tuple[int, int] | None = NEWEST_OCCI
    challenge: str = ""
    creating: Creating | None = None
    whole: Rules | None = None


OWN = Dialect(creating=OWN_CREATING, whole=OWN_RULES)
