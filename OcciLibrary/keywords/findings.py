"""What a run found, in a few lines for the top of log.html: the steps that failed and why, then the remarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_FAILURES = 4
_REMARKS = 4
_LONGEST = 420
_LONGEST_REMARK = 220
_SAID_BY_THE_VERDICT = ("Cannot tell: ", "Remark: ")


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
    failed, unknown = (sum(f.verdict == verdict for f in findings) for verdict in ("fail", "cannot tell"))
    remarks = sum(f.verdict == "pass with remark" for f in findings)
    parts = [f"{passed} of {len(findings)} steps passed"]
    parts += [f"{remarks} of them with a remark"] if remarks else []
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{unknown} cannot be told"] if unknown else []
    left = len(findings) - passed - failed - unknown
    parts += [f"{left} not run"] if left else []
    return ", ".join(parts) + "."


def _cut(message: str, longest: int) -> str:
    """Returns a message on one line; of a long one the beginning and the end, where it says what to do."""
    text = " ".join(message.split())
    for said_by_the_verdict in _SAID_BY_THE_VERDICT:
        text = text.removeprefix(said_by_the_verdict)
    if len(text) <= longest:
        return text
    head, tail = text[: longest * 3 // 5], text[-(longest * 2 // 5) :]
    return f"{head.rpartition(' ')[0]} ... {tail.partition(' ')[2]}"


def plain(text: str) -> str:
    """Returns a text so that Robot Framework's formatting makes no link, image or table of it.

    Metadata is formatted in log.html, and a site may send `[javascript:...|click]` or the address of an image.
    """
    return text.replace("|", "\N{FULLWIDTH VERTICAL LINE}").replace("://", ":\N{ZERO WIDTH SPACE}//")
