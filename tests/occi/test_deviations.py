"""Each departure met in the field is read to the same facts as the legal form, and named with its section.

The rows follow what real servers send; each says in its comment which.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.occi import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, Message, RenderingError, read
from OcciLibrary.occi.body_text import blocks
from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.text_body_reading import read_body

I = "http://schemas.ogf.org/occi/infrastructure#"  # noqa: E741 -- the name that the documents of the field use
A = "http://schemas.ogf.org/occi/infrastructure/compute/action#"
BASE = "https://cloud.example.org:8787/compute/"

COMPUTE = f'Category: compute; scheme="{I}"; class="kind"\n'
SMALL = 'Category: small; scheme="http://example.org/tpl#"; class="mixin"\n'
START = f'Link: </compute/1?action=start>; rel="{A}start"\n'
NIC = f'Link: </network/1>; rel="{I}network"; self="/link/1"; category="{I}networkinterface"; occi.core.id="1"\n'
ID = 'X-OCCI-Attribute: occi.core.id="1"\n'
CORES = "X-OCCI-Attribute: occi.compute.cores=2\n"
ENTITY = COMPUTE + SMALL + START + NIC + ID + CORES
LISTING = "X-OCCI-Location: http://h/compute/1\nX-OCCI-Location: http://h/compute/2\n"

LINES, CATEGORY, LINK, ATTRIBUTE, PLACES = (
    "GFD.185 §3.5",
    "GFD.185 §3.5.1",
    "GFD.185 §3.5.2",
    "GFD.185 §3.5.4",
    "GFD.185 §3.5.5",
)


def plain(text: str) -> Message:
    return read(TEXT_PLAIN, [], text.encode(), BASE)


def facts(message: Message) -> Message:
    return replace(message, deviations=())


def sections(message: Message) -> dict[str, str]:
    return {deviation.name: deviation.section for deviation in message.deviations}


def swapped(text: str, *pairs: tuple[str, str]) -> str:
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return text


TWO_KINDS = NIC.replace(f'"{I}networkinterface"', f'"{I}networkinterface {I}ipnetworkinterface"')
LISTS = (
    COMPUTE[:-1]
    + SMALL.replace("Category:", ",")
    + START[:-1]
    + NIC.replace("Link: ", ",")
    + ID[:-1]
    + " , occi.compute.cores=2"
)
SUMMARY = 'X-OCCI-Attribute: occi.core.summary="[]"\n'


@pytest.mark.parametrize(
    ("legal", "sent", "expected"),
    [
        # erocci
        (ENTITY, swapped(ENTITY, ('"kind"', "kind"), ('"mixin"', "mixin")), {}),
        (TWO_KINDS, swapped(TWO_KINDS, (f" {I}ip", f'"; category="{I}ip')), {"repeated-parameter": LINK}),
        (NIC, swapped(NIC, ('; self="/link/1"', ""), ('id="1"', 'id="1"; self="/link/1"')), {"parameter-order": LINK}),
        # the documents' own examples, jOCCI, MartServer
        (ENTITY, swapped(ENTITY, ('"kind"', '"kind";')), {"trailing-semicolon": CATEGORY}),
        (ENTITY, swapped(ENTITY, ('start"\n', 'start";\n')), {"trailing-semicolon": LINK}),
        (ENTITY, swapped(ENTITY, ("cores=2", "cores=2;")), {"trailing-semicolon": ATTRIBUTE}),
        (COMPUTE + SMALL, swapped(COMPUTE + SMALL, ("\nCategory:", ";,")), {"trailing-semicolon": CATEGORY}),
        (COMPUTE, swapped(COMPUTE, (f'"{I}";', f'"{I}"')), {"missing-semicolon": CATEGORY}),
        (COMPUTE, swapped(COMPUTE, ('class="kind"', '"class=kind"')), {"quote-around-param": CATEGORY}),
        (ENTITY, swapped(ENTITY, ("=2", "=2,")), {"empty-list-item": "RFC 7230 §7"}),
        (COMPUTE + SMALL, swapped(COMPUTE + SMALL, ("\nCategory:", ";")), {"semicolon-separated-categories": CATEGORY}),
        (COMPUTE, swapped(COMPUTE, (f'scheme="{I}"; class="kind"', f'class="kind"; scheme="{I}"')), {"parameter-order": CATEGORY}),
        # rOCCI 0.5 and its test documents
        (NIC, swapped(NIC, ('1"; category', '1" category'), ('"; occi', '" occi')), {"missing-semicolon": LINK}),
        (ENTITY, swapped(ENTITY, (": ", ":  ")), {}),
        (ENTITY, swapped(ENTITY, ("occi.compute.cores=", '"occi.compute.cores"=')), {"quoted-attribute-name": ATTRIBUTE}),
        # ooi's lists, the documents' words without quotes
        (SUMMARY, swapped(SUMMARY, ('"[]"', "[]")), {"unquoted-string": ATTRIBUTE}),
        # pyssf, occi-os, snf-occi
        (ENTITY, swapped(ENTITY, ("cores=2", 'cores="2"')), {"quoted-number": ATTRIBUTE}),
        (ENTITY, "\n" + ENTITY, {"blank-first-line": LINES}),
        (LISTING, "\r\n" + swapped(LISTING, ("\n", "\r\n")), {"blank-first-line": LINES}),
        # jOCCI's ids; in a Link a token is as good as a string
        (ID, swapped(ID, ('"1"', "1")), {"unquoted-string": ATTRIBUTE}),
        (NIC, swapped(NIC, ('id="1"', "id=1")), {}),
        (NIC, swapped(NIC, (f'category="{I}networkinterface"', f"category={I}networkinterface")), {}),
        # the case of names is free (erocci, jOCCI), and so are line ends, lists, blanks and the order of fields
        (ENTITY, swapped(ENTITY, ("Category", "category"), ("Link", "link"), ("X-OCCI-A", "x-occi-a")), {}),
        (ENTITY, swapped(ENTITY, ("X-OCCI-Attribute", "x-Occi-ATTRIBUTE"), ("Category", "CATEGORY")), {}),
        (ENTITY, swapped(ENTITY, ("\n", "\r\n")).removesuffix("\r\n"), {}),
        (ENTITY, swapped(ENTITY, ("\n", "\r")), {}),
        (ENTITY, LISTS, {}),
        (ENTITY, swapped(ENTITY, ("; ", ";")), {}),
        (ENTITY, ID + CORES + NIC + START + COMPUTE + SMALL, {}),
        (ENTITY, swapped(ENTITY, ("\n", "\n\n")), {}),
        # rOCCI 2, MartServer
        (ENTITY, swapped(ENTITY, ("Category:", "X-OCCI-Category:")), {"renamed-field": LINES}),
        (ENTITY, swapped(ENTITY, ("Link:", "X-OCCI-Link:")), {"renamed-field": LINES}),
        (LISTING, swapped(LISTING[:-1], ("\n", "")), {"missing-line-end": LINES}),
        # a front-end that broke a long field
        (COMPUTE, swapped(COMPUTE, ("http://", "http: //")), {"space-inside-uri": CATEGORY}),
        (NIC, swapped(NIC, (f'rel="{I}', f'rel="{I.replace("//", "  //")}')), {"space-inside-uri": LINK}),
        (NIC, swapped(NIC, (f'category="{I}', f'category="{I.replace("//", " //")}')), {"space-inside-uri": LINK}),
        # the folding of occi4java and pyOCNI, and of the documents
        (COMPUTE, swapped(COMPUTE, ("; ", ";\r\n\t\t")), {}),
        (COMPUTE, swapped(COMPUTE, ("; ", "; \\\n ")), {"backslash-continuation": "RFC 7230 §3.2.4"}),
        (ENTITY, swapped(ENTITY, ("Link", " Link")), {"leading-blank": LINES}),
        (ENTITY, swapped(ENTITY, ("Link:", '"Link":')), {"quoted-field-name": LINES}),
        (ENTITY, ENTITY + "Colour: red\n", {"unknown-field": LINES}),
        (LISTING, swapped(LISTING, ("http://h/compute/1", "<http://h/compute/1>")), {"delimited-location": PLACES}),
    ],
)  # fmt: skip
def test_a_body_that_departs_says_the_same(legal: str, sent: str, expected: dict[str, str]) -> None:
    straight, bent = plain(legal), plain(sent)

    assert straight.deviations == ()
    assert facts(bent) == facts(straight)
    assert sections(bent) == expected


CATEGORIES = [line.partition(": ")[2] for line in (COMPUTE + SMALL).splitlines()]
FIELDS = [
    ("Category", ", ".join(CATEGORIES)),
    ("Link", ", ".join(line.partition(": ")[2] for line in (START + NIC).splitlines())),
    ("X-OCCI-Attribute", 'occi.core.id="1", occi.compute.cores=2'),
]
TWO = "http://h/compute/1, http://h/compute/2"


@pytest.mark.parametrize(
    ("headers", "body", "same_as", "expected"),
    [
        (FIELDS, b"OK", ENTITY, {}),
        (FIELDS, b"", ENTITY, {}),
        ([(name.lower(), value.replace(", ", ",")) for name, value in FIELDS], b"OK\n", ENTITY, {}),
        # ooi: one field for each value, names as eventlet writes them
        ([("Category", value) for value in CATEGORIES] + FIELDS[1:], b"", ENTITY, {}),
        ([("X-Occi-Location", url) for url in TWO.split(", ")], b"", LISTING, {}),
        # pyssf, occi-py, erocci
        ([("X-OCCI-Location", TWO)], b"OK", LISTING, {}),
        # rOCCI 1 and 2
        ([("Location", TWO)], b"", LISTING, {"locations-in-location-field": "GFD.185 §3.6.6"}),
        ([("Location", url) for url in TWO.split(", ")], b"", LISTING, {"locations-in-location-field": "GFD.185 §3.6.6"}),
        ([(f"X-OCCI-{name}" if name != "X-OCCI-Attribute" else name, value) for name, value in FIELDS], b"", ENTITY, {"renamed-field": LINES}),
        # the fields in the wrong place; other header fields are nobody's business
        ([("Server", "x"), ("Date", "now")], ENTITY.encode(), ENTITY, {"fields-in-body": "GFD.185 §3.6.6"}),
        ([*FIELDS, ("Server", "Category: a"), ("WWW-Authenticate", "Basic")], b"", ENTITY, {}),
        # an old line fold in a header
        ([("Category", FIELDS[0][1].replace("; ", ";\r\n  ")), *FIELDS[1:]], b"", ENTITY, {}),
    ],
)  # fmt: skip
def test_a_text_occi_answer_that_departs_says_the_same(
    headers: list[tuple[str, str]], body: bytes, same_as: str, expected: dict[str, str]
) -> None:
    message = read("text/occi; charset=utf8", headers, body, BASE)

    assert facts(message) == facts(plain(same_as))
    assert sections(message) == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/plain", {}),
        ("TEXT/PLAIN;charset=utf8", {}),
        ("text/plain; charset=utf-8; x=y", {}),
        ("text/occi+plain", {}),
        ("text/plain,text/occi", {"media-type-list": "RFC 7231 §3.1.1.5"}),
        ("", {"missing-content-type": "GFD.185 §3.6.6"}),
    ],
)
def test_text_is_read_under_every_name_it_has(content_type: str, expected: dict[str, str]) -> None:
    message = read(content_type, [], ENTITY.encode(), BASE)

    assert facts(message) == facts(plain(ENTITY))
    assert sections(message) == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (OCCI_JSON, {}),
        ("application/occi+json; charset=utf-8", {}),
        ("application/json", {}),
        ("application/occi-collection+json", {"draft-media-type": "GFD.226 §3"}),
        ("", {"missing-content-type": "GFD.185 §3.6.6"}),
    ],
)
def test_json_is_read_under_every_name_it_has(content_type: str, expected: dict[str, str]) -> None:
    message = read(content_type, [], b'[ "http://h/compute/1", "http://h/compute/2" ]', BASE)

    assert facts(message) == facts(plain(LISTING))
    assert sections(message) == expected


def test_relative_locations_are_resolved_in_every_rendering() -> None:
    for message in (
        plain("X-OCCI-Location: /compute/1\n"),
        read(TEXT_OCCI, [("X-OCCI-Location", "/compute/1")], b"OK", BASE),
        read(URI_LIST, [], b"# uri:/compute/\n/compute/1\n", BASE),
        read(OCCI_JSON, [], b'["/compute/1"]', BASE),
    ):
        assert message.locations == ("https://cloud.example.org:8787/compute/1",)
        assert sections(message) == {"relative-location": PLACES}


def test_a_link_without_rel_and_actions_without_query_are_kept() -> None:
    # MartServer shows the entity's own URL for itself and for all of its actions.
    message = plain(f'Link: </vms/1>; title="me"\nLink: </vms/1>; rel="{A}stop"\n')

    assert [link.target for link in message.links] == ["/vms/1"]
    assert [(action.url, action.term) for action in message.actions] == [("/vms/1", "stop")]
    assert sections(message) == {"link-without-rel": LINK}


@pytest.mark.parametrize(
    ("content_type", "body", "field", "position", "seen"),
    [
        # rOCCI-core's fixture with the two characters \\ and n, where a line should end
        (TEXT_PLAIN, COMPUTE[:-1] + "\\n" + SMALL, "Category", 75, "nCategory"),
        # occi4java's entity, and its list of URLs without a field name
        (TEXT_PLAIN, f' Category: compute scheme= {I} class="kind"; Architecture: x86 Cores: 2', "Category", 88, "out of place"),
        (TEXT_PLAIN, "http://h/compute/1,http://h/compute/2", "body", 0, "no line is an OCCI field"),
        # writers that do not escape a quote in a title
        (TEXT_PLAIN, 'X-OCCI-Attribute: occi.core.title="a "b" c"', "X-OCCI-Attribute", 0, "not escaped"),
        (TEXT_PLAIN, 'X-OCCI-Attribute: a="1", b="2', "X-OCCI-Attribute", 7, "not closed"),
        (TEXT_PLAIN, f'Link: </n/1>; rel="{I}network', "Link", 12, "not closed"),
        (TEXT_PLAIN, COMPUTE[:-1] + ', b; class="kind"', "Category", 77, "no scheme"),
        (TEXT_PLAIN, COMPUTE[:-1] + ', <b>; class="kind"', "Category", 77, "where the term is due"),
        (TEXT_PLAIN, 'Link: </n/1>; rel="s#n", x; rel="s#n"', "Link", 19, "where the target is due"),
        (TEXT_PLAIN, "X-OCCI-Attribute: a=1, =2", "X-OCCI-Attribute", 5, "cannot be read"),
        (TEXT_PLAIN, "X-OCCI-Location: http://h/a b", "X-OCCI-Location", 0, "is no URL"),
        (TEXT_PLAIN, "<COMPUTE href='http://h/compute/1'/>", "body", 0, "no line is an OCCI field"),
        (TEXT_PLAIN, "\x00\x01\x02", "body", 0, "no line is an OCCI field"),
        # ooi's discovery as a uri-list
        (URI_LIST, "http://h/1\r\n" + COMPUTE, "text/uri-list", 12, "is no URI"),
        ("application/xml", "<COMPUTE/>", "Content-Type", None, "no OCCI rendering"),
    ],
)  # fmt: skip
def test_what_no_reading_explains_is_refused_by_field_position_and_expectation(
    content_type: str, body: str, field: str, position: int | None, seen: str
) -> None:
    with pytest.raises(RenderingError, match=seen) as error:
        read(content_type, [], body.encode(), BASE)

    assert (error.value.field, error.value.position) == (field, position)
    assert error.value.expected
    assert f"Expected {error.value.expected}." in str(error.value)


def test_the_entities_of_one_body_are_told_apart() -> None:
    second = swapped(ENTITY, ('core.id="1"', 'core.id="2"'), ("/compute/1", "/compute/2"))
    message = plain(ENTITY + second + "X-OCCI-Location: /compute/2\n" + ENTITY)

    assert message.resources[0] == message.resources[2] == plain(ENTITY).resource()
    assert message.resources[1] == replace(
        plain(second).resource(), location="https://cloud.example.org:8787/compute/2"
    )
    assert message.categories == message.locations == ()
    assert sections(message) == {"several-entities": PLACES, "relative-location": PLACES}
    with pytest.raises(RenderingError, match="3 entities were found"):
        message.resource()


@pytest.mark.parametrize(
    "body",
    [
        ENTITY + COMPUTE,  # nothing follows, so that nothing begins
        ENTITY + SMALL + ID,
        COMPUTE
        + 'Category: resource; scheme="http://schemas.ogf.org/occi/core#"; class="kind"\n'
        + ID
        + CORES,
        ID + COMPUTE + CORES,
    ],
)
def test_one_entity_is_not_taken_for_several(body: str) -> None:
    message = plain(body)

    assert message.resources == ()
    assert message.resource().kind == plain(COMPUTE).categories[0]
    assert message.attributes["occi.core.id"] == "1"


pieces = st.lists(
    st.sampled_from(
        [
            COMPUTE,
            ID,
            "\n",
            "\r\n",
            "\r",
            " ",
            "\t",
            "\\",
            "\\\n",
            "a",
            '"',
            "X-OCCI-Location: /1",
            "é",
            "\u2028",
        ]
    ),
    max_size=40,
).map("".join)


@given(pieces, st.integers(1, 40), st.sampled_from(["utf-8", "latin-1", "utf-8-sig"]))
def test_a_body_read_in_blocks_says_what_the_whole_body_says(text: str, size: int, charset: str) -> None:
    body = text.encode(charset, "replace")
    whole, log = DeviationLog(), DeviationLog()

    assert "".join(blocks(body, log, size)) == "".join(blocks(body, whole, len(body)))
    assert log.notes() == whole.notes()
    assert outcome(blocks(body, log, size)) == outcome(blocks(body, log, len(body)))


def outcome(texts: Iterable[str]) -> tuple[object, ...]:
    log = DeviationLog()
    try:
        return read_body(texts, log), sorted(log.notes())
    except RenderingError as error:
        return str(error), error.field, error.position


@pytest.mark.parametrize("body", [ENTITY * 2000, ENTITY * 2000 + "Category: a"])
@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(body: str, enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with contextlib.suppress(RenderingError):
            plain(body)
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_reading_leaves_no_garbage_for_the_collector() -> None:
    headers = [("Category", CATEGORIES[0]), ("X-OCCI-Attribute", 'occi.core.id="1"')]
    for _ in range(2):  # what the first reading keeps is no garbage
        gc.collect()
        gc.disable()
        try:
            plain(ENTITY * 20)
            read(TEXT_OCCI, headers, b"OK")
            read(OCCI_JSON, [], b'{"kind": "s#a", "id": "1", "attributes": {"a.b": 1}}')
            found = gc.collect()
        finally:
            gc.enable()
    assert found == 0


def test_a_listing_of_many_blocks_is_read_whole() -> None:
    entity = swapped(ENTITY, ("; ", ";\r\n "), ("\n", "\r\n")).replace("\r\r", "\r")
    message = plain(
        "".join(swapped(entity, ('core.id="1"', f'core.id="{number}"')) for number in range(3000))
    )

    assert [one.attributes["occi.core.id"] for one in message.resources] == [
        str(number) for number in range(3000)
    ]
    assert {one.kind for one in message.resources} == {plain(COMPUTE).categories[0]}
    assert all(len(one.links) == len(one.actions) == len(one.mixins) == 1 for one in message.resources)
