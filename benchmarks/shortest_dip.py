"""How short a restart can be and still be seen: our watch against Robot's Wait Until Keyword Succeeds.

    python benchmarks/shortest_dip.py [RESTARTS]

A sandbox reboots its VM and shows `inactive` for 50, 20, 10, 5 and 2 ms, RESTARTS times each (default 100). Figures: how many
restarts each way of looking has seen, and how many requests one took. Targets: at least 99 of 100 at 10 ms, 95 at 5 ms.
The ways: `watch` (this library's), `fastest` (Wait Until Keyword Succeeds with an interval of 0 s over RequestsLibrary) and
`1 s poll` (the same with 1 s, what the field does; a fifth of the restarts).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.probes import glance
from OcciLibrary.sandbox import conduct, options, site, transitions
from OcciLibrary.watch import Outcome, Watch, restarted, went_through

DIPS = (50, 20, 10, 5, 2)
TRANSITION_SECONDS = 0.1
SUITE = """\
*** Settings ***
Library    RequestsLibrary
*** Variables ***
&{PLAIN}      Accept=text/plain
&{RESTART}    Accept=text/plain    Content-Type=text/occi
...           Category=restart; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"
...           X-OCCI-Attribute=method="warm"
*** Test Cases ***
Restarts
    Create Session    site    ${ENDPOINT}
    VAR    ${seen}    ${0}
    FOR    ${round}    IN RANGE    ${RESTARTS}
        Wait Until Keyword Succeeds    5 s    50 ms    Restart
        TRY
            Wait Until Keyword Succeeds    ${WINDOW}    ${INTERVAL}    State Should Be    inactive
            VAR    ${seen}    ${seen + 1}
        EXCEPT    AS    ${missed}
            No Operation
        END
    END
    Log To Console    \\nSEEN ${seen}
*** Keywords ***
Restart
    POST On Session    site    url=compute/${VM}?action=restart    headers=${RESTART}
State Should Be
    [Arguments]    ${state}
    ${answer}    GET On Session    site    url=compute/${VM}    headers=${PLAIN}
    Should Contain    ${answer.text}    occi.compute.state="${state}"
"""


def serve(milliseconds: float) -> None:
    """Serves a sandbox whose restarts dip so long; prints its description, then the number of requests for each line read."""
    steps = (
        transitions.warm_up,
        transitions.wait(),
        transitions.shut_down,
        transitions.boot,
        transitions.show("inactive"),
        transitions.wait_seconds(milliseconds / 1000),
    )
    plans = {"restart": transitions.Plan(steps, "active")}
    requests = 0

    def counted(request: Any, answer: Any) -> Any:
        nonlocal requests
        requests += 1
        return answer

    sandbox = site.SandboxSite(
        options.SandboxOptions(seconds=TRANSITION_SECONDS, machines=1, reference_state="active"),
        conduct.Conduct(plans=plans, afterwards=counted),
    )
    sandbox.start()
    print(json.dumps(sandbox.description()), flush=True)
    for _ in sys.stdin:
        print(requests, flush=True)
    sandbox.stop()


class Served:
    """A sandbox in a process of its own."""

    def __init__(self, milliseconds: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(milliseconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.description: dict[str, Any] = json.loads(self._line())
        self.vm: dict[str, Any] = self.description["machines"][0]

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def requests(self) -> int:
        """Returns how many requests it has answered."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._line())

    def stop(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def served(milliseconds: float) -> Iterator[Served]:
    """Serves a sandbox for a while."""
    sandbox = Served(milliseconds)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def watched(sandbox: Served, restarts: int) -> int:
    """Returns how many restarts the watch has seen in the order that the wiki demands."""
    client = OcciClient(sandbox.description["endpoint"])
    (url,) = client.list_compute()
    seen = 0
    sampled = client.clone()
    for _ in range(restarts):
        lanes = {
            "state": lambda: (str(sampled.get(url).attributes["occi.compute.state"]), ""),
            "echo": lambda: glance(sandbox.vm["echo_host"], sandbox.vm["echo_port"]),
        }
        with Watch(lanes) as watch:
            since = watch.mark("restart sent")
            client.act(url, "restart", method="warm")
            watch.mark("answered")
            watch.wait(lambda t, since=since: restarted(t, since, t.ended, 3.0), 4.0)
            timeline = watch.stop()
        seen += went_through(timeline, since, ("active", "inactive", "active")).outcome is Outcome.PASS
    client.close()
    return seen


def polled(sandbox: Served, restarts: int, interval: str) -> int:
    """Returns how many restarts Wait Until Keyword Succeeds has seen."""
    with tempfile.TemporaryDirectory() as folder:
        suite = Path(folder) / "restarts.robot"
        suite.write_text(SUITE, "utf-8")
        variables = {
            "ENDPOINT": sandbox.description["endpoint"],
            "VM": sandbox.vm["id"],
            "RESTARTS": restarts,
            "INTERVAL": interval,
            "WINDOW": "1.5 s" if interval == "1 s" else "0.5 s",
        }
        given = [part for name, value in variables.items() for part in ("-v", f"{name}:{value}")]
        command = [sys.executable, "-m", "robot", "--outputdir", folder, *given, str(suite)]
        finished = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "NO_PROXY": "*"}
        )
    if finished.returncode:
        sys.exit(finished.stdout + finished.stderr)
    return int(finished.stdout.partition("SEEN ")[2].split()[0])


def main() -> None:
    restarts = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    ways = (
        ("watch", lambda sandbox: watched(sandbox, restarts), restarts),
        ("fastest", lambda sandbox: polled(sandbox, restarts, "0 s"), restarts),
        ("1 s poll", lambda sandbox: polled(sandbox, max(1, restarts // 5), "1 s"), max(1, restarts // 5)),
    )
    print(f"{'dip':>6} | " + " | ".join(f"{name:^24}" for name, _, _ in ways), flush=True)
    for milliseconds in DIPS:
        cells = []
        for _, look, count in ways:
            with served(milliseconds) as sandbox:
                before = sandbox.requests()
                seen = look(sandbox)
                cells.append(f"{seen:3} of {count:3}, {(sandbox.requests() - before) / count:4.0f} requests")
        print(f"{milliseconds:3} ms | " + " | ".join(cells), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(float(sys.argv[2]))
    else:
        main()
