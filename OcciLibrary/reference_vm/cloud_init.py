"""Writes the user data that turns a cloud image into a reference VM: a test user, and the echo service behind a systemd socket."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError

SERVICE = Path(__file__).with_name("echo_service.py")
_PUBLIC_KEY = re.compile(r"(ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+( [^\x00-\x1f\"\\]*)?")

_SOCKET = """\
[Unit]
Description=Socket of the OCCI echo service

[Socket]
ListenStream=0.0.0.0:7777
Backlog=128

[Install]
WantedBy=sockets.target
"""

_UNIT = """\
[Unit]
Description=Echo service of the OCCI test cases
Requires=occi-echo.socket

[Service]
ExecStart=/usr/bin/python3 -I /usr/local/lib/occi/echo_service.py
DynamicUser=yes
NoNewPrivileges=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
MemoryMax=128M
Restart=on-failure
"""

_CONFIG = """\
#cloud-config
# Turns an image with cloud-init, systemd and Python 3.6 or newer into the OCCI reference VM.
users:
  - default
  - name: tester
    gecos: OCCI test user
    shell: /bin/bash
    lock_passwd: true
    ssh_authorized_keys: [{keys}]
ssh_pwauth: false
disable_root: true
write_files:
{files}
runcmd:
  - [systemctl, daemon-reload]
  - [systemctl, enable, --now, occi-echo.socket]
"""


def cloud_config(authorized_keys: str = "") -> str:
    """Returns the user data; ``authorized_keys`` are the test user's public keys, a line each. Raises BuildError."""
    keys = [line.strip() for line in authorized_keys.splitlines() if line.strip() and line[0] != "#"]
    for key in keys:
        if not _PUBLIC_KEY.fullmatch(key):
            raise BuildError(
                f"This is no public key of ssh: {key[:40]!r}. Name a file such as ~/.ssh/id_ed25519.pub."
            )
    files = [
        _file("/usr/local/lib/occi/echo_service.py", SERVICE.read_text(encoding="utf-8"), "0755"),
        _file("/etc/systemd/system/occi-echo.socket", _SOCKET, "0644"),
        _file("/etc/systemd/system/occi-echo.service", _UNIT, "0644"),
    ]
    return _CONFIG.format(keys=", ".join(f'"{key}"' for key in keys), files="".join(files).rstrip("\n"))


def _file(path: str, content: str, permissions: str) -> str:
    body = textwrap.indent(content, " " * 6)
    return f"  - path: {path}\n    permissions: '{permissions}'\n    content: |\n{body}"
