"""Finds the secrets that requests and answers carry: tokens, cookies, proofs of logins, and what is private to a VM."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from OcciLibrary.occi.known_secrets import learn

PRIVATE_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "www-authenticate",
        "authentication-info",
        "x-auth-token",
        "x-subject-token",
        "x-service-token",
        "cookie",
        "set-cookie",
    }
)
# Reference §6 and §7.8: the console's address holds its password; keys and contextualization belong to the VM's owner.
PRIVATE_ATTRIBUTES = (
    "org.openstack.compute.console.vnc",
    "org.openstack.compute.console.spice",
    "org.openstack.compute.user_data",
    "org.openstack.credentials.publickey.data",
    "occi.compute.userdata",
    "occi.compute.user_data",
    "occi.credentials.ssh.publickey",
    "occi.credentials.ssh_key",
    "occi.crendentials.ssh.publickey",
)
_SHORTEST = 6  # of what sites hand out: shorter values are numbers and words
_SEARCHED = 1024 * 1024
# As JSON in a JSON text, in double or in single quotes; the end may be missing where an answer was cut.
_QUOTED = r'\\"([^"\\]{4,65536})|"((?:[^"\\]|\\.){4,65536})|\'([^\']{4,65536})'
_ATTRIBUTE = re.compile(
    rf"(?:{'|'.join(map(re.escape, PRIVATE_ATTRIBUTES))})(?:\\?[\"'])?\s*[:=]\s*(?:{_QUOTED})"
)
_IN_ADDRESS = re.compile(r"[?&][\w.-]+=([^&#]{6,})|://[^/@\s]*:([^/@\s]{4,})@")
_JSON_TOKEN = re.compile(
    r'"(?:access_token|refresh_token|id_token)"\s*:\s*"([^"]{6,65536})"'
    r'|"token"\s*:\s*\{[^{}]{0,500}?"id"\s*:\s*"([^"]{6,65536})"'
)
# A header as logs show it: 'Set-Cookie': 'a=b', Cookie: a=b, b'...\r\nCookie: a=b\r\n'.
_IN_LOG = re.compile(
    r"(?i)(?:(?<![\w-])|(?<=\\n))(authorization|proxy-authorization|x-auth-token|x-subject-token|x-service-token|cookie|set-cookie)"
    r"['\"]?\s*:\s*(?:'([^'\n]+)'|\"([^\"\n]+)\"|([^'\"\r\n\\]+))"
)
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----")
_LONGEST_KEY = 100_000
_MOST = 100  # of each kind in one text: a site may send any number
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{16,}")
_LOGS_TO_SEARCH = re.compile(r"(?i)authorization|-token|cookie")
_SCHEMES = frozenset({"basic", "bearer", "token", "negotiate"})
_PARAMETER = re.compile(r'\b(response|cnonce|nonce|opaque)\s*=\s*"?([^",\s]{6,})')
_NAMELESS = re.compile(r"[\w.~+/=:|-]{6,}")


def learn_from_answer(headers: Iterable[tuple[str, str]], body: str = "") -> None:
    """Learns the tokens, cookies and private attributes of an answer (or a request)."""
    for name, value in headers:
        _learn_header(name.lower(), value)
        if name.lower() == "x-occi-attribute":
            _learn_attributes(value)
    _learn_attributes(body)
    if "token" in body:
        for found in islice(_JSON_TOKEN.finditer(body[:_SEARCHED]), _MOST):
            learn(found[1] or found[2], passing=True)


def learn_private_keys(text: str) -> None:
    """Learns the lines of each private key in a text, or what is there of it; marks and certificates are no secrets."""
    if "PRIVATE KEY-----" not in text:
        return
    for begin in islice(_KEY_BEGINS.finditer(text), _MOST):
        key, _, _ = text[begin.end() : begin.end() + _LONGEST_KEY].partition("-----")
        for line in _KEY_LINE.findall(key.replace("\\n", "\n")):
            learn(line)


def learn_from_log(text: str) -> None:
    """Learns what somebody else's text shows: private keys, and headers as RequestsLibrary and http.client log them."""
    learn_private_keys(text)
    text = text[:_SEARCHED]
    if not _LOGS_TO_SEARCH.search(text):
        return
    for found in islice(_IN_LOG.finditer(text), _MOST):
        _learn_header(found[1].lower(), found[2] or found[3] or found[4] or "")


def _learn_attributes(text: str) -> None:
    if any(name in text for name in PRIVATE_ATTRIBUTES):
        for found in islice(_ATTRIBUTE.finditer(text[:_SEARCHED]), _MOST):
            _learn_private(_unescaped(found[1] or found[2] or found[3]))


def _learn_private(value: str) -> None:
    """Learns a private attribute; of an address also what stands in its query, and a password before its host."""
    learn(value, passing=True)
    for found in _IN_ADDRESS.finditer(value) if "://" in value else ():
        learn(found[1] or found[2], passing=True)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _learn_header(name: str, value: str) -> None:
    for secret in _secrets_of(name, value):
        if len(secret) >= _SHORTEST:
            learn(secret, passing=True)


def _secrets_of(name: str, value: str) -> Iterator[str]:
    if name in ("authorization", "proxy-authorization"):
        yield from _of_authorization(value)
    elif name in ("www-authenticate", "authentication-info"):
        yield from (found[2] for found in _PARAMETER.finditer(value))
    elif name == "set-cookie":
        yield _of_cookie(value.partition(";")[0])
    elif name == "cookie":
        yield from (_of_cookie(pair) for pair in value.split(";"))
    elif name in PRIVATE_HEADERS and _NAMELESS.fullmatch(value.strip()):
        yield value.strip()


def _of_cookie(pair: str) -> str:
    return pair.partition("=")[2].strip().strip('"')


def _of_authorization(value: str) -> Iterator[str]:
    scheme, _, proof = value.strip().partition(" ")
    proof = proof.strip()
    if scheme.lower() == "digest":
        yield from (found[2] for found in _PARAMETER.finditer(proof))
    elif scheme.lower() in _SCHEMES and _NAMELESS.fullmatch(proof):
        yield proof
        if scheme.lower() == "basic":
            yield _password(proof)


def _password(proof: str) -> str:
    try:
        return base64.b64decode(proof, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
