"""Each rule of the lint by an example: the rule alone is found, at the place of the smallest wrong piece."""

from __future__ import annotations

import json

import pytest

from OcciLibrary.lint import EDITIONS, RULES, lint_bytes
from OcciLibrary.lint.rules import Edition

I = "http://schemas.ogf.org/occi/infrastructure"  # noqa: E741 - the reference's own name for it
KIND = f'Category: compute; scheme="{I}#"; class="kind"\n'
PLAIN, OCCI, URIS, JSON = "text/plain", "text/occi", "text/uri-list", "application/occi+json"
ENTITY = {"kind": f"{I}#compute", "id": "1"}

# Media type, text with the wrong piece between « and », the rules that are found.
Case = tuple[str, str, set[str]]
TEXT: tuple[Case, ...] = (
    (PLAIN, "Category: «compute»\n", {"missing-scheme", "missing-class"}),
    (PLAIN, f"«Server: x»\n{KIND}", {"unknown-field"}),
    (PLAIN, "«hello»\n", {"no-occi-field"}),
    (PLAIN, f'«X-OCCI-Category»: compute; scheme="{I}#"; class="kind"\n', {"renamed-field"}),
    (PLAIN, f'«"Category"»: compute; scheme="{I}#"; class="kind"\n', {"quoted-field-name"}),
    (PLAIN, f"« »{KIND}", {"leading-blank"}),
    (PLAIN, f"«»\n{KIND}", {"blank-first-line"}),
    (PLAIN, f'Category: compute;\n« scheme="{I}#"; class="kind"»\n', {"folded-line"}),
    (PLAIN, f'Category: compute; «\\»\n scheme="{I}#"; class="kind"\n', {"backslash-continuation"}),
    (PLAIN, "X-OCCI-Location: http://a/1«X-OCCI-Location:» http://a/2\n", {"missing-line-end"}),
    (PLAIN, "X-OCCI-Attribute: com.x=1«, ,»com.y=2\n", {"empty-list-item"}),
    (PLAIN, "X-OCCI-Attribute: «»\n", {"missing-value"}),
    (PLAIN, f'Category: compute; scheme="{I}#"; class="kind"«;»\n', {"trailing-semicolon"}),
    (PLAIN, f'Category: compute; scheme="{I}#" «class»="kind"\n', {"missing-semicolon"}),
    (PLAIN, 'X-OCCI-Attribute: com.x=1, com.y=«"open»\n', {"unclosed-quote"}),
    (PLAIN, 'X-OCCI-Attribute: com.x="a «"»b" c"\n', {"unclosed-quote"}),
    (PLAIN, 'X-OCCI-Attribute: com.x="a«\\n»b"\n', {"needless-escape"}),
    (PLAIN, f'Category: compute; «loose»; scheme="{I}#"; class="kind"\n', {"misplaced-word"}),
    (PLAIN, f'Category: compute; scheme="{I}#"; «"class=kind"»\n', {"quote-around-param"}),
    (PLAIN, f'Category: compute; scheme="{I}#"; class="kind"; title=«VM»\n', {"unquoted-parameter"}),
    (PLAIN, f'Category: compute; scheme="{I}#"; class="kind"; «class="kind"»\n', {"repeated-parameter"}),
    (PLAIN, f'Category: compute; class="kind"; «scheme»="{I}#"\n', {"parameter-order"}),
    (PLAIN, 'Category: small; scheme="«http: //»x.org/a#"; class="mixin"\n', {"space-inside-uri"}),
    (PLAIN, 'Category: small; scheme=«"x.org/a#"»; class="mixin"\n', {"no-uri"}),
    (
        PLAIN,
        'Category: a; scheme="http://x.org/a#"; class="mixin"; rel="«os_tpl»"\n',
        {"no-type-identifier"},
    ),
    (PLAIN, f'Category: «scheme="{I}#"; class="kind"»\n', {"missing-term"}),
    (PLAIN, 'Category: «a:b»; scheme="http://x.org/a#"; class="mixin"\n', {"illegal-term"}),
    (PLAIN, 'Category: a; scheme=«"http://x.org/a"»; class="mixin"\n', {"scheme-without-hash"}),
    (PLAIN, 'Category: a; scheme="http://x.org/a#"; class=«"template"»\n', {"unknown-class"}),
    (PLAIN, 'Category: a; scheme="http://x.org/a#"; class="mixin"; «colour»="red"\n', {"unknown-parameter"}),
    (
        PLAIN,
        'Category: a; scheme="http://x.org/a#"; class="mixin"; attributes="com.x{«secret»} com.y{required}"\n',
        {"unknown-attribute-property"},
    ),
    (PLAIN, "X-OCCI-Attribute: «com/x»=1\n", {"illegal-attribute-name"}),
    (
        PLAIN,
        f'Category: a; scheme="http://x.org/a#"; class="mixin"; rel="{I}#os_tpl «{I}#compute»"\n',
        {"several-rel"},
    ),
    (
        PLAIN,
        f'Category: «vm»; scheme="http://x.org/a#"; class="kind"; rel="{I}#compute"\n',
        {"kind-without-location"},
    ),
    (
        PLAIN,
        f'Category: compute; scheme="{I}#"; class="kind"; «small»; scheme="http://x.org/a#"; class="mixin"\n',
        {"semicolon-separated-categories"},
    ),
    (PLAIN, f'{KIND}Category: «compute»; scheme="{I}#"; class="kind"\n', {"duplicate-category"}),
    (
        PLAIN,
        f'{KIND}X-OCCI-Attribute: com.x=1\nCategory: «compute; scheme="{I}#"; class="kind"»\nX-OCCI-Attribute: com.x=2\n',
        {"several-entities"},
    ),
    (PLAIN, f'Link: «rel="{I}#network"»\n', {"missing-target"}),
    (PLAIN, "Link: «</network/1>»\n", {"link-without-rel"}),
    (PLAIN, f'Link: <«/compute/1»>; rel="{I}/compute/action#stop"\n', {"action-link-without-query"}),
    (PLAIN, f'Link: </c/1?action=stop>; rel="«{I}/compute/action#start»"\n', {"action-term-mismatch"}),
    (PLAIN, 'X-OCCI-Attribute: «"com.x"»=1\n', {"quoted-attribute-name"}),
    (PLAIN, "X-OCCI-Attribute: occi.compute.hostname=«foobar»\n", {"unquoted-string"}),
    (PLAIN, "X-OCCI-Attribute: occi.core.id=«456»\n", {"unquoted-string"}),
    (PLAIN, 'X-OCCI-Attribute: occi.compute.cores=«"2"»\n', {"quoted-number"}),
    (PLAIN, "X-OCCI-Attribute: occi.compute.memory=«1e3»\n", {"number-format"}),
    (PLAIN, 'X-OCCI-Attribute: occi.compute.cores=«"two"»\n', {"wrong-type"}),
    (PLAIN, 'X-OCCI-Attribute: occi.compute.architecture=«"x86_64"»\n', {"unknown-value"}),
    (PLAIN, "X-OCCI-Attribute: «occi.compute.colour»=1\n", {"unknown-attribute"}),
    (PLAIN, "X-OCCI-Attribute: com.x=1\nX-OCCI-Attribute: «com.x=2»\n", {"repeated-attribute"}),
    (PLAIN, "X-OCCI-Location: «<http://a/1>»\n", {"delimited-location"}),
    (PLAIN, 'X-OCCI-Attribute: com.x="a«\x01»"\n', {"control-character"}),
    (OCCI, 'Content-Type: text/occi\nX-OCCI-Attribute: com.x="«ü»"\n', {"non-ascii-header"}),
    (OCCI, "Location: http://a/1\nLocation: «http://a/2»\n", {"locations-in-location-field"}),
    (OCCI, f"Content-Type: text/occi\n\nCategory: «{KIND[10:-1]}»\n", {"fields-in-body"}),
    (URIS, "http://a/1\n«/compute/2»\n", {"relative-location"}),
    (URIS, "http://a/1\n«compute 2»\n", {"no-uri"}),
    ("", "HTTP/1.1 200 OK\nContent-Type: text/occi\nX-OCCI-Attribute: com.x=1\n\n«»", {"text-occi-body"}),
    (
        "",
        f"HTTP/1.1 200 OK\nServer: «Apache»\nContent-Type: text/plain\n\n{KIND}",
        {"server-without-version"},
    ),
    ("", f"HTTP/1.1 200 OK\nContent-Type: «text/html»\n\n{KIND}", {"no-occi-rendering"}),
    ("", f"HTTP/1.1 200 OK\nContent-Type: «text/plain, text/occi»\n\n{KIND}", {"media-type-list"}),
    ("", f"HTTP/1.1 200 OK\nContent-Type: «text/plain; charset=latin-1»\n\n{KIND}", {"other-charset"}),
    ("", f"HTTP/1.1 200 OK\n\n«C»{KIND[1:]}", {"missing-content-type"}),
    (
        "",
        "HTTP/1.1 200 OK\nContent-Type: text/plain\nX-OCCI-Attribute: «com.x=1»\n\n",
        {"fields-in-headers"},
    ),
    ("", "HTTP/1.1 200 OK\nContent-Type: application/occi+json\n\n«OK»", {"ok-body-in-json"}),
    ("", "HTTP/1.1 200 OK\nContent-Type: «application/occi-entity+json»\n\n{}", {"draft-media-type"}),
)


def marked(text: str, *wrong: str) -> str:
    """Puts the marks around the last of the wrong pieces."""
    begin = text.rindex(wrong[-1])
    return f"{text[:begin]}«{wrong[-1]}»{text[begin + len(wrong[-1]) :]}"


def entity(wrong: str, **more: object) -> str:
    return marked(json.dumps({**ENTITY, **more}, ensure_ascii=False), wrong)


def category(sort: str, wrong: str, **more: object) -> str:
    one = {"term": "vm", "scheme": "http://x.org/a#", "location": "/vm/", **more}
    return marked(json.dumps({sort: [one]}), wrong)


LINK = {
    "kind": f"{I}#networkinterface",
    "id": "2",
    "source": {"location": "/c/1"},
    "target": {"location": "/n/1"},
}
IN_JSON: tuple[Case, ...] = (
    (JSON, '{"kind": "x",«}»', {"no-json"}),
    (JSON, f'{{"kind": "{I}#compute", "id": "1", «"id"»: "1"}}', {"repeated-member"}),
    (JSON, '{"kind": "' + I + '#compute", "id": «"\\ud800"»}', {"lone-surrogate"}),
    (JSON, '«{"hello": 1}»', {"unknown-document"}),
    (JSON, f'«{{»"kind": "{I}#compute"}}', {"missing-member"}),
    (JSON, entity('"colour"', colour=1), {"unknown-member"}),
    (JSON, entity("5", title=5), {"wrong-member-type"}),
    (JSON, entity('"location"', location="/c/1"), {"location-in-entity"}),
    (JSON, "«[»" + json.dumps([ENTITY])[1:], {"bare-array"}),
    (JSON, '{«"model"»: []}', {"model-wrapper"}),
    (JSON, category("kinds", '"related"', related=[]), {"related-member"}),
    (JSON, entity('"com"', attributes={"com": {"x": 1}}), {"nested-attributes"}),
    (JSON, category("kinds", "[", attributes=["com.x"]), {"attributes-as-array"}),
    (
        JSON,
        category("kinds", '"Mutable"', attributes={"com.x": {"Mutable": True}}),
        {"capitalised-properties"},
    ),
    (
        JSON,
        category("kinds", '"a+"', attributes={"com.x": {"pattern": "a+", "type": "string"}}),
        {"pattern-as-string"},
    ),
    (
        JSON,
        category("kinds", '"integer"', attributes={"com.x": {"type": "integer"}}),
        {"unknown-attribute-type"},
    ),
    (JSON, entity("null", attributes={"com.x": None}), {"null-attribute"}),
    (JSON, entity('"/link/1"', links=["/link/1"]), {"link-as-string"}),
    (JSON, marked(json.dumps({**LINK, "source": "/c/1"}), '"/c/1"'), {"end-as-string"}),
    (JSON, entity("{", actions=[{"term": "stop"}]), {"action-as-object"}),
    (JSON, entity("{", mixins=[{"term": "small"}]), {"category-as-object"}),
    (JSON, marked(json.dumps({"resources": [], "action": "x"}), '"action"'), {"action-in-collection"}),
    (JSON, entity('"2"', attributes={"occi.core.id": "2"}), {"conflicting-member"}),
    (JSON, entity('"waiting"', attributes={"occi.compute.state": "waiting"}), {"unknown-value"}),
    (JSON, entity('"2"', attributes={"occi.compute.cores": "2"}), {"number-as-string"}),
)


def found(media_type: str, text: str, editions: tuple[Edition, ...] = ()) -> list[tuple[str, int, int]]:
    findings = lint_bytes(text.encode("utf-8", "surrogatepass"), media_type, editions)
    return [(one.rule, one.place.begin, one.place.end) for one in findings]


@pytest.mark.parametrize(("media_type", "text", "rules"), [*TEXT, *IN_JSON])
def test_the_rule_is_found_at_the_wrong_piece(media_type: str, text: str, rules: set[str]) -> None:
    begin, end = text.index("«"), text.index("»") - 1
    plain = text.replace("«", "").replace("»", "")

    findings = found(media_type, plain)

    assert {rule for rule, _, _ in findings} == rules
    assert (begin, end) in [one[1:] for one in findings], findings


# Rules of one edition alone, and those that only bytes or a refusing reader can show.
OF_ONE_EDITION = {"reserved-scheme", "location-without-slash", "entity-with-location"}
SHOWN_ELSEWHERE = {"not-utf-8", "unreadable"}


def test_every_rule_has_an_example() -> None:
    shown = {rule for _, _, rules in (*TEXT, *IN_JSON) for rule in rules}

    assert shown | OF_ONE_EDITION | SHOWN_ELSEWHERE == RULES.keys()


@pytest.mark.parametrize(
    ("line", "rule", "broken_in"),
    [
        ('Category: 42; scheme="http://x.org/a#"; class="mixin"', "illegal-term", ("1.1",)),
        ("X-OCCI-Attribute: com.Example=1", "illegal-attribute-name", ("1.1",)),
        (f'Category: ipreservation; scheme="{I}#"; class="kind"', "reserved-scheme", ("1.2",)),
        (f'Link: </a>; rel="{I.replace("ruct", "uct")}#compute"', "reserved-scheme", ("1.2",)),
        (
            'Category: a; scheme="http://x.org/a#"; class="mixin"; location="/a"',
            "location-without-slash",
            ("1.1",),
        ),
        (
            'Category: entity; scheme="http://schemas.ogf.org/occi/core#"; class="kind"; location="/entity/"',
            "entity-with-location",
            ("1.2",),
        ),
        ("X-OCCI-Attribute: occi.compute.speed=1.0", "unknown-attribute", ("1.2",)),
        ('X-OCCI-Attribute: occi.compute.state="error"', "unknown-value", ("1.1",)),
        ('X-OCCI-Attribute: occi.storage.state="backup"', "unknown-value", ("1.2",)),
    ],
)
def test_what_one_edition_allows_is_a_finding_in_the_other_alone(
    line: str, rule: str, broken_in: tuple[Edition, ...]
) -> None:
    for edition in EDITIONS:
        findings = lint_bytes(line.encode(), PLAIN, (edition,))
        assert [one.rule for one in findings] == ([rule] if edition in broken_in else [])
        assert all(dict(one.clauses).get(edition) for one in findings)
    assert found(PLAIN, line, EDITIONS) == []


def test_the_edition_is_what_the_server_says() -> None:
    answer = "HTTP/1.1 200 OK\nServer: x OCCI/{}\nContent-Type: text/plain\n\nX-OCCI-Attribute: occi.compute.speed=1.0"

    assert found("", answer.format("1.1")) == []
    assert [rule for rule, _, _ in found("", answer.format("1.2"))] == ["unknown-attribute"]
    assert found("", answer.format("1.1 OCCI/1.2")) == []


def test_bytes_that_are_no_utf_8_and_texts_that_no_client_reads_are_findings() -> None:
    in_latin = b'X-OCCI-Attribute: com.x="\xfc"'

    assert [(one.rule, one.place.column) for one in lint_bytes(in_latin, PLAIN)] == [("not-utf-8", 26)]
    assert [rule for rule, _, _ in found(PLAIN, f"{KIND}Link: </a>; \x0b\n")] == ["unreadable"]


def test_lines_end_at_crlf_and_cr_and_columns_count_characters() -> None:
    findings = lint_bytes(
        '\ufeffX-OCCI-Attribute: com.x="ü𝄞", com.y=a\r\rLink: </a>\r\nhello'.encode(), PLAIN
    )

    assert [(one.rule, one.place.line, one.place.column) for one in findings] == [
        ("unquoted-string", 1, 37),
        ("link-without-rel", 3, 7),
        ("unknown-field", 4, 1),
    ]


def test_of_a_rule_broken_over_and_over_the_rest_is_counted() -> None:
    findings = lint_bytes(b"X-OCCI-Attribute: com.x=1;\n" * 500, PLAIN)

    assert len(findings) == 100
    assert findings[-1].message.endswith("(and 400 more of the kind)")


def test_an_error_answer_is_no_rendering() -> None:
    assert found("", "HTTP/1.1 401 No\nServer: OCCI/1.1\nContent-Type: text/html\n\n<html>") == []


def test_a_request_needs_no_id_and_no_source() -> None:
    request = {
        "kind": f"{I}#compute",
        "links": [{"kind": f"{I}#storagelink", "target": {"location": "/storage/1"}}],
    }

    assert lint_bytes(json.dumps(request).encode(), JSON, direction="request") == ()
    assert [one.rule for one in lint_bytes(json.dumps(request).encode(), JSON)] == ["missing-member"] * 3
