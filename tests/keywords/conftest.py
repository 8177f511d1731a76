"""A run of the keywords in this process, against a scripted site."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from OcciLibrary.keywords.site_file import SiteSettings
from OcciLibrary.keywords.site_run import SiteRun
from tests.occi.scripted_site import ScriptedSite, kind, listing, scripted


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
