"""Changes what is there: attributes and mixins of entities, states of networks and storages (GFD.185 §3.4.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.infrastructure import COMPUTE_ID, NETWORK_ID, STORAGE_ID
from OcciLibrary.occi.model import AttributeValue, Message, Mixin, Resource
from OcciLibrary.sandbox.compute_update import CHANGEABLE
from OcciLibrary.sandbox.exchange import RefusedError, Why
from OcciLibrary.sandbox.whole_model.asked import Asked, asked, bad, checked_attributes
from OcciLibrary.sandbox.whole_model.contents import ACTIONS
from OcciLibrary.sandbox.whole_model.holdings import SOURCE, TARGET, Additions, Holding, Holdings
from OcciLibrary.sandbox.whole_model.known import Known
from OcciLibrary.sandbox.whole_model.provisioned import COMPUTE_ADDITIONS
from OcciLibrary.sandbox.whole_model.rules import Rules

_TRANSITIONS = {"up": "active", "down": "inactive"}
_ENDS = (SOURCE, TARGET, "occi.core.source.kind", "occi.core.target.kind")
_STATES = {NETWORK_ID: "occi.network.state", STORAGE_ID: "occi.storage.state"}
Store = Callable[[dict[str, AttributeValue]], None]


class Changes:
    """Changes entities, by all that a request says or by nothing of it."""

    def __init__(self, rules: Rules, holdings: Holdings) -> None:
        self._rules = rules
        self._holdings = holdings

    def update(self, entity: Resource, message: Message, known: Known, full: bool, store: Store) -> None:
        """Changes what is named, or with ``full`` all; links stay. ``store`` changes the machine of a VM. Raises RefusedError."""
        wanted = self._checked(entity, message, known, full)
        given = {mixin.id for mixin in entity.mixins} | {mixin.id for mixin in wanted.mixins}
        kind_id = entity.kind.id if entity.kind else ""
        definitions = known.definitions([kind_id, *given])
        changes = checked_attributes(wanted.attributes, definitions, entity.attributes)
        if set(changes) & set(_ENDS) and any(
            entity.attributes.get(name) != value for name, value in changes.items() if name in _ENDS
        ):
            raise bad("The ends of a link stay: delete it, and make another.")
        with self._holdings.lock:
            if kind_id == COMPUTE_ID:
                self._change_compute(entity, changes, full, store)
            else:
                self._change_holding(entity, changes, full)
            self._change_tags(entity, wanted.mixins, full)

    def _checked(self, entity: Resource, message: Message, known: Known, full: bool) -> Asked:
        if message.links:  # links to actions pass: they are part of the full rendering
            raise bad("Links cannot be changed by an update (GFD.185 §3.4.4).")
        wanted = asked(message, known)
        if wanted.links:
            raise bad("Links cannot be changed by an update (GFD.185 §3.4.4).")
        kind_id = entity.kind.id if entity.kind else ""
        if full and wanted.kind is None:
            raise bad(f"A full update has to name the kind {kind_id}.", Why.NO_KIND)
        if wanted.kind is not None and wanted.kind.id != kind_id:
            raise bad(f"The kind of an entity is for life: this is one of {kind_id}.")
        if not (full or wanted.attributes or wanted.mixins):
            raise bad("The update names nothing to change.")
        present = {mixin.id for mixin in entity.mixins}
        users = {mixin.id for mixin in self._holdings.user_mixins()}
        for mixin in wanted.mixins:
            known.check_applies(mixin, kind_id)
            if mixin.id not in present and mixin.id not in users:
                raise bad(f"{mixin.id[:300]} can be given at creation only.")
        return wanted

    def _change_compute(
        self, entity: Resource, changes: Mapping[str, AttributeValue], full: bool, store: Store
    ) -> None:
        machine = {name: value for name, value in changes.items() if name in CHANGEABLE}
        if machine or full:
            store(machine)
        added = self._holdings.additions(entity.location)
        usual = COMPUTE_ADDITIONS[self._rules.edition] if full else {}
        beyond = {name: value for name, value in changes.items() if name not in CHANGEABLE}
        self._holdings.add_to(
            entity.location, Additions(added.mixins, {**added.attributes, **usual, **beyond})
        )

    def _change_holding(self, entity: Resource, changes: Mapping[str, AttributeValue], full: bool) -> None:
        holding = self._held(entity.location)
        kept = {
            name: value
            for name, value in holding.attributes.items()
            if not full or name in _ENDS or name.endswith(".state") or not _may_go(name, entity)
        }
        self._holdings.put(replace(holding, attributes={**kept, **changes}))

    def _change_tags(self, entity: Resource, mixins: tuple[Mixin, ...], full: bool) -> None:
        users = {mixin.id for mixin in self._holdings.user_mixins()}
        named = {mixin.id for mixin in mixins} & users
        if full:
            for mixin in self._holdings.tags_of(entity.location):
                if mixin.id not in named:
                    self._holdings.expel(mixin.id, [entity.location])
        for mixin_id in sorted(named):
            self._holdings.enrol(mixin_id, [entity.location])

    def _held(self, location: str) -> Holding:
        holding = self._holdings.at(location)
        if holding is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"There is nothing at {location[:200]!r}.")
        return holding

    # ---- actions of networks and storages

    def act(self, entity: Resource, message: Message, term: str) -> None:
        """Invokes an action, which is done at once. Raises RefusedError: 404 for an unknown one, 400 for one that does not apply."""
        try:
            action, attributes = message.action_invocation()
        except RenderingError as error:
            raise bad(f"The request names no action: {error}", Why.NO_ACTION) from None
        if action.term != term:
            raise bad(
                f"The query asks for {term!r} but the body for {action.term!r}."[:500], Why.OTHER_ACTION
            )
        kind_id = entity.kind.id if entity.kind else ""
        facts = {fact.action.id: fact for fact in ACTIONS.get(kind_id, {}).values()}
        fact = facts.get(action.id)
        if fact is None or self._rules.edition not in fact.editions:
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"There is no action {action.id[:300]!r} here.",
                why=Why.UNKNOWN_ACTION,
                named=action.id[:200],
            )
        definitions = {definition.name: definition for definition in fact.action.attributes}
        if unknown := sorted(set(attributes) - set(definitions)):
            raise bad(f"The action {term} has no attribute {unknown[0][:200]!r}.")
        checked = checked_attributes(attributes, definitions, {})
        if term == "resize" and "size" not in checked:
            raise bad("The action resize needs the attribute size.")
        if action.id not in {link.action_id for link in entity.actions}:
            raise bad(f"The action {term} does not apply now.", Why.NOT_NOW)
        changed: dict[str, AttributeValue] = {_STATES[kind_id]: fact.target}
        if term == "resize":
            changed["occi.storage.size"] = checked["size"]
        with self._holdings.lock:
            holding = self._held(entity.location)
            self._holdings.put(replace(holding, attributes={**holding.attributes, **changed}))


def _may_go(name: str, entity: Resource) -> bool:
    """Tells whether a full update that does not name an attribute takes it away."""
    kind = entity.kind
    required = {one.name for one in kind.attributes if one.required or one.immutable} if kind else set()
    return name not in required and name != "occi.core.id"
