"""Turns a refused request into an answer, in the words and the form of the dialect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from OcciLibrary.occi.renderings import TEXT_PLAIN
from OcciLibrary.sandbox.dialects.dialect import Dialect
from OcciLibrary.sandbox.exchange import Answer, RefusedError, Request, Why


def refused_answer(dialect: Dialect, request: Request, refused: RefusedError) -> Answer:
    """Returns the error that the dialect's server answers, or the sandbox's own where the dialect names none."""
    status, words = HTTPStatus(refused.status), str(refused)
    own = dialect.refusals.get(refused.why)
    if refused.why is Why.UNREADABLE and "json" in request.content_type:
        own = dialect.refusals.get(Why.UNREADABLE_JSON, own)
    if own:
        status, words = own.status, own.words.format_map(_facts(request, refused))
    answer = dialect.error(_asked_type(dialect, request), status, words)
    if own and own.content_type:
        answer = replace(answer, content_type=own.content_type)
    headers = dict(refused.headers)
    if refused.why is Why.LOGIN and dialect.challenge:
        headers["WWW-Authenticate"] = dialect.challenge.format(url=request.base_url)
    return replace(answer, headers=(*answer.headers, *headers.items()))


def _facts(request: Request, refused: RefusedError) -> Mapping[str, str]:
    known = {
        "said": str(refused),
        "path": request.asked_path[:200],
        "id": request.path.rpartition("/")[2][:200],
        "accept": request.accept[:200],
        "content_type": request.content_type[:200],
        "action": (request.action or "")[:200],
        "method": request.method,
    }
    return defaultdict(str, {**known, **refused.facts})


def _asked_type(dialect: Dialect, request: Request) -> str:
    try:
        return dialect.accepts(request.accept)
    except RefusedError:
        return TEXT_PLAIN
