"""The files of a sandbox VM: what its kernel tells about the machine, and a small file system.

Nothing here touches the host's files but the one that is the VM's disk. What is in the user's directory is kept on it; all else is in
RAM and lives as long as the VM's process: kept over suspend and resume, lost at every boot.
"""

from __future__ import annotations

import base64
import fnmatch
import json
import math
import posixpath
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from OcciLibrary.sandbox.background_processes import BackgroundProcesses

GIB = 1024**3
MEMORY_BLOCK = 128 * 1024**2
KERNEL = "6.1.0-sandbox"
KERNEL_BUILD = "#1 SMP PREEMPT_DYNAMIC"
MOST_FILES = 200
_IN_RAM = ("/dev/shm", "/tmp", "/var/tmp")
_MOUNTS = "/dev/vda1 / ext4 rw,relatime 0 0\n" + "".join(
    f"tmpfs {folder} tmpfs rw,nosuid,nodev 0 0\n" for folder in _IN_RAM
)
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What a VM knows of itself.

    ``memory`` in GiB, ``speed`` in GHz, ``architecture`` as OCCI names it (x86, x64), ``boot_time`` in seconds
    since 1970; ``ports`` are those on which it listens; ``now`` gives the VM's clock in the same unit.
    """

    hostname: str
    cores: int
    memory: float
    speed: float
    architecture: str
    username: str
    boot_id: str
    boot_time: float
    ports: tuple[int, ...] = ()
    now: Callable[[], float] = time.time

    @property
    def machine(self) -> str:
        """The architecture as the kernel names it."""
        return "i686" if self.architecture == "x86" else "x86_64"

    @property
    def memory_bytes(self) -> int:
        """The whole memory in bytes."""
        return round(self.memory * GIB)

    @property
    def memory_used_bytes(self) -> int:
        """The memory in use: a small idle system takes a fortieth."""
        return self.memory_bytes // 40

    @property
    def uptime(self) -> float:
        """Seconds since the boot; time spent suspended is part of it."""
        return max(0.0, self.now() - self.boot_time)

    @property
    def home(self) -> str:
        """The user's directory."""
        return "/root" if self.username == "root" else f"/home/{self.username}"


def meminfo(facts: MachineFacts) -> str:
    """Returns /proc/meminfo."""
    total = facts.memory_bytes // 1024
    free = total - facts.memory_used_bytes // 1024
    rows = {"MemTotal": total, "MemFree": free, "MemAvailable": free, "Buffers": 0, "Cached": 0}
    rows |= {"SwapTotal": 0, "SwapFree": 0}
    return "".join(f"{name + ':':<15}{kibibytes:>9} kB\n" for name, kibibytes in rows.items())


def cpuinfo(facts: MachineFacts) -> str:
    """Returns /proc/cpuinfo: one block for each core."""
    block = "processor\t: {}\nmodel name\t: OcciLibrary sandbox CPU\ncpu MHz\t\t: {:.3f}\ncpu cores\t: {}\n\n"
    return "".join(block.format(core, facts.speed * 1000, facts.cores) for core in range(facts.cores))


def kernel_statistics(facts: MachineFacts) -> str:
    """Returns /proc/stat with the boot time."""
    cores = "".join(f"cpu{core} 0 0 0 0 0 0 0 0 0 0\n" for core in range(facts.cores))
    return f"cpu  0 0 0 0 0 0 0 0 0 0\n{cores}btime {int(facts.boot_time)}\nprocesses 1\n"


def version(facts: MachineFacts) -> str:
    """Returns /proc/version."""
    return f"Linux version {KERNEL} ({facts.machine}) {KERNEL_BUILD}\n"


def listening(facts: MachineFacts) -> str:
    """Returns /proc/net/tcp: what listens, on 127.0.0.1 as everything of a sandbox."""
    rows = (
        f"{number:4}: 0100007F:{port:04X} 00000000:0000 0A 0:0 0:0 0 0 0\n"
        for number, port in enumerate(facts.ports)
    )
    return "  sl  local_address rem_address   st\n" + "".join(rows)


def accounts(facts: MachineFacts) -> str:
    """Returns /etc/passwd."""
    return f"root:x:0:0:root:/root:/bin/sh\n{facts.username}:x:1000:1000::{facts.home}:/bin/sh\n"


def _memory_blocks(facts: MachineFacts) -> dict[str, Callable[[MachineFacts], str]]:
    """Returns the files of the blocks of memory that the kernel manages, rounded up to whole ones."""
    count = math.ceil(facts.memory_bytes / MEMORY_BLOCK)
    return {f"{_MEMORY}/memory{number}/state": lambda facts: "online\n" for number in range(count)}


_MEMORY = "/sys/devices/system/memory"
READ_ONLY_FILES: Mapping[str, Callable[[MachineFacts], str]] = {
    "/proc/meminfo": meminfo,
    "/proc/cpuinfo": cpuinfo,
    "/proc/stat": kernel_statistics,
    "/proc/version": version,
    "/proc/net/tcp": listening,
    "/etc/passwd": accounts,
    "/proc/uptime": lambda facts: f"{facts.uptime:.2f} {facts.uptime * facts.cores:.2f}\n",
    "/proc/mounts": lambda facts: _MOUNTS,
    f"{_MEMORY}/block_size_bytes": lambda facts: f"{MEMORY_BLOCK:x}\n",
    "/sys/devices/system/cpu/online": lambda facts: f"0-{facts.cores - 1}\n" if facts.cores > 1 else "0\n",
    "/proc/loadavg": lambda facts: "0.00 0.00 0.00 1/1 1\n",
    "/proc/sys/kernel/random/boot_id": lambda facts: f"{facts.boot_id}\n",
    "/proc/sys/kernel/hostname": lambda facts: f"{facts.hostname}\n",
    "/etc/hostname": lambda facts: f"{facts.hostname}\n",
    "/etc/os-release": lambda facts: 'ID=sandbox\nPRETTY_NAME="OcciLibrary sandbox VM"\n',
}


def disk_with(files: Mapping[str, bytes]) -> bytes:
    """Returns the content of a light machine's disk with these files on it, by absolute path."""
    return json.dumps({path: base64.b64encode(content).decode() for path, content in files.items()}).encode()


def files_on(disk: bytes) -> dict[str, bytes]:
    """Returns the files on a light machine's disk; none where it is blank, or was cut off while it was written."""
    try:
        return {path: base64.b64decode(content) for path, content in json.loads(disk).items()}
    except ValueError:
        return {}


class FileError(Exception):
    """A file that cannot be used; the text is what a shell says after the file's name."""


@dataclass(slots=True)
class Files:
    """The VM's file system: read-only files of the kernel and stored files, bounded in number and size; ``disk`` is the VM's, if any."""

    facts: MachineFacts
    disk: Path | None = None
    stored: dict[str, bytes] = field(default_factory=dict)
    processes: BackgroundProcesses = field(init=False)

    def __post_init__(self) -> None:
        self.processes = BackgroundProcesses(self.facts.now, self.facts.boot_time)
        if self.disk is not None:
            self.stored |= files_on(self.disk.read_bytes())

    def _keep(self, path: str) -> None:
        """Writes to the disk what a change of this file means to it."""
        home = f"{self.facts.home}/"
        if self.disk is not None and path.startswith(home):
            kept = {name: content for name, content in self.stored.items() if name.startswith(home)}
            self.disk.write_bytes(disk_with(kept))

    def read_only(self) -> dict[str, Callable[[MachineFacts], str]]:
        """Returns the kernel's files: what each holds, by path."""
        running = {
            f"/proc/{number}/stat": lambda facts, one=one: self.processes.status_line(one)
            for number, one in self.processes.all().items()
        }
        return {**READ_ONLY_FILES, **_memory_blocks(self.facts), **running}

    def matching(self, pattern: str) -> list[str]:
        """Returns the sorted paths of the files that a pattern with ``*`` names; a star stands for no slash."""
        depth = pattern.count("/")
        known = fnmatch.filter({*self.stored, *self.read_only()}, pattern)
        return sorted(path for path in known if path.count("/") == depth)

    def is_directory(self, path: str) -> bool:
        """Tells whether the path is one of the fixed directories."""
        known = {*self.read_only(), self.facts.home + "/x", *(f"{folder}/x" for folder in _IN_RAM)}
        return path == "/" or any(name.startswith(path + "/") for name in known)

    def exists(self, path: str) -> bool:
        """Tells whether there is a file at the path."""
        return path in self.stored or path in self.read_only()

    def read(self, path: str) -> bytes:
        """Returns a file's bytes. Raises FileError."""
        if content := self.read_only().get(path):
            return content(self.facts).encode()
        if path in self.stored:
            return self.stored[path]
        raise FileError("Is a directory" if self.is_directory(path) else "No such file or directory")

    def write(self, path: str, content: bytes) -> None:
        """Stores a file. Raises FileError when the place is not writable or the RAM is full."""
        if path == "/dev/null":
            return
        if self.is_directory(path):
            raise FileError("Is a directory")
        folder = posixpath.dirname(path)
        if not self.is_directory(folder):
            raise FileError("No such file or directory")
        if path in self.read_only() or folder not in (self.facts.home, *_IN_RAM):
            raise FileError("Permission denied")
        others = sum(len(data) + len(name) for name, data in self.stored.items() if name != path)
        if others + len(path) + len(content) > MOST_BYTES or (
            path not in self.stored and len(self.stored) >= MOST_FILES
        ):
            raise FileError("No space left on device")
        self.stored[path] = content
        self._keep(path)

    def remove(self, path: str) -> None:
        """Deletes a stored file. Raises FileError."""
        if path in self.stored:
            del self.stored[path]
            self._keep(path)
        elif path in self.read_only():
            raise FileError("Permission denied")
        else:
            raise FileError("Is a directory" if self.is_directory(path) else "No such file or directory")

    def names_in(self, path: str) -> list[str]:
        """Returns the sorted names in a directory. Raises FileError."""
        if not self.is_directory(path):
            raise FileError("No such file or directory")
        prefix = path.rstrip("/") + "/"
        folders = (f"{folder}/" for folder in (self.facts.home, *_IN_RAM))
        below = {*self.stored, *self.read_only(), *folders}
        return sorted({name[len(prefix) :].split("/")[0] for name in below if name.startswith(prefix)} - {""})
