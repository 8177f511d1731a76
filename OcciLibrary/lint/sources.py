"""Gets what is to be looked at: files, standard input and URLs, bounded in size and time, with nobody's secrets in the words."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import LoginRefused
from OcciLibrary.occi.secrets_in_answers import learn_from_answer, learn_from_log

if TYPE_CHECKING:
    from requests.auth import AuthBase

    from OcciLibrary.occi.tls import Tls
    from OcciLibrary.occi.transport import Answer

MAXIMUM_BYTES = 4 * 1024 * 1024
STANDARD_INPUT = "-"
_DEFAULT_ACCEPT = "text/plain"


class NotReadable(Exception):
    """Says in one sentence why something could not be looked at."""


@dataclass(frozen=True)
class Site:
    """Holds how to log in to a site, and the only origin (scheme, host and port) at which to do so."""

    name: str
    origin: tuple[str, str, int]
    login: AuthBase | None
    tls: Tls


@dataclass(frozen=True)
class Asking:
    """Holds how URLs are asked for: ``accept`` is a media type or '', ``seconds`` bounds the whole answer."""

    accept: str = ""
    seconds: float = 20.0
    site: Site | None = None


def is_url(name: str) -> bool:
    """Tells whether an argument is a URL rather than a file."""
    return name.lower().startswith(("http://", "https://"))


def read_bytes(name: str) -> bytes:
    """Returns the bytes of a file, or of standard input for `-`. Raises `NotReadable`."""
    try:
        if name == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MAXIMUM_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MAXIMUM_BYTES + 1)
    except OSError as problem:
        raise NotReadable(f"{name} cannot be read: {problem.strerror or problem}") from None
    if len(data) > MAXIMUM_BYTES:
        raise NotReadable(f"{name} is over {MAXIMUM_BYTES // 2**20} MB, more than is looked at")
    text = data.decode("utf-8", "replace")
    learn_from_answer((), text)
    learn_from_log(text)
    return data


def ask(url: str, asking: Asking) -> Answer:
    """Returns the answer to GET of a URL. Raises `NotReadable` where there is none, or none of status 2xx."""
    from OcciLibrary.occi.answering import raise_for_status  # noqa: PLC0415 - files need no HTTP
    from OcciLibrary.occi.transport import Transport, shown_url  # noqa: PLC0415

    try:
        parts = urlsplit(url)
        origin = _origin(url)
    except ValueError:
        raise NotReadable(f"{shown_url(url)} is no URL that can be used") from None
    if parts.username or parts.password:
        raise NotReadable(
            f"{shown_url(url)} holds a name or password: give the site's file by --site instead"
        )
    site = asking.site
    if site is not None and origin != site.origin:
        words = (
            f"{shown_url(url)} is not at the site {site.name}, whose login is for {_shown(site.origin)} alone"
        )
        raise NotReadable(words)
    transport = Transport(
        url, site.login if site else None, site.tls if site else None, maximum_body=MAXIMUM_BYTES
    )
    try:
        answer = transport.send(
            "GET", url, {"Accept": asking.accept or _DEFAULT_ACCEPT}, timeout=asking.seconds
        )
        learn_from_answer(answer.headers, answer.body.decode("utf-8", "replace"))
        raise_for_status(answer)
    except LoginRefused as problem:
        way = (
            "check that site's login" if site else "--site NAME logs in as resources/sites/NAME.resource says"
        )
        raise NotReadable(f"{problem}: {way}") from None
    except OcciError as problem:
        raise NotReadable(str(problem)) from None
    finally:
        transport.close()
    return answer


def site_of(name: str, folder: Path | None) -> Site:
    """Returns how to log in to a site by its file. Raises `NotReadable` when the file cannot be used for that."""
    from OcciLibrary.keywords.site_file import SiteFileError, read_settings  # noqa: PLC0415 - Robot Framework is slow
    from OcciLibrary.keywords.site_logins import login_of, tls_of  # noqa: PLC0415
    from OcciLibrary.keywords.site_variables import read_variables  # noqa: PLC0415
    from OcciLibrary.results.site_list import Kit, NoSuchSite, find_kit  # noqa: PLC0415

    try:
        kit = Kit(folder) if folder is not None else find_kit(Path.cwd())
        path = kit.site_file(name)
        variables = read_variables(path)
        if variables.problems:
            raise NotReadable(variables.problems[0])
        settings = read_settings(variables.values, os.path.relpath(path), path=path)
        if settings.is_sandbox:
            raise NotReadable(f"The site {name} is the sandbox of a run, which has no address of its own")
        origin = _origin(settings.occi_endpoint)
        return Site(name, origin, login_of(settings, lambda _: None), tls_of(settings))
    except (NoSuchSite, SiteFileError, OcciError, ValueError) as problem:
        raise NotReadable(str(problem)) from None


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no URL of HTTP")
    return scheme, parts.hostname.lower(), parts.port or (443 if scheme == "https" else 80)


def _shown(origin: tuple[str, str, int]) -> str:
    return f"{origin[0]}://{origin[1]}:{origin[2]}"
