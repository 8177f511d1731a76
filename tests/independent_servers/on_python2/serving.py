"""What both servers on Python 2 have in common: their command line, their announcement, their end."""

import json
import os
import socket
import sys
import threading

from timed_machine import TimedMachine


def read_order():
    """Returns what the starter says in one JSON line: echo_command and seconds."""
    return json.loads(sys.stdin.readline())


def machine_of(order):
    """Returns the machine that the starter asked for."""
    return TimedMachine([str(part) for part in order["echo_command"]], order["seconds"])


def free_port():
    """Returns a port of 127.0.0.1 that nobody uses at the moment."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    sock.close()
    return port


def announce(machine, endpoint, vm_id):
    """Tells the starter where the server is, and ends everything when the starter ends."""
    sys.stdout.write(
        json.dumps({"endpoint": endpoint, "vm_id": vm_id, "attributes": machine.attributes}) + "\n"
    )
    sys.stdout.flush()
    watcher = threading.Thread(target=_end_with_input, args=(machine,))
    watcher.daemon = True
    watcher.start()


def _end_with_input(machine):
    while sys.stdin.readline():
        pass
    machine.end()
    os._exit(0)
