"""Looks for every deviation of one rendering from the OCCI documents: the strict rules, and what the library's readers noticed."""

from __future__ import annotations

import re
from collections.abc import Collection

from OcciLibrary.lint.document import (
    JSON_TYPES,
    PLAIN_TYPES,
    Direction,
    Document,
    answer_text,
    decoded,
    has_occi_fields,
    is_draft,
    media_type_of,
    taken_apart,
)
from OcciLibrary.lint.findings import Finding, FindingLog, quoted
from OcciLibrary.lint.json_rules import check_json
from OcciLibrary.lint.reader_notes import add_reader_notes
from OcciLibrary.lint.rules import EDITIONS, Edition
from OcciLibrary.lint.text_fields import body_fields, header_fields
from OcciLibrary.lint.text_rules import check_fields
from OcciLibrary.lint.uri_list_rules import check_uri_list
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_OCCI, URI_LIST
from OcciLibrary.occi.transport import Answer

_TOKEN = re.compile(r"(?:^|[\s(;,])OCCI/(1\.[0-9])\b")
_CHARSET = re.compile(r";[ \t]*charset[ \t]*=[ \t]*\"?([^\s\";]+)", re.IGNORECASE)
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_KNOWN_TYPES = (*PLAIN_TYPES, *JSON_TYPES, TEXT_OCCI, URI_LIST)


def lint_bytes(
    data: bytes,
    media_type: str = "",
    editions: Collection[Edition] = (),
    name: str = "",
    direction: Direction = "",
) -> tuple[Finding, ...]:
    """Returns what is wrong with a rendering: a body, a header block, or a recorded message with its first line.

    `media_type` is recognised when it is empty, by a recorded Content-Type, the suffix of the file's `name`, or its look.
    `editions` are those that the rendering may follow; when empty, those that a recorded Server header claims, else both
    (JSON: 1.2). With both only what neither of them allows is a finding. `direction` is request, response, or '' when that is not known. Raises nothing.
    """
    text, is_utf_8 = decoded(data)
    document = taken_apart(text, media_type, name, direction)
    return _findings(document, editions or _claimed(document), is_utf_8)


def lint_answer(
    answer: Answer, editions: Collection[Edition] = (), media_type: str = ""
) -> tuple[Finding, ...]:
    """Returns what is wrong with the rendering in an answer; places are those in the answer as `curl -i` prints it."""
    text, is_utf_8 = answer_text(answer)
    document = taken_apart(text, media_type)
    return _findings(document, editions or _claimed(document), is_utf_8)


def _claimed(document: Document) -> tuple[Edition, ...]:
    """Gives the editions that a Server or User-Agent header claims; else both, but for JSON, which came with 1.2."""
    for name in ("Server", "User-Agent"):
        header = document.header(name)
        found = _TOKEN.findall(header.value) if header is not None else []
        if claimed := tuple(edition for edition in EDITIONS if edition in found):
            return claimed
    return ("1.2",) if document.media_type in JSON_TYPES else EDITIONS


def _findings(document: Document, editions: Collection[Edition], is_utf_8: bool) -> tuple[Finding, ...]:
    log = FindingLog(document.text, editions)
    if not is_utf_8:
        odd = re.search(r"[^\x00-\x7f]", document.text)
        at = odd.start() if odd else 0
        log.add("not-utf-8", at, at + 1, "the text is not UTF-8", "UTF-8")
    _check_head(document, log)
    if document.status < 300 and _check_media_type(document, log):
        _check_content(document, log)
    return log.result()


def _check_head(document: Document, log: FindingLog) -> None:
    content_type = document.header("Content-Type")
    if content_type is not None:
        place = (content_type.value_begin, content_type.end)
        if "," in content_type.value:
            log.add("media-type-list", *place, f"{quoted(content_type.value)} is a list", "one media type")
        if is_draft(content_type.value):
            words = f"{quoted(content_type.value)} is a type of the drafts"
            log.add("draft-media-type", *place, words, OCCI_JSON)
        charset = _CHARSET.search(content_type.value)
        if charset and charset[1].lower() not in _UTF_8:
            log.add("other-charset", *place, f"the character set is {quoted(charset[1])}", "UTF-8")
    server = document.header("Server")
    if document.direction == "response" and server is not None and not _TOKEN.search(server.value):
        words = f"the Server header {quoted(server.value)} does not say which OCCI it is"
        log.add(
            "server-without-version", server.value_begin, server.end, words, "a token OCCI/1.1 or OCCI/1.2"
        )


def _check_media_type(document: Document, log: FindingLog) -> bool:
    """Tells whether the media type is one of OCCI's, and records when not."""
    body = _body(document)
    if document.media_type in _KNOWN_TYPES:
        is_silent = body.strip() in ("", "OK")
        if document.status and not is_silent and document.header("Content-Type") is None:
            begin = document.body or 0
            log.add(
                "missing-content-type", begin, begin + 1, "a body came without Content-Type", "a Content-Type"
            )
        return True
    if body.strip():
        header = document.header("Content-Type")
        place = (
            (header.value_begin, header.end)
            if header is not None
            else (document.body or 0, len(document.text))
        )
        words = f"{quoted(document.media_type)} is no OCCI rendering"
        log.add(
            "no-occi-rendering",
            *place,
            words,
            "text/plain, text/occi, text/uri-list or application/occi+json",
        )
    return False


def _check_content(document: Document, log: FindingLog) -> None:
    body = _body(document)
    begin = document.body if document.body is not None else len(document.text)
    is_silent = body.strip() in ("", "OK")
    if document.media_type == TEXT_OCCI:
        _check_text_occi(document, body, log)
    elif is_silent and document.headers:
        _check_silent(document, body, log)
    elif document.media_type in PLAIN_TYPES:
        _check_plain(document, body, begin, log)
    elif document.media_type == URI_LIST:
        check_uri_list(document.text, begin, log)
    elif body.strip() or not document.headers:
        check_json(document.text, begin, log, document.direction)
    add_reader_notes(document, log)


def _check_text_occi(document: Document, body: str, log: FindingLog) -> None:
    fields = header_fields(document, log)
    begin = document.body if document.body is not None else len(document.text)
    if not any(field.name != "Location" for field in fields) and body.strip() not in ("", "OK"):
        inner = body_fields(document.text, begin, log)
        if inner:
            words = "the OCCI fields of a text/occi message stand in its body"
            log.add("fields-in-body", inner[0].begin, inner[0].end, words, "the same fields in the header")
            check_fields(inner, log, in_body=True)
        return
    check_fields(fields, log, in_body=False)
    if document.direction == "response" and body.strip() != "OK":
        words = "the body is empty" if not body.strip() else f"the body is {quoted(body.strip())}"
        log.add("text-occi-body", begin, len(document.text), words, "the word OK")


def _check_silent(document: Document, body: str, log: FindingLog) -> None:
    """Checks a message whose body is empty or the word OK, though its type is not text/occi: a location in the header is all well."""
    if body.strip() and document.media_type in JSON_TYPES:
        begin = (document.body or 0) + len(body) - len(body.lstrip())
        log.add(
            "ok-body-in-json",
            begin,
            begin + 2,
            "the body is the word OK, which is no JSON",
            "a JSON document",
        )
    if has_occi_fields(document.headers):
        fields = header_fields(document, log)
        words = f"the OCCI fields stand in the header of a {document.media_type} message"
        log.add("fields-in-headers", fields[0].begin, fields[0].end, words, "the same fields in the body")
        check_fields(fields, log, in_body=False)


def _check_plain(document: Document, body: str, begin: int, log: FindingLog) -> None:
    unknown = FindingLog(document.text, log.editions)
    fields = body_fields(document.text, begin, unknown)
    if fields:
        check_fields(body_fields(document.text, begin, log), log, in_body=True)
    elif has_occi_fields(document.headers):
        in_headers = header_fields(document, log)
        words = "the OCCI fields stand in the header of a text/plain message"
        log.add(
            "fields-in-headers", in_headers[0].begin, in_headers[0].end, words, "the same fields in the body"
        )
        check_fields(in_headers, log, in_body=False)
    elif body.strip():
        at = begin + len(body) - len(body.lstrip())
        words = f"no line is an OCCI field, the text begins {quoted(body.strip())}"
        expected = "lines that begin with Category, Link, X-OCCI-Attribute or X-OCCI-Location"
        log.add("no-occi-field", at, at + len(body.strip().splitlines()[0]), words, expected)


def _body(document: Document) -> str:
    return document.text[document.body :] if document.body is not None else ""


__all__ = ["lint_answer", "lint_bytes", "media_type_of"]
