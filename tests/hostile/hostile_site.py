"""A site and an echo service that put scripts, markup and escape sequences wherever they may say something."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.occi.scripted_site import COMPUTE, Request, answer, scripted

# Each would leave a mark on the page: its title, or an element with the id `canary`.
MARK = "document.title='CANARY';document.body.id='canary'"
WAYS = (
    f"<script>{MARK}</script>",
    f'<img src=x onerror="{MARK}">',
    f"</pre></td></summary><svg onload={MARK}>",
    f"*HTML* <img src=x onerror={MARK}>",
    f"</script><script>{MARK}//",
    f"<details open ontoggle={MARK}>",
)
LINK = f"javascript://%0A{MARK}"
PICTURE = "http://127.0.0.1:9/canary.png"
# Clears the screen, renames the window, turns the text around.
ESCAPES = "\x1b[2J\x1b]0;CANARY\x07\x9b31m\u202e\x08\x08"
WILD = " ".join((*WAYS, LINK, f"[{LINK}|click]", f"[{PICTURE}|{PICTURE}]", PICTURE))


@dataclass
class HostileSite:
    """Where it is, what it was asked, and what its VM answers to POST and PUT."""

    url: str
    port: int
    echo_port: int
    requests: list[Request]


def _text(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


class _Vm:
    """Is readable and active at first; after each request for a change every second look shows a wild state."""

    def __init__(self) -> None:
        self._changed = False
        self._looks = 0

    def show(self, _: Request) -> bytes:
        """Shows the VM."""
        self._looks += 1
        wild = self._changed and self._looks % 2
        attributes = {
            "occi.core.id": "5",
            "occi.core.title": WILD + ESCAPES,
            "occi.core.summary": ESCAPES + WILD,
            "occi.compute.hostname": WILD,
            "occi.compute.architecture": WAYS[1],
            "occi.compute.state": f"{ESCAPES}{WAYS[1]} {LINK}" if wild else "active",
            "com.example.note": WAYS[0],
        }
        lines = [f'Category: {COMPUTE}; title="{_text(WILD)}"']
        lines += [f'X-OCCI-Attribute: {name}="{_text(value)}"' for name, value in attributes.items()]
        lines += ["X-OCCI-Attribute: occi.compute.cores=1", "X-OCCI-Attribute: occi.compute.memory=1e30"]
        lines += [f'Link: <http://a/>; rel="http://b#c"; title="{_text(WILD)}"']
        return answer(200, "\n".join(lines), "text/plain", f"Server: {WILD}", f"X-Wild: {WILD}")

    def change(self, request: Request) -> bytes:
        """Takes actions but for suspend, and refuses all else in wild words."""
        if "action=" not in request.target or "suspend" in request.target:
            return answer(409, WILD + ESCAPES, "text/plain", f"Server: {WILD}", f"Location: {LINK}")
        self._changed = True
        return answer(200, WILD, "text/html", f"Server: {WILD}")


def _echo(reply: Callable[[str], str], listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as lines:
            try:
                for line in lines:
                    connection.sendall(reply(line.decode("utf-8", "replace").rstrip()).encode("utf-8"))
            except OSError:
                continue


@contextmanager
def hostile_site() -> Iterator[HostileSite]:
    """Runs the site and the echo service for the length of a `with`."""
    echo = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_echo, args=(lambda _: f"{ESCAPES}{WILD}\n", echo), daemon=True).start()
    with scripted() as site:
        kind = f'Category: {COMPUTE}; location="/compute/"; title="{_text(WILD)}"\n'
        vm = _Vm()
        site.on("/-/", answer(200, kind, "text/plain", f"Server: {WILD}"))
        urls = [f"{site.url}compute/5", "javascript://%0Adocument.title='CANARY'"]
        site.on("/compute/", answer(200, "".join(f"X-OCCI-Location: {url}\n" for url in urls)))
        site.on("GET /compute/5", vm.show)
        site.on("POST /compute/5", vm.change)
        site.on("PUT /compute/5", vm.change)
        yield HostileSite(site.url, site.port, echo.getsockname()[1], site.requests)
    echo.close()
