"""Renderings judged by topic: each breach fails its own topic alone, nothing passes without something to look at."""

from __future__ import annotations

import pytest

from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, failures, remarks
from OcciLibrary.conformance.profile import Profile
from OcciLibrary.conformance.rendering_rules import TOPICS, conforms, keeps_grammar
from OcciLibrary.occi import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, ActionLink, Link, Resource, write_entity
from OcciLibrary.occi.infrastructure import COMPUTE, COMPUTE_ACTION_SCHEME, NETWORK_ID, NETWORKINTERFACE_ID
from OcciLibrary.occi.renderings import Payload, write_collection, write_discovery
from OcciLibrary.occi.transport import Answer

BOTH, OLD = Profile(("1.1", "1.2")), Profile(("1.1",))
VM = Resource(
    COMPUTE,
    (),
    {
        "occi.core.id": "urn:uuid:1",
        "occi.core.title": 'a "b", c',
        "occi.compute.cores": 2,
        "occi.compute.state": "active",
    },
    (
        Link(
            "/network/1",
            (NETWORK_ID,),
            "/link/1",
            (NETWORKINTERFACE_ID,),
            {"occi.networkinterface.mac": "00:11"},
        ),
    ),
    (ActionLink("/compute/1?action=stop", COMPUTE_ACTION_SCHEME + "stop", "stop"),),
    "http://site.example.org/compute/1",
)
SHOWN_BY_VM = [topic for topic in TOPICS if topic not in ("attribute definitions", "locations")]


def exchange(payload: Payload | None = None, *, status: int = 200, **swapped: str) -> Exchange:
    """The answer that a payload is, with words in its body and header fields replaced."""
    payload = payload or write_entity(VM, TEXT_PLAIN)
    body = payload.body.decode()
    headers = list(payload.headers)
    for before, after in zip(
        swapped.get("before", "").split("|"), swapped.get("after", "").split("|"), strict=True
    ):
        if before:
            assert before in body + "".join(value for _, value in headers)
            body = body.replace(before, after)
            headers = [(name, value.replace(before, after)) for name, value in headers]
    sent = (("Server", "x OCCI/1.1"), ("Content-Type", payload.content_type), *headers)
    return Exchange(
        (), b"", Answer("GET", "http://site.example.org/compute/1", status, "OK", sent, body.encode(), 0.1)
    )


@pytest.mark.parametrize("media_type", [TEXT_PLAIN, TEXT_OCCI])
@pytest.mark.parametrize("topic", SHOWN_BY_VM)
def test_what_conforms_keeps_every_topic(topic: str, media_type: str) -> None:
    assert keeps_grammar(exchange(write_entity(VM, media_type)), topic, BOTH) == ()
    assert conforms(exchange(write_entity(VM, media_type)), BOTH) == ()


def test_discovery_and_listings_have_topics_of_their_own() -> None:
    discovery = exchange(write_discovery([COMPUTE], TEXT_PLAIN))
    listing = exchange(write_collection([VM], TEXT_PLAIN))

    assert keeps_grammar(discovery, "attribute definitions", BOTH) == ()
    assert keeps_grammar(discovery, "categories", BOTH) == ()
    assert keeps_grammar(listing, "locations", BOTH) == ()
    assert conforms(exchange(write_entity(VM, OCCI_JSON)), BOTH) != ()  # its link has neither id nor source


def test_braces_are_not_shown_where_there_are_none() -> None:
    without = exchange(write_discovery([COMPUTE], TEXT_PLAIN), before="{immutable}", after="")
    with pytest.raises(CannotBeShownError, match="declares an attribute immutable or required"):
        keeps_grammar(without, "attribute definitions", BOTH)


@pytest.mark.parametrize(
    ("before", "after", "topics"),
    [
        ('; class="kind"', "", {"categories"}),
        ('scheme="', 'colour="red"; scheme="', {"categories"}),
        ("; rel=", " rel=", {"links", "actions"}),
        ("</network/1>", "/network/1", {"links", "actions"}),
        ("?action=stop", "", {"actions"}),
        ("?action=stop", "?action=start", {"actions"}),
        ("occi.compute.cores=2", 'occi.compute.cores="2"', {"values"}),
        ("occi.compute.cores=2", "occi.compute.cores=2e0", {"values"}),
        ('occi.compute.state="active"', "occi.compute.state=active", {"values"}),
        ("occi.compute.cores=", "occi/compute/cores=", {"attributes"}),
        ('title="a \\"b\\", c"', 'title="a \\"b\\", c', {"quoting"}),
        ("Category: ", "X-OCCI-Category: ", {"lines"}),
        ("X-OCCI-Attribute: occi.core.title", "Title: a\nX-OCCI-Attribute: occi.core.title", {"lines"}),
    ],
)
def test_a_breach_fails_its_own_topics_alone(before: str, after: str, topics: set[str]) -> None:
    broken = exchange(before=before, after=after)
    failed = set()
    for topic in SHOWN_BY_VM:
        try:
            found = failures(keeps_grammar(broken, topic, BOTH))
        except CannotBeShownError:
            continue
        if any("rule " in one.clause for one in found):
            failed.add(topic)
            assert all(one.piece or "missing" in one.seen for one in found)

    assert failed == topics
    assert failures(conforms(broken, BOTH))


def test_what_does_no_harm_is_a_remark_and_counted_once() -> None:
    found = keeps_grammar(exchange(before='class="kind"', after='class="kind";'), "categories", BOTH)

    assert failures(found) == ()
    (remark,) = remarks(found)
    assert "trailing-semicolon" in remark.clause

    lines = Payload(TEXT_PLAIN, (), b"".join(b"X-OCCI-Attribute: com.x%d=a\n" % n for n in range(7)))
    (failure,) = keeps_grammar(exchange(lines), "values", BOTH)
    assert failure.seen.endswith("(line 5, column 26 of the answer, and 6 more of the kind)")
    assert failure.piece == "a"


@pytest.mark.parametrize("topic", TOPICS)
def test_nothing_passes_without_something_to_look_at(topic: str) -> None:
    only_id = Resource(COMPUTE, (), {"occi.core.id": "1"})
    empty = exchange(Payload(TEXT_PLAIN, (), b""))
    for answer in (empty, exchange(Payload(TEXT_PLAIN, (), b""), status=204)):
        with pytest.raises(CannotBeShownError):
            keeps_grammar(answer, topic, BOTH)
        with pytest.raises(CannotBeShownError):
            conforms(answer, BOTH)
    if topic in ("links", "actions", "locations", "attribute definitions"):
        with pytest.raises(CannotBeShownError):
            keeps_grammar(exchange(write_entity(only_id, TEXT_PLAIN)), topic, BOTH)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    "page",
    [
        Payload("text/html", (), b"<html><body>Welcome</body></html>"),
        Payload(TEXT_PLAIN, (), b"<html><body>Welcome</body></html>"),
        Payload(TEXT_OCCI, (), b"<html><body>Welcome</body></html>"),
        Payload("text/uri-list", (), b"<html><body>Welcome</body></html>"),
    ],
)
def test_a_web_page_keeps_no_grammar(topic: str, page: Payload) -> None:
    assert failures(keeps_grammar(exchange(page), topic, BOTH))
    assert failures(conforms(exchange(page), BOTH))
    assert failures(conforms(exchange(status=500), BOTH))


def test_the_versions_that_the_site_speaks_decide() -> None:
    in_capitals = exchange(before="occi.compute.cores", after="com.Example.cores")

    assert failures(keeps_grammar(in_capitals, "attributes", OLD))
    assert keeps_grammar(in_capitals, "attributes", BOTH) == ()
