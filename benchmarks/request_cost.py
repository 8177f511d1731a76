"""What a request costs: one GET of a compute through the client against a bare `requests` call on a kept connection.

    python benchmarks/request_cost.py [REQUESTS]

The server is the smallest that speaks HTTP/1.1, in a process of its own, with a fixed answer of 3.4 kB in text/plain. Figure:
the ratio of the medians over REQUESTS (default 2000) each, measured alternately. Target: at most 1.25. The bare call is
`Session.get(url).content`: it reads the answer, checks nothing and understands nothing. `received` is the client's part up to
the answer's bytes, without the reading of the rendering.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import requests

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.transport import Transport

WARM_UP = 100
COMPUTE = (
    'Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"; title="Compute Resource"; '
    'rel="http://schemas.ogf.org/occi/core#resource"; location="/compute/"; attributes="occi.core.id{immutable} '
    "occi.core.title occi.core.summary occi.compute.cores occi.compute.memory occi.compute.speed "
    'occi.compute.state{immutable}"; actions="'
    + " ".join(
        f"http://schemas.ogf.org/occi/infrastructure/compute/action#{term}"
        for term in ("start", "stop", "restart", "suspend")
    )
    + '"\n'
    + "".join(
        f'Category: template_{number}; scheme="http://cloud.example.org/occi/os_tpl#"; class="mixin"; '
        f'title="Image {number}"; rel="http://schemas.ogf.org/occi/infrastructure#os_tpl"; location="/mixin/{number}/"\n'
        for number in range(10)
    )
    + "".join(
        f'Link: </network/{number}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; self="/link/{number}"; '
        'category="http://schemas.ogf.org/occi/infrastructure#networkinterface"; '
        f'occi.networkinterface.mac="00:11:22:33:44:{number:02d}"; occi.networkinterface.interface="eth{number}"\n'
        for number in range(3)
    )
    + 'X-OCCI-Attribute: occi.core.id="62c63b0c"\nX-OCCI-Attribute: occi.compute.cores=2\n'
    'X-OCCI-Attribute: occi.compute.memory=4.0\nX-OCCI-Attribute: occi.compute.state="active"\n'
)


def serve() -> None:
    """Answers every request on one connection after another with the same compute, until killed."""
    body = COMPUTE.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: bench OCCI/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = head.encode() + body
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=_answer, args=(listener.accept()[0], answer), daemon=True).start()


def _answer(connection: socket.socket, answer: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waiting = b""
    while chunk := connection.recv(65536):
        waiting += chunk
        while (end := waiting.find(b"\r\n\r\n")) >= 0:
            waiting = waiting[end + 4 :]
            connection.sendall(answer)


def measure(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Returns the median seconds of each call, all measured alternately."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for count in range(rounds + WARM_UP):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if count >= WARM_UP:
                taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        root = f"http://127.0.0.1:{int(server.stdout.readline())}/"
        url = f"{root}compute/62c63b0c"
        session, client, transport = requests.Session(), OcciClient(root), Transport(root)
        found = measure(
            {
                "bare": lambda: session.get(url, headers={"Accept": "text/plain"}).content,
                "client": lambda: client.get(url),
                "received": lambda: transport.send("GET", url, {"Accept": "text/plain"}),
            },
            rounds,
        )
    finally:
        server.kill()
    shown = ", ".join(f"{name} {seconds * 1e6:.0f} us" for name, seconds in found.items())
    print(f"{shown} (answers of {len(COMPUTE)} bytes)")
    print(f"client / bare: {found['client'] / found['bare']:.2f} (target: 1.25)")
    print(f"received / bare: {found['received'] / found['bare']:.2f}")


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
