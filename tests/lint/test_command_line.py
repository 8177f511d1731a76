"""The command: what it prints, what it returns, and what it does not give away."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from OcciLibrary.lint import RULES
from OcciLibrary.lint.command_line import main
from OcciLibrary.lint.sources import MAXIMUM_BYTES
from tests.lint.sarif_schema import problems_in_sarif

COMPUTE = b'Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"\n'
WRONG = COMPUTE + b'X-OCCI-Attribute: occi.compute.cores="2"\nLink: </network/1>\n'


class Site(ThreadingHTTPServer):
    """Answers every GET with what the path says, and keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answers = {
            "/wrong": (200, WRONG),
            "/clean": (200, COMPUTE),
            "/large": (200, COMPUTE * (MAXIMUM_BYTES // len(COMPUTE) + 1)),
        }
        status, body = answers.get(self.path, (404, b"nothing here"))
        self.send_response(status)
        for name, value in (
            ("Server", "x OCCI/1.1"),
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(body))),
        ):
            self.send_header(name, value)
        self.send_header("Set-Cookie", "session=c4naryc4nary")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "x OCCI/1.1"

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    server = Site()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "a compute.txt"
    path.write_bytes(WRONG)
    return path


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_a_process_prints_a_line_for_each_deviation_and_returns_1(wrong: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "OcciLibrary.lint", wrong.name, "-"],
        input=COMPUTE,
        capture_output=True,
        cwd=wrong.parent,
        timeout=60,
        check=False,
    )

    assert done.stderr == b""
    assert done.stdout.decode().splitlines() == [
        (
            'a compute.txt:2:38: error: the number of occi.compute.cores is in quotes; expected 2; seen "2" '
            "[quoted-number; GFD.185 §3.5.4 (1.1), GFD.229 §4 (1.2)]"
        ),
        (
            "a compute.txt:3:7: error: the link to '/network/1' has no rel; expected rel=\"type of the target\"; "
            "seen </network/1> [link-without-rel; GFD.185 §3.5.2 (1.1), GFD.229 §4 (1.2)]"
        ),
    ]
    assert done.returncode == 1


def test_exit_statuses(wrong: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean, large = tmp_path / "clean.txt", tmp_path / "large.txt"
    clean.write_bytes(COMPUTE)
    large.write_bytes(b"#" * (MAXIMUM_BYTES + 1))

    assert main([str(clean)]) == 0
    assert main([str(clean), str(wrong)]) == 1
    assert main([str(wrong), str(tmp_path / "none.txt")]) == 2
    assert "none.txt: not read: " in printed(capsys)
    assert main([str(large)]) == 2
    assert "over 4 MB" in printed(capsys)
    assert main([]) == 2
    assert main([str(clean), "--output", str(tmp_path / "no" / "folder")]) == 2
    for bad in (["--occi", "2.0"], ["--type", "text/html"], ["--seconds", "0"]):
        with pytest.raises(SystemExit) as ended:
            main([*bad, str(clean)])
        assert ended.value.code == 2


def test_options_choose_type_version_direction_and_level(tmp_path: Path) -> None:
    file = tmp_path / "x"

    def status(text: str, *options: str) -> int:
        file.write_text(text, encoding="utf-8")
        return main([*options, str(file)])

    assert status("http://a/1") == 0
    assert status("http://a/1", "--type", "text/plain") == 1
    assert status("X-OCCI-Attribute: com.Example=1") == 0
    assert status("X-OCCI-Attribute: com.Example=1", "--occi", "1.1") == 1
    assert status('{"kind": "http://a#b"}') == 1
    assert status('{"kind": "http://a#b"}', "--request") == 0
    assert status('X-OCCI-Attribute: com.x="a\\n"') == 1
    assert status('X-OCCI-Attribute: com.x="a\\n"', "--level", "error") == 0


def test_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-rules"]) == 0
    assert [line.split()[0] for line in printed(capsys).splitlines()] == list(RULES)


def test_json_and_sarif_say_the_same(wrong: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [str(wrong), str(tmp_path / "none.txt")]
    assert main(["--format", "json", *names]) == 2
    as_json = json.loads(printed(capsys))
    assert main(["--format", "sarif", "--output", str(tmp_path / "lint.sarif"), *names]) == 2
    as_sarif = json.loads((tmp_path / "lint.sarif").read_text(encoding="utf-8"))

    assert problems_in_sarif(as_sarif) == []
    findings = as_json["files"][0]["findings"]
    (run,) = as_sarif["runs"]
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
    assert [result["ruleId"] for result in run["results"]] == [one["rule"] for one in findings]
    assert [(one["startLine"], one["startColumn"]) for one in regions] == [
        (one["line"], one["column"]) for one in findings
    ]
    assert findings[0]["clauses"] == {"1.1": "GFD.185 §3.5.4", "1.2": "GFD.229 §4"}
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith(
        "a%20compute.txt"
    )
    assert as_json["files"][1]["problem"]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_a_url_is_asked_once_and_its_answer_has_the_lines_of_curl_i(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.asked.clear()

    assert main([f"{site.url}/wrong", "--type", "text/plain"]) == 1
    lines = printed(capsys).splitlines()
    assert main([f"{site.url}/clean"]) == 0

    head = len(
        ("HTTP/1.1 200 OK", "Server", "Date", "Server", "Content-Type", "Content-Length", "Set-Cookie", "")
    )
    assert lines[0].startswith(f"{site.url}/wrong:{head + 2}:38: error: ")
    assert [path for path, _ in site.asked] == ["/wrong", "/clean"]
    assert all(
        headers["Accept"] == "text/plain" and "Authorization" not in headers for _, headers in site.asked
    )


def test_a_url_without_a_usable_answer_is_not_read(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    host = site.url.partition("://")[2]
    for url, why in (
        (f"{site.url}/gone", "404"),
        (f"{site.url}/large", "over 4 MB"),
        ("http://127.0.0.1:9/", "refused"),
        ("http://[", "no URL"),
        (f"http://me:c4naryc4nary@{host}/clean", "holds a name or password"),
    ):
        assert main([url]) == 2
        words = printed(capsys)
        assert why in words
        assert "c4nary" not in words


def test_a_site_file_logs_in_at_its_own_site_alone(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "resources" / "sites"
    folder.mkdir(parents=True)
    (folder / "mine.resource").write_text(
        "*** Variables ***\n"
        f"${{OCCI_ENDPOINT}}    {site.url}/\n${{OCCI_AUTH}}    basic\n${{OCCI_USERNAME}}    me\n"
        "${OCCI_PASSWORD: Secret}    %{OCCI_PASSWORD=}\n${VM_ID}    1\n${ECHO_HOST}    127.0.0.1\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("OCCI_PASSWORD", "c4naryc4nary")
    site.asked.clear()
    options = ["--site", "mine", "--sites", str(tmp_path)]

    assert main([*options, f"{site.url}/clean"]) == 0
    assert main([*options, "http://127.0.0.1:9/clean"]) == 2
    words = printed(capsys)
    assert "whose login is for" in words
    assert main(["--site", "yours", "--sites", str(tmp_path), f"{site.url}/clean"]) == 2

    ((_, headers),) = site.asked
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"me:c4naryc4nary").decode()


def test_secrets_in_a_recording_are_masked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = tmp_path / "secret.http"
    recording.write_text(
        "GET /compute/1 HTTP/1.1\nX-Auth-Token: c4naryt0ken\nCookie: s=c4narycookie\nContent-Type: text/plain\n\n"
        'X-OCCI-Attribute: org.openstack.compute.console.vnc="http://a/?token=c4naryvnc";\n'
        "c4naryt0ken stands here c4narycookie http://a/?token=c4naryvnc\n",
        encoding="utf-8",
    )
    for form in ("text", "json", "sarif"):
        assert main(["--format", form, str(recording)]) == 1
        words = printed(capsys)
        assert "<secret>" in words
        assert "c4nary" not in words


def test_the_sample_on_the_page_was_really_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "lint.md").read_text(encoding="utf-8")
    answer, output = (page.partition(f"```{name}\n")[2].partition("```")[0] for name in ("http", "text"))
    monkeypatch.chdir(tmp_path)
    Path("answer.http").write_text(answer, encoding="utf-8")

    assert main(["answer.http"]) == 1
    assert printed(capsys) == output
