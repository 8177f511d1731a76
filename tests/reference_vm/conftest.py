"""One image for all tests, built from Debian's packages as a site's tester would have it built."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.cached_image import cached_image
from OcciLibrary.reference_vm.manifest import Manifest


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """Builds the image, or takes the one that the computer has in OCCI_IMAGE_CACHE; skips where it cannot be built."""
    for tool in ("apt-get", "gcc"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool} here, of whose packages the image is made")
    own = os.environ.get("OCCI_IMAGE_CACHE")
    try:
        return cached_image(lambda *_: None, Path(own) if own else tmp_path_factory.mktemp("image"))
    except BuildError as problem:
        pytest.skip(f"the image cannot be built here: {problem}")
