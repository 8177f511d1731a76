"""Every change that the suites make, on the bytes that leave the socket, in each form: what all servers take."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from OcciLibrary.occi.attribute_changes import other_value
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.infrastructure import COMPUTE_ACTIONS
from OcciLibrary.occi.model import ActionLink, AttributeValue, Kind, Mixin, Resource
from tests.occi.common_ground import FORMS, RawRequest, cut, departures
from tests.occi.scripted_site import ScriptedSite, answer, kind, listing, scripted, vm

CHOSEN = ("auto", *FORMS)
BEFORE: dict[str, AttributeValue] = {
    "occi.compute.cores": 2,
    "occi.compute.hostname": "vm1.example.org",
    "occi.compute.speed": 2.4,
    "occi.compute.memory": 2.0,
}
INVOCATIONS = [("start", "")] + [
    (term, method)
    for term, fact in COMPUTE_ACTIONS.items()
    for method in ("", *fact.methods)
    if term in ("stop", "restart", "suspend")
]


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        running.on("/-/", kind("/compute/"))
        running.on("/compute/", listing(f"{running.url}compute/5"))
        running.on("GET /compute/5", vm(state="inactive"))
        running.on("POST /compute/5", answer(200, "OK"))
        running.on("PUT /compute/5", answer(200, "OK"))
        yield running


@pytest.fixture
def make(site: ScriptedSite) -> Iterator[Callable[[str], OcciClient]]:
    made: list[OcciClient] = []

    def client(media_type: str) -> OcciClient:
        made.append(OcciClient(site.url, media_type=media_type, timeout=5.0, patience=0.0))
        return made[-1]

    yield client
    for one in made:
        one.close()


def machine(site: ScriptedSite, **more: AttributeValue) -> Resource:
    attributes: dict[str, AttributeValue] = {
        "occi.core.id": "5",
        "occi.core.title": "mine",
        "occi.compute.state": "inactive",
        **BEFORE,
        **more,
    }
    compute = Kind("compute", "http://schemas.ogf.org/occi/infrastructure#", location="/compute/")
    small = Mixin("small", "http://example.org/tpl#", "Small", location="/mixin/small/")
    return Resource(compute, (small,), attributes, location=f"{site.url}compute/5")


def changes(site: ScriptedSite) -> list[RawRequest]:
    return [cut(raw) for raw in site.raw if not raw.startswith(b"GET")]


@pytest.mark.parametrize("chosen", CHOSEN)
def test_every_reading(site: ScriptedSite, make: Callable[[str], OcciClient], chosen: str) -> None:
    client = make(chosen)
    client.list_compute()
    client.get(f"{site.url}compute/5")
    assert len(site.raw) == 3
    assert [departures(raw) for raw in site.raw] == [[], [], []]


@pytest.mark.parametrize("name", BEFORE)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("chosen", CHOSEN)
def test_every_update(
    site: ScriptedSite, make: Callable[[str], OcciClient], chosen: str, full: bool, name: str
) -> None:
    if full:
        site.on("POST /compute/5", answer(501))
    make(chosen).update(machine(site), {name: other_value(name, BEFORE[name])})
    assert [departures(raw) for raw in site.raw] == [[]] * len(site.raw)
    assert [sent.method for sent in changes(site)] == (["POST", "PUT"] if full else ["POST"])
    types = {sent.all("Content-Type")[0] for sent in changes(site)}
    assert types == {"text/occi" if chosen == "auto" else chosen}


@pytest.mark.parametrize(("term", "method"), INVOCATIONS)
@pytest.mark.parametrize("chosen", CHOSEN)
def test_every_action(
    site: ScriptedSite, make: Callable[[str], OcciClient], chosen: str, term: str, method: str
) -> None:
    attributes: dict[str, AttributeValue] = {"method": method} if method else {}
    make(chosen).act(f"{site.url}compute/5", term, None, (), **attributes)
    (sent,) = changes(site)
    assert departures(site.raw[-1]) == []
    assert sent.target == f"/compute/5?action={term}"
    assert sent.all("Content-Type") == ["text/occi" if chosen == "auto" else chosen]
    assert sent.all("Accept") == ["text/plain" if chosen == "auto" else chosen]


def test_text_occi_action_is_byte_for_byte_the_form_that_all_servers_took(
    site: ScriptedSite, make: Callable[[str], OcciClient]
) -> None:
    make("auto").act(f"{site.url}compute/5", "restart", None, (), method="warm")
    (sent,) = changes(site)
    assert sent.all("Category") == [
        'restart; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"'
    ]
    assert sent.all("X-OCCI-Attribute") == ['method="warm"']
    assert (sent.body, sent.all("Content-Length")) == (b"", ["0"])


@given(value=st.text(max_size=40) | st.integers(0, 10**9) | st.floats(0, 10**6, allow_nan=False))
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
def test_auto_leaves_the_common_ground_for_no_value(
    value: AttributeValue, site: ScriptedSite, make: Callable[[str], OcciClient]
) -> None:
    """Titles are whatever people typed: a value goes in a form that holds it, or nothing is sent."""
    site.requests.clear()
    client = make("auto")
    with contextlib.suppress(RenderingError):
        client.update(machine(site), {"occi.core.title": value})
    client.close()
    assert [departures(raw) for raw in site.raw] == [[]] * len(site.raw)
    assert len(changes(site)) <= 1


# ---- where an action goes


def link(url: str, term: str = "stop", scheme: str = "compute") -> ActionLink:
    return ActionLink(url, f"http://schemas.ogf.org/occi/infrastructure/{scheme}/action#{term}", term)


@pytest.mark.parametrize(
    ("rendered", "target"),
    [
        ("/compute/5?action=stop", "/compute/5?action=stop"),
        ("{url}compute/5?action=stop", "/compute/5?action=stop"),
        ("http://other.example.org/compute/5?action=stop", "/compute/5?action=stop"),
        ("/compute/5/?action=stop", "/compute/5/?action=stop"),  # occi4java routes this one only
        ("/compute/5?project=a&action=stop", "/compute/5?project=a&action=stop"),
        ("/compute/5", "/compute/5?action=stop"),  # MartServer: no query in its links
        ("/compute/6?action=stop", "/compute/5?action=stop"),  # another VM
        ("/compute/?action=stop", "/compute/5?action=stop"),  # every VM of the account
        ("/compute/5?action=start", "/compute/5?action=stop"),
        ("/compute/5?action=start&action=stop", "/compute/5?action=stop"),
        ("", "/compute/5?action=stop"),
        ("http://[bad", "/compute/5?action=stop"),
        ("mailto:you", "/compute/5?action=stop"),
    ],
)
def test_link_of_the_action_is_taken_only_where_it_leads_to_this_vm(
    site: ScriptedSite, make: Callable[[str], OcciClient], rendered: str, target: str
) -> None:
    site.on("POST /compute/5/", answer(200))
    links = (link("/compute/5?action=start", "start"), link(rendered.format(url=site.url)))
    make("auto").act(f"{site.url}compute/5", "stop", None, links)
    (sent,) = changes(site)
    assert sent.target == target
    assert sent.all("Host") == [f"127.0.0.1:{site.port}"]
    assert departures(site.raw[-1]) == []


def test_link_of_another_kind_of_action_is_not_taken(
    site: ScriptedSite, make: Callable[[str], OcciClient]
) -> None:
    links = (link("/compute/5?x=1&action=stop", scheme="network"),)
    make("auto").act(f"{site.url}compute/5", "stop", None, links)
    assert changes(site)[0].target == "/compute/5?action=stop"


# ---- the checker itself

GOOD = (
    b"POST /compute/5?action=stop HTTP/1.1\r\nHost: h\r\nUser-Agent: x OCCI/1.1\r\nAccept: text/plain\r\n"
    b"Content-Type: text/occi\r\nContent-Length: 0\r\n"
    b'Category: stop; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"\r\n\r\n'
)
SPOILT = [
    (b"text/occi\r", b"text/occi; charset=utf-8\r", "Content-Type"),
    (b"Accept: text/plain", b"Accept: text/plain, */*;q=0.1", "Accept"),
    (b"Accept: text/plain\r\n", b"", "Accept"),
    (b'class="action"', b"class=action", "Category"),
    (b'; class="action"', b"", "Category"),
    (b"Category:", b"category:", "spelt"),
    (b"action=stop", b"action=start", "query"),
    (b"OCCI/1.1", b"OCCI/1.2", "User-Agent"),
    (b"Content-Length: 0", b"Content-Length: 2", "Content-Length"),
    (b"infrastructure/compute", b"infrastructure/network", "scheme"),
    (b"Content-Length: 0", b'Content-Length: 0\r\nX-OCCI-Attribute: method="warm"', "method"),
]


def test_checker_passes_what_is_good() -> None:
    assert departures(GOOD) == []


@pytest.mark.parametrize(("good", "bad", "word"), SPOILT)
def test_checker_sees_what_leaves_the_common_ground(good: bytes, bad: bytes, word: str) -> None:
    assert any(word in phrase for phrase in departures(GOOD.replace(good, bad)))


@pytest.mark.parametrize(
    "body",
    [
        b"\nX-OCCI-Attribute: a=1\n",
        b"X-OCCI-Attribute: a=1\n\n",
        b"X-OCCI-Attribute: a=1\r\n",
        b"",
        b"x-occi-attribute: a=1\n",
        b"X-OCCI-Attribute:a=1\n",
        b"X-OCCI-Attribute:  a=1\n",
        b"X-OCCI-Attribute: a = 1\n",
        b"X-OCCI-Attribute: a=one\n",
    ],
)
def test_checker_sees_what_leaves_it_in_a_body(body: bytes) -> None:
    head = (
        b"POST /compute/5 HTTP/1.1\r\nUser-Agent: x OCCI/1.1\r\nAccept: text/plain\r\n"
        b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
    )
    assert departures(head % len(body) + body) != []
    good = b"X-OCCI-Attribute: a=1\n"
    assert departures(head % len(good) + good) == []


def test_invocations_are_all_that_occi_knows() -> None:
    assert len(set(INVOCATIONS)) == 1 + 4 + 4 + 3
    assert len(list(itertools.product(CHOSEN, INVOCATIONS))) == 48
