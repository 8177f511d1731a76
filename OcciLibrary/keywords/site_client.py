"""The client of a site, made from what its site file says, and how its answers stand in the log."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from robot.api import logger
from robot.api.types import Secret

if TYPE_CHECKING:
    from OcciLibrary.keywords.site_file import SiteSettings
    from OcciLibrary.occi.client import OcciClient
    from OcciLibrary.occi.tls import Tls
    from OcciLibrary.occi.transport import Answer

_ANSWER_SECONDS = 20.0  # how long one answer may take, where a transition may take as long
_BODY_SHOWN = 4000
# What an answer may carry that must not be mailed around (reference §6).
_PRIVATE_HEADERS = frozenset(
    {"set-cookie", "x-subject-token", "x-auth-token", "authorization", "www-authenticate"}
)


def client_of(settings: SiteSettings, on_answer: Callable[[Answer], None]) -> OcciClient:
    """Returns a client of the site that a site file describes; `on_answer` is called with each answer."""
    from OcciLibrary.occi.client import OcciClient  # noqa: PLC0415

    return OcciClient(
        settings.occi_endpoint,
        _login(settings),
        settings.occi_media_type,
        tls=_tls(settings, with_certificate=settings.occi_auth == "x509"),
        timeout=min(_ANSWER_SECONDS, settings.transition_timeout),
        on_answer=on_answer,
    )


def _tls(settings: SiteSettings, with_certificate: bool) -> Tls:
    from OcciLibrary.occi.client_certificate import ClientCertificate  # noqa: PLC0415
    from OcciLibrary.occi.tls import Tls  # noqa: PLC0415

    own = ClientCertificate(settings.occi_certificate, settings.occi_key, _value(settings.occi_key_password))
    return Tls(settings.occi_ca, own if with_certificate else None)


def _login(settings: SiteSettings) -> Any:
    from OcciLibrary.occi import logins  # noqa: PLC0415

    name, password, token = (
        settings.occi_username,
        _value(settings.occi_password),
        _value(settings.occi_token),
    )
    if settings.occi_auth == "basic":
        return logins.BasicLogin(name, password)
    if settings.occi_auth == "digest":
        return logins.DigestLogin(name, password)
    if settings.occi_auth == "bearer":
        return logins.TokenLogin(token)
    if settings.occi_auth == "keystone" and token:
        return logins.TokenLogin(token, "X-Auth-Token")
    if settings.occi_auth == "keystone":
        tls = _tls(settings, with_certificate=False)
        return logins.KeystoneLogin(name, password, settings.occi_project, settings.occi_identity_url, tls)
    return None


def _value(secret: Secret | None) -> str:
    return str(secret.value) if secret is not None else ""


def log_answer(answer: Answer) -> None:
    """Logs one exchange, folded: the line a tester reads, and inside it what the site answered."""
    first = f"{answer.method} {answer.url} → {answer.status} {answer.reason}"
    headers = "\n".join(
        f"{name}: {'<secret>' if name.lower() in _PRIVATE_HEADERS else value}"
        for name, value in answer.headers
    )
    body = answer.body[: _BODY_SHOWN + 1].decode("utf-8", "replace")
    cut = f"\n… ({len(answer.body)} bytes in all)" if len(answer.body) > _BODY_SHOWN else ""
    shown = "".join(c if c.isprintable() or c in "\r\n\t" else "\ufffd" for c in body[:_BODY_SHOWN])
    logger.info(
        f"<details><summary>{html.escape(first)} ({answer.seconds:.3f} s)</summary>"
        f"<pre>{html.escape(headers[:_BODY_SHOWN])}\n\n{html.escape(shown + cut)}</pre></details>",
        html=True,
    )
