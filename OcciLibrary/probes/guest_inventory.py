"""The inventory of a machine: architecture, virtualisation, system, compilers, libraries; what it is asked and how that is read.

Source: wiki, Scenario 1, "Issues to follow-up/resolve" 2 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import guest_software as software
from . import virtualisation as virt
from .guest_questions import answers
from .quoting import escaped

SYSTEM_QUESTIONS = {
    "kernel": "uname -s",
    "release": "uname -r",
    "machine": "uname -m",
    "bits": "getconf LONG_BIT",
    "elf": "od -A n -t u1 -N 20 /bin/sh",
    "os": "cat /etc/os-release",
    "model": 'grep "model name" /proc/cpuinfo',
    "glibc": "getconf GNU_LIBC_VERSION",
    "musl": "ls /lib/ld-musl-*",
    "ldd": "ldd --version 2>&1",
    **virt.QUESTIONS,
}
_ELF_MAGIC = (127, 69, 76, 70)
_ELF_BITS = {1: 32, 2: 64}


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a machine has; '' and None stand for what it does not tell.

    ``machine`` is the architecture as the kernel calls it, ``kernel_bits`` and ``userland_bits`` are 32 or 64; ``system`` is the
    distribution's id (debian, rocky, ...), ``system_version`` its version, ``system_name`` its name in full.
    """

    machine: str
    kernel_bits: int | None
    userland_bits: int | None
    processor: str
    virtualisation: virt.Virtualisation
    kernel: str
    kernel_release: str
    system: str
    system_version: str
    system_name: str
    c_library: str
    c_library_version: str
    tools: tuple[software.Tool, ...]
    packages: software.Packages

    @property
    def anything(self) -> bool:
        """Says whether the machine told what it is."""
        return bool(self.machine or self.kernel or self.system)


def read_inventory(system: bytes, tools: bytes, packages: bytes) -> Inventory:
    """Reads the answers to ``SYSTEM_QUESTIONS`` and to the two of guest_software; never raises, whatever was answered."""
    said = answers(system, SYSTEM_QUESTIONS)
    release = _os_release(said["os"])
    machine = _word(said, "machine")
    library, version = _c_library(said)
    return Inventory(
        machine=machine,
        kernel_bits=_bits_of(machine),
        userland_bits=_userland_bits(said),
        processor=escaped(_word(said, "model").partition(":")[2].strip(), 80),
        virtualisation=virt.virtualisation(said),
        kernel=_word(said, "kernel"),
        kernel_release=_word(said, "release"),
        system=release.get("ID", ""),
        system_version=release.get("VERSION_ID", ""),
        system_name=release.get("PRETTY_NAME", "") or release.get("NAME", ""),
        c_library=library,
        c_library_version=version,
        tools=software.tools(answers(tools, software.TOOL_QUESTIONS)),
        packages=software.packages(answers(packages, software.PACKAGE_QUESTIONS)),
    )


def _word(said: Mapping[str, Sequence[str]], name: str) -> str:
    return escaped(said[name][0].strip(), 100) if said[name] else ""


def _bits_of(machine: str) -> int | None:
    if re.fullmatch(r"i[3-6]86|x86|armv[4-7]\w*|mips|mipsel|ppc|riscv32|s390", machine):
        return 32
    return 64 if re.search(r"64|s390x|alpha", machine) else None


def _userland_bits(said: Mapping[str, Sequence[str]]) -> int | None:
    """Reads the word size of the machine's own shell from its ELF header; a 64-bit kernel runs 32-bit programs too."""
    numbers = [int(word) for word in " ".join(said["elf"]).split()[:20] if word.isdecimal()]
    if tuple(numbers[:4]) == _ELF_MAGIC and len(numbers) > 4:
        return _ELF_BITS.get(numbers[4])
    told = _word(said, "bits")
    return int(told) if told in ("32", "64") else None


def _os_release(lines: Sequence[str]) -> dict[str, str]:
    """Reads /etc/os-release (os-release(5)): names, and values in quotes or without."""
    found: dict[str, str] = {}
    for line in lines[:100]:
        name, _, value = line.strip().partition("=")
        found.setdefault(name, escaped(value.strip("\"'"), 100))
    return found


def _c_library(said: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    if told := re.fullmatch(r"(glibc) ([\d.]+)", _word(said, "glibc")):
        return told[1], told[2]
    ldd = "\n".join(said["ldd"][:3])
    if said["musl"] or "musl" in ldd:
        version = re.search(r"Version ([\d.]+)", ldd)
        return "musl", version[1] if version else ""
    gnu = re.search(r"(?:GLIBC|GNU libc)\D*([\d.]+\d)", ldd, re.IGNORECASE)
    return ("glibc", gnu[1]) if gnu else ("", "")
