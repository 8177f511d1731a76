"""Each recorded request again, to the sandbox in the dialect of the server that was recorded: the same answer in shape."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from tests.dialects.answer_shape import differences, shape_of
from tests.occi.recorded_site import RECORDINGS, Exchange, needs_recordings, recorded
from tests.sandbox.conftest import reach

DIALECT_OF = {
    "rocci1": "rocci1",
    "ooi27": "ooi",
    "pyssf": "pyssf",
    "occi-py06": "occi-py",
    "snf-occi-pyssf": "snf-pyssf",
}
NOT_COMPARED = (
    (r"^create|^delete|^\(make one|^Content-Type nothing known$|^no body|^garbage body|^Category without|^unknown kind",
     "a sandbox creates and deletes nothing"),
    (r"^delete of an entity", "a sandbox creates and deletes nothing"),
    (r"^HEAD|OPTIONS", "OCCI has no such method"),
    (r"^without auth headers", "a sandbox without a user name asks for no login"),
    (r"^network/|^storage/", "a sandbox has no networks and no storage"),
    (r"^bad type", "a sandbox stores no words as numbers"),
    (r"^filtered by", "what a filter finds depends on the site's own VMs"),
)  # fmt: skip
_NOT_SETTLED = "second action at once while the first runs"
# Both are in the recording: a VM that was acted on links no suspend, one that was not does.
NOT_STEADY = {"snf-pyssf": "/text/action links: only one has suspend"}
SECONDS = 0.05


def _reason(exchange: Exchange) -> str:
    if exchange.method == "DELETE":
        return "a sandbox creates and deletes nothing"
    return next((why for pattern, why in NOT_COMPARED if re.search(pattern, exchange.title)), "")


def _cases(name: str) -> list[Exchange]:
    folder = RECORDINGS / name
    return recorded(folder)[1] if folder.is_dir() else []


class Replay:
    """A site in a dialect that gets the requests of a recording, with its VM for the one that was recorded."""

    def __init__(self, dialect: str, exchanges: list[Exchange]) -> None:
        self.dialect = dialect
        self.site = SandboxSite(SandboxOptions(seconds=SECONDS, machines=2, dialect=dialect))
        self.site.start()
        self.vm: VirtualMachine = self.site.machines[0]
        self._netloc = urlsplit(self.site.description()["endpoint"]).netloc
        acted_on = next(one.target for one in exchanges if one.action)
        self._recorded_vm = acted_on.partition("?")[0].rstrip("/").rpartition("/")[2]

    def ask(self, exchange: Exchange) -> tuple[str, list[tuple[str, str]], str]:
        target = exchange.target.replace(f"/{self._recorded_vm}", f"/{self.vm.id}")
        connection = http.client.HTTPConnection(self._netloc, timeout=10)
        try:
            connection.putrequest(exchange.method, target, skip_accept_encoding=True)
            body = exchange.sent.encode()
            fields = {name.lower(): (name, value) for name, value in exchange.headers if value}
            for name, value in fields.values():
                connection.putheader(name, value)
            if body or exchange.method in ("POST", "PUT"):
                connection.putheader("Content-Length", str(len(body)))
            if "accept" not in fields:
                connection.putheader("Accept", "*/*")
            connection.endheaders(body)
            response = connection.getresponse()
            return f"{response.status}", response.getheaders(), response.read().decode()
        finally:
            connection.close()


def _be_ready_for(exchange: Exchange, vm: VirtualMachine, again: bool) -> None:
    """Brings the VM into the state in which the recorded one was, as far as its answer tells."""
    if again:
        return
    assert vm.wait_until_settled(10)
    if exchange.title.startswith("query says"):
        reach(vm, "inactive")
    elif exchange.action in ("start", "stop", "restart", "suspend") and exchange.method == "POST":
        done = exchange.status.startswith("2")
        reach(vm, _state_before(exchange.action, done, vm.snapshot().state))
    elif exchange.method in ("POST", "PUT"):
        running = re.search("while active|no query", exchange.title)
        reach(vm, "active" if running else "inactive")


def _state_before(term: str, done: bool, now: str) -> str:
    if not done:
        return "active" if term in ("start", "suspend") else "inactive"
    if term == "start":
        return now if now in ("inactive", "suspended") else "inactive"
    return "active"


@pytest.fixture(scope="module", params=DIALECT_OF)
def replay(request: pytest.FixtureRequest) -> Iterator[tuple[Replay, list[Exchange]]]:
    exchanges = _cases(request.param)
    started = Replay(DIALECT_OF[request.param], exchanges)
    yield started, exchanges
    started.site.stop()


@needs_recordings
def test_every_recorded_request_is_answered_as_that_server_did(replay: tuple[Replay, list[Exchange]]) -> None:
    site, exchanges = replay
    wrong = []
    compared = 0
    before = ""
    for exchange in exchanges:
        if _reason(exchange):
            continue
        again = exchange.title == before == _NOT_SETTLED
        before = exchange.title
        _be_ready_for(exchange, site.vm, again)
        status, headers, body = site.ask(exchange)
        problem = _compared(exchange, status, headers, body)
        problem = [one for one in problem if one != NOT_STEADY.get(site.dialect)]
        compared += 1
        if problem:
            wrong.append(f"{exchange.title}: {exchange.method} {exchange.target}: {'; '.join(problem)}")
    assert not wrong, f"{len(wrong)} of {compared}:\n" + "\n".join(wrong)
    assert compared >= 60


def _compared(exchange: Exchange, status: str, headers: list[tuple[str, str]], body: str) -> list[str]:
    if status != exchange.status.partition(" ")[0]:
        return [f"recorded {exchange.status}, answered {status}: {body[:100]!r}"]
    ours = {name.lower(): value for name, value in headers}
    theirs = {name.lower(): value for name, value in exchange.answer_headers}
    found = []
    for name in ("content-type", "server"):
        if (
            name in theirs
            and not theirs[name].startswith(("WSGIServer", "Tornado"))
            and ours.get(name) != theirs[name]
        ):
            found.append(f"{name}: recorded {theirs[name]!r}, answered {ours.get(name)!r}")
    if int(status) >= 400:
        return found + _error(exchange.body, body, theirs.get("content-type", ""))
    if found:
        return found
    content_type = theirs.get("content-type", "")
    recorded_shape = shape_of(content_type, exchange.body, exchange.answer_headers)
    return differences(recorded_shape, shape_of(content_type, body, headers))


def _error(recorded_body: str, body: str, content_type: str) -> list[str]:
    if bool(recorded_body.strip()) != bool(body.strip()):
        return [f"recorded {recorded_body[:80]!r}, answered {body[:80]!r}"]
    if "html" in content_type and recorded_body.strip():
        return [] if "<html" in body.lower() else [f"no HTML: {body[:80]!r}"]
    return []


def test_the_recordings_are_where_they_are_looked_for() -> None:
    if not Path(RECORDINGS).is_dir():
        pytest.skip(f"the recordings are not here: {RECORDINGS}")
    assert set(DIALECT_OF) <= {folder.name for folder in RECORDINGS.iterdir()}
