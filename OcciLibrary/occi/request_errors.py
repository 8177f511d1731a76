"""What can go wrong between a request and its answer, told apart by whose side it is on."""

from __future__ import annotations

from OcciLibrary.occi.errors import OcciError


class RequestError(OcciError):
    """Says in one sentence what was asked of the site and what came instead."""


class AmbiguousName(RequestError):
    """Says that a name fits several resources, so that nobody can tell which one is meant."""


class SiteUnreachable(RequestError):
    """Says that no answer came at all: a name, network, time-out or TLS problem. It says nothing about the VM."""


class NotSent(SiteUnreachable):
    """Says that a request never left: the site knows nothing of it, so that even an action may be sent again."""


class TlsFailed(NotSent):
    """Says that no trusted TLS connection came about, and in its words what to do."""


class LoginRefused(RequestError):
    """Says that the credentials cannot be used, or that the site did not accept them (401, a TLS alert)."""


class RequestRefused(RequestError):
    """Says that the site answered with an error status.

    `status` is the HTTP status, `said` the site's own words (shortened), `retry_after` the seconds that it asked
    the client to wait, or None.
    """

    def __init__(self, message: str, status: int, said: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        self.retry_after = retry_after


class MediaTypeNotOffered(RequestRefused):
    """Says that the site does not offer the media type that was insisted on, and that OCCI 1.1 does not demand of it."""


class AnswerUnusable(RequestError):
    """Says that an answer came that cannot be used: too large, too slow, cut off, or not OCCI."""


class AnswerOverBounds(AnswerUnusable):
    """Says that an answer was over the bounds of time or size, so that asking for it otherwise is of no use."""
