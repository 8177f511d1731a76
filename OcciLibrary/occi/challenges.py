"""What a 401 asks for: the challenges of a WWW-Authenticate header (RFC 7235 §4.1, reference §6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from requests.utils import parse_dict_header

# Where one challenge of a list ends and the next begins.
_NEXT_CHALLENGE = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9-]*\s+[A-Za-z-]+\s*=)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,30}")
# The hand-over to Keystone: single or double quotes, `snf-auth` on Synnefo.
_HAND_OVER = re.compile(
    r"(?:^|,)\s*(?:Keystone|snf-auth)\s+uri\s*=\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s\"',]+))", re.IGNORECASE
)
_DIGEST_ALGORITHMS = ("MD5", "MD5-SESS", "SHA", "SHA-256", "SHA-512")
_MOST_SHOWN = 4


def schemes(www_authenticate: str) -> tuple[str, ...]:
    """Returns the names of the schemes that a site offers, as it writes them, at most four."""
    found = (_SCHEME.match(challenge.strip()) for challenge in _NEXT_CHALLENGE.split(www_authenticate))
    return tuple(dict.fromkeys(scheme[0] for scheme in found if scheme))[:_MOST_SHOWN]


def keystone_url(www_authenticate: str) -> str:
    """Returns where the site says that its Keystone is, or ''."""
    found = _HAND_OVER.search(www_authenticate)
    return next((url for url in found.groups() if url), "") if found else ""


def digest_challenge(www_authenticate: str) -> dict[str, str]:
    """Returns the parameters of the first digest challenge that can be answered, none where there is none."""
    for challenge in _NEXT_CHALLENGE.split(www_authenticate):
        scheme, _, parameters = challenge.strip().partition(" ")
        if scheme.lower() != "digest":
            continue
        pairs: Mapping[str, str | None] = cast("Any", parse_dict_header)(parameters)
        given = {key.strip().lower(): value or "" for key, value in pairs.items()}
        offered = [word.strip() for word in given.get("qop", "").split(",")]
        if "auth" in offered:
            given["qop"] = "auth"
        usable = given.get("algorithm", "MD5").upper() in _DIGEST_ALGORITHMS and given.get("qop", "auth") in (
            "",
            "auth",
        )
        if usable and given.get("realm") is not None and given.get("nonce"):
            return given
    return {}
