"""The tests of the conformance suites as their files have them: names, documents, levels, clauses, tests of peers."""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import dataclass
from pathlib import Path

from robot.api import TestSuite

ROOT = Path(__file__).parents[2]
SUITES = ROOT / "suites" / "05__occi_conformance"
PEERS = Path(__file__).with_name("peer_tests.json")
LEVELS = ("read", "change", "create")
_CLAUSE = re.compile(r"(GFD\.\d{3})-(\d+(?:\.\d+)*)")
_PEER = re.compile(r"(etsi|pocci|dyso|peer):.+")


@dataclass(frozen=True)
class ConformanceTest:
    """One test: its number (HP1.1), the sentence, the topic (HP1 Discovery), the folder of its document, its tags."""

    number: str
    sentence: str
    topic: str
    document: str
    documentation: str
    tags: frozenset[str]

    @property
    def clauses(self) -> list[str]:
        return sorted((tag for tag in self.tags if _CLAUSE.fullmatch(tag)), key=clause_order)

    @property
    def peers(self) -> list[str]:
        return sorted(tag for tag in self.tags if _PEER.fullmatch(tag))

    @property
    def levels(self) -> list[str]:
        return [level for level in LEVELS if level in self.tags]


@dataclass(frozen=True)
class PeerTest:
    """One row of what other suites test; ``why_not`` says why nothing here covers it, ``besides`` what of it is left out."""

    suite: str
    id: str
    asserts: str
    tag: str = ""
    why_not: str = ""
    besides: str = ""

    def covered_by(self, tests: list[ConformanceTest]) -> list[str]:
        return [test.number for test in tests if self.tag and fnmatch.filter(test.tags, self.tag)]


def clause_order(clause: str) -> tuple[str, list[int]]:
    """Sorts clauses by document, then by the numbers of the section."""
    document, _, section = clause.partition("-")
    return document, [int(part) for part in section.split(".")]


def all_tests() -> list[ConformanceTest]:
    """Reads every test below the folder of the conformance suites, in the order of a run."""
    return [
        ConformanceTest(
            test.name.split()[0],
            test.name.partition(" ")[2],
            test.parent.name,
            Path(test.source).parent.name.partition("__")[2],
            test.doc,
            frozenset(test.tags),
        )
        for test in TestSuite.from_file_system(SUITES).all_tests
    ]


def peer_tests() -> list[PeerTest]:
    """Reads what other suites test."""
    return [PeerTest(**row) for row in json.loads(PEERS.read_text("utf-8"))["rows"]]
