"""Writes the user data that turns a cloud image into a reference VM: a test user, and the echo service behind a systemd socket."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError

SERVICE = Path(__file__).with_name("echo_service.py")
_UNITS = Path(__file__).with_name("echo_units")
_PUBLIC_KEY = re.compile(r"(ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+( [^\x00-\x1f\"\\]*)?")


@dataclass(frozen=True, slots=True)
class EchoFile:
    """One file of the echo service: where it is in a VM, with which rights, and where it lies here."""

    path: str
    permissions: str
    source: Path

    def content(self) -> str:
        """Returns the file's text."""
        return self.source.read_text(encoding="utf-8")


ECHO_FILES = (
    EchoFile("/usr/local/lib/occi/echo_service.py", "0755", SERVICE),
    EchoFile("/etc/systemd/system/occi-echo.socket", "0644", _UNITS / "occi-echo.socket"),
    EchoFile("/etc/systemd/system/occi-echo.service", "0644", _UNITS / "occi-echo.service"),
)
"""What makes a system with systemd and Python an echo service, once the socket is enabled."""

_LOGIN = """\
users:
  - default
  - name: tester
    gecos: OCCI test user
    shell: /bin/bash
    lock_passwd: true
    ssh_authorized_keys: [{keys}]
ssh_pwauth: false
disable_root: true
"""

_ECHO_SERVICE = """\
write_files:
{files}
runcmd:
  - [systemctl, daemon-reload]
  - [systemctl, enable, --now, occi-echo.socket]
"""


def cloud_config(authorized_keys: str = "", login_only: bool = False) -> str:
    """Returns the user data; ``authorized_keys`` are the test user's public keys, a line each.

    With ``login_only`` it makes the user and leaves the echo service to the image. Raises BuildError.
    """
    lines = (line.strip() for line in authorized_keys.splitlines())
    keys = [line for line in lines if line and line[0] != "#"]
    for key in keys:
        if not _PUBLIC_KEY.fullmatch(key):
            raise BuildError(
                f"This is no public key of ssh: {key[:40]!r}. Name a file such as ~/.ssh/id_ed25519.pub."
            )
    login = _LOGIN.format(keys=", ".join(f'"{key}"' for key in keys))
    if login_only:
        return f"#cloud-config\n# Makes the test user of an image that has the OCCI echo service.\n{login}"
    purpose = "# Turns an image with cloud-init, systemd and Python 3.6 or newer into the OCCI reference VM."
    files = "".join(_as_yaml(file) for file in ECHO_FILES).rstrip("\n")
    return f"#cloud-config\n{purpose}\n{login}{_ECHO_SERVICE.format(files=files)}"


def _as_yaml(file: EchoFile) -> str:
    body = textwrap.indent(file.content(), " " * 6)
    return f"  - path: {file.path}\n    permissions: '{file.permissions}'\n    content: |\n{body}"
