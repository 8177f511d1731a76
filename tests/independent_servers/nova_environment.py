"""A virtual environment with OpenStack Nova and ooi: about 300 MB, a minute to make, kept in a cache folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CONSTRAINTS = Path(__file__).parent / "on_nova" / "constraints.txt"
_PACKAGES = ("nova", "openstack-placement", "ooi", "setuptools")
_NEWEST_PYTHON = (3, 12)
_INSTALL_SECONDS = 900


def nova_python(cache: Path) -> Path:
    """Returns the Python of the environment, which is made where it is missing.

    Raises RuntimeError where this Python is too new for Nova 29, or pip cannot install it.
    """
    folder = cache / "nova"
    python = folder / "bin" / "python"
    done = folder / "installed.txt"
    pins = CONSTRAINTS.read_text("utf-8")
    if done.exists() and done.read_text("utf-8") == pins:
        return python
    if sys.version_info[:2] > _NEWEST_PYTHON:
        raise RuntimeError("Nova 29 runs on Python 3.12 and older")
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    _run([str(python), "-m", "pip", "install", "--quiet", "--constraint", str(CONSTRAINTS), *_PACKAGES])
    done.write_text(pins, encoding="utf-8")
    return python


def _run(command: list[str]) -> None:
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{' '.join(command[:4])} … took more than {_INSTALL_SECONDS} s") from None
    if answer.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} … failed: {answer.stderr.strip()[-500:]}")
