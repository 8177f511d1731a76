"""The command ``python -m OcciLibrary.lint``."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from OcciLibrary.lint.document import MEDIA_TYPES, Direction
from OcciLibrary.lint.linting import lint_answer, lint_bytes
from OcciLibrary.lint.outputs import Looked, as_json, as_sarif, as_text
from OcciLibrary.lint.rules import EDITIONS, RULES, Edition
from OcciLibrary.lint.sources import Asking, NotReadable, ask, is_url, read_bytes, site_of

CLEAN, DEVIATIONS, USAGE = 0, 1, 2
_WRITERS: dict[str, Callable[[Sequence[Looked]], str]] = {"text": as_text, "json": as_json, "sarif": as_sarif}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; the result is the exit status: 0 clean, 1 deviations, 2 not readable or bad use."""
    chosen = _parser().parse_args(arguments)
    if chosen.list_rules:
        return _put(_rules(), "")
    if not chosen.names:
        sys.stderr.write("Name a file, a URL, or - for standard input.\n")
        return USAGE
    try:
        site = site_of(chosen.site, chosen.sites) if chosen.site else None
    except NotReadable as problem:
        sys.stderr.write(f"{problem}\n")
        return USAGE
    asking = Asking(chosen.type, chosen.seconds, site)
    looked = [_look(name, chosen, asking) for name in chosen.names]
    status = _put(_WRITERS[chosen.format](looked), chosen.output)
    if status or any(one.problem for one in looked):
        return USAGE
    return DEVIATIONS if any(one.findings for one in looked) else CLEAN


def _look(name: str, chosen: argparse.Namespace, asking: Asking) -> Looked:
    editions: tuple[Edition, ...] = {"any": EDITIONS, "": ()}.get(chosen.occi, (chosen.occi,))
    try:
        if is_url(name):
            findings = lint_answer(ask(name, asking), editions)
        else:
            direction: Direction = "request" if chosen.request else ""
            findings = lint_bytes(read_bytes(name), chosen.type, editions, name, direction)
    except NotReadable as problem:
        return Looked(name, problem=str(problem))
    if chosen.level == "error":
        findings = tuple(finding for finding in findings if finding.level == "error")
    return Looked(name, findings)


def _put(text: str, output: str) -> int:
    """Writes the result to a file or to standard output; the result is an exit status."""
    if not output:
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            sys.stdout.flush()
        return CLEAN
    try:
        Path(output).write_bytes(text.encode("utf-8", "replace"))
    except OSError as problem:
        sys.stderr.write(f"{output} cannot be written: {problem.strerror or problem}\n")
        return USAGE
    return CLEAN


def _rules() -> str:
    widest = max(map(len, RULES))
    lines = []
    for rule in RULES.values():
        clauses = ", ".join(f"{clause} ({edition})" for edition, clause in rule.clauses.items())
        lines.append(f"{rule.name:<{widest}}  {rule.level:<7}  {rule.summary}; {clauses}\n")
    return "".join(lines)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError("it must be a number of seconds, at most 600")
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m OcciLibrary.lint",
        description="Names each deviation of an OCCI rendering from the OCCI documents: file, line, column, clause.",
        epilog="Exit status: 0 clean, 1 deviations, 2 something could not be read or asked for.",
    )
    parser.add_argument("names", nargs="*", metavar="FILE|URL", help="what to look at; - is standard input")
    parser.add_argument(
        "--type",
        choices=MEDIA_TYPES,
        default="",
        help="the media type (default: the recorded one, else by the look); for a URL what to ask for (text/plain)",
    )
    parser.add_argument(
        "--occi",
        choices=(*EDITIONS, "any"),
        default="",
        help="the version to judge by; any: only what no version allows (default: what the server says, else any; JSON: 1.2)",
    )
    parser.add_argument(
        "--request", action="store_true", help="the files hold what a client sends, not answers"
    )
    parser.add_argument("--format", choices=tuple(_WRITERS), default="text", help="what to print (text)")
    parser.add_argument(
        "--output", default="", metavar="FILE", help="the file to write to (default: standard output)"
    )
    parser.add_argument(
        "--level", choices=("warning", "error"), default="warning", help="error: leave warnings out"
    )
    parser.add_argument("--seconds", type=_seconds, default=20.0, help="how long one answer may take (20)")
    parser.add_argument(
        "--site", default="", metavar="NAME", help="log in as resources/sites/NAME.resource says"
    )
    parser.add_argument(
        "--sites", type=Path, default=None, metavar="FOLDER", help="the kit's folder (default: this one)"
    )
    parser.add_argument(
        "--list-rules", action="store_true", help="list the rules with their clauses, and end"
    )
    return parser
