"""Scripted sites and clients for the tests of logins."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.logins import Login
from tests.occi.scripted_site import ScriptedSite, scripted

SECRET = "pa55-w0rd"


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        yield running


@pytest.fixture
def keystone() -> Iterator[ScriptedSite]:
    with scripted() as running:
        yield running


@pytest.fixture
def client_with(site: ScriptedSite) -> Iterator[Callable[[Login], OcciClient]]:
    made: list[OcciClient] = []

    def client(login: Login) -> OcciClient:
        made.append(OcciClient(site.url, login, timeout=2.0, patience=0.0))
        return made[-1]

    yield client
    for one in made:
        one.close()
