"""Packs a run into one zip that can be mailed: its logs, the site file without secrets, and the versions.

The same run gives the same bytes. Where a secret stands in any of the files, nothing is packed.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from OcciLibrary.keywords.secret_variables import learn_from_environment
from OcciLibrary.keywords.site_variables import read_variables
from OcciLibrary.results.output_tree import Suite, UnreadableError
from OcciLibrary.results.robot_xml import read_xml
from OcciLibrary.results.secret_search import Find, find_secrets
from OcciLibrary.results.site_list import Kit, NoSuchSite, all_sites

NAMES = ("output.xml", "output.json", "log.html", "report.html", "console.txt")
LARGEST_FILE = 100_000_000
LARGEST_BUNDLE = 400_000_000
_MOST_SITES = 500
_LARGEST_SITE_FILE = 1_000_000
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a zip knows no time before
_READABLE = 0o644 << 16
_UNIX = 3
_UNFIT = re.compile(r"[^\w.-]+")
_SECRET_LINE = re.compile(
    r"^(?P<name>\$\{[^}:]*(?:PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET)\s*(?::[^}]*)?\}\s*=?\s*)(?P<value>\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+@")


class BundleRefused(Exception):
    """Says in one sentence why there is no bundle."""


class SecretsFound(BundleRefused):
    """Says where secrets stand; `finds` has each place, not the secrets."""

    def __init__(self, finds: Sequence[Find]) -> None:
        super().__init__("There are secrets in these files, so that nothing was packed.")
        self.finds = tuple(finds)


@dataclass(frozen=True)
class Packed:
    """Holds what was packed: the zip, its files by their names, and what is missing in it."""

    path: Path
    files: tuple[str, ...]
    missing: tuple[str, ...]


def find_run(run: str, results: Path) -> Path:
    """Returns the folder of a run, given by its path, its output or its name below the results. Raises `BundleRefused`."""
    for path in (Path(run), results / run):
        if path.is_file() and path.name in NAMES:
            return path.parent.resolve()
        if path.is_dir():
            return path.resolve()
    raise BundleRefused(f"There is no run '{run}', neither here nor in {results}.")


def bundle_name(folder: Path) -> str:
    """Returns how a run's bundle is called: the folder's name, with that of the runs around it where it is one site of several."""
    around = f"{folder.parent.name}-" if re.match(r"\d{8}T\d{6}Z", folder.parent.name) else ""
    return _UNFIT.sub("_", f"{around}{folder.name}").strip("._") or "run"


def make_bundle(folder: Path, output: Path, kit: Kit | None, site: str = "") -> Packed:
    """Packs a run, or all runs of one call of `occi-matrix run`.

    `site` names the site file; without it, it is found by the folder's name or by the site's name in the output. Raises
    `SecretsFound`, `BundleRefused`, `NoSuchSite` and `OSError`.
    """
    learn_from_environment()
    files = list(_files(folder))
    if not any(path.name.startswith("output.") for path in files):
        raise BundleRefused(f"There is no output.xml in {folder}: name the folder of a run.")
    told = {path: _told(path) for path in files if path.name == "output.xml"}
    sites, missing = _site_files(folder, told, kit, site)
    content = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    content.update(sites)
    versions = {path.relative_to(folder).as_posix(): said for path, said in sorted(told.items())}
    content["versions.json"] = (
        json.dumps(versions, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    ).encode()
    finds = [
        find
        for name, data in sorted(content.items())
        for find in find_secrets(name, data.decode("utf-8", "replace"))
    ]
    if finds:
        raise SecretsFound(finds)
    _write(output, bundle_name(folder), content)
    return Packed(output, tuple(sorted(content)), tuple(missing))


def _files(folder: Path) -> Iterator[Path]:
    """Yields what is packed of a folder and of the folders right in it; links are left out. Raises `BundleRefused`."""
    whole = 0
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())[:_MOST_SITES]
    for path in (place / name for place in (folder, *inner) for name in NAMES):
        if path.is_symlink() or not path.is_file():
            continue
        size = path.stat().st_size
        whole += size
        if size > LARGEST_FILE or whole > LARGEST_BUNDLE:
            what = f"{path} is" if size > LARGEST_FILE else f"the files of {folder} are together"
            raise BundleRefused(f"{what} too large for a bundle ({max(size, whole) // 1_000_000} MB).")
        yield path


def _told(output: Path) -> dict[str, Any]:
    """Returns what an output says of its run and the versions."""
    try:
        read = read_xml(output)
    except UnreadableError as problem:
        return {"problem": str(problem)}
    said = read.suite.metadata
    return {
        "robot": read.generator,
        "library": said.get("Library version", ""),
        "run": said.get("Run", ""),
        "site": said.get("Site", ""),
        "tester": said.get("Tester", ""),
        "complete": read.complete,
        "suites": dict(sorted(_fingerprints(read.suite))),
    }


def _fingerprints(suite: Suite) -> Iterator[tuple[str, str]]:
    if found := suite.metadata.get("Fingerprint", ""):
        yield suite.source, found
    for inner in suite.suites:
        yield from _fingerprints(inner)


def _site_files(
    folder: Path, told: dict[Path, dict[str, Any]], kit: Kit | None, site: str
) -> tuple[dict[str, bytes], list[str]]:
    """Returns the site files of the runs without secrets, and what could not be found."""
    packed: dict[str, bytes] = {}
    missing: list[str] = []
    for output, said in sorted(told.items()):
        name = site or _site_of(output, str(said.get("site", "")), kit)
        if kit is None or not name:
            missing.append(f"the site file of {output.relative_to(folder).as_posix()} (name it with --site)")
            continue
        path = kit.site_file(name)
        read_variables(path)  # its secrets are known from here on
        packed[f"sites/{_UNFIT.sub('_', name)}.resource"] = _without_secrets(path)
    return packed, missing


def _site_of(output: Path, title: str, kit: Kit | None) -> str:
    """Returns the name of the site file by which a run was made, '' when that cannot be told."""
    if kit is None:
        return ""
    with suppress(NoSuchSite):
        kit.site_file(output.parent.name)
        return output.parent.name
    same = [one.name for one in all_sites(kit) if title and title in (one.title, one.name)]
    return same[0] if len(same) == 1 else ""


def _without_secrets(path: Path) -> bytes:
    """Returns a site file's text; what stands in it where a secret belongs, or before the host of an address, is hidden."""
    text = path.read_bytes()[:_LARGEST_SITE_FILE].decode("utf-8-sig", "replace")
    text = _SECRET_LINE.sub(_hidden, text)
    return _IN_ADDRESS.sub("<secret>@", text).encode()


def _hidden(found: re.Match[str]) -> str:
    from_elsewhere = found["value"].startswith(("%{", "${"))
    value = re.sub(r"(%\{[^=}]+=)[^}]+\}", r"\1<secret>}", found["value"]) if from_elsewhere else "<secret>"
    return f"{found['name']}{value}"


def _write(output: Path, name: str, content: dict[str, bytes]) -> None:
    """Writes the zip, whole or not at all; names in it are relative and have no '..'."""
    draft = output.with_name(output.name + ".part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
            for file, data in sorted(content.items()):
                entry = zipfile.ZipInfo(f"{name}/{file}", _LONG_AGO)
                entry.compress_type, entry.external_attr, entry.create_system = (
                    zipfile.ZIP_DEFLATED,
                    _READABLE,
                    _UNIX,
                )
                bundle.writestr(entry, data)
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
