"""What a wiki may answer instead of saving: each is one sentence that says what to do, and no secret is in it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from OcciLibrary.results.publishing import Order, publish
from OcciLibrary.results.wiki import Login, Wiki, WikiError, api_of
from tests.results.test_command_line import occi_matrix

SECRET = "s3cret-bot-pa55word"
BOT = Login("Alice@matrix", SECRET)
ORDER = Order("P", "new", "summary")
Answered = Callable[[dict[str, str]], tuple[int, dict[str, str], Any]]


@contextmanager
def served(answer: Answered) -> Iterator[str]:
    """Serves answers to the parameters of requests on 127.0.0.1; gives the address of its api.php."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            asked = parse_qs(urlsplit(self.path).query) | parse_qs(body)
            status, headers, told = answer({key: value[0] for key, value in asked.items()})
            text = (told if isinstance(told, str) else json.dumps(told)).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/w/api.php"
    finally:
        server.shutdown()
        server.server_close()


def wiki_that(edit: Any, login: Any = None) -> Answered:
    """Returns what a wiki answers whose page can be read, and which answers so to logins and edits."""
    token = {"logintoken": "a+\\", "csrftoken": "b+\\"}
    revision = {"revid": 7, "timestamp": "2026-01-01T00:00:00Z", "slots": {"main": {"*": "old"}}}
    read = {
        "general": {"generator": "MediaWiki 1.39.17"},
        "namespaces": {"0": {"id": 0, "*": ""}},
        "userinfo": {"id": 1, "name": "Alice", "groups": [], "rights": []},
        "tokens": token,
        "pages": {"1": {"title": "P", "contentmodel": "wikitext", "revisions": [revision]}},
    }
    answers = {
        "query": {"curtimestamp": "2026-01-01T00:00:01Z", "query": read},
        "login": {"login": login or {"result": "Success"}},
        "edit": edit,
    }
    return lambda asked: (200, {}, answers[asked["action"]])


def refused(answer: Answered, login: Login = BOT, seconds: float = 10.0) -> str:
    with (
        served(answer) as api,
        pytest.raises(WikiError) as told,
        closing(Wiki(api, login, seconds)) as wiki,
    ):
        publish(wiki, ORDER)
    words = str(told.value)
    assert SECRET not in words
    assert "\n" not in words
    assert "\x1b" not in words
    assert len(words) < 900
    return words


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"error": {"code": "protectedpage", "info": "x"}}, "The page is protected"),
        ({"error": {"code": "readonly", "info": f"for {SECRET} \x1b[2J\n"}}, "can only be read at the moment (the wiki says: for"),
        ({"error": {"code": "abusefilter-disallowed", "info": "x"}}, "A filter of the wiki"),
        ({"error": {"code": "blocked", "info": "x"}}, "is blocked"),
        ({"error": {"code": "ratelimited", "info": "x"}}, "wait some minutes"),
        ({"error": {"code": "brand-new", "info": "x" * 5000}}, "The wiki refuses; its words"),
        ({"error": {"code": "editconflict", "info": "x"}}, "two edit conflicts"),
        ({"edit": {"result": "Failure", "captcha": {"type": "image"}}}, "asks for a captcha"),
        ({"edit": {"result": "Failure", "spamblacklist": "x"}}, "A filter of the wiki"),
        ({"edit": {"result": "Failure"}}, "An extension of the wiki"),
        ({"edit": {"result": "Success", "newrevid": 8, "oldrevid": 7}}, "has not kept the text as it was sent (revision 8)"),
        ({"edit": 1}, "no API of a MediaWiki"),
        ([], "no API of a MediaWiki"),
    ],
    ids=range(13),
)  # fmt: skip
def test_an_edit_that_is_refused(told: Any, words: str) -> None:
    assert words in refused(wiki_that(told))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, {}, "x"), "There is no API of a MediaWiki at this address (HTTP 404)"),
        ((403, {}, "x"), "(HTTP 403)"),
        ((503, {}, "x"), "try again later"),
        ((301, {"Location": "https://there.example/w/api.php?x"}, ""), "leads on to https://there.example/w/api.php; give --wiki"),
        ((200, {}, "<html>"), "no API of a MediaWiki"),
        ((200, {}, "[" * 100_000), "no API of a MediaWiki"),
        ((200, {}, {"query": {"general": {"generator": "Other 1"}}}), "no API of a MediaWiki"),
        ((200, {}, "x" * 11_000_000), "over 10 MB"),
        ((200, {"Content-Encoding": "br"}, "x"), "for which nobody asked"),
    ],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_wiki(answer: tuple[int, dict[str, str], Any], words: str) -> None:
    assert words in refused(lambda asked: answer, Login())


def test_a_login_that_is_refused_or_put_off() -> None:
    told = refused(wiki_that({}, {"result": "Failed", "reason": f"not {SECRET}"}))
    assert "does not let 'Alice@matrix' in: not <secret>. Make a bot password at" in told
    assert "too many logins" in refused(wiki_that({}, {"result": "Throttled", "wait": 5000}))


def test_a_wiki_that_does_not_answer() -> None:
    done = threading.Event()

    def slow(asked: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        done.wait(20)
        return 200, {}, ""

    assert "no answer in time" in refused(slow, seconds=0.5)
    done.set()


def test_a_wiki_without_tls_or_at_no_address() -> None:
    with served(wiki_that({})) as api, pytest.raises(WikiError, match="TLS"):
        Wiki(api.replace("http:", "https:"), BOT)
    with pytest.raises(WikiError, match="connection was refused"):
        Wiki("http://127.0.0.1:9/api.php", Login())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "wiki.example.org",
        "ftp://x/api.php",
        "https://a:b@x/api.php",
        "https://[x/",
        "https://x/wiki/Main_Page",
        "https://x:y/",
    ],
)
def test_an_address_that_cannot_be_a_wiki_is_told(address: str) -> None:
    with pytest.raises(WikiError, match=r"api\.php") as told:
        api_of(address)
    assert "a:b" not in str(told.value)


def test_a_password_never_goes_in_the_clear() -> None:
    with pytest.raises(WikiError, match="in the clear"):
        api_of("http://wiki.example.org/w/api.php", with_password=True)
    assert api_of("http://localhost:8080/w/", True) == ("http", "localhost:8080", "/w/")
    assert api_of("https://wiki.example.org/w/api.php", True) == ("https", "wiki.example.org", "/w/")


def test_the_command_tells_slips_in_a_sentence(results: Path) -> None:
    where = ("publish", results, "--wiki", "http://127.0.0.1:9/w/api.php", "--page", "P")
    alone = occi_matrix(*where, environment={"OCCI_WIKI_USERNAME": "Alice@matrix"})
    assert alone.stderr.startswith("Set both OCCI_WIKI_USERNAME and OCCI_WIKI_PASSWORD")
    closed = occi_matrix(*where)
    assert closed.stderr.startswith("127.0.0.1:9 gave no answer to GET: the connection was refused")
    assert (closed.returncode, closed.stdout, closed.stderr.count("\n")) == (1, "", 1)


def test_without_the_client_library_one_sentence_says_what_to_install(results: Path, tmp_path: Path) -> None:
    (tmp_path / "mwclient.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'mwclient'\", name='mwclient')"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    where = ("publish", results, "--wiki", "http://127.0.0.1:9/w/api.php", "--page", "P")
    done = occi_matrix(*where, environment={"PYTHONPATH": path})
    assert done.stderr.startswith(
        "occi-matrix publish needs the package mwclient: install the kit's extra with"
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
