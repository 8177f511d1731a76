"""A real MediaWiki, from Debian's packages, unpacked into a folder and served by PHP with SQLite on 127.0.0.1.

Nothing is installed in the computer: the packages are downloaded and unpacked, no service is started by them.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ADMIN, ADMIN_PASSWORD = "Admin", "adm1n-pa55word"
BOT_PASSWORD = "0123456789abcdef0123456789abcdef"  # 32 letters and digits, as MediaWiki makes them
_PHP = ("php-cli", "php-sqlite3", "php-mbstring", "php-xml", "php-intl")
_WIKI = ("mediawiki", "mediawiki-classes")
_NOT_SERVED = {"LocalSettings.php", "config", "images", "extensions"}
_EXTENSIONS = (
    "mbstring", "dom", "xml", "xmlreader", "xmlwriter", "simplexml", "intl", "pdo", "pdo_sqlite", "sqlite3", "ctype", "iconv",
    "fileinfo", "tokenizer", "posix",
)  # fmt: skip


@dataclass(frozen=True)
class MediaWiki:
    """A wiki that runs: where it is, and its folder."""

    url: str
    folder: Path
    php: tuple[str, ...]

    @property
    def api(self) -> str:
        return f"{self.url}api.php"

    def maintenance(self, script: str, *options: str, text: str = "") -> str:
        """Runs a script of MediaWiki's own for those who run a wiki."""
        command = [*self.php, str(self.folder / "www/maintenance" / f"{script}.php"), *options]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def write(self, page: str, text: str, by: str = ADMIN) -> None:
        """Saves a page as somebody."""
        self.maintenance("edit", "--user", by, "--summary", "by hand", page, text=text)

    def set(self, setting: str) -> None:
        """Adds a line to the wiki's settings."""
        with (self.folder / "www/LocalSettings.php").open("a") as file:
            file.write(f"\n{setting}\n")

    def text(self, page: str) -> str:
        """Returns the text of a page byte for byte."""
        answer = requests.get(f"{self.url}index.php", params={"title": page, "action": "raw"}, timeout=30)
        answer.raise_for_status()
        return answer.content.decode("utf-8")

    def history(self, page: str) -> list[dict[str, Any]]:
        """Returns the revisions of a page, the latest first."""
        asked = {
            "action": "query", "prop": "revisions", "rvprop": "ids|user|comment|size|sha1", "rvlimit": "50",
            "titles": page, "format": "json", "formatversion": "2",
        }  # fmt: skip
        found: dict[str, Any] = requests.get(self.api, params=asked, timeout=30).json()["query"]["pages"][0]
        return list(found.get("revisions", []))


def unpacked(folder: Path) -> Path:
    """Downloads and unpacks the packages into a folder, unless they are there; gives the root of their files."""
    root = folder / "root"
    if not (root / "usr/share/mediawiki/api.php").exists():
        packages = folder / "packages"
        packages.mkdir(parents=True, exist_ok=True)
        asked = ["apt-get", "install", "--simulate", "--no-install-recommends", *_PHP]
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        names = re.findall(r"^Inst (\S+)", told, re.MULTILINE)
        subprocess.run(
            ["apt-get", "-q", "download", *names, *_WIKI], cwd=packages, capture_output=True, check=True
        )
        for package in sorted(packages.glob("*.deb")):
            subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    return root


@contextlib.contextmanager
def real_mediawiki(root: Path, folder: Path) -> Iterator[MediaWiki]:
    """Runs a new wiki for the length of a `with`; its administrator has a bot password (`Admin@matrix`)."""
    port = _free_port()
    php = _php(root, folder)
    wiki = MediaWiki(f"http://127.0.0.1:{port}/", folder, php)
    _copy(root / "usr/share/mediawiki", folder / "www")
    wiki.maintenance(
        *("install", "--dbtype", "sqlite", "--dbpath", str(folder / "data"), "--pass", ADMIN_PASSWORD),
        *("--server", wiki.url[:-1], "--scriptpath", "", "OCCI wiki", ADMIN),
    )
    wiki.set(
        "$wgDiff3 = ''; $wgEnableBotPasswords = true; $wgMainCacheType = CACHE_NONE; $wgPingback = false;"
    )
    wiki.maintenance(
        "createBotPassword",
        "--appid",
        "matrix",
        "--grants",
        "basic,editpage,createeditmovepage",
        ADMIN,
        BOT_PASSWORD,
    )
    process = subprocess.Popen(
        [*php, "-S", f"127.0.0.1:{port}", "-t", str(folder / "www")],
        env={**os.environ, "PHP_INI_SCAN_DIR": "", "PHP_CLI_SERVER_WORKERS": "4"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "server.log").open("w"),
    )
    try:
        _await(wiki.api)
        yield wiki
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


def _php(root: Path, folder: Path) -> tuple[str, ...]:
    program = next(iter(sorted((root / "usr/bin").glob("php[0-9]*"))))
    modules = next(iter(sorted((root / "usr/lib/php").glob("2*"))))
    (folder / "tmp").mkdir(parents=True)
    (folder / "data").mkdir()
    there = [name for name in _EXTENSIONS if (modules / f"{name}.so").exists()]
    lines = [
        f"extension_dir={modules}",
        *(f"extension={name}" for name in there),
        "memory_limit=256M",
        f"sys_temp_dir={folder / 'tmp'}",
        f"session.save_path={folder / 'tmp'}",
        f"error_log={folder / 'php.log'}",
        "log_errors=1",
        "display_errors=0",
    ]
    (folder / "php.ini").write_text("\n".join(lines) + "\n")
    return "env", "PHP_INI_SCAN_DIR=", str(program), "-c", str(folder / "php.ini")


def _copy(source: Path, target: Path) -> None:
    """Copies MediaWiki; Debian's package keeps some of it behind links into /var, which are not there."""
    target.mkdir()
    for path in source.iterdir():
        if path.name in _NOT_SERVED:
            (target / path.name).mkdir() if path.suffix == "" else None
        elif path.is_dir():
            shutil.copytree(path, target / path.name, copy_function=os.link, symlinks=True)
        else:
            os.link(path, target / path.name)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(api: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(api, timeout=30).ok:
                return
        time.sleep(0.1)
    raise RuntimeError("MediaWiki did not start; see server.log and php.log in its folder")
