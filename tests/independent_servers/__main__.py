"""Runs the kit against an independent server: ``python -m tests.independent_servers pyssf|occi-py|ooi|…``.

Prints what each of the 29 steps got in each media type, or (``--conformance``) what each test of the conformance suites
got, and keeps log.html of every run. docs/independent_servers.md says what is installed and what was recorded.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tests.independent_servers.agreed_run import MEDIA_TYPES, Step, run_agreed
from tests.independent_servers.conformance_run import by_topic, run_conformance
from tests.independent_servers.server_process import NAMES, Address, server
from tests.independent_servers.through_the_client import Checked, check_through_the_client
from tests.verdicts.site_runs import grouped


def main() -> int:
    """Runs the command line; the result is 0 when every run was made, whatever its verdicts."""
    parser = argparse.ArgumentParser(prog="python -m tests.independent_servers", description=__doc__)
    parser.add_argument("server", choices=NAMES)
    parser.add_argument("--media-type", action="append", choices=MEDIA_TYPES, help="default: all four")
    parser.add_argument("--cache", type=Path, help="folder for what pip installs (default: a temporary one)")
    parser.add_argument("--results", type=Path, default=Path("results/independent_servers"))
    parser.add_argument("--seconds", type=float, default=0.5, help="how long the VM takes for a change")
    parser.add_argument(
        "--token-seconds", type=int, default=3600, help="ooi-keystone: how long a token lives"
    )
    parser.add_argument(
        "--conformance", action="store_true", help="run the conformance suites, and nothing else"
    )
    parser.add_argument("--serve", action="store_true", help="only serve, until Enter is pressed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = (options.cache or Path(temporary)).resolve()
        try:
            return _serve(options, cache) if options.serve else _run(options, cache)
        except RuntimeError as problem:
            sys.stderr.write(f"{options.server} cannot be tried: {problem}\n")
            return 1


def _serve(options: argparse.Namespace, cache: Path) -> int:
    with (
        tempfile.TemporaryDirectory() as work,
        server(options.server, cache, Path(work), options.seconds, options.token_seconds) as address,
    ):
        sys.stdout.write(json.dumps(asdict(address), indent=2) + "\nEnter ends it.\n")
        sys.stdin.readline()
    return 0


def _run(options: argparse.Namespace, cache: Path) -> int:
    results = options.results.resolve() / options.server
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    began = time.monotonic()
    with server(options.server, cache, results, options.seconds, options.token_seconds) as address:
        sys.stdout.write(f"{options.server} is up after {time.monotonic() - began:.0f} s\n")
        if options.conformance:
            _conform(address, results)
            return 0
        for media_type in options.media_type or MEDIA_TYPES:
            began = time.monotonic()
            folder = results / media_type.replace("/", "_")
            steps = run_agreed(address, media_type, folder)
            checked = check_through_the_client(address, media_type)
            told = {number: asdict(step) for number, step in steps.items()}
            (folder / "steps.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
            _show(media_type, steps, checked)
            sys.stdout.write(f"  {time.monotonic() - began:.0f} s; {folder}/log.html\n")
            sys.stdout.flush()
    return 0


def _conform(address: Address, folder: Path) -> None:
    began = time.monotonic()
    steps = run_conformance(address, folder / "conformance")
    for topic, letters in by_topic(steps).items():
        sys.stdout.write(f"{topic}: {letters}\n")
    _tell(steps)
    sys.stdout.write(f"  {time.monotonic() - began:.0f} s; {folder}/conformance/log.html\n")


def _tell(steps: Mapping[str, Step]) -> None:
    for number, step in steps.items():
        if step.message and not step.message.startswith("Not run:"):
            sys.stdout.write(f"  {number} {step.status}: {' '.join(step.message.split())}\n")


def _show(media_type: str, steps: dict[str, Step], checked: Checked) -> None:
    row = grouped({number: step.letter for number, step in steps.items()})
    sys.stdout.write(f"\n{media_type}: {row}\n")
    _tell(steps)
    for line in [f"WRONG: {line}" for line in checked.wrong] + checked.noted:
        sys.stdout.write(f"  client: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
