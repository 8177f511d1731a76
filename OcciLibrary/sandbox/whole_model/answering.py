"""Answers requests by the book: what lies at a path, and what may be done there (GFD.185 §3.2, GFD.223 §8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.model import AttributeValue, Kind, Message, Mixin, Resource
from OcciLibrary.occi.renderings import OCCI_JSON, Payload
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.dialects.dialect import DISCOVERY, WELL_KNOWN, Dialect, empty_answer
from OcciLibrary.sandbox.entity import act, rename, store
from OcciLibrary.sandbox.exchange import Answer, RefusedError, Request, Why
from OcciLibrary.sandbox.provider import Provider
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from OcciLibrary.sandbox.whole_model import filtering, user_mixins
from OcciLibrary.sandbox.whole_model.changes import Changes, Store
from OcciLibrary.sandbox.whole_model.contents import Contents
from OcciLibrary.sandbox.whole_model.creation import Creation
from OcciLibrary.sandbox.whole_model.holdings import Holdings
from OcciLibrary.sandbox.whole_model.known import Known
from OcciLibrary.sandbox.whole_model.paging import page_of
from OcciLibrary.sandbox.whole_model.provisioned import provision
from OcciLibrary.sandbox.whole_model.rules import Rules
from OcciLibrary.sandbox.whole_model.strictness import checked_grammar

_READ = ("GET", "HEAD")
_IN_NO_MACHINE = {"occi.core.title", "occi.core.summary"}
_CLOSED = "Nothing can be created or deleted at this site, which works on what was provisioned beforehand."


class WholeSite:
    """A site that keeps to an edition of OCCI. Without a ``provider`` nobody creates or deletes."""

    def __init__(
        self,
        dialect: Dialect,
        rules: Rules,
        conduct: Conduct,
        provisioned: Mapping[str, VirtualMachine],
        provider: Provider | None,
    ) -> None:
        self._dialect = dialect
        self._rules = rules
        self._conduct = conduct
        self._provider = provider
        self._holdings = Holdings()
        self._contents = Contents(dialect, rules, conduct, provisioned, provider, self._holdings)
        self._changes = Changes(rules, self._holdings)
        provision(self._holdings, rules, self._contents.machines())

    def answer(self, request: Request) -> Answer:
        """Answers a request. Raises RefusedError."""
        path = request.asked_path
        if path in (DISCOVERY, WELL_KNOWN):
            return self._discovery(request)
        known = self._contents.known()
        collection = known.at(path)
        if isinstance(collection, Mixin):
            return self._mixin_collection(request, collection, known)
        if isinstance(collection, Kind):
            return self._kind_collection(request, collection, known)
        found = self._contents.at(request, path)
        if found is not None:
            return self._entity(request, *found, known)
        return self._elsewhere(request, path, known)

    def _elsewhere(self, request: Request, path: str, known: Known) -> Answer:
        """Answers where nothing lies: all that is below a path, or a refusal."""
        if path.endswith("/") and self._lies_below(path, known):
            _allow(request, _READ)
            return self._listing(request, known, lambda one: self._is_below(one, path, known))
        if request.method == "PUT" and known.at(path.rpartition("/")[0] + "/"):
            self._opened()
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, "This server chooses the URLs itself: POST to the kind's."
            )
        if self._holdings.was_there(path):
            raise RefusedError(self._rules.gone, "What was here is deleted.", why=Why.NO_ENTITY)
        raise RefusedError(
            HTTPStatus.NOT_FOUND, f"There is nothing at {path[:200]!r}.", why=Why.NOTHING_THERE
        )

    def _lies_below(self, path: str, known: Known) -> bool:
        return any(getattr(one, "location", "").startswith(path) for one in known.categories)

    def _is_below(self, one: Resource, path: str, known: Known) -> bool:
        own = [*(mixin.id for mixin in one.mixins), *([one.kind.id] if one.kind else [])]
        return one.location.startswith(path) or any(
            category.location.startswith(path)
            for category in known.categories
            if category.id in own and category.location
        )

    def _opened(self) -> Provider:
        if self._provider is None:
            raise RefusedError(HTTPStatus.FORBIDDEN, _CLOSED)
        return self._provider

    # ---- discovery

    def _discovery(self, request: Request) -> Answer:
        _allow(request, (*_READ, "POST", "DELETE"))
        known = self._contents.known()
        media_type = self._dialect.accepts(request.accept)
        if media_type not in self._dialect.discovery_types:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                f"Categories cannot be told as {media_type}.",
                why=Why.NO_DISCOVERY_RENDERING,
            )
        if request.method == "POST":
            message = self._message(request)
            self._opened()
            with self._holdings.lock:
                user_mixins.define(message, known, self._holdings, self._rules)
            return self._silent(request, media_type)
        if request.method == "DELETE":
            return self._undefined(request, known, media_type)
        wanted = self._filter(request)
        categories = filtering.of_discovery(wanted, known, self._rules)
        return self._rendered(
            lambda: self._dialect.writer.discovery(categories, media_type, request.base_url)
        )

    def _undefined(self, request: Request, known: Known, media_type: str) -> Answer:
        message = self._message(request)
        with self._holdings.lock:
            mixin = user_mixins.of_user(message, known, self._holdings)
            if mixin is not None:
                self._holdings.undefine(mixin.id)
                return self._silent(request, media_type)
        saved = {image.id for image in self._provider.saved()} if self._provider else set()
        if self._provider and message.categories[0].id in saved:
            self._provider.delete_image(message)
            return self._silent(request, media_type)
        raise RefusedError(HTTPStatus.FORBIDDEN, "This category is the site's own: users cannot delete it.")

    # ---- collections

    def _kind_collection(self, request: Request, kind: Kind, known: Known) -> Answer:
        if request.method in _READ:
            return self._listing(request, known, lambda one: _is_of(one, kind, known))
        if request.method == "DELETE":
            raise RefusedError(
                HTTPStatus.FORBIDDEN, "Entities are deleted one by one here, never all at once."
            )
        _allow(request, (*_READ, "POST", "DELETE"))
        media_type = self._dialect.accepts(request.accept)
        if request.action is not None:
            raise RefusedError(
                HTTPStatus.NOT_IMPLEMENTED, "Actions are possible on one entity, not on a collection."
            )
        message = self._message(request)
        provider = self._opened()
        creation = Creation(self._rules, self._holdings, provider, self._kind_at)
        path = creation.create(kind, message, known)
        return provider.creating.answer(media_type, request.base_url + path)

    def _kind_at(self, path: str) -> str:
        if path in self._contents.machines():
            return COMPUTE_ID
        holding = self._holdings.at(path)
        return holding.kind_id if holding else ""

    def _listing(self, request: Request, known: Known, belongs: Callable[[Resource], bool]) -> Answer:
        media_type = self._dialect.accepts(request.accept)
        wanted = self._filter(request)
        filtering.check(wanted, known)
        found = [
            (truth, seen)
            for truth, seen in self._contents.listed(request)
            if belongs(truth) and (wanted is None or filtering.passes(truth, wanted, known))
        ]
        if self._rules.pages:
            found = list(page_of(request, found))
        # URLs are listed as they are; what a fault changes is an entity.
        resources = [seen if media_type == OCCI_JSON else truth for truth, seen in found]
        return self._rendered(
            lambda: self._dialect.writer.listing(resources, media_type, request.base_url, request.asked_path)
        )

    def _filter(self, request: Request) -> Message | None:
        if self._conduct.ignores_filters:
            return None
        return filtering.filter_of(request, self._dialect.takes, self._rules)

    def _mixin_collection(self, request: Request, mixin: Mixin, known: Known) -> Answer:
        belongs = self._member_of(mixin, known)
        if request.method in _READ:
            return self._listing(request, known, belongs)
        _allow(request, (*_READ, "POST", "PUT", "DELETE"))
        self._dialect.accepts(request.accept)
        if mixin.id not in {one.id for one in self._holdings.user_mixins()}:
            raise RefusedError(
                HTTPStatus.FORBIDDEN, "This mixin is the site's own: users cannot give or take it."
            )
        named = None
        if request.method != "DELETE" or request.body.strip() or request.occi_headers():
            named = user_mixins.paths_of(self._message(request), (request.base_url,))
        with self._holdings.lock:
            self._change_members(request, mixin, known, named)
        if self._rules.members_answered:
            return self._listing(request, self._contents.known(), belongs)
        return self._silent(request, self._dialect.accepts(request.accept))

    def _change_members(
        self, request: Request, mixin: Mixin, known: Known, named: Sequence[str] | None
    ) -> None:
        if request.method == "DELETE":
            members = [
                one for one, _ in self._contents.listed(request) if mixin.id in {m.id for m in one.mixins}
            ]
            if strange := sorted({*(named or ())} - {one.location for one in members}):
                raise RefusedError(HTTPStatus.NOT_FOUND, f"{strange[0][:200]!r} does not have this mixin.")
            self._holdings.expel(mixin.id, named)
            return
        if not named and request.method == "POST":
            raise RefusedError(HTTPStatus.BAD_REQUEST, "The request names no entity.")
        for path in named or ():
            found = self._contents.at(request, path)
            if found is None or found[0].kind is None:
                raise RefusedError(
                    HTTPStatus.NOT_FOUND, f"There is nothing at {path[:200]!r}.", why=Why.NO_ENTITY
                )
            known.check_applies(mixin, found[0].kind.id)
        if request.method == "PUT":
            self._holdings.expel(mixin.id)
        self._holdings.enrol(mixin.id, named or ())

    def _member_of(self, mixin: Mixin, known: Known) -> Callable[[Resource], bool]:
        def belongs(one: Resource) -> bool:
            return any(mixin.id in known.lineage(given.id) for given in one.mixins)

        return belongs

    # ---- entities

    def _entity(self, request: Request, truth: Resource, seen: Resource, known: Known) -> Answer:
        _allow(request, (*_READ, "POST", "PUT", "DELETE"))
        media_type = self._dialect.accepts(request.accept)
        if media_type not in self._dialect.entity_types:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                f"One entity cannot be told as {media_type} (GFD.185 §3.6.6).",
                why=Why.NO_ENTITY_RENDERING,
            )
        if request.method in _READ:
            return self._told(request, seen, media_type)
        if request.method == "DELETE":
            self._delete(truth)
            silent = self._rules.deleted is HTTPStatus.NO_CONTENT
            return Answer(self._rules.deleted, "" if silent else media_type)
        if request.method == "POST" and request.action is not None:
            return self._acted(request, truth, media_type)
        self._changes.update(
            truth, self._message(request), known, request.method == "PUT", self._store(request, truth)
        )
        return self._at(request, truth.location, media_type)

    def _at(self, request: Request, path: str, media_type: str) -> Answer:
        found = self._contents.at(request, path)
        if found is None:
            raise RefusedError(self._rules.gone, "What was here is deleted.", why=Why.NO_ENTITY)
        return self._told(request, found[1], media_type)

    def _told(self, request: Request, resource: Resource, media_type: str) -> Answer:
        return self._rendered(lambda: self._dialect.writer.entity(resource, media_type, request.base_url))

    def _delete(self, entity: Resource) -> None:
        provider = self._opened()
        machine = self._contents.machines().get(entity.location)
        if machine is not None:
            provider.delete(machine.id)
            if machine.id in provider.machines:
                return  # a fault keeps it
        else:
            holding = self._holdings.at(entity.location)
            if holding is not None and not holding.own:
                raise RefusedError(
                    HTTPStatus.FORBIDDEN, "This was provisioned beforehand: users cannot delete it."
                )
        self._holdings.remove(entity.location)

    def _acted(self, request: Request, entity: Resource, media_type: str) -> Answer:
        machine = self._contents.machines().get(entity.location)
        if machine is None:
            self._changes.act(entity, self._message(request), request.action or "")
        elif self._saves(request.action):
            message = self._message(request)
            image = self._opened().save(machine, message)
            return self._rendered(
                lambda: self._dialect.writer.discovery([image], media_type, request.base_url)
            )
        else:
            self._message(request)
            act(machine, request, self._contents.conduct_towards(machine), self._dialect)
        url = f"{request.base_url}{entity.location}?action={request.action}"
        return self._dialect.actions.answer(
            media_type, url, lambda: self._at(request, entity.location, media_type)
        )

    def _saves(self, action: str | None) -> bool:
        creating = self._dialect.creating
        return creating is not None and creating.saves and action == creating.save.action.term

    def _store(self, request: Request, entity: Resource) -> Store:
        machine = self._contents.machines().get(entity.location)
        full = request.method == "PUT"

        def changed(changes: dict[str, AttributeValue]) -> None:
            assert machine is not None
            conduct = self._contents.conduct_towards(machine)
            if full or not set(changes) <= _IN_NO_MACHINE:
                store(machine, changes, full, conduct)
            else:
                rename(machine, changes, conduct)

        return changed

    # ---- both ways

    def _message(self, request: Request) -> Message:
        return checked_grammar(request.message(self._dialect.takes(request.content_type)))

    def _silent(self, request: Request, media_type: str) -> Answer:
        """Answers 200 without a body, or with an object of JSON that says nothing."""
        return empty_answer(media_type, request.asked_path, Answer)

    def _rendered(self, payload: Callable[[], Payload]) -> Answer:
        """Returns what was written. Raises RefusedError 406 where the media type has no words for it, as beyond ASCII in headers."""
        try:
            written = payload()
        except RenderingError as error:
            raise RefusedError(
                HTTPStatus.NOT_ACCEPTABLE, f"This cannot be rendered so: {error}", why=Why.NOT_ACCEPTABLE
            ) from None
        return Answer(content_type=written.content_type, headers=written.headers, body=written.body)


def _is_of(one: Resource, kind: Kind, known: Known) -> bool:
    return one.kind is not None and kind.id in known.lineage(one.kind.id)


def _allow(request: Request, methods: Sequence[str]) -> None:
    if request.method not in methods:
        raise RefusedError(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"{request.method} is not possible here. Possible: {', '.join(methods)}.",
            {"Allow": ", ".join(methods)},
            Why.WRONG_METHOD,
        )
