"""pyssf 0.4.7 with the back-end of its own demonstration: all is theirs but one VM's echo service. Python 2.7 only."""

import imp
import sys

from occi.core_model import Resource
from occi.extensions.infrastructure import COMPUTE, RESTART, START, STOP, SUSPEND
from occi.workflow import create_entity
from serving import read_order, serve_wsgi

VM_ID = "/compute/9b0c6a0e-52f5-4e0b-a1a6-1f7f5f3f8a77"
STATE = "occi.compute.state"


def main():
    """Serves until standard input ends."""
    order, echo = read_order()
    sys.stdout = sys.stderr  # the demonstration prints what it does
    demonstration = imp.load_source("demonstration", order["demonstration"])
    site = demonstration.MyAPP()
    backend = demonstration.ComputeBackend()
    for category in (COMPUTE, START, STOP, RESTART, SUSPEND):
        site.register_backend(category, backend)
    vm = Resource(VM_ID, COMPUTE, [])
    create_entity(VM_ID, vm, site.registry, None)
    shown = dict(vm.attributes)
    for name in ("occi.compute.cores", "occi.compute.memory", "occi.compute.speed"):
        shown[name] = int(shown[name])
    echo.follow(lambda: vm.attributes.get(STATE) == "active")
    serve_wsgi(site, echo, VM_ID, shown)


if __name__ == "__main__":
    main()
