"""What a site file says, checked before the first test: one sentence for each thing that makes no sense."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from robot.api.types import Secret
from robot.utils import timestr_to_secs

from OcciLibrary.conformance.profile import FEATURES, VERSIONS
from OcciLibrary.keywords.site_file_text import how_to_set, problems_in_text
from OcciLibrary.keywords.site_logins import LOGINS, missing_for_login, unfit_for_login

MEDIA_TYPES = ("auto", "text/plain", "text/occi", "application/occi+json")
SANDBOX = "sandbox"


class SiteFileError(Exception):
    """Tells a tester what is wrong in a site file, in one sentence that names the file and what is allowed."""

    ROBOT_SUPPRESS_NAME = True


@dataclass(frozen=True)
class SiteSettings:
    """Holds one site file's values, typed; the field names are the variables' names in lower case.

    These are the defaults of the whole kit (design: one place). Times are in seconds, ports are numbers,
    secrets are `Secret` or None.
    """

    site_name: str = ""
    occi_endpoint: str = ""
    occi_auth: str = "none"
    occi_username: str = ""
    occi_password: Secret | None = field(default=None, repr=False)
    occi_token: Secret | None = field(default=None, repr=False)
    occi_certificate: str = ""
    occi_key: str = ""
    occi_key_password: Secret | None = field(default=None, repr=False)
    occi_ca: str = ""
    occi_project: str = ""
    occi_domain: str = "default"
    occi_project_domain: str = ""
    occi_identity_url: str = ""
    occi_identity_provider: str = "egi.eu"
    occi_federation_protocol: str = ""
    occi_media_type: str = "auto"
    occi_versions: tuple[str, ...] = ()
    occi_features: tuple[str, ...] = ()
    vm_id: str = ""
    echo_host: str = ""
    echo_port: int = 7777
    ping_host: str = ""
    ssh_host: str = ""
    ssh_port: int = 22
    ssh_username: str = ""
    ssh_password: Secret | None = field(default=None, repr=False)
    ssh_key: str = ""
    ssh_host_key: str = ""
    transition_timeout: float = 300.0
    may_create: bool = False
    os_tpl: str = ""
    resource_tpl: str = ""
    new_vm_username: str = ""
    tester: str = ""

    @property
    def is_sandbox(self) -> bool:
        """Tells whether the endpoint asks for the embedded site (`sandbox` or `sandbox:OPTIONS`)."""
        return self.occi_endpoint == SANDBOX or self.occi_endpoint.startswith(SANDBOX + ":")


def site_names(folder: Path) -> list[str]:
    """Returns the names of the sites that a folder of site files has, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*.resource"))


def unknown_site(site: str, folder: Path) -> str:
    """Returns one sentence that says which sites there are, or '' when the site has a file."""
    names = site_names(folder)
    if site in names:
        return ""
    if not names:
        return f"There is no site file in {short(folder)}: copy one there, for instance TEMPLATE.resource."
    choices = ", ".join(name for name in names if name != "TEMPLATE")
    return (
        f"There is no site '{site}' in {short(folder)}: choose one of {choices} "
        "with --variable SITE:NAME, or copy TEMPLATE.resource to add yours."
    )


def short(path: Path) -> str:
    """Returns a path as a tester would type it: relative to the working folder where that is shorter."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # Windows: the file lies on another drive
        return str(path)
    return min(relative, str(path), key=len).replace("\\", "/")


def read_settings(
    variables: Mapping[str, Any], file: str, check_required: bool = True, path: Path | None = None
) -> SiteSettings:
    """Returns the typed settings of a site file.

    `variables` maps names such as `${OCCI_ENDPOINT}` to values, `file` is how the sentence names the file, `path`
    where it lies, so that its text can be looked at. With `check_required` False only what is given is checked (for a
    dry run, where no secrets are at hand). Raises `SiteFileError` with every problem found.
    """
    values: dict[str, Any] = {}
    problems = problems_in_text(path, KNOWN) if path is not None else []
    for item in fields(SiteSettings):
        name = item.name.upper()
        raw = variables.get(f"${{{name}}}")
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            continue
        reader: Callable[[Any], Any] = _READERS.get(item.name, _text)
        try:
            values[item.name] = reader(raw)
        except (ValueError, TypeError) as problem:
            shown = "not shown here" if reader is _secret else _shown(raw)
            problems.append(f"${{{name}}} is {shown}: {str(problem).rstrip('.')}")
    settings = SiteSettings(**values)
    problems += _file_problems(settings) if check_required else []
    if check_required and not problems:
        problems += _missing(settings)
    if problems:
        raise SiteFileError(f"The site file {file} cannot be used: {'; '.join(problems)}.")
    return settings


KNOWN = frozenset(item.name.upper() for item in fields(SiteSettings))


def _missing(settings: SiteSettings) -> list[str]:
    if not settings.occi_endpoint:
        return [
            "${OCCI_ENDPOINT} is missing: give the site's root URL, for instance https://occi.example.org:8787/, or sandbox"
        ]
    if settings.is_sandbox:
        return []
    problems = [
        f"${{{name.upper()}}} is missing: give {what}"
        for name, what in (
            ("vm_id", "the id, path or URL of the VM that the site provisioned for you"),
            ("echo_host", "the address of the echo service in the VM"),
        )
        if not getattr(settings, name)
    ]
    return problems + _missing_for_login(settings) + unfit_for_login(settings)


def _missing_for_login(settings: SiteSettings) -> list[str]:
    return [
        f"${{{name.upper()}}} is missing: ${{OCCI_AUTH}} is {settings.occi_auth}, so {_how_to_give(name)}"
        for name in missing_for_login(settings)
    ]


def _how_to_give(name: str) -> str:
    if name in ("occi_password", "occi_token", "occi_username"):
        return how_to_set(name.upper())
    return "name the PEM file"


def _file_problems(settings: SiteSettings) -> list[str]:
    return [
        f"${{{name.upper()}}} is '{path}', but there is no such {what}"
        for name, path, what, found in (
            ("occi_certificate", settings.occi_certificate, "file", os.path.isfile),
            ("occi_key", settings.occi_key, "file", os.path.isfile),
            ("occi_ca", settings.occi_ca, "file or folder", os.path.exists),
            ("ssh_key", settings.ssh_key, "file", os.path.isfile),
        )
        if path and not found(os.path.expanduser(path))
    ]


def _shown(raw: Any) -> str:
    # An address with '@' may hold somebody's password: it must not reach a log.
    return "not shown here" if isinstance(raw, Secret) or "@" in str(raw) else f"'{raw}'"


def _text(raw: Any) -> str:
    if isinstance(raw, Secret):
        raise ValueError("it must be plain text")
    return str(raw).strip()


def _name(raw: Any) -> str:
    value = _text(raw)
    if not re.fullmatch(r"[\w.~-]+", value):
        raise ValueError("it must be a name of letters, digits, dots and dashes, as Keystone has it")
    return value


def _path(raw: Any) -> str:
    return os.path.expanduser(_text(raw))


def _secret(raw: Any) -> Secret:
    if not isinstance(raw, Secret):
        raise ValueError("a secret comes from the environment: write ${NAME: Secret}    %{NAME=} in the file")
    return raw


def _choice(*allowed: str) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        value = _text(raw).lower()
        if value not in allowed:
            raise ValueError(f"it must be one of {', '.join(allowed)}")
        return value

    return read


def _several(*allowed: str) -> Callable[[Any], tuple[str, ...]]:
    def read(raw: Any) -> tuple[str, ...]:
        named = tuple(word for word in re.split(r"[,\s]+", _text(raw).lower()) if word)
        if strange := [word for word in named if word not in allowed]:
            raise ValueError(f"{strange[0]} is none of {', '.join(allowed)}; several are separated by commas")
        return named

    return read


def _port(raw: Any) -> int:
    text = str(raw).strip()
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError("it must be a port number from 1 to 65535")
    return int(text)


def _seconds(raw: Any) -> float:
    try:
        seconds = float(timestr_to_secs(raw))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise ValueError("it must be a time of more than 0 seconds and at most a day, for instance 5 minutes")
    return seconds


def _host(raw: Any) -> str:
    value = _text(raw)
    if "/" in value or any(c.isspace() for c in value):
        raise ValueError("it must be a host name or an address alone, for instance vm.example.org")
    if value.count(":") == 1 or value.startswith("["):
        raise ValueError("it must be a host name or an address alone; the port has a line of its own")
    return value


def _truth(raw: Any) -> bool:
    text = str(raw).strip().lower()
    if text in ("true", "yes", "on", "1"):
        return True
    if text in ("false", "no", "off", "0"):
        return False
    raise ValueError("it must be True or False")


def _url(raw: Any) -> str:
    value = _text(raw)
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must be a URL such as https://occi.example.org:8787/")
    if parts.username or parts.password:
        raise ValueError(
            "it must not hold a name or password: use ${OCCI_USERNAME} and ${OCCI_PASSWORD: Secret}"
        )
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("its port must be a number from 1 to 65535") from None
    return value


def _endpoint(raw: Any) -> str:
    value = _text(raw)
    if value == SANDBOX:
        return value
    if value.startswith(SANDBOX + ":"):
        from OcciLibrary.sandbox.embedded import parse_options  # noqa: PLC0415

        parse_options(value)
        return value
    return _url(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "occi_endpoint": _endpoint,
    "occi_auth": _choice(*LOGINS),
    "occi_password": _secret,
    "occi_token": _secret,
    "occi_certificate": _path,
    "occi_key": _path,
    "occi_key_password": _secret,
    "occi_ca": _path,
    "occi_identity_url": _url,
    "occi_identity_provider": _name,
    "occi_federation_protocol": _name,
    "occi_media_type": _choice(*MEDIA_TYPES),
    "occi_versions": _several(*VERSIONS),
    "occi_features": _several(*FEATURES),
    "echo_host": _host,
    "echo_port": _port,
    "ping_host": _host,
    "ssh_host": _host,
    "ssh_port": _port,
    "ssh_password": _secret,
    "ssh_key": _path,
    "transition_timeout": _seconds,
    "may_create": _truth,
}
