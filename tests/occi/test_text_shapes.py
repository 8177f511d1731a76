"""Reading by shape gives what the tolerant readers give, whatever the value; and what is kept stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from OcciLibrary.occi import TEXT_PLAIN, RenderingError, read, text_shapes
from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.text_body_reading import read_body
from OcciLibrary.occi.text_fields import (
    read_attributes,
    read_categories,
    read_links,
    tolerant_attributes,
    tolerant_categories,
    tolerant_links,
)
from OcciLibrary.occi.text_reading import FieldReader
from OcciLibrary.occi.text_shapes import Memo, common_attribute, common_categories, common_link

Reader = Callable[[str, DeviationLog], Iterable[object]]

words = st.sampled_from(
    ["compute", "a", "1", "", "s#", "kind", "mixin", "Action", "start", "x y", "a,b", "a;b=c", "a=<b>", "http: //h/",
     "http://h/c/1?action=start", "/c?action=", "s/action#up", "a{immutable} b{required x}", "e\u0301", "\\", '\\"', "\t",
     " a", "\x0b", "\x85", "2", "1.5", "-3", "9" * 400]
)  # fmt: skip
names = st.sampled_from(
    ["scheme", "class", "title", "rel", "location", "attributes", "actions", "self", "category", "occi.core.id",
     "occi.compute.cores", "com.example.a", "com.example.b", "Title", "x", "", "occi.compute.state", "\u00e9.x"]
)  # fmt: skip
gaps = st.sampled_from(["", "", "", "", " ", "  ", "\t"])
quotes = st.sampled_from(['"', '"', '"', '"', ""])
separators = st.sampled_from([";", ";", ";", ";", ",", "", ";;"])


def parameter(name: str, quote: str, word: str, before: str, gap: str, separator: str) -> str:
    return f"{separator}{gap}{name}={before}{quote}{word}{quote}"


parameters = st.builds(parameter, names, quotes, words, gaps, gaps, separators)
heads = st.one_of(words, st.builds("<{}>".format, words))
value = st.builds(
    lambda head, rest, end: head + "".join(rest) + end, heads, st.lists(parameters, max_size=7), gaps
)


def in_order(word: str, texts: list[str], optional: list[bool], gap: str) -> str:
    """Writes a category as the grammar wants it, with some of the optional parameters."""
    wanted = ["title", "rel", "location", "attributes", "actions"]
    pairs = [("scheme", texts[0] + "#"), ("class", ("kind", "mixin", "action")[len(word) % 3])]
    pairs += [
        pair for pair, given_too in zip(zip(wanted, texts, strict=False), optional, strict=False) if given_too
    ]
    return word + "".join(f';{gap}{name}="{text}"' for name, text in pairs)


def common_form(target: str, texts: list[str], some: list[str], gap: str) -> str:
    """Writes a link as the grammar wants it: rel, self, category, then attributes."""
    pairs = [
        *zip(("rel", "self", "category", "title"), texts, strict=False),
        *((name, texts[0]) for name in some),
    ]
    return f"<{target}>" + "".join(f';{gap}{name}="{text}"' for name, text in pairs)


legal_categories = st.builds(
    in_order, st.sampled_from(["a", "compute", "os_tpl"]), st.lists(words, min_size=5, max_size=5),
    st.lists(st.booleans(), min_size=5, max_size=5), gaps,
)  # fmt: skip
legal_links = st.builds(
    common_form, words, st.lists(words, min_size=1, max_size=4), st.lists(names, max_size=4), gaps
)
legal_attributes = st.builds(lambda name, quote, word: f"{name}={quote}{word}{quote}", names, quotes, words)
plain_pairs = st.lists(st.tuples(names, st.sampled_from(["kind", "s#", "a b", "/c/", "1"])), max_size=6)
well_quoted = st.builds(
    lambda head, gap, pairs: head + "".join(f';{gap}{name}="{text}"' for name, text in pairs),
    st.sampled_from(
        ['a;scheme="s#";class="kind"', 'a;scheme="s#"', '</n>;rel="s#n"', '</c?action=up>; rel="s#up"']
    ),
    gaps,
    plain_pairs,
)
item = st.one_of(value, legal_categories, legal_links, legal_attributes, well_quoted)


def mutated(text: str, place: int, what: str, length: int) -> str:
    at = place % (len(text) + 1)
    return text[:at] + what + text[at + length :]


mutations = st.sampled_from(
    ["", '"', '""', ";", ",", " ", "\\", "<", ">", "=", "\t", ", ", '",', ',"', " ,<"]
)
values = st.one_of(
    item,
    st.lists(item, max_size=4).map(", ".join),
    st.lists(item, max_size=4).map(",".join),
    st.builds(
        mutated,
        st.lists(item, min_size=1, max_size=3).map(", ".join),
        st.integers(0, 400),
        mutations,
        st.integers(0, 3),
    ),
)


def outcome(reader: Reader, text: str) -> tuple[Any, ...]:
    """Gives all that can be told from outside: the values with their types, the deviations, the error."""
    log = DeviationLog()
    try:
        return repr(list(reader(text, log))), log.notes()
    except RenderingError as error:
        return str(error), error.field, error.position, error.expected


@settings(max_examples=1000, deadline=None)
@given(values)
@example('</n>;rel="s#n""')
@example('</n>;rel="s#n";category="s#l";self="/l"')
@example('</c?action=up&force=1>;rel="s#up"')
@example('</c?action=up#x>;rel="s#up"')
@example('a="1"x, b="2"')
@example('</n>;rel="s#n""x')
@example('a;scheme="s#";class="kind""')
@example('a="1",')
@example('a="1", ,b=2')
@example('a=1 b="2"')
@example(',a="1"')
def test_reading_by_shape_gives_what_tolerant_reading_gives(text: str) -> None:
    stripped = text.strip(" \t")

    assert outcome(read_links, stripped) == outcome(tolerant_links, stripped)
    assert outcome(read_attributes, stripped) == outcome(tolerant_attributes, stripped)
    for _ in range(2):  # read, and then remembered
        assert outcome(lambda value, log: read_categories(value, log).all, stripped) == outcome(
            tolerant_categories, stripped
        )


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["Category", "Link", "X-OCCI-Attribute", "X-OCCI-Location"]), values),
        min_size=1,
        max_size=3,
    )
)
@example([("X-OCCI-Attribute", 'a="1"'), ("X-OCCI-Attribute", 'a="2"'), ("X-OCCI-Attribute", "a=2")])
@example(
    [
        ("X-OCCI-Location", "http://h/a,b"),
        ("X-OCCI-Location", "/c"),
        ("X-OCCI-Location", "/x-OCCI-Location:/d"),
    ]
)
@example(
    [("Category", 'a;scheme="s#";class="kind"'), ("X-OCCI-Attribute", "a=1")] * 2
    + [("X-OCCI-Location", "/c")]
)
@example([("X-OCCI-Attribute", 'a="x\\\\y"'), ("X-OCCI-Attribute", 'occi.compute.cores="2"')])
def test_the_short_way_of_a_line_leads_where_the_long_way_does(fields: list[tuple[str, str]]) -> None:
    fields = [(name, text.strip(" \t")) for name, text in fields if not text.rstrip(" \t").endswith("\\")]

    def long_way(_: str, log: DeviationLog) -> Iterable[object]:
        reader = FieldReader(log, several=True)
        for name, text in fields:
            reader.add(name, text)
        return [reader.message() if fields else None]

    def short_way(body: str, log: DeviationLog) -> Iterable[object]:
        return [read_body([body], log)]

    body = "\n".join(f"{name}: {text}" for name, text in fields)
    assert outcome(short_way, body) == outcome(long_way, body)


@settings(max_examples=500, deadline=None)
@given(item)
def test_what_is_of_the_common_form_departs_from_nothing(text: str) -> None:
    stripped = text.strip(" \t")

    for common, tolerant in (
        (common_categories, tolerant_categories),
        (common_link, tolerant_links),
        (common_attribute, tolerant_attributes),
    ):
        one = common(stripped)
        if one:
            shown = one if isinstance(one, list) else [one]
            assert outcome(tolerant, stripped) == (repr(shown), ())


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (common_categories, 'compute; scheme="s#"; class="kind"; title="a, b; c"; rel="s#r"; location="/c/"; attributes="a b{immutable}"; actions="s#a"'),
        (common_categories, 'compute;scheme="s#";class="mixin"'),
        (common_link, '</n/1>; rel="s#n"; self="/l/1"; category="s#l s#m"; occi.core.id="1"; com.example.a="x, y"'),
        (common_link, '<http://h/c/1?action=start>;rel="s/action#start"'),
        (common_attribute, 'occi.core.title="a, b = c"'),
        (common_attribute, "occi.compute.memory=2.50000"),
    ],
)  # fmt: skip
def test_what_most_sites_send_is_of_the_common_form(reader: Callable[[str], object], text: str) -> None:
    assert reader(text)


def test_what_is_kept_is_bounded_and_holds_no_value_of_an_attribute() -> None:
    text_shapes.forget()
    for number in range(3000):
        body = (
            f'Category: c{number}; scheme="s#"; class="kind"\n'
            f'Link: </n/{number}>; rel="s#{number}"; com.example.a{number}="secret{number}"; a.b=secret{number}\n'
            f'X-OCCI-Attribute: com.example.b{number}="secret{number}"\n'
            f"X-OCCI-Attribute: com.example.c{number}=secret{number}\n"
            f'X-OCCI-Attribute: com.example.d{number}="secret{number}", e="secret,{number}"\n'
        )
        read(TEXT_PLAIN, [], body.encode())
    read(TEXT_PLAIN, [], f'Category: c; scheme="s#"; class="kind"; title="{"long" * 5000}"\n'.encode())

    memos = text_shapes.memos()
    assert sum(map(len, memos)) > 1000
    for memo in memos:
        assert len(memo) <= 1000
        assert "secret" not in repr(memo)
        assert "long" * 1100 not in repr(memo)


def test_a_memo_forgets_rather_than_grow_and_keeps_no_failure() -> None:
    asked: list[int] = []
    memo: Memo[int, int | None] = Memo(lambda key: asked.append(key) or (key if key % 2 else None), 2)

    assert [memo[key] for key in (1, 1, 2, 2, 3, 5)] == [1, 1, None, None, 3, 5]
    assert asked == [1, 2, 2, 3, 5]
    assert dict(memo) == {5: 5}
