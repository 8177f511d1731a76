"""Properties: what is written is read back, and nothing that comes in raises anything but RenderingError."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from OcciLibrary.occi import (
    OCCI_JSON,
    TEXT_OCCI,
    TEXT_PLAIN,
    URI_LIST,
    Action,
    ActionLink,
    AttributeDefinition,
    Kind,
    Link,
    Message,
    Mixin,
    Payload,
    RenderingError,
    Resource,
    read,
    write,
    write_collection,
    write_discovery,
    write_entity,
    write_locations,
)

TEXTS = (TEXT_PLAIN, TEXT_OCCI)
ALL = (*TEXTS, OCCI_JSON)
# Entities are large; on a busy computer making them up takes longer than hypothesis likes.
SLOW = [HealthCheck.too_slow]

word = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
# Names that no document types, so that the value's own form decides.
name = st.builds("com.example.{}.{}".format, word, word)
scheme = st.builds("http://{}.example.org/{}#".format, word, word)
# Apart from those of kinds: equal ids of a kind and a mixin are rightly reported as a deviation.
mixin_scheme = st.builds("http://{}.example.org/mixin/{}#".format, word, word)
type_id = st.builds(str.__add__, scheme, word)
path = st.builds("/{}/{}".format, word, word)
url = st.builds("http://h{}".format, path)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
# What stands between values, names and lines, in every order.
separators = st.lists(
    st.sampled_from(['"', "\\", ",", ";", "=", "<", ">", "{", "}", ": ", "\t", "a"]), max_size=12
).map("".join)
number = st.one_of(
    st.integers(0, 100),
    st.integers(0, 10**349),
    st.floats(0, allow_nan=False, allow_infinity=False),
    st.floats(0, 5e-300),
    st.booleans(),
)
value = st.one_of(printable, separators, number)
attributes = st.dictionaries(name, value, max_size=5)
ids = st.fixed_dictionaries({"occi.core.id": printable}, optional={"occi.core.title": printable})
definition = st.builds(AttributeDefinition, name, required=st.booleans(), immutable=st.booleans())
definitions = st.lists(definition, max_size=4, unique_by=lambda one: one.name).map(tuple)
kind = st.builds(Kind, word, scheme)
mixins = st.lists(st.builds(Mixin, word, mixin_scheme), max_size=3, unique_by=lambda one: one.id).map(tuple)
type_ids = st.lists(type_id, min_size=1, max_size=3).map(tuple)
link = st.builds(Link, path, type_ids, path, type_ids, attributes, printable)
links = st.lists(link, max_size=3).map(tuple)


def action_of(target: str, action_id: str) -> ActionLink:
    term = action_id.rpartition("#")[2]
    return ActionLink(f"{target}?action={term}", action_id, term)


actions = st.lists(st.builds(action_of, path, type_id), max_size=3).map(tuple)
entity = st.builds(
    Resource, kind, mixins, st.builds(lambda a, b: {**a, **b}, ids, attributes), links, actions
)


def read_back(payload: Payload) -> Message:
    return read(payload.content_type, payload.headers, payload.body)


def without_action_urls(resource: Resource) -> Resource:
    """JSON names actions by id alone."""
    return replace(resource, actions=tuple(replace(action, url="") for action in resource.actions))


@settings(max_examples=25, suppress_health_check=SLOW)
@given(entity)
def test_entities_survive_every_rendering(resource: Resource) -> None:
    for media_type in ALL:
        message = read_back(write_entity(resource, media_type))
        expected = resource if media_type in TEXTS else without_action_urls(resource)
        assert message.resource() == expected
        assert message.deviations == ()


@settings(max_examples=25, suppress_health_check=SLOW)
@given(kind, mixins, attributes, links)
def test_requests_survive_every_rendering(
    of_kind: Kind, with_mixins: tuple[Mixin, ...], values: dict[str, str], with_links: tuple[Link, ...]
) -> None:
    request = Message(categories=(of_kind, *with_mixins), attributes=values, links=with_links)

    for media_type in ALL:
        assert read_back(write(request, media_type)) == request


@settings(max_examples=25, suppress_health_check=SLOW)
@given(entity, st.randoms(use_true_random=False), st.booleans())
def test_one_field_for_each_value_says_the_same_as_lists(
    resource: Resource, random: Random, spaced: bool
) -> None:
    lines = write_entity(resource, TEXT_PLAIN).body.decode().splitlines()
    headers: list[tuple[str, str]] = []
    for line in lines:
        name, _, text = line.partition(": ")
        if headers and headers[-1][0] == name and random.random() < 0.5:
            headers[-1] = (name, headers[-1][1] + (", " if spaced else ",") + text)
        else:
            headers.append((name, text))

    in_headers = read(TEXT_OCCI, headers, b"OK")
    in_body = read(TEXT_PLAIN, [], "\n".join(f"{name}: {text}" for name, text in headers).encode())

    assert in_headers == in_body == read(TEXT_PLAIN, [], "\n".join(lines).encode())
    assert in_headers.resource() == resource


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=200)
@given(st.dictionaries(name, anything, min_size=1, max_size=3))
def test_text_of_every_script_survives_or_is_refused_for_what_it_is(values: dict[str, str]) -> None:
    assert read_back(write(Message(attributes=values), OCCI_JSON)).attributes == values
    for media_type in TEXTS:
        try:
            payload = write(Message(attributes=values), media_type)
        except RenderingError as error:
            text = "".join(values.values())
            line_ends = any(unicodedata.category(one) in ("Cc", "Zl", "Zp") for one in text)
            reasons = {"one line of printable text"} if line_ends else set()
            if media_type == TEXT_OCCI and not text.isascii():
                reasons.add("text/plain or JSON for such a value")
            refused = error.expected
        else:
            reasons, refused = {""}, ""
            assert read_back(payload) == Message(attributes=values)
        assert refused in reasons


@given(st.builds(Action, word, scheme), attributes)
def test_action_invocations_survive_every_rendering(action: Action, values: dict[str, str]) -> None:
    for media_type in ALL:
        message = read_back(write(Message(categories=(action,), attributes=values), media_type))
        assert message.action_invocation() == (action, values)


@given(attributes.filter(bool), mixins)
def test_partial_updates_survive_every_rendering(
    values: dict[str, str], with_mixins: tuple[Mixin, ...]
) -> None:
    update = Message(categories=with_mixins, attributes=values)

    for media_type in ALL:
        assert read_back(write(update, media_type)) == update


@given(st.lists(url, max_size=6).map(tuple))
def test_locations_survive_every_rendering(urls: tuple[str, ...]) -> None:
    for media_type in (*ALL, URI_LIST):
        assert read_back(write_locations(urls, media_type)).locations == urls
        assert read_back(write(Message(locations=urls), media_type)).locations == urls


@settings(max_examples=20, suppress_health_check=SLOW)
@given(st.lists(st.builds(replace, entity, location=url), max_size=3).map(tuple))
def test_collections_survive_json_and_are_locations_elsewhere(resources: tuple[Resource, ...]) -> None:
    listed = read_back(write_collection(resources, OCCI_JSON)).resources
    assert [without_action_urls(one) for one in listed] == [without_action_urls(one) for one in resources]
    for media_type in (*TEXTS, URI_LIST):
        locations = read_back(write_collection(resources, media_type)).locations
        assert locations == tuple(one.location for one in resources)


described_kind = st.builds(Kind, word, scheme, printable, definitions, path, type_id, type_ids)
described_mixin = st.builds(
    Mixin,
    word,
    scheme,
    printable,
    definitions,
    path,
    st.lists(type_id, max_size=1).map(tuple),
    st.just(()),
    type_ids,
)
described_action = st.builds(Action, word, scheme, printable, definitions)


@settings(max_examples=25, suppress_health_check=SLOW)
@given(
    st.lists(described_kind, max_size=2, unique_by=lambda one: one.id),
    st.lists(described_mixin, max_size=2, unique_by=lambda one: one.id),
    st.lists(described_action, max_size=2, unique_by=lambda one: one.id),
)
def test_discovery_survives_every_rendering(
    kinds: list[Kind], with_mixins: list[Mixin], with_actions: list[Action]
) -> None:
    categories = (*kinds, *with_mixins, *with_actions)

    for media_type in ALL:
        assert read_back(write_discovery(categories, media_type)).categories == categories


MEDIA_TYPES = st.sampled_from(
    [*ALL, URI_LIST, "application/json", "text/html", "", ";", "text/plain,text/occi"]
)
FRAGMENTS = st.sampled_from(
    [
        "Category: ",
        "Link: ",
        "X-OCCI-Attribute: ",
        "X-OCCI-Location: ",
        'scheme="s#"',
        'class="kind"',
        "class=mixin",
        "a=",
        '"',
        "\\",
        "<",
        ">",
        "{",
        "}",
        "=",
        " ",
        ";",
        ",",
        "\t",
        "\n",
        "\r\n",
        "#",
        "a",
        "http: //",
        "?action=",
        "1e999",
    ]
)
soup = st.lists(st.one_of(FRAGMENTS, st.text(max_size=3)), max_size=40).map("".join)
json_value = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("a#b")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "kind",
                    "mixins",
                    "attributes",
                    "links",
                    "actions",
                    "resources",
                    "kinds",
                    "id",
                    "source",
                    "target",
                    "term",
                    "scheme",
                    "location",
                    "action",
                    "rel",
                    "pattern",
                    "default",
                    "model",
                    "locations",
                    "x.y",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=15,
)


@settings(max_examples=200)
@given(
    MEDIA_TYPES, st.one_of(st.binary(max_size=200), soup.map(lambda text: text.encode("utf-8", "replace")))
)
def test_arbitrary_bodies_raise_rendering_errors_only(content_type: str, body: bytes) -> None:
    with contextlib.suppress(RenderingError):
        read(content_type, [], body, "http://h/c/")


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(["Category", "link", "X-OCCI-Attribute", "Location", "X-Other"]), soup),
        max_size=4,
    ),
    st.sampled_from([TEXT_OCCI, TEXT_PLAIN, OCCI_JSON]),
)
def test_arbitrary_headers_raise_rendering_errors_only(
    headers: list[tuple[str, str]], content_type: str
) -> None:
    with contextlib.suppress(RenderingError):
        read(content_type, headers, b"", "http://h/c/")


@settings(max_examples=200)
@given(json_value)
def test_arbitrary_json_raises_rendering_errors_only(data: object) -> None:
    with contextlib.suppress(RenderingError):
        message = read(OCCI_JSON, [], json.dumps(data).encode(), "http://h/c/")
        for media_type in (*ALL, URI_LIST):
            with contextlib.suppress(RenderingError):
                write(message, media_type)


@given(name, st.text(max_size=20), st.sampled_from(TEXTS))
def test_written_text_holds_one_attribute_or_is_refused(attribute: str, text: str, media_type: str) -> None:
    try:
        payload = write(Message(attributes={attribute: text}), media_type)
    except RenderingError:
        return
    assert read_back(payload).attributes == {attribute: text}
    assert len(payload.headers) + payload.body.count(b"\n") == 1


@pytest.mark.parametrize("media_type", ALL)
def test_a_title_with_every_separator_survives(media_type: str) -> None:
    title = '", X-OCCI-Attribute: a=1; <b> \\" {c} \\\\'
    message = Message(categories=(Kind("a", "s#"),), attributes={"occi.core.title": title})

    assert read_back(write(message, media_type)) == message
