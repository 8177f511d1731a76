"""occi-py 0.6 with its own demonstration: all is theirs but one VM's echo service. Python 2.7 only."""

import imp

from occi.ext import infrastructure
from occi.http.tornado_frontend import TornadoHttpServer
from occi.server import DummyBackend
from serving import read_order, serve_tornado

STATE = "occi.compute.state"


def main():
    """Serves until standard input ends."""
    order, echo = read_order()
    demonstration = imp.load_source("demonstration", order["demonstration"])
    backend = DummyBackend()
    server = demonstration.init_server(backend)
    vm = demonstration.Compute(infrastructure.ComputeKind)
    (vm_id,) = backend.save_entities([vm])
    shown = dict(vm.occi_get_attributes())
    echo.follow(lambda: vm.occi_get_attribute(STATE) == "active")
    serve_tornado(lambda port, base: TornadoHttpServer(server, "127.0.0.1", port, base), echo, vm_id, shown)


if __name__ == "__main__":
    main()
