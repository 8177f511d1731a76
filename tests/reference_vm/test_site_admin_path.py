"""A site admin's path with the conventional image: built, checked, booted with user data, tried from outside.

That takes minutes, root's rights and some hundred megabytes of packages, so it is outside of the gate:

    OCCI_CONVENTIONAL_IMAGE=FOLDER pytest tests/reference_vm/test_site_admin_path.py

builds the image into that folder where it holds none of this recipe, and leaves `measured.json` there: seconds and sizes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from OcciLibrary.reference_vm.manifest import Manifest, read_manifest, recipe_digest

from .cloud_disks import CLOUDS
from .conventional_machine import ConventionalMachine, DiskFiles, grown_copy, switched_on

FOLDER = os.environ.get("OCCI_CONVENTIONAL_IMAGE", "")
HERE = Path(__file__).parent
GROWN = 5  # GiB: what a flavour may give to an image of 2 GiB

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="set OCCI_CONVENTIONAL_IMAGE to a folder to build the conventional image into"
)

measured: dict[str, float] = {}


def reference_vm(*arguments: str) -> str:
    """Runs the command line that the page for site admins tells of."""
    command = [sys.executable, "-m", "OcciLibrary.reference_vm", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2400, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def image() -> Iterator[tuple[Path, Manifest]]:
    folder = Path(FOLDER).resolve()
    manifest = read_manifest(folder)
    if manifest is None or manifest.recipe != recipe_digest() or not manifest.is_whole(folder):
        begun = time.monotonic()
        reference_vm("build", "--format", "qcow2", str(folder))
        measured["build seconds"] = round(time.monotonic() - begun, 1)
        manifest = read_manifest(folder)
    assert manifest is not None
    yield folder / manifest.disk, manifest
    folder.joinpath("measured.json").write_text(json.dumps(measured, indent=2) + "\n")


@pytest.fixture(scope="module")
def files(image: tuple[Path, Manifest], tmp_path_factory: pytest.TempPathFactory) -> DiskFiles:
    return DiskFiles(image[0], tmp_path_factory.mktemp("raw") / "disk.raw")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "tester"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True, timeout=30)
    return path


@pytest.fixture(scope="module")
def seed(key: Path) -> Path:
    path = key.with_name("seed.iso")
    public = str(key.with_suffix(".pub"))
    reference_vm("cloud-init", "--authorized-keys", public, "--seed", str(path), "--hostname", "my-vm")
    return path


@pytest.fixture(scope="module")
def disk(image: tuple[Path, Manifest], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown_copy(image[0], tmp_path_factory.mktemp("disk") / "vm.qcow2", GROWN)


@pytest.fixture(scope="module")
def machine(disk: Path, seed: Path) -> Iterator[ConventionalMachine]:
    """The image, started with the user data that the page tells of."""
    with switched_on(disk, seed, disk.parent) as running:
        yield running


def ways_in(machine: ConventionalMachine, user: str) -> list[str]:
    """Returns the ways to log in that the machine offers to a user."""
    transport = machine.transport()
    try:
        transport.auth_none(user)
    except paramiko.BadAuthenticationType as refused:
        return list(refused.allowed_types)
    finally:
        transport.close()
    return ["none"]


# ---- the file


def test_the_image_is_what_its_manifest_says(image: tuple[Path, Manifest]) -> None:
    path, manifest = image
    command = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=path.parent, check=False).returncode == 0
    assert {"linux-image-amd64", "cloud-init", "openssh-server", "qemu-guest-agent"} <= set(manifest.packages)
    assert manifest.disk_bytes == 2 * 1024**3
    assert {name.name for name in path.parent.iterdir()} <= {
        "reference-vm.qcow2", "manifest.json", "SHA256SUMS", "measured.json",
    }  # fmt: skip
    measured["MB to download"] = round(path.stat().st_size / 1e6, 1)


def test_nothing_in_it_is_secret_or_belongs_to_one_machine(files: DiskFiles) -> None:
    passwords = [line.split(":")[1] for line in files.read("/etc/shadow").splitlines()]
    assert passwords
    assert all(password[:1] in "!*" and len(password) < 3 for password in passwords)
    assert not [name for name in files.names("/etc/ssh") if "host" in name]
    assert "sshd_config" in files.names("/etc/ssh")
    assert files.read("/etc/machine-id") == ""
    assert files.read("/etc/hostname") == "reference-vm\n"
    assert "sources.list" not in files.names("/etc/apt")
    assert not [name for name in files.names("/etc/apt/apt.conf.d") if "mmdebstrap" in name]
    assert files.names("/home") == [".", ".."]


# ---- a machine with user data


def test_echo_and_ssh_answer(machine: ConventionalMachine, key: Path) -> None:
    measured["boot: seconds to echo"] = round(machine.wait_for_echo(), 1)
    assert machine.run(key, "id -un") == "tester\n"
    measured["boot: seconds to the login"] = round(machine.age(), 1)
    measured["boot: MiB of the host"] = machine.resident()


def test_the_host_name_of_the_cloud_is_in_force(machine: ConventionalMachine, key: Path) -> None:
    assert machine.run(key, "hostname; cat /etc/hostname").split() == ["my-vm", "my-vm"]


def test_the_file_system_fills_the_disk(machine: ConventionalMachine, key: Path) -> None:
    size = int(machine.run(key, "df --output=size -B1 / | tail -n 1"))
    assert 0.95 * GROWN < size / 1024**3 < GROWN


@pytest.mark.parametrize("user", ["root", "debian", "tester"])
def test_nobody_logs_in_by_a_password(machine: ConventionalMachine, user: str) -> None:
    assert ways_in(machine, user) == ["publickey"]


def test_the_testers_key_opens_no_other_account(machine: ConventionalMachine, key: Path) -> None:
    for user in ("root", "debian"):
        transport = machine.transport()
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_publickey(user, paramiko.Ed25519Key.from_private_key_file(str(key)))
        transport.close()
    assert "password is required" in machine.run(key, "sudo -n true")


def test_only_ssh_and_echo_listen_and_nothing_has_failed(machine: ConventionalMachine, key: Path) -> None:
    assert "status: done" in machine.run(key, "cloud-init status --wait")
    listening = machine.run(key, "ss -Hltn | awk '{print $4}'").split()
    outside = {place.rpartition(":")[2] for place in listening if not place.startswith("127.")}
    assert outside == {"22", "7777"}
    assert machine.run(key, "systemctl --failed --no-legend") == ""


def test_the_image_names_debians_own_sources(machine: ConventionalMachine, key: Path) -> None:
    sources = machine.run(key, "cat /etc/apt/sources.list")
    assert "debian" in sources
    assert "-security" in sources


def test_the_echo_service_keeps_its_promises(machine: ConventionalMachine) -> None:
    server = f"127.0.0.1:{machine.echo_port}:10.0.2.15"
    command = [sys.executable, "-m", "pytest", "-q", str(HERE / "test_echo_conformance.py")]
    done = subprocess.run(
        command,
        env={**os.environ, "OCCI_ECHO_SERVER": server},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_it_stops_by_its_power_button_and_comes_back_as_it_was(
    machine: ConventionalMachine, disk: Path, seed: Path, key: Path
) -> None:
    before = machine.host_key()
    machine.run(key, "echo kept > note")
    measured["seconds to stop"] = round(machine.press_power_button(), 1)
    with switched_on(disk, seed, disk.parent) as again:
        measured["second boot: seconds to echo"] = round(again.wait_for_echo(), 1)
        assert again.run(key, "cat note; hostname").split() == ["kept", "my-vm"]
        assert again.host_key() == before


# ---- machines of other kinds


def test_without_user_data_echo_answers_and_nobody_gets_in(
    image: tuple[Path, Manifest], tmp_path: Path
) -> None:
    keys = []
    for name in ("one", "another"):
        folder = tmp_path / name
        folder.mkdir()
        with switched_on(grown_copy(image[0], folder / "vm.qcow2", GROWN), None, folder) as bare:
            measured["without user data: seconds to echo"] = round(bare.wait_for_echo(), 1)
            assert ways_in(bare, "root") == ["publickey"]
            keys.append(bare.host_key())
    assert keys[0] != keys[1]


def test_user_data_turns_a_plain_image_into_a_reference_vm(
    image: tuple[Path, Manifest], tmp_path: Path, seed: Path, key: Path
) -> None:
    plain = DiskFiles(image[0], tmp_path / "plain.raw")
    for path in (
        "/usr/local/lib/occi/echo_service.py",
        "/etc/systemd/system/occi-echo.socket",
        "/etc/systemd/system/occi-echo.service",
        "/etc/systemd/system/sockets.target.wants/occi-echo.socket",
    ):
        folder, _, name = path.rpartition("/")
        assert name in plain.names(folder)
        plain.remove(path)
        assert name not in plain.names(folder)
    with switched_on(plain.to_qcow2(tmp_path / "plain.qcow2"), seed, tmp_path) as machine:
        measured["a plain image: seconds to echo"] = round(machine.wait_for_echo(), 1)
        assert machine.run(key, "hostname") == "my-vm\n"


@pytest.mark.parametrize("cloud", CLOUDS)
def test_user_data_is_found_where_clouds_put_it(
    image: tuple[Path, Manifest], tmp_path: Path, key: Path, cloud: str
) -> None:
    public = str(key.with_suffix(".pub"))
    user_data = reference_vm("cloud-init", "--login-only", "--authorized-keys", public)
    told = CLOUDS[cloud](tmp_path / "told.iso", user_data)
    with switched_on(grown_copy(image[0], tmp_path / "vm.qcow2", GROWN), told, tmp_path) as machine:
        machine.wait_for_echo()
        assert machine.run(key, "hostname") == "my-vm\n"
        assert machine.run(key, "hostname -I").split()[0] == "10.0.2.15"


def test_user_data_may_be_put_into_the_image(image: tuple[Path, Manifest], tmp_path: Path, key: Path) -> None:
    """Synnefo gives no user data, and puts files into the image instead."""
    public = str(key.with_suffix(".pub"))
    tmp_path.joinpath("user-data").write_text(
        reference_vm("cloud-init", "--login-only", "--authorized-keys", public)
    )
    tmp_path.joinpath("meta-data").write_text("instance-id: reference-vm-1\n")
    injected = DiskFiles(image[0], tmp_path / "disk.raw")
    for name in ("user-data", "meta-data"):
        injected.write(f"/var/lib/cloud/seed/nocloud/{name}", tmp_path / name)
    with switched_on(injected.to_qcow2(tmp_path / "vm.qcow2"), None, tmp_path) as machine:
        assert machine.run(key, "id -un") == "tester\n"
        assert machine.wait_for_echo()
