"""A client for one OCCI site: discovery, listing, reading, updating, actions (GFD.185 §3.4, GFD.223 §9-§11)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from requests.auth import AuthBase

from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.answering import raise_for_status, retry_after, waits
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.model import Action, AttributeValue, Category, Deviation, Kind, Message, Resource
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, Payload, read, write
from OcciLibrary.occi.request_errors import (
    AnswerUnusable,
    NotSent,
    RequestError,
    RequestRefused,
    SiteUnreachable,
)
from OcciLibrary.occi.tls import Tls
from OcciLibrary.occi.transport import (
    MAXIMUM_BODY,
    Answer,
    Transport,
    is_transient,
    pause,
    printable,
    shown_url,
)

# What `auto` tries, in this order: text/plain is the mandatory default of OCCI 1.1, JSON what 1.2 servers speak best.
_CANDIDATES = (TEXT_PLAIN, OCCI_JSON, TEXT_OCCI)
_NOT_ACCEPTABLE = (406, 415)
_NO_PARTIAL_UPDATE = (405, 501)
# Servers that take each POST to an entity for an action say so by 400: "Missing action query parameter" and the like.
_TAKEN_FOR_ACTION = re.compile(r"\b(missing|invalid|no|unknown|without)\b.{0,20}\baction\b", re.IGNORECASE)
_LONGEST_PAUSE = 30.0
# Outside these bytes a text/occi header is not read alike by all servers (reference §7.2): such values go as a body.
_HEADER_UNSAFE = frozenset(',;"\\')
_LONGEST_IN_HEADERS = 4000  # many servers refuse 8 kB of header


@dataclass(frozen=True)
class Performed:
    """Says how a change was asked for and answered: HTTP method, status, seconds the answer took."""

    method: str
    status: int
    seconds: float


class OcciClient:
    """Speaks OCCI with one site.

    `endpoint` is the site's root URL. `media_type` is `auto` (the client finds out what the site speaks) or one media
    type. `tls` says whom to trust and holds the client's own certificate. `timeout` is the seconds that one answer may take, `patience` the seconds for which a request is repeated:
    one that only reads when the connection was refused or broke, any one when it never left or the site asked to come
    back later. Usable from several threads only by `clone`.
    """

    def __init__(
        self,
        endpoint: str,
        login: AuthBase | None = None,
        media_type: str = "auto",
        tls: Tls | None = None,
        timeout: float = 20.0,
        patience: float = 5.0,
        on_answer: Callable[[Answer], None] | None = None,
        maximum_body: int = MAXIMUM_BODY,
    ) -> None:
        self.endpoint = endpoint if endpoint.endswith("/") else endpoint + "/"
        self.timeout = timeout
        self.patience = patience
        self.server = ""
        self.deviations: dict[tuple[str, str], Deviation] = {}
        self._login = login
        self._media_type = media_type
        self._spoken = "" if media_type == "auto" else media_type
        self._model: Message | None = None
        self._immutable: frozenset[str] | None = None
        self._root_missing = False
        self._transport = Transport(self.endpoint, login, tls, on_answer, maximum_body)

    def clone(self, timeout: float | None = None, patience: float = 0.0) -> OcciClient:
        """Returns a client of the same site on a connection of its own, for another thread; it logs nothing."""
        twin = OcciClient.__new__(OcciClient)
        twin.__dict__.update(self.__dict__)
        twin._transport = self._transport.clone()
        twin.timeout = self.timeout if timeout is None else timeout
        twin.patience = patience
        twin.deviations = {}
        return twin

    def close(self) -> None:
        """Closes the client's connection."""
        self._transport.close()

    # ---- reading

    def discover(self) -> Message:
        """Returns the kinds, mixins and actions that the query interface `/-/` offers (GFD.185 §3.4.1)."""
        if self._model is None:
            self._model = self._read(urljoin(self.endpoint, "-/"))
        return self._model

    def compute_location(self) -> str:
        """Returns the URL of the compute collection: by discovery, else `compute/` below the root."""
        kinds = [c for c in self._discovered() if c.id == infrastructure.COMPUTE_ID and c.location]
        return self.on_site(kinds[0].location) if kinds else urljoin(self.endpoint, "compute/")

    def list_compute(self) -> tuple[str, ...]:
        """Returns the URLs of the compute resources that the site lists (GFD.185 §3.4.3); empty when it lists none."""
        collection = self.compute_location()
        message = self._read(collection)
        if message.locations:
            return message.locations
        return tuple(r.location or _below(collection, r.id) for r in message.resources if r.location or r.id)

    def get(self, url: str) -> Resource:
        """Returns the entity at a URL, which becomes its location whatever the site calls it."""
        return replace(self._read(self.on_site(url)).resource(), location=url)

    def find(self, name: str, listed: tuple[str, ...]) -> str:
        """Returns the listed URL that an id, path or URL names, or '' when none does.

        Ids are compared, not parsed: an id, or a path of several parts, is the end of the URL's path; a whole URL is
        compared by its path, for sites have several host names. Raises `RequestError` when several resources end so.
        """
        is_url = "://" in name
        wanted = _path(name) if is_url else unquote(name).strip("/")
        if not wanted:
            return ""
        paths = {url: _path(url) for url in listed}
        same = [url for url, path in paths.items() if path in (wanted, "/" + wanted)]
        ending = [] if is_url else [url for url, path in paths.items() if path.endswith("/" + wanted)]
        found = same or ending
        if len({paths[url] for url in found}) > 1:
            shown = ", ".join(shown_url(url) for url in found[:3])
            raise RequestError(
                f"'{printable(name, 200)}' names several resources ({shown}): name one by its whole URL"
            )
        return found[0] if found else ""

    # ---- changing

    def update(self, resource: Resource, changes: Mapping[str, AttributeValue]) -> Performed:
        """Changes attributes of an entity: by a partial update, or a full one where the site has no other.

        A partial update is a POST of the changed attributes (GFD.185 §3.4.4). Where the site answers 405 or 501
        (or 400 because it takes each POST for an action), the whole entity is PUT. Raises `RequestRefused`.
        """
        url = self._entity_url(resource.location)
        try:
            return self._change("POST", url, Message(attributes=dict(changes)))
        except RequestRefused as refusal:
            if refusal.status not in _NO_PARTIAL_UPDATE and not (
                refusal.status == 400 and _TAKEN_FOR_ACTION.search(refusal.said)
            ):
                raise
        return self._change("PUT", url, self._whole(resource, changes))

    def act(
        self, url: str, term: str, timeout: float | None = None, **attributes: AttributeValue
    ) -> Performed:
        """Invokes an action of compute on an entity (GFD.185 §3.4.4): `term` is start, stop, restart or suspend.

        The answer may take `timeout` seconds, for some sites answer only when all is done. An action is sent again
        only when it surely never arrived (`NotSent`) or the site asked to come back later (429, 503 with Retry-After).
        """
        action = Action(term=term, scheme=infrastructure.COMPUTE_ACTION_SCHEME)
        entity = self._entity_url(url)
        target = f"{entity}{'&' if urlsplit(entity).query else '?'}action={quote(term)}"
        return self._change("POST", target, Message(categories=(action,), attributes=attributes), timeout)

    def on_site(self, url: str) -> str:
        """Returns a URL that lies on this site's own scheme, host and port: credentials go nowhere else.

        A path is taken from the host's root (reference §4.2). Where a site names itself by another host name (behind
        a proxy, for instance) the path is kept and the deviation noted. Raises `AnswerUnusable` for what is no URL.
        """
        own = urlsplit(self.endpoint)
        try:
            other = urlsplit(urljoin(self.endpoint, url))
            same = (own.scheme, *_authority(own.netloc, own.scheme)) == (
                other.scheme,
                *_authority(other.netloc, other.scheme),
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
        try:
            return self.discover().categories
        except (RenderingError, RequestRefused, AnswerUnusable):
            return ()

    def _entity_url(self, url: str) -> str:
        """Returns the URL of one entity: a change sent to a collection would reach every VM of the account."""
        absolute = self.on_site(url)
        locations = [
            self.compute_location(),
            self.endpoint,
            *(c.location for c in self._discovered() if c.location),
        ]
        if _path(absolute) in {_path(_joined(self.endpoint, location)) for location in locations}:
            raise RequestError(
                f"{shown_url(absolute)} is a collection, not one VM: nothing was sent; check ${{VM_ID}}"
            )
        return absolute

    def _whole(self, resource: Resource, changes: Mapping[str, AttributeValue]) -> Message:
        """Returns the full rendering for a PUT: kind, mixins and every attribute that a client may set."""
        kind = resource.kind or Kind(term="compute", scheme=infrastructure.INFRASTRUCTURE_SCHEME)
        categories: tuple[Category, ...] = (_bare(kind), *(_bare(mixin) for mixin in resource.mixins))
        kept = {name: value for name, value in resource.attributes.items() if self.may_set(name)}
        return Message(categories=categories, attributes={**kept, **changes})

    def may_set(self, name: str) -> bool:
        """Tells whether a client may set an attribute, by the OCCI documents and the site's own discovery."""
        if name in infrastructure.IMMUTABLE_COMPUTE_ATTRIBUTES:
            return False
        if self._immutable is None:
            definitions = [d for category in self._discovered() for d in category.attributes]
            self._immutable = frozenset(d.name for d in definitions if d.immutable)
        return name not in self._immutable

    def declares(self, name: str) -> bool:
        """Tells whether the site's discovery, or an OCCI document, knows an attribute at all."""
        if name in infrastructure.ATTRIBUTES:
            return True
        return any(d.name == name for category in self._discovered() for d in category.attributes)

    def _change(self, method: str, url: str, message: Message, timeout: float | None = None) -> Performed:
        payload = self._payload(message)
        headers = {
            "Content-Type": payload.content_type,
            "Accept": self._spoken or TEXT_PLAIN,
            **dict(payload.headers),
        }
        # A text/occi request has an empty body: the `OK` of GFD.185 §3.6.6 belongs into answers.
        body = b"" if payload.content_type.startswith(TEXT_OCCI) else payload.body
        answer = self._ask(method, url, headers, body, timeout)
        raise_for_status(answer)
        return Performed(method, answer.status, answer.seconds)

    def _payload(self, message: Message) -> Payload:
        """Renders a request; `auto` uses text/occi, which every server takes, for what is safe in a header."""
        if self._media_type != "auto":
            return write(message, self._media_type)
        if _header_safe(message):
            payload = write(message, TEXT_OCCI)
            if sum(len(value) for _, value in payload.headers) <= _LONGEST_IN_HEADERS:
                return payload
        return write(message, TEXT_PLAIN)

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

    def _read_at(self, url: str) -> Message:
        """Returns what is at a URL, in the media type spoken last, else in the first one that gives OCCI."""
        candidates: tuple[str, ...] = (self._media_type,)
        if self._media_type == "auto":
            candidates = tuple(dict.fromkeys((self._spoken or TEXT_PLAIN, *_CANDIDATES)))
        unreadable: RequestError | RenderingError | None = None
        refused: RequestRefused | None = None
        for media_type in candidates:
            answer = self._ask("GET", url, {"Accept": media_type})
            self.server = printable(answer.header("Server"), 200) or self.server
            try:
                raise_for_status(answer)
                message = _message(answer)
            except (RenderingError, AnswerUnusable) as problem:
                unreadable = unreadable or problem
            except RequestRefused as refusal:
                # After an unreadable answer a refusal says only that the next media type is not spoken either.
                if refusal.status not in _NOT_ACCEPTABLE and unreadable is None:
                    raise
                refused = refused or refusal
            else:
                self._spoken = media_type
                for deviation in message.deviations:
                    self._note(deviation)
                return message
        if unreadable is None and refused is not None:
            raise refused
        raise AnswerUnusable(f"The answer to GET {shown_url(url)} is not OCCI: {unreadable}")

    def _note(self, deviation: Deviation) -> None:
        self.deviations.setdefault((deviation.name, deviation.section), deviation)

    def _ask(
        self, method: str, url: str, headers: dict[str, str], body: bytes = b"", timeout: float | None = None
    ) -> Answer:
        renewed = False
        left = waits(self.patience)
        if ready := getattr(self._login, "ready", None):
            ready()  # outside of the exchange, whose time is the site's
        while True:
            try:
                answer = self._transport.send(method, url, headers, body, timeout or self.timeout)
            except SiteUnreachable as problem:
                repeatable = is_transient(problem) and (method == "GET" or isinstance(problem, NotSent))
                wait = next(left, None) if repeatable else None
                if wait is None:
                    raise
                pause(wait)
                continue
            if answer.status == 401 and not renewed and self._renew(answer):
                renewed = True
                continue
            wait = next(left, None) if _comes_back(method, answer) else None
            if wait is None:
                return answer
            pause(min(max(retry_after(answer) or 0.0, wait), _LONGEST_PAUSE))

    def _renew(self, answer: Answer) -> bool:
        renew = getattr(self._login, "renew", None)
        return bool(renew and renew(", ".join(answer.all_headers("WWW-Authenticate"))))


def _comes_back(method: str, answer: Answer) -> bool:
    """Tells whether a site asks to come back later; a bare 503 may hide that a change was made all the same."""
    if answer.status == 503:
        return method == "GET" or retry_after(answer) is not None
    return answer.status == 429


def _authority(netloc: str, scheme: str) -> tuple[str, int]:
    """Returns host and port. Raises ValueError for a port that is none."""
    parts = urlsplit(f"//{netloc}")
    return parts.hostname or "", parts.port or (443 if scheme == "https" else 80)


def _path(url: str) -> str:
    """Returns the path that identifies a resource: decoded, without slash at its end; '' for what is no URL."""
    try:
        return unquote(urlsplit(url).path).rstrip("/")
    except ValueError:
        return ""


def _joined(base: str, location: str) -> str:
    """Returns a location as an absolute URL, '' for what is no URL."""
    try:
        return urljoin(base, location)
    except ValueError:
        return ""


def _below(collection: str, entity_id: str) -> str:
    """Returns the URL of an entity that a listing names by its id only: a path, a URL, or a name in the collection."""
    if entity_id.startswith("/") or "://" in entity_id:
        return _joined(collection, entity_id)
    return f"{collection.rstrip('/')}/{quote(entity_id, safe='/:@')}"


def _bare(category: Category) -> Category:
    """Returns a category as a request names it: term and scheme, nothing more."""
    return type(category)(term=category.term, scheme=category.scheme)


def _header_safe(message: Message) -> bool:
    values = [str(v) for v in message.attributes.values() if not isinstance(v, (int, float))]
    return all(
        value.isascii() and value.isprintable() and not _HEADER_UNSAFE & set(value) for value in values
    )


def _message(answer: Answer) -> Message:
    if answer.status == 204:
        return Message()
    return read(answer.content_type, answer.headers, answer.body, answer.url)
