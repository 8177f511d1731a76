"""A real Keystone, from the package registry, in a folder: installed, set up and served by TLS on 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from tests.logins import certificates

ADMIN_PASSWORD = "admin-pa55"
ACCESS_TOKEN = "4ccess.t0ken.of-the-provider"
_CONFIGURATION = """\
[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = sqlite:///{folder}/keystone.db
[cache]
enabled = false
[token]
provider = fernet
expiration = {seconds}
allow_expired_window = 0
[fernet_tokens]
key_repository = {folder}/fernet-keys
[credential]
key_repository = {folder}/credential-keys
[auth]
methods = password,token,mapped,openid
"""


@dataclass(frozen=True)
class Keystone:
    """A Keystone that runs: where it is, and what its users need."""

    url: str
    ca: str
    proxy: str
    admin: Admin


class Admin:
    """Speaks with a Keystone as its administrator; its token is renewed for every request, for tokens live short."""

    def __init__(self, url: str, ca: str) -> None:
        self._url = url
        self._ca = ca

    def token(self) -> str:
        user = {"name": "admin", "domain": {"id": "default"}, "password": ADMIN_PASSWORD}
        auth = {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "admin", "domain": {"id": "default"}}},
        }
        answer = requests.post(f"{self._url}v3/auth/tokens", json={"auth": auth}, verify=self._ca, timeout=30)
        answer.raise_for_status()
        return answer.headers["X-Subject-Token"]

    def __call__(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(
            method,
            f"{self._url}v3/{path}",
            json=body or None,
            headers={"X-Auth-Token": self.token()},
            verify=self._ca,
            timeout=30,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def create(self, kind: str, **values: Any) -> str:
        """Creates a domain, project, user or group; gives its id."""
        return str(self("POST", f"{kind}s", **{kind: values})[kind]["id"])

    def good_until(self, token: str) -> float:
        """Returns until when (time.time) Keystone takes a token that is for a project; 0 when it does not take it."""
        answer = requests.get(
            f"{self._url}v3/auth/tokens",
            headers={"X-Auth-Token": token, "X-Subject-Token": token},
            verify=self._ca,
            timeout=30,
        )
        if answer.status_code != 200 or "project" not in answer.json()["token"]:
            return 0.0
        return datetime.fromisoformat(answer.json()["token"]["expires_at"].replace("Z", "+00:00")).timestamp()


def installed(folder: Path) -> Path:
    """Makes a virtual environment with Keystone in a folder, unless it is there; gives the folder of its programs."""
    programs = folder / "venv" / "bin"
    if not (programs / "keystone-manage").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        subprocess.run([str(programs / "pip"), "install", "--quiet", "keystone", "cheroot"], check=True)
    return programs


@contextlib.contextmanager
def real_keystone(programs: Path, folder: Path, token_seconds: int) -> Iterator[Keystone]:
    """Runs a new Keystone for the length of a `with`, with users of all kinds; tokens live as long as is said."""
    port = _free_port()
    url = f"https://127.0.0.1:{port}/"
    grid = certificates.authority()
    (folder / "ca.pem").write_bytes(grid.certificate_pem())
    identity = certificates.host(grid).write(folder / "host.pem")
    proxy = certificates.proxy(certificates.user(grid)).write(folder / "x509up")
    (folder / "tokens").write_text(ACCESS_TOKEN)
    environment = _set_up(programs, folder, url, token_seconds)
    process = subprocess.Popen(
        [
            str(programs / "python"),
            str(Path(__file__).with_name("real_keystone_server.py")),
            *(str(port), identity, str(folder / "ca.pem"), str(folder / "tokens")),
        ],
        env=environment,
        stderr=(folder / "server.log").open("w"),
    )
    try:
        _await(process, port)
        admin = Admin(url, str(folder / "ca.pem"))
        _populate(admin)
        yield Keystone(url, str(folder / "ca.pem"), proxy, admin)
    finally:
        process.kill()
        process.wait()


def _set_up(programs: Path, folder: Path, url: str, token_seconds: int) -> dict[str, str]:
    (folder / "keystone.conf").write_text(_CONFIGURATION.format(folder=folder, seconds=token_seconds))
    environment = {**os.environ, "OS_KEYSTONE_CONFIG_DIR": str(folder)}
    environment.pop("PYTHONPATH", None)
    owner = ["--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid())]
    for command in (
        ["db_sync"],
        ["fernet_setup", *owner],
        ["credential_setup", *owner],
        ["bootstrap", "--bootstrap-password", ADMIN_PASSWORD, "--bootstrap-public-url", f"{url}v3"],
    ):
        subprocess.run(
            [str(programs / "keystone-manage"), "--config-file", str(folder / "keystone.conf"), *command],
            env=environment,
            check=True,
            capture_output=True,
        )
    return environment


def _populate(admin: Admin) -> None:
    """Makes alice with one project, bob of the domain physics with two, carol with none, and a federation for VOMS and OIDC."""
    roles = {role["name"]: role["id"] for role in admin("GET", "roles")["roles"]}
    physics = admin.create("domain", name="physics")
    fedcloud = admin.create("project", name="fedcloud", domain_id="default")
    atlas = admin.create("project", name="atlas", domain_id=physics)
    people = (
        ("alice", "default", (fedcloud,)),
        ("bob", physics, (fedcloud, atlas)),
        ("carol", "default", ()),
        ("dave", "default", (fedcloud,)),
    )
    for name, domain, projects in people:
        user = admin.create(
            "user", name=name, domain_id=domain, password=f"{name}-pa55", enabled=name != "dave"
        )
        for project in projects:
            admin("PUT", f"projects/{project}/users/{user}/roles/{roles['member']}")
    group = admin.create("group", name="vo.example.org", domain_id="default")
    admin("PUT", f"projects/{fedcloud}/groups/{group}/roles/{roles['member']}")
    federation = "OS-FEDERATION/identity_providers/egi.eu"
    admin("PUT", federation, identity_provider={"enabled": True, "remote_ids": ["https://aai.example.org/"]})
    rules = [
        {
            "local": [{"user": {"name": "{0}"}, "group": {"id": group}}],
            "remote": [{"type": "REMOTE_USER"}],
        }
    ]
    admin("PUT", "OS-FEDERATION/mappings/vo", mapping={"rules": rules})
    for protocol in ("mapped", "openid"):
        admin(
            "PUT",
            f"{federation}/protocols/{protocol}",
            protocol={"mapping_id": "vo", "remote_id_attribute": "HTTP_OIDC_ISS"},
        )


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("Keystone did not start; see server.log and keystone.log in its folder")
