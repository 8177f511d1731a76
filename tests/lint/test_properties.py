"""Properties of the lint: any bytes give findings and nothing else, and what the library itself writes is clean."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from OcciLibrary.lint import EDITIONS, RULES, Finding, lint_bytes
from OcciLibrary.lint.document import MEDIA_TYPES
from OcciLibrary.lint.outputs import Looked, as_json, as_sarif, as_text
from OcciLibrary.occi import (
    OCCI_JSON,
    TEXT_PLAIN,
    URI_LIST,
    Message,
    Payload,
    RenderingError,
    Resource,
    read,
    write,
    write_collection,
    write_discovery,
    write_entity,
    write_locations,
)
from OcciLibrary.occi.infrastructure import standard_categories
from tests.occi.test_round_trip import ALL, TEXTS, attributes, entity, kind, links, mixins, url

SLOW = [HealthCheck.too_slow]
PIECES = st.sampled_from(
    [
        "Category: ",
        "compute",
        '; scheme="http://schemas.ogf.org/occi/infrastructure#"',
        '; class="kind"',
        "; rel=",
        '; title="a"',
        "Link: ",
        "</c/1?action=start>",
        "X-OCCI-Attribute: ",
        "occi.compute.cores=2",
        'com.x="a',
        "X-OCCI-Location: http://a/1",
        "HTTP/1.1 200 OK\r\n",
        "Content-Type: text/occi",
        "\r\n",
        "\n",
        " ",
        "\\",
        '"',
        ",",
        ";",
        "=",
        '{"kind": "a#b"',
        "{",
        "}",
        "[",
        "]",
        '"attributes": ',
        ": ",
        "null",
        "1e999",
        "\ud800",
        "\x00",
        "ü",
        "\u2028",
    ]
)
made_up = st.lists(PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass"))
media_types = st.sampled_from(["", *MEDIA_TYPES, "text/html"])


def is_sound(findings: tuple[Finding, ...], data: bytes) -> None:
    for one in findings:
        assert one.rule in RULES
        assert one.clause
        assert 0 <= one.place.begin <= one.place.end <= len(data)
        assert (one.place.line, one.place.column) <= (one.place.end_line, one.place.end_column)
    for written in (as_text, as_json, as_sarif):
        written([Looked("x", findings)]).encode("utf-8", "replace")


@settings(max_examples=150, suppress_health_check=SLOW, deadline=None)
@given(st.one_of(st.binary(max_size=200), made_up), media_types, st.sampled_from(["", "request", "response"]))
def test_any_bytes_give_findings_and_nothing_else(data: bytes, media_type: str, direction: str) -> None:
    is_sound(lint_bytes(data, media_type, direction=direction), data)  # type: ignore[arg-type]


@settings(max_examples=150, suppress_health_check=SLOW, deadline=None)
@given(made_up, st.sampled_from((TEXT_PLAIN, URI_LIST, OCCI_JSON)))
def test_what_a_reader_refuses_or_notes_is_never_clean(data: bytes, media_type: str) -> None:
    assume(not data.lstrip(b"\r\n").startswith(b"HTTP/"))  # a recording, of which the reader knows nothing
    findings = lint_bytes(data, media_type, EDITIONS)
    try:
        deviations = read(media_type, [], data).deviations
    except RenderingError:
        assert any(one.level == "error" for one in findings)
        return
    noted = {one.name for one in deviations} - {"relative-location"}
    assert findings or not noted


def rules_of(payload: Payload, direction: str = "response", extra: str = "") -> set[str]:
    """Looks at a message as it would be recorded."""
    first = "HTTP/1.1 200 OK" if direction == "response" else "POST /compute/ HTTP/1.1"
    head = [first, "Server: x OCCI/1.2", f"Content-Type: {payload.content_type}"]
    head += [f"{name}: {value}" for name, value in payload.headers]
    message = "\r\n".join([*head, extra, ""]).encode() + payload.body
    return {one.rule for one in lint_bytes(message)}


@settings(max_examples=25, suppress_health_check=SLOW, deadline=None)
@given(entity)
def test_entities_are_clean_in_every_rendering(resource: Resource) -> None:
    for media_type in TEXTS:
        assert rules_of(write_entity(resource, media_type)) == set()
    # A link made up without its own kind, id and source lacks what the schema requires of it, and has its address as location.
    assert rules_of(write_entity(resource, OCCI_JSON)) <= {"missing-member", "location-in-entity"}
    alone = Resource(resource.kind, resource.mixins, resource.attributes, (), resource.actions)
    assert rules_of(write_entity(alone, OCCI_JSON)) == set()


@settings(max_examples=25, suppress_health_check=SLOW, deadline=None)
@given(kind, mixins, attributes, links)
def test_requests_are_clean_in_every_rendering(of_kind, with_mixins, values, with_links) -> None:  # type: ignore[no-untyped-def]
    for media_type in ALL:
        request = Message((of_kind, *with_mixins), values, with_links if media_type in TEXTS else ())
        assert rules_of(write(request, media_type), "request") == set()


@settings(max_examples=15, deadline=None)
@given(st.lists(url, min_size=1, max_size=4, unique=True))
def test_lists_of_locations_are_clean_in_every_rendering(urls: list[str]) -> None:
    for media_type in (*ALL, URI_LIST):
        assert rules_of(write_locations(urls, media_type)) == set()


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("media_type", ALL)
def test_a_discovery_is_clean_in_every_rendering(edition: str, media_type: str) -> None:
    payload = write_discovery(standard_categories(edition), media_type)  # type: ignore[arg-type]
    data = payload.body or "".join(f"{name}: {value}\n" for name, value in payload.headers).encode()

    if media_type == "text/occi":
        data = "".join(f"{name}: {value}\n" for name, value in payload.headers).encode()
    assert lint_bytes(data, media_type, (edition,)) == ()  # type: ignore[arg-type]


def test_a_listing_in_json_has_locations_which_the_schema_lacks_and_clients_need() -> None:
    categories = standard_categories("1.2")
    compute = next(one for one in categories if one.term == "compute")
    one = Resource(compute, (), {"occi.core.id": "1"}, location="http://a/compute/1")  # type: ignore[arg-type]

    assert rules_of(write_collection([one], OCCI_JSON)) == {"location-in-entity"}


GROWING: tuple[Callable[[int], str], ...] = (
    lambda n: "X-OCCI-Attribute: com.x=" + " " * n + "a",
    lambda n: 'X-OCCI-Attribute: com.x="' + "\\" * n,
    lambda n: 'X-OCCI-Attribute: com.x="a"b' + '="a' * n,
    lambda n: "Category: a" + " " * n + ";",
    lambda n: "Category: " + "a;" * n,
    lambda n: "Link: " + "<" * n,
    lambda n: 'Category: a; scheme="a#"; class="kind"; attributes="' + "a{" * n + '"',
    lambda n: "\n ".join(["Category: a"] * n),
    lambda n: "Category: a\\\n" * n,
    lambda n: "X-OCCI-Location: " + "http://a, " * n,
    lambda n: "X-OCCI-Location:" * n,
    lambda n: "HTTP/1.1 200 OK\n" + "Link:" + " " * n + "a",
    lambda n: "HTTP/1.1 200 OK\nLink: a" + "\n a" * n,
    lambda n: "[" * n,
    lambda n: "[" + "{}," * n,
    lambda n: '{"a' + "\\" * n,
    lambda n: "[1" + "1" * n + "x]",
    lambda n: "{" + '"a":1,' * n + '"b":2}',
    lambda n: "\r" * n + "a",
)


@pytest.mark.parametrize("grow", GROWING)
def test_hostile_texts_take_time_in_proportion_to_their_size(grow: Callable[[int], str]) -> None:
    began = time.process_time()
    lint_bytes(grow(20_000).encode())

    assert time.process_time() - began < 1.5
