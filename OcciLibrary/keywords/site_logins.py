"""The logins of a site file: which of its lines each one needs, what the client makes of them, where to look when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from robot.api.types import Secret

if TYPE_CHECKING:
    from OcciLibrary.keywords.site_file import SiteSettings
    from OcciLibrary.occi.client_certificate import ClientCertificate
    from OcciLibrary.occi.logins import KeystoneOidc, KeystonePassword, KeystoneVoms, Login
    from OcciLibrary.occi.tls import Tls

LOGINS = ("none", "basic", "digest", "x509", "keystone", "keystone-voms", "keystone-oidc", "bearer")
_NAME_AND_PASSWORD = ("occi_username", "occi_password")
_NEEDED = {
    "basic": _NAME_AND_PASSWORD,
    "digest": _NAME_AND_PASSWORD,
    "x509": ("occi_certificate",),
    "keystone": _NAME_AND_PASSWORD,
    "keystone-voms": ("occi_certificate",),
    "keystone-oidc": ("occi_token",),
    "bearer": ("occi_token",),
}
_CHECK_NAME_AND_PASSWORD = (
    "Check ${OCCI_USERNAME} in the site file and the password in the environment variable OCCI_PASSWORD"
)
WHERE_CREDENTIALS_ARE = {
    "none": "The site wants a login: see docs/logins.md",
    "basic": _CHECK_NAME_AND_PASSWORD,
    "digest": _CHECK_NAME_AND_PASSWORD,
    "keystone": f"{_CHECK_NAME_AND_PASSWORD} (or OCCI_TOKEN), ${{OCCI_PROJECT}}, ${{OCCI_DOMAIN}}",
    "keystone-voms": "Check ${OCCI_CERTIFICATE} (your VOMS proxy), ${OCCI_PROJECT}",
    "keystone-oidc": "Check the environment variable OCCI_TOKEN (your access token), ${OCCI_PROJECT}",
    "bearer": "Check the environment variable OCCI_TOKEN",
    "x509": "Check ${OCCI_CERTIFICATE} and ${OCCI_KEY}",
}


def missing_for_login(settings: SiteSettings) -> list[str]:
    """Returns the names of the settings that the chosen login needs and the site file does not give."""
    needed = _NEEDED.get(settings.occi_auth, ())
    if settings.occi_auth == "keystone" and _text(settings.occi_token):
        needed = ()
    return [name for name in needed if not _text(getattr(settings, name))]


def unfit_for_login(settings: SiteSettings) -> list[str]:
    """Returns a phrase for each value that the chosen login cannot do anything with."""
    problems = []
    if settings.occi_auth == "basic" and ":" in settings.occi_username:
        problems.append(
            "${OCCI_USERNAME} holds a colon, which a basic login cannot carry: take another login or name"
        )
    for login, name, url in (
        ("x509", "OCCI_ENDPOINT", settings.occi_endpoint),
        ("keystone-voms", "OCCI_IDENTITY_URL", settings.occi_identity_url),
    ):
        if settings.occi_auth == login and url.lower().startswith("http:"):
            problems.append(f"${{{name}}} begins with http://, but a certificate is shown by https:// alone")
    return problems


def tls_of(settings: SiteSettings) -> Tls:
    """Returns whom to trust at the site, and the certificate to show there."""
    return _tls(settings, with_certificate=settings.occi_auth == "x509")


def login_of(settings: SiteSettings, told: Callable[[str], None]) -> Login | None:
    """Returns the login that a site file asks for; `told` is called with a sentence about each token obtained."""
    from OcciLibrary.occi import logins  # noqa: PLC0415

    name, password, token = (
        settings.occi_username,
        _text(settings.occi_password),
        _text(settings.occi_token),
    )
    match settings.occi_auth:
        case "basic":
            login: Login | None = logins.BasicLogin(name, password)
        case "digest":
            login = logins.DigestLogin(name, password)
        case "bearer":
            login = logins.TokenLogin(token)
        case "x509":
            login = logins.CertificateLogin(_certificate(settings))
        case "keystone" if token:
            login = logins.TokenLogin(token, "X-Auth-Token")
        case "keystone" | "keystone-voms" | "keystone-oidc":
            login = logins.KeystoneLogin(
                _keystone_method(settings),
                logins.Scope(settings.occi_project, settings.occi_project_domain or settings.occi_domain),
                settings.occi_identity_url,
                _tls(settings, with_certificate=settings.occi_auth == "keystone-voms"),
                told,
            )
        case _:
            login = None
    return login


def _keystone_method(settings: SiteSettings) -> KeystonePassword | KeystoneVoms | KeystoneOidc:
    from OcciLibrary.occi import logins  # noqa: PLC0415

    provider, protocol = settings.occi_identity_provider, settings.occi_federation_protocol
    if settings.occi_auth == "keystone-voms":
        return logins.KeystoneVoms(provider, protocol or "mapped")
    if settings.occi_auth == "keystone-oidc":
        return logins.KeystoneOidc(_text(settings.occi_token), provider, protocol)
    return logins.KeystonePassword(
        settings.occi_username, _text(settings.occi_password), settings.occi_domain
    )


def _tls(settings: SiteSettings, with_certificate: bool) -> Tls:
    from OcciLibrary.occi.tls import Tls  # noqa: PLC0415

    return Tls(settings.occi_ca, _certificate(settings) if with_certificate else None)


def _certificate(settings: SiteSettings) -> ClientCertificate:
    from OcciLibrary.occi.client_certificate import ClientCertificate  # noqa: PLC0415

    return ClientCertificate(settings.occi_certificate, settings.occi_key, _text(settings.occi_key_password))


def _text(value: str | Secret | None) -> str:
    if isinstance(value, Secret):
        return str(value.value)
    return value or ""
