"""Secrets are found in every shape that a log gives them, and nothing else is taken away."""

from __future__ import annotations

import base64
import html
import json
import threading
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from OcciLibrary.occi.known_secrets import KnownSecrets
from OcciLibrary.occi.secret_forms import is_common

# Longer than what chance would find, with everything that some encoding changes.
_SECRETS = st.text(st.characters(codec="utf-8"), min_size=6, max_size=60).filter(
    lambda text: len(text.strip()) >= 6 and text == text.strip() and not is_common(text)
)


def knowing(*secrets: str) -> KnownSecrets:
    known = KnownSecrets()
    for secret in secrets:
        known.learn(secret)
    return known


@settings(max_examples=150, deadline=None)
@given(secret=_SECRETS, before=st.text(max_size=4), after=st.text(max_size=4))
def test_a_secret_is_found_in_every_encoding_at_every_place(secret: str, before: str, after: str) -> None:
    known = knowing(secret)
    whole = f"{before}\0{secret}\0{after}"
    inside = base64.b64encode(whole.encode()).decode()
    for written in (
        whole,
        json.dumps(whole),
        json.dumps(json.dumps(whole)),
        repr(whole),
        ascii(whole),
        repr(whole.encode()),
        html.escape(whole),
        html.escape(repr(whole)),
        quote(whole),
        quote(whole, safe=""),
        quote_plus(whole),
        whole.encode().hex(),
        inside,
        inside.replace("/", "\\/"),
        quote(inside, safe=""),
        inside.translate(str.maketrans("+/", "-_")).rstrip("="),
    ):
        assert "<secret>" in known.masked(written), written
    assert secret not in known.masked(whole)


@pytest.mark.parametrize("user", ["a", "ab", "abc", "abcd"])
def test_the_password_of_a_basic_login_is_found_at_any_alignment(user: str) -> None:
    written = base64.b64encode(f"{user}:s3cr3t-w0rd".encode()).decode()
    assert (
        knowing("s3cr3t-w0rd").masked(f"Authorization: Basic {written}, x")
        == "Authorization: Basic <secret>, x"
    )


def test_nothing_else_is_taken_away() -> None:
    known = knowing("s3cr3t-w0rd", "another-one")
    text = "GET /compute/1 → 200 OK, s3cr3t-w0r, secret, <secret>\n"
    assert known.masked(text) == text
    assert known.masked("a s3cr3t-w0rd b another-one") == "a <secret> b <secret>"
    assert known.masked("s3cr3t-w0rd", "***") == "***"


def test_overlapping_secrets_leave_no_rest() -> None:
    assert knowing("canary-1", "canary-12345").masked("[canary-12345]") == "[<secret>]"
    assert knowing("uvwxy1", "xy1zzz").masked("[uvwxy1zzz]") == "[<secret>]"


def test_a_word_that_logs_are_made_of_is_masked_where_it_is_named_a_secret() -> None:
    known = knowing("active")
    assert (
        known.masked("The VM is in state active, not inactive.") == "The VM is in state active, not inactive."
    )
    for written in (
        "password=active",
        "'password': 'active'",
        '"token":"active"',
        "${OCCI_PASSWORD} = active",
    ):
        assert "active" not in known.masked(written), written
    assert known.masked("http://user:active@site/") == "http://user:<secret>@site/"
    assert known.masked(base64.b64encode(b"user:active").decode()) == "<secret>"


@pytest.mark.parametrize("secret", ["listing", "able", "Graceful", "8787", "tester-side", "sandbox"])
def test_a_word_of_the_library_itself_is_not_told_by_masking_it(secret: str) -> None:
    text = "Listing available, stop gracefully, port 8787, tester-side, sandbox"
    assert knowing(secret).masked(text) == text


@pytest.mark.parametrize("secret", ["canary", "hunter2", "letmein", "Tr0ub4dor", "1qaz2wsx"])
def test_a_poor_password_is_masked_all_the_same(secret: str) -> None:
    assert knowing(secret).masked(f"it is {secret}, or x{secret}x") == "it is <secret>, or x<secret>x"


def test_a_very_short_secret_is_left_alone() -> None:
    assert knowing("abc", "").masked("abc abc") == "abc abc"


@pytest.mark.parametrize("kept", [17, 30, 200, 400])
def test_the_rest_of_a_long_secret_that_was_cut_off_is_found(kept: int) -> None:
    token = "".join(f"{i * 7919 % 65521:04x}" for i in range(125))
    assert knowing(token).masked(f"X-Auth-Token: {token[:kept]}...") == "X-Auth-Token: <secret>..."
    assert knowing(token).masked(f"...{token[-kept:]}, ok") == "...<secret>, ok"


def test_a_text_that_only_begins_as_a_long_secret_does_is_left_alone() -> None:
    known = knowing("http://site.example.org:6080/vnc_auto.html?token=0123456789-the-secret")
    assert (
        known.masked("GET http://site.example.org:6080/compute/")
        == "GET http://site.example.org:6080/compute/"
    )
    assert known.masked("at http://site.example.org") == "at http://site.example.org"


def test_the_rest_of_a_short_secret_that_was_cut_off_is_found() -> None:
    assert knowing("s3cr3t-w0rd").masked("${x} = aaa s3cr3t...") == "${x} = aaa <secret>..."


def test_each_line_of_a_key_is_a_secret_but_its_marks_are_not() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n"
    known = knowing(key)
    assert known.masked("x EFAASCBKcwggSjAgEAAoIBAQC7 y") == "x <secret> y"
    assert known.masked("-----BEGIN PRIVATE KEY-----\nabc") == "-----BEGIN PRIVATE KEY-----\nabc"


def test_what_sites_hand_out_by_the_dozen_does_not_pile_up() -> None:
    known = knowing("s3cr3t-w0rd")
    for number in range(1000):
        known.learn(f"session-{number:06}-value", passing=True)
    assert known.masked("s3cr3t-w0rd session-000999-value") == "<secret> <secret>"
    assert known.masked("session-000001-value") == "session-000001-value"


def test_a_long_text_is_cleaned_fast() -> None:
    known = knowing(*(f"password-number-{i}-{i * i}" for i in range(20)))
    text = (
        "GET http://site.example.org:8787/compute/ → 200 OK: X-OCCI-Location ... " * 15_000
    ) + "password-number-7-49"
    began = time.process_time()
    cleaned = known.masked(text)
    assert time.process_time() - began < 1.5
    assert cleaned.endswith(" <secret>")


def test_threads_may_learn_and_mask_at_once() -> None:
    known = KnownSecrets()
    found: list[str] = []

    def work(name: str) -> None:
        for number in range(30):
            known.learn(f"{name}-{number}-secret")
            found.append(known.masked(f"[{name}-{number}-secret]"))

    threads = [threading.Thread(target=work, args=(f"thread{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["[<secret>]"] * 120
