"""The client of a site, made from what its site file or the embedded site says, and how its answers stand in the log."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from robot.api import logger

from OcciLibrary.occi.known_secrets import MARK, masked
from OcciLibrary.occi.secrets_in_answers import PRIVATE_HEADERS, learn_from_answer

if TYPE_CHECKING:
    from OcciLibrary.keywords.site_file import SiteSettings
    from OcciLibrary.occi.client import OcciClient
    from OcciLibrary.occi.transport import Answer

_ANSWER_SECONDS = 20.0  # how long one answer may take, where a transition may take as long
_BODY_SHOWN = 4000
_BODY_SEARCHED = 64 * 1024


def client_of(settings: SiteSettings, on_answer: Callable[[Answer], None]) -> OcciClient:
    """Returns a client of the site that a site file describes; `on_answer` is called with each answer."""
    from OcciLibrary.keywords.site_logins import login_of, tls_of  # noqa: PLC0415
    from OcciLibrary.occi.client import OcciClient  # noqa: PLC0415

    return OcciClient(
        settings.occi_endpoint,
        login_of(settings, logger.info),
        settings.occi_media_type,
        tls=tls_of(settings),
        timeout=min(_ANSWER_SECONDS, settings.transition_timeout),
        on_answer=on_answer,
    )


def log_answer(answer: Answer) -> None:
    """Logs one exchange, folded: the line a tester reads, and inside it what the site answered."""
    body = answer.body[:_BODY_SEARCHED].decode("utf-8", "replace")
    learn_from_answer(answer.headers, body)
    first = masked(f"{answer.method} {answer.url} → {answer.status} {answer.reason}")
    headers = "\n".join(
        f"{name}: {MARK if name.lower() in PRIVATE_HEADERS else value}" for name, value in answer.headers
    )
    cut = f"\n… ({len(answer.body)} bytes in all)" if len(answer.body) > _BODY_SHOWN else ""
    # Cleaned before it is cut: of half a secret nothing is known.
    shown = "".join(c if c.isprintable() or c in "\r\n\t" else "\ufffd" for c in masked(body)[:_BODY_SHOWN])
    logger.info(
        f"<details><summary>{html.escape(first)} ({answer.seconds:.3f} s)</summary>"
        f"<pre>{html.escape(masked(headers)[:_BODY_SHOWN])}\n\n{html.escape(shown + cut)}</pre></details>",
        html=True,
    )


def log_request(method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Logs a request that a test wrote itself, folded; the login's proof is not in it yet."""
    lines = "\n".join(
        f"{name}: {MARK if name.lower() in PRIVATE_HEADERS else value}" for name, value in headers.items()
    )
    shown = masked(f"{lines}\n\n{body[:_BODY_SEARCHED].decode('utf-8', 'replace')}")[:_BODY_SHOWN]
    logger.info(
        f"<details><summary>Asked: {html.escape(masked(f'{method} {url}'))}</summary><pre>{html.escape(shown)}</pre></details>",
        html=True,
    )


def with_sandbox(settings: SiteSettings, description: Mapping[str, Any]) -> SiteSettings:
    """Returns the settings of an embedded site, which says by itself where it and its VM are."""
    vm = description["machines"][0]
    return replace(
        settings,
        occi_endpoint=description["endpoint"],
        vm_id=settings.vm_id or vm["id"],
        echo_host=settings.echo_host or vm["echo_host"],
        echo_port=vm["echo_port"],
        ssh_host=settings.ssh_host or vm["ssh_host"],
        ssh_port=vm["ssh_port"],
        ssh_host_key=settings.ssh_host_key or vm["ssh_host_key"],
    )
