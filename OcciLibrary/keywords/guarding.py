"""Turns what can go wrong between a tester and a site into the right verdict, for every keyword alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from OcciLibrary.keywords.site_run import CannotTell, SiteRun, StepFailed
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import LoginRefused, SiteUnreachable


@contextmanager
def judged(run: SiteRun, expected: str) -> Iterator[None]:
    """Runs a piece of a step: what the site breaks fails it, what lies on the tester's side ends the run.

    `expected` says in a few words what the site should have done, for the message.
    """
    try:
        yield
    except (LoginRefused, SiteUnreachable, CannotTell) as problem:
        sentence = tester_side(run, problem)
        run.stop(sentence)
        raise CannotTell(sentence) from None
    except OcciError as problem:
        raise StepFailed(f"Expected {expected}, but: {_sentence(str(problem))}") from None


def tester_side(run: SiteRun, problem: Exception) -> str:
    """Returns one sentence for what keeps the tester from the site, with what to do."""
    words = str(problem).rstrip(".")
    if isinstance(problem, LoginRefused):
        settings = run.settings
        login = settings.occi_auth if settings else "none"
        return f"{words}: check ${{OCCI_AUTH}} ({login}) and its credentials in {run.file}; nothing more was run."
    if isinstance(problem, SiteUnreachable):
        return f"{words}: check your network and ${{OCCI_ENDPOINT}} in {run.file}, or ask the site whether it is down; nothing more was run."
    return _sentence(str(problem))


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."
