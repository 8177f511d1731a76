"""Every collected wire sample by the lint: nothing crashes it, what is invalid is named, and no reader knows more than it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from OcciLibrary.lint import EDITIONS, Finding, lint_bytes

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "wire-samples"
TYPES = {".txt": "text/plain", ".xml": "application/xml", ".headers": "text/occi"}
NAMES = (
    sorted(path.name for path in SAMPLES.iterdir() if path.name not in ("INDEX.md", "expected.json"))
    if SAMPLES.is_dir()
    else []
)

pytestmark = pytest.mark.skipif(
    not NAMES, reason="the folder ../shared/wire-samples is not beside the project"
)

# What INDEX.md calls invalid, and why.
INVALID = {
    "spec11-s344-put-create-quoted-param.request.txt": "quote-around-param",
    "spec11-s372-get-missing-semicolon.response.http": "missing-semicolon",
    "spec12-json-resource-broken.json": "no-json",
    "spec12-json-kind-broken.json": "no-json",
    "qi-duplicate-category.txt": "duplicate-category",
    "category-unbalanced-quote.txt": "unclosed-quote",
    "category-wrong-fieldname.txt": "no-occi-field",
    "category-missing-class.txt": "missing-class",
    "category-missing-scheme.txt": "missing-scheme",
    "resource-unbalanced-quote-attribute.txt": "unclosed-quote",
    "resource-unbalanced-quote-category.txt": "unclosed-quote",
    "resource-unbalanced-quote-link.txt": "unclosed-quote",
    "resource-garbage.txt": "no-occi-field",
    "list-bare-uri-in-text-plain.txt": "no-occi-field",
    "list-relative.uri-list": "relative-location",
    "literal-backslash-n.txt": "unreadable",
    "erocci-in-collection-trailing-comma.json": "no-json",
    "opennebula-builtin-occi-compute.xml": "no-occi-rendering",
}
# Invalid for a server that does not know that kind; the rendering itself is sound.
SOUND = {"mart-create-unknown-kind.request.json"}
# The flaws of the documents' own examples (reference §8.6), and of what servers in the field are known for (§3.6, §7).
KNOWN_FLAWS = {
    "spec11-s344-create-compute.request.txt": {"trailing-semicolon"},
    "spec11-s345-compute-with-link.txt": {"trailing-semicolon", "folded-line"},
    "spec11-s351-storage-kind-folded.txt": {"folded-line", "no-type-identifier", "trailing-semicolon"},
    "spec11-s354-attributes.txt": {"unknown-value"},
    "spec11-s366-text-occi.response.http": {"trailing-semicolon", "folded-line", "unquoted-string"},
    # occi.compute.speed, which 1.2 dropped, and the scheme's #resourcetpl
    "spec12-json-mixin.json": {"unknown-attribute", "reserved-scheme"},
    "egi-resource-tpl-small.json": {"nested-attributes", "capitalised-properties"},
    "erocci-in-unquoted-enum.txt": {"unquoted-string"},
    "erocci-networkinterface.json": {"location-in-entity"},
    "jocci-compute.txt": {"parameter-order", "trailing-semicolon"},
    "jocci-actions-wrong-scheme.txt": {"scheme-without-hash"},
    "mart-mixin-collection-text-occi.response.http": {
        "semicolon-separated-categories",
        "trailing-semicolon",
        "unknown-attribute",
        "empty-list-item",
        "link-without-rel",
        "action-link-without-query",
    },
    "occi-os-compute-recorded.txt": {"quoted-number"},
    "ooi-ipreservation-list-value.txt": {"unquoted-string"},
    "rocci1-dummy-qi-text-occi.response.headers": {
        "server-without-version",
        "space-inside-uri",
        "text-occi-body",
    },
    "rocci1-dummy-storage-bad-state.json": {"nested-attributes", "unknown-value"},
    "rocci1-plain-compute-waiting.response.http": {"server-without-version", "unknown-value"},
    "rocci2-categories.json": {"wrong-member-type"},
    "rocci2-model.txt": {"several-rel"},
    "snf-occi-401-keystone.response.http": set(),
}


def findings_of(name: str) -> tuple[Finding, ...]:
    path = SAMPLES / name
    return lint_bytes(path.read_bytes(), TYPES.get(path.suffix, ""), name=name)


@pytest.mark.parametrize("name", NAMES)
def test_every_place_lies_in_the_text(name: str) -> None:
    lines = (SAMPLES / name).read_bytes().decode("utf-8-sig", "replace").splitlines()
    for finding in findings_of(name):
        place = finding.place
        assert (place.line, place.column) <= (place.end_line, place.end_column)
        assert 1 <= place.line <= len(lines) + 1
        seen = finding.seen.removesuffix("…").split("\n")[0].rstrip("\r")
        if place.line <= len(lines):
            assert lines[place.line - 1][place.column - 1 :].startswith(seen)
        assert finding.clause


@pytest.mark.parametrize("name", sorted(INVALID))
def test_what_is_invalid_is_named(name: str) -> None:
    assert INVALID[name] in {finding.rule for finding in findings_of(name) if finding.level == "error"}


@pytest.mark.parametrize("name", sorted(KNOWN_FLAWS))
def test_known_flaws_are_named_and_no_others(name: str) -> None:
    assert {finding.rule for finding in findings_of(name)} == KNOWN_FLAWS[name]


def test_what_conforms_is_clean_in_text() -> None:
    """INDEX.md calls these valid; a recording behind Apache lacks the token of the version, and one client sends a list."""
    index = (SAMPLES / "INDEX.md").read_text(encoding="utf-8")
    valid = [name for name in NAMES if f"| `{name}` | valid |" in index and not name.endswith(".json")]
    left = {}
    for name in valid:
        rules = {finding.rule for finding in findings_of(name)} - {
            "server-without-version",
            "media-type-list",
        }
        if rules and not ("json" in name and rules == {"nested-attributes"}):
            left[name] = rules

    assert len(valid) > 15
    assert left == {}


def test_all_that_expected_json_names_is_named() -> None:
    expected = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    allowed = {"unquoted-class", "relative-location"}  # by the grammar (reference §3.2)
    for name in NAMES:
        deviations = set(expected.get(name, {}).get("deviations", ())) - allowed
        rules = {finding.rule for finding in findings_of(name)}
        assert deviations <= rules, name


@pytest.mark.parametrize("edition", EDITIONS)
def test_ooi_has_terms_that_begin_with_digits_and_the_ogfs_name_space(edition: str) -> None:
    compute = lint_bytes((SAMPLES / "ooi-compute.txt").read_bytes(), "text/plain", (edition,))  # type: ignore[arg-type]
    address = lint_bytes(
        (SAMPLES / "ooi-ipreservation-list-value.txt").read_bytes(), "text/plain", (edition,)
    )  # type: ignore[arg-type]

    assert ("illegal-term" in {one.rule for one in compute}) is (edition == "1.1")
    assert ("reserved-scheme" in {one.rule for one in address}) is (edition == "1.2")
