"""The mechanism of the dialects: chosen by name, combined with faults, HTTP/1.0, paths that faults still find."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from OcciLibrary.sandbox.dialects.catalogue import DIALECTS, dialect_of
from OcciLibrary.sandbox.dialects.dialect import OWN
from OcciLibrary.sandbox.options import SandboxOptions, parse_options
from OcciLibrary.sandbox.site import SandboxSite
from tests.sandbox.conftest import SECONDS


@contextmanager
def site_like(dialect: str, fault: str = "", username: str = "") -> Iterator[tuple[SandboxSite, str]]:
    """Runs a site with this dialect; gives its endpoint too."""
    options = SandboxOptions(
        seconds=SECONDS, machines=1, dialect=dialect, fault=fault, username=username, password="pw"
    )
    site = SandboxSite(options)
    site.start()
    try:
        yield site, site.description()["endpoint"]
    finally:
        site.stop()


def ask(
    url: str, method: str = "GET", body: str = "", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body or None, fields)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_an_unknown_dialect_is_answered_with_the_names_that_come_close() -> None:
    with pytest.raises(ValueError, match=r"cannot be 'roci1'.*comes close to rocci1"):
        parse_options("sandbox:dialect=roci1")
    assert parse_options("sandbox:dialect=ooi,fault=stop-ignored").dialect == "ooi"
    assert dialect_of("") is OWN


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialect_has_a_line_that_says_whose_it_is(name: str) -> None:
    likeness = DIALECTS[name].likeness
    assert DIALECTS[name].name == name
    assert likeness
    assert "\n" not in likeness


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialect_serves_its_vm_where_its_endpoint_and_its_paths_say(name: str) -> None:
    with site_like(name) as (site, endpoint):
        dialect = DIALECTS[name]
        url = urlsplit(endpoint)._replace(path=dialect.paths.location(site.machines[0].id)).geturl()
        response, _ = ask(url, Accept="text/plain")
        assert response.status == 200
        assert response.getheader(dialect.front.server_field) == dialect.front.server


@pytest.mark.parametrize("name", DIALECTS)
def test_faults_of_the_answers_and_of_the_network_find_the_vm_in_each_dialect(name: str) -> None:
    with site_like(name, "get-forbidden") as (site, endpoint):
        url = urlsplit(endpoint)._replace(path=DIALECTS[name].paths.location(site.machines[0].id)).geturl()
        response, body = ask(url, Accept="text/plain")
        assert (response.status, b"Not yours." in body) == (403, True)
    with site_like(name, "get-no-http") as (site, endpoint):
        url = urlsplit(endpoint)._replace(path=DIALECTS[name].paths.location(site.machines[0].id)).geturl()
        with pytest.raises(http.client.HTTPException):
            ask(url, Accept="text/plain")


def test_a_server_of_http_1_0_closes_the_connection_after_its_answer() -> None:
    with site_like("ooi") as (_, endpoint):
        response, _ = ask(endpoint + "compute/", Connection="keep-alive")
        assert response.version == 10
        assert response.will_close


def test_a_login_is_asked_for_only_when_there_is_one_and_then_in_the_servers_own_words() -> None:
    with site_like("ooi") as (_, endpoint):
        assert ask(endpoint + "-/")[0].status == 200
    with site_like("ooi", username="tester") as (_, endpoint):
        response, _ = ask(endpoint + "-/")
        assert response.status == 401
        assert str(response.getheader("WWW-Authenticate")).startswith('Keystone uri="http://127.0.0.1:')
    with site_like("erocci", username="tester") as (_, endpoint):
        response, _ = ask(endpoint + "-/", Accept="text/plain")
        assert (response.status, response.getheader("WWW-Authenticate")) == (401, 'Basic realm="erocci"')
