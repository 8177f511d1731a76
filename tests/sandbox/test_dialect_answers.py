"""What was seen of the servers that no recording is at hand of: one request, one answer, for each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from OcciLibrary.sandbox.dialects.catalogue import DIALECTS
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite
from tests.sandbox.conftest import SECONDS, reach
from tests.sandbox.test_dialects import ask

START = (
    'Category: start; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"\n'
)
JSON = "application/occi+json"
PLAIN = "text/plain"


class Site:
    """A site in a dialect, and the URLs of its first VM and of its listing."""

    def __init__(self, name: str) -> None:
        self.dialect = DIALECTS[name]
        self.site = SandboxSite(SandboxOptions(seconds=SECONDS, machines=2, dialect=name))
        self.site.start()
        self.vm = self.site.machines[0]
        root = urlsplit(self.site.description()["endpoint"])
        self.entity = root._replace(path=self.dialect.paths.location(self.vm.id)).geturl()
        self.listing = root._replace(path=self.dialect.paths.base + self.dialect.paths.listing).geturl()
        self.discovery = root._replace(path=self.dialect.paths.base + "/-/").geturl()

    def start(self) -> tuple[int, str | None, bytes, str | None]:
        """Starts the inactive VM; gives status, content type, body and location of the answer."""
        reach(self.vm, "inactive")
        response, body = ask(f"{self.entity}?action=start", "POST", START, Content_Type=PLAIN, Accept=PLAIN)
        return response.status, response.getheader("Content-Type"), body, response.getheader("Location")


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Site]]:
    started: dict[str, Site] = {}
    yield started
    for one in started.values():
        one.site.stop()


def site_of(sites: dict[str, Site], name: str) -> Site:
    if name not in sites:
        sites[name] = Site(name)
    return sites[name]


@pytest.mark.parametrize(
    ("dialect", "accept", "status", "content_type"),
    [
        ("rocci2", "", 500, "text/plain"),
        ("rocci2", "*/*", 200, JSON),
        ("rocci2", "image/png", 200, JSON),
        ("rocci2", "text/plain, */*;q=0.1", 500, "text/plain"),
        ("rocci2", "text/uri-list", 406, "text/plain"),
        ("erocci", "", 500, "text/plain"),
        ("erocci", "*/*", 200, "text/html"),
        ("erocci", "text/plain;charset=utf-8", 406, "text/plain"),
        ("erocci", "text/uri-list", 406, "text/plain"),
        ("snf", JSON, 406, "text/plain; charset=UTF-8"),
        ("occi-os", "text/plain; charset=utf-8", 406, "text/plain"),
        ("occi4java", JSON, 415, "text/plain"),
        ("mart", "image/png", 501, "text/plain; charset=utf-8"),
        ("mart", "*/*", 200, JSON),
        ("spec11", JSON, 406, "text/plain; charset=utf-8"),
        ("spec11", "*/*", 200, PLAIN),
        ("spec12", "*/*", 200, JSON),
        ("rocci1", "text/plain, */*;q=0.1", 200, "text/html; charset=utf-8"),
    ],
)
def test_an_entity_is_rendered_or_refused_by_what_is_accepted(
    sites: dict[str, Site], dialect: str, accept: str, status: int, content_type: str
) -> None:
    response, _ = ask(site_of(sites, dialect).entity, **({"Accept": accept} if accept else {}))
    assert (response.status, response.getheader("Content-Type")) == (status, content_type)


@pytest.mark.parametrize(
    ("dialect", "status", "content_type", "beginning"),
    [
        ("rocci2", 204, None, b""),
        ("snf", 204, "text/plain; charset=utf8", b""),
        ("occi-os", 200, "text/plain", b"\nCategory: compute; "),
        ("erocci", 200, "text/plain", b"category: compute; "),
        ("mart", 200, "text/plain", b"Category: compute;scheme="),
        ("spec11", 200, "text/plain", b""),
        ("spec12", 204, "text/plain", b""),
    ],
)
def test_an_action_is_answered_as_that_server_does(
    sites: dict[str, Site], dialect: str, status: int, content_type: str | None, beginning: bytes
) -> None:
    site = site_of(sites, dialect)
    seen = site.start()
    assert seen[:2] == (status, content_type)
    assert seen[2].startswith(beginning)
    assert bool(seen[2]) == bool(beginning)
    assert (seen[3] is not None) == (dialect == "erocci")
    assert site.vm.wait_until_settled(10)
    assert site.vm.snapshot().state == "active"


@pytest.mark.parametrize(
    ("dialect", "status"),
    [("rocci2", 409), ("snf", 400), ("occi-os", 400), ("erocci", 400), ("spec11", 400), ("spec12", 409)],
)
def test_an_action_that_does_not_apply_is_refused_with_that_servers_status(
    sites: dict[str, Site], dialect: str, status: int
) -> None:
    site = site_of(sites, dialect)
    reach(site.vm, "active")
    response, _ = ask(f"{site.entity}?action=start", "POST", START, Content_Type=PLAIN, Accept=PLAIN)
    assert response.status == status


@pytest.mark.parametrize(
    ("dialect", "method", "status"),
    [
        ("rocci2", "POST", 400),
        ("rocci2", "PUT", 501),
        ("snf", "POST", 400),
        ("snf", "PUT", 404),
        ("occi-os", "POST", 400),
        ("erocci", "POST", 200),
        ("mart", "POST", 200),
        ("spec11", "POST", 200),
        ("spec12", "PUT", 200),
        ("occi4java", "POST", 400),
    ],
)
def test_an_update_is_stored_or_refused_with_that_servers_status(
    sites: dict[str, Site], dialect: str, method: str, status: int
) -> None:
    site = site_of(sites, dialect)
    reach(site.vm, "inactive")
    kind = 'Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"\n'
    body = (kind if method == "PUT" else "") + "X-OCCI-Attribute: occi.compute.cores=3\n"
    response, _ = ask(site.entity, method, body, Content_Type=PLAIN, Accept=PLAIN)
    assert response.status == status
    assert (site.vm.snapshot().attributes["occi.compute.cores"] == 3) == (status == 200)


@pytest.mark.parametrize(
    ("dialect", "accept", "wanted"),
    [
        ("erocci", PLAIN, ["category: compute; scheme=", "class=kind", "occi.compute.memory=1.00000"]),
        ("erocci", PLAIN, ["link: <http://", "action=suspend>"]),
        ("rocci2", PLAIN, ['Category: compute;scheme="', 'class="kind";\n', 'occi.core.id="103"']),
        ("mart", PLAIN, ['class="kind";\r\n', '; title="compute"', "X-OCCI-Location: http://"]),
        ("snf", PLAIN, ['occi.core.id="42001"', 'occi.compute.memory="1024"', "action=save>"]),
        ("occi-os", PLAIN, ['occi.compute.speed="0.0"', 'Category: os_vms; scheme="']),
        ("occi4java", PLAIN, [" Category: compute scheme= http://", "Architecture: x64 Cores: "]),
        ("spec11", PLAIN, ['occi.core.id="urn:uuid:', "X-OCCI-Attribute: occi.compute.speed="]),
        ("spec12", JSON, ['"id": "urn:uuid:', '"occi.compute.share": 1024']),
    ],
)
def test_an_entity_is_written_in_that_servers_way(
    sites: dict[str, Site], dialect: str, accept: str, wanted: list[str]
) -> None:
    site = site_of(sites, dialect)
    site.vm.wait_until_settled(10)
    reach(site.vm, "inactive")
    site.vm.change({}, replace=True)
    text = ask(site.entity, Accept=accept)[1].decode()
    assert [words for words in wanted if words not in text] == []


def test_mart_has_what_1_2_gives_a_compute_and_the_speed_and_takes_its_share(sites: dict[str, Site]) -> None:
    site = site_of(sites, "mart")
    reach(site.vm, "inactive")
    shown = {link.partition("#")[2] for link in json.loads(ask(site.entity, Accept=JSON)[1])["actions"]}
    assert "save" in shown
    compute = next(
        one for one in json.loads(ask(site.discovery)[1])["model"][0]["kinds"] if one["term"] == "compute"
    )
    assert {"occi.compute.share", "occi.compute.state.message", "occi.compute.speed"} <= set(
        compute["attributes"]
    )
    for media_type, body in (
        (PLAIN, "X-OCCI-Attribute: occi.compute.share=7\n"),
        (JSON, '{"attributes": {"occi.compute.share": 9}}'),
    ):
        assert ask(site.entity, "POST", body, Content_Type=media_type, Accept=PLAIN)[0].status == 200
        share = 7 if media_type == PLAIN else 9
        assert json.loads(ask(site.entity, Accept=JSON)[1])["attributes"]["occi.compute.share"] == share
    wrong = ask(site.entity, "POST", 'X-OCCI-Attribute: occi.compute.share="x"\n', Content_Type=PLAIN)
    assert wrong[0].status == 400
    site.vm.change({}, replace=True)


def test_lists_and_fields_of_text_occi_are_that_servers_own(sites: dict[str, Site]) -> None:
    response, body = ask(site_of(sites, "rocci2").listing, Accept="text/occi")
    assert (len(response.headers.get_all("Location") or []), body) == (2, b"")
    response, _ = ask(site_of(sites, "rocci2").entity, Accept="text/occi")
    assert response.getheader("X-OCCI-Category")
    assert response.getheader("Category") is None
    response, body = ask(site_of(sites, "erocci").listing, Accept="text/occi")
    assert str(response.headers.get("x-occi-location")).count("http://") == 2
    assert body == b"OK\n"
    response, _ = ask(site_of(sites, "mart").listing, Accept="text/occi")
    assert str(response.getheader("X-OCCI-Attribute")).endswith(",")  # one entity in the place of a listing
    response, _ = ask(site_of(sites, "occi4java").listing, Accept="text/occi")
    assert str(response.getheader("Location")).count("http://") == 2


def test_discovery_and_its_places_are_that_servers_own(sites: dict[str, Site]) -> None:
    root = urlsplit(site_of(sites, "erocci").discovery)
    assert ask(root._replace(path="/compute/").geturl(), Accept=PLAIN)[0].status == 404
    assert b"/categories/compute" in ask(root.geturl(), Accept=PLAIN)[1]
    model = json.loads(ask(site_of(sites, "mart").discovery)[1])["model"][0]
    assert {kind["term"] for kind in model["kinds"]} >= {"compute", "network", "storage"}
    new = json.loads(ask(site_of(sites, "spec12").discovery)[1])
    compute = next(kind for kind in new["kinds"] if kind["term"] == "compute")
    assert "occi.compute.share" in compute["attributes"]
    assert "occi.compute.speed" not in compute["attributes"]
    assert ask(site_of(sites, "occi4java").discovery)[1].startswith(b"Cagegory: ")


def test_a_client_of_a_newer_occi_is_refused_where_that_server_does(sites: dict[str, Site]) -> None:
    for dialect, status in (("spec11", 501), ("spec12", 200), ("erocci", 200), ("rocci2", 200)):
        response, _ = ask(site_of(sites, dialect).entity, Accept=PLAIN, User_Agent="client OCCI/1.2")
        assert response.status == status, dialect


def test_a_restart_needs_its_method_and_is_not_seen_before_nova(sites: dict[str, Site]) -> None:
    site = site_of(sites, "occi-os")
    reach(site.vm, "active")
    restart = START.replace("start;", "restart;", 1)
    url = f"{site.entity}?action=restart"
    assert ask(url, "POST", restart, Content_Type=PLAIN, Accept=PLAIN)[0].status == 400
    whole = restart + 'X-OCCI-Attribute: method="warm"\n'
    assert ask(url, "POST", whole, Content_Type=PLAIN, Accept=PLAIN)[0].status == 200
    seen = {site.vm.snapshot().state}
    while not site.vm.wait_until_settled(0.01):
        seen.add(site.vm.snapshot().state)
    assert seen == {"active"}


def test_an_error_is_told_in_that_servers_form(sites: dict[str, Site]) -> None:
    missing = site_of(sites, "rocci2").entity.replace("/103", "/999")
    assert json.loads(ask(missing, Accept=JSON)[1])["error"] == "Entity 999 not found"
    response, body = ask(missing, Accept="text/occi")
    assert (response.getheader("X-OCCI-Error"), body) == ("Entity 999 not found", b"")
    response, body = ask(site_of(sites, "erocci").entity + "0", Accept=PLAIN)
    assert (response.status, body) == (404, b"")
