"""A client for one OCCI site: discovery, listing, reading, updating, actions (GFD.185 §3.4, GFD.223 §9-§11)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit, urlunsplit

from requests.auth import AuthBase

from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.model import Action, AttributeValue, Category, Deviation, Kind, Message, Resource
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, Payload, read, write
from OcciLibrary.occi.request_errors import AnswerUnusable, LoginRefused, RequestError, RequestRefused, SiteUnreachable
from OcciLibrary.occi.transport import Answer, Transport, pause

# What `auto` tries, in this order: text/plain is the mandatory default of OCCI 1.1, JSON what 1.2 servers speak best.
_CANDIDATES = (TEXT_PLAIN, OCCI_JSON, TEXT_OCCI)
_NOT_ACCEPTABLE = (406, 415)
_NO_PARTIAL_UPDATE = (405, 501)
_BUSY = (429, 503)
_LONGEST_PATIENCE = 30.0
_SAID_SHOWN = 200
# Outside these bytes a text/occi header is not read alike by all servers (reference §7.2): such values go as a body.
_HEADER_UNSAFE = frozenset(',;"\\')


@dataclass(frozen=True)
class Performed:
    """Says how a change was asked for and answered: HTTP method, status, seconds the answer took."""

    method: str
    status: int
    seconds: float


class OcciClient:
    """Speaks OCCI with one site.

    `endpoint` is the site's root URL. `media_type` is `auto` (the client finds out what the site speaks) or one media
    type. `timeout` is the seconds that one answer may take, `patience` the seconds for which a request that
    changes nothing is repeated when the site gives no answer. Usable from several threads only by `clone`.
    """

    def __init__(
        self,
        endpoint: str,
        login: AuthBase | None = None,
        media_type: str = "auto",
        verify: bool | str = True,
        certificate: str | tuple[str, str] | None = None,
        timeout: float = 20.0,
        patience: float = 5.0,
        on_answer: Callable[[Answer], None] | None = None,
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
        self._transport = Transport(self.endpoint, login, verify, certificate, on_answer)

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
        try:
            kinds = [c for c in self.discover().categories if c.id == infrastructure.COMPUTE_ID and c.location]
        except (RenderingError, RequestRefused, AnswerUnusable):
            kinds = []
        return self.on_site(kinds[0].location) if kinds else urljoin(self.endpoint, "compute/")

    def list_compute(self) -> tuple[str, ...]:
        """Returns the URLs of the compute resources that the site lists (GFD.185 §3.4.3); empty when it lists none."""
        collection = self.compute_location()
        message = self._read(collection)
        if message.locations:
            return message.locations
        return tuple(r.location or urljoin(collection, r.id) for r in message.resources if r.location or r.id)

    def get(self, url: str) -> Resource:
        """Returns the entity at a URL, with its location filled in."""
        resource = self._read(self.on_site(url)).resource()
        return resource if resource.location else replace(resource, location=url)

    def find(self, name: str, listed: tuple[str, ...]) -> str:
        """Returns the listed URL that an id, path or URL names, or '' when none does (ids are compared, not parsed)."""
        path = urlsplit(name).path.rstrip("/")
        for location in listed:
            candidate = urlsplit(location).path.rstrip("/")
            if candidate in (path, "/" + path) or candidate.rpartition("/")[2] == name.strip("/"):
                return location
        tail = "/" + path.strip("/")
        return next((url for url in listed if "/" in path and urlsplit(url).path.rstrip("/").endswith(tail)), "")

    # ---- changing

    def update(self, resource: Resource, changes: Mapping[str, AttributeValue]) -> Performed:
        """Changes attributes of an entity: by a partial update, or a full one where the site has no other.

        A partial update is a POST of the changed attributes (GFD.185 §3.4.4). Where the site answers 405 or 501
        (or 400 because it takes each POST for an action), the whole entity is PUT. Raises `RequestRefused`.
        """
        url = self.on_site(resource.location)
        try:
            return self._change("POST", url, Message(attributes=dict(changes)))
        except RequestRefused as refusal:
            if refusal.status not in _NO_PARTIAL_UPDATE and not (refusal.status == 400 and "action" in refusal.said.lower()):
                raise
        return self._change("PUT", url, self._whole(resource, changes))

    def act(self, url: str, term: str, timeout: float | None = None, **attributes: AttributeValue) -> Performed:
        """Invokes an action of compute on an entity (GFD.185 §3.4.4): `term` is start, stop, restart or suspend.

        The answer may take `timeout` seconds, for some sites answer only when all is done. An action is sent again
        only when it surely never arrived (connection refused) or the site asked to come back later (429, 503).
        """
        action = Action(term=term, scheme=infrastructure.COMPUTE_ACTION_SCHEME)
        target = f"{self.on_site(url)}?action={term}"
        return self._change("POST", target, Message(categories=(action,), attributes=attributes), timeout)

    def on_site(self, url: str) -> str:
        """Returns a URL that lies on this site's own host: credentials go nowhere else.

        A path is taken from the host's root (reference §4.2). Where a site names itself by another host name (behind
        a proxy, for instance) the path is kept and the deviation noted.
        """
        absolute = urljoin(self.endpoint, url)
        own, other = urlsplit(self.endpoint), urlsplit(absolute)
        if _authority(own) == _authority(other):
            return absolute
        self._note(Deviation("location-on-other-host", "location", f"The site calls itself {other.netloc}.", "GFD.185 §3.5.5"))
        return urlunsplit((own.scheme, own.netloc, other.path, other.query, ""))

    # ---- exchanges

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
        categories = self._model.categories if self._model else ()
        return not any(d.immutable for c in categories for d in c.attributes if d.name == name)

    def _change(self, method: str, url: str, message: Message, timeout: float | None = None) -> Performed:
        payload = self._payload(message)
        headers = {"Content-Type": payload.content_type, "Accept": self._spoken or TEXT_PLAIN, **dict(_joined(payload.headers))}
        answer = self._ask(method, url, headers, payload.body, timeout)
        _raise_for_status(answer)
        return Performed(method, answer.status, answer.seconds)

    def _payload(self, message: Message) -> Payload:
        """Renders a request; `auto` uses text/occi, which every server takes, for what is safe in a header."""
        if self._media_type != "auto":
            return write(message, self._media_type)
        return write(message, TEXT_OCCI if _header_safe(message) else TEXT_PLAIN)

    def _read(self, url: str) -> Message:
        candidates = (self._spoken,) if self._spoken else _CANDIDATES
        problem: RequestError | RenderingError | None = None
        for media_type in candidates:
            answer = self._ask("GET", url, {"Accept": media_type})
            self.server = answer.header("Server") or self.server
            if answer.status in _NOT_ACCEPTABLE and media_type != candidates[-1]:
                continue
            _raise_for_status(answer)
            try:
                message = _message(answer)
            except (RenderingError, AnswerUnusable) as unreadable:
                problem = problem or unreadable
                continue
            self._spoken = media_type
            for deviation in message.deviations:
                self._note(deviation)
            return message
        raise AnswerUnusable(f"The answer to GET {url} is not OCCI: {problem}")

    def _note(self, deviation: Deviation) -> None:
        self.deviations.setdefault((deviation.name, deviation.section), deviation)

    def _ask(
        self, method: str, url: str, headers: dict[str, str], body: bytes = b"", timeout: float | None = None
    ) -> Answer:
        repeatable = method == "GET" or "action=" not in url
        renewed = False
        waits = _waits(self.patience)
        while True:
            try:
                answer = self._transport.send(method, url, headers, body, timeout or self.timeout)
            except SiteUnreachable as problem:
                wait = next(waits, None) if repeatable or "refused" in str(problem) else None
                if wait is None:
                    raise
                pause(wait)
                continue
            if answer.status == 401 and not renewed and self._renew(answer):
                renewed = True
                continue
            wait = next(waits, None) if answer.status in _BUSY and self.patience else None
            if wait is None:
                return answer
            pause(min(max(_retry_after(answer) or 0.0, wait), _LONGEST_PATIENCE))

    def _renew(self, answer: Answer) -> bool:
        renew = getattr(self._login, "renew", None)
        return bool(renew and renew(answer.header("WWW-Authenticate")))


def _waits(patience: float) -> Iterator[float]:
    """Yields growing pauses between repetitions until `patience` seconds have gone by."""
    end = time.monotonic() + patience
    wait = 0.1
    while (left := end - time.monotonic()) > 0:
        yield min(wait, left)
        wait = min(wait * 2, 1.0)


def _authority(parts: object) -> tuple[str, int]:
    scheme = getattr(parts, "scheme", "")
    try:
        port = getattr(parts, "port", None)
    except ValueError:
        port = -1
    return str(getattr(parts, "hostname", "") or ""), port or (443 if scheme == "https" else 80)


def _bare(category: Category) -> Category:
    """Returns a category as a request names it: term and scheme, nothing more."""
    return type(category)(term=category.term, scheme=category.scheme)


def _header_safe(message: Message) -> bool:
    values = [str(v) for v in message.attributes.values() if isinstance(v, str)]
    return all(value.isascii() and value.isprintable() and not _HEADER_UNSAFE & set(value) for value in values)


def _joined(headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    """Joins repeated fields with commas: identical by GFD.185 §3.5, and what a requests header dictionary can carry."""
    for name in dict.fromkeys(name for name, _ in headers):
        yield name, ", ".join(value for key, value in headers if key == name)


def _message(answer: Answer) -> Message:
    if answer.status == 204:
        return Message()
    return read(answer.content_type, answer.headers, answer.body, answer.url)


def _raise_for_status(answer: Answer) -> None:
    if 200 <= answer.status < 300:
        return
    said = _said(answer)
    sentence = f"{answer.method} {answer.url} was answered {answer.status} {answer.reason}".rstrip()
    if answer.status == 401:
        raise LoginRefused(f"{sentence}: the site does not accept the credentials")
    if 300 <= answer.status < 400:
        raise RequestRefused(f"{sentence}: {_not_done(answer)}", answer.status, said)
    words = f"{sentence}: {said}" if said else sentence
    raise RequestRefused(words, answer.status, said, _retry_after(answer))


def _not_done(answer: Answer) -> str:
    location = answer.header("Location")
    if location:
        return f"it points to {location[:_SAID_SHOWN]}, which is not followed"
    return "by this status nothing was done"


def _said(answer: Answer) -> str:
    """Returns the site's own words about an error: printable, one line, shortened."""
    text = answer.header("X-OCCI-Error") or answer.body[:4096].decode("utf-8", "replace")
    if "<html" in text.lower():
        return "(an HTML page)"
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_SAID_SHOWN]


def _retry_after(answer: Answer) -> float | None:
    value = answer.header("Retry-After").strip()
    return float(value) if value.isdigit() and len(value) < 6 else None
