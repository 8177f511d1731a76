"""Other values differ and stay legal; each attribute ends up in exactly one class."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.occi.attribute_changes import Change, compare, other_value, same_value
from OcciLibrary.occi.model import AttributeValue

CORES, MEMORY = "occi.compute.cores", "occi.compute.memory"
SPEED, HOSTNAME = "occi.compute.speed", "occi.compute.hostname"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
LEGAL_HOSTNAME = re.compile(rf"(?=.{{1,253}}$){LABEL}(?:\.{LABEL})*")

numbers = st.one_of(
    st.integers(-5, 10**6),
    st.integers(min_value=10**300, max_value=10**310),
    st.floats(),
    st.floats(0.001, 4096),
)
values = st.one_of(st.none(), numbers, st.booleans(), st.text(max_size=5))
labels = st.from_regex(re.compile(LABEL), fullmatch=True)
hostnames = st.one_of(
    st.lists(labels, min_size=1, max_size=8).map(".".join),
    labels.map(lambda label: label[:55] + "-changed"),
    st.text(max_size=300),
)


@given(values)
def test_cores_differ_and_are_at_least_one(current: object) -> None:
    other = other_value(CORES, current)  # type: ignore[arg-type]
    assert isinstance(other, int)
    assert other >= 1
    assert not same_value(current, other)  # type: ignore[arg-type]
    assert not same_value(other, other_value(CORES, other))


@pytest.mark.parametrize("name", [MEMORY, SPEED])
@given(current=values)
def test_memory_and_speed_differ_and_are_above_zero(name: str, current: object) -> None:
    other = other_value(name, current)  # type: ignore[arg-type]
    assert isinstance(other, float)
    assert 0 < other < 1e10
    assert not same_value(current, other)  # type: ignore[arg-type]
    assert not same_value(other, other_value(name, other))


@given(hostnames)
def test_hostname_differs_and_is_legal(current: str) -> None:
    other = other_value(HOSTNAME, current)
    assert isinstance(other, str)
    assert LEGAL_HOSTNAME.fullmatch(other)
    assert other != current
    again = other_value(HOSTNAME, other)
    assert isinstance(again, str)
    assert LEGAL_HOSTNAME.fullmatch(again)
    assert again != other


@pytest.mark.parametrize(
    ("name", "current", "other"),
    [
        (CORES, 4, 3),
        (CORES, 1, 2),
        (CORES, None, 2),
        (MEMORY, 2.0, 1.0),
        (MEMORY, 1.7, 3.4),
        (MEMORY, 512, 256.0),
        (MEMORY, 0.125, 0.25),
        (SPEED, 2.5, 2.0),
        (SPEED, 1.0, 1.5),
        (HOSTNAME, "vm.example.org", "vm-changed.example.org"),
        (HOSTNAME, "vm-changed.example.org", "vm.example.org"),
        (HOSTNAME, "made plain", "made-plain-changed"),
        (HOSTNAME, "a--changed", "a"),
        (HOSTNAME, None, "reference-vm-changed"),
        (HOSTNAME, "a" * 63 + ".org", "a" * 55 + "-changed.org"),
    ],
)
def test_the_values_chosen(name: str, current: str | float | None, other: str | float) -> None:
    assert other_value(name, current) == other


def test_unknown_attribute_needs_a_value_of_the_testers() -> None:
    with pytest.raises(ValueError, match=r"No other value is known for org\.example\.size: give one"):
        other_value("org.example.size", 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (1.5, 1.509, True),
        (1.5, 1.52, False),
        (True, 1, False),
        (True, True, True),
        ("1", 1, False),
        (None, None, True),
        (None, 0, False),
        (float("nan"), float("nan"), True),
        (float("inf"), float("inf"), True),
        (10**400, 1.5, False),
        (10**400, float("nan"), False),
        ([1], [1], True),
    ],
)
def test_same_value(one: object, other: object, same: bool) -> None:
    assert same_value(one, other) is same  # type: ignore[arg-type]
    assert same_value(other, one) is same  # type: ignore[arg-type]


names = st.sampled_from(["occi.compute.cores", "occi.compute.memory", "org.x", "org.y", "occi.core.title"])
simple = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b"]), st.booleans(), st.floats(0, 2))
attributes = st.dictionaries(names, simple)


@given(attributes, attributes, attributes)
def test_compare_puts_each_attribute_into_exactly_one_class(
    before: dict[str, object], after: dict[str, object], asked: dict[str, object]
) -> None:
    result = compare(before, after, asked)  # type: ignore[arg-type]
    classes = [result.changed, result.differently, result.unchanged, result.unasked]
    sorted_names = [change.name for changes in classes for change in changes]
    assert len(sorted_names) == len(set(sorted_names))
    untouched = {
        name
        for name in {*before, *after} - set(asked)
        if same_value(before.get(name), after.get(name))  # type: ignore[arg-type]
    }
    assert set(sorted_names) == {*before, *after, *asked} - untouched
    assert {change.name for change in result.unasked}.isdisjoint(asked)
    own = [change.name for change in result.unasked if change.name.startswith("occi.")]
    assert bool(result.harm) == bool(result.unchanged or own)
    assert len(result.remarks) == len(result.differently) + len(result.unasked) - len(own)


def test_harm_and_remarks_in_words() -> None:
    before: dict[str, AttributeValue] = {
        "occi.compute.cores": 2,
        "occi.compute.memory": 2.0,
        "occi.core.title": "x",
        "org.x": 1,
    }
    after: dict[str, AttributeValue] = {
        "occi.compute.cores": 2,
        "occi.compute.memory": 1.5,
        "occi.core.title": "y",
        "org.x": 2,
    }
    result = compare(before, after, {"occi.compute.cores": 1, "occi.compute.memory": 1.0})
    assert result.harm == (
        "the following did not change: occi.compute.cores is still 2, asked for was 1 -- "
        "the following changed though nobody asked for it: occi.core.title from 'x' to 'y'"
    )
    assert result.remarks == (
        "occi.compute.memory was to become 1.0 and is now 1.5 (GFD.185 §3.4.4: the given value is stored).",
        "The site also changed org.x from 1 to 2.",
    )


def test_attribute_that_vanished_did_not_change() -> None:
    result = compare({"occi.compute.cores": 2}, {}, {"occi.compute.cores": 1})
    assert result.unchanged == (Change("occi.compute.cores", 2, None, 1),)
    assert "was to become 1 and is no longer given at all" in result.harm


@pytest.mark.parametrize(
    ("current", "other"), [(512, 1024), (2048, 1024), (4096, 2048), (64, 192), (1023, 2046), (None, 2048)]
)
def test_memory_in_mib_changes_to_what_a_vm_can_live_with(current: int | None, other: int) -> None:
    """Half of 512 MiB would start nothing: the rules are those for GiB, and MiB are whole numbers."""
    assert other_value(MEMORY, current, memory_in_mib=True) == other
    assert isinstance(other_value(MEMORY, current, memory_in_mib=True), int)


@pytest.mark.parametrize(
    ("name", "asked", "after", "unit"),
    [
        (MEMORY, 2.0, 2048, "MiB where OCCI has GiB"),
        (MEMORY, 2.0, 2000, "MB where OCCI has GiB"),
        (MEMORY, 2.0, 2**31, "bytes where OCCI has GiB"),
        (SPEED, 1.9, 1900, "MHz where OCCI has GHz"),
        (MEMORY, 2.0, 8.0, "the given value is stored"),
        (CORES, 2, 2048, "the given value is stored"),
    ],
)
def test_value_in_another_unit_is_told_from_another_value(
    name: str, asked: AttributeValue, after: AttributeValue, unit: str
) -> None:
    (remark,) = compare({name: 1}, {name: after}, {name: asked}).remarks
    assert f"is now {after}" in remark
    assert unit in remark


def test_attribute_that_was_never_there_is_said_to_be_absent() -> None:
    result = compare({}, {}, {SPEED: 1.5, CORES: 2})
    assert (
        "speed was to become 1.5 and is not shown at all, neither before nor after (OCCI 1.2 has"
        in result.harm
    )
    assert "cores was to become 2 and is not shown at all, neither before nor after;" not in result.harm
    assert result.harm.endswith("neither before nor after")
