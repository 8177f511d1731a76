"""Reading and writing of application/occi+json: OCCI 1.2, the drafts, hostile documents."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from OcciLibrary.occi import (
    OCCI_JSON,
    Action,
    ActionLink,
    AttributeDefinition,
    Kind,
    Link,
    Message,
    Mixin,
    RenderingError,
    Resource,
    json_listing,
    read,
    write,
    write_collection,
    write_discovery,
    write_entity,
    write_locations,
)
from OcciLibrary.occi.infrastructure import COMPUTE, standard_categories

INFRASTRUCTURE = "http://schemas.ogf.org/occi/infrastructure#"
START = "http://schemas.ogf.org/occi/infrastructure/compute/action#start"


def message_of(data: Any, base_url: str = "") -> Message:
    return read("application/occi+json; charset=utf-8", [], json.dumps(data).encode(), base_url)


def names(message: Message) -> set[str]:
    return {deviation.name for deviation in message.deviations}


def test_an_entity_of_occi_1_2_is_read_without_remark() -> None:
    message = message_of(
        {
            "kind": COMPUTE.id,
            "mixins": ["http://example.org/os_tpl#debian"],
            "id": "urn:uuid:1",
            "title": "vm",
            "attributes": {
                "occi.compute.cores": 2,
                "occi.compute.memory": 1.5,
                "com.example.flags": {"a": 1},
            },
            "actions": [START],
            "links": [
                {
                    "kind": INFRASTRUCTURE + "networkinterface",
                    "mixins": ["http://x/y#z"],
                    "id": "7",
                    "source": {"location": "/compute/1"},
                    "target": {"location": "/network/1", "kind": INFRASTRUCTURE + "network"},
                    "attributes": {"occi.networkinterface.mac": "00:11:22:33:44:55"},
                }
            ],
        }
    )

    vm = message.resource()
    assert (vm.id, vm.title, vm.kind) == ("urn:uuid:1", "vm", Kind("compute", INFRASTRUCTURE))
    assert vm.attributes["com.example.flags"] == {"a": 1}
    assert vm.actions == (ActionLink("", START, "start"),)
    assert vm.links == (
        Link(
            "/network/1",
            (INFRASTRUCTURE + "network",),
            "",
            (INFRASTRUCTURE + "networkinterface", "http://x/y#z"),
            {
                "occi.networkinterface.mac": "00:11:22:33:44:55",
                "occi.core.id": "7",
                "occi.core.source": "/compute/1",
            },
        ),
    )
    assert message.deviations == ()


def test_nested_attributes_of_the_drafts_are_flattened() -> None:
    vm = message_of(
        {
            "resources": [
                {
                    "kind": COMPUTE.id,
                    "attributes": {
                        "occi": {"core": {"id": "9"}, "compute": {"cores": 2, "state": "waiting"}}
                    },
                    "links": ["/link/storagelink/1"],
                    "actions": [{"scheme": START.partition("#")[0] + "#", "term": "start", "attributes": {}}],
                }
            ]
        }
    )

    assert vm.resource().attributes == {
        "occi.core.id": "9",
        "occi.compute.cores": 2,
        "occi.compute.state": "waiting",
    }
    assert vm.resource().links == (Link("", self_url="/link/storagelink/1"),)
    assert vm.resource().actions[0].action_id == START
    assert names(vm) == {"nested-attributes", "link-as-string", "action-as-object"}


def test_entity_location_is_resolved_and_makes_the_action_urls() -> None:
    message = message_of(
        {"resources": [{"kind": COMPUTE.id, "location": "/c/1", "actions": [START]}]}, "http://h/c/"
    )

    vm = message.resource()
    assert vm.location == "http://h/c/1"
    assert vm.actions[0].url == "/c/1?action=start"
    assert names(message) == {"location-in-entity", "relative-location"}


@pytest.mark.parametrize(
    ("data", "locations"),
    [
        (["http://h/1", "http://h/2"], ("http://h/1", "http://h/2")),
        ({"locations": ["http://h/1"]}, ("http://h/1",)),
        ([], ()),
    ],
)
def test_listings_of_urls(data: Any, locations: tuple[str, ...]) -> None:
    assert message_of(data).locations == locations


@pytest.mark.parametrize("data", [{}, {"resources": []}, {"kinds": [], "mixins": []}])
def test_empty_documents_say_nothing(data: Any) -> None:
    assert message_of(data) == Message()


def test_a_bare_array_of_entities_is_a_listing_with_a_remark() -> None:
    message = message_of([{"kind": COMPUTE.id}, {"kind": COMPUTE.id}])

    assert len(message.resources) == 2
    assert names(message) == {"bare-array"}


def test_a_bare_array_of_categories_is_discovery_with_a_remark() -> None:
    message = message_of([{"term": "compute", "scheme": INFRASTRUCTURE, "class": "kind"}])

    assert message.categories == (Kind("compute", INFRASTRUCTURE),)
    assert names(message) == {"bare-array"}


def test_definitions_in_both_shapes_mean_the_same() -> None:
    flat = message_of(
        {
            "mixins": [
                {"term": "a", "scheme": "s#", "attributes": {"x.y": {"mutable": True, "type": "number"}}}
            ]
        }
    )
    nested = message_of(
        {
            "mixins": [
                {"term": "a", "scheme": "s#", "attributes": {"x": {"y": {"Mutable": True, "Type": "number"}}}}
            ]
        }
    )

    assert flat.categories == nested.categories
    assert flat.categories[0].attributes == (AttributeDefinition("x.y", type="number"),)
    assert (names(flat), names(nested)) == (set(), {"nested-attributes", "capitalised-properties"})


def test_a_name_part_called_type_is_no_property() -> None:
    message = message_of(
        {"mixins": [{"term": "a", "scheme": "s#", "attributes": {"x": {"type": {"required": True}}}}]}
    )

    assert message.categories[0].attributes == (AttributeDefinition("x.type", required=True, immutable=True),)


def test_related_of_the_drafts_becomes_parent_and_depends() -> None:
    message = message_of(
        {
            "kinds": [{"term": "compute", "scheme": INFRASTRUCTURE, "related": ["http://c#resource"]}],
            "mixins": [{"term": "os", "scheme": "s#", "related": ["http://c#os_tpl"]}],
        }
    )

    assert message.categories == (
        Kind("compute", INFRASTRUCTURE, parent="http://c#resource"),
        Mixin("os", "s#", depends=("http://c#os_tpl",)),
    )
    assert names(message) == {"related-member"}


def test_action_invocation_and_partial_update() -> None:
    action, attributes = message_of({"action": START, "attributes": {"method": "cold"}}).action_invocation()
    partial = message_of({"mixins": ["http://x#small"], "attributes": {"occi.compute.cores": 4}})

    assert (action.id, attributes) == (START, {"method": "cold"})
    assert partial.categories == (Mixin("small", "http://x#"),)
    assert partial.attributes == {"occi.compute.cores": 4}


def test_a_user_mixin_is_read_as_a_mixin() -> None:
    message = message_of({"term": "tag", "scheme": "http://x#", "location": "/tag/"})

    assert message.categories == (Mixin("tag", "http://x#", location="/tag/"),)


@pytest.mark.parametrize(
    ("member", "deviation"),
    [
        ({"id": 4}, "wrong-type"),
        ({"attributes": {"occi.compute.cores": "2"}}, "quoted-number"),
        ({"attributes": {"occi.core.title": None}}, "null-attribute"),
        ({"id": "1", "attributes": {"occi.core.id": "2"}}, "conflicting-member"),
        ({"source": "/a"}, "end-as-string"),
        ({"mixins": [{"term": "small", "scheme": "http://x#"}]}, "category-as-object"),
        ({"location": "http://h/1"}, "location-in-entity"),
    ],
)
def test_an_entity_with_one_deviation_is_still_a_compute(member: dict[str, Any], deviation: str) -> None:
    message = message_of({"kind": COMPUTE.id, **member})

    kind = message.resource().kind
    assert kind is not None
    assert kind.id == COMPUTE.id
    assert names(message) == {deviation}


def test_a_member_given_twice_is_reported() -> None:
    message = read(OCCI_JSON, [], b'{"kind": "a#b", "title": "x", "title": "y"}')

    assert message.resource().title == "y"
    assert names(message) == {"repeated-member"}


def test_ok_instead_of_json_gives_the_location_header() -> None:
    message = read(OCCI_JSON, [("Location", "http://h/c/1")], b"OK")

    assert message.locations == ("http://h/c/1",)
    assert names(message) == {"ok-body-in-json"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"kind": ', "JSON"),
        (b"[1e999]", "JSON[0]"),
        (b'{"kind": "a#b", "attributes": {"x": NaN}}', "attributes.x"),
        (
            b'{"resources": [{"kind": "a#b", "attributes": {"x": {"y": -1e999}}}]}',
            "resources[0].attributes.x.y",
        ),
        (b'{"kind": "a#b", "attributes": {"x.z": [{"y": Infinity}]}}', "attributes.x.z"),
        (
            b'{"kinds": [{"term": "a", "scheme": "b#", "attributes": {"x": {"default": NaN}}}]}',
            "kinds[0].attributes.x.default",
        ),
        (b'{"resources": [{"foo": 1}]}', "resources[0]"),
        (
            b'{"resources": [{"kind": "a#b", "actions": ["c#d", {"term": "e", "scheme": 5}]}]}',
            "resources[0].actions[1].scheme",
        ),
        (
            b'{"resources": [{"kind": "a#b", "links": ["/a", {"target": {"location": 5}}]}]}',
            "resources[0].links[1].target.location",
        ),
        (b'{"resources": [{"kind": "a#b", "links": [{"id": []}]}]}', "resources[0].links[0].id"),
        (b'"text"', "JSON"),
        (b"[1, 2]", "JSON[0]"),
        (b'{"message": "not found"}', "JSON"),
        (b'{"kind": 5}', "kind"),
        (b'{"kind": "compute"}', "kind"),
        (b'{"resources": [{"kind": "a#b"}, 7]}', "resources[1]"),
        (b'{"resources": [{"kind": "a#b", "links": {}}]}', "resources[0].links"),
        (b'{"resources": {"kind": "a#b"}}', "resources"),
        (b'{"kinds": [{"term": "x"}]}', "kinds[0]"),
        (b'{"mixins": [{"term": "x", "scheme": "s#", "attributes": {"a": 1}}]}', "mixins[0].attributes.a"),
        (b"1" * 6000, "JSON"),
        (b"[" * 10_000, "JSON"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "JSON"),
        (b'{"kind":"a#b","attributes":' + b'{"a":' * 100 + b"1" + b"}" * 101, "JSON"),
    ],
)
def test_errors_name_the_member(body: bytes, field: str) -> None:
    with pytest.raises(RenderingError) as error:
        read(OCCI_JSON, [], body)

    assert error.value.field == field
    assert error.value.expected
    assert len(str(error.value)) < 300


VM = Resource(
    Kind("compute", INFRASTRUCTURE),
    (Mixin("small", "http://x#"),),
    {"occi.core.id": "1", "occi.core.title": "vm", "occi.compute.cores": 2},
    (Link("/network/1", (INFRASTRUCTURE + "network",), "/link/1", (INFRASTRUCTURE + "networkinterface",)),),
    (ActionLink("/compute/1?action=start", START, "start"),),
    "http://h/compute/1",
)


def test_an_entity_is_written_as_occi_1_2_asks() -> None:
    assert json.loads(write_entity(VM, OCCI_JSON).body) == {
        "kind": COMPUTE.id,
        "mixins": ["http://x#small"],
        "id": "1",
        "title": "vm",
        "attributes": {"occi.core.id": "1", "occi.core.title": "vm", "occi.compute.cores": 2},
        "actions": [START],
        "links": [
            {
                "kind": INFRASTRUCTURE + "networkinterface",
                "mixins": [],
                "target": {"location": "/network/1", "kind": INFRASTRUCTURE + "network"},
                "location": "/link/1",
            }
        ],
    }


def test_a_collection_holds_entities_with_locations_and_links_apart() -> None:
    link = Resource(
        Kind("storagelink", INFRASTRUCTURE), (), {"occi.core.source": "/c/1", "occi.core.target": "/s/1"}
    )

    data = json.loads(write_collection([VM, link], OCCI_JSON).body)

    assert data["resources"][0]["location"] == "http://h/compute/1"
    assert data["links"] == [
        {
            "kind": INFRASTRUCTURE + "storagelink",
            "source": {"location": "/c/1"},
            "target": {"location": "/s/1"},
        }
    ]


def test_locations_are_an_array_of_strings() -> None:
    assert json.loads(write_locations(["http://h/1"], OCCI_JSON).body) == ["http://h/1"]


@pytest.mark.parametrize("edition", ["1.1", "1.2"])
def test_discovery_survives_writing_and_reading(edition: Any) -> None:
    categories = standard_categories(edition)

    payload = write_discovery(categories, OCCI_JSON)
    message = read(payload.content_type, payload.headers, payload.body)

    assert [(type(one), one.id, one.location) for one in message.categories] == [
        (type(one), one.id, one.location) for one in categories
    ]
    assert [one.name for one in message.categories[3].attributes] == [
        one.name for one in categories[3].attributes
    ]
    assert message.categories[3].attributes[-1].immutable
    assert message.deviations == ()


@pytest.mark.parametrize(
    "message",
    [
        Message(attributes={"a": float("nan")}),
        Message(attributes={"a": "\ud800"}),
        Message(categories=(Action("start", "s#"), Mixin("a", "s#"))),
        Message(categories=(Kind("a", "s#"), Kind("b", "s#"))),
    ],
)
def test_what_json_cannot_say_is_refused(message: Message) -> None:
    with pytest.raises(RenderingError):
        write(message, OCCI_JSON)


# ---- JSON that only one server speaks


@pytest.mark.parametrize(
    ("data", "field", "whose"),
    [
        ({"kind": {"term": "compute", "scheme": INFRASTRUCTURE}, "attributes": {}}, "kind", "pyssf"),
        ([{"kind": {"term": "compute", "scheme": INFRASTRUCTURE}}], "JSON[0].kind", "pyssf"),
        ([{"term": "compute", "scheme": INFRASTRUCTURE, "attributes": {"a": "muttable"}}], "JSON", "pyssf"),
        ([{"categories": [], "attributes": {"a": 1}}], "JSON[0].categories", "occi-py"),
        ({"categories": [], "attributes": {"a": 1}}, "categories", "occi-py"),
        ({"collection": []}, "collection", "occi-py"),
    ],
)
def test_json_of_one_server_only_is_refused_and_names_it(data: Any, field: str, whose: str) -> None:
    with pytest.raises(RenderingError, match=f"{whose}'s own JSON.* text/plain") as error:
        message_of(data)

    assert error.value.field == field


# ---- numbers, names and characters at the edge


@pytest.mark.parametrize(
    ("text", "deviation"),
    [
        ('{"kind": "a#b", "title": "x", "title": "y"}', "repeated-member"),
        ('{"kind" : "a#b", "title" : "x", "title" : "y"}', "repeated-member"),
        ('{"kind"\n: "a#b", "title"\t: "x", "title"  : "y"}', "repeated-member"),
        ('{"kind": "a#b", "title": "y", "x": "\\":", "title": "y"}', "repeated-member"),
        ('{"kind": "a#b", "title": "y", "x\\":": "\\":"}', None),
        ('{"kind"\n: "a#b", "title"  : "y"}', None),
        ('{"kind": "a#b", "title": "y", "attributes": {"a": "\\ud83d\\ude00"}}', None),
    ],
)
def test_repeated_members_are_seen_however_they_are_written(text: str, deviation: str | None) -> None:
    message = read(OCCI_JSON, [], text.encode())

    assert message.resource().title == "y"
    assert names(message) == ({deviation} if deviation else set())


@pytest.mark.parametrize("half", ["\\ud800", "\\uDFFF", "\\ude00\\ud83d"])
def test_half_a_character_is_replaced_and_noted(half: str) -> None:
    text = '{"kind": "a#b", "attributes": {"a%s": "x%s", "b.c": ["%s"]}}' % (half, half, half)  # noqa: UP031
    message = read(OCCI_JSON, [], text.encode())

    assert "lone-surrogate" in names(message)
    for name, value in message.attributes.items():
        f"{name}{value}".encode()  # nothing is left that cannot be written into a log


@pytest.mark.parametrize(
    ("body", "position"),
    [
        (b'{"kind": "a#b", "attributes": {"x": ' + b"1" * 10_000 + b"}}", 36),
        (b"[" * 10_000 + b"]" * 10_000, 64),
        (b'{"a[{":' + b"[" * 100 + b"]" * 100 + b"}", 70),
        (b'{"kind": "a#b",}', 15),
    ],
)
def test_errors_of_the_whole_document_tell_the_position(body: bytes, position: int) -> None:
    with pytest.raises(RenderingError) as error:
        read(OCCI_JSON, [], body)

    assert (error.value.field, error.value.position) == ("JSON", position)


def test_a_listing_costs_little_memory_beyond_its_own_text() -> None:
    entity = {"kind": COMPUTE.id, "attributes": {f"occi.compute.{n}": n for n in ("hostname", "state")}}
    body = json.dumps({"resources": [{**entity, "id": f"urn:uuid:{n:032}"} for n in range(2000)]})
    tracemalloc.start()
    message = read(OCCI_JSON, [], body.encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(message.resources) == 2000
    assert len({id(resource.kind) for resource in message.resources}) == 1
    assert peak < 6 * len(body)


# ---- long listings, which are read entity by entity

LISTINGS = [
    {"resources": [{"kind": "a#b", "id": str(number)} for number in range(3)]},
    {
        "resources": [{"kind": "a#b", "attributes": {"x": [{"y": "]}"}]}}],
        "links": [{"kind": "a#l", "source": "/a"}],
    },
    {"resources": [{"kind": "a#b"}], "kinds": [{"term": "a", "scheme": "b#"}], "x": 1},
    {"resources": [{"kind": "a#b"}, {"foo": 1}]},
    {"resources": [{"kind": "a#b"}, 7]},
    {"resources": [{"kind": "a#b", "attributes": {"x": float("nan")}}]},
    {"resources": [{"kind": "a#b"}], "links": {}},
    {"resources": []},
    {"resources": [7]},
    {
        "kinds": [{"term": "a", "scheme": "b#"}, "s#t"],
        "mixins": [],
        "actions": [{"term": "c", "scheme": "d#"}],
        "x": 1,
    },
    {"mixins": [{"term": "a", "scheme": "b"}], "kinds": ["s#t"], "resources": [{"kind": "a#b"}], "links": []},
    {"actions": [{"term": "a", "scheme": "b#"}], "kinds": [{"term": "c", "scheme": "d#"}], "action": "a#b"},
    {"kinds": [{"term": "a", "scheme": "b#"}], "kind": "a#b"},
    {"kinds": [{"term": "a", "scheme": "b#"}, {"term": "c"}]},
    {"kinds": [{"term": "a", "scheme": "b#", "attributes": {"x": {"type": "string"}, "y": {"type": 7}}}]},
    {
        "kinds": [
            {
                "term": term,
                "scheme": "b#",
                "attributes": {"x": {"required": True}, "y": {"a": {"type": "string"}}},
            }
            for term in "cde"
        ],
        "mixins": [{"term": "f", "scheme": "g#", "related": ["b#c"], "attributes": {"x": {"required": 1}}}],
    },
]
ENDINGS = ["", " \n", "x", "]", "}"]


def outcome(body: bytes) -> tuple[object, ...]:
    try:
        return (read(OCCI_JSON, [], body),)
    except RenderingError as error:
        return (error.field, error.position, error.expected if error.field != "JSON" else "")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("listing", LISTINGS)
@pytest.mark.parametrize("indent", [None, 2])
def test_long_listing_is_read_as_a_short_one(
    monkeypatch: pytest.MonkeyPatch, listing: Any, ending: str, indent: int | None
) -> None:
    body = (json.dumps(listing, indent=indent) + ending).encode()
    whole = outcome(body)
    monkeypatch.setattr("OcciLibrary.occi.json_listing.LONG", 0)
    by_entity = outcome(body)
    if ending in ("", " \n") or isinstance(by_entity[0], Message):
        assert by_entity == whole
    else:
        assert isinstance(by_entity[0], str)


@pytest.mark.parametrize("piece", [1, 10, 1000])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "odd", ["", ",", "]", '"', ',"', "\x7f", "\u00e9", "\\", "\t", "\x0b", None, 7, ["a"], {"a": "b"}]
)
def test_long_array_of_locations_is_read_as_json_or_left_alone(
    monkeypatch: pytest.MonkeyPatch, odd: object, indent: int | None, piece: int
) -> None:
    monkeypatch.setattr(json_listing, "LONG", 0)
    monkeypatch.setattr(json_listing, "_PIECE", piece)
    urls = [f"/compute/{number}" for number in range(9)]
    assert json_listing.read_locations(json.dumps(urls, indent=indent).encode()) == tuple(urls)

    for place in (0, 5, 9):
        whole = json.dumps([*urls[:place], odd, *urls[place:]], indent=indent, ensure_ascii=False)
        for body in (
            whole,
            whole + " ",
            whole + "]",
            whole + ",",
            whole[:-1],
            "[" + whole,
            whole.replace(",", "\x0b,"),
        ):
            found = json_listing.read_locations(body.encode())
            assert found is None or found == tuple(json.loads(body))


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_long_listing_that_is_cut_off_is_refused(monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    monkeypatch.setattr("OcciLibrary.occi.json_listing.LONG", 0)
    body = json.dumps({"resources": [{"kind": "a#b"}, {"kind": "a#c"}], "links": []})
    with pytest.raises(RenderingError):
        read(OCCI_JSON, [], (body[:cut] or "[").encode())


@pytest.mark.parametrize(
    ("body", "deviations"),
    [
        ('{"resources": [{"kind": "a#b", "title": "x", "title": "y"}]}', {"repeated-member"}),
        ('{"resources": [{"kind": "a#b"}], "resources": []}', {"repeated-member"}),
        ('{"resources": [{"kind": "a#b", "title": "\\ud800"}]}', {"lone-surrogate"}),
    ],
)
def test_departures_in_a_long_listing_are_noted(
    monkeypatch: pytest.MonkeyPatch, body: str, deviations: set[str]
) -> None:
    monkeypatch.setattr("OcciLibrary.occi.json_listing.LONG", 0)
    assert names(read(OCCI_JSON, [], body.encode())) == deviations
