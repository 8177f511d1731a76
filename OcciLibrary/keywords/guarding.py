"""Turns what can go wrong between a tester and a site into the right verdict, for every keyword alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from robot.api import logger

from OcciLibrary.keywords.site_logins import WHERE_CREDENTIALS_ARE
from OcciLibrary.keywords.site_run import CannotTell, SiteRun, StepFailed
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import (
    AmbiguousName,
    LoginRefused,
    MediaTypeNotOffered,
    NotSent,
    RequestRefused,
    SiteUnreachable,
    TlsFailed,
)
from OcciLibrary.probes.line_connection import Deadline, NotConnectedError, open_connection

_CONNECT_SECONDS = 3.0
_HTTP_NOT_FOUND = 404
_NOT_FOUND = " Check ${{OCCI_ENDPOINT}} and ${{VM_ID}} in {file}; if they are right, ask the site's admin."


@contextmanager
def judged(run: SiteRun, expected: str) -> Iterator[None]:
    """Runs a piece of a step: what the site breaks fails it, what lies on the tester's side ends the run.

    `expected` says in a few words what the site should have done, for the message.
    """
    try:
        yield
    except (LoginRefused, SiteUnreachable, MediaTypeNotOffered, AmbiguousName, CannotTell) as problem:
        if is_of_the_site(run, problem):
            raise StepFailed(
                f"Expected {expected}, but: {_sentence(str(problem))} The site still accepts connections: ask its admin."
            ) from None
        sentence = tester_side(run, problem)
        run.stop(sentence)
        raise CannotTell(sentence) from None
    except OcciError as problem:
        hint = _NOT_FOUND.format(file=run.file) if getattr(problem, "status", 0) == _HTTP_NOT_FOUND else ""
        raise StepFailed(f"Expected {expected}, but: {_sentence(str(problem))}{hint}") from None


def fail_on_lost_network(run: SiteRun) -> None:
    """Raises `CannotTell` when the site cannot be reached either: then silence says nothing about the VM."""
    try:
        run.query()
    except (LoginRefused, SiteUnreachable) as problem:
        with judged(run, "the site to be reachable while its VM is silent"):
            raise problem
    except OcciError as problem:
        logger.info(f"The site can be reached, though it does not show the VM: {problem}")


def in_words(refusal: RequestRefused) -> str:
    """Returns a refusal without its full stop; where the site gave no reason that is said, for its admin can find it."""
    words = str(refusal).rstrip(".!")
    return words if refusal.said else f"{words} (it gave no reason)"


def is_of_the_site(run: SiteRun, problem: Exception) -> bool:
    """Tells whether it is the site that gave no answer: it took the request, and still accepts connections.

    Where nobody accepts connections, it may as well be the tester's network.
    """
    if not isinstance(problem, SiteUnreachable) or isinstance(problem, NotSent):
        return False
    try:
        parts = urlsplit(run.client.endpoint)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with open_connection(parts.hostname or "", port, Deadline(_CONNECT_SECONDS)):
            return True
    except (NotConnectedError, OSError, ValueError):
        return False


def tester_side(run: SiteRun, problem: Exception) -> str:
    """Returns one sentence for what keeps the tester from the site, with what to do."""
    words = str(problem).rstrip(".")
    if isinstance(problem, LoginRefused):
        settings = run.settings
        login = settings.occi_auth if settings else "none"
        return f"{words}. {WHERE_CREDENTIALS_ARE[login]}, and ${{OCCI_AUTH}} ({login}) in {run.file}; nothing more was run."
    if isinstance(problem, TlsFailed):
        return f"{words}; nothing more was run."
    if isinstance(problem, SiteUnreachable):
        return f"{words}: check your network and ${{OCCI_ENDPOINT}} in {run.file}, or ask the site whether it is down; nothing more was run."
    if isinstance(problem, AmbiguousName):
        return f"{words} in ${{VM_ID}} of {run.file}; nothing more was run."
    return _sentence(str(problem))


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."
