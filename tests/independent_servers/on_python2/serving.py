"""What the servers on Python 2 have in common: their orders, their announcement, their end."""

import json
import os
import socket
import sys
import threading
import wsgiref.simple_server

from vm_echo import VmEcho


def read_order():
    """Returns what the starter says in one JSON line (`seconds`, for instance), and the echo service of the VM."""
    order = json.loads(sys.stdin.readline())
    return order, VmEcho(order["echo_command"])


def free_port():
    """Returns a port of 127.0.0.1 that nobody uses at the moment."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    sock.close()
    return port


def announce(echo, endpoint, vm_id, attributes):
    """Tells the starter where the server is, and ends everything when the starter ends."""
    said = {"endpoint": endpoint, "vm_id": vm_id, "attributes": attributes}
    # `sys.stdout` itself may have been turned away from a server that prints what it does.
    sys.__stdout__.write(json.dumps(said) + "\n")
    sys.__stdout__.flush()
    watcher = threading.Thread(target=_end_with_input, args=(echo,))
    watcher.daemon = True
    watcher.start()


def _end_with_input(echo):
    while sys.stdin.readline():
        pass
    echo.off()
    os._exit(0)


class QuietHandler(wsgiref.simple_server.WSGIRequestHandler):
    """Logs nothing and asks no name server for the client's name."""

    def address_string(self):
        """Returns the client's address."""
        return self.client_address[0]

    def log_message(self, *_):
        """Says nothing."""


def serve_wsgi(application, echo, vm_id, attributes):
    """Serves a WSGI application for ever, one request at a time."""
    port = free_port()
    server = wsgiref.simple_server.make_server("127.0.0.1", port, application, handler_class=QuietHandler)
    announce(echo, "http://127.0.0.1:%d/" % port, vm_id, attributes)
    server.serve_forever()


def serve_tornado(make_front, echo, vm_id, attributes):
    """Serves a Tornado front for ever; `make_front` makes it from its port and base URL."""
    import tornado.ioloop  # noqa: PLC0415  # only one of the libraries has it

    port = free_port()
    endpoint = "http://127.0.0.1:%d/" % port
    front = make_front(port, endpoint)
    tornado.ioloop.IOLoop.instance().add_callback(announce, echo, endpoint, vm_id, attributes)
    front.run()
