"""robotframework-dashboard over the same runs: it shows each site, asks nothing of any network, and runs nothing that a site wrote."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from robot.api import ExecutionResult

from OcciLibrary.results import dashboard
from OcciLibrary.results.dashboard import NoDashboard, dashboard_of, inert
from OcciLibrary.results.reading import read_results
from tests.results.browser import CHROMIUM, Browser
from tests.results.test_command_line import occi_matrix

EVIL = "&lt;img src=x onerror=&quot;window.pwned=1&quot;&gt;&lt;script&gt;window.pwned=2&lt;/script&gt;"
_PATIENCE = 30.0


@given(st.text(max_size=700))
def test_no_sign_of_a_text_is_markup(text: str) -> None:
    told = inert(text)
    assert not re.search(r"""[<>&"'`\\\n\x00-\x1f]""", told)
    assert len(told) <= 501


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
def test_the_page_shows_the_sites_and_asks_nothing_of_any_network(results: Path, tmp_path: Path) -> None:
    hostile = results / "beta" / "output.xml"
    text = hostile.read_text("utf-8").replace("GRNET", EVIL).replace("Béta &lt;b&gt;&amp;| Söhne", EVIL)
    text = re.sub(r'<status status="FAIL"([^>]*)>[^<]*<', rf'<status status="FAIL"\1>{EVIL}<', text)
    hostile.write_text(text.replace('<kw name="', f'<kw name="{EVIL}'), "utf-8")
    ExecutionResult(results / "delta/output.xml").to_json(results / "delta/output.json")
    (results / "delta/output.xml").unlink()
    made = occi_matrix("dashboard", results)
    assert made.stdout == f"6 of 7 runs: {results / 'dashboard.html'}\n"
    assert (made.returncode, made.stderr) == (0, "Not in it: 1 cut off (delta-killed/output.xml).\n")
    page = (results / "dashboard.html").read_text("utf-8")
    assert str(results) not in page
    runs = read_results(results).runs
    assert dashboard_of(runs, results).page == page
    browser = Browser(tmp_path)
    try:
        browser.show_as(1400)
        browser.open(results / "dashboard.html")
        for view in ("menuOverview", "menuDashboard", "menuCompare", "menuTables"):
            browser.run(f"document.getElementById('{view}').click()")
            _wait_for_the_view(browser)
        shown = browser.run("document.body.innerText")
        assert all(site in shown for site in ("Alpha", "Gamma", "Delta", inert(unescape(EVIL))))
        assert all(f"{run.started:%Y-%m-%d %H:%M:%S}" in shown for run in runs if run.complete)
        there = browser.run("document.body.textContent")
        assert all(word in there for word in ("tested by Oxford", "cannot-tell", "1.1 Query for a listing"))
        assert browser.run("typeof window.pwned") == "undefined"
        assert browser.run("document.querySelectorAll('img[src=x]').length") == 0
        asked = [address for address in browser.requests if not address.startswith(("data:", "blob:"))]
        assert asked == [(results / "dashboard.html").as_uri()]
        assert not browser.complaints
    finally:
        browser.close()


def _wait_for_the_view(browser: Browser) -> None:
    deadline = time.monotonic() + _PATIENCE
    busy = "[...document.querySelectorAll('.ball-grid-beat')].some(one => one.offsetParent !== null)"
    while time.monotonic() < deadline and browser.run(busy):
        time.sleep(0.1)
    assert not browser.run(busy)


def test_of_a_merged_output_each_run_has_its_own_tests(made: Path, tmp_path: Path) -> None:
    runs = {run.output.rpartition("/")[0]: run for run in read_results(made).runs}
    merged = ExecutionResult(made / "delta/output.xml", made / "gamma/2/output.xml")
    merged.save(tmp_path / "merged.xml")
    for number, name in enumerate(("delta", "gamma/2")):
        copy = tmp_path / f"output_{number}.xml"
        assert dashboard._copy(tmp_path / "merged.xml", copy, runs[name], number)
        suite = ExecutionResult(copy).suite
        assert suite.name == runs[name].site
        assert suite.test_count == len(runs[name].steps)


def test_without_the_package_or_whole_runs_a_sentence_says_what_to_do(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = read_results(made).runs
    with pytest.raises(NoDashboard, match="no run that was not cut off"):
        dashboard_of([run for run in runs if not run.complete], made)
    (tmp_path / "output.xml").write_text("<robot>")
    with pytest.raises(NoDashboard, match="no run"):
        dashboard_of([replace(runs[0], output="output.xml")], tmp_path)
    monkeypatch.setattr(dashboard, "PACKAGE", "no_such_dashboard")
    with pytest.raises(NoDashboard, match="pip install"):
        dashboard_of((), made)
