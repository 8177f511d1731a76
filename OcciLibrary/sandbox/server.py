"""The sandbox's OCCI server: a WSGI application over the VMs, and cheroot on 127.0.0.1 that serves it.

OCCI 1.1 (GFD.185) with the JSON rendering of 1.2. Nobody creates or deletes here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.infrastructure import (
    COMPUTE,
    COMPUTE_ACTION_SCHEME,
    COMPUTE_ACTIONS,
    standard_categories,
)
from OcciLibrary.occi.model import ActionLink, AttributeValue, Category, Message, Mixin, Resource
from OcciLibrary.occi.renderings import (
    OCCI_JSON,
    TEXT_PLAIN,
    URI_LIST,
    Payload,
    write_collection,
    write_discovery,
    write_entity,
    write_locations,
)
from OcciLibrary.sandbox.compute_update import wanted_changes
from OcciLibrary.sandbox.conduct import HEALTHY, Conduct
from OcciLibrary.sandbox.exchange import Answer, RefusedError, Request, to_wire
from OcciLibrary.sandbox.virtual_machine import ACTIONS, NotNowError, Snapshot, VirtualMachine

SERVER = "OcciLibrary-sandbox OCCI/1.1 OCCI/1.2"
DISCOVERY_PATHS = ("/-/", "/.well-known/org/ogf/occi/-/")
_ENTITY = re.compile(r"/compute/([^/]+)")
_READ = ("GET", "HEAD")
_ENTITY_METHODS = (*_READ, "POST", "PUT")
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
    """

    def __init__(
        self,
        machines: Sequence[VirtualMachine],
        own_url: str,
        login: BasicLogin | None = None,
        conduct: Conduct = HEALTHY,
    ) -> None:
        self._conduct = conduct
        self._machines = {machine.id: machine for machine in machines}
        self._own_url = own_url
        self._login = login
        self._categories = standard_categories("1.1")
        self._empty = {category.location for category in self._categories if category.location} - {
            COMPUTE.location
        }

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request (PEP 3333)."""
        request = Request(environ, self._own_url)
        try:
            answer = self._conduct.afterwards(request, self._checked_answer(request))
        except RefusedError as refused:
            answer = Answer(
                refused.status,
                "text/plain; charset=utf-8",
                tuple(refused.headers.items()),
                f"{refused}\n".encode(),
            )
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("Server", SERVER),
        ]
        headers += [(name, to_wire(value)) for name, value in answer.headers]
        start_response(_STATUS_LINES[answer.status], headers)
        return [] if request.method == "HEAD" else [answer.body]

    def _checked_answer(self, request: Request) -> Answer:
        request.read_body()
        if self._login:
            request.check_login(self._login.username, self._login.password)
        request.check_version()
        entity = _ENTITY.fullmatch(request.path)
        if (answer := self._conduct.instead(request, self._testers(entity[1] if entity else ""))) is not None:
            return answer
        if entity:
            return self._answer_entity(request, entity[1])
        _allow(request, _READ if request.path != COMPUTE.location else (*_READ, "POST"))
        if request.path in DISCOVERY_PATHS:
            return self._discovery(request)
        if request.path not in (*self._empty, COMPUTE.location, "/"):
            raise RefusedError(HTTPStatus.NOT_FOUND, f"There is nothing at {request.path[:200]!r}.")
        if request.method == "POST":
            raise _refused_creation(request)
        return self._listing(request, [] if request.path in self._empty else list(self._machines.values()))

    def _testers(self, vm_id: str) -> VirtualMachine | None:
        """Returns the tester's VM when that is its id."""
        first = next(iter(self._machines.values()), None)
        return first if first is not None and first.id == vm_id else None

    def _conduct_towards(self, machine: VirtualMachine) -> Conduct:
        return self._conduct if self._testers(machine.id) else HEALTHY

    def _discovery(self, request: Request) -> Answer:
        media_type = request.answer_type()
        if media_type == URI_LIST:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "Categories cannot be told as text/uri-list.")
        wanted = request.filter()
        ids = {category.id for category in wanted.categories} if wanted else set()
        return _rendered(
            write_discovery([known for known in self._categories if not ids or known.id in ids], media_type)
        )

    def _listing(self, request: Request, machines: Sequence[VirtualMachine]) -> Answer:
        media_type = request.answer_type()
        wanted = request.filter()
        shown = [(machine, machine.snapshot()) for machine in self._conduct.listed(list(machines))]
        shown = [
            (machine, snapshot) for machine, snapshot in shown if not wanted or _passes(snapshot, wanted)
        ]
        if media_type == OCCI_JSON:
            return _rendered(write_collection([self._shown(request, *pair) for pair in shown], media_type))
        return _rendered(
            write_locations([f"{request.base_url}{_path(machine)}" for machine, _ in shown], media_type)
        )

    def _answer_entity(self, request: Request, vm_id: str) -> Answer:
        machine = self._machines.get(vm_id)
        if machine is None and request.method == "PUT":
            raise _refused_creation(request)
        _allow(request, _ENTITY_METHODS)
        if machine is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no compute {vm_id[:200]!r}.")
        media_type = request.answer_type()
        if media_type == URI_LIST:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, "One entity cannot be told as text/uri-list (GFD.185 §3.6.6)."
            )
        if request.method == "POST" and request.action is not None:
            return _act(machine, request, self._conduct_towards(machine))
        if request.method in ("POST", "PUT"):
            _update(machine, request.message(), request.method == "PUT", self._conduct_towards(machine))
        return _rendered(write_entity(self._shown(request, machine, machine.snapshot()), media_type))

    def _shown(self, request: Request, machine: VirtualMachine, snapshot: Snapshot) -> Resource:
        return self._conduct_towards(machine).shown(request, machine, _resource(machine, snapshot))


def _allow(request: Request, methods: Sequence[str]) -> None:
    if request.method not in methods:
        raise RefusedError(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"{request.method} is not possible here. Possible: {', '.join(methods)}. Nothing can be deleted in this sandbox.",
            {"Allow": ", ".join(methods)},
        )


def _refused_creation(request: Request) -> RefusedError:
    if request.action is not None:
        return RefusedError(
            HTTPStatus.NOT_IMPLEMENTED, "Actions are possible on one compute, not on the collection."
        )
    return RefusedError(
        HTTPStatus.FORBIDDEN, "Nothing can be created in this sandbox: its VMs are provisioned beforehand."
    )


def _path(machine: VirtualMachine) -> str:
    return f"{COMPUTE.location}{machine.id}"


def _resource(machine: VirtualMachine, snapshot: Snapshot) -> Resource:
    """Returns the compute as it is rendered: only the actions that apply now are linked (GFD.185 §3.5.3)."""
    path = _path(machine)
    actions = [COMPUTE_ACTIONS[term].action for term in snapshot.actions]
    links = tuple(ActionLink(f"{path}?action={action.term}", action.id, action.term) for action in actions)
    return Resource(COMPUTE, attributes=snapshot.attributes, actions=links, location=path)


def _passes(snapshot: Snapshot, wanted: Message) -> bool:
    known: tuple[Category, ...] = tuple(
        category for category in wanted.categories if not isinstance(category, Mixin)
    )
    if len(known) != len(wanted.categories) or any(category.id != COMPUTE.id for category in known):
        return False
    return all(snapshot.attributes.get(name) == value for name, value in wanted.attributes.items())


def _act(machine: VirtualMachine, request: Request, conduct: Conduct) -> Answer:
    """Begins an action. The answer is 200 without a body (GFD.185 §3.4.4), while the transition goes on."""
    message = request.message()
    try:
        action, attributes = message.action_invocation()
    except RenderingError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The request names no action: {error}") from None
    if action.term != request.action:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST,
            f"The query asks for {request.action!r} but the body for {action.term!r}."[:500],
        )
    if action.scheme != COMPUTE_ACTION_SCHEME or action.term not in ACTIONS:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"A compute has no action {action.id[:300]!r}.")
    _check_method(action.term, attributes)
    conduct.invoked(machine, action.term, attributes)
    try:
        machine.invoke(action.term)
    except NotNowError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from None
    conduct.performed(machine, action.term, attributes)
    return Answer(content_type=TEXT_PLAIN)


def _check_method(term: str, attributes: Mapping[str, AttributeValue]) -> None:
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


def _update(machine: VirtualMachine, message: Message, full: bool, conduct: Conduct) -> None:
    try:
        changes = wanted_changes(message, machine.snapshot().attributes, full)
    except RenderingError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The request cannot be read: {error}") from None
    try:
        changes = conduct.stored(machine, changes)
        machine.change(changes, replace=full)
        conduct.updated(machine, changes)
    except NotNowError as error:
        raise RefusedError(HTTPStatus.CONFLICT, str(error)) from None


def _rendered(payload: Payload) -> Answer:
    return Answer(content_type=payload.content_type, headers=payload.headers, body=payload.body)


class SandboxServer:
    """Serves an application on 127.0.0.1 in a thread. Raises OSError when the port is taken.

    ``make_application`` gets the root URL, without a final slash: the port is known only then.
    """

    def __init__(self, make_application: Callable[[str], Application], port: int = 0) -> None:
        from OcciLibrary.sandbox.http_listener import listen  # noqa: PLC0415 - cheroot takes 0.1 s to import

        self._listener = listen(port)
        self.port: int = self._listener.bind_addr[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._listener.wsgi_app = make_application(self.url)
        self._thread = threading.Thread(target=self._listener.serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the server and its connections."""
        self._listener.stop()
        self._thread.join(5.0)
