"""How fast listings and discovery answers are read, in each rendering.

    python benchmarks/reading.py [--entities 10000 100000] [--pocci FOLDER]

A compute is rendered in full: 20 lines, 3.4 kB (5 categories, 3 action links, 2 links, 10 attributes). Listings are
10,000 and 100,000 of them: in text/plain one below the other, in JSON as resources, in text/occi one answer each, for
header fields cannot tell entities apart (so its peak says nothing); and their locations alone. The entities of a listing
are alike: their values differ, not what they are made of. Discovery is 1,000 categories, none seen before.

Figures: µs per entity, the best of several runs; that over the floor; pOCCI's time over ours; the time per entity of
the longest listing over that of the shortest; the peak of memory, the input included, in sizes of the input.
The floor splits the same text into lines and names (text/occi: items and names; JSON: json.loads).
pOCCI, the best reader of the field, takes 104 µs for one such compute on Python 3.11. With --pocci FOLDER, which holds
its modules made to run on Python 3, it is measured here.

Targets: on full renderings 5 times faster than pOCCI; 8 times the floor; a growth of about 1; a peak of 4.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from OcciLibrary.occi import (
    OCCI_JSON,
    TEXT_OCCI,
    TEXT_PLAIN,
    URI_LIST,
    Resource,
    read,
    text_shapes,
    text_skeletons,
    write_collection,
    write_discovery,
    write_locations,
)
from OcciLibrary.occi import infrastructure as infra
from OcciLibrary.occi.model import AttributeDefinition, Kind, Mixin

POCCI_US = 104.0
ACTION = infra.COMPUTE_ACTION_SCHEME
OGF = "http://schemas.ogf.org/occi/infrastructure"
SITE = "http://cloud.example.org/occi/infrastructure"
KEY = "AAAAB3NzaC1kc3MAAACB" * 28
COMPUTE = f"""\
Category: compute;scheme="{OGF}#";class="kind";title="Compute resource";location="/compute/"
Category: compute;scheme="{SITE}#";class="mixin";title="What this site adds to a compute";location="/mixin/compute/"
Category: debian_9;scheme="{SITE}/os_tpl#";class="mixin";title="Debian 9, plain";location="/mixin/os_tpl/debian_9/"
Category: public_key;scheme="http://schemas.openstack.org/instance/credentials#";class="mixin";title="Public key";\
location="/mixin/public_key/"
Category: user_data;scheme="http://schemas.openstack.org/compute/instance#";class="mixin";title="User data";\
location="/mixin/user_data/"
Link: </compute/NR?action=stop>;rel="{ACTION}stop"
Link: </compute/NR?action=restart>;rel="{ACTION}restart"
Link: </compute/NR?action=suspend>;rel="{ACTION}suspend"
Link: </storage/NR>;rel="{OGF}#storage";self="/link/storagelink/compute_NR_disk_0";\
category="{OGF}#storagelink {SITE}#storagelink";occi.core.id="compute_NR_disk_0";occi.core.title="debian";\
occi.core.target="/storage/NR";occi.core.source="/compute/NR";occi.storagelink.deviceid="/dev/vda";\
occi.storagelink.state="active"
Link: </network/0>;rel="{OGF}#network";self="/link/networkinterface/compute_NR_nic_0";\
category="{OGF}#networkinterface {OGF}/networkinterface#ipnetworkinterface {SITE}#networkinterface";\
occi.core.id="compute_NR_nic_0";occi.core.title="public";occi.core.target="/network/0";\
occi.core.source="/compute/NR";occi.networkinterface.interface="eth0";occi.networkinterface.mac="02:00:c0:a8:00:4f";\
occi.networkinterface.state="active";occi.networkinterface.address="192.0.2.79";org.example.nic.bridge="vbr0"
X-OCCI-Attribute: occi.core.id="NR"
X-OCCI-Attribute: occi.core.title="vm-NR"
X-OCCI-Attribute: occi.core.summary="Made by the benchmark on Sun, 22 Nov 2026 13:48:50 +0200."
X-OCCI-Attribute: occi.compute.cores=1
X-OCCI-Attribute: occi.compute.memory=0.125
X-OCCI-Attribute: occi.compute.state="active"
X-OCCI-Attribute: org.example.compute.id="NR"
X-OCCI-Attribute: org.example.compute.cpu=1.0
X-OCCI-Attribute: org.openstack.credentials.publickey.data="ssh-dss {KEY} root@example.org"
X-OCCI-Attribute: org.openstack.compute.user_data="# user data NR"
"""

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """One thing to read: ``ours`` and ``floor`` read it whole, ``size`` is its length in bytes."""

    name: str
    entities: int
    size: int
    ours: Callable[[], Any]
    floor: Callable[[], Any]
    full: bool = False


def text_floor(body: bytes) -> list[tuple[str, str, str]]:
    """Splits a body into lines and their names."""
    return [line.partition(":") for line in body.decode().split("\n")]


def header_floor(answers: list[Headers]) -> None:
    """Splits header values into items and their names, answer by answer."""
    for headers in answers:
        for _, value in headers:
            [item.partition("=") for item in value.split(",")]


def read_answers(answers: list[Headers]) -> None:
    """Reads answers that are all header, one after the other as a client gets them."""
    for headers in answers:
        read(TEXT_OCCI, headers, b"OK")


def as_headers(text: str) -> Headers:
    """Joins the lines of one entity into header fields."""
    fields: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        fields.setdefault(name, []).append(value)
    return [(name, ", ".join(values)) for name, values in fields.items()]


def in_body(name: str, entities: int, content_type: str, body: bytes, full: bool = False) -> Case:
    """Makes the case of one body."""
    floor = (lambda: json.loads(body)) if content_type == OCCI_JSON else (lambda: text_floor(body))
    return Case(name, entities, len(body), lambda: read(content_type, [], body), floor, full)


def in_headers(name: str, entities: int, answers: list[Headers], full: bool = False) -> Case:
    """Makes the case of answers that are all header."""
    size = sum(len(name) + len(value) + 4 for headers in answers for name, value in headers)
    return Case(
        name,
        entities,
        size,
        lambda: read_answers(answers),
        lambda: header_floor(answers),
        full,
    )


def listing_cases(count: int) -> list[Callable[[], Case]]:
    """Gives makers, for the cases are too large to exist all at once."""
    urls = [f"https://cloud.example.org:11443/compute/{number}" for number in range(count)]

    def texts() -> list[str]:
        return [COMPUTE.replace("NR", str(number)) for number in range(count)]

    def resources() -> bytes:
        entity: Resource = read(TEXT_PLAIN, [], COMPUTE.encode()).resource()
        one = write_collection([Resource(**{**_members(entity), "location": "/compute/NR"})], OCCI_JSON).body
        head, tail = b'{"resources": [', b"]}"
        inner = one[len(head) : -len(tail)].decode()
        return head + b", ".join(inner.replace("NR", str(n)).encode() for n in range(count)) + tail

    def locations(media_type: str) -> Case:
        payload = write_locations(urls, media_type)
        name = f"{media_type}, locations"
        if media_type == TEXT_OCCI:
            return in_headers(name, count, [list(payload.headers)])
        return in_body(name, count, media_type, payload.body)

    return [
        lambda: in_body("text/plain, full", count, TEXT_PLAIN, "".join(texts()).encode(), full=True),
        lambda: in_headers("text/occi, full", count, [as_headers(text) for text in texts()], full=True),
        lambda: in_body("JSON, full", count, OCCI_JSON, resources(), full=True),
        *(lambda kind=kind: locations(kind) for kind in (TEXT_PLAIN, TEXT_OCCI, URI_LIST, OCCI_JSON)),
    ]


def _members(entity: Resource) -> dict[str, Any]:
    return {name: getattr(entity, name) for name in entity.__slots__}


def discovery_cases(count: int = 1000) -> list[Callable[[], Case]]:
    """Gives makers for discovery: the standard categories, site kinds with attributes and actions, templates."""
    definitions = tuple(AttributeDefinition(f"org.example.a{n}", immutable=n % 2 == 0) for n in range(8))
    actions = tuple(f"{SITE}/action#{term}" for term in ("start", "stop", "restart"))
    kinds = [
        Kind(f"kind{n}", f"{SITE}#", f"Kind {n}", definitions, f"/kind{n}/", infra.RESOURCE_ID, actions)
        for n in range(count // 5)
    ]
    templates = [
        Mixin(f"tpl{n}", f"{SITE}/os_tpl#", f"Template {n}", (), f"/mixin/tpl{n}/", (infra.OS_TPL_ID,))
        for n in range(count - len(kinds) - len(infra.standard_categories()))
    ]
    categories = [*infra.standard_categories(), *kinds, *templates]

    def case(media_type: str) -> Case:
        payload = write_discovery(categories, media_type)
        name = f"{media_type}, discovery"
        if media_type == TEXT_OCCI:
            return in_headers(name, len(categories), [list(payload.headers)])
        return in_body(name, len(categories), media_type, payload.body)

    return [lambda kind=kind: case(kind) for kind in (TEXT_PLAIN, TEXT_OCCI, OCCI_JSON)]


def seconds(work: Callable[[], Any], runs: int) -> float:
    """Returns the shortest of several runs; nothing is remembered from one to the next."""
    best = float("inf")
    for _ in range(runs):
        text_shapes.forget()
        text_skeletons.forget()
        gc.collect()
        began = time.process_time()
        kept = work()
        best = min(best, time.process_time() - began)
        del kept
    return best


def peak(case: Case) -> float:
    """Returns the peak of memory while reading and the input itself, in sizes of the input."""
    gc.collect()
    tracemalloc.start()
    kept = case.ours()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    return 1 + most / case.size


def pocci_us(folder: str) -> float:
    """Measures pOCCI's reader on one compute."""
    sys.path.insert(0, folder)
    reader = importlib.import_module("render").create_renderer(TEXT_PLAIN)
    lines = COMPUTE.splitlines()
    return seconds(lambda: [reader.parse_resource(lines, []) for _ in range(1000)], 5) * 1000


def main() -> None:
    """Measures everything and prints a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entities", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--pocci")
    options = parser.parse_args()
    peer = pocci_us(options.pocci) if options.pocci else POCCI_US
    print(
        f"pOCCI {peer:.1f} µs for one compute ({'measured here' if options.pocci else 'not measured here'})"
    )
    print(
        f"{'':32}{'entities':>9}{'MB':>7}{'µs each':>9}{'x floor':>9}{'x pOCCI':>9}{'growth':>8}{'peak':>7}"
    )
    first: dict[str, float] = {}
    makers = [maker for count in options.entities for maker in listing_cases(count)] + discovery_cases()
    for maker in makers:
        case = maker()
        runs = 3 if case.size > 100_000_000 else 7
        floor, ours = seconds(case.floor, runs), seconds(case.ours, runs)
        each = ours / case.entities * 1e6
        growth = each / first.setdefault(case.name, each)
        faster = f"{peer / each:9.1f}" if case.full else " " * 9
        print(
            f"{case.name:32}{case.entities:9}{case.size / 1e6:7.1f}{each:9.2f}{ours / floor:9.1f}{faster}"
            f"{growth:8.2f}{peak(case):7.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
