"""Reading and writing of text/plain and text/occi: deviations, errors, speed, and injection."""

from __future__ import annotations

import contextlib
import time

import pytest

from OcciLibrary.occi import (
    TEXT_OCCI,
    TEXT_PLAIN,
    Action,
    ActionLink,
    AttributeDefinition,
    Category,
    CategoryClass,
    Kind,
    Link,
    Message,
    Mixin,
    RenderingError,
    Resource,
    read,
    write,
    write_collection,
    write_discovery,
    write_entity,
    write_locations,
)
from OcciLibrary.occi.infrastructure import COMPUTE, COMPUTE_ACTIONS, standard_categories

INFRASTRUCTURE = "http://schemas.ogf.org/occi/infrastructure#"
COMPUTE_LINE = f'Category: compute; scheme="{INFRASTRUCTURE}"; class="kind"\n'


def plain(text: str) -> Message:
    return read(TEXT_PLAIN, [], text.encode())


def names(message: Message) -> set[str]:
    return {deviation.name for deviation in message.deviations}


@pytest.mark.parametrize(
    ("line", "deviation"),
    [
        (f'Category: compute; scheme="{INFRASTRUCTURE}"; class="kind";', "trailing-semicolon"),
        (f'Category: compute; scheme="{INFRASTRUCTURE}"; class="kind",', "empty-list-item"),
        (f'Category: compute; scheme="{INFRASTRUCTURE}" class="kind"', "missing-semicolon"),
        (f'Category: compute; scheme="{INFRASTRUCTURE}"; "class=kind"', "quote-around-param"),
        (f'Category: compute; scheme={INFRASTRUCTURE}; class="kind"', "unquoted-parameter"),
        (f'Category: compute; class="kind"; scheme="{INFRASTRUCTURE}"', "parameter-order"),
        (f'Category: compute; scheme="{INFRASTRUCTURE}"; class="kind"; class="mixin"', "repeated-parameter"),
        (f'Category: compute; scheme="{INFRASTRUCTURE}"; class="kind"; colour="red"', "unknown-parameter"),
        (f'X-OCCI-Category: compute; scheme="{INFRASTRUCTURE}"; class="kind"', "renamed-field"),
        (f'"Category": compute; scheme="{INFRASTRUCTURE}"; class="kind"', "quoted-field-name"),
        (
            'Category: compute; scheme="http: //schemas.ogf.org/occi/infrastructure#"; class="kind"',
            "space-inside-uri",
        ),
        (f'\nCategory: compute; scheme="{INFRASTRUCTURE}"; class="kind"', "blank-first-line"),
        (f' Category: compute; scheme="{INFRASTRUCTURE}"; class="kind"', "leading-blank"),
        (f'Category: compute; \\\n  scheme="{INFRASTRUCTURE}"; class="kind"', "backslash-continuation"),
        (f'Category: compute; scheme="{INFRASTRUCTURE}"; class="kind"\nColour: red', "unknown-field"),
    ],
)
def test_a_category_with_one_deviation_is_still_the_compute_kind(line: str, deviation: str) -> None:
    message = plain(line)

    assert [(one.id, one.category_class) for one in message.categories] == [(COMPUTE.id, CategoryClass.KIND)]
    assert names(message) == {deviation}


@pytest.mark.parametrize(
    "text",
    [
        COMPUTE_LINE,
        COMPUTE_LINE.rstrip(),
        COMPUTE_LINE.replace("\n", "\r\n"),
        COMPUTE_LINE.replace("; ", ";"),
        COMPUTE_LINE.replace("Category: ", "cATEGORY:  "),
        COMPUTE_LINE.replace("; ", ";\n    "),
        COMPUTE_LINE.replace("; ", " ;\t"),
        COMPUTE_LINE + "\n\n",
    ],
)
def test_freedom_of_layout_is_no_deviation(text: str) -> None:
    message = plain(text)

    assert [one.id for one in message.categories] == [COMPUTE.id]
    assert message.deviations == ()


def test_categories_joined_with_semicolons_are_told_apart() -> None:
    message = plain(
        COMPUTE_LINE.rstrip() + ';my_stuff;  scheme="http://example.com/occi/my_stuff#";  class="mixin"'
    )

    assert [one.term for one in message.categories] == ["compute", "my_stuff"]
    assert names(message) == {"semicolon-separated-categories"}


@pytest.mark.parametrize(
    ("value", "read_as", "deviation"),
    [
        ("occi.compute.hostname=foobar", "foobar", "unquoted-string"),
        ("occi.core.summary=[]", "[]", "unquoted-string"),
        ("com.example.words=two words", "two words", "unquoted-string"),
        ('occi.compute.cores="2"', 2, "quoted-number"),
        ('occi.compute.memory="1.5"', 1.5, "quoted-number"),
        ('occi.compute.cores="many"', "many", "wrong-type"),
        ("occi.core.id=456", "456", "unquoted-string"),
        ('"occi.core.id"="x"', "x", "quoted-attribute-name"),
        ('occi.core.id="x";', "x", "trailing-semicolon"),
        ('occi.core.id="x",', "x", "empty-list-item"),
        ("com.example.delta=-3", -3, "number-format"),
        ("com.example.big=1e3", 1000.0, "number-format"),
        ('occi.core.title="a", occi.core.title="b"', "b", "repeated-attribute"),
    ],
)
def test_an_attribute_with_one_deviation_keeps_its_value(value: str, read_as: object, deviation: str) -> None:
    message = plain(f"X-OCCI-Attribute: {value}")

    (seen,) = message.attributes.values()
    assert (seen, type(seen)) == (read_as, type(read_as))
    assert names(message) == {deviation}


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("occi.compute.cores=2", 2),
        ("occi.compute.memory=2.50000", 2.5),
        ("com.example.on=true", True),
        ("com.example.on=false", False),
        ('com.example.on="true"', "true"),
        ('com.example.port="80"', "80"),
        (r'occi.core.title="A \"little\" VM \\ more"', 'A "little" VM \\ more'),
        ('occi.core.title="a, b; c=<d>"', "a, b; c=<d>"),
        ('occi.core.title=""', ""),
    ],
)
def test_values_are_typed_by_document_and_by_quotes(value: str, read_as: object) -> None:
    message = plain(f"X-OCCI-Attribute: {value}")

    (seen,) = message.attributes.values()
    assert (seen, type(seen)) == (read_as, type(read_as))
    assert message.deviations == ()


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("aaa , bbb", 2),
        ("aaa, bbb, ccc", 3),
        ('aaa="1,1", bbb="2,2"', 2),
        (r'a="1", b="d,d,d\"d\"dd", e="eee\"eee"', 3),
    ],
)
def test_comma_lists_are_split_outside_quotes_only(value: str, count: int) -> None:
    text = ", ".join(f"http://h/{item}" for item in ("a", "b"))
    if "=" in value:
        assert len(plain(f"X-OCCI-Attribute: {value}").attributes) == count
    else:
        items = [item.strip() for item in value.split(",")]
        listed = ", ".join(f'{item}; scheme="s#"; class="mixin"' for item in items)
        assert [one.term for one in plain(f"Category: {listed}").categories] == items
    assert len(plain(f"X-OCCI-Location: {text}").locations) == 2


def test_link_attributes_separated_by_blanks_and_two_categories_are_kept() -> None:
    message = plain(
        'Link: </storage/1>;rel="s#storage";category="s#storagelink";category="x#more";'
        'occi.core.id="7" occi.storagelink.state="active";self="/link/7"'
    )

    (link,) = message.links
    assert link.categories == ("s#storagelink", "x#more")
    assert (link.self_url, link.rel) == ("/link/7", ("s#storage",))
    assert link.attributes == {"occi.core.id": "7", "occi.storagelink.state": "active"}
    assert names(message) == {"missing-semicolon", "repeated-parameter", "parameter-order"}


@pytest.mark.parametrize(
    ("line", "term"),
    [
        ('Link: </c/1?action=start>; rel="x/action#start"', "start"),
        ('Link: </c/1>; rel="x/action#stop"; title="stop"', "stop"),
        ('Link: <http://h/c/1?a=b&action=suspend>; rel="x/action#suspend"', "suspend"),
    ],
)
def test_action_links_are_told_from_links(line: str, term: str) -> None:
    message = plain(line)

    assert [action.term for action in message.actions] == [term]
    assert message.links == ()


def test_link_without_rel_is_kept_with_a_remark() -> None:
    message = plain('Link: <http://h/vm/1>; title="compute"')

    assert message.links == (Link("http://h/vm/1", title="compute"),)
    assert names(message) == {"link-without-rel"}


@pytest.mark.parametrize("scheme", ["http://h/occi/network/action#up", "http://h/occi/network"])
def test_scheme_that_does_not_end_in_hash_is_reported(scheme: str) -> None:
    message = plain(f'Category: down; scheme="{scheme}"; class="action"')

    assert message.categories[0].id == scheme + "down"
    assert names(message) == {"scheme-without-hash"}


def test_missing_class_leaves_a_plain_category() -> None:
    message = plain('Category: start; scheme="http://h/compute/action#"')

    assert message.categories[0].category_class is None
    assert names(message) == {"missing-class"}
    assert message.action_invocation()[0].term == "start"


def test_locations_in_the_location_header_and_renamed_fields_are_read() -> None:
    headers = [
        ("Location", "http://h/c/1, http://h/c/2"),
        ("X-OCCI-Location", "http://h/c/3"),
        ("X-OCCI-Category", f'compute;scheme="{INFRASTRUCTURE}";class="kind"'),
        ("X-OCCI-Link", '</n/1>;rel="s#network"'),
        ("Server", "Category: not; a field"),
    ]
    message = read("text/occi; charset=utf-8", headers, b"OK")

    assert message.locations == ("http://h/c/1", "http://h/c/2", "http://h/c/3")
    assert (len(message.categories), len(message.links)) == (1, 1)
    assert names(message) == {"locations-in-location-field", "renamed-field"}


def test_relative_locations_are_resolved_and_reported() -> None:
    message = read(TEXT_PLAIN, [], b"X-OCCI-Location: /compute/1\n", "https://h:8787/occi1.1/compute/")

    assert message.locations == ("https://h:8787/compute/1",)
    assert names(message) == {"relative-location"}


def test_fields_in_the_other_place_are_found() -> None:
    category = COMPUTE_LINE.strip().partition(": ")[2]
    in_headers = read(TEXT_PLAIN, [("Category", category)], b"")
    in_body = read(TEXT_OCCI, [("Server", "x")], COMPUTE_LINE.encode())

    assert in_headers.categories == in_body.categories != ()
    assert names(in_headers) == {"fields-in-headers"}
    assert names(in_body) == {"fields-in-body"}


def test_created_answer_with_ok_body_gives_the_location_header() -> None:
    message = read("text/plain; charset=UTF-8", [("Location", "http://h/c/1")], b"OK")

    assert message.locations == ("http://h/c/1",)
    assert message.deviations == ()


@pytest.mark.parametrize("body", [b"", b"OK", b"OK\n", b"\r\n"])
def test_an_empty_answer_says_nothing(body: bytes) -> None:
    assert read(TEXT_PLAIN, [("Link", '<style.css>; rel="stylesheet"')], body) == Message()


def test_many_equal_deviations_become_one_with_a_count() -> None:
    message = plain(
        COMPUTE_LINE.replace('"kind"', '"kind"; title=A').replace("compute;", "a;")
        + "".join(f'Category: t{number}; scheme="s#"; class="mixin"; title=B\n' for number in range(50))
    )

    (deviation,) = message.deviations
    assert deviation.detail.endswith("(and 50 more of the kind).")
    assert deviation.section == "GFD.185 §3.5.1"


def test_equal_ids_with_different_content_are_a_finding() -> None:
    line = 'Category: a; scheme="s#"; class="mixin"; location="/{}/"\n'

    assert "different" in plain(line.format("a") + line.format("b")).deviations[0].detail
    assert "the same" in plain(line.format("a") * 2).deviations[0].detail


def test_latin_1_and_utf_8_are_both_understood() -> None:
    latin = read(TEXT_PLAIN, [], 'X-OCCI-Attribute: occi.core.title="Zürich"'.encode("latin-1"))
    header = read(TEXT_OCCI, [("X-OCCI-Attribute", 'occi.core.title="ZÃ¼rich"')], b"OK")

    assert latin.attributes == header.attributes == {"occi.core.title": "Zürich"}
    assert names(latin) == {"not-utf-8"}
    assert names(header) == {"non-ascii-header"}


@pytest.mark.parametrize(
    ("text", "field", "position"),
    [
        ('X-OCCI-Attribute: occi.core.id="103', "X-OCCI-Attribute", 0),
        ('X-OCCI-Attribute: a="1", b="2', "X-OCCI-Attribute", 7),
        ('X-OCCI-Attribute: occi.core.title="a "quoted" name"', "X-OCCI-Attribute", 0),
        ("X-OCCI-Attribute: occi.core.id", "X-OCCI-Attribute", 0),
        ("X-OCCI-Attribute: a=1;b=2", "X-OCCI-Attribute", 0),
        ('Category: compute; class="kind"', "Category", 0),
        ('Category: scheme="s#"; class="kind"', "Category", 0),
        ('Category: a b; scheme="s#"; class="kind"', "Category", 2),
        ('Category: a; scheme="s#"; class="kind', "Category", 22),
        ('Link: /network/1; rel="x"', "Link", 0),
        ("X-OCCI-Location: no url", "X-OCCI-Location", 0),
        ("<html><body>502 Bad Gateway</body></html>", "body", 0),
        ("X-OCCI-Attribute: a=" + "9" * 5000, "X-OCCI-Attribute", None),
    ],
)
def test_errors_name_field_position_and_expectation(text: str, field: str, position: int | None) -> None:
    with pytest.raises(RenderingError) as error:
        plain(text)

    assert (error.value.field, error.value.position) == (field, position)
    assert error.value.expected in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("media_type", ["application/xml", "text/html; charset=utf-8", "image/png"])
def test_other_media_types_are_named_in_the_error(media_type: str) -> None:
    with pytest.raises(RenderingError, match=media_type.partition(";")[0]):
        read(media_type, [], b"<COMPUTE/>")


@pytest.mark.parametrize(
    "piece",
    [
        "X-OCCI-Attribute: |a",
        'X-OCCI-Attribute: |a="',
        "X-OCCI-Attribute: |a=b c,",
        "X-OCCI-Attribute: a=|b ",
        "X-OCCI-Location: |a,",
        "Category: |a ",
        'Category: |a;scheme="s#";class="k";',
        'Category: a;scheme="s#";|rel="s";',
        'Category: a;scheme="s#";attributes="|a{',
        "Link: |<",
        'Link: <a>;rel="|http: ',
        "Category: a\n| x\n",
        "|\\\n",
        '|Category: a;scheme="s#";class="kind"\n',
    ],
)
def test_hostile_repetition_is_read_in_linear_time(piece: str) -> None:
    head, _, repeated = piece.partition("|")
    body = (head + repeated * (300_000 // len(repeated)) + '"').encode()

    started = time.process_time()
    with contextlib.suppress(RenderingError):
        read(TEXT_PLAIN, [], body)
    # A quadratic reader needs minutes here; the bound only has to be far below that, on a busy computer too.
    assert time.process_time() - started < 5


START = ActionLink("/compute/1?action=start", COMPUTE_ACTIONS["start"].action.id, "start")
MACHINE = Resource(
    COMPUTE,
    (Mixin("small", "http://example.org/tpl#"),),
    {
        "occi.core.id": "1",
        "occi.core.title": 'say "hi" \\ bye',
        "occi.compute.cores": 2,
        "occi.compute.memory": 1.5,
    },
    (Link("/network/1", (INFRASTRUCTURE + "network",), "/link/1", (INFRASTRUCTURE + "networkinterface",)),),
    (START,),
    "http://h/compute/1",
)


def test_an_entity_is_written_in_the_common_subset() -> None:
    assert write_entity(MACHINE, TEXT_PLAIN).body.decode() == (
        f'Category: compute; scheme="{INFRASTRUCTURE}"; class="kind"\n'
        'Category: small; scheme="http://example.org/tpl#"; class="mixin"\n'
        f'Link: </network/1>; rel="{INFRASTRUCTURE}network"; self="/link/1"; '
        f'category="{INFRASTRUCTURE}networkinterface"\n'
        'Link: </compute/1?action=start>; rel="http://schemas.ogf.org/occi/infrastructure/compute/action#start"\n'
        'X-OCCI-Attribute: occi.core.id="1"\n'
        'X-OCCI-Attribute: occi.core.title="say \\"hi\\" \\\\ bye"\n'
        "X-OCCI-Attribute: occi.compute.cores=2\n"
        "X-OCCI-Attribute: occi.compute.memory=1.5\n"
    )


def test_text_occi_answers_carry_comma_lists_and_the_body_ok() -> None:
    payload = write_entity(MACHINE, TEXT_OCCI)

    assert (payload.content_type, payload.body) == ("text/occi", b"OK")
    assert [name for name, _ in payload.headers] == ["Category", "Link", "X-OCCI-Attribute"]
    assert read(TEXT_OCCI, payload.headers, payload.body) == read(
        TEXT_PLAIN, [], write_entity(MACHINE, TEXT_PLAIN).body
    )


def test_requests_in_text_occi_have_an_empty_body_and_the_kind_first() -> None:
    payload = write(Message(categories=(*MACHINE.mixins, COMPUTE)), TEXT_OCCI)

    assert payload.body == b""
    assert payload.headers == (
        (
            "Category",
            f'compute; scheme="{INFRASTRUCTURE}"; class="kind", small; scheme="http://example.org/tpl#"; class="mixin"',
        ),
    )


def test_listings_are_location_fields() -> None:
    assert write_collection([MACHINE], TEXT_PLAIN).body == b"X-OCCI-Location: http://h/compute/1\n"
    assert write_locations(["http://h/1", "http://h/2"], TEXT_OCCI).headers == (
        ("X-OCCI-Location", "http://h/1, http://h/2"),
    )
    assert write_collection([], TEXT_PLAIN).body == b""


@pytest.mark.parametrize("media_type", [TEXT_PLAIN, TEXT_OCCI])
def test_discovery_is_written_in_full(media_type: str) -> None:
    payload = write_discovery(standard_categories(), media_type)
    message = read(payload.content_type, payload.headers, payload.body)

    compute = next(one for one in message.categories if one.id == COMPUTE.id)
    assert isinstance(compute, Kind)
    assert (compute.parent, compute.location, compute.actions) == (
        COMPUTE.parent,
        "/compute/",
        COMPUTE.actions,
    )
    assert AttributeDefinition("occi.compute.state", immutable=True) in compute.attributes
    assert [one.id for one in message.categories] == [one.id for one in standard_categories()]
    assert message.deviations == ()


@pytest.mark.parametrize(
    "value",
    ["a\nX-OCCI-Attribute: x=1", "a\r\nSet-Cookie: x", "a\0b", "a\x85b", "a\u2028b", "\ud800", "a\x1bb"],
)
@pytest.mark.parametrize("media_type", [TEXT_PLAIN, TEXT_OCCI])
def test_a_value_cannot_add_a_line(value: str, media_type: str) -> None:
    with pytest.raises(RenderingError, match="one line of printable text"):
        write(Message(attributes={"occi.core.title": value}), media_type)


@pytest.mark.parametrize(
    "message",
    [
        Message(categories=(Kind("a; b", "s#"),)),
        Message(categories=(Kind("a", 's#"; class="mixin'),)),
        Message(categories=(Category("a", "s#"),)),
        Message(attributes={"a=1\nb": "x"}),
        Message(attributes={"a": float("nan")}),
        Message(attributes={"a": 10**400}),
        Message(attributes={"a": ["x"]}),
        Message(links=(Link("/n>; rel=x", ("s#n",)),)),
        Message(links=(Link("/n"),)),
        Message(links=(Link("/n", ("s#n",), attributes={"self": "/x"}),)),
        Message(actions=(ActionLink("", "s/action#start", "start"),)),
        Message(locations=("http://h/a b",)),
        Message(locations=("http://h/a,http://h/b",)),
        Message(resources=(Resource(COMPUTE),)),
    ],
)
@pytest.mark.parametrize("media_type", [TEXT_PLAIN, TEXT_OCCI])
def test_what_text_cannot_say_is_refused(message: Message, media_type: str) -> None:
    with pytest.raises(RenderingError):
        write(message, media_type)


def test_characters_beyond_ascii_are_refused_in_headers_only() -> None:
    message = Message(categories=(Action("start", "s#"),), attributes={"name": "Zürich"})

    assert "Zürich".encode() in write(message, TEXT_PLAIN).body
    with pytest.raises(RenderingError, match="beyond ASCII"):
        write(message, TEXT_OCCI)
