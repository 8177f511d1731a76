"""A client for one OCCI site: discovery, listing, reading, updating, actions (GFD.185 §3.4, GFD.223 §9-§11)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from posixpath import normpath
from urllib.parse import parse_qsl, quote, urljoin, urlsplit, urlunsplit

from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.answering import raise_for_status
from OcciLibrary.occi.conversation import Conversation, Performed
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.identity import authority, below, has_id, joined, listed_url, path_of
from OcciLibrary.occi.model import (
    Action,
    ActionLink,
    AttributeValue,
    Category,
    Deviation,
    Kind,
    Message,
    Resource,
)
from OcciLibrary.occi.request_errors import AnswerOverBounds, AnswerUnusable, RequestError, RequestRefused
from OcciLibrary.occi.request_forms import (
    MAY_BE_ONE_ATTRIBUTE,
    has_no_partial_update,
    refused_both,
)
from OcciLibrary.occi.transport import Answer, printable, shown_url

_MOST_LOOKED_AT = 50  # VMs that are read in the search for one by its id


class OcciClient(Conversation):
    """Speaks OCCI with one site.

    `endpoint` is the site's root URL. `media_type` is `auto` (the client finds out what the site speaks) or one media
    type. `tls` says whom to trust and holds the client's own certificate. `timeout` is the seconds that one answer may
    take, `patience` the seconds for which a request is repeated: one that only reads when the connection was refused or broke, any one when it never left or the site asked to come
    back later. Usable from several threads only by `clone`.
    """

    _root_missing = False
    _over_bounds = False

    # ---- reading

    def discover(self) -> Message:
        """Returns the kinds, mixins and actions that the query interface `/-/` offers (GFD.185 §3.4.1)."""
        if self._model is None:
            self._model = self._read(self.discovery_location())
        return self._model

    def discover_anew(self) -> Message:
        """Returns what the query interface offers now: templates come and go."""
        self._model = None
        return self.discover()

    def discovery_location(self) -> str:
        """Returns the URL of the query interface (GFD.185 §3.6.7)."""
        return urljoin(self.endpoint, "-/")

    def compute_location(self) -> str:
        """Returns the URL of the compute collection: by discovery, else `compute/` below the root."""
        kinds = [c for c in self._discovered() if c.id == infrastructure.COMPUTE_ID and c.location]
        return self.on_site(kinds[0].location) if kinds else urljoin(self.endpoint, "compute/")

    def location_of(self, kind_id: str) -> str:
        """Returns the URL of a kind's collection, by discovery; of compute in any case. Raises `RequestError`."""
        if kind_id == infrastructure.COMPUTE_ID:
            return self.compute_location()
        for category in self._discovered():
            if category.id == kind_id and category.location:
                return self.on_site(category.location)
        raise RequestError(f"The site's discovery shows no {kind_id} with a location, so nothing was sent")

    def list_compute(self) -> tuple[str, ...]:
        """Returns the URLs of the compute resources that the site lists (GFD.185 §3.4.3); empty when it lists none."""
        return self.list_at(self.compute_location())

    def list_at(self, collection: str) -> tuple[str, ...]:
        """Returns the URLs that a collection lists; empty when it lists none."""
        message = self._read(collection)
        if message.locations:
            return message.locations
        return tuple(r.location or below(collection, r.id) for r in message.resources if r.location or r.id)

    def get(self, url: str) -> Resource:
        """Returns the entity at a URL, which becomes its location whatever the site calls it."""
        return replace(self._read(self.on_site(url)).resource(), location=url)

    def find(self, name: str, listed: tuple[str, ...]) -> str:
        """Returns the listed URL that an id, path or URL names by its end, or '' when none does.

        Raises `AmbiguousName` when several resources end so.
        """
        return listed_url(name, listed)

    def find_by_id(self, name: str, listed: tuple[str, ...]) -> str:
        """Returns the listed URL of the resource whose occi.core.id is `name`, or '' when none of the first 50 is it.

        An id need not be part of the address (GFD.183 §4.5.1), so the resources themselves are read.
        """
        if "://" in name:
            return ""
        for url in listed[:_MOST_LOOKED_AT]:
            try:
                if has_id(self.get(url), name):
                    return url
            except (RequestRefused, AnswerUnusable, RenderingError):
                continue
        return ""

    # ---- changing

    def update(self, resource: Resource, changes: Mapping[str, AttributeValue]) -> Performed:
        """Changes attributes of an entity: by a partial update, or a full one where the site has no other.

        A partial update is a POST of the changed attributes (GFD.185 §3.4.4). Where the site answers 405 or 501
        (or 400 because it takes each POST for an action), the whole entity is PUT, unless the server is known to do
        something else then. With `auto` a refusal of the form alone is followed by the next form: the same values
        asked for twice are no second change. Raises `RequestRefused` with what the site said to each.
        """
        try:
            return self.update_partially(resource, changes)
        except RequestRefused as refusal:
            if not has_no_partial_update(refusal):
                raise
            partial = refusal
        known = self.known_server
        if known is not None and known.no_full_update:
            raise refused_both(partial, f"no full update was sent, for {known.no_full_update}")
        try:
            return self.update_fully(resource, changes)
        except RequestRefused as refusal:
            raise refused_both(partial, f"and a full update: {refusal}") from None

    def update_partially(self, resource: Resource, changes: Mapping[str, AttributeValue]) -> Performed:
        """Changes attributes by a POST of them alone (GFD.185 §3.4.4). Raises `RequestRefused`."""
        return self._store("POST", self.entity_url(resource.location), Message(attributes=dict(changes)))

    def update_fully(self, resource: Resource, changes: Mapping[str, AttributeValue]) -> Performed:
        """Changes attributes by a PUT of the whole entity (GFD.185 §3.4.4). Raises `RequestRefused`."""
        return self._replace(self.entity_url(resource.location), self._whole(resource, changes), changes)

    def take_away(self, resource: Resource, names: Collection[str]) -> Performed:
        """Takes attributes away from an entity: a full update without them, for a partial one cannot (GFD.185 §3.4.4).

        Raises `RequestError` where the server is known to do something else then, `RequestRefused` where it refuses.
        """
        known = self.known_server
        if known is not None and known.no_full_update:
            raise RequestError(f"no full update was sent, for {known.no_full_update}")
        whole = self._whole(resource, {})
        kept = {name: value for name, value in whole.attributes.items() if name not in names}
        return self._replace(self.entity_url(resource.location), replace(whole, attributes=kept), ())

    def _replace(self, url: str, whole: Message, asked: Collection[str]) -> Performed:
        """PUTs a whole entity; where that is refused once more without what the site may hold for its own affair."""
        try:
            return self._store("PUT", url, whole)
        except RequestRefused as refusal:
            own = tuple(name for name in whole.attributes if name not in asked and self._may_be_its_own(name))
            if refusal.status not in MAY_BE_ONE_ATTRIBUTE or not own:
                raise
            full = refusal
        kept = {name: value for name, value in whole.attributes.items() if name not in own}
        try:
            return replace(self._store("PUT", url, replace(whole, attributes=kept)), left_out=own)
        except RequestRefused:
            raise full from None

    def _may_be_its_own(self, name: str) -> bool:
        """Tells whether a site may refuse to be told an attribute though it does not call it immutable."""
        return name == "occi.compute.architecture" or not self.declares(name)

    def act(
        self,
        url: str,
        term: str,
        timeout: float | None = None,
        offered: tuple[ActionLink, ...] = (),
        **attributes: AttributeValue,
    ) -> Performed:
        """Invokes an action of compute on an entity (GFD.185 §3.4.4): `term` is start, stop, restart or suspend.

        `offered` are the action links that the entity showed last: the URL of the action's own link is used where it
        leads to this very entity (GFD.185 §3.5.3); else it is built. The answer may take `timeout` seconds, for some
        sites answer only when all is done. An action is sent once, in one form, whatever the site says to it: some
        servers answer an error and act all the same. It is sent again only when it surely never arrived (`NotSent`)
        or the site asked to come back later (429, 503 with Retry-After).
        """
        action = Action(term=term, scheme=infrastructure.COMPUTE_ACTION_SCHEME)
        answer, form = self._invoke(url, action, attributes, timeout, offered)
        return Performed(answer.method, answer.status, answer.seconds, form)

    def invoke(
        self,
        url: str,
        action: Action,
        attributes: Mapping[str, AttributeValue],
        timeout: float | None = None,
        offered: tuple[ActionLink, ...] = (),
    ) -> Answer:
        """Invokes any action on an entity as `act` does, and returns the answer with what it says."""
        return self._invoke(url, action, attributes, timeout, offered)[0]

    def _invoke(
        self,
        url: str,
        action: Action,
        attributes: Mapping[str, AttributeValue],
        timeout: float | None,
        offered: tuple[ActionLink, ...],
    ) -> tuple[Answer, str]:
        target = self._action_url(self.entity_url(url), action, offered)
        message = Message(categories=(action,), attributes=attributes)
        form = self.forms(message)[0]
        answer = self.send("POST", target, message, form, timeout)
        raise_for_status(answer)
        return answer, form

    def _action_url(self, entity: str, action: Action, offered: tuple[ActionLink, ...]) -> str:
        """Returns where an action goes: the link's URL if it is the entity's with the action in its query, else our own.

        MartServer's links lack the query, and another path might be another VM.
        """
        wanted = ("action", action.term)
        for link in offered:
            if link.action_id != action.id or not link.url:
                continue
            try:
                there = self.on_site(link.url)
            except AnswerUnusable:
                continue
            query = parse_qsl(urlsplit(there).query)
            if path_of(there) == path_of(entity) and [p for p in query if p[0] == "action"] == [wanted]:
                return there
        return f"{entity}{'&' if urlsplit(entity).query else '?'}action={quote(action.term)}"

    def on_site(self, url: str) -> str:
        """Returns a URL that lies on this site's own scheme, host and port: credentials go nowhere else.

        A path is taken from the host's root (reference §4.2). Where a site names itself by another host name (behind
        a proxy, for instance) the path is kept and the deviation noted. Raises `AnswerUnusable` for what is no URL.
        """
        own = urlsplit(self.endpoint)
        try:
            other = urlsplit(urljoin(self.endpoint, url))
            same = (own.scheme, *authority(own.netloc, own.scheme)) == (
                other.scheme,
                *authority(other.netloc, other.scheme),
            )
        except ValueError:
            raise AnswerUnusable(f"The site names a location that is no URL: {shown_url(url)}") from None
        if not other.netloc:
            raise AnswerUnusable(f"The site names a location that is no URL of its own: {shown_url(url)}")
        if not same:
            detail = f"The site calls itself {printable(f'{other.scheme}://{other.netloc}', 100)}."
            self._note(Deviation("location-on-other-host", "location", detail, "GFD.185 §3.5.5"))
        # Always put together anew: what follows a name and @, or a backslash, is read in different ways.
        absolute = urlunsplit((own.scheme, own.netloc, other.path, other.query, ""))
        return self._below_root(absolute) if self._root_missing else absolute

    # ---- exchanges

    def _discovered(self) -> tuple[Category, ...]:
        """Returns the categories of discovery, none where the site refuses it or answers something else."""
        if self._over_bounds:
            return ()
        try:
            return self.discover().categories
        except AnswerOverBounds:
            self._over_bounds = True  # to ask again would take a whole time-out each time
            return ()
        except (RenderingError, RequestRefused, AnswerUnusable):
            return ()

    def entity_url(self, url: str) -> str:
        """Returns the URL of one entity: a change sent to a collection would reach every VM of the account."""
        absolute = self.on_site(url)
        locations = [self.discovery_location(), self.endpoint, *self.collection_urls()]
        wanted = normpath(path_of(absolute) or "/")  # with no dots left, which some servers take for ways up
        if wanted in {normpath(path_of(joined(self.endpoint, one)) or "/") for one in locations}:
            raise RequestError(
                f"{shown_url(absolute)} is a collection, not one VM: nothing was sent; check ${{VM_ID}}"
            )
        return absolute

    def collection_urls(self) -> list[str]:
        """Returns where the collections of the site's kinds and mixins are, by its discovery, and that of compute in any case."""
        named = [joined(self.endpoint, c.location) for c in self._discovered() if c.location]
        urls = [self.compute_location(), *filter(None, named)]
        return [*urls, *map(self._below_root, urls)] if self._root_missing else urls

    def _whole(self, resource: Resource, changes: Mapping[str, AttributeValue]) -> Message:
        """Returns the full rendering for a PUT: kind, mixins and every attribute that a client may set."""
        kind = resource.kind or Kind(term="compute", scheme=infrastructure.INFRASTRUCTURE_SCHEME)
        categories: tuple[Category, ...] = (_bare(kind), *(_bare(mixin) for mixin in resource.mixins))
        kept = {name: value for name, value in resource.attributes.items() if self.may_set(name, resource)}
        return Message(categories=categories, attributes={**kept, **changes})

    def may_set(self, name: str, resource: Resource) -> bool:
        """Tells whether a client may set an attribute of an entity, by the OCCI documents and the site's discovery.

        What discovery says of other kinds and mixins is not about this entity: templates fix the values of what is made
        of them. Of an attribute of the documents only the kind can say that it is immutable here.
        """
        if name in infrastructure.IMMUTABLE_COMPUTE_ATTRIBUTES:
            return False
        kind_id = resource.kind.id if resource.kind else infrastructure.COMPUTE_ID
        own = {kind_id}
        if name not in infrastructure.ATTRIBUTES:
            own.update(mixin.id for mixin in resource.mixins)
        definitions = [
            d for category in self._discovered() if category.id in own for d in category.attributes
        ]
        return not any(d.immutable for d in definitions if d.name == name)

    def declares(self, name: str) -> bool:
        """Tells whether the site's discovery, or an OCCI document, knows an attribute at all."""
        if name in infrastructure.ATTRIBUTES:
            return True
        return any(d.name == name for category in self._discovered() for d in category.attributes)

    def _read(self, url: str) -> Message:
        """Returns what is at a URL; a path that lacks the endpoint's own is tried below it too (reference §4.2)."""
        try:
            return self._read_at(url)
        except RequestRefused as refusal:
            below = self._below_root(url)
            if refusal.status != 404 or below == url:
                raise
            message = self._read_at(below)
        self._root_missing = True
        detail = f"The site leaves its own root {printable(urlsplit(self.endpoint).path, 100)} out of its locations."
        self._note(Deviation("location-without-root", "location", detail, "GFD.185 §3.5.5"))
        return message

    def _below_root(self, url: str) -> str:
        root, there = urlsplit(self.endpoint), urlsplit(url)
        if there.path.startswith(root.path):
            return url
        return urlunsplit((root.scheme, root.netloc, root.path + there.path.lstrip("/"), there.query, ""))


def _bare(category: Category) -> Category:
    """Returns a category as a request names it: term and scheme, nothing more."""
    return type(category)(term=category.term, scheme=category.scheme)
