"""Looks for secrets in the files of a run, wherever Robot Framework puts text: also in the packed texts of log.html.

Sought are the secrets that this process knows (`occi.known_secrets`: environment, site file, key files), and what looks like one:
headers of logins, private keys, tokens, passwords in addresses.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from OcciLibrary.occi.known_secrets import MARK, masked
from OcciLibrary.occi.secrets_in_answers import learn_from_log

_LONGEST_UNPACKED = 4_000_000
_MOST_FOUND = 20
_MARKS = (MARK, "&lt;secret&gt;", "&amp;lt;secret&amp;gt;", "\\u003csecret>")
# Texts of log.html that are longer than others: zlib in base64 (robot.utils.compress_text).
_PACKED = re.compile(r'"(e[AFJN][A-Za-z0-9+/]{14,}={0,2})"')
_LOOKS_LIKE = (
    (
        "a private key",
        re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----\s*(?:\\n|\n|\s)*[A-Za-z0-9+/]{16}"),
    ),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")),
    ("a token of GitHub", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})")),
    ("a token of GitLab", re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}")),
    ("a key of a cloud", re.compile(r"\bAKIA[0-9A-Z]{16}\b")),
    (
        "a password in an address",
        re.compile(r"://[^/\s:@\"'<>]{1,100}:(?!<|&lt;|\$|%|\.\.\.)[^/\s@\"'<>]{3,100}@"),
    ),
    (
        "a header with a login",
        re.compile(
            r"(?i)\b(?:proxy-)?authorization\b['\"]?\s*[:=]\s*['\"]?(?:basic|bearer|digest|token|negotiate)\s+(?!<|&lt;)[\w+/=.~-]{6,}"
        ),
    ),
)


@dataclass(frozen=True)
class Find:
    """Says in which file and line what kind of secret stands; the secret itself is kept nowhere."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.what}"


def find_secrets(name: str, text: str) -> list[Find]:
    """Returns where secrets stand in a file's text, at most 20 of them."""
    found: list[Find] = []
    for number, line in enumerate(text.split("\n"), start=1):
        for what in dict.fromkeys(_in_line(line)):
            found.append(Find(name, number, what))
        if len(found) >= _MOST_FOUND:
            break
    return found or _over_lines(name, text)


def _in_line(line: str) -> Iterator[str]:
    yield from _kinds(line)
    for packed in _PACKED.finditer(line):
        if unpacked := _unpacked(packed[1]):
            yield from _kinds(unpacked)


def _kinds(text: str) -> Iterator[str]:
    """Yields what kinds of secrets a text holds, as it stands and as a browser shows it."""
    for mark in _MARKS:  # where something was hidden, nothing is to be learnt
        text = text.replace(mark, "")
    learn_from_log(text)  # headers of logins as libraries print them: what they carry is known from here on
    if masked(text) != text:
        yield "a secret that this computer knows, or that a header shows"
    shown = html.unescape(text) if "&" in text else text
    for what, pattern in _LOOKS_LIKE:
        if pattern.search(text) or (shown is not text and pattern.search(shown)):
            yield what


def _over_lines(name: str, text: str) -> list[Find]:
    """Returns what shows only over several lines: a key whose mark stands in a line of its own."""
    what, pattern = _LOOKS_LIKE[0]
    return [Find(name, text.count("\n", 0, hit.start()) + 1, what) for hit in pattern.finditer(text)][
        :_MOST_FOUND
    ]


def _unpacked(packed: str) -> str:
    try:
        unpacker = zlib.decompressobj()
        return unpacker.decompress(base64.b64decode(packed, validate=True), _LONGEST_UNPACKED).decode(
            "utf-8", "replace"
        )
    except (zlib.error, binascii.Error, ValueError):
        return ""
