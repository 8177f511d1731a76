"""Feeds one reader with inputs that a coverage-guided fuzzer makes up, until something other than RenderingError comes out.

    python tests/fuzzing/fuzz_readers.py TARGET [--seconds N] [--keep FOLDER]

Needs ``pip install -e '.[fuzzing]'``. TARGET is a key of TARGETS (targets.py), N is 600 when not given. The fuzzer begins
with corpus/TARGET; what it finds on the way goes to FOLDER, or to a folder that vanishes. A crash, an input that
takes 5 s or 1 GB ends the run, and the input is left as a file in FOLDER or in the working folder: make it a test.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Reads the command line and fuzzes; the fuzzer ends the process."""
    sys.path.insert(0, str(ROOT))
    with atheris.instrument_imports(include=["OcciLibrary", "json"]):
        from tests.fuzzing.targets import CORPUS, TARGETS  # noqa: PLC0415 -- only what is imported here is traced

    parser = argparse.ArgumentParser(description="Fuzzes one reader.")
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    found = options.keep or Path(tempfile.mkdtemp(prefix="fuzzing-"))
    found.mkdir(parents=True, exist_ok=True)
    arguments = [
        sys.argv[0],
        f"-max_total_time={options.seconds}",
        "-timeout=5",
        "-rss_limit_mb=1024",
        "-max_len=4096",
        f"-dict={Path(__file__).with_name('occi.dict')}",
        "-print_final_stats=1",
        *([f"-artifact_prefix={found}/"] if options.keep else []),
        str(found),
        str(CORPUS / options.target),
    ]
    # The hook knows no match at a position, as skeletons do, whose patterns are compiled while reading.
    if not options.target.startswith(("alike", "repeated")):
        atheris.enabled_hooks.add("RegEx")
    atheris.Setup(arguments, TARGETS[options.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
