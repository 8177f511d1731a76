"""One compute of the sandbox: how it is shown, and what actions and updates of it do, in a dialect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.infrastructure import COMPUTE, COMPUTE_ACTION_SCHEME, COMPUTE_ACTIONS
from OcciLibrary.occi.model import Action, ActionLink, AttributeValue, Mixin, Resource
from OcciLibrary.sandbox.compute_update import wanted_changes
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.dialects.dialect import ActionAnswer, Dialect, Linked, Refusal
from OcciLibrary.sandbox.exchange import RefusedError, Request, Why
from OcciLibrary.sandbox.virtual_machine import ACTIONS, NotNowError, Snapshot, VirtualMachine


def shown(
    dialect: Dialect, conduct: Conduct, request: Request, machine: VirtualMachine, snapshot: Snapshot
) -> Resource:
    """Returns the compute as the dialect's server shows it: first the truth, then the fault, then the dialect."""
    location = dialect.paths.location(machine.id)
    links = tuple(_action_link(dialect, request, location, term) for term in _linked(dialect, snapshot))
    truth = Resource(COMPUTE, attributes=snapshot.attributes, actions=links, location=location)
    resource = conduct.shown(request, machine, truth)
    return replace(
        resource,
        kind=dialect.kind if resource.kind else None,
        mixins=dialect.mixins,
        attributes=dialect.attributes.shown(resource.attributes),
    )


def _linked(dialect: Dialect, snapshot: Snapshot) -> tuple[str, ...]:
    """Returns the actions to link; by the book only those that apply now (GFD.185 §3.5.3)."""
    policy = dialect.actions
    if policy.linked is Linked.NONE:
        return ()
    terms = ACTIONS if policy.linked is Linked.ALL else snapshot.actions
    return tuple(term for term in (*terms, *policy.beyond) if term not in policy.unlinked)


def _action_link(dialect: Dialect, request: Request, location: str, term: str) -> ActionLink:
    action = COMPUTE_ACTIONS[term].action
    url = (request.base_url if dialect.actions.absolute else "") + f"{location}?action={term}"
    return ActionLink(url, action.id, term, dialect.actions.titles.get(term, ""))


def act(machine: VirtualMachine, request: Request, conduct: Conduct, dialect: Dialect) -> ActionAnswer:
    """Begins an action and returns how it is answered, while the transition goes on.

    Raises RefusedError for what is no action, does not apply now, or is not offered.
    """
    policy = dialect.actions
    message = request.message(dialect.takes(request.content_type))
    try:
        action, attributes = message.action_invocation()
    except RenderingError as error:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, f"The request names no action: {error}", why=Why.NO_ACTION
        ) from None
    if policy.needs_class and not isinstance(message.categories[0], Action):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The action has no class.", why=Why.NO_CLASS)
    if policy.compares_query and action.term != request.action:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST,
            f"The query asks for {request.action!r} but the body for {action.term!r}."[:500],
            why=Why.OTHER_ACTION,
            named=action.id[:200],
            term=action.term[:200],
        )
    if action.scheme != COMPUTE_ACTION_SCHEME or action.term not in ACTIONS:
        raise RefusedError(
            HTTPStatus.NOT_FOUND,
            f"A compute has no action {action.id[:300]!r}.",
            why=Why.UNKNOWN_ACTION,
            named=action.id[:200],
        )
    policy.method(action.term, attributes)
    if action.term in policy.refused:
        raise _refusal(policy.refused[action.term])
    conduct.invoked(machine, action.term, attributes)
    state = dialect.attributes.shown(machine.snapshot().attributes).get("occi.compute.state", "")
    try:
        machine.invoke(action.term, str(attributes.get("method", "")))
    except NotNowError as error:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, str(error), why=Why.NOT_NOW, state=str(state), term=action.term
        ) from None
    conduct.performed(machine, action.term, attributes)
    return policy.answer


def update(
    machine: VirtualMachine,
    request: Request,
    conduct: Conduct,
    dialect: Dialect,
    mixins: Sequence[Mixin] = (),
) -> None:
    """Changes attributes: those named by a POST, all by a PUT. Raises RefusedError where that is not possible.

    ``mixins`` are those of the VM itself.
    """
    is_put = request.method == "PUT"
    full = is_put and not dialect.updates.put_merges
    message = request.message(dialect.takes(request.content_type))
    message = replace(message, attributes=dialect.attributes.taken(message.attributes))
    if full and dialect.updates.kind_first and not message.resource().kind:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "A full update has to name the kind.", why=Why.NO_KIND)
    if never := dialect.updates.put if is_put else dialect.updates.post:
        raise _refusal(never)
    present = machine.snapshot().attributes
    try:
        known = [mixin.id for mixin in (*dialect.mixins, *mixins)]
        changes = wanted_changes(message, present, full, known, dialect.attributes.beyond)
    except RenderingError as error:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, f"The request cannot be read: {error}", why=Why.UNREADABLE
        ) from None
    store(machine, changes, full, conduct)


def store(machine: VirtualMachine, changes: dict[str, AttributeValue], full: bool, conduct: Conduct) -> None:
    """Changes attributes of a machine, with ``full`` all. Raises RefusedError where that is not possible now."""
    try:
        changes = conduct.stored(machine, changes)
        if conduct.while_active is not None and machine.snapshot().state == "active":
            conduct.while_active(machine, changes)
        else:
            machine.change(changes, replace=full)
        conduct.updated(machine, changes)
    except NotNowError as error:
        raise RefusedError(HTTPStatus.CONFLICT, str(error), why=Why.NO_UPDATE_NOW) from None


def rename(machine: VirtualMachine, changes: dict[str, AttributeValue], conduct: Conduct) -> None:
    """Changes what the machine knows nothing of, in any state. Raises RefusedError while a transition is under way."""
    try:
        changes = conduct.stored(machine, changes)
        machine.change_running(changes)
        conduct.updated(machine, changes)
    except NotNowError as error:
        raise RefusedError(HTTPStatus.CONFLICT, str(error), why=Why.NO_UPDATE_NOW) from None


def _refusal(refusal: Refusal) -> RefusedError:
    return RefusedError(refusal.status, refusal.words)
