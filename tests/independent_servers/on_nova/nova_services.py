"""Nova's services in one process, Placement beside them, and one VM."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import cloud_stand_ins
import eventlet
import eventlet.wsgi
import os_vif
import placement.wsgi
import timed_driver
from nova import config, context, objects, service
from nova.compute import rpcapi as compute_rpcapi
from nova.conductor import rpcapi as conductor_rpcapi
from nova.conf import CONF
from nova.objects import host_mapping
from nova.scheduler import rpcapi as scheduler_rpcapi
from oslo_log import log as logging

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
ANY_TOKEN = "any-token-will-do"
FLAVOUR = {"name": "m1.tiny", "id": "1", "vcpus": 2, "ram": 1024, "disk": 1}
NAME = "vm1"
# What ooi makes of them: Nova's own numbers, the memory in MiB.
SHOWN = {
    "occi.compute.cores": FLAVOUR["vcpus"],
    "occi.compute.memory": FLAVOUR["ram"],
    "occi.compute.hostname": NAME,
}


def serve_in_background(application) -> int:
    """Serves a WSGI application on a free port of 127.0.0.1 and returns the port."""
    listener = eventlet.listen(("127.0.0.1", 0))
    eventlet.spawn(eventlet.wsgi.server, listener, application, log_output=False)
    return listener.getsockname()[1]


def filled_in(template: str, target: Path, **values: object) -> Path:
    """Writes a configuration file from a template beside this file."""
    target.write_text((HERE / template).read_text("utf-8").format(**values), encoding="utf-8")
    return target


def manage(command: str, *arguments: str) -> None:
    """Runs an administrator's command of the virtual environment. Raises CalledProcessError."""
    subprocess.run([str(BIN / command), *arguments], check=True, stdout=sys.stderr, stderr=sys.stderr)


def prepare_databases(work: Path) -> None:
    """Makes Placement's and Nova's databases and tells Nova of its two cells."""
    nova = ("--config-file", str(work / "nova.conf"))
    manage("placement-manage", "--config-file", str(work / "placement.conf"), "db", "sync")
    manage("nova-manage", *nova, "api_db", "sync")
    manage(
        "nova-manage",
        *nova,
        "cell_v2",
        "map_cell0",
        "--database_connection",
        f"sqlite:///{work}/cell0.sqlite",
    )
    manage("nova-manage", *nova, "db", "sync")
    cell1 = (
        "--name",
        "cell1",
        "--transport-url",
        "fake:///",
        "--database_connection",
        f"sqlite:///{work}/cell1.sqlite",
    )
    manage("nova-manage", *nova, "cell_v2", "create_cell", *cell1)


def start_services(work: Path) -> str:
    """Starts Nova's services and returns the URL of its API."""
    config.parse_args(["nova", "--config-file", str(work / "nova.conf")])
    logging.setup(CONF, "nova")
    objects.register_all()
    os_vif.initialize()
    for binary, topic in (
        ("nova-conductor", conductor_rpcapi.RPC_TOPIC),
        ("nova-scheduler", scheduler_rpcapi.RPC_TOPIC),
        ("nova-compute", compute_rpcapi.RPC_TOPIC),
    ):
        service.Service.create(binary=binary, topic=topic).start()
    host_mapping.discover_hosts(context.get_admin_context())
    api = service.WSGIService("osapi_compute")
    api.start()
    return f"http://127.0.0.1:{api.port}"


def token_of(person: str, order: dict[str, dict]) -> str:
    """Returns a new token of somebody from Keystone; without one any will do."""
    if "keystone" not in order:
        return ANY_TOKEN
    name, password, project = order["people"][person]
    domain = {"id": "default"}
    user = {"name": name, "password": password, "domain": domain}
    identity = {"methods": ["password"], "password": {"user": user}}
    auth = {"identity": identity, "scope": {"project": {"name": project, "domain": domain}}}
    request = urllib.request.Request(
        f"{order['keystone']['url']}v3/auth/tokens",
        json.dumps({"auth": auth}).encode(),
        {"Content-Type": "application/json"},
    )
    trusted = ssl.create_default_context(cafile=order["keystone"]["ca"])
    with urllib.request.urlopen(request, timeout=60, context=trusted) as answer:
        return str(answer.headers["X-Subject-Token"])


class NovaUser:
    """Somebody who asks Nova's own API, with a token."""

    def __init__(self, api: str, token: str) -> None:
        self._root = f"{api}/v2.1"
        self._token = token

    def call(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """Returns the JSON of an answer, {} for none."""
        headers = {
            "X-Auth-Token": self._token,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "OpenStack-API-Version": "compute 2.37",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._root}/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")

    def wait_for(self, vm_id: str, status: str) -> None:
        """Waits until a VM has a status. Raises RuntimeError when it does not get it within 60 s."""
        end = time.monotonic() + 60
        while True:
            server = self.call("GET", f"servers/{vm_id}")["server"]
            if server["status"] == status:
                return
            if server["status"] == "ERROR" or time.monotonic() > end:
                raise RuntimeError(f"The VM should become {status}: {server}")
            time.sleep(0.1)

    def make_vm(self) -> str:
        """Makes a VM, stops it and returns its id."""
        wanted = {"name": NAME, "flavorRef": "1", "imageRef": cloud_stand_ins.IMAGE_ID, "networks": "none"}
        vm_id = str(self.call("POST", "servers", {"server": wanted})["server"]["id"])
        self.wait_for(vm_id, "ACTIVE")
        self.call("POST", f"servers/{vm_id}/action", {"os-stop": None})
        self.wait_for(vm_id, "SHUTOFF")
        return vm_id


def configure(work: Path, keystone: dict[str, str], stand_ins: int, placement_port: int) -> None:
    """Writes the configuration files; without a Keystone a stand-in takes any token."""
    filled_in("placement.conf.template", work / "placement.conf", work=work)
    numbers = {"stand_ins": stand_ins, "placement": placement_port}
    filled_in("nova.conf.template", work / "nova.conf", work=work, **numbers)
    if keystone:
        section = filled_in("keystone.conf.template", work / "keystone.conf.part", **keystone)
        with (work / "nova.conf").open("a", encoding="utf-8") as file:
            file.write(section.read_text("utf-8"))
    login = "authtoken keystonecontext" if keystone else "keystone_stand_in"
    filled_in("api-paste.ini.template", work / "api-paste.ini", login=login)


def serve() -> None:
    """Serves until standard input ends."""
    order = json.loads(sys.stdin.readline())
    work = Path.cwd()
    sys.modules["nova.virt.timed_driver"] = timed_driver  # Nova takes drivers from its own package only
    timed_driver.echo_command = order["echo_command"]
    timed_driver.seconds = order["seconds"]
    listener = eventlet.listen(("127.0.0.1", 0))
    stand_ins = serve_in_background(cloud_stand_ins.application)
    configure(work, order.get("keystone", {}), stand_ins, listener.getsockname()[1])
    os.environ["OS_PLACEMENT_CONFIG_DIR"] = str(work)
    prepare_databases(work)
    eventlet.spawn(eventlet.wsgi.server, listener, placement.wsgi.init_application(), log_output=False)
    api = start_services(work)
    NovaUser(api, token_of("admin", order)).call("POST", "flavors", {"flavor": FLAVOUR})
    vm_id = NovaUser(api, token_of("tester", order)).make_vm()
    said = {"endpoint": f"{api}/occi1.1/", "vm_id": vm_id, "attributes": SHOWN}
    if "keystone" not in order:
        said |= {"login": {"OCCI_AUTH": "keystone"}, "secrets": {"OCCI_TOKEN": ANY_TOKEN}}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    while True:
        eventlet.hubs.trampoline(0, read=True)
        if not os.read(0, 4096):
            break
    timed_driver.end_all()
    os._exit(0)
