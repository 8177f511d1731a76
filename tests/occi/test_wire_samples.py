"""Reads every collected wire sample and compares with what is known of it (expected.json, INDEX.md)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from OcciLibrary.occi import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, Message, RenderingError, read

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "wire-samples"
EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8")) if SAMPLES.is_dir() else {}
)
# expected.json also speaks of samples that were not handed over.
PRESENT = sorted(name for name in EXPECTED if (SAMPLES / name).is_file())

pytestmark = pytest.mark.skipif(
    not PRESENT, reason="the folder ../shared/wire-samples is not beside the project"
)

# No OCCI rendering, or broken beyond any reading (INDEX.md: invalid, or "must say so").
REFUSED = {
    "category-wrong-fieldname.txt": "no line is an OCCI field",
    "erocci-compute.xml": "no OCCI rendering",
    "list-bare-uri-in-text-plain.txt": "no line is an OCCI field",
    "opennebula-builtin-occi-compute.xml": "no OCCI rendering",
    "resource-garbage.txt": "no line is an OCCI field",
    "rocci1-json-action-unsupported.response.http": "no line is an OCCI field",
    "snf-occi-401-keystone.response.http": "no OCCI rendering",
    "spec12-json-schema.json": "the object holds only",
}
# Departures that the trial reader behind expected.json did not record, or that it did not look for in JSON.
SEMICOLON = {"trailing-semicolon"}
MORE_DEVIATIONS = {
    "egi-resource-tpl-small.json": {"capitalised-properties", "nested-attributes"},
    "erocci-collection.json": {"location-in-entity"},
    "erocci-networkinterface.json": {"location-in-entity"},
    "jocci-action-attributes-semicolon-comma.header-value": SEMICOLON,
    "jocci-compute-links.header-value": SEMICOLON,
    "jocci-compute.txt": SEMICOLON | {"parameter-order"},
    "jocci-inline-links-int-id.txt": SEMICOLON,
    "list-location-mixed-fields-lowercase.headers": {"locations-in-location-field"},
    "list-location-mixed-fields.headers": {"locations-in-location-field"},
    "list-relative.uri-list": {"relative-location"},
    "mart-compute.response.json": {"location-in-entity", "relative-location"},
    "mart-mixin-collection-text-occi.response.http": SEMICOLON,
    "mart-mixin-members.request.json": {"relative-location"},
    "mart-network-collection.response.json": {"location-in-entity", "relative-location"},
    "occi-os-compute-recorded.txt": {"quoted-number"},
    "qi-duplicate-category.txt": {"duplicate-category"},
    "resource-generic-comma.headers": {"unknown-class", "unquoted-string"},
    "resource-generic-lines.txt": {"unknown-class", "unquoted-string"},
    "rocci05-json-qi.response.http": {
        "capitalised-properties",
        "nested-attributes",
        "pattern-as-string",
        "related-member",
        "scheme-without-hash",
    },
    "rocci05-json-root-list.response.http": {"nested-attributes"},
    "rocci1-dummy-storage-bad-state.json": {"nested-attributes"},
    "rocci1-json-collection-all-members.json": {
        "action-in-collection",
        "nested-attributes",
        "pattern-as-string",
        "related-member",
    },
    "rocci1-json-create-compute.request.http": {"nested-attributes"},
    "rocci1-json-list-compute.response.http": {"link-as-string", "nested-attributes"},
    "rocci1-json-list-storage.response.http": {"action-as-object", "nested-attributes"},
    "rocci1-json-qi.response.http": {"nested-attributes", "pattern-as-string", "related-member"},
    "rocci1-plain-action-save.request.http": {"media-type-list"},
    "rocci1-plain-action-start.request.http": {"media-type-list"},
    "rocci1-plain-create-compute.request.http": {"media-type-list"},
    "rocci1-plain-partial-update-mixin.request.http": {"media-type-list"},
    "rocci2-instance.txt": SEMICOLON,
    "rocci2-model.json": {"pattern-as-string"},
    "spec11-s344-create-compute.request.txt": SEMICOLON,
    "spec11-s344-put-create-quoted-param.request.txt": SEMICOLON,
    "spec11-s345-compute-with-link.txt": SEMICOLON,
    "spec11-s345-create-with-inline-link.request.txt": SEMICOLON,
    "spec11-s345-link-instance-trailing-semicolons.txt": SEMICOLON,
    "spec11-s351-storage-kind-folded.txt": SEMICOLON,
    "spec11-s366-text-occi.response.http": SEMICOLON,
    "spec11-s372-get-missing-semicolon.response.http": SEMICOLON,
}
# Values that the known type of the attribute decides (section 8.3): numbers in quotes, ids without quotes.
TYPED = {
    "occi-os-compute-recorded.txt": {
        "occi.compute.cores": 1,
        "occi.compute.memory": 1.0,
        "occi.compute.speed": 0.0,
    },
    "resource-generic-comma.headers": {"occi.core.id": "1"},
    "resource-generic-lines.txt": {"occi.core.id": "1"},
}
# What expected.json does not list: the facts of the JSON samples and of one uri-list, counted by hand or from INDEX.md.
COUNTS = {  # categories, attributes, links, resources, locations
    "egi-resource-tpl-small.json": (1, 0, 0, 0, 0),
    "erocci-collection.json": (0, 0, 0, 2, 0),
    "erocci-in-link-without-source.json": (1, 1, 1, 0, 0),
    "erocci-in-user-mixin.json": (1, 0, 0, 0, 0),
    "erocci-networkinterface.json": (2, 9, 0, 0, 1),
    "mart-compute.response.json": (1, 9, 0, 0, 1),
    "mart-create-unknown-kind.request.json": (0, 0, 0, 1, 0),
    "mart-create-without-id.request.json": (1, 7, 0, 0, 0),
    "mart-mixin-members.request.json": (0, 0, 0, 0, 3),
    "mart-model.json": (3, 0, 0, 2, 0),
    "mart-network-collection.response.json": (0, 0, 0, 5, 0),
    "mart-qi-flat.json": (36, 0, 0, 0, 0),
    "rocci05-json-qi.response.http": (28, 0, 0, 0, 0),
    "rocci05-json-root-list.response.http": (0, 0, 0, 9, 0),
    "rocci1-dummy-storage-bad-state.json": (0, 0, 0, 3, 0),
    "rocci1-json-action-start.request.http": (1, 0, 0, 0, 0),
    "rocci1-json-collection-all-members.json": (3, 0, 0, 2, 0),
    "rocci1-json-create-compute.request.http": (0, 0, 0, 1, 0),
    "rocci1-json-delete.response.http": (0, 0, 0, 0, 0),
    "rocci1-json-list-compute.response.http": (0, 0, 0, 1, 0),
    "rocci1-json-list-storage.response.http": (0, 0, 0, 6, 0),
    "rocci1-json-qi.response.http": (41, 0, 0, 0, 0),
    "rocci1-uri-list-network.response.http": (0, 0, 0, 0, 4),
    "rocci2-categories.json": (4, 0, 0, 0, 0),
    "rocci2-create-compute.request.json": (3, 2, 0, 0, 0),
    "rocci2-create-networkinterface.request.json": (1, 4, 0, 0, 0),
    "rocci2-model.json": (34, 0, 0, 0, 0),
    "spec12-json-mixin.json": (1, 0, 0, 0, 0),
}


def sample(name: str) -> Message:
    raw = (SAMPLES / name).read_bytes()
    if name.endswith(".header-value"):
        field = "Link" if "links" in name else "X-OCCI-Attribute"
        return read(TEXT_OCCI, [(field, raw.decode())], b"")
    if name.endswith((".headers", ".http")):
        head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        lines = re.sub(r"\n[ \t]+", " ", head.decode("latin-1")).splitlines()
        pairs = [line.partition(":") for line in lines if not re.match(r"HTTP/|[A-Z]+ \S+ HTTP/", line)]
        headers = [(field, value.strip()) for field, _, value in pairs]
        content_type = next((value for field, value in headers if field == "Content-Type"), TEXT_OCCI)
        return read(content_type, headers, body)
    types = {".txt": TEXT_PLAIN, ".json": OCCI_JSON, ".uri-list": URI_LIST, ".xml": "application/xml"}
    return read(types[Path(name).suffix], [], raw)


READABLE = [
    name
    for name in PRESENT
    if name not in REFUSED and not EXPECTED[name].keys() & {"parse_error", "json_error"}
]


@pytest.mark.parametrize("name", READABLE)
def test_the_deviations_are_those_known(name: str) -> None:
    message = sample(name)

    known = set(EXPECTED[name].get("deviations", ())) | MORE_DEVIATIONS.get(name, set())
    known -= {"unquoted-class"}  # the grammar has the class with and without quotes (GFD.185 §3.5.1)
    assert {deviation.name for deviation in message.deviations} == known
    assert all(deviation.section and deviation.detail.endswith(".") for deviation in message.deviations)


@pytest.mark.parametrize("name", [name for name in READABLE if name not in COUNTS])
def test_categories_are_read(name: str) -> None:
    known = EXPECTED[name].get("categories", [])
    message = sample(name)

    assert [category.id for category in message.categories] == [one["id"] for one in known]
    for category, one in zip(message.categories, known, strict=True):
        named = category.category_class.value if category.category_class else None
        assert named == (one["class"] if one["class"] != "myClass" else None)
        assert category.location == one.get("location", "")
        related = getattr(category, "depends", ()) or (getattr(category, "parent", ""),)
        assert " ".join(related) == one.get("rel", "")
        if len(known) > 6:
            continue  # expected.json leaves title, attributes and actions out of long lists
        assert category.title == one.get("title", "")
        flags = {
            attribute.name: sorted(flag for flag in ("immutable", "required") if getattr(attribute, flag))
            for attribute in category.attributes
        }
        assert flags == {attribute: sorted(words) for attribute, words in one.get("attributes", {}).items()}
        assert list(getattr(category, "actions", ())) == one.get("actions", [])


@pytest.mark.parametrize("name", [name for name in READABLE if name not in COUNTS])
def test_attributes_and_locations_are_read(name: str) -> None:
    message = sample(name)

    assert dict(message.attributes) == {**EXPECTED[name].get("attributes", {}), **TYPED.get(name, {})}
    known = EXPECTED[name].get("locations", EXPECTED[name].get("uris", []))
    assert list(message.locations) == known


@pytest.mark.parametrize("name", [name for name in READABLE if name not in COUNTS])
def test_links_and_action_links_are_read(name: str) -> None:
    message = sample(name)

    for link, known in zip(message.links, EXPECTED[name].get("links", []), strict=True):
        assert (link.target, link.self_url, link.title) == (
            known["target"],
            known.get("self", ""),
            known.get("title", ""),
        )
        assert " ".join(link.rel) == known.get("rel", "")
        assert list(link.categories) == known.get("category", [])
        # An id is a string whatever it looks like (INDEX.md on jocci-inline-links-int-id.txt).
        attributes = {
            key: str(value) if key == "occi.core.id" else value for key, value in known["attributes"].items()
        }
        assert dict(link.attributes) == attributes
    for action, known in zip(message.actions, EXPECTED[name].get("actions", []), strict=True):
        assert (action.url, action.action_id) == (known["target"], known["rel"])
        assert action.term == known["rel"].rpartition("#")[2]


@pytest.mark.parametrize("name", [name for name in READABLE if name in COUNTS])
def test_json_samples_hold_what_the_index_says(name: str) -> None:
    message = sample(name)

    found = (message.categories, message.attributes, message.links, message.resources, message.locations)
    assert tuple(len(part) for part in found) == COUNTS[name]


@pytest.mark.parametrize("name", [name for name in PRESENT if name not in READABLE])
def test_what_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(RenderingError) as error:
        sample(name)

    reason = EXPECTED[name].get("parse_error")
    seen = str(error.value)
    if reason == "unbalanced quote":
        assert "quote is not closed" in seen
        assert error.value.position is not None
    elif name == "literal-backslash-n.txt":
        assert "\\\\nCategory" in seen
    elif reason == "missing scheme":
        assert "has no scheme" in seen
    else:
        assert REFUSED.get(name, "this is no JSON") in seen
    assert error.value.field
    assert error.value.expected


def test_both_forms_of_a_sample_say_the_same() -> None:
    comma, lines = sample("resource-generic-comma.headers"), sample("resource-generic-lines.txt")

    assert (comma.categories, comma.attributes, comma.links) == (
        lines.categories,
        lines.attributes,
        lines.links,
    )


@pytest.mark.parametrize("site", ["dummy", "one"])
def test_discovery_broken_by_a_header_limit_equals_discovery_in_the_body(site: str) -> None:
    headers = sample(f"rocci1-{site}-qi-text-occi.response.headers")
    body = sample(f"rocci1-{site}-qi.txt")

    assert [category.id for category in headers.categories] == [category.id for category in body.categories]


def test_json_draft_keeps_values_and_definitions() -> None:
    compute = sample("rocci1-json-list-compute.response.http").resource()
    small = sample("egi-resource-tpl-small.json").categories[0]

    assert compute.attributes["occi.compute.state"] == "waiting"
    assert (compute.id, compute.attributes["occi.compute.memory"]) == ("4011", 4.0)
    assert [link.self_url for link in compute.links] == [
        "/link/storagelink/compute_4011_disk_0",
        "/link/networkinterface/compute_4011_nic_0",
    ]
    sizes = {attribute.name: attribute.default for attribute in small.attributes}
    assert sizes["occi.compute.ephemeral_storage.size"] == 10
