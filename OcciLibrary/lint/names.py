"""What terms, names, URIs and type identifiers may look like, and which of them the OGF's documents define."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from OcciLibrary.lint.findings import FindingLog, quoted
from OcciLibrary.lint.rules import EDITIONS, Edition
from OcciLibrary.lint.text_items import Word
from OcciLibrary.lint.values import is_defined
from OcciLibrary.occi.contextualisation import OCCI_FAMILY
from OcciLibrary.occi.infrastructure import CORE_SCHEME, standard_categories
from OcciLibrary.occi.text_shapes import LEGAL_TERM

# GFD.185 §3.5.1, GFD.229 §4: the later edition allows all that the former does.
_TERMS: Mapping[Edition, re.Pattern[str]] = MappingProxyType(
    {"1.1": re.compile(r"[a-z][a-z0-9_-]*"), "1.2": LEGAL_TERM}
)
_ATTRIBUTE_NAMES: Mapping[Edition, re.Pattern[str]] = MappingProxyType(
    {"1.1": re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*"), "1.2": LEGAL_TERM}
)
_ALLOWED: Mapping[Edition, str] = MappingProxyType(
    {
        "1.1": "a small letter, then small letters, digits, - and _",
        "1.2": "a letter or digit, then letters, digits, -, _ and .",
    }
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"<>\\^`{|}\x00-\x20\x7f]+")
_REFERENCE = re.compile(r"[^\s\"<>\\^`{|}\x00-\x20\x7f]+")
_WITHOUT_HOST = re.compile(r"https?:(?!//[^/?#])", re.IGNORECASE)
_BROKEN_URI = re.compile(r"https?:[ \t]+//")
_OGF = "http://schemas.ogf.org/occi/"
_CRTP = re.compile(r"http://schemas\.ogf\.org/occi/infrastructure/compute/template/1\.[01]#")
_DEFINED = frozenset(
    {category.id for edition in EDITIONS for category in standard_categories(edition)}
    | {OCCI_FAMILY.key.id, OCCI_FAMILY.user_data.id}
)
# Documents of the OGF beside core and infrastructure; what they define is not looked at.
_OTHER_DOCUMENTS = ("platform", "sla", "monitoring")
# GFD.224 §3.5.2, GFD.222 §4.2.
_ATTRIBUTES_OF_MIXINS = frozenset(
    {
        OCCI_FAMILY.key_attribute,
        OCCI_FAMILY.user_data_attribute,
        "occi.compute.ephemeral_storage.size",
        "occi.compute.ephemeral_storage.deviceid",
    }
)
_ATTRIBUTE_AREAS = (
    "core",
    "compute",
    "network",
    "storage",
    "networkinterface",
    "storagelink",
    "infrastructure",
)


def check_term(word: Word, log: FindingLog) -> None:
    """Records a term that no edition in question allows."""
    if not _is_legal(word.text, _TERMS, log.editions):
        words = f"{quoted(word.text)} is no term"
        log.add("illegal-term", word.begin, word.end, words, _allowed(log.editions))


def check_attribute_name(word: Word, log: FindingLog) -> None:
    """Records the name of an attribute that no edition in question allows, or that takes the OGF's prefix in vain."""
    name = word.value
    if not _is_legal(name, _ATTRIBUTE_NAMES, log.editions):
        words = f"{quoted(name)} is no name of an attribute"
        log.add("illegal-attribute-name", word.begin, word.end, words, _allowed(log.editions))
        return
    prefix, _, rest = name.partition(".")
    if (
        prefix == "occi"
        and rest.partition(".")[0] in _ATTRIBUTE_AREAS
        and not _is_defined(name, log.editions)
    ):
        words = f"no document of this edition defines the attribute {name}"
        log.add(
            "unknown-attribute",
            word.begin,
            word.end,
            words,
            "a name that begins with the provider's own domain",
        )


def _is_defined(name: str, editions: frozenset[Edition]) -> bool:
    return name in _ATTRIBUTES_OF_MIXINS or is_defined(name, editions)


def check_uri(word: Word, what: str, log: FindingLog) -> None:
    """Records what is no absolute URI."""
    if _note_blank(word, log):
        return
    if not _URI.fullmatch(word.value) or _WITHOUT_HOST.match(word.value):
        log.add("no-uri", word.begin, word.end, f"{what} {quoted(word.value)} is no URI", "an absolute URI")


def check_reference(word: Word, what: str, log: FindingLog) -> None:
    """Records what is neither a URI nor a relative reference."""
    if not _note_blank(word, log) and not _REFERENCE.fullmatch(word.value):
        log.add(
            "no-uri", word.begin, word.end, f"{what} {quoted(word.value)} is no URI", "a URI without blanks"
        )


def check_scheme(word: Word, term: str, log: FindingLog) -> None:
    """Records a scheme that is no URI, does not end in #, or is the OGF's though the category is not."""
    check_uri(word, "the scheme", log)
    scheme = word.value
    if scheme and scheme[-1] != "#":
        words = f"the scheme {quoted(scheme)} of {quoted(term)} does not end in #"
        log.add("scheme-without-hash", word.begin, word.end, words, "a scheme that ends in #")
    else:
        _check_reserved(scheme + term, word, log)


def check_type_id(word: Word, log: FindingLog) -> None:
    """Records what is no type identifier."""
    scheme, mark, term = word.value.rpartition("#")
    if _note_blank(word, log):
        return
    if not mark or not term or not _URI.fullmatch(scheme) or _WITHOUT_HOST.match(scheme):
        words = f"{quoted(word.value)} is no type identifier"
        log.add("no-type-identifier", word.begin, word.end, words, "a scheme, #, and a term")
    else:
        _check_reserved(word.value, word, log)


def _check_reserved(type_id: str, word: Word, log: FindingLog) -> None:
    if _is_reserved(type_id):
        words = f"no document of the OGF defines {quoted(type_id)}, though its scheme is the OGF's"
        log.add("reserved-scheme", word.begin, word.end, words, "a scheme of the provider's own domain")


def words_of(word: Word, log: FindingLog) -> list[Word]:
    """Gives the words of a list that stands in quotes, each with its place; a broken URI in it is recorded and passed over."""
    if _note_blank(word, log):
        return []
    offset = word.begin + word.is_quoted
    inner = word.text[1:-1] if word.is_quoted else word.text
    return [Word(match[0], offset + match.start()) for match in re.finditer(r"\S+", inner)]


def _note_blank(word: Word, log: FindingLog) -> bool:
    broken = _BROKEN_URI.search(word.text)
    if broken is None:
        return False
    begin = word.begin + broken.start()
    words = f"a blank stands inside the URI {quoted(word.text[broken.start() :].strip(chr(34)))}"
    log.add("space-inside-uri", begin, begin + len(broken[0]), words, "the URI in one piece")
    return True


def _is_legal(text: str, patterns: Mapping[Edition, re.Pattern[str]], editions: Iterable[Edition]) -> bool:
    return any(patterns[edition].fullmatch(text) for edition in editions)


def _allowed(editions: frozenset[Edition]) -> str:
    return _ALLOWED["1.1" if editions == {"1.1"} else "1.2"]


def _is_reserved(type_id: str) -> bool:
    if not type_id.startswith(_OGF) or type_id in _DEFINED or _CRTP.match(type_id):
        return False
    area = type_id[len(_OGF) :].partition("#")[0].partition("/")[0]
    return area not in _OTHER_DOCUMENTS


def is_core(scheme: str) -> bool:
    """Tells whether a scheme is that of the core document, whose kinds have no entities of their own."""
    return scheme == CORE_SCHEME
