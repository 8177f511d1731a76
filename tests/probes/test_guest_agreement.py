"""What a machine has inside against what OCCI says: the tolerances, and what must not pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.probes.guest_agreement import (
    architecture_agrees,
    cores_agree,
    hostname_agrees,
    memory_agrees,
    speed_told,
)
from OcciLibrary.probes.guest_facts import QUESTION, GuestFacts, read_facts

MIB = 1 / 1024
BLOCK = 128 * MIB


def machine(memory: float, taken: float = 70 * MIB, block: float = BLOCK) -> GuestFacts:
    """A machine with so many GiB, of which its kernel takes a part before it counts."""
    blocks = -(-memory // block)
    return GuestFacts(total=memory - taken, installed=blocks * block, block=block)


def without_blocks(facts: GuestFacts) -> GuestFacts:
    return GuestFacts(total=facts.total)


@pytest.mark.parametrize(
    ("said", "facts", "agrees"),
    [
        (2, GuestFacts(usable=2, online=2), True),
        (2, GuestFacts(usable=1, online=1), False),
        (2, GuestFacts(usable=2, online=64), True),  # a container counts the host's
        (2, GuestFacts(online=2), True),
        (2.0, GuestFacts(usable=2), True),
        (2, GuestFacts(), None),
        (None, GuestFacts(usable=2), None),
        ("two", GuestFacts(usable=2), None),
        (True, GuestFacts(usable=1), None),
    ],
)
def test_cores_agree_to_the_letter_or_cannot_be_told(
    said: object, facts: GuestFacts, agrees: bool | None
) -> None:
    assert cores_agree(said, facts).agrees is agrees


@given(st.sampled_from([0.125, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 7.5, 16.0, 64.0, 256.0]))
def test_memory_agrees_with_itself_and_not_with_half_or_double(said: float) -> None:
    facts = machine(said)
    assert memory_agrees(said, facts).agrees
    assert not memory_agrees(said * 2, facts).agrees
    assert said < 0.25 or not memory_agrees(said / 2, facts).agrees  # half a block cannot be told from one
    if said >= 0.5:  # below, a kernel may take anything between
        plain = without_blocks(facts)
        assert memory_agrees(said, plain).agrees
        assert not memory_agrees(said * 2, plain).agrees
        assert not memory_agrees(said / 2, plain).agrees


def test_memory_in_mib_decimal_gigabytes_and_large_blocks_agree() -> None:
    assert memory_agrees(1024, machine(1.0), in_mib=True).agrees
    assert not memory_agrees(1024, machine(1.0)).agrees
    assert memory_agrees(4.0, machine(4e9 / 1024**3)).agrees
    assert memory_agrees(65.0, machine(65.0, taken=1.5, block=2.0)).agrees


@pytest.mark.parametrize("left", [217, 469])
def test_what_free_shows_in_small_machines_agrees(left: int) -> None:
    said = {217: 0.25, 469: 0.5}[left]
    assert memory_agrees(said, GuestFacts(total=left * MIB)).agrees
    assert "would agree" in memory_agrees(said, GuestFacts(total=left * MIB)).told


def test_memory_that_nobody_tells_is_not_judged() -> None:
    assert memory_agrees(1.0, GuestFacts()).agrees is None
    assert memory_agrees(None, machine(1.0)).agrees is None


@pytest.mark.parametrize(
    ("said", "inside", "agrees"),
    [
        ("vm", "vm", True),
        ("VM.example.org", "vm.example.org.", True),
        ("vm.example.org", "vm", True),
        ("vm", "vm.novalocal", True),
        ("vm.example.org", "vm.novalocal", False),
        ("vm", "localhost", False),
        ("vm-changed", "vm", False),
        ("", "vm", None),
        ("vm", "", None),
    ],
)
def test_hostname_agrees_by_its_first_label_where_one_has_no_domain(
    said: str, inside: str, agrees: bool | None
) -> None:
    assert hostname_agrees(said, GuestFacts(hostname=inside)).agrees is agrees


@pytest.mark.parametrize(
    ("said", "inside", "agrees", "remark"),
    [
        ("x64", "x86_64", True, ""),
        ("x86", "i686", True, ""),
        ("x86", "x86_64", True, "32 bits"),
        ("x86_64", "x86_64", True, "not 'x86_64'"),
        ("x64", "i686", False, ""),
        ("x64", "aarch64", False, ""),
        ("aarch64", "aarch64", True, "not 'aarch64'"),
        ("x64", "", None, ""),
        (None, "x86_64", None, ""),
    ],
)
def test_architecture(said: str | None, inside: str, agrees: bool | None, remark: str) -> None:
    found = architecture_agrees(said, GuestFacts(architecture=inside))
    assert found.agrees is agrees
    assert remark in found.remark
    assert bool(found.remark) == bool(remark)


def test_speed_is_told_and_never_judged() -> None:
    assert speed_told(2.4, GuestFacts(speed=0.8)).agrees
    assert speed_told(None, GuestFacts(speed=0.8)).agrees is None
    assert speed_told(2.4, GuestFacts()).agrees is None


LINUX = b"""occi:hostname
vm.example.org
occi:node
vm
occi:architecture
x86_64
occi:nproc
2
occi:online
0-1,4
occi:total
MemTotal:         984648 kB
occi:block
8000000
occi:blocks
8
occi:speed
cpu MHz\t\t: 2596.992
cpu MHz\t\t: 2596.992
"""


def test_answer_of_a_linux_machine_is_read() -> None:
    assert read_facts(LINUX) == GuestFacts("vm.example.org", "x86_64", 2, 3, 0.939, 1.0, 0.125, 2.597)


def test_machine_that_lacks_a_command_or_a_file_tells_the_rest() -> None:
    facts = read_facts(b"occi:hostname\nocci:node\nvm\nocci:blocks\n0\nocci:block\nocci:nproc\n")
    assert facts == GuestFacts(hostname="vm")
    assert not read_facts(b"").anything


@given(st.binary(max_size=400), st.sampled_from([part.split()[1] for part in QUESTION.split("; ")[::2]]))
def test_any_answer_is_read_without_an_error(answer: bytes, mark: str) -> None:
    facts = read_facts(mark.encode() + b"\n" + answer)
    for amount in (facts.usable, facts.online, facts.total, facts.installed, facts.speed):
        assert amount is None or amount >= 0
    assert len(facts.hostname) <= 253
    memory_agrees(1.0, facts)
    cores_agree(1, facts)
