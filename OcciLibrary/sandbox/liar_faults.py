"""Faults of a whole site that lies to every client alike: what no suite about the OCCI documents may let pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.renderings import TEXT_PLAIN
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.exchange import Answer, Request
from OcciLibrary.sandbox.fault import CONFORMANCE, Fault, fixed
from OcciLibrary.sandbox.virtual_machine import VirtualMachine

_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Cloud portal</title></head><body><h1>Welcome</h1></body></html>\n"
)
_READ = ("GET", "HEAD")
# Each shows the value of the other, in VMs, networks, storages and links alike.
_SWAPPED = (
    ("occi.compute.cores", "occi.compute.memory"),
    ("occi.compute.architecture", "occi.compute.hostname"),
    ("occi.core.title", "occi.core.summary"),
    ("occi.network.label", "occi.network.state"),
    ("occi.core.source", "occi.core.target"),
)
_OTHERS: Mapping[str, str] = {a: b for pair in _SWAPPED for a, b in (pair, pair[::-1])}


def _portal(request: Request, vm: VirtualMachine | None) -> Answer:
    return Answer(content_type="text/html; charset=utf-8", body=_PAGE, anonymous=True)


def _fine(request: Request, vm: VirtualMachine | None) -> Answer | None:
    return None if request.method in _READ else Answer(content_type=TEXT_PLAIN, body=b"OK")


def _fine_after_all(request: Request, answer: Answer) -> Answer:
    return Answer(HTTPStatus.OK, TEXT_PLAIN, body=b"OK")


def _swapped(request: Request, resource: Resource) -> Resource:
    shown = {_OTHERS.get(name, name): value for name, value in resource.attributes.items()}
    return replace(resource, attributes=shown)


LIAR_FAULTS: tuple[Fault, ...] = (
    fixed("all-portal", "Every request is answered 200 with the same HTML page.", "1.1", Conduct(instead=_portal)),
    fixed("all-ok", "Every request that is not understood or would change something is answered 200, and nothing is done.", "2.6",
          Conduct(instead=_fine, refused=_fine_after_all)),
    fixed("filters-ignored", "Discovery and listings are complete, whatever filter comes.", CONFORMANCE,
          Conduct(ignores_filters=True)),
    fixed("attributes-swapped", "Cores show the memory and memory the cores; so do others in pairs.", "2.6",
          Conduct(rendered=_swapped)),
)  # fmt: skip
