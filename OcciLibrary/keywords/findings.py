"""What a run found, in a few lines for the top of log.html: the steps that failed and why, then the remarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_FAILURES = 4
_REMARKS = 4
_LONGEST = 330
_LONGEST_REMARK = 160


@dataclass(frozen=True, slots=True)
class Finding:
    """Holds what became of one step: its name, its verdict in the words of the log, and its message."""

    step: str
    verdict: str
    message: str


def told(findings: Sequence[Finding]) -> str:
    """Returns the findings in Robot Framework's formatting: a list of the failures, then of the remarks, then the count."""
    failures = [f for f in findings if f.verdict in ("fail", "cannot tell")]
    remarks = [f for f in findings if f.verdict == "pass with remark"]
    lines = [*_listed(failures, _FAILURES, _LONGEST), *_listed(remarks, _REMARKS, _LONGEST_REMARK)]
    if not lines:
        return _counted(findings)
    return "\n".join([*lines, "", _counted(findings)])


def _listed(findings: Sequence[Finding], most: int, longest: int) -> list[str]:
    lines = [
        f"- *{f.verdict.upper()}* {plain(f.step)}: {plain(_cut(f.message, longest))}" for f in findings[:most]
    ]
    left = len(findings) - most
    return [*lines, f"- and {left} more ({findings[0].verdict})"] if left > 0 else lines


def _counted(findings: Sequence[Finding]) -> str:
    passed = sum(f.verdict.startswith("pass") for f in findings)
    failed = sum(f.verdict in ("fail", "cannot tell") for f in findings)
    remarks = sum(f.verdict == "pass with remark" for f in findings)
    parts = [f"{passed} of {len(findings)} steps passed"]
    parts += [f"{remarks} of them with a remark"] if remarks else []
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{len(findings) - passed - failed} not run"] if passed + failed < len(findings) else []
    return ", ".join(parts) + "."


def _cut(message: str, longest: int) -> str:
    """Returns the beginning of a message on one line, cut at the end of a sentence or of a word."""
    text = " ".join(message.split())
    if len(text) <= longest:
        return text
    text = text[:longest]
    sentence = text.rfind(". ")
    return text[: sentence + 1] if sentence > longest // 2 else f"{text.rpartition(' ')[0]} ..."


def plain(text: str) -> str:
    """Returns a text so that Robot Framework's formatting makes no link, image or table of it.

    Metadata is formatted in log.html, and a site may send `[javascript:...|click]` or the address of an image.
    """
    return text.replace("|", "\N{FULLWIDTH VERTICAL LINE}").replace("://", ":\N{ZERO WIDTH SPACE}//")
