"""What a machine is asked over ssh, and how its answer is read: pure, and nothing in it is trusted."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timezone

_MARK = "occi:"
# No redirections and no quotes: the commands must do in sh, csh, fish and in the small shells of small images alike.
# What an image lacks complains on its standard error, which nobody reads.
_QUESTIONS = {
    "boot_id": "cat /proc/sys/kernel/random/boot_id",
    "btime": "grep btime /proc/stat",
    "uptime": "cat /proc/uptime",
    "clock": "date +%s",
    "zone": "date +%z",
    "since": "uptime -s",
    "boottime": "sysctl -n kern.boottime",  # BSD
    "first": "cat /proc/1/stat",
    "hostname": "hostname",
    "nproc": "nproc",
    "cores": "getconf _NPROCESSORS_ONLN",
    "memory": "grep MemTotal /proc/meminfo",
}
SCRIPT = "; ".join(f"echo {_MARK}{name}; {command}" for name, command in _QUESTIONS.items())
"""The command line that is run on the machine."""

_GIB_IN_KIB = 1024 * 1024
_LATEST = 253402300800.0  # the year 10000


@dataclass(frozen=True, slots=True)
class Answers:
    """A machine's answers; what it did not tell, or not in a form that makes sense, is '' or None."""

    boot_id: str = ""
    boot_time: float | None = None
    clock: float | None = None
    first_process: int | None = None
    hostname: str = ""
    cores: int | None = None
    memory: float | None = None

    @property
    def anything(self) -> bool:
        """Says whether the machine told anything of its boot."""
        return bool(self.boot_id) or self.boot_time is not None


def read_answers(output: bytes) -> Answers:
    """Reads what ``SCRIPT`` printed; never raises, whatever was printed."""
    said = sections(output.decode("utf-8", "replace"), _QUESTIONS)
    clock = _number(r"(\d{1,12})$", said.get("clock", ""))
    return Answers(
        boot_id=_found(r"([0-9A-Fa-f-]{32,36})$", said.get("boot_id", "")).lower(),
        boot_time=_boot_time(said, clock),
        clock=clock,
        first_process=_first_process(said.get("first", "")),
        hostname=_found(r"([\w.-]{1,253})$", said.get("hostname", "")),
        cores=_count(said.get("nproc", "")) or _count(said.get("cores", "")),
        memory=_memory(said.get("memory", "")),
    )


def sections(text: str, names: Collection[str]) -> dict[str, str]:
    """Gives the first line that followed each mark ``occi:NAME``; the first answer to a question counts."""
    said: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith(_MARK):
            name = line[len(_MARK) :].strip()
        elif name in names and line.strip():
            said.setdefault(name, line.strip())
    return said


def _boot_time(said: dict[str, str], clock: float | None) -> float | None:
    told = _number(r"btime\s+(\d{1,12})$", said.get("btime", ""))
    if told is None:
        told = _number(r"\{?\s*sec\s*=\s*(\d{1,12})\b.*", said.get("boottime", ""))
    if told is None and clock is not None:
        uptime = _number(r"(\d{1,12}(?:\.\d{1,6})?)(?:\s.*)?$", said.get("uptime", ""))
        told = None if uptime is None else clock - uptime
    return _since(said) if told is None else told


def _since(said: dict[str, str]) -> float | None:
    zone = said.get("zone", "") if re.fullmatch(r"[+-]\d{4}", said.get("zone", "")) else "+0000"
    try:
        moment = datetime.strptime(f"{said.get('since', '')} {zone}", "%Y-%m-%d %H:%M:%S %z")
        return moment.astimezone(timezone.utc).timestamp()
    except (ValueError, OverflowError):
        return None


def _first_process(line: str) -> int | None:
    """Reads when process 1 began, field 22 of its line: in a container the kernel's boot id is the host's."""
    fields = line.rpartition(")")[2].split()
    told = fields[19] if len(fields) > 19 else ""
    return int(told) if re.fullmatch(r"[0-9]{1,18}", told) else None


def _count(text: str) -> int | None:
    number = _number(r"(\d{1,6})$", text)
    return int(number) if number else None


def _memory(line: str) -> float | None:
    kibibytes = _number(r"MemTotal:\s*(\d{1,15}) kB$", line)
    return None if kibibytes is None else round(kibibytes / _GIB_IN_KIB, 3)


def _number(pattern: str, text: str) -> float | None:
    found = _found(pattern, text)
    return float(found) if found and float(found) < _LATEST * 1e3 else None


def _found(pattern: str, text: str) -> str:
    match = re.match(pattern, text, re.ASCII)
    return match.group(1) if match else ""
