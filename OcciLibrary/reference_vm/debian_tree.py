"""Debian as a folder: installed by mmdebstrap from the sources that this computer's own apt uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError
from OcciLibrary.reference_vm.tool_runs import run

_ASK_SECONDS = 60.0
_INSTALL_SECONDS = 1800.0
_STEPS = 480  # packages that are unpacked, and set up: for the bar only
_FIELDS = ("REPO_URI", "RELEASE", "CODENAME", "COMPONENT", "ORIGIN", "SIGNED_BY")
_PHASES = {"Get": "downloading", "Unpacking": "unpacking", "Setting up": "setting up"}
_LINE = re.compile(r"(Get):\d+ \S+ \S+ \S+ \S+ (\S+)|(Unpacking|Setting up) ([^\s:]+)")

Told = Callable[[str, str, float], None]
"""Is told what is being done, with which package, and the share of the work that is done (0 to 1)."""


def debian_sources() -> tuple[str, list[str]]:
    """Returns the code name of this computer's Debian, and apt's sources of it, each as a line of a sources.list.

    Sources of others than Debian are left out: what they hold is not what the image is said to be. Raises BuildError.
    """
    codename = _codename()
    wanted = "|".join(f"$({field})" for field in _FIELDS)
    told = run(["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"], _ASK_SECONDS)
    lines = sorted({line for target in told.splitlines() if (line := _source_line(target, codename))})
    if not lines:
        raise BuildError(
            f"apt knows no source of Debian {codename}: run apt-get update (as root), then build again."
        )
    return codename, lines


def _codename() -> str:
    try:
        told = Path("/etc/os-release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        told = ""
    fields: dict[str, str] = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', told, re.MULTILINE))
    if fields.get("ID") != "debian" or not fields.get("VERSION_CODENAME"):
        raise BuildError(
            "The conventional image is built on Debian, and this computer runs "
            f"{fields.get('PRETTY_NAME', 'something else')}: build it on a Debian machine and copy the folder here, or turn an image "
            "of your own into a reference VM by user data."
        )
    return fields["VERSION_CODENAME"]


def _source_line(target: str, codename: str) -> str:
    values = dict(zip(_FIELDS, target.split("|"), strict=False))
    mine = re.fullmatch(rf"{re.escape(codename)}(-updates|-security)?", values.get("CODENAME", ""))
    if values.get("ORIGIN") != "Debian" or mine is None:
        return ""
    signed_by = values["SIGNED_BY"]  # apt leaves the word as it is where a source names no key of its own
    option = f"[signed-by={signed_by}] " if signed_by.startswith("/") else ""
    return f"deb {option}{values['REPO_URI']} {values['RELEASE']} {values['COMPONENT']}"


def install_debian(
    root: Path,
    packages: Sequence[str],
    never: Sequence[str],
    scratch: Path,
    told: Told,
) -> None:
    """Installs Debian into the folder ``root``, as root.

    Paths that match a pattern of ``never`` are not unpacked, now or later. Raises BuildError.
    """
    codename, sources = debian_sources()
    exclusions = scratch / "dpkg.cfg"
    exclusions.write_text("".join(f"path-exclude={pattern}\n" for pattern in never))
    command = [
        *("unshare", "--mount", "--propagation", "private"),  # what is mounted in there is gone with its end
        *("mmdebstrap", "--mode=root", "--format=directory", "--variant=minbase", "--verbose"),
        f"--include={','.join(packages)}",
        f"--dpkgopt={exclusions}",
        *(f"--aptopt={option}" for option in _proxies()),
        codename,
        str(root),
        *sources,
    ]
    run(command, _INSTALL_SECONDS, environment={"TMPDIR": str(scratch)}, told=_Progress(told))


class _Progress:
    """Makes words and a share of what apt and dpkg say."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._steps = 0

    def __call__(self, line: str) -> None:
        found = _LINE.match(line.lstrip())
        if found is None:
            return
        phase, package = found[1] or found[3], found[2] or found[4]
        self._steps += phase != "Get"
        self._told(_PHASES[phase], package, min(self._steps / _STEPS, 1.0))


def _proxies() -> list[str]:
    told = run(["apt-config", "dump", "--format", "%f %v%n", "Acquire::http", "Acquire::https"], _ASK_SECONDS)
    pairs = (line.partition(" ") for line in told.splitlines())
    return [f'{name} "{value}"' for name, _, value in pairs if name.lower().endswith("::proxy") and value]


def installed_packages(root: Path) -> Mapping[str, str]:
    """Returns the versions of all packages in the folder. Raises BuildError."""
    told = run(
        ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", "${Package} ${Version}\n"], _ASK_SECONDS
    )
    return dict(sorted(line.split(" ", 1) for line in told.splitlines()))
