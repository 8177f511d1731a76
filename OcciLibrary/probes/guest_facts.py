"""What a machine has: the question it is asked over ssh, and how its answer is read; nothing in it is trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .guest_answer import sections

# As in guest_answer: no quotes and no redirections, so that every shell understands them.
_QUESTIONS = {
    "hostname": "hostname",
    "node": "uname -n",
    "architecture": "uname -m",
    "nproc": "nproc",
    "online": "cat /sys/devices/system/cpu/online",
    "total": "grep MemTotal /proc/meminfo",
    "block": "cat /sys/devices/system/memory/block_size_bytes",
    "blocks": "grep -l online /sys/devices/system/memory/memory*/state | wc -l",
    "speed": "grep MHz /proc/cpuinfo",
}
QUESTION = "; ".join(f"echo occi:{name}; {command}" for name, command in _QUESTIONS.items())
"""The command line that is run on the machine."""

_GIB = 1024.0**3
_KIB_IN_GIB = 1024.0**2
_MOST_CORES = 100_000


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """What a machine told; '' and None stand for what it did not, or not in a form that makes sense.

    ``usable`` are the cores that a process may use (nproc), ``online`` those that the kernel runs. Memory is in GiB:
    ``total`` is what the kernel leaves to programs, ``installed`` the sum of the blocks that it manages, each of the size
    ``block``. ``speed`` is in GHz.
    """

    hostname: str = ""
    architecture: str = ""
    usable: int | None = None
    online: int | None = None
    total: float | None = None
    installed: float | None = None
    block: float | None = None
    speed: float | None = None

    @property
    def anything(self) -> bool:
        """Says whether the machine told anything."""
        return self != GuestFacts()


def read_facts(output: bytes) -> GuestFacts:
    """Reads what ``QUESTION`` printed; never raises, whatever was printed."""
    said = sections(output.decode("utf-8", "replace"), _QUESTIONS)
    block = _block(said.get("block", ""))
    return GuestFacts(
        hostname=_name(said.get("hostname", "")) or _name(said.get("node", "")),
        architecture=_matched(r"([A-Za-z0-9_]{1,20})", said.get("architecture", "")),
        usable=_count(said.get("nproc", "")),
        online=_cores_in(said.get("online", "")),
        total=_total(said.get("total", "")),
        installed=_installed(said.get("blocks", ""), block),
        block=block,
        speed=_speed(said.get("speed", "")),
    )


def _name(text: str) -> str:
    return _matched(r"([\w.-]{1,253})", text)


def _count(text: str) -> int | None:
    number = _matched(r"(\d{1,6})", text)
    return int(number) or None if number else None


def _cores_in(ranges: str) -> int | None:
    """Counts a list such as ``0-3,6``."""
    if not re.fullmatch(r"\d{1,6}(-\d{1,6})?(,\d{1,6}(-\d{1,6})?){0,200}", ranges, re.ASCII):
        return None
    total = 0
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        total += int(last or first) - int(first) + 1
    return total if 0 < total <= _MOST_CORES else None


def _total(line: str) -> float | None:
    kibibytes = _matched(r"MemTotal:\s*(\d{1,15}) kB", line)
    return round(int(kibibytes) / _KIB_IN_GIB, 3) if kibibytes else None


def _block(text: str) -> float | None:
    """Reads the size of a block, which the kernel gives in hexadecimal."""
    size = _matched(r"(?:0x)?([0-9a-fA-F]{1,12})", text)
    return int(size, 16) / _GIB if size and int(size, 16) else None


def _installed(blocks: str, block: float | None) -> float | None:
    count = _count(blocks)
    return None if count is None or block is None else round(count * block, 3)


def _speed(line: str) -> float | None:
    megahertz = _matched(r"cpu MHz\s*:\s*(\d{1,6}(?:\.\d{1,6})?)", line)
    return round(float(megahertz) / 1000, 3) if megahertz else None


def _matched(pattern: str, text: str) -> str:
    match = re.fullmatch(pattern, text, re.ASCII)
    return match.group(1) if match else ""
