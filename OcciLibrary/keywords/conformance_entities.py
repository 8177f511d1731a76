"""The entities of a site as the conformance keywords read them: the VM, and a few of every kind that is listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from robot.api import logger

from OcciLibrary.conformance import answers
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError, failures
from OcciLibrary.conformance.instance_rules import Entity, Model, entity_of
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.identity import below, path_of
from OcciLibrary.occi.infrastructure import ENTITY_ID, LINK_ID, RESOURCE_ID
from OcciLibrary.occi.model import Category, Kind, Link, Message, Mixin
from OcciLibrary.occi.transport import shown_url

DISCOVERY = "a discovery that shows what the site offers"
_DISCOVERED = "GFD.185 §3.4.1; GFD.223 §9"
_ENTITY = "GFD.185 §3.4.4"
_COLLECTION = "GFD.185 §3.4.3; GFD.223 §11.1"
_RENDERING = "GFD.185 §3.5; GFD.229 §4; GFD.226 §3"
_MOST_OF_A_KIND = 10
_MOST_KINDS = 30
_ABSTRACT = (ENTITY_ID, RESOURCE_ID, LINK_ID)


@dataclass(frozen=True, slots=True)
class Seen:
    """Holds an entity and the exchange that showed it."""

    entity: Entity
    exchange: Exchange


class EntityReader:
    """Reads entities of the site, nothing but GET; what it read it keeps for the rest of a suite file."""

    def __init__(self, site: ConformanceSite) -> None:
        self._site = site
        self._case: object = None
        self._seen: tuple[Seen, ...] = ()
        self._unread: list[tuple[str, str]] = []
        self._discovery: tuple[tuple[Category, ...], Exchange] | None = None

    def model(self) -> Model:
        """Returns what discovery offers. Raises as `discovered` does."""
        return Model(self.discovered()[0])

    def discovered(self) -> tuple[tuple[Category, ...], Exchange]:
        """Returns what discovery shows, and the exchange; asked once in a suite file. Raises `StepFailed`."""
        self._begin_anew()
        if self._discovery is None:
            exchange = self.ask(self._site.place("discovery"))
            self._discovery = (self._said(exchange, _DISCOVERED).categories, exchange)
        return self._discovery

    def _begin_anew(self) -> None:
        """Forgets what was read for another suite file."""
        if self._case is not self._site.run.case:
            self._case, self._seen, self._discovery = self._site.run.case, (), None
            self._unread = []

    def check_discovery(self, rule: Callable[[tuple[Category, ...]], Findings]) -> None:
        """Holds a rule against what discovery shows. Raises `StepFailed`, `SkipExecution`."""
        with self._site.checking(DISCOVERY):
            categories, exchange = self.discovered()
            findings = rule(categories)
        self._site.settle(findings, exchange)

    def vm(self) -> Seen:
        """Returns the tester's VM as it is now. Raises `StepFailed`."""
        return self.read(self._site.place("VM"))

    def read(self, url: str, listed_in: str = "") -> Seen:
        """Returns one entity. Raises `StepFailed` where there is none that can be read."""
        exchange = self.ask(url)
        return self.shown(exchange, url, listed_in)

    def shown(self, exchange: Exchange, url: str, listed_in: str = "") -> Seen:
        """Returns the entity that an answer shows. Raises `StepFailed` where it shows none that can be read."""
        message = self._said(exchange, _ENTITY)
        try:
            entity = entity_of(message, url, listed_in, exchange.media_type.endswith("json"))
        except RenderingError as problem:
            seen = Finding(_ENTITY, f"one entity at {url}", str(problem), exchange.beginning())
            self._site.settle((seen,), exchange)
            raise
        return Seen(entity, exchange)

    def _said(self, exchange: Exchange, clause: str) -> Message:
        """Returns what an answer says. Raises `StepFailed` with the clause for a refusal, or what is not OCCI."""
        what = f"GET {shown_url(exchange.answer.url)}"
        findings = answers.status_among(exchange, (200, 204), what, clause)
        message, unread = (
            (Message(), ()) if findings else answers.understood(exchange, f"{clause}; {_RENDERING}")
        )
        self._site.settle((*findings, *unread), exchange)
        return message

    def ask(self, url: str) -> Exchange:
        """Returns the answer to GET of an address on the site, in the media type that it speaks."""
        return self._site.get(self._site.client.on_site(url), self._site.spoken)

    def collection(self, category_id: str) -> str:
        """Returns the URL of the collection of a kind or mixin. Raises `NotOfferedError`."""
        for one in self.discovered()[0]:
            if one.id == category_id and isinstance(one, (Kind, Mixin)) and one.location:
                return self._site.client.on_site(one.location)
        raise NotOfferedError(f"discovery shows no {category_id} with a location")

    def listed(self, category_id: str) -> tuple[tuple[str, ...], Exchange]:
        """Returns the URLs in a collection, and how it was answered; none where it is refused. Raises `NotOfferedError`."""
        collection = self.collection(category_id)
        exchange = self._site.listing(self._site.client.on_site(collection))
        if not exchange.succeeded:
            return (), exchange
        return self.urls_in(exchange, collection), exchange

    def urls_in(self, exchange: Exchange, collection: str) -> tuple[str, ...]:
        """Returns the URLs that the answer to a collection lists. Raises `StepFailed` for what is no listing."""
        message = self._said(exchange, _COLLECTION)
        urls = message.locations or tuple(
            one.location or below(collection, one.id) for one in message.resources if one.location or one.id
        )
        return tuple(self._site.client.on_site(url) for url in urls)

    def sample(self) -> tuple[Seen, ...]:
        """Returns the VM and the first entities of every kind that is listed; read once in a suite file."""
        self._begin_anew()
        self._seen = self._seen or self._all()
        return self._seen

    def _all(self) -> tuple[Seen, ...]:
        vm = self.vm()
        found = {path_of(vm.entity.url): vm}
        for kind in self.located_kinds():
            for one in self._first(kind.id):
                found.setdefault(path_of(one.entity.url), one)
        return tuple(found.values())

    def located_kinds(self) -> tuple[Kind, ...]:
        """Returns the offered kinds with collections, without those of the core; the first 30, for nobody has more to look at."""
        kinds = [one for one in self.discovered()[0] if isinstance(one, Kind)]
        return tuple([one for one in kinds if one.location and one.id not in _ABSTRACT][:_MOST_KINDS])

    def _first(self, kind_id: str) -> tuple[Seen, ...]:
        urls, _ = self.listed(kind_id)
        if len(urls) > _MOST_OF_A_KIND:
            logger.info(
                f"Of the {len(urls)} entities of {kind_id} the first {_MOST_OF_A_KIND} are looked at."
            )
        found = []
        for url in urls[:_MOST_OF_A_KIND]:
            exchange = self.ask(url)
            if exchange.succeeded:
                found.append(self.shown(exchange, url, kind_id))
            else:  # somebody may have deleted it meanwhile, and it may be somebody else's
                self._unread.append((kind_id, url))
        return tuple(found)

    def unreadable(self) -> tuple[Findings, list[Exchange]]:
        """Finds what of the sample is listed still, and cannot be read still; and how that was answered.

        Where JSON tells no addresses they are guesses, for which no site is to blame.
        """
        self.sample()
        findings, exchanges = [], []
        for kind_id, url in self._unread[:_MOST_OF_A_KIND]:
            urls, listing = self.listed(kind_id)
            again = self.ask(url)
            if url in urls and not again.succeeded and _tells_addresses(listing.message()):
                findings.append(
                    Finding(_COLLECTION, f"{url}, which is listed, to be readable", again.told(), url)
                )
                exchanges.append(again)
        return tuple(findings), exchanges

    def link_url(self, link: Link) -> str:
        """Returns the URL of the link entity that a resource shows, '' where the rendering does not tell it."""
        if link.self_url:
            return self._site.client.on_site(link.self_url)
        link_id = str(link.attributes.get("occi.core.id", ""))
        for category_id in link.categories if link_id else ():
            try:
                guess = self._site.client.on_site(below(self.collection(category_id), link_id))
            except NotOfferedError:
                continue
            # JSON tells no addresses of links (GFD.226 §11): one that is elsewhere is not to blame for the guess.
            if self.ask(guess).succeeded:
                return guess
        return ""

    # ---- rules

    def check_each(
        self, what: str, rule: Callable[[Entity], Findings], seen: tuple[Seen, ...] | None = None
    ) -> None:
        """Holds a rule against each entity, all of the sample by default. Raises `StepFailed`, `SkipExecution`.

        What cannot be shown of one entity is no matter where it can of another.
        """
        site = self._site
        found: list[tuple[Findings, Exchange]] = []
        mute: list[CannotBeShownError] = []
        with site.checking(what):
            every = self.sample() if seen is None else seen
            for one in every:
                try:
                    found.append((rule(one.entity), one.exchange))
                except CannotBeShownError as why:
                    mute.append(why)
            if mute and not found:
                raise mute[0]
        logger.info(f"Looked at: {', '.join(shown_url(one.entity.url) for one in every)}.")
        wrong = [exchange for findings, exchange in found if failures(findings)]
        site.settle(
            [finding for findings, _ in found for finding in findings], *(wrong or [every[0].exchange])[:3]
        )


def _tells_addresses(listing: Message) -> bool:
    return bool(listing.locations) or all(one.location for one in listing.resources)
