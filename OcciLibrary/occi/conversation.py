"""How one site is spoken with: media types, repeated and renewed requests, and what its server is (GFD.185 §3.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.auth import AuthBase

from OcciLibrary.occi.answering import comes_back, raise_for_bulk, raise_for_status, retry_after, waits
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.identity import authority
from OcciLibrary.occi.known_servers import KnownServer, known_server
from OcciLibrary.occi.model import Deviation, Message
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, read, write
from OcciLibrary.occi.request_errors import (
    AnswerOverBounds,
    AnswerUnusable,
    MediaTypeNotOffered,
    NotSent,
    RequestError,
    RequestRefused,
    SiteUnreachable,
)
from OcciLibrary.occi.request_forms import forms, is_about_form
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

if TYPE_CHECKING:
    from typing_extensions import Self

# What `auto` tries, in this order: text/plain is the mandatory default of OCCI 1.1, JSON what 1.2 servers speak best.
_CANDIDATES = (TEXT_PLAIN, OCCI_JSON, TEXT_OCCI)
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Performed:
    """Says how a change was asked for and answered: HTTP method, status, seconds the answer took, form of the request.

    `left_out` names the attributes that a full update had to do without.
    """

    method: str
    status: int
    seconds: float
    form: str = ""
    left_out: tuple[str, ...] = ()


class Conversation:
    """Exchanges OCCI messages with one site; the parameters are those of `OcciClient`."""

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
        # Hears of each request before it is sent, and may raise to keep it.
        self.before_sending: Callable[[str, str, Mapping[str, str], bytes], None] | None = None
        self._login = login
        self._media_type = media_type
        self._spoken = "" if media_type == "auto" else media_type
        self._written = ""
        self._failed: set[str] = set()
        self._known: tuple[str, Message | None, KnownServer | None] = ("", None, None)
        self._model: Message | None = None
        self._transport = Transport(self.endpoint, login, tls, on_answer, maximum_body)

    def clone(self, timeout: float | None = None, patience: float = 0.0) -> Self:
        """Returns a client of the same site on a connection of its own, for another thread; it logs nothing."""
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._transport = self._transport.clone()
        twin.timeout = self.timeout if timeout is None else timeout
        twin.patience = patience
        twin.deviations = {}
        return twin

    @property
    def spoken(self) -> str:
        """Returns the media type in which the site was understood last, '' before that."""
        return self._spoken

    def close(self) -> None:
        """Closes the client's connection."""
        self._transport.close()

    # ---- changes

    def _store(self, method: str, url: str, message: Message) -> Performed:
        """Sends an update in the best form, and in the next one where the site refuses the form alone."""
        refusals: list[RequestRefused] = []
        for form in self.forms(message):
            try:
                done = self._change(method, url, message, form)
            except RequestRefused as refusal:
                if not is_about_form(refusal):
                    raise
                refusals.append(refusal)
            else:
                self._written = form
                return done
        raise refusals[0]

    def _change(
        self, method: str, url: str, message: Message, form: str, timeout: float | None = None
    ) -> Performed:
        answer = self.send(method, url, message, form, timeout)
        raise_for_status(answer)
        return Performed(method, answer.status, answer.seconds, form)

    def send(
        self, method: str, url: str, message: Message | None, form: str = "", timeout: float | None = None
    ) -> Answer:
        """Returns the answer to a request that changes something, whatever its status; None sends no message.

        Raises as `exchange` does.
        """
        if message is None:
            return self.exchange(method, url, {"Accept": self._accepted()}, timeout=timeout)
        payload = write(message, form)
        headers = {
            "Content-Type": payload.content_type,
            "Accept": self._accepted(),
            **dict(payload.headers),
        }
        return self.exchange(method, url, headers, payload.body, timeout)

    def _accepted(self) -> str:
        """Returns the media type in which a change is to be answered: some sites give reasons in text/plain only."""
        if self._media_type != "auto":
            return self._media_type
        return self._spoken if TEXT_PLAIN in self._failed and self._spoken else TEXT_PLAIN

    def forms(self, message: Message) -> tuple[str, ...]:
        """Returns the media types that a change may be written in, best first: the chosen one, or what `auto` may try."""
        if self._media_type != "auto":
            return (self._media_type,)
        first = self._written or (self._spoken if TEXT_PLAIN in self._failed else "")
        known = self.known_server
        return forms(message, first, known is not None and known.best_read_as == OCCI_JSON)

    # ---- readings

    def _read_at(self, url: str) -> Message:
        """Returns what is at a URL, in the media type spoken last, else in the first one that gives OCCI."""
        unreadable: RequestError | RenderingError | None = None
        refused: RequestRefused | None = None
        for media_type in self._readable():
            answer = self._ask("GET", url, {"Accept": media_type})
            self._learn_server(answer.header("Server"))
            try:
                raise_for_status(answer)
                message = _message(answer)
            except (RenderingError, AnswerUnusable) as problem:
                unreadable = unreadable or problem
                self._failed.add(media_type)
            except RequestRefused as refusal:
                # After an unreadable answer a refusal says only that the next media type is not spoken either.
                if not is_about_form(refusal) and unreadable is None:
                    raise
                refused = refused or refusal
                self._failed.add(media_type)
            else:
                self._spoken = media_type
                self._failed.discard(media_type)
                for deviation in message.deviations:
                    self._note(deviation)
                return message
        if unreadable is None and refused is not None:
            # OCCI 1.1 demands the text renderings of a site (GFD.185 §3.6.6), but not JSON.
            error = MediaTypeNotOffered if self._media_type == OCCI_JSON else RequestRefused
            words = f"{str(refused).rstrip('.')}{self._who_chose()}"
            raise error(words, refused.status, refused.said, refused.retry_after)
        if isinstance(unreadable, AnswerOverBounds):
            raise unreadable
        words = f"{str(unreadable).rstrip('.')}{self._who_chose()}"
        raise AnswerUnusable(f"The answer to GET {shown_url(url)} is not OCCI: {words}")

    def _who_chose(self) -> str:
        """Returns for a message that it was the site file that asked for a media type that no site must speak."""
        if self._media_type in ("auto", TEXT_PLAIN):
            return ""
        return f"; ${{OCCI_MEDIA_TYPE}} asks for {self._media_type}: with auto the client finds out what the site speaks"

    def _readable(self) -> tuple[str, ...]:
        """Returns the media types to ask in: the chosen one, or with `auto` what the site is best read in first."""
        if self._media_type != "auto":
            return (self._media_type,)
        known = self.known_server
        best = known.best_read_as if known is not None and known.best_read_as not in self._failed else ""
        return tuple(dict.fromkeys(filter(None, (best, self._spoken, *_CANDIDATES))))

    def _learn_server(self, header: str) -> None:
        """Remembers what the site calls itself; what the web server before it says of an error changes nothing."""
        name = printable(header, 200)
        if name and ("OCCI/" in name or "OCCI/" not in self.server):
            self.server = name

    @property
    def known_server(self) -> KnownServer | None:
        """Returns what is known of the site's server, by what it said so far; None when it is not known."""
        header, model, known = self._known
        if header != self.server or model is not self._model:
            categories = self._model.categories if self._model is not None else ()
            known = known_server(self.server, (category.id for category in categories))
            self._known = (self.server, self._model, known)
        return known

    # ---- exchanges

    def exchange(
        self, method: str, url: str, headers: dict[str, str], body: bytes = b"", timeout: float | None = None
    ) -> Answer:
        """Returns the answer to any request to this site, whatever its status, with the login's proof put into it.

        Raises `SiteUnreachable`, `AnswerUnusable` or `LoginRefused`, and `RequestError` for a URL of another site.
        """
        own = urlsplit(self.endpoint)
        try:
            other = urlsplit(url)
            same = authority(own.netloc, own.scheme) == authority(other.netloc, other.scheme)
        except ValueError:
            raise RequestError(f"{shown_url(url)} is no URL, so nothing was sent") from None
        if own.scheme != other.scheme or not same:
            raise RequestError(
                f"{shown_url(url)} is not on {own.scheme}://{own.netloc}: the login goes nowhere else, so nothing was sent"
            )
        return self._ask(method, url, headers, body, timeout)

    def _note(self, deviation: Deviation) -> None:
        self.deviations.setdefault((deviation.name, deviation.section), deviation)

    def _ask(
        self, method: str, url: str, headers: dict[str, str], body: bytes = b"", timeout: float | None = None
    ) -> Answer:
        if self.before_sending is not None:
            self.before_sending(method, url, headers, body)
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
            wait = next(left, None) if comes_back(answer) else None
            if wait is None:
                return answer
            pause(min(max(retry_after(answer) or 0.0, wait), _LONGEST_PAUSE))

    def _renew(self, answer: Answer) -> bool:
        renew = getattr(self._login, "renew", None)
        return bool(renew and renew(", ".join(answer.all_headers("WWW-Authenticate"))))


def _message(answer: Answer) -> Message:
    if answer.status == 204:
        return Message()
    raise_for_bulk(answer)
    return read(answer.content_type, answer.headers, answer.body, answer.url)
