"""The sandbox's OCCI server: a WSGI application over the VMs, and cheroot on 127.0.0.1 that serves it.

OCCI 1.1 (GFD.185) with the JSON rendering of 1.2, or the dialect of a known server. Nobody creates or deletes here, unless the
site has a provider.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from OcciLibrary.occi.infrastructure import COMPUTE
from OcciLibrary.occi.model import Category, Message, Mixin, Resource
from OcciLibrary.occi.renderings import OCCI_JSON, Payload
from OcciLibrary.sandbox.conduct import HEALTHY, Conduct
from OcciLibrary.sandbox.dialects.dialect import DISCOVERY, OWN, ROOT, Dialect
from OcciLibrary.sandbox.entity import act, shown, update
from OcciLibrary.sandbox.exchange import Answer, RefusedError, Request, Why, to_wire
from OcciLibrary.sandbox.provider import Provider
from OcciLibrary.sandbox.refusing import refused_answer
from OcciLibrary.sandbox.virtual_machine import Snapshot, VirtualMachine

if TYPE_CHECKING:
    from OcciLibrary.sandbox.whole_model.answering import WholeSite

_ENTITY = re.compile(r"/compute/([^/]+)")
_READ = ("GET", "HEAD")
_ENTITY_METHODS = (*_READ, "POST", "PUT")
_DELETE = "DELETE"
_NO_DELETION = " Nothing can be deleted in this sandbox."
_STATUS_LINES = {status: f"{status.value} {status.phrase}" for status in HTTPStatus}

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class BasicLogin:
    """Name and password that the server asks for (RFC 7617)."""

    username: str
    password: str


class Application:
    """The WSGI application: ``machines`` are what it lists, ``own_url`` its root URL without a final slash.

    ``conduct`` says where it breaks a promise; towards single VMs it does so for the first one only, the tester's.
    ``dialect`` says as which server it speaks, ``provider`` makes VMs for users.
    """

    def __init__(
        self,
        machines: Sequence[VirtualMachine],
        own_url: str,
        login: BasicLogin | None = None,
        conduct: Conduct = HEALTHY,
        dialect: Dialect = OWN,
        provider: Provider | None = None,
    ) -> None:
        self._conduct = conduct
        self._dialect = dialect
        self._provider = provider
        self._provisioned = {machine.id: machine for machine in machines}
        self._whole = _whole_site(dialect, conduct, self._provisioned, provider)
        self._own_url = own_url
        self._login = login

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request (PEP 3333)."""
        request = Request(environ, self._own_url, self._dialect.paths.inner)
        try:
            answer = self._conduct.afterwards(request, self._checked_answer(request))
        except RefusedError as refused:
            answer = self._conduct.refused(request, refused_answer(self._dialect, request, refused))
        front = self._dialect.front
        headers = [
            *([("Content-Type", answer.content_type)] if answer.content_type else []),
            *([] if answer.status is HTTPStatus.NO_CONTENT else [("Content-Length", str(len(answer.body)))]),
            *([] if answer.anonymous else [(front.server_field, front.server), *front.fields]),
        ]
        headers += [(name, to_wire(value)) for name, value in answer.headers]
        start_response(_STATUS_LINES[answer.status], headers)
        return [] if request.method == "HEAD" else [answer.body]

    def _checked_answer(self, request: Request) -> Answer:
        request.read_body()
        if self._login:
            request.check_login(self._login.username, self._login.password)
        entity = _ENTITY.fullmatch(request.path)
        if (answer := self._conduct.instead(request, self._testers(entity[1] if entity else ""))) is not None:
            return answer
        if self._dialect.newest:
            request.check_version(self._dialect.newest)
        if self._whole is not None:
            return self._whole.answer(request)
        return self._answer_entity(request, entity[1]) if entity else self._answer_beside(request)

    def _answer_beside(self, request: Request) -> Answer:
        """Answers for discovery and collections."""
        if request.path == DISCOVERY and self._provider and self._provider.hears_deletion(request.method):
            return self._image_deleted(request, self._provider)
        _allow(request, _READ if request.path != COMPUTE.location else (*_READ, "POST"))
        if request.path == DISCOVERY:
            return self._discovery(request)
        if not request.path:
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"There is nothing at {request.asked_path[:200]!r}.",
                why=Why.NOTHING_THERE,
            )
        if request.method == "POST":
            return self._created(request)
        has_machines = request.path in (COMPUTE.location, ROOT)
        return self._listing(request, list(self._machines.values()) if has_machines else [])

    def _testers(self, vm_id: str) -> VirtualMachine | None:
        """Returns the tester's VM when that is its id."""
        first = next(iter(self._provisioned.values()), None)
        return first if first is not None and first.id == vm_id else None

    @property
    def _machines(self) -> dict[str, VirtualMachine]:
        return {**self._provisioned, **self._provider.machines} if self._provider else self._provisioned

    def _conduct_towards(self, machine: VirtualMachine) -> Conduct:
        return self._conduct if self._testers(machine.id) else HEALTHY

    def _discovery(self, request: Request) -> Answer:
        media_type = self._dialect.accepts(request.accept)
        if media_type not in self._dialect.discovery_types:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                f"Categories cannot be told as {media_type}.",
                why=Why.NO_DISCOVERY_RENDERING,
            )
        wanted = self._filter(request)
        ids = {category.id for category in wanted.categories} if wanted else set()
        every = self._dialect.categories
        every = self._provider.categories(every) if self._provider else every
        categories = [known for known in every if not ids or known.id in ids]
        return self._rendered(self._dialect.writer.discovery(categories, media_type, request.base_url))

    def _filter(self, request: Request) -> Message | None:
        heard = self._dialect.filters and not self._conduct.ignores_filters
        return request.filter() if heard else None

    def _listing(self, request: Request, machines: Sequence[VirtualMachine]) -> Answer:
        media_type = (self._dialect.accepts_for_listing or self._dialect.accepts)(request.accept)
        wanted = self._filter(request)
        seen = [(machine, machine.snapshot()) for machine in self._conduct.listed(list(machines))]
        passed = [
            (machine, snapshot) for machine, snapshot in seen if not wanted or _passes(snapshot, wanted)
        ]
        resources = [self._shown(request, machine, snapshot) for machine, snapshot in passed]
        if media_type != OCCI_JSON:  # URLs are listed as they are; what a fault changes is an entity
            located = zip(resources, passed, strict=True)
            resources = [
                replace(resource, location=self._dialect.paths.location(machine.id))
                for resource, (machine, _) in located
            ]
        return self._rendered(
            self._dialect.writer.listing(resources, media_type, request.base_url, request.asked_path)
        )

    def _answer_entity(self, request: Request, vm_id: str) -> Answer:
        machine = self._machines.get(vm_id)
        if machine is None and request.method == "PUT":
            raise self._refused_creation(request)
        _allow(request, (*_ENTITY_METHODS, _DELETE) if self._provider else _ENTITY_METHODS)
        if machine is None:
            raise RefusedError(
                HTTPStatus.NOT_FOUND, f"There is no compute {vm_id[:200]!r}.", why=Why.NO_ENTITY
            )
        media_type = self._dialect.accepts(request.accept)
        if media_type not in self._dialect.entity_types:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                "One entity cannot be told as text/uri-list (GFD.185 §3.6.6).",
                why=Why.NO_ENTITY_RENDERING,
            )
        if self._provider and (done := self._provided(self._provider, request, machine, media_type)):
            return done
        conduct = self._conduct_towards(machine)
        if request.method == "POST" and request.action is not None:
            before = machine.snapshot()
            if not self._dialect.actions.linked_while_busy:
                before = replace(before, actions=())
            answered = act(machine, request, conduct, self._dialect)
            url = f"{request.base_url}{request.asked_path}?action={request.action}"
            return self._typed(
                answered(media_type, url, lambda: self._told(request, machine, before, media_type))
            )
        if request.method in ("POST", "PUT"):
            mixins = self._provider.mixins_of(machine) if self._provider else ()
            update(machine, request, conduct, self._dialect, mixins)
            if answer := self._dialect.updates.answer:
                return answer(media_type, request.asked_path, Answer)
        return self._told(request, machine, machine.snapshot(), media_type)

    def _provided(
        self, provider: Provider, request: Request, machine: VirtualMachine, media_type: str
    ) -> Answer | None:
        """Deletes or saves a VM where that is asked for."""
        if request.method == _DELETE:
            provider.delete(machine.id)
            return Answer(provider.creating.deleted, media_type)
        if request.method != "POST" or request.action != provider.save_term:
            return None
        image = provider.save(machine, request.message(self._dialect.takes(request.content_type)))
        if not provider.creating.shows_image:
            return self._told(request, machine, machine.snapshot(), media_type)
        return self._rendered(self._dialect.writer.discovery([image], media_type, request.base_url))

    def _typed(self, answer: Answer) -> Answer:
        """Returns an answer with the charset that this server names with every media type."""
        if not answer.content_type or ";" in answer.content_type:
            return answer
        return replace(answer, content_type=answer.content_type + self._dialect.front.charset)

    def _told(self, request: Request, machine: VirtualMachine, snapshot: Snapshot, media_type: str) -> Answer:
        resource = self._shown(request, machine, snapshot)
        return self._rendered(self._dialect.writer.entity(resource, media_type, request.base_url))

    def _shown(self, request: Request, machine: VirtualMachine, snapshot: Snapshot) -> Resource:
        resource = shown(self._dialect, self._conduct_towards(machine), request, machine, snapshot)
        dressed = self._provider.dressed(resource, machine, snapshot) if self._provider else resource
        return self._conduct.rendered(request, dressed)

    def _rendered(self, payload: Payload) -> Answer:
        return self._typed(
            Answer(content_type=payload.content_type, headers=payload.headers, body=payload.body)
        )

    def _created(self, request: Request) -> Answer:
        if self._provider is None or request.action is not None:
            raise self._refused_creation(request)
        media_type = self._dialect.accepts(request.accept)
        machine = self._provider.create(request.message(self._dialect.takes(request.content_type)))
        url = request.base_url + self._dialect.paths.location(machine.id)
        return self._typed(self._provider.creating.answer(media_type, url))

    def _image_deleted(self, request: Request, provider: Provider) -> Answer:
        if provider.creating.lists_instead:
            return self._discovery(request)
        media_type = self._dialect.accepts(request.accept)
        provider.delete_image(request.message(self._dialect.takes(request.content_type)))
        return Answer(content_type=media_type)

    def _refused_creation(self, request: Request) -> RefusedError:
        if request.action is not None:
            return RefusedError(
                HTTPStatus.NOT_IMPLEMENTED, "Actions are possible on one compute, not on the collection."
            )
        return RefusedError(
            HTTPStatus.FORBIDDEN,
            "Nothing can be created in this sandbox: its VMs are provisioned beforehand.",
        )


def _whole_site(
    dialect: Dialect,
    conduct: Conduct,
    provisioned: Mapping[str, VirtualMachine],
    provider: Provider | None,
) -> WholeSite | None:
    """Returns what answers for a dialect that keeps to a document, None for the others."""
    if dialect.whole is None or (provider is None and dialect.whole.needs_provider):
        return None
    from OcciLibrary.sandbox.whole_model.answering import WholeSite  # noqa: PLC0415 - most sandboxes have no use for it

    return WholeSite(dialect, dialect.whole, conduct, provisioned, provider)


def _allow(request: Request, methods: Sequence[str]) -> None:
    if request.method not in methods:
        raise RefusedError(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"{request.method} is not possible here. Possible: {', '.join(methods)}.{_NO_DELETION if _DELETE not in methods else ''}",
            {"Allow": ", ".join(methods)},
            Why.WRONG_METHOD,
        )


def _passes(snapshot: Snapshot, wanted: Message) -> bool:
    known: tuple[Category, ...] = tuple(
        category for category in wanted.categories if not isinstance(category, Mixin)
    )
    if len(known) != len(wanted.categories) or any(category.id != COMPUTE.id for category in known):
        return False
    return all(snapshot.attributes.get(name) == value for name, value in wanted.attributes.items())


class SandboxServer:
    """Serves an application on 127.0.0.1 in a thread. Raises OSError when the port is taken.

    ``make_application`` gets the root URL, without a final slash: the port is known only then. ``version`` HTTP/1.0 closes
    every connection after its answer.
    """

    def __init__(
        self, make_application: Callable[[str], Application], port: int = 0, version: str = "HTTP/1.1"
    ) -> None:
        from OcciLibrary.sandbox.http_listener import listen  # noqa: PLC0415 - cheroot takes 0.1 s to import

        self._listener = listen(port, version)
        self.port: int = self._listener.bind_addr[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._listener.wsgi_app = make_application(self.url)
        self._thread = threading.Thread(target=self._listener.serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the server and its connections."""
        self._listener.stop()
        self._thread.join(5.0)
