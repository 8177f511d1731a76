"""Ids and addresses of every shape that sites use are compared right, and hostile ones do no harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.identity import below, has_id, listed_url, other_owner, path_of
from OcciLibrary.occi.model import Resource


def called(name: str) -> Resource:
    return Resource(None, (), {"occi.core.id": name} if name else {})


@pytest.mark.parametrize(
    ("shown", "name", "same"),
    [
        ("urn:uuid:AB-1", "ab-1", True),
        ("ab-1", "urn:uuid:ab-1", True),
        ("/compute/ab-1", "/compute/ab-1/", True),
        ("103", "103", True),
        ("ns1/vm0", "/ns1/vm0", True),
        ("i-375ab99b", "i-375ab99b", True),
        ("1", "11", False),
        ("ab-1", "b-1", False),
        ("", "", False),
        ("urn:uuid:", "", True),
    ],
)
def test_ids_are_compared_as_texts(shown: str, name: str, same: bool) -> None:
    assert has_id(called(shown), name) is same


LISTED = ("http://h/compute/1", "http://h/compute/urn:uuid:ab-2", "http://h/compute/ab-3", "http://h/x/i-4/")


@pytest.mark.parametrize(
    ("shown", "url", "owner"),
    [
        ("1", 0, None),
        ("urn:uuid:ab-3", 2, None),
        ("ab-2", 1, None),
        ("/compute/ab-3", 2, None),
        ("urn:uuid:ab-3", 0, 2),
        ("AB-2", 0, 1),
        ("i-4", 0, 3),
        ("9", 0, None),
        ("", 0, None),
        ("http://[bad", 0, None),
    ],
)
def test_details_of_another_listed_vm_are_noticed(shown: str, url: int, owner: int | None) -> None:
    assert other_owner(called(shown), LISTED[url], LISTED) == ("" if owner is None else LISTED[owner])


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=4).map(tuple))
def test_no_text_makes_comparing_fail(name: str, listed: tuple[str, ...]) -> None:
    try:
        found = listed_url(name, listed)
    except OcciError:
        return
    assert found == "" or found in listed
    assert other_owner(called(name), "http://h/compute/5", listed) in ("", *listed)
    assert isinstance(has_id(called(name), name), bool)
    assert isinstance(below("http://h/compute/", name), str)
    assert isinstance(path_of(name), str)
