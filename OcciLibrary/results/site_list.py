"""The sites that the kit has files of: which of them are real, and which name the same VM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from OcciLibrary.keywords.site_file import SANDBOX, short, site_names, unknown_site
from OcciLibrary.keywords.site_variables import SiteVariables, read_variables

_PACKAGE = Path(__file__).parents[2]
_RESERVED = ("example", "example.org", "example.com", "example.net", "invalid", "test")  # RFC 2606, RFC 6761
_TEMPLATE = "TEMPLATE"


class NoSuchSite(Exception):
    """Says in one sentence that there is no kit here, or no site of that name, and what there is."""


@dataclass(frozen=True)
class Kit:
    """Holds where the suites and the site files lie."""

    root: Path

    @property
    def sites(self) -> Path:
        """Returns the folder of the site files."""
        return self.root / "resources" / "sites"

    @property
    def suites(self) -> Path:
        """Returns the folder of the suites."""
        return self.root / "suites"

    def site_file(self, name: str) -> Path:
        """Returns the path of a site's file. Raises `NoSuchSite` with the names that there are."""
        if problem := unknown_site(name, self.sites):
            raise NoSuchSite(problem.replace(" with --variable SITE:NAME", ""))
        return self.sites / f"{name}.resource"


def find_kit(here: Path) -> Kit:
    """Returns the kit in a folder, else the one that this copy of the library belongs to. Raises `NoSuchSite`."""
    for root in (here, _PACKAGE):
        if (root / "resources" / "sites").is_dir() and (root / "suites").is_dir():
            return Kit(root.resolve())
    raise NoSuchSite(
        f"There are no suites and site files in {here}: change to the folder of the kit, which has 'suites' and 'resources'."
    )


@dataclass(frozen=True)
class ListedSite:
    """Holds what a site file says of its site; `kind` is site, sandbox, example or unfinished."""

    name: str
    title: str
    endpoint: str
    kind: str
    variables: SiteVariables


def listed_site(kit: Kit, name: str, given: Sequence[str] = ()) -> ListedSite:
    """Returns a site by its name; `given` are values of `--variable`. Raises `NoSuchSite`."""
    variables = read_variables(kit.site_file(name), given)
    endpoint = variables.text("OCCI_ENDPOINT")
    return ListedSite(name, variables.text("SITE_NAME") or name, endpoint, _kind(name, endpoint), variables)


def all_sites(kit: Kit, given: Sequence[str] = ()) -> list[ListedSite]:
    """Returns the sites of the kit in alphabetical order, without the template."""
    return [listed_site(kit, name, given) for name in site_names(kit.sites) if name != _TEMPLATE]


def own_sites(kit: Kit, given: Sequence[str] = ()) -> list[ListedSite]:
    """Returns the real sites: no sandbox, no example, none without an endpoint. Raises `NoSuchSite` when there is none."""
    found = [site for site in all_sites(kit, given) if site.kind == "site"]
    if not found:
        raise NoSuchSite(
            f"There is no site of your own in {short(kit.sites)}, only examples and sandboxes: copy TEMPLATE.resource there."
        )
    return found


def _kind(name: str, endpoint: str) -> str:
    if endpoint == SANDBOX or endpoint.startswith(SANDBOX + ":"):
        return "sandbox"
    host, _ = _service(endpoint)
    if any(host == domain or host.endswith("." + domain) for domain in _RESERVED):
        return "example"
    return "site" if endpoint and name != _TEMPLATE else "unfinished"


def _service(url: str) -> tuple[str, str]:
    """Returns host and port of a URL; of http and https at one port there is but one service."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), str(parts.port or (443 if parts.scheme == "https" else 80))
    except ValueError:
        return url, ""


def queues(sites: Sequence[ListedSite]) -> list[list[ListedSite]]:
    """Returns the sites in queues: those of one queue name the same VM, and run one after the other.

    Two files name the same VM when their VM ids end alike at one service, or when they give the same echo service or ssh login.
    An embedded sandbox is a site of its own in each run. In doubt two sites wait for each other, which costs but time.
    """
    made: list[tuple[set[tuple[str, ...]], list[ListedSite]]] = []
    for site in sites:
        marks, queue = set(_marks(site)), [site]
        same = [one for one in made if one[0] & marks]
        for other_marks, others in same:
            marks |= other_marks
            queue = [*others, *queue]
        made = [one for one in made if one not in same] + [(marks, queue)]
    order = {site.name: place for place, site in enumerate(sites)}
    in_order = (sorted(queue, key=lambda site: order[site.name]) for _, queue in made)
    return sorted(in_order, key=lambda queue: order[queue[0].name])


def _marks(site: ListedSite) -> Iterator[tuple[str, ...]]:
    """Yields what tells a site's VM from others."""
    said = site.variables
    if site.kind == "sandbox":
        return
    if vm := unquote(said.text("VM_ID")).rstrip("/").rpartition("/")[2].lower().removeprefix("urn:uuid:"):
        yield ("vm", *_service(site.endpoint), vm)
    for service, usual in (("ECHO", "7777"), ("SSH", "22")):
        if host := said.text(f"{service}_HOST").lower():
            yield (service, host, said.text(f"{service}_PORT") or usual)
