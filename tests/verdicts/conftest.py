"""One pool of site runs for all rows of the verdict table that were asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.verdicts.site_runs import Row, SiteRuns


@pytest.fixture(scope="module")
def site_runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteRuns]:
    """Starts the runs of every row that the module was asked for (``-k`` leaves only some)."""
    asked: list[Row] = [
        item.callspec.params["row"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.path == request.path
        and "row" in getattr(getattr(item, "callspec", None), "params", {})
    ]
    runs = SiteRuns(asked, tmp_path_factory.mktemp("sites"))
    yield runs
    runs.close()
