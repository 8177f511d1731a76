"""Ends a libvirt domain whose keeper is gone: ``python -m OcciLibrary.sandbox.libvirt_guard UUID``.

libvirt's daemon keeps a domain when the process that created it is killed. So each domain has a guard: a process that waits for the end
of its standard input, which its keeper holds, and then ends the domain, if the keeper has not said that this is done.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from OcciLibrary.sandbox.processes import child_environment

CONNECTION = "qemu:///session"
PREFIX = "occi-sandbox-"
"""What the names of the sandbox's domains begin with."""
_DONE = b"done\n"
_APPEARS_SECONDS = 5.0  # a domain that was just being created
_TICK = 0.2


def started(domain_id: str) -> subprocess.Popen[bytes]:
    """Starts the guard of a domain, before that is created."""
    return subprocess.Popen(
        [sys.executable, "-m", "OcciLibrary.sandbox.libvirt_guard", domain_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
        start_new_session=True,
    )


def dismissed(guard: subprocess.Popen[bytes]) -> None:
    """Ends the guard of a domain that is gone."""
    with contextlib.suppress(OSError, ValueError):
        guard.communicate(_DONE, timeout=_APPEARS_SECONDS)
    guard.kill()
    guard.wait()


def end_domain(connection: Any, domain_id: str) -> bool:
    """Ends a domain, and removes the log that libvirt wrote of it; False when there is no such domain."""
    import libvirt  # noqa: PLC0415 - the guard needs it at the very end only

    try:
        connection.lookupByUUIDString(domain_id).destroy()
        ended = True
    except libvirt.libvirtError:
        ended = False
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    Path(cache, "libvirt", "qemu", "log", f"{PREFIX}{domain_id}.log").unlink(missing_ok=True)
    return ended


def main() -> int:
    """Waits for the keeper's end, then ends the domain; the result is the exit status."""
    if sys.stdin.buffer.read() == _DONE:
        return 0
    import libvirt  # noqa: PLC0415

    libvirt.registerErrorHandler(lambda *_: None, None)
    connection = libvirt.open(CONNECTION)
    deadline = time.monotonic() + _APPEARS_SECONDS
    while not end_domain(connection, sys.argv[1]) and time.monotonic() < deadline:
        time.sleep(_TICK)
    return 0


if __name__ == "__main__":
    sys.exit(main())
