"""What a server by the book refuses in a request, though the kit's tolerant reader understands it."""

from __future__ import annotations

from http import HTTPStatus

from OcciLibrary.occi.model import Message
from OcciLibrary.sandbox.exchange import RefusedError, Why

# Departures from the grammar of GFD.185 §3.5 and the schema of GFD.226 §11. Others are of the documents' own examples.
_REFUSED = frozenset(
    {
        "action-as-object",
        "attributes-as-array",
        "category-as-object",
        "conflicting-member",
        "delimited-location",
        "illegal-term",
        "link-as-string",
        "link-without-rel",
        "missing-class",
        "missing-semicolon",
        "nested-attributes",
        "null-attribute",
        "number-format",
        "quote-around-param",
        "quoted-attribute-name",
        "quoted-field-name",
        "quoted-number",
        "renamed-field",
        "repeated-attribute",
        "repeated-member",
        "semicolon-separated-categories",
        "space-inside-uri",
        "unknown-class",
        "unknown-field",
        "unquoted-string",
        "wrong-type",
    }
)


def checked_grammar(message: Message) -> Message:
    """Returns the message. Raises RefusedError 400 when it departs from the grammar."""
    for deviation in message.deviations:
        if deviation.name in _REFUSED:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                f"The request cannot be read: {deviation.field}: {deviation.detail}"[:500],
                why=Why.UNREADABLE,
            )
    return message
