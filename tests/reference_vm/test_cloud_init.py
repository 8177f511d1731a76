"""The user data for a site admin's cloud image: it holds this very echo service, and only public keys."""

from __future__ import annotations

import configparser
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from OcciLibrary.reference_vm import echo_service
from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.cloud_init import cloud_config

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGX2bSc0vQkV5Jm0Yk9a2n1l me@home"


def files_in(config: str) -> dict[str, str]:
    """Reads the files as YAML's literal blocks hold them: indented by six spaces."""
    files = {}
    for entry in config.split("write_files:\n")[1].split("\nruncmd:", maxsplit=1)[0].split("  - path: ")[1:]:
        path, _, rest = entry.partition("\n")
        files[path] = textwrap.dedent(rest.partition("content: |\n")[2]).rstrip("\n") + "\n"
    return files


def test_the_user_data_holds_the_echo_service_and_its_units() -> None:
    config = cloud_config()
    files = files_in(config)
    assert files["/usr/local/lib/occi/echo_service.py"] == Path(echo_service.__file__).read_text()
    units = {path.rpartition(".")[2]: text for path, text in files.items() if path.startswith("/etc/systemd")}
    socket_unit, service_unit = configparser.ConfigParser(), configparser.ConfigParser()
    for parser, kind in ((socket_unit, "socket"), (service_unit, "service")):
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        parser.read_string(units[kind])
    assert socket_unit["Socket"]["ListenStream"] == "0.0.0.0:7777"
    program = service_unit["Service"]["ExecStart"].split()[-1]
    assert program in files
    assert config.startswith("#cloud-config\n")
    assert "[systemctl, enable, --now, occi-echo.socket]" in config
    assert "\t" not in config


def test_the_user_gets_the_keys_and_nobody_a_password() -> None:
    config = cloud_config(f"# mine\n{KEY}\n\n")
    assert f'ssh_authorized_keys: ["{KEY}"]' in config
    assert "lock_passwd: true" in config
    assert "ssh_pwauth: false" in config


@pytest.mark.parametrize(
    "wrong", ["-----BEGIN OPENSSH PRIVATE KEY-----", 'ssh-rsa AAAA "quoted"', "ssh-rsa AAAA a\tb", "hello"]
)
def test_what_is_no_public_key_is_refused(wrong: str) -> None:
    with pytest.raises(BuildError, match="no public key"):
        cloud_config(wrong)


def test_the_command_prints_it_and_says_in_words_what_it_cannot_read(tmp_path: Path) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "OcciLibrary.reference_vm", "cloud-init", *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)

    tmp_path.joinpath("key.pub").write_text(KEY + "\n")
    assert command("--authorized-keys", str(tmp_path / "key.pub")).stdout == cloud_config(KEY)
    missing = command("--authorized-keys", str(tmp_path / "none.pub"))
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "cannot be read: No such file or directory" in missing.stderr
    assert missing.stderr.count("\n") == 1
