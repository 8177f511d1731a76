"""The shapes in which one secret may stand in a log: as it is, and as base64, URLs, JSON, HTML and Python write it."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST = 4
_LONGEST_WORD = 12
_URL_SAFE = str.maketrans("+/", "-_")

# Words of sites, machines and Robot Framework that stand in logs, beside those of the library's own texts.
COMMON_WORDS = frozenset(
    """
    active inactive suspended error waiting start stop restart suspend resume save create update delete graceful warm
    cold acpioff poweroff hibernate compute network storage occi core cores memory hostname speed state architecture
    title summary action actions kind mixin link resource endpoint category scheme class rel location attributes
    pass passed fail failed skip skipped test tests true false none null info warn debug trace step remark verdict
    secret password passphrase passwd token user username admin root guest tester site sandbox cloud server echo ping
    hello good http https html text plain json body data name value type host port path file line message status
    basic digest bearer keystone x509 auth login none auto default local localhost public private example
    span table details style class code list item time seconds minute minutes second answer answers request
    openstack opennebula synnefo nova rocci ubuntu debian linux python robot
    1234 12345 123456 2026
    """.split()  # noqa: SIM905 - as a list it would fill a page
)


@lru_cache(maxsize=256)
def is_common(secret: str) -> bool:
    """Tells whether a secret is a word, or a piece of one, that the library itself writes into logs.

    To mask it there would garble them, and tell it: the reader knows what stands in `The VM is <secret>`.
    """
    word = secret.lower()
    return word in COMMON_WORDS or (len(word) <= _LONGEST_WORD and word in _own_texts())


@lru_cache(maxsize=1)
def _own_texts() -> str:
    package = Path(__file__).parents[1]
    return "\n".join(file.read_text("utf-8") for file in package.rglob("*.py")).lower()


def forms(secret: str, encoded: bool = True) -> Iterator[str]:
    """Yields the texts that give a secret away, the secret first; some come twice. Base64 is left out.

    Without `encoded` they are only those in which texts are quoted.
    """
    yield secret
    for escape in _ESCAPES:
        once = escape(secret)
        yield once
        if once != secret:
            yield from (again(once) for again in _ESCAPES)
    for content in _encoded(secret) if encoded else ():
        yield content.hex()
        yield content.hex().upper()
        yield repr(content)[2:-1]


def base64_cores(secret: str) -> Iterator[str]:
    """Yields what base64 makes of a secret whatever stands before and after it: three alignments, two alphabets, quoted."""
    for content in _encoded(secret):
        for before in range(3):
            text = base64.b64encode(bytes(before) + content).decode("ascii").rstrip("=")
            first = -(-before * 8 // 6)
            last = (before + len(content)) * 8 // 6
            core = text[first:last]
            yield core
            yield core.translate(_URL_SAFE)
            yield core.replace("/", "\\/")
            yield quote(core, safe="")


def _encoded(secret: str) -> Iterator[bytes]:
    yield secret.encode("utf-8", "surrogatepass")
    if not secret.isascii():
        yield secret.encode("latin-1", "replace")  # as requests writes a password


def _percent(safe: str) -> Callable[[str], str]:
    return lambda text: quote(text, safe=safe, errors="surrogatepass")


def _in_small_letters(text: str) -> str:
    return re.sub(
        r"%[0-9A-F]{2}", lambda found: found[0].lower(), quote(text, safe="", errors="surrogatepass")
    )


_ESCAPES: tuple[Callable[[str], str], ...] = (
    _percent(""),
    _percent("/"),
    _in_small_letters,
    lambda text: quote_plus(text, errors="surrogatepass"),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    lambda text: html.escape(text, quote=False),
    lambda text: html.escape(text, quote=True),
    lambda text: html.escape(text, quote=False).replace('"', "&quot;"),
    lambda text: html.escape(text, quote=False).replace('"', "&#34;").replace("'", "&#39;"),
    lambda text: html.escape(text, quote=False).replace('"', "&quot;").replace("'", "&apos;"),
    lambda text: repr(text)[1:-1],
    lambda text: ascii(text)[1:-1],
    lambda text: text.replace("\\", "\\\\").replace('"', '\\"'),
    lambda text: text.replace("\\", "\\\\").replace("'", "\\'"),
)
