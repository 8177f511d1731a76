"""Where the packages of the servers on CPython 2.7 are installed, once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.independent_servers.python2 import find_python2


@pytest.fixture(scope="package")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not find_python2():
        pytest.skip("there is no CPython 2.7 here, and pyssf and occi-py run on nothing newer")
    return tmp_path_factory.mktemp("packages")
