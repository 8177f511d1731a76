"""The pinned host key of a machine's ssh server, in the forms in which people keep it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from itertools import pairwise

_KIND = re.compile(r"(?:ssh|ecdsa|sk-ssh|sk-ecdsa|rsa|webauthn)-[A-Za-z0-9@.-]+")
_FINGERPRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")


class HostKeyError(ValueError):
    """Says that ``${SSH_HOST_KEY}`` cannot be read, in one plain sentence."""


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """The key that a machine must show; ``kind`` is '' when only the fingerprint is known."""

    kind: str
    shown: str

    def fits(self, key: bytes) -> bool:
        """Says whether a key (as sent by the machine) is the pinned one."""
        return hmac.compare_digest(fingerprint(key), self.shown)

    def is_of(self, algorithm: str) -> bool:
        """Says whether a signature algorithm belongs to the pinned key's kind: RSA keys have several."""
        if self.kind == "ssh-rsa":
            return algorithm in ("ssh-rsa", "rsa-sha2-256", "rsa-sha2-512")
        return algorithm == self.kind


def fingerprint(key: bytes) -> str:
    """Gives a key's fingerprint as OpenSSH writes it: ``SHA256:...``."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def pinned(text: str) -> PinnedKey | None:
    """Reads a pinned key; None when nothing is pinned.

    Taken are a public key (``ssh-ed25519 AAAA... comment``), a line of known_hosts or ssh-keyscan (a host name before
    it), and a fingerprint (``SHA256:...``). Raises HostKeyError.
    """
    words = text.split()
    if not words:
        return None
    if match := next(filter(None, map(_FINGERPRINT.fullmatch, words)), None):
        return PinnedKey("", f"SHA256:{match.group(1)}")
    for kind, key in pairwise(words):
        if _KIND.fullmatch(kind):
            return PinnedKey(kind, fingerprint(_decoded(key)))
    raise _unreadable()


def _decoded(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable() from None


def _unreadable() -> HostKeyError:
    return HostKeyError(
        "${SSH_HOST_KEY} is not a host key: give the machine's public key, such as 'ssh-ed25519 AAAA...' "
        "(ssh-keyscan shows it), or its fingerprint 'SHA256:...'."
    )
