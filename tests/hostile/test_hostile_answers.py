"""Answers that are made to harm: each ends in time in an error that a tester can read, or is read, in little memory."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.looking import Look, Looker
from tests.occi.scripted_site import Drip, Endless, Reply, scripted

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured by /proc")
TEXT = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/occi+json\r\n"
CHUNKED = TEXT + b"Transfer-Encoding: chunked\r\n\r\n"
URL = b"http://cloud.example.org:8787/compute/78e51061-7311-d8a3-c2ce-"
WIDE = "\N{GRINNING FACE}".encode()
MEGABYTES = 150
TIME_OUT = 1.5


def whole(head: bytes, body: bytes) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def packed(times: int) -> bytes:
    content = b"\0" * 2**20
    for _ in range(times):
        content = gzip.compress(content)
    encodings = b", ".join([b"gzip"] * times)
    return whole(TEXT + b"Content-Encoding: %s\r\n" % encodings, content)


def joined(mark: bytes, template: bytes, count: int) -> bytes:
    return mark.join(template % number for number in range(count))


@pytest.fixture(scope="module")
def look() -> Iterator[Looker]:
    looker = Looker()
    yield looker
    looker.close()


def looked(look: Looker, reply: Reply, media_type: str = "text/plain") -> Look:
    with scripted() as site:
        site.on("/compute/", reply)
        seen = look(site.url, TIME_OUT, media_type)
    assert seen.error != "crash"
    assert seen.peak < MEGABYTES
    assert seen.words.isprintable()
    assert len(seen.words) < 600
    assert "Traceback" not in seen.words
    return seen


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Endless(TEXT + b"Content-Length: 1073741824\r\n\r\n"), "is over 10 MB and was cut off"),
        (Endless(TEXT + b"\r\n"), "is over 10 MB and was cut off"),
        (Endless(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"), "is over 10 MB and was cut off"),
        (Endless(CHUNKED + b"FFFFFFFFFFFFFFFFFFFFFFFF\r\n"), "is over 10 MB and was cut off"),
        (Endless(CHUNKED + b"-5\r\n", b"abc\r\n"), "was not complete after 1.5 seconds"),
        (Endless(CHUNKED + b"5;"), "is cut into chunks that are none of HTTP"),
        (Endless(CHUNKED + b"0\r\n", b"X: y\r\n" * 8000), "was not complete after 1.5 seconds"),
        (whole(TEXT + b"Content-Encoding: gzip\r\n", gzip.compress(b"\0" * 2**24, 1) * 64), "is over 10 MB"),
        (whole(TEXT + b"Content-Encoding: deflate\r\n", zlib.compress(b"\0" * 2**27, 1)), "is over 10 MB"),
        (packed(6), "is compressed in a way that cannot be read"),
        (whole(TEXT + b"Content-Encoding: br\r\n", b"hello"), "is encoded as 'br', for which nobody asked"),
        (whole(TEXT + b"Content-Encoding: zstd\r\n", b"hello"), "is encoded as 'zstd'"),
        (Endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 8000), "its header has more than 10000 fields"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n", "its header has more than 10000 fields"),
        (Endless(b"HTTP/1.1 200 OK\r\nA: b\r\n", b" x\r\n" * 8000), "its header has more than 10000 fields"),
        (Endless(b"HTTP/1.1 200 OK\r\nX-A: "), "its header is over 4 MB and was cut off"),
        (Endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "more than 20 interim answers"),
        (Endless(b"", b"HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n" * 100), "more than 20 interim answers"),
        (Endless(b""), "its header is over 4 MB"),
        (Endless(b"", b"\n"), r"its first line is '\n'"),
        (Drip(b"HTTP/1.1 200 OK\r\n" * 9, every=1.0), "no answer in time"),
        (Drip(b"x" * 9, TEXT + b"\r\n", every=1.0), "was not complete after 1.5 seconds"),
    ],
)
def test_answer_without_end_or_sense_is_told_in_time(look: Looker, reply: Reply, words: str) -> None:
    seen = looked(look, reply)
    assert words in seen.words
    assert seen.seconds < TIME_OUT + 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\0" * 1000, "no line is an OCCI field"),
        ("X-OCCI-Location: http://a/1\n".encode("utf-16"), "the body is UTF-16. Expected UTF-8"),
        (b"Category: " + b"," * 10**7, "is of 10000001 lines or values, more than the 320000 that are read"),
        (b'Category: a; scheme="b#"; attributes="' + b"a " * 4 * 10**6 + b'"', "lines or values"),
        (b'X-OCCI-Attribute: a="' + b"\\x" * 5 * 10**6 + b'"', "lines or values"),
        (b'X-OCCI-Attribute: a="' + WIDE + b"x" * 10**7 + b'"', "takes more than 12 MB as text"),
        (b"X-OCCI-Attribute: occi.compute.cores=" + b"1" * 10**7, "is a number of 10000000 characters"),
        (b"X-OCCI-Attribute: occi.compute.cores=1e999", "occi.compute.cores is '1e999'"),
        (b"X-OCCI-Location: http://a/" + b"x" * 10**7, "a location has no end"),
    ],
)
def test_body_of_text_that_no_site_can_mean_is_refused(look: Looker, body: bytes, words: str) -> None:
    assert words in looked(look, whole(TEXT, body)).words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" * 10_000 + b"]" * 10_000, "JSON, at character 65: objects and arrays are nested too deep"),
        (b"[" * 10**7, "lines or values"),
        (b"[" + b"{}," * 10**6 + b"1]", "lines or values"),
        (b"1" * 10**7, "a number has 10000000 digits"),
        (b'{"kind":"a#b","attributes":{"x":1e400}}', "attributes.x: the value is inf, or too large"),
        (b'{"kind":"a#b","attributes":{"x":NaN}}', "attributes.x: the value is nan"),
        (b'{"kind":"a#b","attributes":{"x":-Infinity}}', "attributes.x: the value is -inf"),
        (b'{"kind":"a#b","attributes":{"x":' + b"1" * 10_000 + b"}}", "at character 33: a number has 10000"),
        (b'["' + WIDE + b"x" * 10**7 + b'"]', "takes more than 12 MB as text"),
        ('["http://a/1"]'.encode("utf-16"), "the body is UTF-16"),
        ('["http://a/1"]'.encode("utf-32"), "the body is UTF-16"),
    ],
)
def test_body_of_json_that_no_site_can_mean_is_refused(look: Looker, body: bytes, words: str) -> None:
    assert words in looked(look, whole(JSON, body), "application/occi+json").words


@pytest.mark.parametrize(
    "body",
    [
        b'Category: a; scheme="b#"' + joined(b"", b";a%d=1", 300_000),
        joined(b"\n", b"X-OCCI-Location: http://a/%d", 159_000),
        b"X-OCCI-Location: " + joined(b",", b"http://a/%d", 300_000),
        b"Link: <a>\n" * 150_000,
        joined(b"\n", b"X-OCCI-Attribute: a%d=1", 150_000),
        b'X-OCCI-Attribute: a="' + b"x" * 10**7 + b'"',
        b'X-OCCI-Attribute: a="' + WIDE + b"x" * 3 * 10**6 + b'"',
        b'Category: a; scheme="b#"; attributes="' + b"a " * 310_000 + b'"',
    ],
)
def test_text_at_the_bounds_takes_little_memory(look: Looker, body: bytes) -> None:
    looked(look, whole(TEXT, body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"resources":[' + joined(b",", b'{"kind":"a#b%d"}', 155_000) + b"]}",
        b'{"kind":"a#b","links":[' + joined(b",", b'{"id":"%d"}', 155_000) + b"]}",
        b'{"kind":"a#b","attributes":{' + joined(b",", b'"a%d":1', 310_000) + b"}}",
        b'{"kind":"a#b","attributes":{' + joined(b",", b'"a%d":{"b":{"c":1}}', 100_000) + b"}}",
        b'{"kind":"a#b","attributes":{"x":"' + b"\\ud800" * 1_600_000 + b'"}}',
        b"[" + joined(b",", b'"http://a/%d' + "\u0100".encode() * 8 + b'"', 160_000) + b"]",
    ],
)
def test_json_at_the_bounds_takes_little_memory(look: Looker, body: bytes) -> None:
    looked(look, whole(JSON, body), "application/occi+json")


@pytest.mark.parametrize(
    ("head", "body", "media_type"),
    [
        (TEXT, joined(b"\n", b"X-OCCI-Location: " + URL + b"%012d", 100_000), "text/plain"),
        (TEXT.replace(b"plain", b"uri-list"), joined(b"\n", URL + b"%012d", 100_000), "text/uri-list"),
        (JSON, b'["' + joined(b'","', URL + b"%012d", 100_000) + b'"]', "application/occi+json"),
        (
            JSON,
            json.dumps(
                {
                    "resources": [
                        {"kind": "http://x#compute", "location": f"http://a/{n}"} for n in range(100_000)
                    ]
                }
            ).encode(),
            "application/occi+json",
        ),
    ],
)
def test_listing_of_a_hundred_thousand_vms_is_read(
    look: Looker, head: bytes, body: bytes, media_type: str
) -> None:
    assert looked(look, whole(head, body), media_type).listed == 100_000


@pytest.mark.parametrize(
    "fields",
    [
        [b'Category: c%d; scheme="http://x#"; class="mixin"' % number for number in range(1000)],
        [b"X-OCCI-Location: http://a/%d" % number for number in range(9000)],
        [b"X-OCCI-Location: " + joined(b",", b"http://a/%d", 100_000)],
        [b"Set-Cookie: a=b; expires=Wed, 21 Oct 2099 07:28:00 GMT"] * 2000,
    ],
)
def test_header_of_many_fields_is_read(look: Looker, fields: list[bytes]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/occi\r\n" + b"".join(f + b"\r\n" for f in fields)
    seen = looked(look, whole(head, b""), "text/occi")
    assert seen.error == ""
    assert seen.listed == {1: 100_000, 9000: 9000}.get(len(fields), 0)
