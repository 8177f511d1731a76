"""Traces that a tester leaves in a running machine: the commands that leave them and look for them, and how the answers are read.

A process of the tester's own and a file in RAM are gone after a boot, and still there after a suspension (`watch.traces`).
"""

from __future__ import annotations

import re

PROCESS_SECONDS = 3600
START_PROCESS = f"sleep {PROCESS_SECONDS} > /dev/null 2>&1 & echo $!"
"""Starts a process that does nothing, and tells its number; it ends by itself within the hour."""
ASK_MOUNTS = "cat /proc/mounts"
# systemd empties /dev/shm and /run/user of what a user leaves who is no longer logged in: the first last, the other never.
_FOLDERS = ("/tmp", "/run/lock", "/var/tmp", "/dev/shm")
_IN_RAM = ("tmpfs", "ramfs")
NO_PROCESS = -1
NO_FILE = "-"


def process_number(answer: str) -> int | None:
    """Reads what ``START_PROCESS`` printed."""
    match = re.search(r"^(\d{1,9})$", answer, re.ASCII | re.MULTILINE)
    return int(match.group(1)) if match and int(match.group(1)) > 1 else None


def ask_process(number: int) -> str:
    """Gives the command that shows a process."""
    return f"cat /proc/{number}/stat"


def process_begin(answer: str, number: int) -> int | None:
    """Reads when the tester's process began; NO_PROCESS when there is none of that number."""
    if not answer.startswith(f"{number} ("):
        return NO_PROCESS
    fields = answer.rpartition(")")[2].split()
    told = fields[19] if len(fields) > 19 else ""
    return int(told) if re.fullmatch(r"[0-9]{1,18}", told) else NO_PROCESS


def folders_in_ram(mounts: str) -> list[str]:
    """Reads /proc/mounts: the folders in RAM in which a user may perhaps write, the best first."""
    known = {
        fields[1]
        for fields in map(str.split, mounts.splitlines())
        if len(fields) >= 4 and fields[2] in _IN_RAM and "ro" not in fields[3].split(",")
    }
    return [folder for folder in _FOLDERS if folder in known]
