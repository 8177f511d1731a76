"""One exchange, however hostile the other side: bounded in size and time, and an OcciError in a tester's words."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from OcciLibrary.occi.answering import raise_for_status, retry_after, site_words
from OcciLibrary.occi.client_certificate import ClientCertificate
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.logins import TokenLogin
from OcciLibrary.occi.request_errors import (
    AnswerUnusable,
    LoginRefused,
    NotSent,
    RequestRefused,
    SiteUnreachable,
    TlsFailed,
)
from OcciLibrary.occi.tls import Tls
from OcciLibrary.occi.transport import Answer, Transport, is_transient
from tests.occi.scripted_site import Broken, Drip, Endless, Reply, ScriptedSite, answer, scripted, self_signed

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        yield running


@pytest.fixture
def transport(site: ScriptedSite) -> Iterator[Transport]:
    made = Transport(site.url, maximum_body=1_000_000)
    yield made
    made.close()


def get(transport: Transport, site: ScriptedSite, reply: Reply, timeout: float = 2.0) -> Answer:
    site.on("/", reply)
    return transport.send("GET", site.url, {"Accept": "text/plain"}, timeout=timeout)


def test_answer_is_given_as_it_came(site: ScriptedSite, transport: Transport) -> None:
    got = get(transport, site, answer(404, "gone", "text/plain; charset=utf-8", "X-A: 1", "X-A: 2"))
    assert (got.status, got.reason, got.body) == (404, "Not Found", b"gone")
    assert got.all_headers("x-a") == ["1", "2"]
    assert got.header("X-a") == "1"
    assert got.content_type == "text/plain; charset=utf-8"
    assert 0 < got.seconds < 2
    assert site.requests[0]["user-agent"] == "OcciLibrary OCCI/1.1"
    assert not {"cookie", "authorization"} & set(site.requests[0].headers)


def test_connection_is_kept_and_cookies_are_not(site: ScriptedSite, transport: Transport) -> None:
    for _ in range(3):
        get(transport, site, answer(200, "x", "text/plain", "Set-Cookie: a=b"))
    assert {request.connection for request in site.requests} == {1}
    assert all(request["cookie"] == "" for request in site.requests)


def test_change_after_an_idle_time_uses_a_fresh_connection(
    site: ScriptedSite, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("OcciLibrary.occi.transport._LONGEST_IDLE", 0.0)
    site.on("/", answer(200, "x"))
    for method in ("GET", "GET", "POST"):
        transport.send(method, site.url, {})
    assert [request.connection for request in site.requests] == [1, 1, 2]


def test_utf_8_in_a_header_is_read_as_such(site: ScriptedSite, transport: Transport) -> None:
    reply = HEAD + "X-Title: Über\r\nContent-Length: 0\r\n\r\n".encode()
    assert get(transport, site, reply).header("X-Title") == "Über"


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nServer: x\r\n",
        b"HTTP/1.1 200",
        HEAD + b"Content-Length: 100\r\n\r\nX-OCCI",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nX-OCC",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nX-OCC\r\n",
    ],
)
@pytest.mark.parametrize("politely", [True, False])
def test_answer_cut_in_the_middle_is_no_answer(
    site: ScriptedSite, transport: Transport, cut: bytes, politely: bool
) -> None:
    with pytest.raises(SiteUnreachable, match=r"broke in the middle|was reset") as caught:
        get(transport, site, Broken(cut, politely))
    assert is_transient(caught.value)
    assert not isinstance(caught.value, NotSent)


@pytest.mark.parametrize("politely", [True, False])
def test_connection_that_breaks_before_any_answer(
    site: ScriptedSite, transport: Transport, politely: bool
) -> None:
    with pytest.raises(SiteUnreachable, match=r"was closed before any answer|was reset") as caught:
        get(transport, site, Broken(politely=politely))
    assert not isinstance(caught.value, NotSent)
    assert is_transient(caught.value)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no HTTP"),
        (b"\x16\x03\x01\x00\xff\x00" * 20 + b"\n", "no HTTP"),
        (b"HTTP/1.1 abc def\r\n\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_001 + b"\r\n", "its header has more than 10000 fields"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 5_000_000 + b"\r\n\r\n", "its header is over 4 MB"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 21, "more than 20 interim answers"),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "contradict"),
        (HEAD + b"Content-Length: -5\r\n\r\n", "Content-Length that is no length: '-5'"),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", "Content-Length that is no length"),
    ],
)
def test_what_is_no_http_is_an_unusable_answer(
    site: ScriptedSite, transport: Transport, reply: bytes, words: str
) -> None:
    with pytest.raises(AnswerUnusable, match=words) as caught:
        get(transport, site, reply)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "reply",
    [
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        HEAD + b"\x00\xff\xfe: \x80\x81\r\n: \r\nno colon\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Content-Length: -5\r\n\r\n",
        HEAD + b"Content-Length: 1e3\r\nConnection: close\r\n\r\nx",
        b"HTTP/1.1 999 \x1b[31mred\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\x0b\x0c\x1c\x85 folded\r\n\tmore\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Set-Cookie: \xff=\x00; expires=never\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_garbage_is_an_answer_or_an_occi_error(
    site: ScriptedSite, transport: Transport, reply: bytes
) -> None:
    with contextlib.suppress(OcciError):
        got = get(transport, site, reply, timeout=0.3)
        assert got.reason.isprintable()
    assert get(transport, site, answer(200, "well again")).body == b"well again"


def test_body_over_the_limit_is_cut_off(site: ScriptedSite, transport: Transport) -> None:
    assert len(get(transport, site, answer(200, "x" * 1_000_000)).body) == 1_000_000
    with pytest.raises(AnswerUnusable, match=r"is over 0.954 MB and was cut off"):
        get(transport, site, answer(200, "x" * 1_000_001))


@pytest.mark.parametrize("status", ["200 OK", "401 No", "302 Found\r\nLocation: http://127.0.0.1:1/"])
def test_endless_body_ends_at_the_limit_whatever_the_status(
    site: ScriptedSite, transport: Transport, status: str
) -> None:
    with pytest.raises(AnswerUnusable, match="cut off"):
        get(transport, site, Endless(f"HTTP/1.1 {status}\r\n\r\n".encode()))


def test_gzip_bomb_ends_at_the_limit(site: ScriptedSite, transport: Transport) -> None:
    bomb = gzip.compress(b"0" * 200_000_000, 1)
    began = time.monotonic()
    with pytest.raises(AnswerUnusable, match="cut off"):
        get(transport, site, answer(200, bomb, "text/plain", "Content-Encoding: gzip"))
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("drip", "error"),
    [
        (Drip(b"HTTP/1.1 200 OK" + b" " * 200), SiteUnreachable),
        (Drip(b"X: 1\r\n" * 100, b"HTTP/1.1 200 OK\r\n"), SiteUnreachable),
        (Drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 20), SiteUnreachable),
        (Drip(b"x" * 500, HEAD + b"Content-Length: 500\r\n\r\n"), AnswerUnusable),
        (Drip(b"x" * 500, HEAD + b"\r\n"), AnswerUnusable),
        (Drip(b"1\r\nx\r\n" * 100, HEAD + b"Transfer-Encoding: chunked\r\n\r\n"), AnswerUnusable),
        (Drip(b"x" * 500, b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n"), AnswerUnusable),
        (Drip(b"x", HEAD + b"Content-Length: 5\r\n\r\n", 5.0), AnswerUnusable),
        (Drip(b"H", b"", 5.0), SiteUnreachable),
    ],
)
def test_drip_of_bytes_obeys_the_time_out(
    site: ScriptedSite, transport: Transport, drip: Drip, error: type[OcciError]
) -> None:
    began = time.monotonic()
    with pytest.raises(error, match=r"no answer in time|was not complete"):
        get(transport, site, drip, timeout=0.3)
    assert 0.25 < time.monotonic() - began < 0.8
    assert get(transport, site, answer(200, "well again")).body == b"well again"


def test_tls_handshake_that_never_ends_obeys_the_time_out(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    transport = Transport(f"https://127.0.0.1:{listener.getsockname()[1]}/")
    began = time.monotonic()
    with pytest.raises(NotSent, match="no answer in time"):
        transport.send("POST", f"https://127.0.0.1:{listener.getsockname()[1]}/", {}, timeout=0.3)
    assert time.monotonic() - began < 1
    transport.close()
    listener.close()


def test_deadline_thread_ends_with_the_transport(site: ScriptedSite) -> None:
    before = set(threading.enumerate())
    transport = Transport(site.url)
    for timeout in (5.0, 3.0, 9.0):
        get(transport, site, answer(200, "x"), timeout)
    mine = [t for t in set(threading.enumerate()) - before if t.name == "occi-deadline"]
    assert len(mine) == 1
    transport.close()
    assert not mine[0].is_alive()


def test_refused_connection_was_never_sent() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    transport = Transport(f"http://127.0.0.1:{port}/")
    with pytest.raises(
        NotSent, match=r"gave no answer to POST: the connection was refused \(nothing listens there\)"
    ):
        transport.send("POST", f"http://127.0.0.1:{port}/", {})
    transport.close()


def test_unknown_name_is_said_and_not_transient() -> None:
    transport = Transport("http://no-such-host.invalid/")
    with pytest.raises(
        NotSent, match=r"no-such-host.invalid port 80 gave no answer to GET: its name .*DNS"
    ) as caught:
        transport.send("GET", "http://no-such-host.invalid/", {})
    assert not is_transient(caught.value)
    transport.close()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/", "http://[::1/", "http:///x", "ftp://127.0.0.1/", "x"]
)
def test_url_that_is_none_is_an_occi_error(url: str) -> None:
    transport = Transport("http://127.0.0.1/")
    with pytest.raises(OcciError):
        transport.send("GET", url, {}, timeout=0.5)
    transport.close()


def test_redirect_is_not_followed(site: ScriptedSite) -> None:
    with scripted() as elsewhere:
        transport = Transport(site.url, TokenLogin("s3cret"))
        for location in (elsewhere.url, "http://[bad", "\x00", "//x:y:z/"):
            got = get(transport, site, answer(302, "", "", f"Location: {location}"))
            assert got.status == 302
        transport.close()
        assert elsewhere.requests == []


def test_self_signed_certificate_names_the_ca_setting(tmp_path: Path) -> None:
    context, ca = self_signed(tmp_path)
    with scripted(context) as site:
        stranger = Transport(site.url)
        with pytest.raises(
            TlsFailed, match=r"of an unknown CA \(self.signed certificate\): name that CA in \$\{OCCI_CA\}"
        ) as caught:
            get(stranger, site, answer(200, "x"))
        assert not is_transient(caught.value)
        friend = Transport(site.url, tls=Tls(str(ca)))
        assert get(friend, site, answer(200, "hello")).body == b"hello"
        with pytest.raises(AnswerUnusable):
            get(friend, site, Drip(b"x" * 500, HEAD + b"Content-Length: 500\r\n\r\n"), timeout=0.3)
        stranger.close()
        friend.close()


def test_certificate_of_another_host_is_not_blamed_on_the_ca(tmp_path: Path) -> None:
    context, ca = self_signed(tmp_path, "127.0.0.9")
    with scripted(context) as site:
        transport = Transport(site.url, tls=Tls(str(ca)))
        with pytest.raises(
            SiteUnreachable, match=r"is for another host name .* not valid for '127.0.0.1'"
        ) as caught:
            get(transport, site, answer(200, "x"))
        assert "unknown CA" not in str(caught.value)
        transport.close()


def test_ca_bundle_of_the_environment_is_used_only_without_a_ca_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    context, ca = self_signed(tmp_path)
    _, other = self_signed(tmp_path / "other")
    with scripted(context) as site:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
        explicit = Transport(site.url, tls=Tls(str(ca)))
        assert get(explicit, site, answer(200, "x")).status == 200
        with pytest.raises(SiteUnreachable, match="certificate"):
            get(Transport(site.url), site, answer(200, "x"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca))
        assert get(Transport(site.url), site, answer(200, "x")).status == 200
        explicit.close()


def test_tls_spoken_to_a_plain_port(site: ScriptedSite) -> None:
    tls = Transport(site.url.replace("http:", "https:"))
    with pytest.raises(
        SiteUnreachable, match=r"that port does not speak https: begin the address with http:"
    ):
        tls.send("GET", site.url.replace("http:", "https:"), {}, timeout=1)
    tls.close()


@pytest.mark.parametrize("content", ["", "no certificate at all"])
def test_unusable_ca_file_is_an_occi_error(tmp_path: Path, content: str) -> None:
    context, _ = self_signed(tmp_path)
    broken = tmp_path / "broken.pem"
    broken.write_text(content)
    with scripted(context) as site:
        for file, words in ((broken, "no PEM certificate"), (tmp_path / "missing.pem", "no such file")):
            transport = Transport(site.url, tls=Tls(str(file)))
            with pytest.raises(TlsFailed, match=words):
                get(transport, site, answer(200, "x"))
            transport.close()


def test_encrypted_client_key_never_asks_on_the_terminal(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    context, ca = self_signed(tmp_path)
    pem = (tmp_path / "server-127.0.0.1.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    locked = tmp_path / "user.pem"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
        + ca.read_bytes()
    )
    with scripted(context) as site:
        transport = Transport(site.url, tls=Tls(str(ca), ClientCertificate(str(locked))))
        with pytest.raises(
            LoginRefused, match=r"is encrypted: put its pass phrase into .* OCCI_KEY_PASSWORD"
        ):
            get(transport, site, answer(200, "x"))
        transport.close()


def test_client_certificate_is_presented(tmp_path: Path) -> None:
    context, ca = self_signed(tmp_path)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    with scripted(context) as site:
        transport = Transport(
            site.url, tls=Tls(str(ca), ClientCertificate(str(tmp_path / "server-127.0.0.1.pem")))
        )
        assert get(transport, site, answer(200, "x")).status == 200
        transport.close()
        without = Transport(site.url, tls=Tls(str(ca)))
        with pytest.raises(LoginRefused, match="wants a client certificate: write x509"):
            get(without, site, answer(200, "x"))
        without.close()


# ---- what a status means


def made(status: int, body: bytes = b"", **headers: str) -> Answer:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer("POST", "http://site/vm", status, "Reason", pairs, body, 0.1)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_is_no_error(status: int) -> None:
    raise_for_status(made(status))


@pytest.mark.parametrize("status", [101, 300, 304, 307, 400, 404, 409, 501, 503, 999])
def test_everything_else_is_refused(status: int) -> None:
    with pytest.raises(RequestRefused) as caught:
        raise_for_status(made(status, b"why not"))
    assert caught.value.status == status


def test_words_of_a_site_are_made_harmless() -> None:
    wild = "\x1b[31mred\x07\r\nnext\u202e line\x00" + "x" * 5000
    words = site_words(made(500, wild.encode()))
    assert words.startswith("[31mred next line x")
    assert words.isprintable()
    assert len(words) <= 201


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>x", b"\n\n<HTML><body>Traceback", b"<html lang=en>"])
def test_html_page_is_not_quoted(page: bytes) -> None:
    assert site_words(made(502, page)) == "(an HTML page)"
    assert site_words(made(502, b"<p>x", Content_Type="text/html")) == "(an HTML page)"


def test_occi_error_header_is_quoted() -> None:
    assert site_words(made(409, b"", X_OCCI_Error="busy now")) == "busy now"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("", None), ("3", 3.0), ("²", None), ("-1", None), ("soon", None), ("9" * 40, None)],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(made(503, Retry_After=value)) == seconds


def test_retry_after_as_a_date() -> None:
    assert retry_after(made(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")) == 0.0
    assert (retry_after(made(503, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT")) or 0) > 1e9
