"""Looks, before a run, whether one could succeed: the OCCI site is asked by GET alone, and nothing is changed."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

from OcciLibrary.keywords.site_logins import WHERE_CREDENTIALS_ARE, tls_of
from OcciLibrary.keywords.site_run import CannotTell, SiteRun
from OcciLibrary.keywords.site_variables import SiteVariables
from OcciLibrary.keywords.state_words import state_of
from OcciLibrary.occi.errors import OcciError, RenderingError
from OcciLibrary.occi.request_errors import (
    AmbiguousName,
    AnswerUnusable,
    LoginRefused,
    RequestRefused,
    SiteUnreachable,
)
from OcciLibrary.occi.secrets_in_answers import learn_from_answer
from OcciLibrary.occi.tls_words import distrusted, failed, refused_certificate
from OcciLibrary.occi.transport import Answer, shown_url
from OcciLibrary.probes.line_connection import Deadline, NotConnectedError, open_connection
from OcciLibrary.results.check_lines import Line, Sign, line, sentence
from OcciLibrary.results.checking_the_vm import clock_of_site, look_at_the_vm

_CONNECT_SECONDS = 5.0
_SOON = 14 * 86400.0
_FEW = 5


class LookingRun(SiteRun):
    """A run that only looks: it keeps the last answer, and logs nothing."""

    answer: Answer | None = None
    answered_at = 0.0

    def _answered(self, answer: Answer) -> None:
        learn_from_answer(answer.headers, answer.body.decode("utf-8", "replace"))
        self.answer, self.answered_at = answer, time.time()


def check_site(site: str, folder: Path, variables: SiteVariables) -> Iterator[Line]:
    """Yields a line for each thing as soon as it is known; what hangs on something wrong is left out.

    `folder` has the site file, `variables` are what it says. An embedded sandbox is started, and ended at the end.
    """
    run = LookingRun(site, folder)
    try:
        yield from _lines(run, variables)
    finally:
        run.close()


def _lines(run: LookingRun, variables: SiteVariables) -> Iterator[Line]:
    problem = run.check_site(variables.values)
    if wrong := [said for said in (*variables.problems, problem) if said]:
        yield from (line("Site file", Sign.WRONG, said) for said in wrong)
        return
    yield line("Site file", Sign.WELL, f"{run.file} can be used.")
    try:
        endpoint = run.client.endpoint
    except (OcciError, CannotTell, ValueError) as unusable:
        yield line("Address", Sign.WRONG, str(unusable))
        return
    state = ""
    for look in (_address, _tls, _login, _machine):
        found = list(look(run, endpoint))
        yield from found
        if any(one.sign is Sign.WRONG for one in found) and look is not _machine:
            break
    else:
        state = state_of(run.case.now) if run.case.now is not None else ""
    if run.answer is not None:
        yield clock_of_site(run.answer, run.answered_at)
    yield from look_at_the_vm(run.site_settings(), state)


def _address(run: LookingRun, endpoint: str) -> Iterator[Line]:
    if proxy := select_proxy(endpoint, get_environ_proxies(endpoint)):
        yield line(
            "Address", Sign.NOTE, f"{shown_url(endpoint)} is reached by way of the proxy {shown_url(proxy)}."
        )
        return
    host, port = _host_and_port(endpoint)
    began = time.perf_counter()
    try:
        open_connection(host, port, Deadline(_CONNECT_SECONDS)).close()
    except NotConnectedError as problem:
        yield line(
            "Address",
            Sign.WRONG,
            f"{problem} Check ${{OCCI_ENDPOINT}} in {run.file} and your network, or ask the site whether it is down.",
        )
    else:
        took = (time.perf_counter() - began) * 1000
        yield line("Address", Sign.WELL, f"{host} port {port} accepts connections ({took:.0f} ms).")


def _tls(run: LookingRun, endpoint: str) -> Iterator[Line]:
    settings = run.site_settings()
    if endpoint.startswith("http:"):
        if settings.occi_auth != "none":
            words = "The address begins with http://, so that everybody on the way can read your login: ask the site for https."
            yield line("TLS", Sign.NOTE, words)
        else:
            yield line("TLS", Sign.LEFT_OUT, "The address begins with http://.")
        return
    if select_proxy(endpoint, get_environ_proxies(endpoint)):
        yield line("TLS", Sign.LEFT_OUT, "It is looked at behind the proxy, with the login.")
        return
    host, port = _host_and_port(endpoint)
    try:
        tls = tls_of(settings)
        version, until = _handshake(tls.context(), host, port)
    except OcciError as problem:
        yield line("TLS", Sign.WRONG, sentence(str(problem)))
    except ssl.SSLCertVerificationError as problem:
        yield line("TLS", Sign.WRONG, f"{host} is not trusted: {distrusted(problem)}.")
    except ssl.SSLError as problem:
        refusal = refused_certificate(problem, tls.certificate is not None)
        yield line("TLS", Sign.WRONG, sentence(f"{host}: {refusal or failed(problem)}"))
    except (NotConnectedError, OSError) as problem:
        yield line("TLS", Sign.WRONG, f"{host} broke off the TLS handshake: {problem}")
    else:
        yield _trusted(host, version, until)


def _handshake(context: ssl.SSLContext, host: str, port: int) -> tuple[str, float]:
    """Returns the version of TLS, and until when the server's certificate is valid (seconds since 1970)."""
    with open_connection(host, port, Deadline(_CONNECT_SECONDS)) as connection:
        connection.settimeout(_CONNECT_SECONDS)
        with context.wrap_socket(connection, server_hostname=host) as secured:
            until = str((secured.getpeercert() or {}).get("notAfter", ""))
            with contextlib.suppress(OSError):
                secured.shutdown(socket.SHUT_RDWR)
            return secured.version() or "TLS", ssl.cert_time_to_seconds(until) if until else 0.0


def _trusted(host: str, version: str, until: float) -> Line:
    if not until:
        return line("TLS", Sign.WELL, f"{version}; the certificate of {host} is trusted.")
    day = time.strftime("%Y-%m-%d", time.gmtime(until))
    if until - time.time() < _SOON:
        return line("TLS", Sign.NOTE, f"The certificate of {host} expires on {day}: tell the site's admin.")
    return line("TLS", Sign.WELL, f"{version}; the certificate of {host} is trusted and valid until {day}.")


def _login(run: LookingRun, endpoint: str) -> Iterator[Line]:
    """Asks what the site offers and for its listing: only the two together show that the login is accepted."""
    client, login = run.client, run.site_settings().occi_auth
    noted: list[Line] = []
    try:
        try:
            client.discover()
        except (RequestRefused, AnswerUnusable, RenderingError) as problem:
            noted.append(
                line("Discovery", Sign.NOTE, f"{sentence(str(problem))} The test cases do without it.")
            )
        run.case.listed = client.list_compute()
    except LoginRefused as problem:
        words = f"{sentence(str(problem))} {WHERE_CREDENTIALS_ARE[login]} (${{OCCI_AUTH}} is {login})."
        yield line("Login", Sign.WRONG, words)
    except SiteUnreachable as problem:
        yield line("Login", Sign.WRONG, f"{sentence(str(problem))} Ask the site whether it is down.")
    except OcciError as problem:
        words = (
            f"The VMs cannot be listed: {sentence(str(problem))} Step 1.1 would fail: ask the site's admin."
        )
        yield line("Login", Sign.WRONG, words)
    else:
        name = f" as {run.site_settings().occi_username}" if run.site_settings().occi_username else ""
        how = f"{login}{name} is accepted" if login != "none" else "none is asked for"
        known = f" ({run.implementation})" if run.implementation else ""
        server = f"; the server is {run.server}{known}" if run.server else ""
        yield line("Login", Sign.WELL, f"{how}; VMs listed: {len(run.case.listed)}{server}.")
    yield from noted


def _machine(run: LookingRun, endpoint: str) -> Iterator[Line]:
    listed, wanted = run.case.listed or (), run.site_settings().vm_id
    try:
        found = run.listed_vm(listed)
        if not found:
            few = ", ".join(shown_url(url) for url in listed[:_FEW]) + (", ..." if len(listed) > _FEW else "")
            there = f"; listed are {few}" if listed else ""
            yield line(
                "VM",
                Sign.WRONG,
                f"'{wanted}' is not among the {len(listed)} VMs that the site lists{there}. Check ${{VM_ID}} in {run.file}; "
                "if it is right, ask the site's admin.",
            )
            return
        state = state_of(run.query())
    except AmbiguousName as problem:
        yield line(
            "VM", Sign.WRONG, f"{sentence(str(problem))} Write its whole URL into ${{VM_ID}} of {run.file}."
        )
    except OcciError as problem:
        yield line(
            "VM",
            Sign.WRONG,
            f"It is listed, but cannot be queried: {sentence(str(problem))} Ask the site's admin.",
        )
    else:
        yield _STATES.get(state, _strange)(shown_url(found), state)


def _strange(vm: str, state: str) -> Line:
    words = f"{vm} is in state '{state}'" if state else f"{vm} shows no state"
    return line("VM", Sign.NOTE, f"{words}: most test cases would not be run. Ask the site's admin.")


def _inactive(vm: str, state: str) -> Line:
    return line("VM", Sign.WELL, f"{vm} is listed and inactive, as test cases 2 and 3 want it.")


def _active(vm: str, state: str) -> Line:
    words = f"{vm} is active, but test cases 2 and 3 begin with a stopped VM: stop it before the run."
    return line("VM", Sign.NOTE, words)


_STATES: dict[str, Callable[[str, str], Line]] = {"inactive": _inactive, "active": _active}


def _host_and_port(endpoint: str) -> tuple[str, int]:
    parts = urlsplit(endpoint)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
