"""Replays the fuzzer's small corpus, so that what it found once stays found."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.fuzzing.targets import CORPUS, TARGETS

INPUTS = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_input_of_the_corpus_is_read_or_refused(path: Path) -> None:
    began = time.process_time()

    TARGETS[path.parent.name](path.read_bytes())

    assert time.process_time() - began < 5


def test_every_reader_has_a_small_corpus() -> None:
    assert {path.parent.name for path in INPUTS} == set(TARGETS)
    assert sum(path.stat().st_size for path in INPUTS) < 200_000
