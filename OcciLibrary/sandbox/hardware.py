"""The hardware of a real machine, whatever hypervisor it runs under, and what its guest is told at boot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GUEST_ADDRESS = "10.0.2.15"
KERNEL_OPTIONS = "console=ttyS0 panic=-1 quiet"


@dataclass(frozen=True, slots=True)
class Hardware:
    """The machine to build: ``memory`` in MiB, ``disk`` the path of its disk, ``told`` what the guest reads from fw_cfg, by name."""

    cores: int
    memory: int
    kernel: Path
    initrd: Path
    disk: str
    echo_port: int
    ssh_port: int
    told: Mapping[str, bytes]
    acceleration: str = "tcg"


def hardware_of(properties: Mapping[str, Any]) -> Hardware:
    """Returns the hardware for a VM's properties: memory comes in GiB."""
    return Hardware(
        cores=int(properties["cores"]),
        memory=round(float(properties["memory"]) * 1024),
        kernel=Path(properties["kernel"]),
        initrd=Path(properties["initrd"]),
        disk=str(properties["disk"]),
        echo_port=int(properties["echo_port"]),
        ssh_port=int(properties["ssh_port"]),
        told=_told(properties),
        acceleration=str(properties["acceleration"]),
    )


def _told(properties: Mapping[str, Any]) -> dict[str, bytes]:
    texts = {
        "hostname": str(properties["hostname"]),
        "username": str(properties["ssh_username"]),
        "instance": str(properties["instance"]),
        "password": str(properties["ssh_password"]),
        "authorized_keys": "".join(f"{key.strip()}\n" for key in properties["public_keys"]),
        "user_data": str(properties["user_data"]),
    }
    told = {name: text.encode() for name, text in texts.items() if text}
    if properties["ssh_host_key"]:
        told["host_key"] = dropbear_key(str(properties["ssh_host_key"]))
    return told


def dropbear_key(openssh_key: str) -> bytes:
    """Returns an ed25519 private key as dropbear stores it: the key's name, then seed and public key, each with its length."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415

    key = form.load_ssh_private_key(openssh_key.encode(), None)
    seed = key.private_bytes(form.Encoding.Raw, form.PrivateFormat.Raw, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
    return b"".join(len(part).to_bytes(4, "big") + part for part in (b"ssh-ed25519", seed + public))
