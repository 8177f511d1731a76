"""pyssf 0.4.7 with one timed machine behind it. Python 2.7 only, as pyssf is."""

from occi.backend import ActionBackend, KindBackend
from occi.core_model import Resource
from occi.extensions.infrastructure import (
    COMPUTE,
    DOWN,
    NETWORK,
    OFFLINE,
    ONLINE,
    RESTART,
    START,
    STOP,
    STORAGE,
    SUSPEND,
    UP,
)
from occi.wsgi import Application
from serving import read_order, serve_wsgi
from timed_machine import Refused, TimedMachine

VM_ID = "/compute/4a1f7a2e-0c7e-4d44-9a0b-6d0f3b6f5c11"
ACTIONS = {action.term: action for action in (START, STOP, RESTART, SUSPEND)}
NUMBERS = {"occi.compute.cores": int, "occi.compute.speed": float, "occi.compute.memory": float}


class ComputeBackend(KindBackend, ActionBackend):
    """Shows the machine and passes orders on to it; an AttributeError is a 400 in pyssf."""

    def __init__(self, machine):
        self._machine = machine

    def retrieve(self, entity, extras):
        """Brings pyssf's copy up to date."""
        entity.attributes = {name: str(value) for name, value in self._machine.attributes.items()}
        entity.attributes["occi.compute.state"] = self._machine.state
        entity.actions = [ACTIONS[order] for order in self._machine.orders()]

    def update(self, old, new, extras):
        """Takes a partial update."""
        self._change(new.attributes)
        self.retrieve(old, extras)

    def replace(self, old, new, extras):
        """Takes a full update."""
        self.update(old, new, extras)

    def action(self, entity, action, attributes, extras):
        """Takes an action."""
        try:
            self._machine.take(action.term, attributes.get("method", ""))
        except Refused as refusal:
            raise AttributeError(str(refusal))

    def _change(self, attributes):
        try:
            values = {str(name): NUMBERS.get(name, str)(value) for name, value in attributes.items()}
            values.pop("occi.compute.architecture", None)
            self._machine.change(values)
        except (Refused, ValueError) as refusal:
            raise AttributeError(str(refusal))


class KeptBackend(KindBackend, ActionBackend):
    """Networks and storages of the user, which pyssf itself keeps in memory: they only need a state."""

    def __init__(self, state, courses):
        self._state = state
        self._courses = courses

    def create(self, entity, extras):
        """Gives a new one its first state."""
        self._show(entity, self._state)

    def update(self, old, new, extras):
        """Takes a partial update."""
        old.attributes.update(new.attributes)

    def action(self, entity, action, attributes, extras):
        """Takes an action; it is done at once."""
        name = "occi.%s.state" % entity.kind.term
        self._show(entity, self._courses.get(action, entity.attributes[name]))

    def _show(self, entity, state):
        entity.attributes["occi.%s.state" % entity.kind.term] = state
        entity.actions = [action for action, target in self._courses.items() if target != state]


class Site(Application):
    """pyssf's application for everybody: no login."""

    def __call__(self, environ, response):
        """Answers one request."""
        return self._call_occi(environ, response, security=None)


def main():
    """Serves until standard input ends."""
    order, echo = read_order()
    machine = TimedMachine(echo, order["seconds"])
    backend = ComputeBackend(machine)
    site = Site()
    for category in (COMPUTE, START, STOP, RESTART, SUSPEND):
        site.register_backend(category, backend)
    for kind, state, courses in (
        (NETWORK, "inactive", {UP: "active", DOWN: "inactive"}),
        (STORAGE, "offline", {ONLINE: "online", OFFLINE: "offline"}),
    ):
        kept = KeptBackend(state, courses)
        site.register_backend(kind, kept)
        for action in kind.actions:
            site.register_backend(action, kept)
    vm = Resource(VM_ID, COMPUTE, [], title="the reference VM")
    backend.retrieve(vm, None)
    site.registry.add_resource(VM_ID, vm, None)
    serve_wsgi(site, echo, VM_ID, machine.attributes)


if __name__ == "__main__":
    main()
