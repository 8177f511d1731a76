"""The certificate and key by which a client is known: read from PEM files, with words for all that is wrong with them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from OcciLibrary.occi import known_secrets
from OcciLibrary.occi.request_errors import LoginRefused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_LARGEST_FILE = 1024 * 1024
_PROXY_INFO = "1.3.6.1.5.5.7.1.14"  # the extension of a proxy certificate (RFC 3820 §3.8)
_OLD_PROXY_NAMES = ("proxy", "limited proxy")  # how proxies called themselves before RFC 3820
_TOO_WEAK = ("TOO_SMALL", "MD_TOO_WEAK")


@dataclass(frozen=True)
class ClientCertificate:
    """Names the PEM files of a certificate and its key, which may be one: a VOMS proxy with its chain is.

    `password` opens an encrypted key; nobody is ever asked for it on the terminal.
    """

    file: str
    key: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        known_secrets.learn(self.password)

    def load_into(self, context: ssl.SSLContext) -> None:
        """Lets a context present the certificate with its whole chain. Raises `LoginRefused` saying what is wrong."""
        problem = self._unreadable() or self.lapsed()
        if problem:
            raise LoginRefused(problem)
        asked: list[bool] = []

        def pass_phrase() -> str:
            asked.append(True)
            return self.password

        try:
            context.load_cert_chain(self.file, self.key or self.file, pass_phrase)
        except (ssl.SSLError, ValueError, OSError) as refusal:
            raise LoginRefused(self._unusable(refusal, bool(asked))) from None

    def lapsed(self, now: datetime | None = None) -> str:
        """Returns a phrase for the first certificate of the chain that is no longer, or not yet, valid; else ''."""
        now = now or datetime.now(timezone.utc)
        for place, certificate in enumerate(self._chain()):
            kind = _kind(certificate, place)
            begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            if end < now:
                return f"{kind} in {self.file} expired on {_moment(end)}, {_length(now - end)} ago: {_remedy(kind)}"
            if begin > now:
                return (
                    f"{kind} in {self.file} is valid only from {_moment(begin)}, in {_length(begin - now)}: "
                    "check this computer's clock"
                )
        return ""

    def _chain(self) -> list[Certificate]:
        """Returns the certificates of the file, none where they cannot be read: OpenSSL will say so."""
        from cryptography import x509  # noqa: PLC0415

        try:
            return x509.load_pem_x509_certificates(_content(self.file))
        except (ValueError, OSError):
            return []

    def _unreadable(self) -> str:
        """Returns what keeps the files from being the PEM files that they should be, or ''."""
        for name, file, mark, what in (
            ("${OCCI_CERTIFICATE}", self.file, b"-----BEGIN CERTIFICATE-----", "certificate"),
            ("${OCCI_KEY}", self.key, b"PRIVATE KEY-----", "private key"),
        ):
            try:
                content = _content(file) if file else mark
            except OSError as problem:
                return f"{name} is '{file}', which cannot be read ({problem.strerror})"
            if content[:1] == b"\x30":
                return f"{name} is '{file}', which is no PEM file but a .p12 or DER one: convert it (openssl pkcs12 -in FILE -out new.pem)"
            if mark not in content:
                return f"{name} is '{file}', which holds no {what} in PEM form"
        if not self.key and b"PRIVATE KEY-----" not in _content(self.file):
            return f"{self.file} holds a certificate but no private key: name the key's file in ${{OCCI_KEY}}"
        return ""

    def _unusable(self, refusal: Exception, asked: bool) -> str:
        key = self.key or self.file
        reason = str(getattr(refusal, "reason", None) or "")
        if reason == "KEY_VALUES_MISMATCH":
            return f"The private key in {key} does not belong to the certificate in {self.file}"
        if any(word in reason for word in _TOO_WEAK):
            return (
                f"A key or signature in {self.file} is too weak for this computer's TLS "
                f"({reason.lower().replace('_', ' ')}): get one with a longer key (voms-proxy-init -bits 2048)"
            )
        if asked and self.password:
            return f"The pass phrase in the environment variable OCCI_KEY_PASSWORD does not open the private key in {key}"
        if asked:
            return f"The private key in {key} is encrypted: put its pass phrase into the environment variable OCCI_KEY_PASSWORD"
        return (
            f"The certificate in {self.file} with the private key in {key} cannot be used: is a file damaged?"
        )


def _content(file: str) -> bytes:
    with Path(file).open("rb") as source:
        return source.read(_LARGEST_FILE)


def _kind(certificate: Certificate, place: int) -> str:
    """Returns what a certificate is, as the beginning of a sentence."""
    if _is_proxy(certificate):
        return "The proxy certificate"
    return "The certificate" if place == 0 else "A certificate of the chain"


def _is_proxy(certificate: Certificate) -> bool:
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    try:
        if any(extension.oid.dotted_string == _PROXY_INFO for extension in certificate.extensions):
            return True
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:  # old grid certificates break some rule or other
        return False
    return bool(names) and names[-1].value in _OLD_PROXY_NAMES


def _remedy(kind: str) -> str:
    if "proxy" in kind:
        return "make a new one (voms-proxy-init)"
    return "ask your CA for a new one"


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d} at {when:%H:%M} UTC"


def _length(time: timedelta) -> str:
    seconds = time.total_seconds()
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'s' if number > 1 else ''}"
    return "less than a minute"
