"""A site by the book in this process, for both editions of OCCI, and what tests ask it with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.renderings import TEXT_PLAIN
from OcciLibrary.sandbox.dialects.catalogue import dialect_of
from OcciLibrary.sandbox.options import SandboxOptions
from OcciLibrary.sandbox.site import SandboxSite

from .conftest import SECONDS, Client, Reply

INFRASTRUCTURE = "http://schemas.ogf.org/occi/infrastructure#"
MEDIUM = "http://sandbox.example.org/occi/infrastructure/resource_tpl#medium"
EDITIONS = ("spec11", "spec12")


def category(category_id: str, category_class: str = "kind") -> str:
    scheme, _, term = category_id.partition("#")
    return f'{term}; scheme="{scheme}#"; class="{category_class}"'


COMPUTE = category(INFRASTRUCTURE + "compute")


class Whole:
    """One site, with the paths of its VMs; of no ``edition`` it is the sandbox's own."""

    def __init__(self, edition: str, may_create: bool, fault: str = "") -> None:
        self.edition = edition
        self.site = SandboxSite(
            SandboxOptions(seconds=SECONDS, machines=3, dialect=edition, may_create=may_create, fault=fault)
        )
        self.site.start()
        self.endpoint = self.site.description()["endpoint"].rstrip("/")
        self.client = Client(int(self.endpoint.rpartition(":")[2]))
        self.vms = [dialect_of(edition).paths.location(machine.id) for machine in self.site.machines]

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Reply:
        usual = {"Accept": TEXT_PLAIN} | ({"Content_Type": TEXT_PLAIN} if body else {})
        return self.client.ask(method, path, body.encode(), **{**usual, **headers})

    def paths(self, path: str, body: str = "", **headers: str) -> list[str]:
        reply = self.ask("GET", path, body, **headers)
        assert reply.status == 200, reply.text
        return [line.split("/", 3)[3].join(("/", "")) for line in reply.text.splitlines()]

    def get(self, path: str) -> Resource:
        return self.ask("GET", path).resource()

    def create(self, kind: str, *lines: str) -> str:
        body = f"Category: {category(INFRASTRUCTURE + kind)}\n" + "".join(f"{line}\n" for line in lines)
        reply = self.ask("POST", f"/{kind}/", body)
        assert reply.status == 201, reply.text
        return "/" + reply.headers["Location"].split("/", 3)[3]

    def close(self) -> None:
        self.client.close()
        self.site.stop()


@contextmanager
def whole(edition: str, may_create: bool = False, fault: str = "") -> Iterator[Whole]:
    site = Whole(edition, may_create, fault)
    try:
        yield site
    finally:
        site.close()
