"""Everything that a site shows, as resources: its VMs, and what it holds beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from OcciLibrary.occi.infrastructure import (
    NETWORK_ACTIONS,
    NETWORK_ID,
    STORAGE_ACTIONS,
    STORAGE_ID,
    ActionFact,
)
from OcciLibrary.occi.model import Action, ActionLink, AttributeDefinition, Link, Mixin, Resource
from OcciLibrary.occi.networking import SSH_PORT_ATTRIBUTE
from OcciLibrary.sandbox.conduct import HEALTHY, Conduct
from OcciLibrary.sandbox.dialects.dialect import Dialect
from OcciLibrary.sandbox.entity import shown
from OcciLibrary.sandbox.exchange import Request
from OcciLibrary.sandbox.provider import Provider
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from OcciLibrary.sandbox.whole_model.holdings import SOURCE, Holding, Holdings
from OcciLibrary.sandbox.whole_model.known import Known
from OcciLibrary.sandbox.whole_model.rules import Rules

# All VMs share an address, so their links tell at which port the ssh server is.
SSH_PORT_MIXIN = Mixin(
    "ssh_port",
    "http://sandbox.example.org/occi/infrastructure/networkinterface#",
    "Port of the ssh server",
    (AttributeDefinition(SSH_PORT_ATTRIBUTE, immutable=True, type="integer"),),
    location="/mixin/ssh_port/",
    applies=("http://schemas.ogf.org/occi/infrastructure#networkinterface",),
)
ACTIONS: Mapping[str, Mapping[str, ActionFact]] = {NETWORK_ID: NETWORK_ACTIONS, STORAGE_ID: STORAGE_ACTIONS}


class Contents:
    """Reads what a site has at this moment. ``provisioned`` are its VMs, the tester's first."""

    def __init__(
        self,
        dialect: Dialect,
        rules: Rules,
        conduct: Conduct,
        provisioned: Mapping[str, VirtualMachine],
        provider: Provider | None,
        holdings: Holdings,
    ) -> None:
        self._dialect = dialect
        self._rules = rules
        self._conduct = conduct
        self._provisioned = provisioned
        self._provider = provider
        self._holdings = holdings

    def known(self) -> Known:
        """Returns the categories that discovery shows now."""
        creating, usual = self._dialect.creating, self._dialect.categories
        if self._provider and self._provider.creating.saves:
            offered = self._provider.categories(usual)
        else:
            offered = (*usual, *(creating.mixins() if creating else ()))
        return Known([*offered, SSH_PORT_MIXIN, *self._holdings.user_mixins()])

    def machines(self) -> dict[str, VirtualMachine]:
        """Returns all VMs, by their paths."""
        every = {**self._provisioned, **(self._provider.machines if self._provider else {})}
        return {self._dialect.paths.location(vm_id): machine for vm_id, machine in every.items()}

    def conduct_towards(self, machine: VirtualMachine) -> Conduct:
        """Returns how the site conducts itself towards a VM: faults are for the tester's."""
        return self._conduct if machine is next(iter(self._provisioned.values()), None) else HEALTHY

    def listed(self, request: Request) -> list[tuple[Resource, Resource]]:
        """Returns every entity twice, as it is and as it is shown, in the order of listings."""
        known = self.known()
        machines = self.machines()
        paths = {id(machine): path for path, machine in machines.items()}
        listed = self._conduct.listed(list(machines.values()))
        found = [self._twice(request, paths[id(machine)], machine, known) for machine in listed]
        for holding in self._holdings.all():
            resource = self.holding(holding, known)
            found.append((resource, self._conduct.rendered(request, resource)))
        return found

    def _twice(
        self, request: Request, path: str, machine: VirtualMachine, known: Known
    ) -> tuple[Resource, Resource]:
        truth = self.compute(request, path, machine, known, HEALTHY)
        seen = self.compute(request, path, machine, known, self.conduct_towards(machine))
        return truth, self._conduct.rendered(request, seen)

    def at(self, request: Request, path: str) -> tuple[Resource, Resource] | None:
        """Returns the entity at a path twice, as it is and as it is shown; None when there is none."""
        if (machine := self.machines().get(path)) is not None:
            return self._twice(request, path, machine, self.known())
        if (holding := self._holdings.at(path)) is not None:
            resource = self.holding(holding, self.known())
            return resource, self._conduct.rendered(request, resource)
        return None

    def compute(
        self, request: Request, path: str, machine: VirtualMachine, known: Known, conduct: Conduct
    ) -> Resource:
        """Returns a VM with its templates, links, and the action of saving it."""
        snapshot = machine.snapshot()
        resource = shown(self._dialect, conduct, request, machine, snapshot)
        added = self._holdings.additions(path)
        creating = self._dialect.creating
        lets = self._provider is not None or self._rules.always_saves
        saves = lets and creating is not None and creating.saves and "stop" in snapshot.actions
        mixins = (*self.templates(machine), *known.mixins(added.mixins), *self._holdings.tags_of(path))
        return Resource(
            kind=resource.kind,
            mixins=tuple({mixin.id: mixin for mixin in mixins}.values()),
            attributes={**resource.attributes, **added.attributes},
            links=tuple(self._link(holding, known) for holding in self._holdings.links_of(path)),
            actions=(*resource.actions, *(self._save_link(path) if saves and resource.actions else ())),
            location=path,
        )

    def templates(self, machine: VirtualMachine) -> tuple[Mixin, ...]:
        """Returns the image and the size that a VM was made of."""
        if self._provider and machine.id not in self._provisioned:
            return self._provider.mixins_of(machine)
        if self._dialect.creating is None:
            return ()
        sizes = self._dialect.creating.sizes
        place = list(self._provisioned).index(machine.id)
        return (self._dialect.creating.image, sizes[place % len(sizes)].mixin)

    def _save_link(self, path: str) -> Sequence[ActionLink]:
        assert self._dialect.creating is not None
        action = self._dialect.creating.save.action
        return (ActionLink(f"{path}?action={action.term}", action.id, action.term),)

    # ---- networks, storages, links

    def holding(self, holding: Holding, known: Known) -> Resource:
        """Returns a network, a storage or a link, with its state and what can be done with it now."""
        attributes = {**holding.attributes, **self._state(holding)}
        return Resource(
            kind=known.kind(holding.kind_id),
            mixins=(*known.mixins(holding.mixins), *self._holdings.tags_of(holding.location)),
            attributes=attributes,
            links=tuple(self._link(one, known) for one in self._holdings.links_of(holding.location)),
            actions=tuple(
                ActionLink(f"{holding.location}?action={action.term}", action.id, action.term)
                for action in self.applicable(holding)
            ),
            location=holding.location,
        )

    def applicable(self, holding: Holding) -> tuple[Action, ...]:
        """Returns the actions that apply to a network or a storage in its present state."""
        state = holding.attributes.get(f"occi.{holding.kind_id.rpartition('#')[2]}.state")
        facts = ACTIONS.get(holding.kind_id, {})
        return tuple(
            fact.action
            for fact in facts.values()
            if state in fact.sources and self._rules.edition in fact.editions
        )

    def _state(self, holding: Holding) -> dict[str, str]:
        """Returns the state of a link, which is up with its VM; others keep their own."""
        if SOURCE not in holding.attributes:
            return {}
        machine = self.machines().get(str(holding.attributes[SOURCE]))
        active = machine is not None and machine.snapshot().state == "active"
        name = f"occi.{holding.kind_id.rpartition('#')[2]}.state"
        return {name: "active" if active else "inactive"}

    def _link(self, holding: Holding, known: Known) -> Link:
        target = str(holding.attributes["occi.core.target"])
        held = self._holdings.at(target)
        rel = held.kind_id if held else self._dialect.kind.id
        attributes = {
            name: value
            for name, value in {**holding.attributes, **self._state(holding)}.items()
            if not name.startswith("occi.core.") or name == "occi.core.title"
        }
        core = {
            name: holding.attributes[name]
            for name in ("occi.core.id", SOURCE, "occi.core.source.kind")
            if name in holding.attributes
        }
        tags = [mixin.id for mixin in self._holdings.tags_of(holding.location)]
        categories = (
            holding.kind_id,
            *(mixin.id for mixin in known.mixins(holding.mixins)),
            *tags,
        )
        return Link(target, (rel,), holding.location, categories, {**core, **attributes})
