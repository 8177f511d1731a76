"""Who the client is to a site: each login puts its proof into a request and keeps it out of every log."""

from OcciLibrary.occi.logins.http_logins import BasicLogin, CertificateLogin, DigestLogin, TokenLogin
from OcciLibrary.occi.logins.keystone import (
    KeystoneLogin,
    KeystoneOidc,
    KeystonePassword,
    KeystoneVoms,
    Scope,
)
from OcciLibrary.occi.logins.login import Login, MaskedHeader

__all__ = [
    "BasicLogin",
    "CertificateLogin",
    "DigestLogin",
    "KeystoneLogin",
    "KeystoneOidc",
    "KeystonePassword",
    "KeystoneVoms",
    "Login",
    "MaskedHeader",
    "Scope",
    "TokenLogin",
]
