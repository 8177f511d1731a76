"""What the keywords about listing, querying and changing the VM say of sites that speak a dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from OcciLibrary.keywords.compute_keywords import ComputeKeywords
from OcciLibrary.keywords.site_file import SiteSettings
from OcciLibrary.keywords.site_run import SiteRun
from tests.occi.scripted_site import COMPUTE, ScriptedSite, answer, kind, listing, scripted, vm


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as running:
        running.on("/-/", kind("/compute/"))
        running.on("/compute/", listing(f"{running.url}compute/5"))
        yield running


@pytest.fixture
def start(site: ScriptedSite) -> Iterator[Callable[..., SiteRun]]:
    """Begins a run against the scripted site, with settings as in a site file."""
    runs: list[SiteRun] = []

    def run(**settings: object) -> SiteRun:
        runs.append(SiteRun())
        runs[-1].settings = SiteSettings(
            **{"occi_endpoint": site.url, "vm_id": "5", "transition_timeout": 1.0, **settings}  # type: ignore[arg-type]
        )
        return runs[-1]

    yield run
    for one in runs:
        one.close()


# ---- deviations


def test_each_deviation_is_a_remark_at_the_step_that_met_it_first(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/", answer(200, "\nX-OCCI-Location: /compute/5\n"))
    site.on("/compute/5", answer(200, f'\nCategory: {COMPUTE}\nX-OCCI-Attribute: occi.compute.cores="2"\n'))
    run = start()
    keywords = ComputeKeywords(run)
    keywords.list_compute_resources()
    listed = list(run.remarks)
    run.remarks.clear()  # as the listener does between two steps
    assert keywords.query_the_vm()["occi.compute.cores"] == 2
    assert len([words for words in listed if "GFD.185 §3.5" in words]) == 2
    assert any("'/compute/5' is relative" in words for words in listed)
    assert [words for words in run.remarks if "departs from" in words] == [
        words for words in run.remarks if "GFD.185 §3.5.4" in words
    ]
    run.remarks.clear()
    keywords.query_the_vm()
    assert not [words for words in run.remarks if "departs from" in words]


def test_site_that_keeps_to_the_documents_has_no_remark(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/5", vm(state="active", cores=2))
    run = start()
    keywords = ComputeKeywords(run)
    keywords.list_compute_resources()
    keywords.query_the_vm()
    assert run.remarks == []
