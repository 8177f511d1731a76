"""What a conformance test may send: the rule, and a real run that is seen to keep it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from OcciLibrary.conformance.levels import Bounds, Level, beyond, level_of

ROOT = "https://occi.example.org/occi/"
VM = ROOT + "compute/1"
TAG = "http://example.org/occi/tags#mine"
BOUNDS = Bounds(
    vm=VM,
    collections=frozenset({ROOT + "compute/"}),
    created=frozenset({ROOT + "compute/7"}),
    discovery=ROOT + "-/",
    own_mixins=frozenset({TAG}),
    may_create=True,
)


@pytest.mark.parametrize("level", Level)
def test_get_is_always_allowed(level: Level) -> None:
    assert beyond(level, Bounds(), "GET", ROOT + "anything") == ""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_read_sends_nothing_but_get(method: str) -> None:
    assert beyond(Level.READ, BOUNDS, method, VM)


@pytest.mark.parametrize("url", [VM, VM + "?action=start", VM + "/"])
def test_change_acts_on_the_vm(url: str) -> None:
    assert beyond(Level.CHANGE, BOUNDS, "POST", url) == ""


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("DELETE", VM),
        ("POST", ROOT + "compute/"),
        ("POST", ROOT + "compute/7"),
        ("POST", ROOT + "compute/2"),
        ("PUT", ROOT + "-/"),
        ("POST", VM + "/../2"),
        ("POST", VM + "/%2e%2e/2"),
    ],
)
def test_change_touches_nothing_else(method: str, url: str) -> None:
    assert beyond(Level.CHANGE, BOUNDS, method, url)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", ROOT + "compute/"),
        ("DELETE", ROOT + "compute/7"),
        ("POST", ROOT + "compute/7?action=stop"),
        ("PUT", ROOT + "compute/7"),
    ],
)
def test_create_creates_and_acts_on_what_it_created(method: str, url: str) -> None:
    assert beyond(Level.CREATE, BOUNDS, method, url) == ""


@pytest.mark.parametrize("url", [ROOT, ROOT + "compute/", VM])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_what_holds_the_vm_is_not_created_whatever_the_site_says(method: str, url: str) -> None:
    bounds = replace(BOUNDS, created=frozenset({url, ROOT + "compute/7"}))
    assert beyond(Level.CREATE, bounds, method, url)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("DELETE", ROOT + "compute/"),
        ("DELETE", ROOT + "compute"),
        ("DELETE", VM),
        ("POST", VM),
        ("DELETE", ROOT + "compute/8"),
        ("POST", ROOT + "compute/?action=stop"),
        ("POST", ROOT + "compute/?action="),
        ("PUT", ROOT + "compute/"),
        ("PUT", ROOT + "compute/new"),
        ("DELETE", ROOT),
        ("DELETE", ROOT + "-/"),
    ],
)
def test_create_never_touches_a_collection_or_what_is_not_its_own(method: str, url: str) -> None:
    assert beyond(Level.CREATE, BOUNDS, method, url)


def test_only_own_mixins_are_defined_and_dropped() -> None:
    query = ROOT + "-/"
    assert beyond(Level.CREATE, BOUNDS, "DELETE", query, frozenset({TAG})) == ""
    assert beyond(Level.CREATE, BOUNDS, "DELETE", query, frozenset({TAG, "http://example.org/occi#os_tpl"}))


def test_nothing_is_created_where_the_site_file_does_not_allow_it() -> None:
    assert "MAY_CREATE" in beyond(
        Level.CREATE, Bounds(collections=BOUNDS.collections), "POST", ROOT + "compute/"
    )


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({"conformance", "read"}, Level.READ),
        ({"conformance", "create"}, Level.CREATE),
        ({"conformance"}, Level.READ),
        ({"conformance", "change", "create"}, Level.CHANGE),
        ({"agreed"}, None),
        ({"change"}, None),
    ],
)
def test_level_of_a_test(tags: set[str], level: Level | None) -> None:
    assert level_of(tags) is level
