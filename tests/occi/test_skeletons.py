"""What reads alike entities in one step gives what reading them the long way gives, whatever a site sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from OcciLibrary.occi import TEXT_OCCI, RenderingError, read, skeletons, text_skeletons
from OcciLibrary.occi.body_text import blocks
from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.json_listing import LONG, read_listing
from OcciLibrary.occi.text_body_reading import BodyReader, read_body

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "wire-samples"
SAMPLES = sorted(path.name for path in FOLDER.glob("*.txt"))
KIND = 'Category: compute;scheme="http://schemas.ogf.org/occi/infrastructure#";class="kind"'
STORAGE = 'Category: storage;scheme="http://schemas.ogf.org/occi/infrastructure#";class="kind"'
# How a line of an entity may look; what varies between entities stands in for {}.
forms = st.sampled_from(
    [
        'Category: debian; scheme="http://example.org/os_tpl#"; class="mixin"; title="Debian"',
        'Category: large; scheme="http://example.org/size#"; class=mixin',
        'Category: {}; scheme="http://example.org/size#"; class="mixin"',
        STORAGE,
        'Link: <{}?action=stop>;rel="http://example.org/action#stop"',
        'Link: <{}?action=stop>; rel="http://example.org/action#stop"; title="{}"',
        'Link: </n/1>;rel="http://example.org#network";self="{}";category="http://example.org#l";occi.core.id="{}"',
        'Link: <{}>;rel="http://example.org#network";self="/l";category="http://example.org#l";com.example.a="{}"',
        'Link: <{}>; rel="http://example.org#network", </c?action=x>; rel="http://example.org/action#x"',
        'Link: <{}>;rel="a#b";occi.networkinterface.mac="{}";occi.core.id="{}";occi.core.id="{}"',
        "Link: {}",
        'X-OCCI-Attribute: occi.core.id="{}"',
        'X-OCCI-Attribute: occi.core.title="{}"',
        'X-OCCI-Attribute: occi.core.title="{}", occi.compute.cores={}, com.example.b="{}"',
        "X-OCCI-Attribute: occi.compute.cores={}",
        'X-OCCI-Attribute: occi.compute.cores="{}"',
        "X-OCCI-Attribute: occi.compute.memory={}",
        "X-OCCI-Attribute: com.example.c={}",
        "X-OCCI-Attribute: occi.core.summary={}",
        "X-OCCI-Location: http://example.org/{}",
        "x-occi-attribute: com.example.d='{}'",
        "  {}",
        "{}",
        "",
    ]
)
texts = st.sampled_from(
    ["1", "2", "a", "vm-1", "/c/1", "http://h/c/1?action=start", "http: //h/", "a b", " a", "", "a,b", ", <b>", "x=y", "0.5",
     "1.", "007", "1e3", "-1", "12345678901234567890", "\u00e9", "\u20ac", "\x85", "\x0b", "\t", "a\\", '\\"', '"', "m4rk1x", "7360091001",
     "true", "#", "&", "<", "\nX-OCCI-Attribute: a=", "action=x"]
)  # fmt: skip
plain_texts = st.sampled_from(["1", "2", "17", "0.5", "200.25"])


def filled(form: str, values: list[str]) -> str:
    for value in values:
        form = form.replace("{}", value, 1)
    return form


templates = st.lists(forms, min_size=1, max_size=6).map(lambda lines: "\n".join([KIND, *lines, ""]))


def with_one_odd(row: list[str], place: int, odd: str) -> list[str]:
    return [*row[:place], odd, *row[place + 1 :]]


def rows_of(
    plain: st.SearchStrategy[str], odd: st.SearchStrategy[str], count: int
) -> st.SearchStrategy[list[str]]:
    """Makes rows of values; in some of them one departs from what entities usually hold."""
    tidy = st.lists(plain, min_size=count, max_size=count)
    return st.one_of(tidy, tidy, st.builds(with_one_odd, tidy, st.integers(0, count // 2), odd))


values = rows_of(plain_texts, texts, 20)
alike = st.builds(
    lambda template, rows: "".join(filled(template, row) for row in rows),
    templates,
    st.lists(values, min_size=1, max_size=14),
)


def mutated(text: str, place: int, what: str, length: int) -> str:
    at = place % (len(text) + 1)
    return text[:at] + what + text[at + length :]


mutations = st.sampled_from(
    ["", '"', "\\", "\\\n", "\n", "\r\n", "\n ", ";", ",", "<", ">", "=", KIND + "\n", STORAGE + "\n"]
)
listings = st.one_of(
    alike,
    st.lists(alike, min_size=2, max_size=3).map("".join),
    st.builds(mutated, alike, st.integers(0, 3000), mutations, st.integers(0, 3)),
)


@contextmanager
def learning(at_once: bool) -> Iterator[None]:
    """Learns from every entity that matches nothing learned before, or from none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skeletons, "WORTH_IT", 0 if at_once else 10**9)
        patch.setattr(skeletons, "GROWTH", 0)
        text_skeletons.forget()
        yield
    text_skeletons.forget()


def outcome(reader: Callable[[DeviationLog], object]) -> tuple[object, ...]:
    """Gives all that can be told from outside: the values with their types, the deviations, the error."""
    log = DeviationLog()
    try:
        return repr(reader(log)), sorted(log.notes())
    except RenderingError as error:
        return str(error), error.field, error.position, error.expected


@settings(max_examples=120, deadline=None)
@given(listings, st.sampled_from([150, 600, 2000]))
@example(f"{KIND}\nX-OCCI-Attribute: a=1\n" * 3 + f"{STORAGE}\n\n" * 12, 150)
def test_a_body_of_alike_entities_reads_as_the_long_way(listing: str, size: int) -> None:
    body = listing.encode()
    with learning(at_once=False):
        long_way = outcome(lambda log: read_body(blocks(body, log), log))
    with learning(at_once=True):
        short_way = outcome(lambda log: read_body(blocks(body, log, size), log))

    assert short_way == long_way


@settings(max_examples=60, deadline=None)
@given(st.lists(forms, min_size=1, max_size=6), st.lists(values, min_size=1, max_size=6))
def test_alike_headers_read_as_the_long_way(lines: list[str], rows: list[list[str]]) -> None:
    pad = 'X-OCCI-Attribute: com.example.pad="' + "long" * 120 + '"'
    answers = []
    for row in rows:
        fields = [line.partition(": ")[::2] for line in filled("\n".join([*lines, pad]), row).split("\n")]
        names = dict.fromkeys(name for name, _ in fields if name)
        answers.append(
            [(name, ", ".join(value for other, value in fields if other == name)) for name in names]
        )

    def all_answers(_: DeviationLog) -> list[tuple[object, ...]]:
        return [outcome(lambda log: read(TEXT_OCCI, answer, b"OK")) for answer in answers]  # noqa: B023 -- called at once

    with learning(at_once=False):
        long_way = outcome(all_answers)
    with learning(at_once=True):
        short_way = outcome(all_answers)

    assert short_way == long_way


def mostly(usual: object, *others: object) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * 8 + list(others))


members = st.fixed_dictionaries(
    {},
    optional={
        "id": mostly("{v}", None, 7),
        "title": mostly("{v}", "", None),
        "summary": mostly("{v}", "", 7),
        "location": mostly("{v}", "", None),
        "source": mostly({"location": "{v}", "kind": "a#b"}, "{v}", {}),
        "target": mostly({"location": "{v}", "kind": "a#b"}, "{v}", {"location": ""}),
        "rel": mostly("a#b", "{v}"),
        "mixins": mostly(["a#m", "a#n"], ["a#{v}"], [{"term": "t", "scheme": "s#", "title": "{v}"}]),
        "actions": mostly(["a#m", "a#n"], ["a#{v}"], [{"term": "t", "scheme": "s#", "title": "{v}"}]),
        "x": st.sampled_from(["{v}", ["{v}"]]),
    },
)
attributes = st.fixed_dictionaries(
    {},
    optional={
        **{f"com.example.{name}": mostly("{v}", "{n}", True, ["{v}"]) for name in "abc"},
        **{f"occi.core.{name}": mostly("{v}", "{n}") for name in ("id", "title", "source", "target.kind")},
        **{f"occi.compute.{name}": mostly("{n}", "{v}") for name in ("cores", "memory", "speed")},
        "occi": mostly({"core": {"summary": "{v}"}}, {"compute": {"cores": "{n}"}}),
        "user_data": st.just("{v}"),
    },
)
links = st.lists(
    st.one_of(
        st.just("{v}"),
        st.builds(
            lambda some, inner: {"kind": "a#l", **some, "attributes": inner},
            members,
            attributes,
        ),
    ),
    max_size=2,
)


def as_template(
    some: dict[str, Any], inner: dict[str, Any], its_links: list[Any], same: bool
) -> dict[str, Any]:
    """Makes an entity; ``same`` has it say its id twice, as rOCCI does."""
    twice = {"id": "{same}"} if same else {}
    entity = {
        "kind": "a#k",
        **some,
        "attributes": {**inner, **({"occi.core.id": "{same}"} if same else {})},
        **twice,
    }
    return {**entity, **({"links": its_links} if its_links else {})}


json_templates = st.builds(as_template, members, attributes, links, st.booleans())
json_texts = st.one_of(
    texts.filter(lambda text: text.isprintable() and '"' not in text and "\\" not in text),
    st.sampled_from(["\\u00e9", "\\ud800", '\\" ]]}', "\\n", "\n", '", "id": "2']),
)


def json_filled(form: str, row: list[str], numbers: list[str], same: str) -> str:
    for mark, texts_of_it in (("{v}", row), ('"{n}"', numbers)):
        for text in [*texts_of_it, *texts_of_it, *texts_of_it]:
            form = form.replace(mark, text, 1)
    return form.replace("{same}", same)


odd_numbers = st.sampled_from(["-3", "1e2", "007", "1.", "12345678901234567890", "true"])
json_rows = st.tuples(
    rows_of(plain_texts, json_texts, 12),
    rows_of(st.sampled_from(["1", "2", "0.5", "12"]), odd_numbers, 6),
    st.sampled_from(["1", "2", "urn:3", "4", ""]),
)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(json_templates, min_size=1, max_size=2),
    st.lists(json_rows, min_size=1, max_size=8),
    st.sampled_from([None, 1]),
    st.tuples(st.sampled_from([False, False, True]), st.integers(0, 3000), mutations, st.integers(0, 3)),
)
def test_a_listing_in_json_reads_as_the_long_way(
    shapes: list[dict[str, Any]],
    rows: list[tuple[list[str], list[str], str]],
    indent: int | None,
    mutation: tuple[bool, int, str, int],
) -> None:
    entities = [json_filled(json.dumps(shape, indent=indent), *row) for shape in shapes for row in rows]
    body = '{"resources": [' + ", ".join(entities) + "]}" + " " * LONG  # from that length on it is read so
    if mutation[0]:
        body = mutated(body, *mutation[1:])
    with learning(at_once=False):
        long_way = outcome(lambda log: read_listing(body, log))
    with learning(at_once=True):
        short_way = outcome(lambda log: read_listing(body, log))

    assert short_way == long_way


@pytest.mark.parametrize("reader", [text_skeletons.alike_links, text_skeletons.alike_attributes])
def test_what_is_kept_from_answer_to_answer_is_bounded_and_holds_no_value(
    reader: Callable[[str], object],
) -> None:
    with learning(at_once=True):
        for number in range(50):
            attributes = ", ".join(f'com.example.a{n}="secret{n}"' for n in range(30 + number))
            reader(f"{attributes}, com.example.pin=0123")
            reader(f"{attributes}, com.example.pin=12345")
            links = attributes.replace(", ", ";")
            reader(f'</n/secret{number}>;rel="n#n";self="/l/secret{number}";{links}')
            reader(f'</n/secret{number}?token=secret>;rel="n#n";{links}')
        kept = reader.skeletons.kept  # type: ignore[attr-defined]
        patterns = [skeleton.pattern for skeleton in kept]

    assert 0 < len(patterns) <= skeletons.MOST
    assert not any("secret" in pattern or "123" in pattern for pattern in patterns)


def test_most_entities_of_a_long_listing_are_read_in_one_step() -> None:
    listing = "".join(f'{KIND}\nX-OCCI-Attribute: com.example.a="{n}"\n' for n in range(10_000))
    log = DeviationLog()
    reader = BodyReader(log)
    for block in blocks(listing.encode(), log):
        reader.add_text(block)
    entities = reader.message().resources

    assert [entity.attributes["com.example.a"] for entity in entities] == [str(n) for n in range(10_000)]
    assert 0 < reader._alike.read_the_long_way < len(listing) / 2


@pytest.mark.parametrize("name", SAMPLES)
def test_many_times_the_same_sample_reads_as_the_long_way(name: str) -> None:
    body = (FOLDER / name).read_bytes().rstrip(b"\r\n") + b"\n"
    many = body * 12
    with learning(at_once=False):
        long_way = outcome(lambda log: read_body(blocks(many, log), log))
    with learning(at_once=True):
        short_way = outcome(lambda log: read_body(blocks(many, log, len(body) * 2), log))

    assert short_way == long_way


def test_a_skeleton_that_matches_nothing_any_more_is_dropped_and_lessons_become_rare() -> None:
    reader = text_skeletons.alike_attributes
    text_skeletons.forget()
    lessons = []
    for number in range(4000):
        value = ", ".join(f'com.example.n{number}.a{n}="{n}"' for n in range(40))
        before = reader.skeletons.kept
        assert reader(value) is None
        if reader.skeletons.kept[:1] != before[:1] and reader.skeletons.kept:
            lessons.append(number)

    assert 1 <= len(lessons) <= 4
    assert not reader.skeletons.kept
    text_skeletons.forget()
