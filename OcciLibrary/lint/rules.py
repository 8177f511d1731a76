"""The rules of the lint: what each one says, how grave it is, and the clause of either edition that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Edition = Literal["1.1", "1.2"]
Level = Literal["error", "warning"]
EDITIONS: tuple[Edition, ...] = ("1.1", "1.2")


@dataclass(frozen=True, slots=True)
class Rule:
    """Describes one rule.

    ``clauses`` maps the editions that have the rule to the place in their documents. ``level`` is error for what the grammar,
    the schema or a MUST forbids, and warning for what the documents advise against, or what goes beyond them and does no harm.
    """

    name: str
    level: Level
    clauses: Mapping[Edition, str]
    summary: str


_FIELDS = ("GFD.185 §3.5", "GFD.229 §4")
_CATEGORY = ("GFD.185 §3.5.1", "GFD.229 §4")
_LINK = ("GFD.185 §3.5.2", "GFD.229 §4")
_ACTION_LINK = ("GFD.185 §3.5.3", "GFD.229 §4")
_ATTRIBUTE = ("GFD.185 §3.5.4", "GFD.229 §4")
_LOCATION = ("GFD.185 §3.5.5", "GFD.229 §4")
_TYPES = ("GFD.185 §3.6.6", "GFD.229 §6-8")
_IDENTITY = ("GFD.183 §4.4.1", "GFD.221 §5.3.1")
_VALUES = ("GFD.184 §3.1-3.4", "GFD.224 §3.1-3.4")


def _both(clause: str) -> tuple[str, str]:
    return (clause, clause)


_JSON = _both("GFD.226 §3, §11")
_RFC_JSON = _both("RFC 8259 §2")
_RFC_HEADERS = _both("RFC 7230 §3.2.4")

# Name, level, the clauses of 1.1 and of 1.2 (empty: that edition has no such rule), summary.
_TABLE: tuple[tuple[str, Level, tuple[str, str], str], ...] = (
    # What any rendering may have
    ("unreadable", "error", _FIELDS, "what is there cannot be read as OCCI at all"),
    ("not-utf-8", "error", _both("RFC 3629 §3"), "the text is not UTF-8"),
    ("control-character", "error", _FIELDS, "a value holds a control character"),
    ("no-occi-rendering", "error", _TYPES, "the media type is none of OCCI's"),
    ("media-type-list", "error", _both("RFC 7231 §3.1.1.5"), "Content-Type lists several types"),
    ("draft-media-type", "warning", _both("GFD.226 §3"), "the media type is one of the drafts"),
    ("missing-content-type", "error", _TYPES, "a body comes without Content-Type"),
    ("other-charset", "warning", _TYPES, "Content-Type names another character set than UTF-8"),
    (
        "server-without-version",
        "error",
        ("GFD.185 §3.6.5", "GFD.223 §5.3"),
        "the Server header has no token OCCI/x.y",
    ),
    ("fields-in-body", "error", _TYPES, "the OCCI fields of a text/occi message stand in its body"),
    (
        "fields-in-headers",
        "error",
        _TYPES,
        "the OCCI fields of another message than text/occi stand in its header",
    ),
    ("text-occi-body", "warning", _TYPES, "the body of a text/occi answer is not the word OK"),
    # Fields
    ("unknown-field", "error", _FIELDS, "a line is no OCCI field"),
    ("no-occi-field", "error", _FIELDS, "no line is an OCCI field"),
    ("renamed-field", "error", _FIELDS, "a field has another name than the documents give it"),
    ("quoted-field-name", "error", _FIELDS, "the name of a field is in quotes"),
    ("leading-blank", "warning", _FIELDS, "a line begins with a blank"),
    ("blank-first-line", "warning", _FIELDS, "the body begins with an empty line"),
    ("folded-line", "warning", _RFC_HEADERS, "a field goes on in the next line"),
    ("backslash-continuation", "error", _RFC_HEADERS, "a line is continued with a backslash"),
    ("missing-line-end", "error", _FIELDS, "no line ends between two fields"),
    ("non-ascii-header", "error", _RFC_HEADERS, "a header holds characters beyond ASCII"),
    ("several-entities", "error", ("GFD.185 §3.5.5", "GFD.229 §5.1"), "several entities stand in one body"),
    ("empty-list-item", "error", _both("RFC 7230 §7"), "a list has an empty item"),
    ("trailing-semicolon", "warning", _FIELDS, "a semicolon stands where no parameter follows"),
    ("missing-semicolon", "error", _FIELDS, "no semicolon stands between two parameters"),
    (
        "unclosed-quote",
        "error",
        ("GFD.185 §3.6.6", "GFD.229 §4"),
        "a quote is not closed, or one inside a value not escaped",
    ),
    (
        "needless-escape",
        "warning",
        _both("RFC 7230 §3.2.6"),
        "a backslash stands in front of what needs none",
    ),
    ("misplaced-word", "error", _FIELDS, "a word stands where the grammar has none"),
    ("missing-value", "error", _FIELDS, "a name has no value"),
    ("quote-around-param", "error", _CATEGORY, "quotes enclose a whole parameter"),
    ("unquoted-parameter", "error", _FIELDS, "the value of a parameter is not quoted"),
    ("repeated-parameter", "error", _FIELDS, "a parameter is given twice"),
    ("parameter-order", "warning", _FIELDS, "a parameter stands later than the grammar has it"),
    ("space-inside-uri", "error", _both("RFC 3986 §2"), "a blank stands inside a URI"),
    ("no-uri", "error", _both("RFC 3986 §3"), "what stands in the place of a URI is none"),
    ("no-type-identifier", "error", _CATEGORY, "what stands in the place of a type identifier is none"),
    # Category
    ("missing-term", "error", _CATEGORY, "a category has no term"),
    ("illegal-term", "error", _CATEGORY, "a term has characters, or a first one, that it may not have"),
    ("missing-scheme", "error", _CATEGORY, "a category has no scheme"),
    ("scheme-without-hash", "warning", _IDENTITY, "a scheme does not end in #"),
    (
        "reserved-scheme",
        "warning",
        ("", "GFD.221 §5.3.1, §5.5.1"),
        "a category of the provider's uses the OGF's name space",
    ),
    ("missing-class", "error", _CATEGORY, "a category has no class"),
    ("unknown-class", "error", _CATEGORY, "a class is none of kind, mixin and action"),
    ("unknown-parameter", "error", _CATEGORY, "a parameter is none that OCCI defines"),
    (
        "unknown-attribute-property",
        "error",
        _CATEGORY,
        "an attribute has a property other than immutable and required",
    ),
    (
        "illegal-attribute-name",
        "error",
        _ATTRIBUTE,
        "the name of an attribute has characters that it may not have",
    ),
    ("several-rel", "warning", _CATEGORY, "the rel of a category names more than one type"),
    (
        "location-without-slash",
        "error",
        ("GFD.185 §3.3.1", ""),
        "the location of a kind or mixin does not end in a slash",
    ),
    (
        "kind-without-location",
        "error",
        ("GFD.185 §3.3.1", "GFD.223 §4"),
        "a kind that can have entities has no location",
    ),
    ("entity-with-location", "error", ("", "GFD.223 §4"), "core#entity has a location"),
    ("semicolon-separated-categories", "error", _FIELDS, "a category follows another one without a comma"),
    ("duplicate-category", "error", _IDENTITY, "a category stands there twice"),
    # Link
    ("missing-target", "error", _LINK, "a link has no target in angle brackets"),
    ("link-without-rel", "error", _LINK, "a link has no rel"),
    ("action-link-without-query", "error", _ACTION_LINK, "the address of an action lacks ?action="),
    ("action-term-mismatch", "error", _ACTION_LINK, "an action link names two different actions"),
    # X-OCCI-Attribute
    ("quoted-attribute-name", "error", _ATTRIBUTE, "the name of an attribute is in quotes"),
    ("unquoted-string", "error", _ATTRIBUTE, "a string is not quoted"),
    ("quoted-number", "error", _ATTRIBUTE, "a number is in quotes"),
    ("number-format", "error", _ATTRIBUTE, "a number has a sign or an exponent"),
    ("wrong-type", "error", _VALUES, "the value of an attribute is not of its type"),
    ("unknown-value", "error", _VALUES, "the value is none of those that the attribute may have"),
    (
        "unknown-attribute",
        "warning",
        ("GFD.184 §3.1-3.4", "GFD.221 §5.3.2"),
        "an attribute of the OGF's name space is none that is defined",
    ),
    ("repeated-attribute", "error", _ATTRIBUTE, "an attribute is given twice with different values"),
    # X-OCCI-Location, Location and text/uri-list
    ("delimited-location", "error", _LOCATION, "a location stands in quotes or brackets"),
    (
        "locations-in-location-field",
        "error",
        _TYPES,
        "several locations stand in Location, not in X-OCCI-Location",
    ),
    ("relative-location", "error", _both("RFC 2483 §5"), "a URI of a text/uri-list is relative"),
    # JSON
    ("no-json", "error", _RFC_JSON, "the body is no JSON"),
    ("repeated-member", "error", _both("RFC 8259 §4"), "a member stands twice in one object"),
    ("lone-surrogate", "error", _both("RFC 8259 §8.2"), "a string holds half a character"),
    ("ok-body-in-json", "error", _JSON, "the body is the word OK, which is no JSON"),
    ("unknown-document", "error", _JSON, "the document is none that the schema describes"),
    ("missing-member", "error", _JSON, "a member that the schema requires is missing"),
    ("unknown-member", "error", _JSON, "a member is none that the schema allows"),
    ("wrong-member-type", "error", _JSON, "a member is of another type than the schema has it"),
    (
        "unknown-attribute-type",
        "error",
        _both("GFD.226 §10"),
        "the type of an attribute is none that JSON has",
    ),
    (
        "location-in-entity",
        "warning",
        _JSON,
        "an entity has a member location, which the schema does not know",
    ),
    ("number-as-string", "error", _JSON, "the value of an attribute that is a number is a string"),
    ("bare-array", "error", _JSON, "objects stand in a bare array"),
    ("model-wrapper", "error", _JSON, "a discovery stands inside another document"),
    ("related-member", "error", _JSON, "related is the drafts' word for parent and depends"),
    ("nested-attributes", "error", _JSON, "the names of attributes are nested objects"),
    ("attributes-as-array", "error", _JSON, "attribute definitions are an array"),
    ("capitalised-properties", "error", _JSON, "the properties of attributes begin with capital letters"),
    ("pattern-as-string", "error", _JSON, "a pattern is a string, not a JSON schema"),
    ("null-attribute", "error", _JSON, "an attribute is null"),
    ("link-as-string", "error", _JSON, "a link is a string, not an object"),
    ("end-as-string", "error", _JSON, "source or target is a string, not an object"),
    ("action-as-object", "error", _JSON, "an action of an entity is an object, not an identifier"),
    ("category-as-object", "error", _JSON, "a category of an entity is an object, not an identifier"),
    ("action-in-collection", "error", _JSON, "an action invocation stands among other members"),
    ("conflicting-member", "error", _JSON, "an entity and its attributes contradict each other"),
)


def _rule(name: str, level: Level, clauses: tuple[str, str], summary: str) -> Rule:
    places = {edition: clause for edition, clause in zip(EDITIONS, clauses, strict=True) if clause}
    return Rule(name, level, MappingProxyType(places), summary)


RULES: Mapping[str, Rule] = MappingProxyType({row[0]: _rule(*row) for row in _TABLE})
