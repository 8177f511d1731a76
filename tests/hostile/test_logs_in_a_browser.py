"""The log of a run against a hostile site, opened in a real browser: what the site sent is text there, and does nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.hostile_site import LINK, MARK, WAYS, hostile_site
from tests.runs.conftest import AGREED, Finished, Robot

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
# Cursor, screen and colour commands, and marks that turn text around; Robot Framework's own colours are switched off.
ACTING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]")


def dom(folder: Path, page: Path) -> str:
    """Gives a page as the browser has it after its scripts ran."""
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=6000",
        "--dump-dom",
        f"file://{page}",
    ]
    environment = {**os.environ, "HOME": str(folder)}
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=120, env=environment, check=True
    ).stdout


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    folder = tmp_path_factory.mktemp("hostile")
    robot = Robot(folder)
    with hostile_site() as site:
        variables = {
            "OCCI_ENDPOINT": site.url,
            "VM_ID": "5",
            "ECHO_HOST": "127.0.0.1",
            "ECHO_PORT": site.echo_port,
            "TRANSITION_TIMEOUT": "1 s",
        }
        options = [part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")]
        yield robot("--loglevel", "TRACE:INFO", *options, AGREED)


def opened(page: str) -> str:
    """Gives the script that opens all tests and keywords, so that every message is drawn."""
    return page.replace("</body>", "<script>setTimeout(() => { expandAll('s1') }, 500)</script></body>")


def test_every_step_has_a_verdict_and_nothing_breaks(finished: Finished) -> None:
    assert len(finished.tests) == 29
    assert "Traceback" not in finished.out + finished.err
    assert "[ ERROR ]" not in finished.err
    assert {test.status for test in finished.tests.values()} <= {"PASS", "FAIL", "SKIP"}


def test_console_gets_nothing_that_acts_on_a_terminal(finished: Finished) -> None:
    assert ACTING.findall(finished.out + finished.err) == []
    assert "onerror" in finished.out + finished.err  # what the site said is told all the same


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this computer")
@pytest.mark.parametrize("name", ["log.html", "report.html"])
def test_nothing_that_the_site_sent_runs_in_a_browser(finished: Finished, name: str, tmp_path: Path) -> None:
    page = tmp_path / name
    page.write_text(opened((finished.folder / name).read_text(encoding="utf-8")), encoding="utf-8")
    drawn = dom(tmp_path, page)
    assert "<title>CANARY" not in drawn
    assert 'id="canary"' not in drawn
    assert not re.search(
        r"<(img|svg|script|details)[^>]*(canary|onerror|onload|ontoggle)", drawn, re.IGNORECASE
    )
    assert not re.search(r'href="\s*(javascript|data):/|src="http', drawn, re.IGNORECASE)
    if name == "log.html":
        assert drawn.count("&lt;script&gt;") > 100


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this computer")
def test_the_canary_does_run_where_it_is_not_escaped(tmp_path: Path) -> None:
    page = tmp_path / "bare.html"
    page.write_text(f"<html><head><title>x</title></head><body>{WAYS[1]}</body></html>")
    drawn = dom(tmp_path, page)
    assert "<title>CANARY" in drawn
    assert 'id="canary"' in drawn
    assert MARK in drawn
    assert LINK not in drawn
