"""A machine that boots the conventional image under QEMU, reached on 127.0.0.1 alone, and the image's files from outside."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import paramiko

BOOT_SECONDS = 400.0
_PARTITION = 1024 * 1024  # bytes before the file system


@dataclass(frozen=True)
class ConventionalMachine:
    """A machine that was switched on at ``since`` (time.monotonic)."""

    process: subprocess.Popen[bytes]
    ssh_port: int
    echo_port: int
    monitor: Path
    console: Path
    since: float

    def age(self) -> float:
        """Returns for how many seconds it is on."""
        return time.monotonic() - self.since

    def wait_for_echo(self) -> float:
        """Waits until the echo service answers; returns how old the machine is then."""
        while self.age() < BOOT_SECONDS:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.echo_port), 2) as s,
            ):
                s.sendall(b"hello\nEXIT\n")
                if s.recv(200).endswith(b" hello\n"):
                    return self.age()
            self._still_there()
        raise AssertionError(f"no echo within {BOOT_SECONDS} s; the console ends: {self.said()[-1500:]!r}")

    def transport(self) -> paramiko.Transport:
        """Waits for the ssh server and returns a connection on which nobody is logged in."""
        while self.age() < BOOT_SECONDS:
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                transport = paramiko.Transport(socket.create_connection(("127.0.0.1", self.ssh_port), 5))
                transport.banner_timeout = transport.auth_timeout = 30
                transport.start_client(timeout=30)
                return transport
            self._still_there()
        raise AssertionError(f"no ssh within {BOOT_SECONDS} s; the console ends: {self.said()[-1500:]!r}")

    def host_key(self) -> str:
        """Returns the key by which the machine shows who it is."""
        with contextlib.closing(self.transport()) as transport:
            return transport.get_remote_server_key().get_base64()

    def run(self, key: Path, command: str) -> str:
        """Runs a command as tester, whose private key this is; waits as long as the user is not there yet."""
        while True:
            with contextlib.closing(self.transport()) as transport:
                try:
                    transport.auth_publickey("tester", paramiko.Ed25519Key.from_private_key_file(str(key)))
                except (paramiko.SSHException, EOFError):
                    assert self.age() < BOOT_SECONDS
                    time.sleep(0.5)
                    continue
                channel = transport.open_session(timeout=60)
                channel.settimeout(120)
                channel.set_combine_stderr(True)
                channel.exec_command(command)
                return str(channel.makefile().read().decode())

    def press_power_button(self) -> float:
        """Presses it and waits until the machine is off; returns how long that took."""
        begun = time.monotonic()
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self.monitor))
            for order in ("qmp_capabilities", "system_powerdown"):
                monitor.sendall(json.dumps({"execute": order}).encode())
            monitor.settimeout(10)
            monitor.recv(4096)
            assert self.process.wait(120) == 0
        return time.monotonic() - begun

    def resident(self) -> int:
        """Returns how much of the host's memory it holds, in MiB."""
        told = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(told.split("VmRSS:")[1].split()[0]) // 1024

    def said(self) -> str:
        """Returns what came over the serial console."""
        return self.console.read_text(errors="replace")

    def _still_there(self) -> None:
        assert self.process.poll() is None, "QEMU has ended"
        time.sleep(0.2)


def grown_copy(image: Path, copy: Path, gib: int) -> Path:
    """Makes a disk of another size that takes the image as its base, as a cloud does."""
    command = [
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        "qcow2",
        "-b",
        str(image),
        str(copy),
        f"{gib}G",
    ]
    subprocess.run(command, check=True, timeout=60)
    return copy


@contextlib.contextmanager
def switched_on(disk: Path, seed: Path | None, folder: Path) -> Iterator[ConventionalMachine]:
    """Runs a machine with the disk and, where one is given, the seed."""
    ssh_port, echo_port = _free_ports()
    forwards = f"hostfwd=tcp:127.0.0.1:{ssh_port}-:22,hostfwd=tcp:127.0.0.1:{echo_port}-:7777"
    console, monitor = folder / "console", folder / "monitor"
    monitor.unlink(missing_ok=True)
    command = ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1024"]
    command += ["-nodefaults", "-no-user-config", "-nographic", "-serial", f"file:{console}"]
    command += ["-qmp", f"unix:{monitor},server=on,wait=off"]
    command += ["-drive", f"file={disk},if=virtio,format=qcow2"]
    if seed is not None:
        command += ["-drive", f"file={seed},if=virtio,format=raw,readonly=on"]
    command += ["-netdev", f"user,id=net,restrict=on,{forwards}"]
    command += ["-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"]
    with subprocess.Popen(command) as process:
        try:
            yield ConventionalMachine(process, ssh_port, echo_port, monitor, console, time.monotonic())
        finally:
            process.kill()


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return first.getsockname()[1], second.getsockname()[1]


class DiskFiles:
    """The files on a raw disk with the image's layout, read and changed without mounting it."""

    def __init__(self, image: Path, copy: Path) -> None:
        command = ["qemu-img", "convert", "-O", "raw", str(image), str(copy)]
        subprocess.run(command, check=True, timeout=120)
        self._copy = copy

    def read(self, path: str) -> str:
        """Returns a file's text, '' where there is none."""
        return self._debugfs(f"cat {path}")

    def names(self, folder: str) -> list[str]:
        """Returns what is in a folder."""
        told = self._debugfs(f"ls -p {folder}")
        return [line.split("/")[5] for line in told.splitlines() if line.startswith("/")]

    def remove(self, path: str) -> None:
        """Takes a file away."""
        self._debugfs(f"rm {path}", "-w")

    def write(self, path: str, content: Path) -> None:
        """Puts a file in; folders are made."""
        parent = ""
        for name in path.strip("/").split("/")[:-1]:
            parent += f"/{name}"
            self._debugfs(f"mkdir {parent}", "-w")
        self._debugfs(f"write {content} {path}", "-w")

    def to_qcow2(self, target: Path) -> Path:
        """Writes the disk as it is now."""
        command = ["qemu-img", "convert", "-O", "qcow2", str(self._copy), str(target)]
        subprocess.run(command, check=True, timeout=120)
        return target

    def _debugfs(self, order: str, *options: str) -> str:
        command = ["debugfs", *options, "-R", order, f"{self._copy}?offset={_PARTITION}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout
