"""Where a CPython 2.7 is, and what pip puts beside it: two OCCI libraries on PyPI run on nothing newer."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

# What each server needs besides itself stands pinned here too: newer releases have left Python 2.7 behind.
REQUIREMENTS = {
    "pyssf": ("pyssf==0.4.7",),
    "occi-py": ("occi==0.6", "tornado==5.1.1"),
}
# Where the sources of each have a whole site for demonstration.
DEMONSTRATIONS = {
    "pyssf": "pyssf-0.4.7/misc/run_iaas_wsgi_service.py",
    "occi-py": "occi-0.6/occi/demo/occi_iaas_demo.py",
}
_QUESTION = "import sys, platform; print(platform.python_implementation(), sys.version_info[:2])"
_WANTED = "('CPython', (2, 7))"
_INSTALL_SECONDS = 180


def find_python2() -> str:
    """Returns the path of a CPython 2.7 that runs, or '' when there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [shutil.which("python2.7"), shutil.which("python2")]
    candidates += [str(path) for path in sorted(pyenv.glob("versions/2.7*/bin/python2.7"), reverse=True)]
    return next((path for path in candidates if path and _is_python2(path)), "")


def _is_python2(path: str) -> bool:
    try:
        answer = subprocess.run(
            [path, "-c", _QUESTION], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip() == _WANTED


def install(python2: str, server: str, folder: Path) -> Path:
    """Installs a server's packages into a folder of their own and returns it; does nothing where they are already.

    Raises RuntimeError with pip's last words where that fails.
    """
    target = folder / server
    done = target / "installed"
    if done.exists():
        return target
    _pip(python2, "install", "--target", str(target), *REQUIREMENTS[server])
    done.write_text("\n".join(REQUIREMENTS[server]) + "\n", encoding="utf-8")
    return target


def demonstration(python2: str, server: str, folder: Path) -> Path:
    """Returns a server's own demonstration, out of its sources. Raises RuntimeError where pip cannot bring them."""
    sources = folder / f"{server}-sources"
    script = sources / DEMONSTRATIONS[server]
    if not script.exists():
        _pip(
            python2,
            "download",
            "--no-deps",
            "--no-binary",
            ":all:",
            "-d",
            str(sources),
            REQUIREMENTS[server][0],
        )
        (archive,) = sources.glob("*.tar.gz")
        shutil.unpack_archive(archive, sources)
    return script


def _pip(python2: str, *arguments: str) -> None:
    command = [python2, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"pip {arguments[0]} took more than {_INSTALL_SECONDS} s") from None
    if answer.returncode != 0:
        raise RuntimeError(f"pip {arguments[0]} failed: {answer.stderr.strip()[-300:]}")
