"""Writes an archive in the cpio format that the Linux kernel unpacks as its first root (newc).

Device nodes are mere headers in it, so that nobody has to be root, and equal contents give equal bytes.
Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field

_MAGIC = "070701"
_TRAILER = "TRAILER!!!"


@dataclass(slots=True)
class CpioArchive:
    """An archive that is being filled; folders are made as they are needed. Everything belongs to root."""

    _entries: dict[str, tuple[int, bytes, tuple[int, int]]] = field(default_factory=dict)

    def add_folder(self, path: str, mode: int = 0o755) -> None:
        """Adds a folder; ``path`` is absolute."""
        self._add(path, stat.S_IFDIR | mode)

    def add_file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """Adds a file."""
        self._add(path, stat.S_IFREG | mode, content)

    def add_link(self, path: str, target: str) -> None:
        """Adds a symbolic link."""
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def add_character_device(self, path: str, major: int, minor: int, mode: int = 0o600) -> None:
        """Adds the node of a character device."""
        self._add(path, stat.S_IFCHR | mode, b"", (major, minor))

    def _add(self, path: str, mode: int, content: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        parent = path.rpartition("/")[0]
        if parent and parent not in self._entries:
            self.add_folder(parent)
        self._entries[path] = (mode, content, device)

    def to_bytes(self) -> bytes:
        """Returns the archive; its entries in the order in which they were added, a folder before what is in it."""
        parts = [
            _entry(number, path.lstrip("/"), mode, content, device)
            for number, (path, (mode, content, device)) in enumerate(self._entries.items(), 1)
        ]
        return b"".join([*parts, _entry(0, _TRAILER, 0, b"", (0, 0))])


def _entry(number: int, name: str, mode: int, content: bytes, device: tuple[int, int]) -> bytes:
    links = 2 if stat.S_ISDIR(mode) else 1
    # inode, mode, uid, gid, links, time, size, the disk's device (2), the node's device (2), length of the name, checksum
    numbers = (number, mode, 0, 0, links, 0, len(content), 0, 0, *device, len(name.encode()) + 1, 0)
    header = _MAGIC + "".join(f"{value:08X}" for value in numbers)
    return _padded(header.encode() + name.encode() + b"\0") + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
