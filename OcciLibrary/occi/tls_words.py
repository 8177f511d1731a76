"""What a failed TLS connection means for a tester: whose certificate it was about, and what to do."""

from __future__ import annotations

import re
import ssl

# OpenSSL's X509_V_ERR codes.
_UNKNOWN_CA = frozenset({2, 18, 19, 20, 21})
_NOT_YET, _EXPIRED = 9, 10
_OTHER_NAME = frozenset({62, 64})
# What OpenSSL makes of an answer that is plain HTTP, by version.
_PLAIN_HTTP = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
_OLD_TLS = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"})
# What the other side says of the client's certificate (RFC 8446 §6.2); OpenSSL puts a version before these names.
_ALERT = re.compile(r"ALERT_(\w+)$")
_REFUSALS = {
    "CERTIFICATE_EXPIRED": "says that your certificate expired; check it, and this computer's clock",
    "CERTIFICATE_REVOKED": "says that your certificate was revoked: ask your CA",
    "UNKNOWN_CA": "does not know the CA of your certificate (or takes no proxy certificates): ask its admin which CAs it trusts",
    "BAD_CERTIFICATE": "does not accept your certificate",
    "UNSUPPORTED_CERTIFICATE": "does not accept this kind of certificate",
    "CERTIFICATE_UNKNOWN": "does not accept your certificate",
    "ACCESS_DENIED": "knows your certificate but does not let you in",
    "DECRYPT_ERROR": "does not accept the signature made with your private key",
}
_CERTIFICATE_WANTED = "CERTIFICATE_REQUIRED"
_WANTS_ONE = "wants a client certificate: write x509 into ${OCCI_AUTH} and name yours in ${OCCI_CERTIFICATE}"
_GOT_NONE = "wants a client certificate and did not take yours: is its CA among those that the site accepts?"


def refused_certificate(problem: ssl.SSLError, has_certificate: bool) -> str:
    """Returns what the other side says of the client's certificate, or of its lack; '' where it says nothing of it."""
    alert = _ALERT.search(str(problem.reason or ""))
    if alert is None:
        return ""
    if alert[1] == _CERTIFICATE_WANTED:
        return _GOT_NONE if has_certificate else _WANTS_ONE
    return _REFUSALS.get(alert[1], "") if has_certificate else ""


def distrusted(problem: ssl.SSLCertVerificationError) -> str:
    """Returns why the other side's certificate is not trusted, and whom that concerns."""
    code, said = problem.verify_code, str(problem.verify_message).rstrip(".")
    if code in _UNKNOWN_CA:
        return (
            f"it shows a certificate of an unknown CA ({said}): name that CA in ${{OCCI_CA}} (computers for grids have it in "
            "/etc/grid-security/certificates), or ask the site's admin for it"
        )
    if code == _EXPIRED:
        return "its certificate has expired: ask the site's admin for a new one (or is this computer's clock wrong?)"
    if code == _NOT_YET:
        return "its certificate is not valid yet: is this computer's clock wrong?"
    if code in _OTHER_NAME:
        return f"its certificate is for another host name ({said}): use the name that the certificate is for"
    return f"its certificate cannot be verified ({said}): ask the site's admin"


def failed(problem: ssl.SSLError) -> str:
    """Returns why a TLS connection failed otherwise."""
    reason = str(problem.reason or "")
    if reason in _PLAIN_HTTP:
        return "that port does not speak https: begin the address with http://, or correct the port"
    if reason in _OLD_TLS:
        return "it speaks only an old TLS that is no longer safe (older than 1.2): ask the site's admin"
    if reason.endswith("ALERT_HANDSHAKE_FAILURE"):
        return (
            "it refuses the TLS handshake: it wants a client certificate (${OCCI_AUTH} x509) of a CA that it accepts, or "
            "speaks no TLS of today"
        )
    return f"the TLS connection failed ({reason.lower().replace('_', ' ') or 'without a reason'})"
