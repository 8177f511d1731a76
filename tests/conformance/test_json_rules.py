"""The checks of the JSON rendering: topics of the schema, whole discovery, whole collections."""

from __future__ import annotations

import json
from typing import Any

import pytest

from OcciLibrary.conformance import json_rules
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, NotOfferedError, failures, remarks
from OcciLibrary.occi.infrastructure import COMPUTE_ID, standard_categories
from OcciLibrary.occi.renderings import OCCI_JSON, write_discovery
from tests.conformance.exchanges import ROOT, got

VM = "/compute/1"
DISCOVERY: dict[str, Any] = json.loads(write_discovery(standard_categories("1.2"), OCCI_JSON).body)


def answered(document: Any, path: str = "compute/") -> Exchange:
    return got(json.dumps(document), OCCI_JSON, path=path)


def entity(**members: Any) -> dict[str, Any]:
    attributes = {"occi.compute.cores": 2, "occi.compute.memory": 1.5, "occi.compute.state": "active"}
    return {"kind": COMPUTE_ID, "id": "1", "attributes": attributes, **members}


@pytest.mark.parametrize("topic", ["members", "definitions"])
def test_discovery_keeps_to_the_schema(topic: str) -> None:
    assert json_rules.keeps_schema(answered(DISCOVERY), topic) == ()
    assert json_rules.discovery_members(answered(DISCOVERY)) == ()


@pytest.mark.parametrize("topic", ["members", "values"])
def test_entity_keeps_to_the_schema(topic: str) -> None:
    assert json_rules.keeps_schema(answered(entity()), topic) == ()


@pytest.mark.parametrize(
    ("document", "topic"),
    [
        ({"kind": COMPUTE_ID, "attributes": {}}, "members"),  # no id
        (entity(actions=[{"scheme": "x#", "term": "start"}]), "members"),
        ({"model": [DISCOVERY]}, "members"),
        ([DISCOVERY], "definitions"),
        ({**DISCOVERY, "kinds": [{**DISCOVERY["kinds"][0], "attributes": []}]}, "definitions"),
        (entity(attributes={"occi.compute.cores": "two", "occi.compute.memory": 1}), "values"),
        (entity(attributes={"occi": {"compute": {"cores": 2}}}), "values"),
        ("OK", "members"),
    ],
)
def test_departures_fail_in_their_topic(document: Any, topic: str) -> None:
    findings = failures(json_rules.keeps_schema(answered(document), topic))
    assert findings
    assert all(
        "GFD.226" in one.clause or "GFD.184" in one.clause or "GFD.185" in one.clause for one in findings
    )


def test_a_number_that_is_a_string_departs_from_the_schema_of_json() -> None:
    (finding,) = json_rules.keeps_schema(answered(entity(attributes={"occi.compute.cores": "2"})), "values")
    assert not finding.harmless
    assert "GFD.226 §3" in finding.clause
    assert finding.piece == '"2"'


def test_a_location_in_an_entity_does_no_harm() -> None:
    findings = json_rules.keeps_schema(answered(entity(location=VM)), "members")
    assert remarks(findings)
    assert not failures(findings)


def test_values_need_a_number_to_be_shown() -> None:
    with pytest.raises(CannotBeShownError):
        json_rules.keeps_schema(answered(entity(attributes={"occi.compute.state": "active"})), "values")


@pytest.mark.parametrize("document", [{}, {"kinds": []}, {"kinds": [{}], "actions": {}}, [], "OK"])
def test_discovery_that_is_no_object_of_lists(document: Any) -> None:
    assert failures(json_rules.discovery_members(answered(document)))


@pytest.mark.parametrize(
    "exchange",
    [got(status=status) for status in (400, 406, 415, 501)]
    + [got("Category: x"), got("<html>", "text/html")],
)
def test_json_that_is_not_offered(exchange: Exchange) -> None:
    for check in (
        lambda: json_rules.keeps_schema(exchange, "members"),
        lambda: json_rules.discovery_members(exchange),
        lambda: json_rules.shows_whole(exchange, VM, ROOT + "compute/"),
    ):
        with pytest.raises(NotOfferedError) as why:
            check()
        assert why.value.feature == "json"


@pytest.mark.parametrize(
    ("document", "letter"),
    [
        ({"resources": [entity()]}, "P"),
        ({"resources": [entity(location=ROOT + "compute/1")]}, "P"),
        ([ROOT + "compute/1"], "R"),
        ({"resources": [{"kind": COMPUTE_ID, "location": ROOT + "compute/1"}]}, "R"),
        ({"resources": [{"kind": COMPUTE_ID, "id": "1"}]}, "R"),
        ({"resources": [entity(id="2")]}, "F"),
        ({"resources": []}, "F"),
    ],
)
def test_collection_shows_its_entities_whole(document: Any, letter: str) -> None:
    findings = json_rules.shows_whole(answered(document), VM, ROOT + "compute/")
    assert ("F" if failures(findings) else "R" if findings else "P") == letter
