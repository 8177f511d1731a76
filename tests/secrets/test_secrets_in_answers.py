"""What answers and logs hand out is learnt in all its forms, bounded in time whatever a site sends."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.occi.secrets_in_answers import learn_from_answer, learn_from_log


@pytest.mark.parametrize(
    ("header", "value", "secret"),
    [
        ("Set-Cookie", "rack.session=c0okie-value-1; Path=/; HttpOnly", "c0okie-value-1"),
        ("X-Subject-Token", "gAAAAABsubject-token", "gAAAAABsubject-token"),
        ("WWW-Authenticate", 'Digest realm="r", nonce="n0nce-value-1", qop="auth"', "n0nce-value-1"),
        ("Authentication-Info", 'rspauth="x", nextnonce="y", cnonce="cn0nce-value-2"', "cn0nce-value-2"),
        (
            "X-OCCI-Attribute",
            'org.openstack.compute.console.vnc="http://h/?token=vnc-t0ken-1"',
            "vnc-t0ken-1",
        ),
        ("X-OCCI-Attribute", 'a="b", occi.compute.userdata="dXNlci1kYXRh"', "dXNlci1kYXRh"),
    ],
)
def test_headers(header: str, value: str, secret: str) -> None:
    learn_from_answer([(header, value)])
    assert masked(f"[{secret}]") == "[<secret>]"


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        ('{"access": {"token": {"expires": "2099", "id": "v2-t0ken-3"}}}', "v2-t0ken-3"),
        ('{"access_token":"acc3ss-t0ken-4", "expires_in": 3}', "acc3ss-t0ken-4"),
        ('{"attributes": {"org.openstack.compute.user_data": "dXNlci1kYXRhMg=="}}', "dXNlci1kYXRhMg=="),
        ("X-OCCI-Attribute: org.openstack.credentials.publickey.data='AAAAB3Nza-key-5'", "AAAAB3Nza-key-5"),
        (r'"{\"org.openstack.compute.console.vnc\": \"vnc-pa55word-6\"}"', "vnc-pa55word-6"),
        ('org.openstack.compute.user_data="' + "cut" * 9 + "off-here", "cut" * 9 + "off-here"),
    ],
)
def test_bodies(body: str, secret: str) -> None:
    learn_from_answer([], body)
    assert masked(f"[{secret}]") == "[<secret>]"


@pytest.mark.parametrize(
    ("log", "secret"),
    [
        ("headers={'X-Auth-Token': 't0ken-in-log-1', 'A': 'b'}", "t0ken-in-log-1"),
        ("send: b'GET / HTTP/1.1\\r\\nAuthorization: Bearer b3arer-in-log-2\\r\\n\\r\\n'", "b3arer-in-log-2"),
        ("header: Set-Cookie: sid=c0okie-in-log-3; Path=/", "c0okie-in-log-3"),
        ("{'Cookie': 'a=b; sid=c0okie-in-log-4'}", "c0okie-in-log-4"),
        ("Authorization: Basic YW5uOmI0c2ljLWluLWxvZy01", "b4sic-in-log-5"),
        ("'-----BEGIN RSA PRIVATE KEY-----\\nMIIEowIBAAKCAQEAlog6\\nMIIE...", "MIIEowIBAAKCAQEAlog6"),
    ],
)
def test_logs_of_other_libraries(log: str, secret: str) -> None:
    learn_from_log(log)
    assert masked(f"[{secret}]") == "[<secret>]"


@pytest.mark.parametrize(
    "sentence",
    [
        "Authorization: the site wants a login, see X-Auth-Token: none given, Cookie: preferences",
        "Set-Cookie: a=1; b=2",
        "X-Auth-Token: <secret>",
    ],
)
def test_sentences_about_headers_teach_nothing(sentence: str) -> None:
    learn_from_log(sentence)
    assert masked(sentence) == sentence


_MEGABYTE = 2**20


@pytest.mark.parametrize(
    ("learn", "piece"),
    [
        (learn_from_log, "-----BEGIN RSA PRIVATE KEY-----\n"),
        (learn_from_log, "'Authorization': "),
        (learn_from_log, "Cookie: a=bbbbbbb; "),
        (lambda text: learn_from_answer([], text), '"token": {"id": '),
        (lambda text: learn_from_answer([], text), 'org.openstack.compute.user_data="\\'),
        (lambda text: learn_from_answer([], text), "org.openstack.compute.user_data='"),
        (lambda text: learn_from_answer([("Set-Cookie", text)]), "a=b;"),
        (lambda text: learn_from_answer([("WWW-Authenticate", text)]), "nonce="),
    ],
)
def test_no_site_makes_the_search_long(learn: Callable[[str], None], piece: str) -> None:
    text = piece * (4 * _MEGABYTE // len(piece))
    began = time.process_time()
    learn(text)
    assert time.process_time() - began < 2.0
