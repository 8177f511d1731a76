"""The answers of real servers by the lint: it names what each server is known for (reference §7), and nothing else."""

from __future__ import annotations

import pytest

from OcciLibrary.lint import lint_bytes
from tests.occi.recorded_site import RECORDINGS, needs_recordings, recorded

# JSON of its own, beside what text shows of each.
_OWN_JSON = {
    "action-as-object",
    "bare-array",
    "category-as-object",
    "end-as-string",
    "missing-member",
    "no-occi-rendering",  # its pages in HTML
    "number-as-string",
    "quoted-number",
    "related-member",
    "unknown-member",
    "wrong-member-type",
}
KNOWN_FOR = {
    "occi-py06": {"parameter-order", "text-occi-body", "unknown-attribute", "unknown-value"},
    # Discovery as text/uri-list is no list of URIs.
    "ooi27": {"no-uri", "text-occi-body"},
    "pyssf": {*_OWN_JSON, "blank-first-line", "wrong-type"},
    "rocci1": {
        "entity-with-location",
        "locations-in-location-field",
        "nested-attributes",
        "no-occi-rendering",
        "parameter-order",
        "pattern-as-string",
        "related-member",
        "reserved-scheme",
        "text-occi-body",
    },
    "snf-occi-pyssf": {*_OWN_JSON, "blank-first-line", "unknown-attribute", "unknown-value"},
}
# Errors that come from the web server below: a refused login, a broken action.
BELOW_OCCI = {"server-without-version"}


@needs_recordings
@pytest.mark.parametrize("name", sorted(KNOWN_FOR))
def test_servers_deviate_as_they_are_known_to(name: str) -> None:
    found = set()
    for exchange in recorded(RECORDINGS / name)[1]:
        head = [f"HTTP/1.1 {exchange.status}", *(f"{key}: {value}" for key, value in exchange.answer_headers)]
        findings = lint_bytes("\n".join([*head, "", exchange.body]).encode())
        found |= {one.rule for one in findings}

    assert found - BELOW_OCCI == KNOWN_FOR[name]
