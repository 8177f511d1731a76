"""occi-py 0.6 (on PyPI: `occi`) behind Tornado with one timed machine. Python 2.7 only, as occi-py 0.6 is."""

from occi.core import Resource
from occi.ext import infrastructure
from occi.http.tornado_frontend import TornadoHttpServer
from occi.server import DummyBackend, OCCIServer
from serving import read_order, serve_tornado
from timed_machine import TAKEN, Refused, TimedMachine

ACTIONS = {category.term: category for category in infrastructure.ComputeKind.actions}


class Compute(Resource):
    """occi-py's copy of the machine."""

    machine = None

    def refresh(self):
        """Brings the copy up to date."""
        shown = dict(self.machine.attributes)
        shown["occi.compute.state"] = self.machine.state
        self.occi_set_attributes(sorted(shown.items()), validate=False)
        orders = self.machine.orders()
        for term, category in ACTIONS.items():
            self.occi_set_applicable_action(category, applicable=term in orders)

    def exec_action(self, action, payload=None):
        """Takes an action."""
        try:
            self.machine.take(action.category.term, dict(action.parameters or ()).get("method", ""))
        except Refused as refusal:
            raise Backend.InvalidOperation(str(refusal))


class Backend(DummyBackend):
    """occi-py's in-memory back-end, its copies brought up to date on every look."""

    def get_entity(self, entity_id, user=None):
        """Returns one resource."""
        entity = DummyBackend.get_entity(self, entity_id, user)
        if isinstance(entity, Compute):
            entity.refresh()
        return entity

    def save_entities(self, entities, id_prefix=None, user=None):
        """Passes changed attributes on to the machine."""
        for entity in entities:
            if isinstance(entity, Compute) and entity.id:
                self._pass_on(entity)
        return DummyBackend.save_entities(self, entities, id_prefix, user)

    def _pass_on(self, entity):
        machine = entity.machine
        wanted = {name: entity.occi_get_attribute(name) for name in TAKEN}
        try:
            machine.change(
                {name: value for name, value in wanted.items() if value != machine.attributes[name]}
            )
        except Refused as refusal:
            raise self.InvalidOperation(str(refusal))


def main():
    """Serves until standard input ends."""
    order, echo = read_order()
    machine = TimedMachine(echo, order["seconds"])
    Compute.machine = machine
    infrastructure.ComputeKind.entity_type = Compute
    backend = Backend()
    server = OCCIServer(backend=backend)
    for category in (infrastructure.ComputeKind, infrastructure.NetworkKind, infrastructure.StorageKind):
        server.registry.register(category)
    vm = Compute(infrastructure.ComputeKind)
    (vm_id,) = DummyBackend.save_entities(backend, [vm])
    vm.refresh()
    serve_tornado(
        lambda port, base: TornadoHttpServer(server, "127.0.0.1", port, base), echo, vm_id, machine.attributes
    )


if __name__ == "__main__":
    main()
