"""What becomes of the traces that a tester left in a machine: they tell a boot from a machine that went on. Pure functions.

Source: wiki, Scenario 1, "Reference VM"; GFD.184 §3.1 (what restart and suspend are).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .restart_signs import Boot, fresh_boot


@dataclass(frozen=True, slots=True)
class Traces:
    """What was in a machine at one moment; '' and None stand for what is not known.

    ``process`` is when the tester's process began (ticks after the kernel's boot), negative when there is no such process.
    ``file`` is what the file in RAM holds, '-' when there is no such file.
    """

    boot: Boot
    process: int | None = None
    file: str = ""
    hostname: str = ""


_GONE_FILE = "-"


@dataclass(frozen=True, slots=True)
class TraceVerdict:
    """What the traces say: whether it is as wanted (None: that cannot be told), each sign in words, and a remark or ''."""

    holds: bool | None
    told: str
    remark: str = ""


def booted_anew(before: Traces, after: Traces) -> TraceVerdict:
    """Says whether a machine booted between two moments: its boot id is new.

    With a new boot id nothing of the old kernel can be left, so that a file which is still there was not in RAM: a remark. Without
    boot ids the uptime decides; where that does not tell either, process and file must both be gone.
    """
    fresh = fresh_boot(before.boot, after.boot)
    process, kept = _process_there(before, after), _file_there(before, after)
    told = _told(before, after, fresh, process, kept)
    if fresh:
        return TraceVerdict(True, told, "The file left in RAM outlived the boot." if kept else "")
    if fresh is False or process or kept:
        return TraceVerdict(False, told)
    return TraceVerdict(True if process is False and kept is False else None, told)


def went_on(before: Traces, after: Traces) -> TraceVerdict:
    """Says whether a machine went on where it was: same boot id, and the process and the file in RAM are still there.

    One of the two may have been taken away by the machine itself: where the other one is still there, that is a remark. Both gone
    fail even with the same boot id, which in a container is the host's.
    """
    fresh = fresh_boot(before.boot, after.boot, slept=True)
    process, kept = _process_there(before, after), _file_there(before, after)
    told = _told(before, after, fresh, process, kept)
    if fresh or (process is False and kept is False):
        return TraceVerdict(False, told)
    if fresh is None and not process and not kept:
        return TraceVerdict(None, told)
    gone = "The process" if process is False else "The file in RAM" if kept is False else ""
    return TraceVerdict(
        True, told, f"{gone} left in the machine is gone, though it kept its memory ({told})." if gone else ""
    )


def _process_there(before: Traces, after: Traces) -> bool | None:
    if before.process is None or after.process is None or before.process < 0:
        return None
    return after.process == before.process


def _file_there(before: Traces, after: Traces) -> bool | None:
    if before.file in ("", _GONE_FILE) or not after.file:
        return None
    return after.file == before.file


def _told(before: Traces, after: Traces, fresh: bool | None, process: bool | None, kept: bool | None) -> str:
    return ", ".join(
        _signs(
            (_boot_told(before.boot, after.boot, fresh), fresh is not None),
            (f"its process is {'still there' if process else 'gone'}", process is not None),
            (f"the file in RAM is {'still there' if kept else 'gone'}", kept is not None),
        )
    )


def _signs(*signs: tuple[str, bool]) -> Sequence[str]:
    return [words for words, known in signs if known] or [
        "it tells neither its boot id nor of the process and file left there"
    ]


def _boot_told(before: Boot, after: Boot, fresh: bool | None) -> str:
    if before.id and after.id and before.id != after.id:
        return f"new boot id {after.id[:8]} instead of {before.id[:8]}"
    if before.id and after.id:
        return (
            f"same boot id {after.id[:8]}"
            if not fresh
            else f"same boot id {after.id[:8]}, but another first process"
        )
    return "it was booted anew" if fresh else "it is the same boot"
