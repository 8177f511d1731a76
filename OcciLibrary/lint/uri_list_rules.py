"""The rules of text/uri-list (RFC 2483 §5)."""

from __future__ import annotations

import re

from OcciLibrary.lint.findings import FindingLog, quoted
from OcciLibrary.lint.names import check_uri
from OcciLibrary.lint.text_items import Word

_LINE = re.compile(r"[^\r\n]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def check_uri_list(text: str, begin: int, log: FindingLog) -> None:
    """Records the lines of a list that are neither comments nor absolute URIs."""
    for match in _LINE.finditer(text, begin):
        content = match[0].strip()
        if not content or content[0] == "#":
            continue
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        word = Word(content, start)
        if content[0] == "/" and not content[1:2].isspace():
            words = f"the URI {quoted(content)} is relative"
            log.add("relative-location", word.begin, word.end, words, "an absolute URI")
        elif not _SCHEME.match(content):
            log.add(
                "no-uri",
                word.begin,
                word.end,
                f"the line {quoted(content)} is no URI",
                "one URI in each line",
            )
        else:
            check_uri(word, "the line", log)
