"""The entities of a site as the conformance keywords read them: the VM, and a few of every kind that is listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from robot.api import logger

from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Findings, NotOfferedError, failures
from OcciLibrary.conformance.instance_rules import Entity, Model, entity_of
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.identity import below, path_of
from OcciLibrary.occi.infrastructure import ENTITY_ID, LINK_ID, RESOURCE_ID
from OcciLibrary.occi.model import Kind, Link, Mixin
from OcciLibrary.occi.transport import shown_url

_MOST_OF_A_KIND = 10
_GONE = (404, 410)
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

    def model(self) -> Model:
        """Returns what discovery offers. Raises `StepFailed`."""
        return Model(self._site.categories())

    def vm(self) -> Seen:
        """Returns the tester's VM as it is now. Raises `StepFailed` through `judged`, or RenderingError."""
        return self.read(self._site.place("VM"))

    def read(self, url: str, listed_in: str = "") -> Seen:
        """Returns one entity. Raises `OcciError` for what is none, or is refused."""
        exchange = self.ask(url)
        if not exchange.succeeded:
            raise OcciError(f"{exchange.told()}")
        in_json = exchange.media_type.endswith("json")
        return Seen(entity_of(exchange.message(), url, listed_in, in_json), exchange)

    def ask(self, url: str) -> Exchange:
        """Returns the answer to GET of an address on the site, in the media type that it speaks."""
        return self._site.get(self._site.client.on_site(url), self._site.spoken)

    def collection(self, category_id: str) -> str:
        """Returns the URL of the collection of a kind or mixin. Raises `NotOfferedError`."""
        for one in self._site.categories():
            if one.id == category_id and isinstance(one, (Kind, Mixin)) and one.location:
                return self._site.client.on_site(one.location)
        raise NotOfferedError(f"discovery shows no {category_id} with a location")

    def listed(self, category_id: str) -> tuple[tuple[str, ...], Exchange]:
        """Returns the URLs in a collection, and how it was answered; none where it is refused. Raises `NotOfferedError`."""
        collection = self.collection(category_id)
        exchange = self.ask(collection)
        if not exchange.succeeded:
            return (), exchange
        message = exchange.message()
        urls = message.locations or tuple(
            one.location or below(collection, one.id) for one in message.resources if one.location or one.id
        )
        return tuple(self._site.client.on_site(url) for url in urls), exchange

    def of_kind(self, kind_id: str) -> tuple[Seen, ...]:
        """Returns the first entities of a kind. Raises `NotOfferedError`, `CannotBeShownError` where none is listed."""
        seen = self._first(kind_id)
        if not seen:
            raise CannotBeShownError(f"this account sees no entity of the kind {kind_id}")
        return seen

    def sample(self) -> tuple[Seen, ...]:
        """Returns the VM and the first entities of every kind that is listed; read once in a suite file."""
        if self._case is not self._site.run.case:
            self._seen = self._all()
            self._case = self._site.run.case
        return self._seen

    def _all(self) -> tuple[Seen, ...]:
        vm = self.vm()
        found = {path_of(vm.entity.url): vm}
        for kind in self._site.categories():
            if isinstance(kind, Kind) and kind.location and kind.id not in _ABSTRACT:
                for one in self._first(kind.id):
                    found.setdefault(path_of(one.entity.url), one)
        return tuple(found.values())

    def _first(self, kind_id: str) -> tuple[Seen, ...]:
        urls, _ = self.listed(kind_id)
        if len(urls) > _MOST_OF_A_KIND:
            logger.info(
                f"Of the {len(urls)} entities of {kind_id} the first {_MOST_OF_A_KIND} are looked at."
            )
        found = []
        for url in urls[:_MOST_OF_A_KIND]:
            exchange = self.ask(url)
            if exchange.status in _GONE:
                continue  # somebody deleted it meanwhile
            if not exchange.succeeded:
                raise OcciError(f"what is listed cannot be read: {exchange.told()}")
            in_json = exchange.media_type.endswith("json")
            found.append(Seen(entity_of(exchange.message(), url, kind_id, in_json), exchange))
        return tuple(found)

    def link_url(self, link: Link) -> str:
        """Returns the URL of the link entity that a resource shows, '' where the rendering does not tell it."""
        if link.self_url:
            return self._site.client.on_site(link.self_url)
        link_id = str(link.attributes.get("occi.core.id", ""))
        for category_id in link.categories if link_id else ():
            try:
                return self._site.client.on_site(below(self.collection(category_id), link_id))
            except NotOfferedError:
                continue
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
