"""User data as a disk: what cloud-init's data source NoCloud looks for, read back from the ISO image."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.cloud_init import cloud_config
from OcciLibrary.reference_vm.seed import meta_data, write_seed

pycdlib = pytest.importorskip("pycdlib")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGX2bSc0vQkV5Jm0Yk9a2n1l me@home"


def read_seed(path: Path) -> dict[str, str]:
    disk = pycdlib.PyCdlib()
    disk.open(str(path))
    assert disk.pvd.volume_identifier.decode().strip() == "cidata"
    found = {}
    for name in ("user-data", "meta-data"):
        for kind in ("rr_path", "joliet_path"):
            content = io.BytesIO()
            disk.get_file_from_iso_fp(content, **{kind: f"/{name}"})
            found[name] = content.getvalue().decode()
    disk.close()
    return found


def test_the_seed_holds_user_data_and_host_name(tmp_path: Path) -> None:
    user_data = cloud_config(KEY)
    write_seed(tmp_path / "seed.iso", user_data, "my-vm")
    assert read_seed(tmp_path / "seed.iso") == {
        "user-data": user_data,
        "meta-data": meta_data(user_data, "my-vm"),
    }


def test_a_change_makes_another_instance_and_nothing_else_does() -> None:
    assert meta_data("a", "x") == meta_data("a", "x")
    assert len({meta_data(data, name).split()[1] for data in "ab" for name in "xy"}) == 4


@given(st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]{1,20})?\Z"))
def test_host_names_are_taken_as_they_are(name: str) -> None:
    assert meta_data("", name).endswith(f"local-hostname: {name}\n")


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "a b", "a\nuser: x", "ä", "a..b", "a" * 64, "a" * 40 + "." + "b" * 40]
)
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(BuildError, match="no host name"):
        meta_data("", name)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "OcciLibrary.reference_vm", "cloud-init", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)


def test_the_command_writes_it_and_says_in_words_what_it_cannot(tmp_path: Path) -> None:
    tmp_path.joinpath("key.pub").write_text(KEY + "\n")
    keys = ("--authorized-keys", str(tmp_path / "key.pub"), "--login-only")
    done = command(*keys, "--seed", str(tmp_path / "seed.iso"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    written = read_seed(tmp_path / "seed.iso")
    assert written["user-data"] == cloud_config(KEY, login_only=True)
    assert "local-hostname: reference-vm\n" in written["meta-data"]
    nowhere = command("--seed", str(tmp_path / "none" / "seed.iso"))
    assert nowhere.returncode == 1
    assert "cannot be written" in nowhere.stderr
    alone = command("--hostname", "my-vm")
    assert alone.returncode == 2
    assert "--hostname goes with --seed" in alone.stderr


def test_the_login_alone_needs_little_room_and_leaves_the_echo_service_to_the_image() -> None:
    login = cloud_config(KEY, login_only=True)
    assert "write_files" not in login
    assert "occi-echo" not in login
    assert len(login) < 1000
    assert login.startswith("#cloud-config\n")
    assert f'ssh_authorized_keys: ["{KEY}"]' in login
