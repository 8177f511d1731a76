"""Whom a client trusts over TLS, and by which certificate it is known itself: one TLS context for all its connections."""

from __future__ import annotations

import os
import re
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import certifi

from OcciLibrary.occi.client_certificate import ClientCertificate
from OcciLibrary.occi.request_errors import TlsFailed

# Where requests and curl look for CAs too, in the order of requests.
_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# The certificates in a folder of CAs: hashed names (HASH.0) and plain ones; HASH.r0 and the like are something else.
_CA_FILE = re.compile(r".+\.(pem|crt|cer|\d{1,3})", re.IGNORECASE)
_LARGEST_CA_FILE = 4 * 1024 * 1024
_MOST_CA_FILES = 10_000


@dataclass(frozen=True)
class Tls:
    """Holds what TLS needs on the client's side, and makes one context of it for a client and its clones.

    `ca` is a PEM file, or a folder of CA files as grid sites have in /etc/grid-security/certificates; when it is empty,
    the bundle of the environment (REQUESTS_CA_BUNDLE) counts, or else the CAs that this computer and browsers trust.
    A certificate that is named is trusted as it stands, be it a root or not. Revocation lists and signing policies of
    such folders are not read. `verify` False trusts anybody.
    """

    ca: str = ""
    certificate: ClientCertificate | None = None
    verify: bool = True
    _made: list[ssl.SSLContext] = field(default_factory=list, init=False, repr=False, compare=False)
    _making: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def context(self) -> ssl.SSLContext:
        """Returns the context, made when first asked for.

        Raises `TlsFailed` for CAs, `LoginRefused` for a certificate or key of the client that cannot be used.
        """
        with self._making:
            if not self._made:
                self._made.append(self._context())
            return self._made[0]

    def _context(self) -> ssl.SSLContext:
        # Made by hand: the checks that a default context adds differ from one Python to the next, and so would verdicts.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.post_handshake_auth = True  # front-ends ask for a certificate once they have seen the path
        if self.verify:
            self._trust(context)
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.certificate is not None:
            self.certificate.load_into(context)
        return context

    def _trust(self, context: ssl.SSLContext) -> None:
        named = [("${OCCI_CA}", self.ca), *((name, os.environ.get(name, "")) for name in _BUNDLE_VARIABLES)]
        for name, path in named:
            if path:
                context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
                _trust_named(context, name, path)
                return
        context.load_default_certs()
        context.load_verify_locations(certifi.where())


def _trust_named(context: ssl.SSLContext, name: str, path: str) -> None:
    """Trusts the certificates of a file or a folder. Raises `TlsFailed` where there are none."""
    if not os.path.exists(path):
        raise TlsFailed(f"{name} is '{path}', but there is no such file or folder")
    files = list(_ca_files(Path(path))) if os.path.isdir(path) else [Path(path)]
    usable = [_loaded(context, file) for file in files]
    if not any(usable):
        what = "no CA certificate in PEM form in that folder" if os.path.isdir(path) else "no PEM certificate"
        raise TlsFailed(f"{name} is '{path}', but there is {what} that can be read")


def _ca_files(folder: Path) -> Iterator[Path]:
    """Yields the CA files of a folder, each once: hashed names are links to the plain ones.

    All are read, not only those whose hash OpenSSL would look for: older folders are hashed in another way.
    """
    seen: set[str] = set()
    try:
        names = sorted(name for name in os.listdir(folder) if _CA_FILE.fullmatch(name))
    except OSError:
        return
    for name in names[:_MOST_CA_FILES]:
        real = os.path.realpath(folder / name)
        if real not in seen:
            seen.add(real)
            yield Path(real)


def _loaded(context: ssl.SSLContext, file: Path) -> bool:
    """Tells whether a file held certificates that are trusted now; one bad file in a folder does no harm."""
    try:
        if file.stat().st_size > _LARGEST_CA_FILE:
            return False
        context.load_verify_locations(file)
    except (OSError, ssl.SSLError):
        return False
    return True
